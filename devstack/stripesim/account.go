package stripesim

import "net/http"

// merchant is the business behind an account, as Checkout names it.
type merchant struct {
	Name string `json:"name"`
}

func (*merchant) kind() string { return "merchant" }
func (*merchant) key() string  { return "merchant" }

// merchant names the business behind the account.
func (t *tx) merchant() string {
	if m, ok := get[*merchant](t, "merchant"); ok {
		return m.Name
	}
	return t.s.opts.Merchant
}

// getAccount answers for any account: they are made by being asked of.
func getAccount(t *tx, f *form, r *http.Request) (doc, *problem) {
	if p := f.check(); p != nil {
		return nil, p
	}
	id := r.PathValue("id")
	if id == "" {
		id = t.account
	}
	if id == "" {
		id = "acct_1TestOfTheKeyItself"
	}
	var name string
	t.at(r.PathValue("id"), func() { name = t.merchant() })
	return doc{
		"id":                id,
		"object":            "account",
		"business_profile":  doc{"name": name},
		"charges_enabled":   true,
		"country":           "US",
		"default_currency":  "usd",
		"details_submitted": true,
		"payouts_enabled":   true,
		"type":              "standard",
	}, nil
}
