package console

import (
	"countersign/api"
	"countersign/portal"
	"countersign/web"
	"countersign/web/ui"
)

// endAutopay turns a customer's autopay off.
func (p pages) endAutopay(r *web.Request) error {
	id, err := r.ID("customer", "customer")
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	if _, err := web.Submit(r, f, p.EndAutopay, &api.EndAutopayInput{Org: r.Org.Slug, Customer: id}); err != nil {
		x, err := refuse("autopay", f, err)
		if err != nil {
			return err
		}
		return p.drawCustomer(r, x, nil)
	}
	return r.Redirect(with(r.Path("customers", id.String()), "done", "autopay"))
}

func autopayChip(a api.AutopayStanding) ui.Status {
	if a.On() {
		return ui.Status{Label: "On", Tone: ui.Success, Shape: ui.Ticked}
	}
	return ui.Status{Label: "Off", Shape: ui.Dashed}
}

// autopayItems are the next charges, the soonest first.
func autopayItems(r *web.Request, a api.AutopayStanding) []ui.Item {
	var items []ui.Item
	for n, c := range a.Charges {
		if n == someOf {
			items = append(items, ui.Item{Icon: ui.IconPayment, Name: web.Plural(len(a.Charges)-n, "more charge", "more charges")})
			break
		}
		words := "Charged " + web.LowerToday(r.Moment(*c.At).Shown)
		if c.Status == portal.ChargeNoticed {
			words += ", announced"
		}
		items = append(items, ui.Item{Icon: ui.IconPayment, Name: c.Number, About: words, Href: r.Path("invoices", c.Invoice.String()), Aside: ui.Amount(r.Amount(c.Amount))})
	}
	return items
}

// autopayWords say who allowed what, or who ended it.
func autopayWords(r *web.Request, a api.AutopayStanding) string {
	switch {
	case a.Autopay == nil:
		return "A contact who pays can turn it on in the portal: invoices are then charged on the day that they are due."
	case a.On():
		return "Turned on by " + a.Autopay.Contact + ", " + web.LowerToday(r.Moment(a.Autopay.StartedAt).Shown) + ". Charges " + web.Method(*a.Autopay.Method) + " for what is due from " + r.Date(a.From) + "."
	default:
		words := "Turned off by " + a.Autopay.EndedBy + ", " + web.LowerToday(r.Moment(*a.Autopay.EndedAt).Shown) + "."
		if a.Autopay.EndReason != "" {
			words += " " + a.Autopay.EndReason
		}
		return words
	}
}
