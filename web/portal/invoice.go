package portal

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"countersign/api"
	"countersign/portal"
	"countersign/web"
	"countersign/web/ui"
)

func (p pages) invoice(r *web.Request) error { return p.drawInvoice(r, http.StatusOK, nil) }

func (p pages) drawInvoice(r *web.Request, status int, comment *web.Form) error {
	i, err := p.readInvoice(r)
	if err != nil {
		return err
	}
	talk, err := r.Talk("invoice", i.ID, comment)
	if err != nil {
		return err
	}
	charged, err := p.chargedNext(r, i)
	if err != nil {
		return err
	}
	return r.Draw(status, invoicePage(r, i, charged, talk))
}

// chargedNext says what autopay charges of an invoice next, N7; nothing where it doesn't.
func (p pages) chargedNext(r *web.Request, i api.Invoice) (string, error) {
	if i.Due.Amount == 0 {
		return "", nil
	}
	out, err := p.GetMyAutopay.Do(r.Context(), &api.MyAutopayInput{Org: r.Org.Slug})
	if err != nil || !out.Body.On() {
		return "", err
	}
	for _, c := range out.Body.Charges { // the earliest comes first
		if c.Invoice == i.ID {
			return "Autopay charges " + r.Money(c.Amount) + " to " + web.Method(*out.Body.Autopay.Method) + " on " + web.LowerToday(r.Moment(*c.At).Shown) + ".", nil
		}
	}
	return "", nil
}

func (p pages) readInvoice(r *web.Request) (api.Invoice, error) {
	id, err := r.ID("invoice", "invoice")
	if err != nil {
		return api.Invoice{}, err
	}
	out, err := p.GetMyInvoice.Do(r.Context(), &api.InvoiceInput{Org: r.Org.Slug, Invoice: id})
	if err != nil {
		return api.Invoice{}, err
	}
	return out.Body, nil
}

func (p pages) invoiceLive(r *web.Request) error {
	i, err := p.readInvoice(r)
	if err != nil {
		return err
	}
	p.Stream(r.Writer(), r.HTTP(), i.ID)
	return nil
}

func invoiceShell(r *web.Request, i api.Invoice) ui.PortalShell {
	s := shell(r, "Invoice "+i.Number, "Invoices")
	if pays(r, i) {
		s.Bar = &ui.PayBar{Label: "Left to pay", Amount: r.Amount(i.Due), Action: payAction(r, i)}
	}
	return s
}

// pays reports whether there is a button to pay the invoice with.
func pays(r *web.Request, i api.Invoice) bool { return i.Payable && mayPay(r) && onlineWay(i.Ways) }

func onlineWay(ways []string) bool {
	return slices.Contains(ways, "card") || slices.Contains(ways, "bank_debit")
}

// payAction pays an invoice, or goes on with the reader's own unfinished payment of it, or takes somebody else's over.
func payAction(r *web.Request, i api.Invoice) ui.Action {
	a := ui.Action{Label: "Pay now", Kind: ui.Primary, Href: r.Path("pay") + "?invoice=" + i.ID.String()}
	if now := i.PayingNow; now != nil && now.Mine {
		a.Label, a.Href = "Go on with your payment", r.Path("payments", now.Payment.String())
	}
	return a
}

func invoiceSheet(r *web.Request, i api.Invoice) ui.Sheet {
	lines, taxed := r.Lines(i.Lines)
	sums := r.Sums(i.Totals, i.DiscountPercent)
	if i.Paid.Amount != 0 {
		sums = append(sums,
			ui.Sum{Label: "Paid", Value: r.Money(portal.NewMoney(-i.Paid.Amount, i.Paid.Currency))},
			ui.Sum{Label: "Left to pay", Value: r.Money(i.Due), Grand: true})
	}
	return ui.Sheet{
		Kind: "Invoice", Number: i.Number, Status: chip(invoiceChip(i.InvoiceSummary)), Brand: r.Org.Brand(""), ToLabel: "Billed to",
		From: web.Party(i.From), To: web.Party(i.BillTo),
		Facts: []ui.Fact{{Term: "About", Value: i.Title}, {Term: "Issued", Value: r.Date(i.IssueDate)}, {Term: "Due", Value: r.Date(i.DueDate)}},
		Lines: lines, HasTax: taxed, Sums: sums, Notes: i.Notes, Terms: i.Terms,
	}
}

// dueNext says when it is due, and how much of it then where it is paid in parts.
func dueNext(r *web.Request, i api.Invoice) string {
	if i.Plan == nil || i.Plan.Next == i.Due {
		return due(r, i.InvoiceSummary)
	}
	return "Next: " + r.Money(i.Plan.Next) + ". " + due(r, i.InvoiceSummary)
}

// due says when an invoice is to be paid, from where the reader stands.
func due(r *web.Request, i api.InvoiceSummary) string {
	switch days := r.Today().DaysUntil(i.DueDate); {
	case i.DueDate.IsZero():
		return ""
	case days < -1:
		return fmt.Sprintf("Was due %s, %d days ago", r.Date(i.DueDate), -days)
	case days == -1:
		return "Was due yesterday"
	case days == 0:
		return "Due today"
	case days == 1:
		return "Due tomorrow"
	default:
		return fmt.Sprintf("Due %s, in %d days", r.Date(i.DueDate), days)
	}
}

// paying says who is paying an invoice right now, N3; nil when nobody is.
func paying(r *web.Request, number string, now *api.PayingNow) *ui.Notice {
	if now == nil {
		return nil
	}
	see := &ui.Action{Label: "See the payment", Href: r.Path("payments", now.Payment.String()), Size: ui.Small}
	since := r.Moment(now.Since).Shown
	switch {
	case now.Status == portal.PaymentProcessing:
		return &ui.Notice{Tone: ui.Info, Title: "The bank is settling a payment of this invoice", Words: now.Name + " paid it. Bank payments take a few working days.", Action: see}
	case now.Status == portal.PaymentCharging:
		return &ui.Notice{Tone: ui.Info, Title: "This invoice is being charged right now", Words: "Started by " + now.Name + ".", Action: see}
	case now.Mine && now.Status == portal.PaymentDeclined:
		return &ui.Notice{Tone: ui.Warning, Title: "Your payment was declined", Words: "Nothing was charged. Try again, or pay another way.", Action: see}
	case now.Mine:
		return &ui.Notice{Tone: ui.Info, Title: "You began to pay this invoice", Words: "Your payment isn’t finished. " + since + "."}
	case now.Status == portal.PaymentDeclined:
		return &ui.Notice{Tone: ui.Info, Title: "A payment by " + now.Name + " was declined", Words: "Nothing was charged. You can pay invoice " + number + " yourself.", Action: see}
	default:
		return &ui.Notice{Tone: ui.Info, Title: now.Name + " is paying this invoice right now", Words: "Since " + web.LowerToday(since) + ". You can take over if they don’t finish.", Action: see}
	}
}

// paidWith lists what was paid on an invoice.
func paidWith(r *web.Request, i api.Invoice) []ui.Item {
	var items []ui.Item
	for _, pay := range i.Payments {
		item := ui.Item{Icon: ui.IconPayment, Name: web.PaidWith(pay.Kind, pay.ChargedTo), About: r.Day(&pay.At), Aside: ui.Amount(r.Amount(pay.Amount))}
		if pay.Receipt != "" {
			item.About += ", receipt " + pay.Receipt
		}
		if pay.Amount.Amount < 0 {
			item.Name = "Taken back: " + item.Name
		}
		if pay.Payment != nil {
			item.Href = r.Path("payments", pay.Payment.String())
		}
		items = append(items, item)
	}
	return items
}

// followed is the part of an invoice's page that redraws itself while something is owed.
func followed(r *web.Request, i api.Invoice) ui.Live {
	live := ui.Live{ID: "now"}
	if i.PayingNow != nil {
		live.Stream = r.Path("invoices", i.ID.String(), "live")
	}
	return live
}

func estimateLink(r *web.Request, l *api.DocumentLink) templ.Component {
	return outward(r.Path("estimates", l.ID.String()), "Estimate "+l.Number)
}
