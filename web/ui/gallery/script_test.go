package gallery_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"countersign/web/static"
	"countersign/web/ui"
	"countersign/web/ui/gallery"
)

// within draws a component around others.
func within(around templ.Component, parts ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return around.Render(templ.WithChildren(ctx, templ.Join(parts...)), w)
	})
}

func bare(title string, parts ...templ.Component) templ.Component {
	return within(ui.Bare(ui.BareShell{Head: ui.Head{Title: title, Brand: ui.Brand{Name: "Test"}}}), parts...)
}

// serve serves pages, and the assets under them, under the product's own Content-Security-Policy.
func serve(t *testing.T, routes map[string]http.HandlerFunc) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle(static.Prefix, static.Handler())
	for pattern, handler := range routes {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", gallery.SecurityPolicy)
			handler(w, r)
		})
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

func do(t *testing.T, tab context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(tab, steps...); err != nil {
		t.Fatal(err)
	}
}

// until waits for an expression of the page to be true.
func until(t *testing.T, tab context.Context, expression string) {
	t.Helper()
	var err error
	for range 600 {
		// Asked anew each time: a page that is still loading has nothing yet, and one that is left for the back-forward cache
		// never answers what it was asked.
		asking, stop := context.WithTimeout(tab, 5*time.Second)
		var holds bool
		holds, err = chromedp.Run(asking, chromedp.Evaluate[bool](expression))
		stop()
		if holds {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	now, _ := chromedp.Run(tab, chromedp.Evaluate[string](`location.href + " " + document.body.innerText`))
	t.Fatalf("waiting for %s: %v; the page is %q", expression, err, now)
}

func is(t *testing.T, tab context.Context, expression string) {
	t.Helper()
	holds, err := chromedp.Run(tab, chromedp.Evaluate[bool](expression))
	if err != nil || !holds {
		t.Errorf("%s: %v, %v", expression, holds, err)
	}
}

// A live region follows its stream in place; what someone is typing in it stays, and so does the cursor. // R49
func TestLiveRegionFollowsItsStream(t *testing.T) {
	var step atomic.Int64
	news := make(chan string)
	url := serve(t, map[string]http.HandlerFunc{
		"/payment": func(w http.ResponseWriter, r *http.Request) {
			live := ui.Live{ID: "payment", Stream: "/stream"}
			if step.Load() == 2 {
				live.Stream = ""
			}
			_ = bare("Payment",
				within(ui.LiveRegion(live),
					ui.Progress([]ui.Step{{Name: fmt.Sprintf("Step %d", step.Load()), State: ui.Current}}),
					within(ui.FormFor(ui.Form{ID: "ask"}), ui.TextField(ui.Field{Name: "note", Label: "Note"})),
				)).Render(r.Context(), w)
		},
		"/stream": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			w.(http.Flusher).Flush()
			for {
				select {
				case line := <-news:
					_, _ = io.WriteString(w, line)
					w.(http.Flusher).Flush()
				case <-r.Context().Done():
					return
				}
			}
		},
	})
	tab := tab(t, browser(t))
	do(t, tab, chromedp.Navigate(url+"/payment"), chromedp.SendKeys(chromedp.ID("f-note"), "half a sen"))
	step.Store(1)
	news <- "data: moved\n\n"
	until(t, tab, `document.querySelector("#payment .name").textContent.includes("Step 1")`)
	is(t, tab, `document.getElementById("f-note").value === "half a sen" && document.activeElement.id === "f-note"`)
	step.Store(2)
	news <- "event: end\ndata: done\n\n"
	until(t, tab, `document.querySelector("#payment .name").textContent.includes("Step 2") && !("live" in document.getElementById("payment").dataset)`)
}

// Pressing twice sends once, and the button says that it is working.
func TestAFormIsSentOnce(t *testing.T) {
	var posts atomic.Int64
	release := make(chan struct{})
	url := serve(t, map[string]http.HandlerFunc{
		"GET /pay": func(w http.ResponseWriter, r *http.Request) {
			_ = bare("Pay", ui.PostButton(ui.Post{To: "/pay", Key: "k1", Action: ui.Action{Label: "Pay", Busy: "Paying…"}})).Render(r.Context(), w)
		},
		"POST /pay": func(w http.ResponseWriter, r *http.Request) {
			posts.Add(1)
			if r.FormValue(ui.IdempotencyKeyField) != "k1" {
				t.Errorf("the idempotency key that arrived: %q", r.FormValue(ui.IdempotencyKeyField))
			}
			<-release
			_ = bare("Paid", ui.Text("Thank you")).Render(r.Context(), w)
		},
	})
	tab := tab(t, browser(t))
	do(t, tab, chromedp.Navigate(url+"/pay"))
	is(t, tab, `(() => { const b = document.querySelector("main button"); b.click(); b.click(); b.click(); return b.innerText === "Paying…"; })()`)
	close(release)
	until(t, tab, `document.body.innerText.includes("Thank you")`)
	if posts.Load() != 1 {
		t.Errorf("sent %d times", posts.Load())
	}
}

// Choosing invoices redraws the total, as the server adds it up, without leaving the page. // R37
func TestTheTotalFollowsTheChoice(t *testing.T) {
	draw := func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		if r.Method == http.MethodPost && r.Form.Get("intent") != "preview" {
			t.Errorf("intent %q", r.Form.Get("intent"))
		}
		chosen := r.Form["invoice"]
		_ = bare("Pay", within(ui.FormFor(ui.Form{Action: "/pay", Recompute: "preview", Redraws: "sum"}),
			ui.Pick(ui.Choice{Name: "invoice", Value: "a", Suffix: "a", Label: "Invoice A"}),
			ui.Pick(ui.Choice{Name: "invoice", Value: "b", Suffix: "b", Label: "Invoice B"}),
			within(ui.Card(ui.CardHead{ID: "sum"}), ui.Totals([]ui.Sum{{Label: "To pay", Value: fmt.Sprintf("$%d00.00", len(chosen)), Grand: true}})),
		)).Render(r.Context(), w)
	}
	url := serve(t, map[string]http.HandlerFunc{"/pay": draw})
	tab := tab(t, browser(t))
	do(t, tab, chromedp.Navigate(url+"/pay"), chromedp.Click(chromedp.ID("f-invoice-a")))
	until(t, tab, `document.querySelector(".grand dd").textContent === "$100.00"`)
	do(t, tab, chromedp.Click(chromedp.ID("f-invoice-b")))
	until(t, tab, `document.querySelector(".grand dd").textContent === "$200.00"`)
	is(t, tab, `document.querySelectorAll("input:checked").length === 2 && !document.querySelector("[aria-busy]")`)
}

// The box that ticks all others leaves those alone that can't be chosen.
func TestAllTicksWhatCanBeChosen(t *testing.T) {
	url := serve(t, map[string]http.HandlerFunc{"/list": func(w http.ResponseWriter, r *http.Request) {
		_ = bare("List", within(ui.FormFor(ui.Form{Action: "/list"}), ui.PickAll("invoice", "All invoices"),
			ui.Pick(ui.Choice{Name: "invoice", Value: "a", Suffix: "a", Label: "Invoice A"}),
			ui.Pick(ui.Choice{Name: "invoice", Value: "b", Suffix: "b", Label: "Invoice B", Disabled: true}),
		)).Render(r.Context(), w)
	}})
	tab := tab(t, browser(t))
	do(t, tab, chromedp.Navigate(url+"/list"), chromedp.Click(`[data-all]`))
	is(t, tab, `document.getElementById("f-invoice-a").checked && !document.getElementById("f-invoice-b").checked`)
}

// What is half written outlives its page, until it is sent or its writer signs out.
func TestDraftsEndWithTheirSending(t *testing.T) {
	page := func(words string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			_ = bare("Page", templ.Raw(words)).Render(r.Context(), w)
		}
	}
	url := serve(t, map[string]http.HandlerFunc{
		"/message":    page(`<div data-draft="/message"><form method="post"><textarea aria-label="Message"></textarea></form></div>`),
		"/sent":       page(`<div hidden data-draft="/message" data-posted></div>`),
		"/leave":      page(`<form method="post" action="/b/sign-out"><button>Sign out</button></form>`),
		"/b/sign-out": page(`Signed out`),
	})
	tab := tab(t, browser(t))
	written := func(want string) {
		t.Helper()
		do(t, tab, chromedp.Navigate(url+"/message"))
		is(t, tab, `document.querySelector("textarea").value === "`+want+`"`)
	}
	write := func() {
		do(t, tab, chromedp.Navigate(url+"/message"), chromedp.SendKeys("textarea", "Hello"))
		written("Hello")
	}
	write()
	do(t, tab, chromedp.Navigate(url+"/sent"))
	written("")
	write()
	do(t, tab, chromedp.Navigate(url+"/leave"), chromedp.Click("button"))
	until(t, tab, `location.pathname === "/b/sign-out"`)
	written("")
}

// The payment page leads on to the processor's by itself, but not again for someone who came back from there.
func TestForwardingHappensOnce(t *testing.T) {
	var checkouts atomic.Int64
	url := serve(t, map[string]http.HandlerFunc{
		"/payment": func(w http.ResponseWriter, r *http.Request) {
			_ = bare("Payment", ui.Button(ui.Action{Label: "Enter your card", Href: "/checkout", Forward: true})).Render(r.Context(), w)
		},
		"/checkout": func(w http.ResponseWriter, r *http.Request) {
			checkouts.Add(1)
			_ = bare("Checkout", ui.Text("Card number")).Render(r.Context(), w)
		},
	})
	tab := tab(t, browser(t))
	do(t, tab, chromedp.Navigate(url+"/payment"))
	until(t, tab, `location.pathname === "/checkout"`)
	do(t, tab, chromedp.Evaluate[chromedp.Void](`setTimeout(() => history.back())`))
	// A page that the browser had kept is loaded anew: only what comes after that stays, and has had its moment to lead on.
	until(t, tab, `location.pathname === "/payment" && performance.getEntriesByType("navigation")[0].type !== "navigate" &&
		performance.getEntriesByType("navigation")[0].loadEventEnd > 0 && document.querySelector("[data-forward]").checkVisibility()`)
	do(t, tab, chromedp.Sleep(300*time.Millisecond))
	is(t, tab, `location.pathname === "/payment" && document.querySelector("[data-forward]").checkVisibility()`)
	if got := checkouts.Load(); got != 1 {
		t.Errorf("led to the processor's page %d times", got)
	}
}

// Without script: menus, dialogs and the phone's navigation open, totals can be asked for, and live parts offer to reload.
func TestPagesWorkWithoutScript(t *testing.T) {
	server := httptest.NewServer(gallery.Handler())
	t.Cleanup(server.Close)
	tab := tab(t, browser(t))
	noScript := chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	})
	do(t, tab, noScript, see(390, 844, false))

	opens := func(page, press, shows string) {
		t.Helper()
		do(t, tab, chromedp.Navigate(server.URL+"/"+page), chromedp.Click(chromedp.CSS(press)))
		until(t, tab, fmt.Sprintf(`document.querySelector(%q).checkVisibility()`, shows))
		if shots := os.Getenv("GALLERY_SHOTS"); shots != "" {
			keepShot(t, tab, filepath.Join(shots, "open-"+page+".phone.png"))
		}
	}
	opens("home", ".nav-toggle", "#site-nav")
	opens("console-customers", ".nav-toggle", "#console-nav")
	opens("invoice", "[popovertarget=forward]", "#forward")
	opens("receipt", ".user-menu summary", ".user-menu .menu-list")
	opens("console-customer", ".row:last-child .menu summary", ".row:last-child .menu-list")
	// Nothing clips or covers an open menu: its last line is what a finger would hit there.
	is(t, tab, `(() => {
		const last = document.querySelector(".row:last-child .menu-list form:last-child button");
		last.scrollIntoView({ block: "center" });
		const box = last.getBoundingClientRect();
		return last.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2));
	})()`)

	do(t, tab, chromedp.Navigate(server.URL+"/pay"))
	is(t, tab, `document.querySelector("noscript button[value=preview]").checkVisibility()`)
	do(t, tab, chromedp.Navigate(server.URL+"/paying"))
	is(t, tab, `document.querySelector("#payment noscript a").checkVisibility()`)
	do(t, tab, chromedp.Navigate(server.URL+"/backup-codes"))
	is(t, tab, `!document.querySelector("[data-copy]").checkVisibility()`)
}
