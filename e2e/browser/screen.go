package browser

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// settleScript waits until fonts are there and what moves, such as one page giving way to the next, has come to rest.
const settleScript = `Promise.allSettled([document.fonts.ready, document.activeViewTransition?.finished, ...document.getAnimations()
  .filter((a) => a.effect?.getComputedTiming().iterations !== Infinity).map((a) => a.finished)]).then(() => true)`

// Shot keeps pictures of the whole page on a desk's screen and on a phone, in the folder that E2E_SHOTS names, if any.
func (tab *Tab) Shot(name string) *Tab {
	tab.t.Helper()
	if tab.shots == "" {
		return tab
	}
	tab.settle() // a transition between two pages doesn't survive a change of the screen
	for screen, width := range map[string]int64{"desk": desk, "phone": Phone} {
		tab.Width(width).settle()
		picture, err := chromedp.Run(tab.ctx, chromedp.FullScreenshot(100))
		if err != nil {
			tab.t.Fatalf("taking a picture: %v", err)
		}
		tab.keep(name+"."+screen+".png", picture)
	}
	return tab.Width(tab.options.Width)
}

func (tab *Tab) settle() {
	if tab.options.NoScript {
		return // and nothing moves
	}
	if _, err := chromedp.Run(tab.ctx, chromedp.Evaluate[bool](settleScript, chromedp.EvalAwaitPromise)); err != nil {
		tab.t.Logf("the page was left while it was looked at: %v", err)
	}
}

// screen is what the page is looked at on.
type screen struct {
	width int64 // in CSS pixels
	dark  bool
}

// about says which screen it is.
func (tab *Tab) about() string {
	scheme := "light"
	if tab.screen.dark {
		scheme = "dark"
	}
	return fmt.Sprintf("%d px, %s", tab.screen.width, scheme)
}

// Width makes the screen so wide, in CSS pixels. Half of a desk's is what is left of it at 200 % zoom.
func (tab *Tab) Width(width int64) *Tab {
	tab.t.Helper()
	if err := chromedp.Do(tab.ctx, chromedp.EmulateViewport(width, height)); err != nil {
		tab.t.Fatalf("resizing: %v", err)
	}
	tab.screen.width = width
	return tab
}

// Prefers is somebody who likes their screens dark, or light, and nothing on them to move, whatever the Options were.
func (tab *Tab) Prefers(dark bool) *Tab {
	tab.t.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}}
	err := chromedp.Do(tab.ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, media)
		return err
	}))
	if err != nil {
		tab.t.Fatalf("making the screen %s: %v", scheme, err)
	}
	tab.screen.dark = dark
	return tab
}

// sidewaysScript names what sticks out of the screen, and words that are cut off at its edge or at their box's.
const sidewaysScript = `(() => {
  const width = document.documentElement.clientWidth;
  const about = (el) => "<" + el.localName + " class='" + el.className + "'> " + (el.textContent ?? "").trim().slice(0, 60);
  const found = [];
  if (document.documentElement.scrollWidth > width) {
    const out = [...document.body.querySelectorAll("*")].filter((el) => el.getBoundingClientRect().right > width + 0.5 && el.checkVisibility());
    found.push("wider by " + (document.documentElement.scrollWidth - width) + " px: " + out.reverse().slice(0, 4).map(about).join("; "));
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode()); ) {
    const el = node.parentElement;
    if (!node.nodeValue.trim() || !el.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    if (el.closest(".visually-hidden, noscript, option, thead")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const right = Math.max(...[...range.getClientRects()].map((box) => box.right));
    for (let at = el; at; at = at.parentElement) {
      const overflow = getComputedStyle(at).overflowX;
      if (overflow === "auto" || overflow === "scroll") break; // what sticks out can be scrolled to
      const edge = at === document.body ? width : at.getBoundingClientRect().right;
      if ((overflow !== "visible" || at === document.body) && right > edge + 0.5) {
        found.push("cut off: " + about(el));
        break;
      }
    }
  }
  return found.join("\n");
})()`

// Fits fails the test if the page scrolls sideways on this screen, or hides words beyond an edge (WCAG 2.2, 1.4.10).
func (tab *Tab) Fits() *Tab {
	tab.t.Helper()
	if wide := look[string](tab, sidewaysScript); wide != "" {
		tab.t.Errorf("%s doesn't fit %s: %s", tab.Address().RequestURI(), tab.about(), wide)
	}
	return tab
}

// Print is the page as the browser prints it, as PDF on A4. Its pages are kept beside the pictures.
func (tab *Tab) Print(name string) []byte {
	tab.t.Helper()
	tab.settle()
	file, err := chromedp.Run(tab.ctx, chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4)))
	if err != nil {
		tab.t.Fatalf("printing: %v", err)
	}
	if tab.shots != "" {
		tab.keep(name+".pdf", file)
	}
	return file
}

// keep writes a file into the folder of pictures, under the test's name.
func (tab *Tab) keep(name string, file []byte) {
	tab.t.Helper()
	test := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return '-'
	}, tab.t.Name())
	if err := os.MkdirAll(tab.shots, 0o755); err != nil {
		tab.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(tab.shots, test+"."+name), file, 0o644); err != nil {
		tab.t.Fatal(err)
	}
}
