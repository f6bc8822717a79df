package static

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func get(t *testing.T, path string, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, response *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestAssetsAreKeptForAYearUnderAHashOfTheirContent(t *testing.T) {
	for name, contentType := range map[string]string{
		"app.css": "text/css; charset=utf-8", "app.js": "text/javascript; charset=utf-8",
		"favicon.svg": "image/svg+xml", "fonts/inter-latin.woff2": "font/woff2",
	} {
		path := Path(name)
		if !regexp.MustCompile(`^/static/[a-z/-]+\.[0-9a-f]{10}\.[a-z0-9]+$`).MatchString(path) {
			t.Errorf("Path(%q) = %q", name, path)
		}
		response := get(t, path)
		if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != contentType {
			t.Errorf("%s: %d %s", path, response.StatusCode, response.Header.Get("Content-Type"))
		}
		if got := response.Header.Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
			t.Errorf("%s: Cache-Control %q", path, got)
		}
	}
}

// During a rollout, a page of the other release asks for a hash that this one doesn't know: it gets today's content, uncached.
func TestAnotherReleasesHashIsServedButNotKept(t *testing.T) {
	response := get(t, "/static/app.0123456789.css")
	if response.StatusCode != http.StatusOK || response.Header.Get("Cache-Control") != "no-cache" {
		t.Errorf("%d, Cache-Control %q", response.StatusCode, response.Header.Get("Cache-Control"))
	}
	if response := get(t, "/static/static.go"); response.StatusCode != http.StatusNotFound {
		t.Errorf("a file that is no asset: %d", response.StatusCode)
	}
}

func TestGzipIsSentToWhoeverTakesIt(t *testing.T) {
	plain := body(t, get(t, Path("app.css")))
	for accept, zipped := range map[string]bool{"gzip, deflate, br": true, "gzip;q=0.5": true, "br;q=1.0, gzip;q=0": false, "identity": false, "": false} {
		response := get(t, Path("app.css"), "Accept-Encoding", accept)
		if got := response.Header.Get("Content-Encoding") == "gzip"; got != zipped {
			t.Errorf("Accept-Encoding %q: gzip %v, want %v", accept, got, zipped)
			continue
		}
		if !zipped {
			continue
		}
		zr, err := gzip.NewReader(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		unpacked, err := io.ReadAll(zr)
		if err != nil || string(unpacked) != plain {
			t.Errorf("Accept-Encoding %q: not the same stylesheet (%v)", accept, err)
		}
	}
}

func TestAnUnchangedAssetIsNotSentAgain(t *testing.T) {
	etag := get(t, Path("app.js")).Header.Get("ETag")
	response := get(t, Path("app.js"), "If-None-Match", etag)
	if response.StatusCode != http.StatusNotModified || body(t, response) != "" {
		t.Errorf("%d", response.StatusCode)
	}
}

func TestTheStylesheetNamesFontsByTheirHash(t *testing.T) {
	sheet := body(t, get(t, Path("app.css")))
	if !strings.Contains(sheet, Path("fonts/inter-latin.woff2")) || strings.Contains(sheet, `url("fonts/`) {
		t.Error("the stylesheet still names fonts by their plain names")
	}
}

func TestTheStylesheetIsServedWithRulesAfterIt(t *testing.T) {
	const rules = ":root{--accent:#123456}"
	name := SheetName(rules)
	if name == SheetName("") || strings.HasSuffix(Path("app.css"), name) {
		t.Errorf("other rules have the same name %q", name)
	}
	serve := func(requested string) *http.Response {
		w := httptest.NewRecorder()
		ServeSheet(w, httptest.NewRequest(http.MethodGet, "/", nil), requested, rules)
		return w.Result()
	}
	response := serve(name)
	if got := response.Header.Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
		t.Errorf("Cache-Control %q", got)
	}
	if sheet, ours := body(t, response), body(t, get(t, Path("app.css"))); sheet != ours+rules {
		t.Error("it isn't our stylesheet with the rules after it")
	}
	if got := serve("app.0123456789.css").Header.Get("Cache-Control"); got != "no-cache" {
		t.Errorf("under the name of other content, Cache-Control %q", got)
	}
}

func TestPathOfNoAssetPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	Path("bootstrap.css")
}
