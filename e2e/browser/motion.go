package browser

import (
	"context"
	"fmt"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// movingScript names what on the page, and before and after its elements, would take time to change or moves by itself.
const movingScript = `(() => {
  const lasting = (times) => times.split(", ").some((time) => parseFloat(time) > 0);
  const found = new Set();
  for (const el of document.querySelectorAll("*")) {
    for (const part of ["", "::before", "::after", "::backdrop", "::details-content"]) {
      const s = getComputedStyle(el, part || undefined);
      const name = el.localName + (typeof el.className === "string" && el.className ? "." + el.className.replaceAll(" ", ".") : "") + part;
      if (lasting(s.transitionDuration) || lasting(s.transitionDelay)) found.add(name + " transition " + s.transitionProperty + " " + s.transitionDuration);
      if (s.animationName !== "none" && lasting(s.animationDuration)) found.add(name + " animation " + s.animationName + " " + s.animationDuration);
      if (s.scrollBehavior === "smooth") found.add(name + " scrolls smoothly");
    }
  }
  for (const a of document.getAnimations()) found.add("running: " + (a.animationName ?? a.transitionProperty ?? a.id));
  return [...found];
})()`

// Moving names what moves on the page or would, as its styles say.
func (tab *Tab) Moving() []string { tab.t.Helper(); return look[[]string](tab, movingScript) }

// WatchFades has each page that is opened from now on remember whether the one before faded into it.
func (tab *Tab) WatchFades() *Tab {
	tab.t.Helper()
	const script = `addEventListener("pagereveal", (event) => { window.faded = event.viewTransition != null; });`
	err := chromedp.Do(tab.ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
		return err
	}))
	if err != nil {
		tab.t.Fatalf("watching how pages come: %v", err)
	}
	return tab
}

// Faded reports whether the page before faded into this one.
func (tab *Tab) Faded() bool {
	tab.t.Helper()
	var faded bool
	tab.until("say how it came", func() error {
		state, err := ask[string](tab, `String(window.faded)`)
		if err == nil && state == "undefined" {
			err = fmt.Errorf("it has not been shown yet")
		}
		faded = state == "true"
		return err
	})
	return faded
}
