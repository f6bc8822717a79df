package browser

import (
	"context"
	"errors"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Back presses the browser's Back button and waits until the tab has gone there.
func (tab *Tab) Back() *Tab {
	tab.t.Helper()
	entries := func() (is page.GetNavigationHistoryResult, err error) {
		err = chromedp.Do(tab.ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) (err error) {
			is, err = cdp.Call(ctx, target, page.GetNavigationHistory, cdp.Empty{})
			return err
		}))
		return is, err
	}
	tab.settle()
	before, err := entries()
	if err != nil || before.CurrentIndex == 0 {
		tab.t.Fatalf("there is nothing to go back to: %v", err)
	}
	look[bool](tab, `(history.back(), true)`)
	tab.until("go back", func() error {
		now, err := entries()
		if err == nil && now.CurrentIndex >= before.CurrentIndex {
			err = errors.New("it is where it was")
		}
		return err
	})
	return tab
}
