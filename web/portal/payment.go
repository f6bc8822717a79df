package portal

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"countersign/api"
	"countersign/portal"
	"countersign/web"
	"countersign/web/ui"
)

// progress is a payment's page: the payment, and what its reader can do about it.
type progress struct {
	api.Payment
	// key for whatever is done next.
	key     string
	methods []api.PaymentMethod
	notice  *ui.Notice
	form    *web.Form
	// account has the parties for a receipt.
	account api.Account
	// settled says of a payment that came to nothing that its invoices aren't owed any more: they were paid otherwise.
	settled bool
}

// payment shows where a payment stands, until there is a receipt.
func (p pages) payment(r *web.Request) error {
	pay, err := p.readPayment(r)
	if portal.CodeOf(err) == portal.CodeNotFound && r.Query("begun") != "" {
		// The start was acknowledged, and its first step is a moment away.
		return r.Draw(http.StatusAccepted, startingPage(r))
	}
	if err != nil {
		return err
	}
	g := progress{Payment: pay, key: web.NewKey(), form: web.NewForm()}
	if r.Query("resumed") != "" && pay.Status.Live() {
		g.notice = &ui.Notice{Tone: ui.Info, Title: "You began this payment before", Words: "It holds some of the invoices that you chose. Finish it or cancel it, then pay the others."}
	}
	return p.drawPayment(r, http.StatusOK, g)
}

func (p pages) readPayment(r *web.Request) (api.Payment, error) {
	id, err := r.ID("payment", "payment")
	if err != nil {
		return api.Payment{}, err
	}
	out, err := p.GetMyPayment.Do(r.Context(), &api.PaymentInput{Org: r.Org.Slug, Payment: id})
	if err != nil {
		return api.Payment{}, err
	}
	return out.Body, nil
}

// drawPayment adds the saved cards, where there is one to choose.
func (p pages) drawPayment(r *web.Request, status int, g progress) error {
	if g.Status == portal.PaymentDeclined && mayPay(r) {
		saved, err := p.ListMyMethods.Do(r.Context(), &api.ListMyMethodsInput{Org: r.Org.Slug})
		if err != nil {
			return err
		}
		g.methods = saved.Body.Methods
	}
	if g.Status == portal.PaymentCanceled || g.Status == portal.PaymentFailed {
		g.settled = !slices.ContainsFunc(g.Invoices, func(i api.PaidInvoice) bool { return i.Owed })
	}
	if g.Status == portal.PaymentSucceeded {
		var err error
		if g.account, err = p.readAccount(r); err != nil {
			return err
		}
		return r.Draw(status, receiptPage(r, g))
	}
	return r.Draw(status, progressPage(r, g))
}

// paymentLive tells whoever may read the payment when to look again.
func (p pages) paymentLive(r *web.Request) error {
	pay, err := p.readPayment(r)
	if err != nil {
		return err
	}
	p.Stream(r.Writer(), r.HTTP(), pay.ID)
	return nil
}

// postRetry tries a declined payment again: with the same card or with another saved one. The processor's page, and an
// account instead of a card, take a payment of their own.
func (p pages) postRetry(r *web.Request) error {
	f, err := r.Form()
	if err != nil {
		return err
	}
	pay, err := p.readPayment(r)
	if err != nil {
		return err
	}
	if f.Value("method") == "checkout" {
		return p.payAnew(r, f, pay, nil)
	}
	saved, err := p.wallet(r)
	if err != nil {
		return err
	}
	for _, m := range saved.methods {
		if m.ID.String() == f.Value("method") && m.Kind != pay.Kind {
			return p.payAnew(r, f, pay, &m.ID)
		}
	}
	in := &api.RetryPaymentInput{Org: r.Org.Slug, Key: f.APIKey(), Payment: pay.ID}
	if _, err := web.Submit(r, f, p.RetryMine, in); err != nil {
		return p.refusedPayment(r, f, err)
	}
	// Should the bank ask for a confirmation, the page leads on to it.
	return r.Redirect(r.Path("payments", pay.ID.String()) + "?go=1")
}

// payAnew pays the same invoices with a saved method, or with a new card where there is none. The operation gives the
// declined payment up first.
func (p pages) payAnew(r *web.Request, f *web.Form, declined api.Payment, method *uuid.UUID) error {
	in := &api.PayInput{Org: r.Org.Slug, Key: f.APIKey()}
	in.Body.Expected = &declined.Amount.Amount // as the button says
	if in.Body.Way, in.Body.Method = "checkout", method; method != nil {
		in.Body.Way = "saved"
	}
	for _, i := range declined.Invoices {
		part := i.Amount.Amount
		if i.Credit != nil {
			part += i.Credit.Amount
			in.Body.Credit = true
		}
		in.Body.Invoices = append(in.Body.Invoices, api.PayInvoice{ID: i.ID, Amount: part})
	}
	out, err := p.Pay.Do(r.Context(), in)
	if err != nil {
		return p.refusedPayment(r, f, err)
	}
	to := r.Path("payments", out.Body.ID.String()) + "?go=1"
	if out.Status == http.StatusAccepted {
		to += "&begun=1"
	}
	return r.Redirect(to)
}

func (p pages) postCancel(r *web.Request) error {
	f, err := r.Form()
	if err != nil {
		return err
	}
	id, err := r.ID("payment", "payment")
	if err != nil {
		return err
	}
	in := &api.DecidePaymentInput{Org: r.Org.Slug, Key: f.APIKey(), Payment: id}
	if _, err := web.Submit(r, f, p.CancelPayment, in); err != nil {
		return p.refusedPayment(r, f, err)
	}
	return r.Redirect(r.Path("payments", id.String()))
}

// refusedPayment shows the payment as it is now, under why nothing was done.
func (p pages) refusedPayment(r *web.Request, f *web.Form, err error) error {
	refused, ok := errors.AsType[*portal.Error](err)
	if !ok || refused.Code == portal.CodeUnauthenticated {
		return err
	}
	pay, gone := p.readPayment(r)
	if gone != nil {
		return gone
	}
	g := progress{Payment: pay, key: web.NewKey(), form: f, notice: &ui.Notice{Tone: ui.Warning, Title: "This could not be done", Words: payWords(refused)}}
	if refused.Code == portal.CodeNotConfirmed {
		g.key = f.Key() // the same again is safe, and tells
		g.notice.Title, g.notice.Words = "This is not confirmed yet", "Press the same button again: nothing is ever done twice."
	}
	return p.drawPayment(r, api.StatusOf(err), g)
}

// live reports whether the page should follow the payment.
func (g progress) live() bool { return g.Status.Live() }

func progressShell(r *web.Request, g progress) ui.PortalShell {
	s := shell(r, "Payment", "Payments")
	s.Narrow = true
	s.Flash = g.notice
	switch {
	case g.onward(r):
		s.Head.Reload = &ui.Reload{After: 0, To: g.ActionURL}
	case g.live() && g.Status != portal.PaymentDeclined && g.Status != portal.PaymentProcessing:
		s.Head.Reload = &ui.Reload{After: 3}
		if g.Status == portal.PaymentAwaitingCustomer && !g.confirmed(r) {
			s.Head.Reload.After = 15
		}
	}
	return s
}

// onward reports whether the reader goes straight on to the processor's page: right after pressing Pay, never on coming back.
func (g progress) onward(r *web.Request) bool {
	return r.Query("go") != "" && g.mineToFinish(r)
}

// mineToFinish reports whether it is up to the reader to go on at the processor.
func (g progress) mineToFinish(r *web.Request) bool {
	return g.Status == portal.PaymentAwaitingCustomer && g.Mine && g.ActionURL != "" && mayPay(r) && !g.confirmed(r)
}

// confirmed reports whether the reader has paid at the processor and comes back from there, before its word has reached us:
// there is nothing left to do but wait a moment.
func (g progress) confirmed(r *web.Request) bool {
	back := map[string]string{"checkout": "checkout", "saved": "bank"}[g.Way]
	return g.Status == portal.PaymentAwaitingCustomer && g.Mine && back != "" && r.Query("from") == back
}

// heading says in a line where the payment stands, and below it what that means.
func (g progress) heading(r *web.Request) ui.Heading {
	h := ui.Heading{Back: &ui.Link{Label: "Payments", Href: r.Path("payments")}}
	who := g.StartedBy
	switch g.Status {
	case portal.PaymentReserved:
		h.Title, h.Subtitle = "Getting your payment ready", "This takes a moment. Nothing is charged yet."
		if g.Way == "checkout" && g.Mine {
			h.Title = "Opening the secure payment page…"
		}
	case portal.PaymentAwaitingCustomer:
		switch {
		case g.Mine && g.Way == "saved" && !g.confirmed(r):
			h.Title, h.Subtitle = "Your bank asks you to confirm", "Go on to your bank’s page to confirm this payment. Nothing is charged until you do."
		case g.Mine && r.Query("from") == "cancel":
			h.Title, h.Subtitle = "Your payment isn’t finished", "You came back without paying, and nothing was charged. You can go on, or cancel."
		case g.confirmed(r):
			h.Title, h.Subtitle = "Checking your payment", "The payment processor is telling us how it went. This takes a moment."
		case g.Mine:
			h.Title, h.Subtitle = "Continue to the secure payment page", "You enter your card there. Nothing is charged until you confirm."
		default:
			h.Title, h.Subtitle = who+" is paying right now", "Nothing is charged until they confirm."
		}
	case portal.PaymentCharging:
		h.Title, h.Subtitle = "Your payment is being charged", "This takes a moment. You can leave this page: we email you the receipt."
	case portal.PaymentProcessing:
		h.Title, h.Subtitle = "Your payment is on its way", "Your bank accepted it and is settling it, which takes a few working days. We email you when it is done."
	case portal.PaymentDeclined:
		h.Title, h.Subtitle = "Your card was declined", "Nothing was charged."
		if g.wantsBank() {
			h.Title, h.Subtitle = "Your bank wants you to confirm", "It charges this card only when its owner says so. Nothing was charged yet."
		}
		if g.Kind == "bank_debit" {
			h.Title = "Your bank declined the payment"
		}
	case portal.PaymentCanceled:
		h.Title, h.Subtitle = "This payment was cancelled", g.cameToNothing()
	case portal.PaymentFailed:
		h.Title, h.Subtitle = "This payment could not be made", g.cameToNothing()
	default:
		h.Title = "Payment"
	}
	return h
}

// cameToNothing says what that means for the invoices of a payment.
func (g progress) cameToNothing() string {
	if g.settled {
		return "Nothing was charged. What it was for has been settled since."
	}
	return "Nothing was charged, and its invoices can be paid again."
}

// wantsBank reports whether the last try was refused only because nobody was there to confirm it at the bank.
func (g progress) wantsBank() bool {
	n := len(g.Attempts)
	return g.Status == portal.PaymentDeclined && n > 0 && g.Attempts[n-1].Code == "authentication_required"
}

// againLabel is what the button that tries once more says.
func (g progress) againLabel(r *web.Request) string {
	if g.wantsBank() {
		return "Confirm with your bank"
	}
	return "Pay " + r.Money(g.Amount)
}

// steps is the payment's way, and where it is on it.
func (g progress) steps(r *web.Request) []ui.Step {
	reserved := ui.Step{Name: "Invoices set aside", Detail: "So that nobody pays them twice", State: ui.Done}
	confirm := ui.Step{Name: "You enter a card and confirm", State: ui.Waiting}
	switch {
	case g.Way == "saved":
		confirm.Name = "Your bank confirms"
	case !g.Mine:
		confirm.Name = g.StartedBy + " enters a card and confirms"
	}
	paid := ui.Step{Name: "Paid", Detail: "The receipt comes by email", State: ui.Waiting}
	switch g.Status {
	case portal.PaymentReserved:
		reserved.State = ui.Done
		confirm.State = ui.Current
	case portal.PaymentAwaitingCustomer:
		confirm.State = ui.Current
		if g.confirmed(r) {
			confirm.Name, confirm.State, paid.State = "You confirmed", ui.Done, ui.Current
		} else if g.ExpiresAt != nil {
			confirm.Detail = "The payment page is open until " + r.Clock(*g.ExpiresAt)
		}
	case portal.PaymentCharging:
		confirm.Name, confirm.State = "Being charged", ui.Current
	case portal.PaymentProcessing:
		confirm.Name, confirm.State, paid.State, paid.Detail = "Accepted by your bank", ui.Done, ui.Current, "Your bank is settling it"
	case portal.PaymentDeclined:
		confirm.State, confirm.Name = ui.Failed, "Declined by your bank"
		if g.wantsBank() {
			confirm.State, confirm.Name = ui.Current, "You confirm it with your bank"
		}
		if n := len(g.Attempts); n > 0 {
			confirm.Detail = r.Moment(g.Attempts[n-1].StartedAt).Shown
		}
	}
	return []ui.Step{reserved, confirm, paid}
}

// for what and with what the payment is, in a line.
func (g progress) purpose() string {
	var numbers []string
	for _, i := range g.Invoices {
		numbers = append(numbers, i.Number)
	}
	words := "For " + list(numbers, 5)
	if g.Last4 != "" {
		words += ", with " + web.PaidWith(g.Kind, g.ChargedTo)
	}
	return words
}

// list joins words as a sentence does, and counts those past the first few.
func list(words []string, few int) string {
	switch n := len(words); {
	case n == 0:
		return "no invoice"
	case n == 1:
		return words[0]
	case n > few:
		return strings.Join(words[:few], ", ") + " and " + web.Plural(n-few, "other", "others")
	default:
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
}

// declinedNotice says why, in plain words.
func (g progress) declinedNotice() ui.Notice {
	n := ui.Notice{Tone: ui.Failure, Title: "Why it was declined", Words: g.Failure}
	if g.Last4 != "" {
		n.Title = web.PaidWith(g.Kind, g.ChargedTo)
	}
	return n
}

// nextTry says when the payment is tried again by itself, and how to stop that.
func (g progress) nextTry(r *web.Request) ui.Notice {
	words := "The same way to pay is charged again then. To stop that, cancel this payment."
	if mayPay(r) {
		words = "You don’t have to do anything. To stop that, cancel this payment; or pay it now, with the same or another way to pay."
	}
	return ui.Notice{Tone: ui.Info, Title: "We try again on " + r.Instant(*g.NextTryAt), Words: words}
}

// tries are declines that happened on the processor's page, where one may try another card at once.
func (g progress) tries(r *web.Request) string {
	last, n := "", 0
	for _, t := range g.Attempts {
		if t.Outcome == "declined" {
			last, n = t.Message, n+1
		}
	}
	switch {
	case n == 0 || g.Status != portal.PaymentAwaitingCustomer || g.confirmed(r):
		return ""
	case n == 1:
		return "A card was declined. " + last
	default:
		return fmt.Sprintf("%d cards were declined. %s", n, last)
	}
}

// again are the ways to try a declined payment once more.
func (g progress) again() ui.Radio {
	radio := ui.Radio{Name: "method", Legend: "Try again with", Value: g.form.Value("method")}
	for _, m := range g.methods {
		o := ui.Option{Value: m.ID.String(), Label: web.Method(m), Icon: web.MethodIcon(m), Aside: expiry(m)}
		if g.Method != nil && m.ID == g.Method.ID {
			o.Hint = "The one that was declined"
			if g.wantsBank() {
				o.Hint = "You confirm it on your bank’s page"
			}
			if radio.Value == "" {
				radio.Value = o.Value
			}
		}
		radio.Options = append(radio.Options, o)
	}
	radio.Options = append(radio.Options, ui.Option{Value: "checkout", Label: "Another card", Hint: "You enter it on our payment processor’s own page.", Icon: ui.IconPlus})
	if radio.Value == "" {
		radio.Value = radio.Options[0].Value
	}
	return radio
}

// cancelable reports whether the reader can give the payment up. A charge in flight can't be.
func (g progress) cancelable(r *web.Request) bool {
	switch g.Status {
	case portal.PaymentReserved, portal.PaymentAwaitingCustomer, portal.PaymentDeclined:
		return mayPay(r) && !g.confirmed(r)
	}
	return false
}

func (g progress) stream(r *web.Request) ui.Live {
	l := ui.Live{ID: "payment"}
	if g.live() {
		l.Stream = r.Path("payments", g.ID.String(), "live")
	}
	return l
}

// payAgain pays the invoices of a payment that came to nothing.
func payAgain(r *web.Request, g progress) []ui.Action {
	back := ui.Action{Label: "Back to invoices", Href: r.Path("invoices") + "?status=unpaid"}
	if !mayPay(r) || g.settled {
		return []ui.Action{back}
	}
	to := r.Path("pay") + "?currency=" + string(g.Amount.Currency)
	if len(g.Invoices) == 1 {
		to = r.Path("pay") + "?invoice=" + g.Invoices[0].ID.String()
	}
	return []ui.Action{{Label: "Pay again", Href: to, Kind: ui.Primary}, back}
}

// allocated is how a payment was spread over its invoices, R37.
func allocated(r *web.Request, g progress) ui.Table {
	t := ui.Table{Caption: "How this payment was allocated", Open: true, Columns: []ui.Column{
		{Label: "Invoice", Place: ui.Lead}, {Label: "Due"}, {Label: "Paid", Numeric: true, Place: ui.FigureAt},
	}}
	for _, i := range g.Invoices {
		if i.State != "applied" {
			continue
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []templ.Component{ui.Titled(i.Number, i.Title), ui.Text(r.Date(i.DueDate)), ui.Text(r.Money(i.Amount))}})
	}
	return t
}

func receiptSums(r *web.Request, g progress) []ui.Sum {
	sums := []ui.Sum{}
	if g.Credit.Amount > 0 {
		sums = append(sums, ui.Sum{Label: "Kept as your credit", Value: r.Money(g.Credit)})
	}
	return append(sums, ui.Sum{Label: "Paid", Value: r.Money(g.Received), Grand: true})
}

// payee is whom a receipt is from.
func payee(g progress) ui.Party {
	o := g.account.Organization
	return ui.Party{Name: cmp.Or(o.LegalName, o.Name), Address: strings.Join(o.Address, "\n")}
}

// receiptFacts say who paid, when and with what.
func receiptFacts(r *web.Request, g progress) []ui.Fact {
	by := append([]string{g.account.Company.Name}, g.account.Company.BillingAddress.Lines()...)
	var facts []ui.Fact
	if g.PaidAt != nil {
		facts = append(facts, ui.Fact{Term: "Date", Value: r.Instant(*g.PaidAt)})
	}
	return append(facts, ui.Fact{Term: "With", Value: web.PaidWith(g.Kind, g.ChargedTo)}, ui.Fact{Term: "Made by", Value: g.StartedBy}, ui.Fact{Term: "Paid by", Value: strings.Join(by, "\n")})
}

func startingShell(r *web.Request) ui.PortalShell {
	s := shell(r, "Payment", "Payments")
	s.Narrow = true
	s.Head.Reload = &ui.Reload{After: 2}
	return s
}

// startingLive asks for a stream that there is none of yet: the browser asks again until there is.
func startingLive(r *web.Request) ui.Live {
	id, err := uuid.Parse(r.Param("payment"))
	if err != nil {
		return ui.Live{ID: "payment"}
	}
	return ui.Live{ID: "payment", Stream: r.Path("payments", id.String(), "live")}
}
