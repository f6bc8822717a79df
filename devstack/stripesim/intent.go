package stripesim

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// intent is a PaymentIntent: one sum to be taken from one customer, with as many
// attempts as it needs.
type intent struct {
	ID           string            `json:"id"`
	Secret       string            `json:"secret"`
	Amount       int64             `json:"amount"`
	Received     int64             `json:"received"`
	Currency     string            `json:"currency"`
	Customer     string            `json:"customer"`
	Method       string            `json:"method"`
	Types        []string          `json:"types"`
	Status       string            `json:"status"`
	Description  string            `json:"description"`
	Metadata     map[string]string `json:"metadata"`
	FutureUsage  string            `json:"future_usage"` // "", on_session or off_session
	ReturnURL    string            `json:"return_url"`
	NextURL      string            `json:"next_url"` // where to authenticate
	Charge       string            `json:"charge"`   // the latest
	LastError    doc               `json:"last_error,omitempty"`
	Session      string            `json:"session"` // the Checkout session it belongs to
	CanceledAt   int64             `json:"canceled_at"`
	CancelReason string            `json:"cancel_reason"`
	Created      int64             `json:"created"`
}

func (*intent) kind() string    { return "intent" }
func (pi *intent) key() string  { return pi.ID }
func (pi *intent) stamp() int64 { return pi.Created }

// The states of an intent. Ours are always captured at once.
const (
	requiresMethod       = "requires_payment_method"
	requiresConfirmation = "requires_confirmation"
	requiresAction       = "requires_action"
	processing           = "processing"
	canceled             = "canceled"
	succeeded            = "succeeded"
)

func (t *tx) intentDoc(i *intent) doc {
	d := doc{
		"id":                          i.ID,
		"object":                      "payment_intent",
		"amount":                      i.Amount,
		"amount_capturable":           0,
		"amount_details":              doc{"tip": doc{}},
		"amount_received":             i.Received,
		"application":                 nil,
		"application_fee_amount":      nil,
		"automatic_payment_methods":   nil,
		"canceled_at":                 unixOrNull(i.CanceledAt),
		"cancellation_reason":         orNull(i.CancelReason),
		"capture_method":              "automatic",
		"client_secret":               i.Secret,
		"confirmation_method":         "automatic",
		"created":                     i.Created,
		"currency":                    i.Currency,
		"customer":                    orNull(i.Customer),
		"description":                 orNull(i.Description),
		"invoice":                     nil,
		"last_payment_error":          nil,
		"latest_charge":               orNull(i.Charge),
		"livemode":                    false,
		"metadata":                    i.Metadata,
		"next_action":                 nil,
		"on_behalf_of":                nil,
		"payment_method":              orNull(i.Method),
		"payment_method_options":      doc{},
		"payment_method_types":        i.Types,
		"processing":                  nil,
		"receipt_email":               nil,
		"review":                      nil,
		"setup_future_usage":          orNull(i.FutureUsage),
		"shipping":                    nil,
		"statement_descriptor":        nil,
		"statement_descriptor_suffix": nil,
		"status":                      i.Status,
		"transfer_data":               nil,
		"transfer_group":              nil,
	}
	if i.LastError != nil {
		d["last_payment_error"] = i.LastError
	}
	if i.Status == requiresAction {
		d["next_action"] = doc{
			"type":            "redirect_to_url",
			"redirect_to_url": doc{"url": i.NextURL, "return_url": orNull(i.ReturnURL)},
		}
	}
	return d
}

func createIntent(t *tx, f *form, r *http.Request) (doc, *problem) {
	pi := &intent{
		ID:       t.id("pi_3"),
		Amount:   f.num("amount"),
		Currency: strings.ToLower(f.need("currency")),
		Created:  t.now().Unix(),
		Status:   requiresMethod,
	}
	pi.Secret = t.s.newID(pi.ID+"_secret_", 25)
	if !f.has("amount") {
		f.fault(missing("amount"))
	}
	pi.Types = f.strs("payment_method_types")
	if len(pi.Types) == 0 {
		pi.Types = []string{"card"}
	}
	f.oneOf("capture_method", "automatic")
	f.oneOf("confirmation_method", "automatic")
	confirm := f.flag("confirm")
	a := readAttempt(f)
	if p := t.readIntent(f, pi); p != nil {
		return nil, p
	}
	if p := checkTypes(pi.Types); p != nil {
		return nil, p
	}
	if p := checkAmount(pi.Amount, pi.Currency); p != nil {
		return nil, p
	}
	t.put(pi)
	t.emit("payment_intent.created", t.intentDoc(pi))
	if confirm {
		a.method = ""
		if p := t.confirm(pi, a, r); p != nil {
			return nil, p
		}
	}
	return t.intentDoc(pi), nil
}

// checkTypes refuses kinds of payment method that aren't simulated.
func checkTypes(types []string) *problem {
	for i, kind := range types {
		if kind != "card" && kind != "us_bank_account" {
			return invalid(fmt.Sprintf("payment_method_types[%d]", i), "", "The payment method type \"%s\" is invalid.", kind)
		}
	}
	return nil
}

// readIntent reads what can be given when an intent is made and changed later.
func (t *tx) readIntent(f *form, pi *intent) *problem {
	readString(f, "description", &pi.Description)
	readString(f, "setup_future_usage", &pi.FutureUsage)
	mergeMetadata(f, &pi.Metadata)
	customerID, methodID := f.str("customer"), f.str("payment_method")
	f.ignore("receipt_email", "shipping", "statement_descriptor", "statement_descriptor_suffix", "payment_method_options", "automatic_payment_methods", "transfer_group")
	if p := f.check(); p != nil {
		return p
	}
	if customerID != "" {
		if _, ok := t.customer(customerID); !ok {
			return noSuch("customer", "customer", customerID)
		}
		pi.Customer = customerID
	}
	if methodID != "" {
		return t.useMethod(pi, methodID)
	}
	return nil
}

// useMethod puts a method on an intent, or says why it may not be.
func (t *tx) useMethod(pi *intent, id string) *problem {
	m, ok := t.method(id)
	switch {
	case !ok:
		return noSuch("payment_method", "PaymentMethod", id)
	case m.Customer != "" && m.Customer != pi.Customer:
		return refused("", "The provided PaymentMethod cannot be attached. To reuse a PaymentMethod, you must attach it to a Customer first.")
	case !slices.Contains(pi.Types, m.Type):
		return refused("payment_intent_incompatible_payment_method", "The PaymentMethod provided (%s) is not allowed for this PaymentIntent. Please attach a PaymentMethod of one of the following types: %s.", m.Type, strings.Join(pi.Types, ", "))
	}
	pi.Method = m.ID
	if pi.Status == requiresMethod {
		pi.Status = requiresConfirmation
	}
	return nil
}

func (t *tx) intent(r *http.Request) (*intent, *problem) {
	id := r.PathValue("id")
	pi, ok := get[*intent](t, id)
	if !ok {
		return nil, absent("payment_intent", id)
	}
	return pi, nil
}

func getIntent(t *tx, f *form, r *http.Request) (doc, *problem) {
	f.ignore("client_secret")
	if p := f.check(); p != nil {
		return nil, p
	}
	pi, p := t.intent(r)
	if p != nil {
		return nil, p
	}
	return t.intentDoc(pi), nil
}

func listIntents(t *tx, f *form, r *http.Request) (doc, *problem) {
	customerID := f.str("customer")
	found := list(t, func(i *intent) bool { return customerID == "" || i.Customer == customerID })
	return paged(f, r, found, t.intentDoc)
}

func updateIntent(t *tx, f *form, r *http.Request) (doc, *problem) {
	pi, p := t.intent(r)
	if p != nil {
		return nil, p
	}
	if !slices.Contains([]string{requiresMethod, requiresConfirmation, requiresAction}, pi.Status) {
		return nil, t.unexpected(pi, "updated", "requires_payment_method, requires_confirmation, requires_action")
	}
	changed := *pi
	changed.Metadata = cloneMetadata(pi.Metadata)
	if f.has("amount") {
		changed.Amount = f.num("amount")
	}
	if p := t.readIntent(f, &changed); p != nil {
		return nil, p
	}
	if p := checkAmount(changed.Amount, changed.Currency); p != nil {
		return nil, p
	}
	*pi = changed
	t.put(pi)
	return t.intentDoc(pi), nil
}

// unexpected is a call that an intent's state doesn't allow.
func (t *tx) unexpected(pi *intent, verb, allowed string) *problem {
	p := refused("payment_intent_unexpected_state", "This PaymentIntent could not be %s because it has a status of %s. Only a PaymentIntent with one of the following statuses may be %s: %s.", verb, pi.Status, verb, allowed)
	if verb == "confirmed" && pi.Status == succeeded {
		p.message = "You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed."
	}
	p.intent = t.intentDoc(pi)
	return p
}

// attempt is what a confirmation says.
type attempt struct {
	method     string
	offSession bool
	returnURL  string
}

func readAttempt(f *form) attempt {
	a := attempt{
		method:     f.str("payment_method"),
		offSession: f.flag("off_session"),
		returnURL:  f.str("return_url"),
	}
	f.ignore("mandate_data", "mandate", "use_stripe_sdk")
	return a
}

func confirmIntent(t *tx, f *form, r *http.Request) (doc, *problem) {
	pi, p := t.intent(r)
	if p != nil {
		return nil, p
	}
	a := readAttempt(f)
	futureUsage := pi.FutureUsage
	readString(f, "setup_future_usage", &futureUsage)
	f.ignore("payment_method_options", "receipt_email", "shipping")
	if p := f.check(); p != nil {
		return nil, p
	}
	if pi.Session != "" {
		return nil, refused("payment_intent_unexpected_state", "You cannot confirm this PaymentIntent because it was created by a Checkout Session.")
	}
	pi.FutureUsage = futureUsage
	if p := t.confirm(pi, a, r); p != nil {
		return nil, p
	}
	return t.intentDoc(pi), nil
}

// confirm makes an attempt. What it changed stands even if it gives a problem.
func (t *tx) confirm(pi *intent, a attempt, r *http.Request) *problem {
	if pi.Status != requiresMethod && pi.Status != requiresConfirmation && pi.Status != requiresAction {
		return t.unexpected(pi, "confirmed", "requires_confirmation, requires_action, requires_payment_method")
	}
	if a.method != "" {
		if p := t.useMethod(pi, a.method); p != nil {
			return p
		}
	}
	m, ok := get[*method](t, pi.Method)
	if !ok {
		p := refused("payment_intent_unexpected_state", "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken.")
		p.intent = t.intentDoc(pi)
		return p
	}
	pi.ReturnURL = a.returnURL
	if pi.Session == "" {
		// The page of a session has its own way back.
		pi.NextURL = t.base(r) + "/c/authenticate/" + pi.ID
	}
	return t.try(pi, m, a.offSession)
}

// try charges a method, unless its owner must authenticate first.
func (t *tx) try(pi *intent, m *method, offSession bool) *problem {
	if m.Type == "us_bank_account" {
		t.debit(pi, m)
		return nil
	}
	asks := m.asks(offSession)
	if asks && offSession {
		return t.decline(pi, m, "authentication_required")
	}
	if asks {
		pi.Status, pi.LastError = requiresAction, nil
		t.put(pi)
		t.emit("payment_intent.requires_action", t.intentDoc(pi))
		return nil
	}
	return t.capture(pi, m)
}

// asks reports whether a charge needs the customer to authenticate.
func (m *method) asks(offSession bool) bool {
	switch m.card().auth {
	case authAlways:
		return true
	case authUnlessSaved:
		return !offSession || !m.OffSession
	case authOnSession:
		return !offSession
	case authNever:
	}
	return false
}

// capture charges a card, with authentication behind it.
func (t *tx) capture(pi *intent, m *method) *problem {
	reason := m.card().decline
	if expired(m.ExpMonth, m.ExpYear, t.now()) {
		reason = "expired_card"
	}
	if next, ok := t.nextOutcome(m); ok {
		reason = next
	}
	if reason != "" {
		return t.decline(pi, m, reason)
	}
	c := t.newCharge(pi, m, "succeeded")
	t.put(c)
	t.receive(pi, m, c)
	return nil
}

// nextOutcome takes the outcome that [Admin.Decline] set for the next charge.
func (t *tx) nextOutcome(m *method) (string, bool) {
	if len(m.Next) == 0 {
		return "", false
	}
	reason := m.Next[0]
	m.Next = m.Next[1:]
	t.put(m)
	return strings.TrimPrefix(reason, "ok"), true
}

// receive ends an intent with its money in.
func (t *tx) receive(pi *intent, m *method, c *charge) {
	pi.Status, pi.Received, pi.LastError, pi.NextURL = succeeded, pi.Amount, nil, ""
	t.put(pi)
	t.emit("charge.succeeded", t.chargeDoc(c))
	t.keep(pi, m)
	t.emit("payment_intent.succeeded", t.intentDoc(pi))
	t.afterwards(c, m)
}

// keep saves the method if the intent asked for that.
func (t *tx) keep(pi *intent, m *method) {
	if pi.FutureUsage == "" || pi.Customer == "" {
		return
	}
	if pi.FutureUsage == "off_session" {
		m.OffSession = true
		t.put(m)
	}
	t.attach(m, pi.Customer)
}

// decline refuses a charge. An authentication that can't be given leaves no
// charge; every other refusal does.
func (t *tx) decline(pi *intent, m *method, reason string) *problem {
	p := declined(reason)
	c := t.newCharge(pi, m, "failed")
	c.FailureCode, c.Failure = p.code, p.message
	t.put(c)
	t.emit("charge.failed", t.chargeDoc(c))
	p.charge = c.ID
	return t.fail(pi, m, p)
}

// fail leaves an intent waiting for another attempt, and gives the problem that
// the confirmation is answered with. As at Stripe, the method that failed is
// taken off the intent.
func (t *tx) fail(pi *intent, m *method, p *problem) *problem {
	p.method = m.doc()
	pi.LastError, _ = p.doc()["error"].(doc)
	pi.Status, pi.Method, pi.NextURL = requiresMethod, "", ""
	t.put(pi)
	t.emit("payment_intent.payment_failed", t.intentDoc(pi))
	p.intent = t.intentDoc(pi)
	return p
}

// debit asks a bank for the money, which takes days.
func (t *tx) debit(pi *intent, m *method) {
	c := t.newCharge(pi, m, "pending")
	t.put(c)
	pi.Status, pi.LastError = processing, nil
	t.put(pi)
	t.keep(pi, m)
	t.emit("charge.pending", t.chargeDoc(c))
	t.emit("payment_intent.processing", t.intentDoc(pi))
	if !m.bank().stuck {
		t.after(t.s.opts.BankSettle, whatSettle, pi.ID)
	}
}

// settle ends a debit as its test account says, or with the failure given; "ok"
// settles it well whatever the account.
func (t *tx) settle(pi *intent, failure string) {
	m, ok := get[*method](t, pi.Method)
	c, charged := get[*charge](t, pi.Charge)
	if !ok || !charged || pi.Status != processing {
		return
	}
	t.never(whatSettle, pi.ID)
	if failure == "" {
		failure = m.bank().failure
		if next, ok := t.nextOutcome(m); ok {
			failure = next
		}
	}
	if failure == "ok" {
		failure = ""
	}
	cs, inSession := get[*session](t, pi.Session)
	if failure == "" {
		c.Status = "succeeded"
		t.put(c)
		t.receive(pi, m, c)
		if inSession {
			cs.PaymentStatus = "paid"
			t.put(cs)
			t.emit("checkout.session.async_payment_succeeded", cs.doc())
		}
		return
	}
	p := debitFailed(failure)
	c.Status, c.FailureCode, c.Failure = "failed", failure, p.message
	t.put(c)
	t.emit("charge.failed", t.chargeDoc(c))
	p.charge = c.ID
	t.fail(pi, m, p)
	if inSession {
		t.emit("checkout.session.async_payment_failed", cs.doc())
	}
}

// authenticated goes on after the customer has authenticated, or hasn't.
func (t *tx) authenticated(pi *intent, passed bool) *problem {
	m, ok := get[*method](t, pi.Method)
	if !ok || pi.Status != requiresAction {
		return t.unexpected(pi, "authenticated", requiresAction)
	}
	if !passed {
		return t.fail(pi, m, &problem{
			status:  402,
			kind:    "card_error",
			code:    "payment_intent_authentication_failure",
			message: "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
		})
	}
	return t.capture(pi, m)
}

func cancelIntent(t *tx, f *form, r *http.Request) (doc, *problem) {
	pi, p := t.intent(r)
	if p != nil {
		return nil, p
	}
	reason := f.str("cancellation_reason")
	if p := f.check(); p != nil {
		return nil, p
	}
	if cs, ok := get[*session](t, pi.Session); ok && cs.Status == "open" {
		return nil, refused("payment_intent_unexpected_state", "You cannot cancel this PaymentIntent because it was created by a Checkout Session that is still open. Expire the session instead.")
	}
	if pi.Status != requiresMethod && pi.Status != requiresConfirmation && pi.Status != requiresAction {
		return nil, t.unexpected(pi, "canceled", "requires_payment_method, requires_capture, requires_confirmation, requires_action")
	}
	t.cancel(pi, reason)
	return t.intentDoc(pi), nil
}

// cancel gives an intent up.
func (t *tx) cancel(pi *intent, reason string) {
	pi.Status, pi.CancelReason, pi.CanceledAt, pi.NextURL = canceled, reason, t.now().Unix(), ""
	t.put(pi)
	t.emit("payment_intent.canceled", t.intentDoc(pi))
}

// returnTo is where an authentication that was asked for through the API leads
// back to, with what Stripe adds to the address.
func (pi *intent) returnTo() string {
	u, err := url.Parse(pi.ReturnURL)
	if err != nil || pi.ReturnURL == "" {
		return ""
	}
	status := "failed"
	if pi.Status == succeeded || pi.Status == processing {
		status = "succeeded"
	}
	q := u.Query()
	q.Set("payment_intent", pi.ID)
	q.Set("payment_intent_client_secret", pi.Secret)
	q.Set("redirect_status", status)
	u.RawQuery = q.Encode()
	return u.String()
}
