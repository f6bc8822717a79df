package stripesim

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// session is a Checkout session: a page on which one customer pays once, or saves
// a method.
type session struct {
	ID        string `json:"id"`
	URL       string `json:"url"`
	Mode      string `json:"mode"`   // payment or setup
	Status    string `json:"status"` // open, complete, expired
	Reference string `json:"reference"`
	Customer  string `json:"customer"`
	// Email is the customer's, or the one that the session was made for.
	Email         string            `json:"email"`
	Currency      string            `json:"currency"`
	Lines         []lineItem        `json:"lines"`
	Types         []string          `json:"types"`
	PaymentStatus string            `json:"payment_status"` // paid, unpaid, no_payment_required
	Intent        string            `json:"intent"`
	Setup         string            `json:"setup"`
	SuccessURL    string            `json:"success_url"`
	CancelURL     string            `json:"cancel_url"`
	Billing       string            `json:"billing"` // auto or required
	SaveOffered   bool              `json:"save_offered"`
	SubmitType    string            `json:"submit_type"`
	Metadata      map[string]string `json:"metadata"`
	// What the intent will be given.
	IntentMetadata    map[string]string `json:"intent_metadata"`
	IntentDescription string            `json:"intent_description"`
	FutureUsage       string            `json:"future_usage"`
	ExpiresAt         int64             `json:"expires_at"`
	Created           int64             `json:"created"`
	// Details are what the customer typed.
	Details *billing `json:"details,omitempty"`
}

func (*session) kind() string    { return "session" }
func (cs *session) key() string  { return cs.ID }
func (cs *session) stamp() int64 { return cs.Created }

// lineItem is one line of what is being paid.
type lineItem struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Unit        int64  `json:"unit"`
	Quantity    int64  `json:"quantity"`
}

// Total is what the line comes to.
func (l lineItem) Total() int64 { return l.Unit * l.Quantity }

func (cs *session) amount() int64 {
	var sum int64
	for _, l := range cs.Lines {
		sum += l.Total()
	}
	return sum
}

func (cs *session) doc() doc {
	d := doc{
		"id":                         cs.ID,
		"object":                     "checkout.session",
		"after_expiration":           nil,
		"allow_promotion_codes":      nil,
		"amount_subtotal":            nil,
		"amount_total":               nil,
		"automatic_tax":              doc{"enabled": false, "status": nil},
		"billing_address_collection": cs.Billing,
		"cancel_url":                 orNull(cs.CancelURL),
		"client_reference_id":        orNull(cs.Reference),
		"consent":                    nil,
		"consent_collection":         nil,
		"created":                    cs.Created,
		"currency":                   orNull(cs.Currency),
		"custom_fields":              []doc{},
		"custom_text":                doc{"shipping_address": nil, "submit": nil},
		"customer":                   orNull(cs.Customer),
		"customer_creation":          nil,
		"customer_details":           nil,
		"customer_email":             nil,
		"expires_at":                 cs.ExpiresAt,
		"invoice":                    nil,
		"livemode":                   false,
		"locale":                     nil,
		"metadata":                   cs.Metadata,
		"mode":                       cs.Mode,
		"payment_intent":             orNull(cs.Intent),
		"payment_link":               nil,
		"payment_method_collection":  "always",
		"payment_method_options":     doc{},
		"payment_method_types":       cs.Types,
		"payment_status":             cs.PaymentStatus,
		"phone_number_collection":    doc{"enabled": false},
		"setup_intent":               orNull(cs.Setup),
		"shipping_options":           []doc{},
		"status":                     cs.Status,
		"submit_type":                orNull(cs.SubmitType),
		"subscription":               nil,
		"success_url":                cs.SuccessURL,
		"total_details":              nil,
		"ui_mode":                    "hosted",
		"url":                        nil,
	}
	if cs.Mode == "payment" {
		d["amount_subtotal"], d["amount_total"] = cs.amount(), cs.amount()
		d["total_details"] = doc{"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0}
		d["payment_method_collection"] = "if_required"
	}
	if cs.Status == "open" {
		d["url"] = cs.URL
	}
	if cs.Details != nil {
		d["customer_details"] = doc{
			"address":    cs.Details.Address.doc(),
			"email":      orNull(cs.Details.Email),
			"name":       orNull(cs.Details.Name),
			"phone":      orNull(cs.Details.Phone),
			"tax_exempt": "none",
			"tax_ids":    []doc{},
		}
	}
	return d
}

// Checkout sessions live at least half an hour and at most, and by default, a day.
const (
	shortestSession = 30 * time.Minute
	longestSession  = 24 * time.Hour
)

func createSession(t *tx, f *form, r *http.Request) (doc, *problem) {
	now := t.now()
	cs := &session{
		ID:          t.s.newID("cs_test_a1", 56),
		Mode:        f.need("mode"),
		Status:      "open",
		Reference:   f.str("client_reference_id"),
		Customer:    f.str("customer"),
		Email:       f.str("customer_email"),
		Types:       f.strs("payment_method_types"),
		SuccessURL:  f.need("success_url"),
		CancelURL:   f.str("cancel_url"),
		Billing:     f.oneOf("billing_address_collection", "auto", "required"),
		SaveOffered: f.oneOf("saved_payment_method_options[payment_method_save]", "disabled", "enabled") == "enabled",
		SubmitType:  f.str("submit_type"),
		Metadata:    f.dict("metadata"),
		ExpiresAt:   now.Add(longestSession).Unix(),
		Created:     now.Unix(),
	}
	cs.URL = t.base(r) + "/c/pay/" + cs.ID
	if f.has("expires_at") {
		cs.ExpiresAt = f.num("expires_at")
		left := time.Unix(cs.ExpiresAt, 0).Sub(now)
		if left < shortestSession {
			f.fault(invalid("expires_at", "", "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation."))
		} else if left > longestSession {
			f.fault(invalid("expires_at", "", "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation."))
		}
	}
	if len(cs.Types) == 0 {
		cs.Types = []string{"card"}
	}
	f.ignore("locale", "customer_update", "customer_creation", "payment_method_options", "custom_text", "consent_collection", "phone_number_collection", "allow_promotion_codes")
	setupMetadata := f.dict("setup_intent_data[metadata]")
	setupDescription := f.str("setup_intent_data[description]")
	switch cs.Mode {
	case "payment":
		readSessionPayment(f, cs)
	case "setup":
		cs.PaymentStatus = "no_payment_required"
		cs.Currency = strings.ToLower(f.str("currency"))
		if f.under("line_items") {
			f.ignore("line_items")
			f.fault(invalid("line_items", "", "`line_items` are not supported in `setup` mode."))
		}
	case "":
	default:
		f.fault(invalid("mode", "", "Invalid mode: must be one of payment or setup"))
	}
	if p := f.check(); p != nil {
		return nil, p
	}
	if p := checkTypes(cs.Types); p != nil {
		return nil, p
	}
	if p := t.checkSession(cs); p != nil {
		return nil, p
	}
	if cs.Mode == "setup" {
		si := t.newSetup(cs.Customer, cs.Types)
		si.Metadata, si.Description, si.Session = setupMetadata, setupDescription, cs.ID
		t.put(si)
		cs.Setup = si.ID
		t.emit("setup_intent.created", si.doc())
	}
	t.put(cs)
	// The date that is shown is by the clock of what is written down; the
	// wait for it is by the clock that can be moved.
	t.after(time.Unix(cs.ExpiresAt, 0).Sub(now), whatExpire, cs.ID)
	return cs.doc(), nil
}

// readSessionPayment reads what only a session that takes money has.
func readSessionPayment(f *form, cs *session) {
	cs.PaymentStatus = "unpaid"
	cs.IntentMetadata = f.dict("payment_intent_data[metadata]")
	cs.IntentDescription = f.str("payment_intent_data[description]")
	cs.FutureUsage = f.str("payment_intent_data[setup_future_usage]")
	cs.Currency = strings.ToLower(f.str("currency"))
	f.ignore("payment_intent_data[statement_descriptor]", "payment_intent_data[statement_descriptor_suffix]", "payment_intent_data[receipt_email]")
	for _, item := range f.items("line_items") {
		currency := strings.ToLower(f.need(item + "[price_data][currency]"))
		if cs.Currency == "" {
			cs.Currency = currency
		}
		if currency != cs.Currency {
			f.fault(invalid(item+"[price_data][currency]", "", "All line items must have the same currency."))
		}
		if !f.has(item + "[price_data][unit_amount]") {
			f.fault(missing(item + "[price_data][unit_amount]"))
		}
		cs.Lines = append(cs.Lines, lineItem{
			Name:        f.need(item + "[price_data][product_data][name]"),
			Description: f.str(item + "[price_data][product_data][description]"),
			Unit:        f.num(item + "[price_data][unit_amount]"),
			Quantity:    f.num(item + "[quantity]"),
		})
		if n := cs.Lines[len(cs.Lines)-1].Quantity; n < 1 {
			f.fault(missing(item + "[quantity]"))
		}
	}
	if len(cs.Lines) == 0 {
		f.fault(invalid("line_items", "parameter_missing", "You must provide `line_items` in `payment` mode."))
	}
}

// checkSession checks what is in a session against what there is.
func (t *tx) checkSession(cs *session) *problem {
	if cs.Mode == "payment" {
		if p := checkAmount(cs.amount(), cs.Currency); p != nil {
			p.param = ""
			p.message = "The Checkout Session's total amount can't be charged: " + p.message
			return p
		}
		if cs.Currency != "usd" && slices.Contains(cs.Types, "us_bank_account") {
			return invalid("payment_method_types", "", "The payment method `us_bank_account` cannot be used with currency `%s`.", cs.Currency)
		}
	}
	for param, address := range map[string]string{"success_url": cs.SuccessURL, "cancel_url": cs.CancelURL} {
		if u, err := url.Parse(address); address != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
			return invalid(param, "url_invalid", "Not a valid URL")
		}
	}
	if cs.Customer != "" {
		c, ok := t.customer(cs.Customer)
		if !ok {
			return noSuch("customer", "customer", cs.Customer)
		}
		cs.Email = c.Email
	}
	return nil
}

func (t *tx) session(r *http.Request) (*session, *problem) {
	cs, ok := get[*session](t, r.PathValue("id"))
	if !ok {
		return nil, absent("checkout.session", r.PathValue("id"))
	}
	return cs, nil
}

func getSession(t *tx, f *form, r *http.Request) (doc, *problem) {
	if p := f.check(); p != nil {
		return nil, p
	}
	cs, p := t.session(r)
	if p != nil {
		return nil, p
	}
	return cs.doc(), nil
}

func listSessions(t *tx, f *form, r *http.Request) (doc, *problem) {
	customerID, intentID, status := f.str("customer"), f.str("payment_intent"), f.str("status")
	found := list(t, func(cs *session) bool {
		return (customerID == "" || cs.Customer == customerID) &&
			(intentID == "" || cs.Intent == intentID) &&
			(status == "" || cs.Status == status)
	})
	return paged(f, r, found, (*session).doc)
}

func expireSession(t *tx, f *form, r *http.Request) (doc, *problem) {
	if p := f.check(); p != nil {
		return nil, p
	}
	cs, p := t.session(r)
	if p != nil {
		return nil, p
	}
	if cs.Status != "open" {
		return nil, refused("", "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of `%s`.", cs.Status)
	}
	t.expire(cs)
	return cs.doc(), nil
}

// expire closes a session, and gives up the intent that it may have made.
func (t *tx) expire(cs *session) {
	t.never(whatExpire, cs.ID)
	cs.Status = "expired"
	t.put(cs)
	if pi, ok := get[*intent](t, cs.Intent); ok && pi.Status != succeeded && pi.Status != canceled && pi.Status != processing {
		t.cancel(pi, "automatic")
	}
	if si, ok := get[*setupIntent](t, cs.Setup); ok && si.Status != succeeded && si.Status != canceled {
		si.Status = canceled
		t.put(si)
		t.emit("setup_intent.canceled", si.doc())
	}
	t.emit("checkout.session.expired", cs.doc())
}

// complete closes a session in which the customer has confirmed.
func (t *tx) complete(cs *session) {
	t.never(whatExpire, cs.ID)
	cs.Status = "complete"
	if pi, ok := get[*intent](t, cs.Intent); ok && pi.Status == succeeded {
		cs.PaymentStatus = "paid"
	}
	t.put(cs)
	t.emit("checkout.session.completed", cs.doc())
}

// entry is what a person fills in on the page.
type entry struct {
	Kind    string `json:"kind"` // card, or us_bank_account
	Number  string `json:"number"`
	Expiry  string `json:"expiry"` // MM / YY
	CVC     string `json:"cvc"`
	Routing string `json:"routing"`
	Account string `json:"account"`
	Name    string `json:"name"`
	Line1   string `json:"line1"`
	City    string `json:"city"`
	State   string `json:"state"`
	Postal  string `json:"postal"`
	Country string `json:"country"`
	Save    bool   `json:"save"`
}

// pay makes an attempt in a session. If it worked the session is complete, unless
// the customer has to authenticate first.
func (t *tx) pay(cs *session, m *method, save bool, base string) *problem {
	t.put(m)
	details := m.Billing
	details.Email = cs.Email
	cs.Details = &details
	t.put(cs)
	next := base + "/c/authenticate/"
	if cs.Mode == "setup" {
		si, ok := get[*setupIntent](t, cs.Setup)
		if !ok {
			return absent("setupintent", cs.Setup)
		}
		si.Method, si.NextURL = m.ID, next+si.ID
		if p := t.trySetup(si, m); p != nil {
			return p
		}
		if si.Status == succeeded {
			t.complete(cs)
		}
		return nil
	}
	pi, ok := get[*intent](t, cs.Intent)
	if !ok {
		pi = t.sessionIntent(cs)
	}
	pi.FutureUsage = cs.FutureUsage
	// The tick box is for cards only.
	if pi.FutureUsage == "" && save && cs.SaveOffered && m.Type == "card" {
		pi.FutureUsage = "on_session"
	}
	pi.Method, pi.NextURL = m.ID, next+pi.ID
	if p := t.try(pi, m, false); p != nil {
		return p
	}
	if pi.Status == succeeded || pi.Status == processing {
		t.complete(cs)
	}
	return nil
}

// sessionIntent makes the intent of a session, which there is none of until the
// customer first confirms.
func (t *tx) sessionIntent(cs *session) *intent {
	pi := &intent{
		ID:          t.id("pi_3"),
		Amount:      cs.amount(),
		Currency:    cs.Currency,
		Customer:    cs.Customer,
		Types:       cs.Types,
		Status:      requiresMethod,
		Description: cs.IntentDescription,
		Metadata:    cs.IntentMetadata,
		Session:     cs.ID,
		Created:     t.now().Unix(),
	}
	pi.Secret = t.s.newID(pi.ID+"_secret_", 25)
	cs.Intent = pi.ID
	t.put(pi)
	t.put(cs)
	t.emit("payment_intent.created", t.intentDoc(pi))
	return pi
}

// succeedAt is where the customer goes once the session is complete.
func (cs *session) succeedAt() string {
	return strings.ReplaceAll(cs.SuccessURL, "{CHECKOUT_SESSION_ID}", cs.ID)
}
