package portal

import (
	"errors"
	"net/http"

	"github.com/a-h/templ"

	"countersign/api"
	"countersign/portal"
	"countersign/web"
	"countersign/web/ui"
)

// automatic is the page of autopay, N7: how it stands, and what its reader can do about it.
type automatic struct {
	api.AutopayStanding
	methods []api.PaymentMethod
	form    *web.Form
	key     string
	notice  *ui.Notice
}

func autopayPath(r *web.Request, more ...string) string {
	return r.Path(append([]string{"account", "autopay"}, more...)...)
}

func (p pages) autopay(r *web.Request) error {
	a, err := p.readAutopay(r, web.NewForm())
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, autopayPage(r, a))
}

func (p pages) readAutopay(r *web.Request, f *web.Form) (automatic, error) {
	out, err := p.GetMyAutopay.Do(r.Context(), &api.MyAutopayInput{Org: r.Org.Slug})
	if err != nil {
		return automatic{}, err
	}
	w, err := p.wallet(r)
	if err != nil {
		return automatic{}, err
	}
	a := automatic{AutopayStanding: out.Body, methods: w.methods, form: f, key: web.NewKey()}
	switch {
	case f.Value("method") != "":
	case a.On():
		f.Set("method", a.Autopay.Method.ID.String())
	case len(a.methods) > 0:
		f.Set("method", a.methods[0].ID.String())
	}
	return a, nil
}

// postAutopay turns autopay on, under the words that stood on the page.
func (p pages) postAutopay(r *web.Request) error {
	f, err := r.Form()
	if err != nil {
		return err
	}
	if !f.Checked("agreed") {
		f.Errors = append(f.Errors, ui.FieldError{Field: "agreed", Message: "Tick this if you agree: nothing is charged without it."})
		return p.drawAutopay(r, f, http.StatusUnprocessableEntity, nil)
	}
	if _, err := web.Submit(r, f, p.Enrol, &api.EnrolInput{Key: f.APIKey(), Org: r.Org.Slug}); err != nil {
		return p.refusedAutopay(r, f, err)
	}
	return r.Redirect(autopayPath(r) + "?done=autopay-on")
}

func (p pages) postAutopayMethod(r *web.Request) error {
	f, err := r.Form()
	if err != nil {
		return err
	}
	if _, err := web.Submit(r, f, p.SetAutopayMethod, &api.SetAutopayMethodInput{Org: r.Org.Slug}); err != nil {
		return p.refusedAutopay(r, f, err)
	}
	return r.Redirect(autopayPath(r) + "?done=autopay-method")
}

// postAutopayCharge takes one charge out of autopay, or puts it back.
func (p pages) postAutopayCharge(r *web.Request) error {
	f, err := r.Form()
	if err != nil {
		return err
	}
	if _, err := web.Submit(r, f, p.PlanCharge, &api.PlanChargeInput{Org: r.Org.Slug}); err != nil {
		return p.refusedAutopay(r, f, err)
	}
	return r.Redirect(autopayPath(r) + "?done=autopay-charge")
}

func (p pages) postAutopayEnd(r *web.Request) error {
	f, err := r.Form()
	if err != nil {
		return err
	}
	if _, err := p.EndMyAutopay.Do(r.Context(), &api.EndMyAutopayInput{Org: r.Org.Slug}); err != nil {
		return p.refusedAutopay(r, f, err)
	}
	return r.Redirect(autopayPath(r) + "?done=autopay-off")
}

// refusedAutopay draws the page as it is now, under why nothing was changed.
func (p pages) refusedAutopay(r *web.Request, f *web.Form, err error) error {
	refused, ok := errors.AsType[*portal.Error](err)
	if !ok || refused.Code == portal.CodeUnauthenticated || refused.Code == portal.CodeForbidden {
		return err
	}
	f.Refuse(err)
	return p.drawAutopay(r, f, api.StatusOf(err), &ui.Notice{Tone: ui.Warning, Title: "Nothing was changed", Words: payWords(refused)})
}

func (p pages) drawAutopay(r *web.Request, f *web.Form, status int, notice *ui.Notice) error {
	a, err := p.readAutopay(r, f)
	if err != nil {
		return err
	}
	if a.notice = notice; f.Key() != "" && status == http.StatusServiceUnavailable {
		a.key = f.Key() // the same again is safe, and tells
	}
	return r.Draw(status, autopayPage(r, a))
}

func autopayShell(r *web.Request, a automatic) ui.PortalShell {
	s := shell(r, "Autopay", "")
	s.Head.Refused = len(a.form.Errors) > 0
	switch r.Query("done") {
	case "autopay-on":
		s.Flash = &ui.Notice{Tone: ui.Success, Title: "Autopay is on", Words: "We email you before each charge."}
	case "autopay-off":
		s.Flash = &ui.Notice{Tone: ui.Success, Title: "Autopay is off", Words: "Nothing more is charged by itself. Payments that were begun already go on."}
	case "autopay-method":
		s.Flash = &ui.Notice{Tone: ui.Success, Title: "Saved", Words: "What comes next is charged this way."}
	case "autopay-charge":
		s.Flash = &ui.Notice{Tone: ui.Success, Title: "Saved"}
	}
	if a.notice != nil {
		s.Flash = a.notice
	}
	return s
}

// autopayChip says whether autopay is on.
func autopayChip(a api.AutopayStanding) ui.Status {
	if a.On() {
		return ui.Status{Label: "On", Tone: ui.Success, Shape: ui.Ticked}
	}
	return ui.Status{Label: "Off", Shape: ui.Dashed}
}

// autopayWords say in a sentence what autopay does next.
func autopayWords(r *web.Request, a api.AutopayStanding) string {
	switch {
	case !a.On() && a.Autopay != nil && a.Autopay.EndReason != "":
		return "Turned off by " + a.Autopay.EndedBy + ": " + a.Autopay.EndReason
	case !a.On():
		return "Have each invoice paid by itself on the day that it is due, with a notice before."
	case len(a.Charges) == 0:
		return "Charges " + web.Method(*a.Autopay.Method) + ". Nothing is due at the moment."
	default:
		next := a.Charges[0]
		return "Next: " + r.Money(next.Amount) + " for " + next.Number + " on " + web.LowerToday(r.Moment(*next.At).Shown) + ", with " + web.Method(*a.Autopay.Method) + "."
	}
}

func autopayFacts(r *web.Request, a api.AutopayStanding) []ui.Fact {
	on := a.Autopay
	facts := []ui.Fact{
		{Term: "Charged", Value: web.Method(*on.Method)},
		{Term: "Turned on by", Value: on.Contact},
		{Term: "Since", Show: ui.Time(r.Moment(on.StartedAt))},
		{Term: "For what is due from", Value: r.Date(a.From)},
	}
	if on.Credit {
		facts = append(facts, ui.Fact{Term: "Credit", Value: "Used first"})
	}
	return facts
}

// methodChoices are the saved ways to pay that autopay can charge.
func methodChoices(methods []api.PaymentMethod) []ui.Option {
	options := make([]ui.Option, len(methods))
	for i, m := range methods {
		options[i] = ui.Option{Value: m.ID.String(), Label: web.Method(m), Icon: web.MethodIcon(m), Aside: expiry(m)}
	}
	return options
}

// chargeRows are what comes, each with the button that takes it out.
func chargeRows(r *web.Request, a automatic) []ui.Row {
	rows := make([]ui.Row, len(a.Charges))
	for n, c := range a.Charges {
		state := ui.Status{Label: "Planned", Shape: ui.Ring}
		if c.Status == portal.ChargeNoticed {
			state = ui.Status{Label: "Announced", Tone: ui.Info, Shape: ui.Ring}
		}
		cells := []templ.Component{ui.Titled(c.Number, c.Title), ui.Chip(state), ui.Time(r.Moment(*c.At)), ui.Amount(r.Amount(c.Amount)), nil}
		if a.On() && mayPay(r) {
			cells[4] = planButton(r, c, true, "I’ll pay it myself")
		}
		rows[n] = ui.Row{Href: r.Path("invoices", c.Invoice.String()), Cells: cells}
	}
	return rows
}

// handRows are what is owed and not charged.
func handRows(r *web.Request, a automatic) []ui.Row {
	rows := make([]ui.Row, len(a.ByHand))
	for n, c := range a.ByHand {
		cells := []templ.Component{ui.Titled(c.Number, c.Title), ui.Text(c.Reason), ui.Text(r.Date(c.DueOn)), ui.Amount(r.Amount(c.Amount)), nil}
		if a.On() && mayPay(r) && c.Status == portal.ChargeCanceled {
			cells[4] = planButton(r, c, false, "Let autopay pay it")
		}
		rows[n] = ui.Row{Href: r.Path("invoices", c.Invoice.String()), Cells: cells}
	}
	return rows
}

// pastRows are what was charged or left out.
func pastRows(r *web.Request, a automatic) []ui.Row {
	rows := make([]ui.Row, len(a.Past))
	for n, c := range a.Past {
		state, to := ui.Status{Label: "Charged", Tone: ui.Info, Shape: ui.Ticked}, r.Path("invoices", c.Invoice.String())
		if c.Status == portal.ChargeSkipped {
			state = ui.Status{Label: "Left out", Shape: ui.Dashed}
		}
		if c.Payment != nil {
			to = r.Path("payments", c.Payment.String())
		}
		rows[n] = ui.Row{Href: to, Cells: []templ.Component{ui.Titled(c.Number, c.Reason), ui.Chip(state), ui.Text(r.Date(c.DueOn)), ui.Amount(r.Amount(c.Amount))}}
	}
	return rows
}

func planButton(r *web.Request, c api.AutopayCharge, byHand bool, label string) templ.Component {
	hand := "false"
	if byHand {
		hand = "true"
	}
	return ui.PostButton(ui.Post{To: autopayPath(r, "charges"), Hidden: []ui.Hidden{
		{Name: "invoice", Value: c.Invoice.String()}, {Name: "due_on", Value: c.DueOn.String()}, {Name: "by_hand", Value: hand},
	}, Action: ui.Action{Label: label, About: c.Number, Size: ui.Small, Busy: "Saving…"}})
}
