package browser

import (
	"errors"
	"fmt"
	"strings"
)

// Keys that people move and decide with, where they use no mouse.
const (
	Tabulator = "\t"
	Enter     = "\r"
	Space     = " "
)

// focused is where the keyboard is.
type focused struct {
	Name    string // empty if it is nowhere
	Marked  bool   // it can be seen that it is there
	Visible bool   // that place is on the screen, and nothing lies over it
	Field   bool
	Ready   bool
}

// focusScript looks at the element that has the focus. A mark is an outline around it, or around the row, card or box that it stands
// for (WCAG 2.2, 2.4.7 and 2.4.11); what is no stop of the keyboard's, such as a list of what is wrong, needs none.
const focusScript = `(() => {
  const flat = ` + flat + `;
  const ready = document.readyState === "complete" && !document.activeViewTransition &&
    !document.getAnimations().some((a) => a.playState === "running" && a.effect?.getComputedTiming().iterations !== Infinity);
  const el = document.activeElement;
  if (!el || el === document.body) return { name: "", marked: true, visible: true, ready };
  const name = flat(el.getAttribute("aria-label") || el.labels?.[0]?.innerText || el.innerText).replace(/ \(optional\)$/, "");
  const around = [el, el.closest(".affix, .radio-card, .choice"), el.matches(".row-link, .stat a, .row a") && el.closest("tr, .stat, .row")];
  const outlined = (e) => { const s = getComputedStyle(e); return s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 1; };
  const box = el.getBoundingClientRect();
  const visible = box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth && el.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  return { name, field: el.matches("input, select, textarea"), marked: el.tabIndex < 0 || around.filter(Boolean).some(outlined), visible, ready };
})()`

// Reach tabs on until the focus is on what is called that, or begins with it. Each stop on the way must be on the screen and marked.
func (tab *Tab) Reach(words string) *Tab { tab.t.Helper(); return tab.reach(words, false) }

func (tab *Tab) reach(words string, field bool) *Tab {
	tab.t.Helper()
	const most = 120
	stops := []string{}
	for range most {
		var at focused
		tab.until("be ready for the keyboard", func() (err error) {
			at, err = ask[focused](tab, focusScript)
			if err == nil && !at.Ready {
				err = errors.New("it is still on its way")
			}
			return err
		})
		if at.Name != "" && (!at.Marked || !at.Visible) {
			tab.t.Errorf("%s: the focus is on %q and can't be seen there: marked %v, on the screen %v", tab.Address().Path, at.Name, at.Marked, at.Visible)
		}
		if strings.HasPrefix(at.Name, words) && (at.Field || !field) {
			return tab
		}
		stops = append(stops, at.Name)
		tab.Keys(Tabulator)
	}
	tab.t.Fatalf("%s: %d times Tab never led to %q: %q", tab.Address(), most, words, stops[:min(len(stops), 40)])
	return tab
}

// Fill reaches a field and types into it.
func (tab *Tab) Fill(label, text string) *Tab {
	tab.t.Helper()
	return tab.reach(label, true).Keys(text)
}

// Follow reaches a link or a button and presses Enter.
func (tab *Tab) Follow(words string) *Tab {
	tab.t.Helper()
	return tab.Reach(words).Keys(Enter)
}

// Focus fails the test unless the focus is on what is called that.
func (tab *Tab) Focus(words string) *Tab {
	tab.t.Helper()
	tab.until(fmt.Sprintf("have the focus on %q", words), func() error {
		at, err := ask[focused](tab, focusScript)
		if err == nil && !strings.HasPrefix(at.Name, words) {
			err = fmt.Errorf("it is on %q", at.Name)
		}
		return err
	})
	return tab
}
