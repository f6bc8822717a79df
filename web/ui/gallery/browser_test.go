package gallery_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"countersign/web/ui/gallery"
)

// browser starts one Chromium for a test; tabs are made from the context that it returns.
func browser(t *testing.T) context.Context {
	t.Helper()
	var program string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			program = found
			break
		}
	}
	if program == "" {
		t.Skip("no Chromium on PATH")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-background-networking", true))
	allocated, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, closeBrowser := chromedp.NewContext(allocated)
	t.Cleanup(closeBrowser)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("starting Chromium: %v", err)
	}
	return ctx
}

// tab opens a tab that fails the test on anything that the page complains of: script errors, refused styles, lost files.
func tab(t *testing.T, ctx context.Context) context.Context {
	t.Helper()
	ctx, closeTab := chromedp.NewContext(ctx)
	t.Cleanup(closeTab)
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	t.Cleanup(cancel)
	err := chromedp.Listen(ctx, func(event any) {
		switch e := event.(type) {
		case *log.EventEntryAdded:
			if e.Entry.Level == log.EntryLevelError && !strings.Contains(e.Entry.URL, "/events") {
				t.Errorf("the page complains: %s (%s)", e.Entry.Text, e.Entry.URL)
			}
		case *runtime.EventExceptionThrown:
			t.Errorf("script failed: %s", e.ExceptionDetails.Text)
		}
	})
	if err != nil {
		t.Fatalf("opening a tab: %v", err)
	}
	return ctx
}

// see sets the size of the screen and whether its owner prefers dark.
func see(width, height int64, dark bool) chromedp.Action[chromedp.Void] {
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}}
	return chromedp.Steps(
		chromedp.EmulateViewport(width, height),
		chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, media)
			return err
		}),
	)
}

// auditScript finds text that is too faint (WCAG 1.4.3: 4.5, or 3 for large text), and targets too small (2.5.8: 24 px).
const auditScript = `(() => {
  const found = [];
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgba = (css) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = css; canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255];
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const ground = (el) => {
    const layers = [];
    for (; el; el = el.parentElement) layers.push(rgba(getComputedStyle(el).backgroundColor));
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255, 1]);
  };
  const lum = (c) => { const f = (v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
    return 0.2126 * f(c[0]) + 0.7152 * f(c[1]) + 0.0722 * f(c[2]); };
  const ratio = (a, b) => { const [x, y] = [lum(a), lum(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode()); ) {
    const el = node.parentElement;
    if (!node.nodeValue.trim() || !el.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    if (el.closest(".visually-hidden, [aria-disabled], :disabled, noscript, title, option")) continue;
    const style = getComputedStyle(el);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    const back = ground(el);
    const r = ratio(over(rgba(style.color), back), back);
    if (r < (large ? 3 : 4.5)) found.push("contrast " + r.toFixed(2) + ": " + node.nodeValue.trim().slice(0, 40));
  }
  for (const el of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")) {
    if (!el.checkVisibility() || el.matches(".visually-hidden")) continue;
    if (el.closest("p, li:not(.row), dd") && getComputedStyle(el).display === "inline") continue; // a link in a sentence
    const box = (el.closest("label") ?? el).getBoundingClientRect();
    const after = getComputedStyle(el, "::after");
    if (after.position === "absolute") continue; // covers its whole row or tile
    // Boxes to tick are smaller, and stand apart from all else: the criterion's exception for spacing.
    const least = el.matches("[type=checkbox], [type=radio]") ? 20 : 23.5;
    if (box.width < least || box.height < least) found.push("target " + Math.round(box.width) + "x" + Math.round(box.height) + ": " + (el.textContent.trim() || el.name));
  }
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wide > 0) found.push("scrolls sideways by " + wide);
  return found;
})()`

// Every sample, on a phone of 320 px, on a common phone, on a tablet and on a desk, light and dark: nothing scrolls sideways, text has
// the contrast and targets have the size that WCAG 2.2 AA asks for, and the page itself has nothing to complain of.
// GALLERY_SHOTS names a directory to keep pictures in.
func TestPagesAreReadableOnEveryScreen(t *testing.T) {
	server := httptest.NewServer(gallery.Handler())
	t.Cleanup(server.Close)
	ctx := browser(t)
	shots := os.Getenv("GALLERY_SHOTS")
	screens := []struct {
		name          string
		width, height int64
		dark          bool
	}{
		{"narrow", 320, 700, false}, {"phone", 390, 844, false}, {"phone-dark", 390, 844, true}, {"tablet", 800, 1100, false}, {"desk", 1280, 900, false}, {"desk-dark", 1280, 900, true},
	}
	for _, p := range gallery.Pages() {
		t.Run(p.Name, func(t *testing.T) {
			tab := tab(t, ctx)
			for _, s := range screens {
				err := chromedp.Do(tab, see(s.width, s.height, s.dark), chromedp.Navigate(server.URL+"/"+p.Name),
					chromedp.Evaluate[chromedp.Void](`document.fonts.ready.then(() => 0)`, chromedp.EvalAwaitPromise))
				if err != nil {
					t.Fatalf("%s: %v", s.name, err)
				}
				found, err := chromedp.Run(tab, chromedp.Evaluate[[]string](auditScript))
				if err != nil {
					t.Fatalf("%s: %v", s.name, err)
				}
				for _, f := range found {
					t.Errorf("%s: %s", s.name, f)
				}
				if shots != "" && s.name != "narrow" {
					keepShot(t, tab, filepath.Join(shots, fmt.Sprintf("%s.%s.png", p.Name, s.name)))
				}
			}
		})
	}
}

func keepShot(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatalf("picture: %v", err)
	}
	if err := os.WriteFile(name, picture, 0o644); err != nil {
		t.Fatal(err)
	}
}

// printing shows the page as it goes to paper.
func printing() chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
		return err
	})
}
