package browser

import (
	"context"
	"net/url"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Fetched is a file that a page asked for.
type Fetched struct {
	URL *url.URL
	// Method is "GET" or "POST".
	Method string
	// Kind is the browser's: "Document", "Stylesheet", "Script", "Font", "Image".
	Kind string
	// Size is what came over the wire, head included, in bytes.
	Size int
	// CacheControl is what the answer says about keeping it.
	CacheControl string
}

// traffic is what a tab asked for since it was last counted.
type traffic struct {
	mu    sync.Mutex
	files map[network.RequestID]*Fetched
	order []network.RequestID
}

func (t *traffic) listen(event any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.files == nil {
		return // nobody counts
	}
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		at, err := url.Parse(e.Request.URL)
		if err != nil || at.Scheme == "data" {
			return // a data: address is in the page already
		}
		if t.files[e.RequestID] == nil {
			t.order = append(t.order, e.RequestID)
		}
		t.files[e.RequestID] = &Fetched{URL: at, Method: e.Request.Method, Kind: string(e.Type)}
	case *network.EventResponseReceived:
		if file := t.files[e.RequestID]; file != nil {
			for name, value := range e.Response.Headers {
				if text, ok := value.(string); ok && strings.EqualFold(name, "Cache-Control") {
					file.CacheControl = text
				}
			}
		}
	case *network.EventLoadingFinished:
		if file := t.files[e.RequestID]; file != nil {
			file.Size = int(e.EncodedDataLength)
		}
	}
}

func (t *traffic) begin() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.files, t.order = map[network.RequestID]*Fetched{}, nil
}

func (t *traffic) end() []Fetched {
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []Fetched
	for _, id := range t.order {
		all = append(all, *t.files[id])
	}
	t.files, t.order = nil, nil
	return all
}

// Count does something that loads a page, and is all that was asked for meanwhile, as by somebody who was never here before:
// the tab keeps nothing in its cache from now on.
func (tab *Tab) Count(load func()) []Fetched {
	tab.t.Helper()
	err := chromedp.Do(tab.ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true})
		return err
	}))
	if err != nil {
		tab.t.Fatalf("emptying the cache: %v", err)
	}
	return tab.Asks(load)
}

// Asks does something, and is all that was asked for meanwhile.
func (tab *Tab) Asks(during func()) []Fetched {
	tab.t.Helper()
	err := chromedp.Do(tab.ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, network.Enable, network.EnableParams{})
		return err
	}))
	if err != nil {
		tab.t.Fatalf("watching what is asked for: %v", err)
	}
	tab.traffic.begin()
	during()
	tab.settle()
	return tab.traffic.end()
}
