// Package visitor is a person with a browser that runs no script, in tests: they open pages, read what they say, and fill in
// and send their forms, by the words that a person would go by.
package visitor

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// Visitor is a person with a browser that runs no script.
type Visitor struct {
	t      testing.TB
	client *http.Client
	base   string
}

// New is somebody new to the product at that address, without cookies. A mistake of theirs fails t.
func New(t testing.TB, base string) *Visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Visitor{t: t, base: base, client: &http.Client{Jar: jar, Timeout: 30 * time.Second}}
}

// Get opens an address, and follows where it leads.
func (v *Visitor) Get(address string) *Page {
	v.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = v.base + address
	}
	request, err := http.NewRequestWithContext(v.t.Context(), http.MethodGet, address, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	return v.Do(request)
}

// Post sends a form there.
func (v *Visitor) Post(address string, values url.Values) *Page {
	v.t.Helper()
	request, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, v.base+address, strings.NewReader(values.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return v.Do(request)
}

// Do sends a request that no page of ours makes.
func (v *Visitor) Do(request *http.Request) *Page {
	v.t.Helper()
	response, err := v.client.Do(request)
	if err != nil {
		v.t.Fatal(err)
	}
	return v.read(response)
}

func (v *Visitor) read(response *http.Response) *Page {
	v.t.Helper()
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	root, err := html.ParseWithOptions(strings.NewReader(string(body)), html.ParseOptionEnableScripting(false))
	if err != nil {
		v.t.Fatal(err)
	}
	return &Page{v: v, Status: response.StatusCode, Header: response.Header, URL: response.Request.URL, Body: string(body), Root: root}
}
