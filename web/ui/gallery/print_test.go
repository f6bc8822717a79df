package gallery_test

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"countersign/web/ui/gallery"
)

// A printed document is the document: no navigation, no buttons, no conversation, on white. // R26, R30, R40
func TestPrintingKeepsTheDocumentOnly(t *testing.T) {
	server := httptest.NewServer(gallery.Handler())
	t.Cleanup(server.Close)
	tab := tab(t, browser(t))
	for _, name := range []string{"invoice", "estimate-accepted", "receipt"} {
		do(t, tab, see(1280, 900, true), chromedp.Navigate(server.URL+"/"+name), printing())
		is(t, tab, `document.querySelector(".sheet").checkVisibility()`)
		is(t, tab, `document.querySelector(".sheet .table").checkVisibility()`)
		is(t, tab, `![...document.querySelectorAll(".site-header, .site-footer, .button, .timeline, .thread, .paybar, h1")].some((e) => e.checkVisibility())`)
		is(t, tab, `getComputedStyle(document.documentElement).backgroundColor === "rgb(255, 255, 255)"`)
		if shots := os.Getenv("GALLERY_SHOTS"); shots != "" {
			paper, err := chromedp.Run(tab, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize()))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(shots, "print-"+name+".pdf"), paper, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
