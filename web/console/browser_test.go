package console_test

import (
	"context"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// With script, a document adds itself up while it is written, and an estimate that is looked at tells of its decision.
func TestPagesStayUpToDateByThemselves(t *testing.T) {
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("no Chromium on PATH")
	}
	s, org := start(t)
	v := atWork(t, s)
	sent := newEstimate(v, org, "Window seats").submit("Send to Lovelace Ltd")

	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU)
	allocated, stop := chromedp.NewExecAllocator(t.Context(), options...)
	defer stop()
	ctx, closeTab := chromedp.NewContext(allocated)
	defer closeTab()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := chromedp.Listen(ctx, func(event any) {
		switch e := event.(type) {
		case *log.EventEntryAdded:
			if e.Entry.Level == log.EntryLevelError && !strings.HasSuffix(e.Entry.URL, "/live") {
				t.Errorf("the page complains: %s (%s)", e.Entry.Text, e.Entry.URL)
			}
		case *runtime.EventExceptionThrown:
			t.Errorf("script failed: %s", e.ExceptionDetails.Text)
		}
	}); err != nil {
		t.Fatal(err)
	}
	signedIn := chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		for _, c := range v.client.Jar.Cookies(sent.URL) {
			if _, err := cdp.Call(ctx, target, network.SetCookie, network.SetCookieParams{Name: c.Name, Value: c.Value, URL: s.URL}); err != nil {
				return err
			}
		}
		return nil
	})
	says := func(selector, words string) {
		t.Helper()
		s.Eventually(words, func() bool {
			shown, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector("`+selector+`").innerText`))
			return err == nil && strings.Contains(shown, words)
		})
	}

	if err := chromedp.Do(ctx, signedIn, chromedp.Navigate(s.URL+"/console/bright/invoices/new?customer="+org.Customer.String()),
		chromedp.SendKeys(`[name="lines[0].unit_price"]`, "1240.50\t"), chromedp.SendKeys(`[name="lines[0].quantity"]`, "2\t")); err != nil {
		t.Fatal(err)
	}
	says("#sums", "$2,481.00")
	says("#amount-0", "$2,481.00")

	if err := chromedp.Do(ctx, chromedp.Navigate(s.URL+sent.URL.Path)); err != nil {
		t.Fatal(err)
	}
	says("#estimate", "Waiting for Lovelace Ltd to decide")
	org.AsAnn().Must(200, "POST", "/api/bright/portal/estimates/"+last(sent.URL.Path)+"/decision", "", map[string]any{"decision": "accepted", "version": 1}, nil)
	says("#estimate", "Accepted by Ann Lovelace")
}
