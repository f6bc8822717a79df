package console

import (
	"net/http"
	"strings"

	"countersign/api"
	"countersign/portal"
	"countersign/web"
)

const (
	// shownFirst is how many of each kind home shows before it leads to the list.
	shownFirst = 3
	// lately is how much of what happened home tells.
	lately = 10
)

// desk is what waits for someone, how the organization is doing, and what happened last.
type desk struct {
	api.Desk
	steps       api.FirstSteps
	figures     api.Figures
	failed      []api.FailedPayment
	overdue     []api.InvoiceSummary
	declined    []api.EstimateSummary
	undelivered []api.MailedTo
	activity    []api.Activity
}

// piled reports whether home shows some of what needs someone.
func (d desk) piled() bool {
	return len(d.failed)+len(d.overdue)+len(d.declined)+len(d.undelivered) > 0
}

func (p pages) home(r *web.Request) error {
	d, err := p.readDesk(r)
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, homeView(r, d))
}

func (p pages) readDesk(r *web.Request) (d desk, err error) {
	ctx, org := r.Context(), r.Org.Slug
	waiting, err := p.Desk.Do(ctx, &api.DeskInput{Org: org})
	if err != nil {
		return d, err
	}
	d.Desk = waiting.Body
	steps, err := p.FirstSteps.Do(ctx, &api.FirstStepsInput{Org: org})
	if err != nil {
		return d, err
	}
	d.steps = steps.Body
	figures, err := p.Figures.Do(ctx, &api.FiguresInput{Org: org})
	if err != nil {
		return d, err
	}
	d.figures = figures.Body
	activity, err := p.ListActivity.Do(ctx, &api.ListActivityInput{Org: org, Page: api.Page{Size: lately}})
	if err != nil {
		return d, err
	}
	d.activity = activity.Body.Activity
	err = p.readPiles(r, &d)
	return d, err
}

// readPiles reads the first few of each kind that needs someone.
func (p pages) readPiles(r *web.Request, d *desk) error {
	ctx, org, few := r.Context(), r.Org.Slug, api.Page{Size: shownFirst}
	if d.FailedPayments.Count > 0 {
		out, err := p.FailedPayments.Do(ctx, &api.FailedPaymentsInput{Org: org, Page: few})
		if err != nil {
			return err
		}
		d.failed = out.Body.Payments
	}
	if d.OverdueInvoices.Count > 0 {
		out, err := p.ListInvoices.Do(ctx, &api.ListInvoicesInput{Org: org, Page: few, InvoiceFilter: api.InvoiceFilter{Status: "overdue", Sort: "due"}})
		if err != nil {
			return err
		}
		d.overdue = out.Body.Invoices
	}
	if d.DeclinedEstimates.Count > 0 {
		out, err := p.ListEstimates.Do(ctx, &api.ListEstimatesInput{Org: org, Page: few, EstimateFilter: api.EstimateFilter{Status: "declined"}})
		if err != nil {
			return err
		}
		d.declined = out.Body.Estimates
	}
	if d.UndeliveredMail.Count > 0 {
		out, err := p.ListMail.Do(ctx, &api.ListMailInput{Org: org, Page: few, Undelivered: true})
		if err != nil {
			return err
		}
		d.undelivered = out.Body.Mail
	}
	return nil
}

// amountWords are what a pile comes to, each currency by itself; empty where it has no amount.
func amountWords(r *web.Request, amounts []portal.Money) string {
	words := make([]string, len(amounts))
	for i, amount := range amounts {
		words[i] = r.Money(amount)
	}
	return strings.Join(words, ", ")
}
