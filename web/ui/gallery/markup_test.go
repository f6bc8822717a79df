package gallery_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"countersign/web/static"
	"countersign/web/ui/gallery"
)

func fetch(t *testing.T, path string) []byte {
	t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept-Encoding", "gzip")
	gallery.Handler().ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("GET %s: %d", path, w.Code)
	}
	return w.Body.Bytes()
}

func attribute(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func text(n *html.Node) string {
	var words strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			words.WriteString(d.Data)
		}
	}
	return strings.TrimSpace(words.String())
}

// What a screen reader and the Content-Security-Policy need of the markup, on every sample.
func TestMarkup(t *testing.T) {
	for _, p := range gallery.Pages() {
		t.Run(p.Name, func(t *testing.T) {
			page, err := html.Parse(bytes.NewReader(fetch(t, "/"+p.Name)))
			if err != nil {
				t.Fatal(err)
			}
			ids := map[string]bool{}
			labelled := map[string]bool{}
			counts := map[string]int{}
			for n := range page.Descendants() {
				if n.Type != html.ElementNode {
					continue
				}
				counts[n.Data]++
				if id, ok := attribute(n, "id"); ok {
					if ids[id] {
						t.Errorf("two elements have the ID %q", id)
					}
					ids[id] = true
				}
				if of, ok := attribute(n, "for"); ok && n.Data == "label" && text(n) != "" {
					labelled[of] = true
				}
			}
			for _, once := range []string{"h1", "main", "title"} {
				if counts[once] != 1 {
					t.Errorf("%d elements %s, want one", counts[once], once)
				}
			}
			for n := range page.Descendants() {
				if n.Type == html.ElementNode {
					checkElement(t, n, ids, labelled)
				}
			}
		})
	}
}

func checkElement(t *testing.T, n *html.Node, ids, labelled map[string]bool) {
	t.Helper()
	for _, a := range n.Attr {
		switch {
		case a.Key == "style", strings.HasPrefix(a.Key, "on"):
			t.Errorf("<%s %s>: the Content-Security-Policy refuses it", n.Data, a.Key)
		case slices.Contains([]string{"aria-describedby", "aria-labelledby", "for", "popovertarget", "data-copy", "data-shows", "data-refreshes"}, a.Key):
			for id := range strings.FieldsSeq(a.Val) {
				if !ids[id] {
					t.Errorf("<%s %s=%q>: no element has that ID", n.Data, a.Key, id)
				}
			}
		case a.Key == "href" && strings.HasPrefix(a.Val, "#") && !ids[a.Val[1:]]:
			t.Errorf("link to %q: no element has that ID", a.Val)
		}
	}
	id, _ := attribute(n, "id")
	name, _ := attribute(n, "aria-label")
	switch n.Data {
	case "style":
		t.Error("a style element: the Content-Security-Policy refuses it")
	case "script":
		if text(n) != "" {
			t.Error("an inline script: the Content-Security-Policy refuses it")
		}
	case "img":
		if _, ok := attribute(n, "alt"); !ok {
			t.Error("an image without alt")
		}
	case "button", "a", "summary":
		if text(n) == "" && name == "" {
			t.Errorf("a %s without a name", n.Data)
		}
	case "input", "select", "textarea":
		kind, _ := attribute(n, "type")
		inLabel := n.Parent.Data == "label" && text(n.Parent) != ""
		if kind != "hidden" && !labelled[id] && !inLabel && name == "" {
			t.Errorf("a field without a label: %s", id)
		}
	case "form":
		if method, _ := attribute(n, "method"); method == "" {
			t.Error("a form that doesn't say its method")
		}
	}
}

// The whole first visit to any page, font and all, stays within 60 KB on the wire.
func TestPagesAreLight(t *testing.T) {
	const budget = 60 << 10
	shared := 0
	for _, name := range []string{"app.css", "app.js", "fonts/inter-latin.woff2"} {
		shared += len(fetch(t, static.Path(name)))
	}
	for _, p := range gallery.Pages() {
		var packed bytes.Buffer
		zw := gzip.NewWriter(&packed)
		if _, err := zw.Write(fetch(t, "/"+p.Name)); err != nil {
			t.Fatal(err)
		}
		if err := zw.Close(); err != nil {
			t.Fatal(err)
		}
		if total := shared + packed.Len(); total > budget {
			t.Errorf("%s: %d bytes, budget %d", p.Name, total, budget)
		}
	}
	t.Logf("stylesheet, script and font: %d bytes", shared)
}
