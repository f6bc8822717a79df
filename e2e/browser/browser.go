// Package browser is a person at a screen, in tests: a real Chromium that opens pages, reads what they say, and presses and
// types by the words that a person would go by. Whatever it does waits until the page is ready for it.
package browser

import (
	"context"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// patience is how long a page may take to become what is waited for.
const patience = 20 * time.Second

// Browser is the Chromium that the tests of a package share. Each visitor has cookies and caches of their own.
type Browser struct {
	t   testing.TB
	ctx context.Context
}

// Runner is what Around runs: a *testing.M, or something around it.
type Runner interface{ Run() int }

// shared is the one Chromium of this test program. A test function can be handed nothing by TestMain, so the package has to hold it.
var shared struct {
	sync.Mutex
	running  bool // whether Around will end what is started
	chromium *chromium
}

// chromium is a running one.
type chromium struct {
	ctx context.Context
	end func()
}

// Around runs m, and then ends the Chromium that its tests started.
//
//	func TestMain(m *testing.M) { stack.Main(browser.Around(m)) }
func Around(m Runner) Runner { return around{m} }

type around struct{ Runner }

func (a around) Run() int {
	shared.Lock()
	shared.running = true
	shared.Unlock()
	code := a.Runner.Run()
	shared.Lock()
	defer shared.Unlock()
	if shared.chromium != nil {
		shared.chromium.end()
	}
	return code
}

// Start gives the package's Chromium, and starts it if none runs. A test on a machine without one is skipped.
func Start(t testing.TB) *Browser {
	t.Helper()
	program := find()
	if program == "" {
		t.Skip("no Chromium on PATH (chromium, chromium-browser or google-chrome)")
	}
	shared.Lock()
	defer shared.Unlock()
	if !shared.running {
		t.Fatal("TestMain doesn't use browser.Around")
	}
	if shared.chromium == nil || shared.chromium.ctx.Err() != nil {
		launched, err := launch(program)
		if err != nil {
			t.Fatalf("starting Chromium: %v", err)
		}
		shared.chromium = launched
	}
	return &Browser{t: t, ctx: shared.chromium.ctx}
}

func launch(program string) (*chromium, error) {
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("force-prefers-reduced-motion", true))
	allocated, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, end := chromedp.NewContext(allocated)
	if err := chromedp.Do(ctx); err != nil {
		stop()
		return nil, err
	}
	return &chromium{ctx: ctx, end: func() { end(); stop() }}, nil
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
	// Lively is a person who likes pages to fade into each other. Everybody else asked for less motion, and waits for less.
	Lively bool
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
	if o.Lively {
		media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "no-preference"}}}
		steps = append(steps, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, media)
			return err
		}))
	}
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatalf("opening a tab: %v", err)
	}
	return tab
}
