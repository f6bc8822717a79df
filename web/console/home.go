package console

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"countersign/api"
	"countersign/portal"
	"countersign/web"
)

const (
	// attention is how many of each kind are looked at for what needs someone.
	attention = 100
	// shownFirst is how many of each kind home shows before it leads to the list.
	shownFirst = 5
	// bouncedFor is how long home tells of mail that did not arrive.
	bouncedFor = 14 * 24 * time.Hour
)

// desk is what waits for someone, and what happened last.
type desk struct {
	failed    []api.FailedPayment
	overdue   []api.InvoiceSummary
	declined  []api.EstimateSummary
	waiting   []api.EstimateSummary
	undeliver []api.Activity
	activity  []api.Activity
	// more says of a kind that there are more than were looked at.
	more map[string]bool
}

func (p pages) home(r *web.Request) error {
	d, err := p.readDesk(r)
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, homeView(r, d))
}

func (p pages) readDesk(r *web.Request) (d desk, err error) {
	ctx, org, size := r.Context(), r.Org.Slug, api.Page{Size: attention}
	failed, err := p.FailedPayments.Do(ctx, &api.FailedPaymentsInput{Org: org, Page: size})
	if err != nil {
		return d, err
	}
	overdue, err := p.ListInvoices.Do(ctx, &api.ListInvoicesInput{Org: org, Page: size, Status: "overdue", Sort: "due"})
	if err != nil {
		return d, err
	}
	declined, err := p.ListEstimates.Do(ctx, &api.ListEstimatesInput{Org: org, Page: size, Status: "declined"})
	if err != nil {
		return d, err
	}
	waiting, err := p.ListEstimates.Do(ctx, &api.ListEstimatesInput{Org: org, Page: size, Status: "sent"})
	if err != nil {
		return d, err
	}
	activity, err := p.ListActivity.Do(ctx, &api.ListActivityInput{Org: org, Page: size})
	if err != nil {
		return d, err
	}
	d.failed, d.overdue, d.declined, d.waiting = failed.Body.Payments, overdue.Body.Invoices, declined.Body.Estimates, waiting.Body.Estimates
	d.activity = activity.Body.Activity[:min(len(activity.Body.Activity), 12)]
	d.more = map[string]bool{
		"failed": failed.Body.Next != "", "overdue": overdue.Body.Next != "", "declined": declined.Body.Next != "", "waiting": waiting.Body.Next != "",
	}
	for _, a := range activity.Body.Activity {
		switch a.Kind {
		case "email.bounced", "email.complained", "email.failed":
			if r.Now.Sub(a.At) < bouncedFor {
				d.undeliver = append(d.undeliver, a)
			}
		}
	}
	return d, nil
}

// quiet reports whether nothing needs anyone.
func (d desk) quiet() bool {
	return len(d.failed)+len(d.overdue)+len(d.declined)+len(d.undeliver) == 0
}

// count writes how many there are of a kind, as far as was looked.
func (d desk) count(kind string, n int) string {
	if d.more[kind] {
		return strconv.Itoa(n) + "+"
	}
	return strconv.Itoa(n)
}

// sumWords adds amounts up, each currency by itself.
func sumWords(r *web.Request, amounts []portal.Money) string {
	sums := map[portal.Currency]portal.Money{}
	var order []portal.Currency
	for _, amount := range amounts {
		sum, known := sums[amount.Currency]
		if !known {
			sum = portal.NewMoney(0, amount.Currency)
			order = append(order, amount.Currency)
		}
		added, err := sum.Add(amount)
		if err != nil {
			return "" // more than can be told
		}
		sums[amount.Currency] = added
	}
	var words []string
	for _, currency := range order {
		words = append(words, r.Money(sums[currency]))
	}
	return strings.Join(words, ", ")
}
