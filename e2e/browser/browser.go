// Package browser is a person at a screen, in tests: a real Chromium that opens pages, reads what they say, and presses and
// types by the words that a person would go by. Whatever it does waits until the page is ready for it.
package browser

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// patience is how long a page may take to become what is waited for.
const patience = 20 * time.Second

// Browser is a running Chromium.
type Browser struct {
	t   testing.TB
	ctx context.Context
}

// Start runs a Chromium until the test ends. A test on a machine without one is skipped.
func Start(t testing.TB) *Browser {
	t.Helper()
	program := find()
	if program == "" {
		t.Skip("no Chromium on PATH (chromium, chromium-browser or google-chrome)")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.Flag("disable-background-networking", true))
	// The test's own context ends before its cleanups run, and pages may still have to be left properly then.
	allocated, stop := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	t.Cleanup(stop)
	ctx, end := chromedp.NewContext(allocated)
	t.Cleanup(end)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("starting Chromium: %v", err)
	}
	return &Browser{t: t, ctx: ctx}
}

// In is the same browser for a part of the test.
func (b *Browser) In(t testing.TB) *Browser { return &Browser{t: t, ctx: b.ctx} }

func find() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// Options of a tab. The zero Options are a desk's screen and a page of our own with script.
type Options struct {
	// Width of the screen in CSS pixels; 0 is a desk's 1280.
	Width int64
	// NoScript is a person who lets no script run.
	NoScript bool
	// Foreign pages aren't ours: what they complain of is not our business.
	Foreign bool
}

// Visitor is somebody new, with cookies of their own, and their first tab.
func (b *Browser) Visitor(o Options) *Tab {
	b.t.Helper()
	return open(b.t, b.ctx, o, chromedp.WithNewBrowserContext())
}

// Another is a second tab of the same person.
func (tab *Tab) Another() *Tab {
	tab.t.Helper()
	return open(tab.t, tab.ctx, tab.options)
}

func open(t testing.TB, parent context.Context, o Options, more ...chromedp.ContextOption) *Tab {
	t.Helper()
	if o.Width == 0 {
		o.Width = desk
	}
	tab := &Tab{t: t, options: o, shots: os.Getenv("E2E_SHOTS"), screen: screen{width: o.Width}}
	ctx, end := chromedp.NewContext(parent, append(more, chromedp.WithListener(tab.listen))...)
	t.Cleanup(end)
	tab.ctx = ctx
	steps := []chromedp.Action[chromedp.Void]{chromedp.EmulateViewport(o.Width, height)}
	if o.NoScript {
		steps = append(steps, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			_, err := cdp.Call(ctx, target, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
			return err
		}))
	}
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatalf("opening a tab: %v", err)
	}
	return tab
}
