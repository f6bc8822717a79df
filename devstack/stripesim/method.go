package stripesim

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"
)

// method is a card or a bank account.
type method struct {
	ID       string `json:"id"`
	Type     string `json:"type"` // card or us_bank_account
	Customer string `json:"customer"`
	// Number is the published test number that decides what happens.
	Number      string            `json:"number"`
	ExpMonth    int               `json:"exp_month,omitempty"`
	ExpYear     int               `json:"exp_year,omitempty"`
	Billing     billing           `json:"billing"`
	Fingerprint string            `json:"fingerprint"`
	Metadata    map[string]string `json:"metadata"`
	// OffSession: the owner agreed to charges when away (a SetupIntent, or
	// setup_future_usage).
	OffSession bool  `json:"off_session"`
	Created    int64 `json:"created"`
	// Next are the outcomes of its next charges, set by [Admin.Decline].
	Next []string `json:"next,omitempty"`
}

func (*method) kind() string   { return "method" }
func (m *method) key() string  { return m.ID }
func (m *method) stamp() int64 { return m.Created }

type billing struct {
	Name    string  `json:"name"`
	Email   string  `json:"email"`
	Phone   string  `json:"phone"`
	Address address `json:"address"`
}

func (b billing) doc() doc {
	return doc{
		"name":    orNull(b.Name),
		"email":   orNull(b.Email),
		"phone":   orNull(b.Phone),
		"address": b.Address.doc(),
	}
}

func readBilling(f *form, b *billing) {
	readString(f, "billing_details[name]", &b.Name)
	readString(f, "billing_details[email]", &b.Email)
	readString(f, "billing_details[phone]", &b.Phone)
	readAddress(f, "billing_details[address]", &b.Address)
}

func (m *method) last4() string { return m.Number[len(m.Number)-4:] }

// title names a method for people, such as Visa ending in 4242.
func (m *method) title() string {
	brand := m.card().brand
	switch {
	case m.Type != "card":
		brand = "Bank account"
	case len(brand) < 4:
		brand = strings.ToUpper(brand) // JCB
	default:
		brand = strings.ToUpper(brand[:1]) + brand[1:]
	}
	return brand + " ending in " + m.last4()
}

func (m *method) card() testCard {
	c, _ := cardNumbered(m.Number)
	return c
}

func (m *method) bank() testBank {
	b, _ := bankNumbered(m.Number)
	return b
}

func (m *method) doc() doc {
	d := doc{
		"id":              m.ID,
		"object":          "payment_method",
		"billing_details": m.Billing.doc(),
		"created":         m.Created,
		"customer":        orNull(m.Customer),
		"livemode":        false,
		"metadata":        m.Metadata,
		"type":            m.Type,
	}
	d[m.Type] = m.details()
	return d
}

// details is what is told of the card or the account.
func (m *method) details() doc {
	if m.Type == "us_bank_account" {
		return doc{
			"account_holder_type":           "company",
			"account_type":                  "checking",
			"bank_name":                     "STRIPE TEST BANK",
			"financial_connections_account": nil,
			"fingerprint":                   m.Fingerprint,
			"last4":                         m.last4(),
			"networks":                      doc{"preferred": "ach", "supported": []string{"ach"}},
			"routing_number":                testRouting,
			"status_details":                doc{},
		}
	}
	c := m.card()
	check := "pass"
	if c.decline == "incorrect_cvc" {
		check = "fail"
	}
	return doc{
		"brand": c.brand,
		"checks": doc{
			"address_line1_check":       nil,
			"address_postal_code_check": nil,
			"cvc_check":                 check,
		},
		"country":              c.country,
		"exp_month":            m.ExpMonth,
		"exp_year":             m.ExpYear,
		"fingerprint":          m.Fingerprint,
		"funding":              c.funding,
		"last4":                m.last4(),
		"networks":             doc{"available": []string{c.brand}, "preferred": nil},
		"three_d_secure_usage": doc{"supported": true},
		"wallet":               nil,
	}
}

// cardEntry is a card as somebody types it.
type cardEntry struct {
	number   string
	expMonth int
	expYear  int
	cvc      string
}

// newCard makes a card that isn't attached or kept yet, or says what is wrong
// with what was typed.
func (t *tx) newCard(e cardEntry, b billing) (*method, *problem) {
	number := strings.NewReplacer(" ", "", "-", "").Replace(e.number)
	c, known := cardNumbered(number)
	switch {
	case !luhn(number) && !known, c.decline == "incorrect_number":
		p := declined("incorrect_number")
		p.param = "number"
		return nil, p
	case !known:
		return nil, declined("test_mode_live_card")
	case e.expMonth < 1 || e.expMonth > 12:
		return nil, cardProblem("invalid_expiry_month", "exp_month", "Your card's expiration month is invalid.")
	case expired(e.expMonth, e.expYear, t.now()) || e.expYear > t.now().Year()+50:
		return nil, cardProblem("invalid_expiry_year", "exp_year", "Your card's expiration year is invalid.")
	case e.cvc != "" && (strings.Trim(e.cvc, "0123456789") != "" || len(e.cvc) != cvcLength(c)):
		return nil, cardProblem("invalid_cvc", "cvc", "Your card's security code is invalid.")
	}
	m := t.newMethod("card", number, b)
	m.ExpMonth, m.ExpYear = e.expMonth, e.expYear
	return m, nil
}

func cvcLength(c testCard) int {
	if c.brand == "amex" {
		return 4
	}
	return 3
}

func cardProblem(code, param, message string) *problem {
	return &problem{status: 402, kind: "card_error", code: code, param: param, message: message}
}

// newBank makes a bank account that isn't attached or kept yet.
func (t *tx) newBank(routing, number string, b billing) (*method, *problem) {
	if routing != testRouting {
		return nil, invalid("us_bank_account[routing_number]", "routing_number_invalid", "The routing number must be %s in test mode.", testRouting)
	}
	if _, ok := bankNumbered(number); !ok {
		return nil, invalid("us_bank_account[account_number]", "account_number_invalid", "You must use a test bank account number in test mode.")
	}
	return t.newMethod("us_bank_account", number, b), nil
}

func (t *tx) newMethod(kind, number string, b billing) *method {
	sum := sha256.Sum256([]byte(t.account + "/" + number))
	return &method{
		ID:          t.id("pm_1"),
		Type:        kind,
		Number:      number,
		Billing:     b,
		Fingerprint: hex.EncodeToString(sum[:8]),
		Metadata:    map[string]string{},
		Created:     t.now().Unix(),
	}
}

// expired reports whether a card's last day has passed.
func expired(month, year int, now time.Time) bool {
	return !now.Before(time.Date(year, time.Month(month)+1, 1, 0, 0, 0, 0, time.UTC))
}

// method finds a method by its ID, or makes the one that a test token stands for.
func (t *tx) method(id string) (*method, bool) {
	if m, ok := get[*method](t, id); ok {
		return m, true
	}
	if c, ok := cardTokened(id); ok {
		m := t.newMethod("card", c.number, billing{})
		m.ExpMonth, m.ExpYear = int(t.now().Month()), t.now().Year()+1
		t.put(m)
		return m, true
	}
	if b, ok := bankTokened(id); ok {
		m := t.newMethod("us_bank_account", b.number, billing{Name: "Test holder", Email: "holder@example.com"})
		t.put(m)
		return m, true
	}
	return nil, false
}

func (t *tx) attach(m *method, customerID string) {
	if m.Customer == customerID {
		return
	}
	m.Customer = customerID
	t.put(m)
	t.emit("payment_method.attached", m.doc())
}

func (t *tx) detach(m *method) {
	previous := m.Customer
	m.Customer = ""
	m.OffSession = false
	t.put(m)
	t.emitChange("payment_method.detached", m.doc(), doc{"customer": previous})
}

func createMethod(t *tx, f *form, _ *http.Request) (doc, *problem) {
	kind := f.need("type")
	var b billing
	readBilling(f, &b)
	e := cardEntry{
		number:   f.str("card[number]"),
		expMonth: int(f.num("card[exp_month]")),
		expYear:  int(f.num("card[exp_year]")),
		cvc:      f.str("card[cvc]"),
	}
	routing, number := f.str("us_bank_account[routing_number]"), f.str("us_bank_account[account_number]")
	f.ignore("us_bank_account[account_holder_type]", "us_bank_account[account_type]", "allow_redisplay")
	metadata := f.dict("metadata")
	if p := f.check(); p != nil {
		return nil, p
	}
	var m *method
	var p *problem
	switch kind {
	case "card":
		m, p = t.newCard(e, b)
	case "us_bank_account":
		m, p = t.newBank(routing, number, b)
	default:
		p = invalid("type", "", "Invalid type: must be card or us_bank_account")
	}
	if p != nil {
		return nil, p
	}
	m.Metadata = metadata
	t.put(m)
	return m.doc(), nil
}

func getMethod(t *tx, f *form, r *http.Request) (doc, *problem) {
	if p := f.check(); p != nil {
		return nil, p
	}
	m, ok := get[*method](t, r.PathValue("id"))
	if !ok {
		return nil, absent("PaymentMethod", r.PathValue("id"))
	}
	return m.doc(), nil
}

func listMethods(t *tx, f *form, r *http.Request) (doc, *problem) {
	customerID := r.PathValue("id")
	if customerID == "" {
		customerID = f.need("customer")
	}
	kind := f.str("type")
	if _, ok := t.customer(customerID); !ok && customerID != "" {
		f.fault(noSuch("customer", "customer", customerID))
	}
	found := list(t, func(m *method) bool {
		return m.Customer == customerID && (kind == "" || m.Type == kind)
	})
	return paged(f, r, found, (*method).doc)
}

func updateMethod(t *tx, f *form, r *http.Request) (doc, *problem) {
	m, ok := get[*method](t, r.PathValue("id"))
	if !ok {
		return nil, absent("PaymentMethod", r.PathValue("id"))
	}
	changed := *m
	changed.Metadata = cloneMetadata(m.Metadata)
	readBilling(f, &changed.Billing)
	if f.has("card[exp_month]") || f.has("card[exp_year]") {
		if m.Type != "card" {
			f.fault(invalid("card", "payment_method_invalid_parameter", "You cannot update `card` on a PaymentMethod of type %s.", m.Type))
		}
		if f.has("card[exp_month]") {
			changed.ExpMonth = int(f.num("card[exp_month]"))
		}
		if f.has("card[exp_year]") {
			changed.ExpYear = int(f.num("card[exp_year]"))
		}
	}
	mergeMetadata(f, &changed.Metadata)
	f.ignore("us_bank_account", "allow_redisplay")
	if p := f.check(); p != nil {
		return nil, p
	}
	switch {
	case m.Customer == "":
		return nil, refused("", "You must save this PaymentMethod to a customer before you can update it.")
	case m.Type == "card" && (changed.ExpMonth < 1 || changed.ExpMonth > 12):
		return nil, cardProblem("invalid_expiry_month", "card[exp_month]", "Your card's expiration month is invalid.")
	case m.Type == "card" && expired(changed.ExpMonth, changed.ExpYear, t.now()):
		return nil, cardProblem("invalid_expiry_year", "card[exp_year]", "Your card's expiration year is invalid.")
	}
	*m = changed
	t.put(m)
	t.emit("payment_method.updated", m.doc())
	return m.doc(), nil
}

func attachMethod(t *tx, f *form, r *http.Request) (doc, *problem) {
	customerID := f.need("customer")
	if p := f.check(); p != nil {
		return nil, p
	}
	if _, ok := t.customer(customerID); !ok {
		return nil, noSuch("customer", "customer", customerID)
	}
	m, ok := t.method(r.PathValue("id"))
	if !ok {
		return nil, absent("PaymentMethod", r.PathValue("id"))
	}
	if m.Customer != "" && m.Customer != customerID {
		return nil, refused("payment_method_unexpected_state", "The payment method you provided has already been attached to a customer.")
	}
	if reason := m.saveRefusal(); reason != "" {
		return nil, declined(reason)
	}
	t.attach(m, customerID)
	return m.doc(), nil
}

// saveRefusal is why the issuer refuses that a method is saved; "" if it doesn't.
func (m *method) saveRefusal() string {
	if m.Type != "card" {
		return ""
	}
	c := m.card()
	if c.savable || c.decline == "fraudulent" {
		return ""
	}
	return c.decline
}

func detachMethod(t *tx, f *form, r *http.Request) (doc, *problem) {
	if p := f.check(); p != nil {
		return nil, p
	}
	m, ok := get[*method](t, r.PathValue("id"))
	if !ok {
		return nil, absent("PaymentMethod", r.PathValue("id"))
	}
	if m.Customer == "" {
		return nil, refused("", "The payment method you provided is not attached to a customer so detachment is impossible.")
	}
	t.detach(m)
	return m.doc(), nil
}
