package portal

import (
	"net/http"
	"strconv"
	"strings"

	"countersign/api"
	"countersign/portal"
	"countersign/web"
	"countersign/web/ui"
)

func (p pages) home(r *web.Request) error {
	out, err := p.Home.Do(r.Context(), &api.HomeInput{Org: r.Org.Slug})
	if err != nil {
		return err
	}
	saved, err := p.wallet(r)
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, homePage(r, out.Body, saved))
}

func homeShell(r *web.Request, h api.Home) ui.PortalShell {
	s := shell(r, "Home", "Home")
	s.Banner = h.Banner
	if r.Query("done") == "welcome" {
		s.Flash = &ui.Notice{Tone: ui.Success, Title: "Welcome", Words: "Your password is set and you are signed in. Next time, sign in with " + r.Who.Email + "."}
	}
	switch r.Query("done") {
	case "message":
		s.Flash = &ui.Notice{Tone: ui.Success, Title: "Your message is on its way", Words: "The answer comes to " + r.Who.Email + "."}
	case "review":
		s.Flash = &ui.Notice{Tone: ui.Success, Words: "Thank you for your review."}
	}
	return s
}

// balance is what is owed, a line for each currency; the first line leads.
func balance(r *web.Request, h api.Home) []ui.Owed {
	if len(h.Outstanding) == 0 {
		return []ui.Owed{{
			Label: "Outstanding", Amount: r.Amount(portal.NewMoney(0, h.Company.Currency)), Detail: "Nothing to pay.",
			Actions: []ui.Action{{Label: "See invoices", Href: r.Path("invoices"), Size: ui.Large}},
		}}
	}
	var lines []ui.Owed
	for i, o := range h.Outstanding {
		line := ui.Owed{Label: "Outstanding", Amount: r.Amount(o.Due), Detail: web.Plural(o.Invoices, "unpaid invoice", "unpaid invoices")}
		if len(h.Outstanding) > 1 {
			line.Label += " in " + string(o.Due.Currency)
			line.Amount.Currency = string(o.Due.Currency)
		}
		if o.OverdueInvoices > 0 {
			line.Detail += ","
			line.Late = overdue(r, o)
		}
		if i == 0 {
			line.Actions = append(line.Actions, ui.Action{Label: "See invoices", Href: r.Path("invoices") + "?status=unpaid", Size: ui.Large})
		}
		if mayPay(r) {
			pay := ui.Action{Label: "Pay now", Href: r.Path("pay") + "?currency=" + string(o.Due.Currency), About: r.Money(o.Due)}
			if i == 0 {
				pay.Kind, pay.Size = ui.Primary, ui.Large
			}
			line.Actions = append(line.Actions, pay)
		}
		lines = append(lines, line)
	}
	return lines
}

func overdue(r *web.Request, o api.Outstanding) string {
	if o.OverdueInvoices == o.Invoices {
		if o.Invoices == 1 {
			return "overdue"
		}
		return "all overdue"
	}
	return strconv.Itoa(o.OverdueInvoices) + " of them overdue: " + r.Money(o.Overdue)
}

func figures(r *web.Request, h api.Home) []ui.Stat {
	credits := []string{}
	for _, c := range h.Credits {
		credits = append(credits, r.Money(c))
	}
	credit := ui.Stat{Label: "Available credit", Value: strings.Join(credits, " + "), Detail: "From credit notes and overpayments", Href: r.Path("credits")}
	if len(credits) == 0 {
		credit.Value, credit.Detail = r.Money(portal.NewMoney(0, h.Company.Currency)), "None at the moment"
	}
	last := ui.Stat{Label: "Last payment", Value: "None yet"}
	if l := h.LastPayment; l != nil {
		last.Value, last.Detail, last.Href = r.Money(l.Amount), r.Day(&l.At), r.Path("payments", l.ID.String())
	}
	estimates := ui.Stat{Label: "Estimates to decide", Value: strconv.Itoa(h.EstimatesWaiting), Href: r.Path("estimates") + "?status=sent"}
	if h.EstimatesWaiting == 0 {
		estimates.Detail = "Nothing waits for you"
	} else {
		estimates.Detail = "Waiting for your decision"
	}
	stats := []ui.Stat{credit, last, estimates}
	if n := h.TimesheetsWaiting; n != nil {
		sheets := ui.Stat{Label: "Timesheets to approve", Value: strconv.Itoa(*n), Detail: "Waiting for your approval", Href: r.Path("timesheets") + "?status=submitted"}
		if *n == 0 {
			sheets.Detail = "Nothing waits for you"
		}
		stats = append(stats, sheets)
	}
	return stats
}

// underway are payments that aren't finished, so that nobody begins another one for the same invoices.
func underway(r *web.Request, payments []api.PaymentSummary) []ui.Item {
	var items []ui.Item
	for _, p := range payments {
		items = append(items, ui.Item{
			Icon: ui.IconPayment, Name: r.Money(p.Amount) + " for " + web.Plural(p.Invoices, "invoice", "invoices"), Href: r.Path("payments", p.ID.String()),
			About: startedBy(p.StartedBy, p.Mine) + ", " + web.LowerToday(r.Moment(p.CreatedAt).Shown), Status: chip(paymentChip(p.Status, p.Mine)),
		})
	}
	return items
}

func startedBy(name string, mine bool) string {
	if mine {
		return "Started by you"
	}
	return "Started by " + name
}

func people(r *web.Request, h api.Account) []ui.Item {
	var items []ui.Item
	for _, c := range h.Contacts {
		item := ui.Item{Name: c.Name, About: c.Email}
		if c.Name == c.Email {
			item.About = "" // nobody has given a name yet
		}
		if c.Title != "" {
			item.About = c.Title + ", " + c.Email
		}
		if c.ID == h.Me.ID {
			item.Status = &ui.Status{Label: "You"}
		}
		items = append(items, item)
	}
	return items
}

func companyFacts(c api.Company) []ui.Fact {
	facts := []ui.Fact{{Term: "Customer number", Value: c.Number}}
	for _, f := range []ui.Fact{
		{Term: "Billing address", Value: strings.Join(c.BillingAddress.Lines(), "\n")},
		{Term: "Shipping address", Value: strings.Join(c.ShippingAddress.Lines(), "\n")},
		{Term: "Email", Value: c.Email}, {Term: "Phone", Value: c.Phone}, {Term: "Website", Value: c.Website}, {Term: "Tax number", Value: c.TaxNumber},
	} {
		if f.Value != "" {
			facts = append(facts, f)
		}
	}
	return facts
}
