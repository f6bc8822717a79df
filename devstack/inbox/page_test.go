package inbox

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func (f fixture) page(path string) (string, http.Header) {
	f.t.Helper()
	response, err := http.Get(f.URL + path)
	if err != nil {
		f.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		f.t.Fatalf("%s: %s", path, response.Status)
	}
	return string(body), response.Header
}

func TestPageShowsMailWithoutTrustingIt(t *testing.T) {
	f := setup(t, Options{})
	const evil = `<script>alert(1)</script>`
	f.post("/emails", `{"from":"\"`+evil+`\" <a@b.example>","to":"ann@x.example","subject":"`+evil+`","text":"`+evil+`",
		"html":"<html><HEAD></HEAD><p>Hi</p>`+evil+`</html>","attachments":[{"filename":"a\"b.html","content":"aGV5","content_type":"text/html"}]}`)
	e := f.all()[0]
	for _, path := range []string{"/", "/?q=ann", "/mail/" + e.ID, "/mail/" + e.ID + "?view=text", "/mail/" + e.ID + "?view=details"} {
		page, header := f.page(path)
		if strings.Contains(page, evil) || !strings.Contains(page, "&lt;script&gt;") {
			t.Errorf("%s shows the email's markup as its own", path)
		}
		if csp := header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: policy is %q", path, csp)
		}
	}
	page, _ := f.page("/mail/" + e.ID)
	if !strings.Contains(page, `<iframe title="The email" src="/mail/`+e.ID+`/html" sandbox="allow-same-origin allow-popups`) || strings.Contains(page, "allow-scripts") {
		t.Error("the email's HTML is not in a sandboxed frame")
	}
	frame, header := f.page("/mail/" + e.ID + "/html")
	if csp := header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "sandbox ") || strings.Contains(csp, "script") {
		t.Errorf("frame's policy is %q", csp)
	}
	if !strings.Contains(frame, `<HEAD><base target="_blank">`) {
		t.Errorf("frame is %s", frame)
	}
	file, header := f.page("/mail/" + e.ID + "/attachments/0")
	if file != "hey" || !strings.HasPrefix(header.Get("Content-Disposition"), "attachment") || header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("attachment is %q, %v", file, header)
	}
}

func TestPageListsNewestFirstAndSearches(t *testing.T) {
	f := setup(t, Options{})
	if page, _ := f.page("/"); !strings.Contains(page, "No email yet") {
		t.Error("an empty inbox says nothing")
	}
	for _, to := range []string{"ann", "ben", "cas"} {
		f.post("/emails", strings.ReplaceAll(strings.Replace(hello, "ann@", to+"@", 1), "Hello", "Hello "+to))
		f.now.advance(time.Minute)
	}
	page, _ := f.page("/")
	a, b, c := strings.Index(page, "Hello ann"), strings.Index(page, "Hello ben"), strings.Index(page, "Hello cas")
	if c < 0 || b < c || a < b {
		t.Errorf("order is wrong: %d %d %d", a, b, c)
	}
	page, _ = f.page("/?q=BEN@")
	if strings.Contains(page, "Hello ann") || !strings.Contains(page, "Hello ben") {
		t.Error("the search finds the wrong ones")
	}
	if page, _ = f.page("/?q=nobody"); !strings.Contains(page, "No email matches “nobody”") {
		t.Error("a search without a result says nothing")
	}
}

func TestAnotherSiteCantClearTheInbox(t *testing.T) {
	f := setup(t, Options{})
	f.post("/emails", hello)
	for _, path := range []string{"/clear", "/_inbox/faults"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Sec-Fetch-Site", "cross-site")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %s", path, response.Status)
		}
	}
	if len(f.all()) != 1 {
		t.Error("it was cleared")
	}
	response, err := http.PostForm(f.URL+"/clear", nil)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if len(f.all()) != 0 {
		t.Error("its own page could not clear it")
	}
}
