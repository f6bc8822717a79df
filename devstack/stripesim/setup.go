package stripesim

import "net/http"

// setupIntent is a SetupIntent: the saving of a method without a charge.
type setupIntent struct {
	ID           string            `json:"id"`
	Secret       string            `json:"secret"`
	Customer     string            `json:"customer"`
	Method       string            `json:"method"`
	Types        []string          `json:"types"`
	Status       string            `json:"status"`
	Usage        string            `json:"usage"`
	Description  string            `json:"description"`
	Metadata     map[string]string `json:"metadata"`
	ReturnURL    string            `json:"return_url"`
	NextURL      string            `json:"next_url"`
	LastError    doc               `json:"last_error,omitempty"`
	Session      string            `json:"session"`
	CancelReason string            `json:"cancel_reason"`
	Created      int64             `json:"created"`
}

func (*setupIntent) kind() string    { return "setup" }
func (si *setupIntent) key() string  { return si.ID }
func (si *setupIntent) stamp() int64 { return si.Created }

func (si *setupIntent) doc() doc {
	d := doc{
		"id":                        si.ID,
		"object":                    "setup_intent",
		"application":               nil,
		"automatic_payment_methods": nil,
		"cancellation_reason":       orNull(si.CancelReason),
		"client_secret":             si.Secret,
		"created":                   si.Created,
		"customer":                  orNull(si.Customer),
		"description":               orNull(si.Description),
		"flow_directions":           nil,
		"last_setup_error":          nil,
		"latest_attempt":            nil,
		"livemode":                  false,
		"mandate":                   nil,
		"metadata":                  si.Metadata,
		"next_action":               nil,
		"on_behalf_of":              nil,
		"payment_method":            orNull(si.Method),
		"payment_method_options":    doc{},
		"payment_method_types":      si.Types,
		"single_use_mandate":        nil,
		"status":                    si.Status,
		"usage":                     si.Usage,
	}
	if si.LastError != nil {
		d["last_setup_error"] = si.LastError
	}
	if si.Status == requiresAction {
		d["next_action"] = doc{"type": "redirect_to_url", "redirect_to_url": doc{"url": si.NextURL, "return_url": orNull(si.ReturnURL)}}
	}
	return d
}

func (t *tx) newSetup(customerID string, types []string) *setupIntent {
	si := &setupIntent{
		ID:       t.id("seti_1"),
		Customer: customerID,
		Types:    types,
		Status:   requiresMethod,
		Usage:    "off_session",
		Metadata: map[string]string{},
		Created:  t.now().Unix(),
	}
	si.Secret = t.s.newID(si.ID+"_secret_", 25)
	return si
}

func createSetup(t *tx, f *form, r *http.Request) (doc, *problem) {
	customerID := f.str("customer")
	types := f.strs("payment_method_types")
	if len(types) == 0 {
		types = []string{"card"}
	}
	si := t.newSetup(customerID, types)
	si.Usage = f.oneOf("usage", "off_session", "on_session")
	readString(f, "description", &si.Description)
	mergeMetadata(f, &si.Metadata)
	confirm := f.flag("confirm")
	methodID := f.str("payment_method")
	si.ReturnURL = f.str("return_url")
	f.ignore("automatic_payment_methods", "payment_method_options", "mandate_data")
	if p := f.check(); p != nil {
		return nil, p
	}
	if p := checkTypes(types); p != nil {
		return nil, p
	}
	if _, ok := t.customer(customerID); !ok && customerID != "" {
		return nil, noSuch("customer", "customer", customerID)
	}
	if methodID != "" {
		m, ok := t.method(methodID)
		if !ok {
			return nil, noSuch("payment_method", "PaymentMethod", methodID)
		}
		si.Method, si.Status = m.ID, requiresConfirmation
	}
	t.put(si)
	t.emit("setup_intent.created", si.doc())
	if confirm {
		if p := t.confirmSetup(si, "", r); p != nil {
			return nil, p
		}
	}
	return si.doc(), nil
}

func (t *tx) setup(r *http.Request) (*setupIntent, *problem) {
	si, ok := get[*setupIntent](t, r.PathValue("id"))
	if !ok {
		return nil, absent("setupintent", r.PathValue("id"))
	}
	return si, nil
}

func getSetup(t *tx, f *form, r *http.Request) (doc, *problem) {
	f.ignore("client_secret")
	if p := f.check(); p != nil {
		return nil, p
	}
	si, p := t.setup(r)
	if p != nil {
		return nil, p
	}
	return si.doc(), nil
}

func listSetups(t *tx, f *form, r *http.Request) (doc, *problem) {
	customerID, methodID := f.str("customer"), f.str("payment_method")
	found := list(t, func(si *setupIntent) bool {
		return (customerID == "" || si.Customer == customerID) && (methodID == "" || si.Method == methodID)
	})
	return paged(f, r, found, (*setupIntent).doc)
}

func confirmSetup(t *tx, f *form, r *http.Request) (doc, *problem) {
	si, p := t.setup(r)
	if p != nil {
		return nil, p
	}
	methodID := f.str("payment_method")
	readString(f, "return_url", &si.ReturnURL)
	f.ignore("mandate_data", "payment_method_options", "use_stripe_sdk")
	if p := f.check(); p != nil {
		return nil, p
	}
	if p := t.confirmSetup(si, methodID, r); p != nil {
		return nil, p
	}
	return si.doc(), nil
}

func (t *tx) confirmSetup(si *setupIntent, methodID string, r *http.Request) *problem {
	if si.Status == succeeded || si.Status == canceled || si.Status == processing {
		p := refused("setup_intent_unexpected_state", "You cannot confirm this SetupIntent because it has a status of %s.", si.Status)
		p.setup = si.doc()
		return p
	}
	if methodID != "" {
		m, ok := t.method(methodID)
		if !ok {
			return noSuch("payment_method", "PaymentMethod", methodID)
		}
		si.Method = m.ID
	}
	m, ok := get[*method](t, si.Method)
	if !ok {
		return refused("setup_intent_unexpected_state", "You cannot confirm this SetupIntent because it's missing a payment method.")
	}
	si.NextURL = t.base(r) + "/c/authenticate/" + si.ID
	return t.trySetup(si, m)
}

// trySetup saves a method, unless its owner must authenticate first.
func (t *tx) trySetup(si *setupIntent, m *method) *problem {
	if auth := m.card().auth; m.Type == "card" && (auth == authAlways || auth == authUnlessSaved) {
		si.Status, si.LastError = requiresAction, nil
		t.put(si)
		t.emit("setup_intent.requires_action", si.doc())
		return nil
	}
	return t.save(si, m)
}

// save ends a setup.
func (t *tx) save(si *setupIntent, m *method) *problem {
	if reason := m.saveRefusal(); reason != "" {
		return t.failSetup(si, m, declined(reason))
	}
	si.Status, si.LastError, si.NextURL = succeeded, nil, ""
	m.OffSession = m.OffSession || si.Usage == "off_session"
	t.put(m)
	if si.Customer != "" {
		t.attach(m, si.Customer)
	}
	t.put(si)
	t.emit("setup_intent.succeeded", si.doc())
	return nil
}

func (t *tx) failSetup(si *setupIntent, m *method, p *problem) *problem {
	p.method = m.doc()
	si.LastError, _ = p.doc()["error"].(doc)
	si.Status, si.Method, si.NextURL = requiresMethod, "", ""
	t.put(si)
	t.emit("setup_intent.setup_failed", si.doc())
	p.setup = si.doc()
	return p
}

// setupAuthenticated goes on after the customer has authenticated, or hasn't.
func (t *tx) setupAuthenticated(si *setupIntent, passed bool) *problem {
	m, ok := get[*method](t, si.Method)
	if !ok || si.Status != requiresAction {
		return refused("setup_intent_unexpected_state", "This SetupIntent has a status of %s and isn't waiting for authentication.", si.Status)
	}
	if !passed {
		return t.failSetup(si, m, &problem{
			status:  402,
			kind:    "card_error",
			code:    "setup_intent_authentication_failure",
			message: "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
		})
	}
	return t.save(si, m)
}

func cancelSetup(t *tx, f *form, r *http.Request) (doc, *problem) {
	si, p := t.setup(r)
	if p != nil {
		return nil, p
	}
	reason := f.str("cancellation_reason")
	if p := f.check(); p != nil {
		return nil, p
	}
	if si.Status == succeeded || si.Status == canceled {
		p := refused("setup_intent_unexpected_state", "You cannot cancel this SetupIntent because it has a status of %s.", si.Status)
		p.setup = si.doc()
		return nil, p
	}
	si.Status, si.CancelReason = canceled, reason
	t.put(si)
	t.emit("setup_intent.canceled", si.doc())
	return si.doc(), nil
}
