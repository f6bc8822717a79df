package browser

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// Download presses what is called that, and is the file that this puts on disk: the name that it is kept under and what is in it.
func (tab *Tab) Download(words string) (name string, file []byte) {
	tab.t.Helper()
	dir := tab.t.TempDir()
	events := true
	err := chromedp.Do(tab.ctx, chromedp.Func(func(ctx context.Context, at *chromedp.Target) error {
		info, err := cdp.Call(ctx, at, target.GetTargetInfo, target.GetTargetInfoParams{})
		if err != nil {
			return err
		}
		_, err = cdp.Call(ctx, at, cdpbrowser.SetDownloadBehavior, cdpbrowser.SetDownloadBehaviorParams{
			Behavior: cdpbrowser.SetDownloadBehaviorBehaviorAllow, BrowserContextID: info.TargetInfo.BrowserContextID, DownloadPath: dir, EventsEnabled: &events,
		})
		return err
	}))
	if err != nil {
		tab.t.Fatalf("making a place for downloads: %v", err)
	}
	tab.Press(words)
	tab.until("download "+words, func() error {
		kept, err := os.ReadDir(dir)
		if err != nil {
			return err
		}
		if len(kept) != 1 || filepath.Ext(kept[0].Name()) == ".crdownload" || kept[0].Name()[0] == '.' {
			return errors.New("it isn't there yet")
		}
		name = kept[0].Name()
		file, err = os.ReadFile(filepath.Join(dir, name))
		return err
	})
	return name, file
}
