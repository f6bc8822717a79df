package browser

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Sizes of screens in CSS pixels: a desk's, a common phone's, and how high both are.
const (
	desk   = 1280
	Phone  = 390
	height = 900
)

// Tab is a page in front of somebody. Its methods fail the test when the page doesn't do what they wait for.
type Tab struct {
	t       testing.TB
	ctx     context.Context
	options Options
	shots   string
	traffic traffic
	screen  screen
}

// listen fails the test on what our pages complain of: scripts that fail, styles and scripts that the security policy refuses,
// files that are missing, answers of 500 and up. A form that is refused comes back with a 4xx, which is no complaint.
func (tab *Tab) listen(event any) {
	tab.traffic.listen(event)
	if tab.options.Foreign {
		return
	}
	switch e := event.(type) {
	case *log.EventEntryAdded:
		network := e.Entry.Source == log.EntrySourceNetwork
		refused := network && strings.Contains(e.Entry.Text, "status of 4") && !strings.Contains(e.Entry.URL, "/static/")
		stream := network && strings.HasSuffix(e.Entry.URL, "/live")
		if e.Entry.Level == log.EntryLevelError && !refused && !stream {
			tab.t.Errorf("the page complains: %s (%s)", e.Entry.Text, e.Entry.URL)
		}
	case *runtime.EventExceptionThrown:
		what := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			what += " " + e.ExceptionDetails.Exception.Description
		}
		if strings.Contains(what, "Transition was aborted because of invalid state") {
			return // the browser's own fading from page to page, cut short by a window that a test resizes or a page that comes late
		}
		tab.t.Errorf("script failed: %s (%s)", what, e.ExceptionDetails.URL)
	}
}

// Open goes to an address, as if it were typed.
func (tab *Tab) Open(address string) *Tab {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	for {
		err := chromedp.Do(ctx, chromedp.Navigate(address))
		if err == nil {
			return tab
		}
		// A page that leads elsewhere by itself at this very moment wins, and the address is typed again.
		if !strings.Contains(err.Error(), "net::ERR_ABORTED") || ctx.Err() != nil {
			tab.t.Fatalf("opening %s: %v", address, err)
		}
	}
}

// Address of the page.
func (tab *Tab) Address() *url.URL {
	tab.t.Helper()
	text := look[string](tab, `location.href`)
	at, err := url.Parse(text)
	if err != nil {
		tab.t.Fatal(err)
	}
	return at
}

// flat writes what is on the page on one line.
const flat = `((text) => (text ?? "").replace(/\s+/g, " ").trim())`

// words are what the page says to whoever looks at it.
func (tab *Tab) words() (string, error) {
	return ask[string](tab, flat+`(document.body?.innerText)`)
}

// Says waits until the page says all of these, in whatever case.
func (tab *Tab) Says(words ...string) *Tab {
	tab.t.Helper()
	tab.until(fmt.Sprintf("say %q", words), func() error {
		page, err := tab.words()
		if err != nil {
			return err
		}
		for _, w := range words {
			if !strings.Contains(strings.ToLower(page), strings.ToLower(w)) {
				return fmt.Errorf("it doesn't say %q", w)
			}
		}
		return nil
	})
	return tab
}

// Lacks fails the test if the page, as it is, says any of these.
func (tab *Tab) Lacks(words ...string) *Tab {
	tab.t.Helper()
	page := look[string](tab, flat+`(document.body?.innerText)`)
	for _, w := range words {
		if strings.Contains(strings.ToLower(page), strings.ToLower(w)) {
			tab.t.Fatalf("the page says %q: %s", w, page)
		}
	}
	return tab
}

// place is where something that was looked for is on the screen.
type place struct {
	X, Y    float64
	Why     string // it can't be pressed; empty if it can
	Checked bool
	Value   string
	Href    string
	Problem string // what the page says is wrong with the field
}

// findScript finds a button or link (kind "press"), or a field (kind "field"), by its words, and brings it to the middle of the
// screen: of those that match, the one of just these words, else the first that begins with them, else the first that has them.
const findScript = `((kind, words) => {
  const flat = ` + flat + `;
  const shown = (el) => el?.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && el.getBoundingClientRect().width > 1;
  if (document.readyState !== "complete") return { why: "the page is still loading" };
  if (document.activeViewTransition) return { why: "the page before still gives way to it" };
  if (document.getAnimations().some((a) => a.playState === "running" && a.effect?.getComputedTiming().iterations !== Infinity)) return { why: "something on the page still moves" };
  const all = (selector) => [...document.querySelectorAll(selector)];
  const found = kind === "press"
    ? all("a[href], button, summary").map((el) => [flat(el.getAttribute("aria-label") || el.innerText), el, el])
    : all("label").map((label) => [flat(label.innerText).replace(/ \(optional\)$/, ""), label.control, shown(label.control) ? label.control : label])
        .concat(all("[aria-label]:is(input, select, textarea)").map((el) => [el.getAttribute("aria-label"), el, el]));
  const fits = found.filter(([name, el, at]) => el && shown(at) && name.includes(words));
  const [, el, at] = fits.find(([name]) => name === words) ?? fits.find(([name]) => name.startsWith(words)) ?? fits[0] ?? [];
  if (!el) return { why: "nothing on the page is called that" };
  const problem = (el.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id.endsWith("-error"))
    .map((id) => flat(document.getElementById(id)?.innerText)).join(" ");
  const state = { checked: !!el.checked, value: el.value ?? "", href: el.href ?? "", problem: el.getAttribute("aria-invalid") === "true" ? problem : "" };
  if (el.disabled || el.getAttribute("aria-disabled") === "true") return { ...state, why: "it is disabled" };
  at.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
  const box = at.getClientRects()[0];
  const x = box.left + box.width / 2, y = box.top + box.height / 2;
  const top = document.elementFromPoint(x, y);
  window.sought = at;
  const why = at === top || at.contains(top) ? "" : "it is covered by " + (top ? "<" + top.localName + " class='" + top.className + "'>" : "the edge of the screen");
  return { ...state, x, y, why };
})(%q, %q)`

func (tab *Tab) find(kind, words string) (place, error) {
	p, err := ask[place](tab, fmt.Sprintf(findScript, kind, words))
	if err == nil && p.Why != "" {
		err = fmt.Errorf("%q: %s", words, p.Why)
	}
	return p, err
}

// drawnScript waits until what the page is now has been drawn: a frame of another site, over which a dialog has just opened, would
// get the click that was meant for the dialog.
const drawnScript = `new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => drawn(true))))`

// awaitedScript has the page remember whether a press reaches what findScript found, and reachedScript asks; a page that has gone
// since was reached. For a while after a dialog has opened over a frame, the browser gives to the frame what is pressed in the
// dialog; and what is found may move before it is pressed, when the page takes in an answer.
const (
	awaitedScript = `(() => {
  const sought = window.sought;
  window.reached = false;
  addEventListener("click", (e) => { window.reached ||= sought.contains(e.target); }, { once: true, capture: true });
  return true;
})()`
	reachedScript = `window.reached !== false`
)

// Press clicks the button or link with these words, once it is there, drawn, and nothing covers it.
func (tab *Tab) Press(words string) *Tab {
	tab.t.Helper()
	tab.until(fmt.Sprintf("have %q to press", words), func() error {
		seen, err := tab.find("press", words)
		if err != nil {
			return err
		}
		if !tab.options.NoScript {
			ctx, cancel := context.WithTimeout(tab.ctx, patience)
			defer cancel()
			if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](drawnScript, chromedp.EvalAwaitPromise)); err != nil {
				return err
			}
		}
		p, err := tab.find("press", words)
		if err == nil && (p.X != seen.X || p.Y != seen.Y) {
			err = errors.New("it still finds its place")
		}
		if err != nil {
			return err
		}
		if tab.options.NoScript {
			return chromedp.Do(tab.ctx, chromedp.MouseClickXY(p.X, p.Y))
		}
		if _, err := ask[bool](tab, awaitedScript); err != nil {
			return err
		}
		if err := chromedp.Do(tab.ctx, chromedp.MouseClickXY(p.X, p.Y)); err != nil {
			return err
		}
		if reached, err := ask[bool](tab, reachedScript); err == nil && !reached {
			return errors.New("the press went to something else")
		}
		return nil
	})
	return tab
}

// Has reports whether there is a button or link with these words to press on the page as it is.
func (tab *Tab) Has(words string) bool {
	tab.t.Helper()
	var p place
	tab.until("come to rest", func() (err error) {
		p, err = ask[place](tab, fmt.Sprintf(findScript, "press", words))
		if err == nil && strings.Contains(p.Why, " still ") {
			err = errors.New(p.Why)
		}
		return err
	})
	return p.Why != "nothing on the page is called that"
}

// Choose types the beginning of an option while the focus is in the list of options with that label.
func (tab *Tab) Choose(label, option string) *Tab {
	tab.t.Helper()
	const script = `((label) => {
  const flat = ` + flat + `;
  const list = [...document.querySelectorAll("label")].find((l) => l.control?.localName === "select" && flat(l.innerText).startsWith(label))?.control;
  list?.focus();
  return list ? flat(list.selectedOptions[0]?.text) : "nothing on the page is called that";
})(%q)`
	tab.until(fmt.Sprintf("have %q to choose for %q", option, label), func() error {
		chosen, err := ask[string](tab, fmt.Sprintf(script, label))
		if err == nil && !strings.HasPrefix(chosen, option) {
			err = errors.Join(chromedp.Do(tab.ctx, chromedp.KeyEvent(option)), fmt.Errorf("it is %q", chosen))
		}
		return err
	})
	return tab
}

// Link is where the link with these words leads.
func (tab *Tab) Link(words string) string {
	tab.t.Helper()
	var p place
	tab.until(fmt.Sprintf("have a link %q", words), func() (err error) {
		p, err = tab.find("press", words)
		if err == nil && p.Href == "" {
			err = errors.New("it is no link")
		}
		return err
	})
	return p.Href
}

// Type replaces what is in the field with that label.
func (tab *Tab) Type(label, text string) *Tab {
	tab.t.Helper()
	tab.until(fmt.Sprintf("have a field %q", label), func() error {
		p, err := tab.find("field", label)
		if err != nil {
			return err
		}
		if err := chromedp.Do(tab.ctx, chromedp.MouseClickXY(p.X, p.Y)); err != nil {
			return err
		}
		if typing, err := ask[bool](tab, `(document.activeElement?.select?.(), document.activeElement !== document.body)`); err != nil || !typing {
			return errors.Join(err, fmt.Errorf("%q can't be typed in", label))
		}
		return chromedp.Do(tab.ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			_, err := cdp.Call(ctx, target, input.InsertText, input.InsertTextParams{Text: text})
			return err
		}))
	})
	return tab
}

// Keys presses keys one after the other, wherever typing goes at the moment: "/" or "\r" for Enter.
func (tab *Tab) Keys(keys string) *Tab {
	tab.t.Helper()
	tab.until("take keys", func() error {
		// A script that hears keys isn't there before the page is.
		if state, err := ask[string](tab, `document.readyState`); err != nil || state != "complete" {
			return cmp.Or(err, errors.New("the page is still loading"))
		}
		return chromedp.Do(tab.ctx, chromedp.KeyEvent(keys))
	})
	return tab
}

// Tick and Untick press a box to tick, or a choice among several, until it is as wanted.
func (tab *Tab) Tick(label string) *Tab { tab.t.Helper(); return tab.tick(label, true) }

// Untick is the opposite of Tick.
func (tab *Tab) Untick(label string) *Tab { tab.t.Helper(); return tab.tick(label, false) }

func (tab *Tab) tick(label string, wanted bool) *Tab {
	tab.t.Helper()
	tab.until(fmt.Sprintf("have %q ticked: %v", label, wanted), func() error {
		p, err := tab.find("field", label)
		if err != nil || p.Checked == wanted {
			return err
		}
		if err := chromedp.Do(tab.ctx, chromedp.MouseClickXY(p.X, p.Y)); err != nil {
			return err
		}
		return errors.New("it was pressed, and is looked at again")
	})
	return tab
}

// Problem waits until something is wrong with the field with that label, and is what the page says about it, beside it.
func (tab *Tab) Problem(label string) string {
	tab.t.Helper()
	var p place
	tab.until(fmt.Sprintf("say what is wrong with %q", label), func() (err error) {
		p, err = tab.find("field", label)
		if err == nil && p.Problem == "" {
			err = errors.New("it says nothing")
		}
		return err
	})
	return p.Problem
}

// Value is what is in the field with that label.
func (tab *Tab) Value(label string) string {
	tab.t.Helper()
	var p place
	tab.until(fmt.Sprintf("have a field %q", label), func() (err error) {
		p, err = tab.find("field", label)
		return err
	})
	return p.Value
}

// Texts are what the elements that a CSS selector finds say, in the page's order, once there are any.
func (tab *Tab) Texts(selector string) []string {
	tab.t.Helper()
	var said []string
	tab.until("have "+selector, func() (err error) {
		said, err = ask[[]string](tab, fmt.Sprintf(`[...document.querySelectorAll(%q)].map((el) => el.textContent.trim())`, selector))
		if err == nil && len(said) == 0 {
			err = errors.New("there is none")
		}
		return err
	})
	return said
}

// Mark puts something into the page that is gone when the page is loaded anew.
func (tab *Tab) Mark() { tab.t.Helper(); look[bool](tab, `(window.marked = true)`) }

// Marked reports whether the page is still the one that Mark was called on.
func (tab *Tab) Marked() bool { tab.t.Helper(); return look[bool](tab, `window.marked === true`) }

// ask evaluates an expression on the page as it is.
func ask[T any](tab *Tab, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression))
}

// look is ask, once a page is there to be asked: not between two.
func look[T any](tab *Tab, expression string) T {
	tab.t.Helper()
	var found T
	tab.until("answer "+expression, func() (err error) {
		found, err = ask[T](tab, expression)
		return err
	})
	return found
}

// until tries until it works. A page can be left at any moment, so that whatever goes wrong may be right a moment later.
func (tab *Tab) until(what string, try func() error) {
	tab.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); ; <-tick.C {
		err := try()
		if err == nil {
			return
		}
		if time.Now().After(deadline) || tab.ctx.Err() != nil {
			page, _ := tab.words()
			at, _ := ask[string](tab, `location.href`)
			tab.t.Fatalf("%s doesn't %s: %v\n%s", at, what, err, page)
		}
	}
}
