package browser

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// Framed waits until the frame that shows that address, as its end, says all of these, in whatever case. The frame may be shut off from
// the page around it, which then can't look into it.
func (tab *Tab) Framed(address string, words ...string) *Tab {
	tab.t.Helper()
	tab.until(fmt.Sprintf("say %q in the frame of %s", words, address), func() error {
		said, err := tab.inside(address)
		for _, w := range words {
			if err == nil && !strings.Contains(strings.ToLower(said), strings.ToLower(w)) {
				err = fmt.Errorf("it doesn't say %q: %s", w, said)
			}
		}
		return err
	})
	return tab
}

func (tab *Tab) inside(address string) (string, error) {
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	targets, err := chromedp.Targets(ctx)
	if err != nil {
		return "", err
	}
	at := slices.IndexFunc(targets, func(t *target.Info) bool { return t.Type == "iframe" && strings.HasSuffix(t.URL, address) })
	if at < 0 {
		return "", errors.New("there is no such frame")
	}
	inner, leave := chromedp.NewContext(ctx, chromedp.WithTargetID(targets[at].TargetID), chromedp.WithDetachOnCancel())
	defer leave()
	return chromedp.Run(inner, chromedp.Evaluate[string](flat+`(document.body?.textContent)`))
}
