package stripesim

import (
	"maps"
	"net/http"
)

// customer is someone who pays.
type customer struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Email       string            `json:"email"`
	Phone       string            `json:"phone"`
	Description string            `json:"description"`
	Address     address           `json:"address"`
	Metadata    map[string]string `json:"metadata"`
	Created     int64             `json:"created"`
	Deleted     bool              `json:"deleted"`
}

func (*customer) kind() string   { return "customer" }
func (c *customer) key() string  { return c.ID }
func (c *customer) stamp() int64 { return c.Created }

// address is a postal address.
type address struct {
	Line1      string `json:"line1"`
	Line2      string `json:"line2"`
	City       string `json:"city"`
	State      string `json:"state"`
	PostalCode string `json:"postal_code"`
	Country    string `json:"country"`
}

func (a address) doc() doc {
	return doc{
		"line1":       orNull(a.Line1),
		"line2":       orNull(a.Line2),
		"city":        orNull(a.City),
		"state":       orNull(a.State),
		"postal_code": orNull(a.PostalCode),
		"country":     orNull(a.Country),
	}
}

// readAddress changes what was sent of an address, and leaves the rest.
func readAddress(f *form, name string, a *address) {
	for field, to := range map[string]*string{
		"line1":       &a.Line1,
		"line2":       &a.Line2,
		"city":        &a.City,
		"state":       &a.State,
		"postal_code": &a.PostalCode,
		"country":     &a.Country,
	} {
		readString(f, name+"["+field+"]", to)
	}
}

// readString changes a string if it was sent; sending it empty clears it.
func readString(f *form, name string, to *string) {
	if f.has(name) {
		*to = f.str(name)
	}
}

func (c *customer) doc() doc {
	if c.Deleted {
		return doc{"id": c.ID, "object": "customer", "deleted": true}
	}
	d := doc{
		"id":               c.ID,
		"object":           "customer",
		"address":          nil,
		"balance":          0,
		"created":          c.Created,
		"currency":         nil,
		"default_source":   nil,
		"delinquent":       false,
		"description":      orNull(c.Description),
		"discount":         nil,
		"email":            orNull(c.Email),
		"invoice_prefix":   c.ID[len(c.ID)-8:],
		"invoice_settings": doc{"custom_fields": nil, "default_payment_method": nil, "footer": nil, "rendering_options": nil},
		"livemode":         false,
		"metadata":         c.Metadata,
		"name":             orNull(c.Name),
		"phone":            orNull(c.Phone),
		"shipping":         nil,
		"tax_exempt":       "none",
	}
	if c.Address != (address{}) {
		d["address"] = c.Address.doc()
	}
	return d
}

func readCustomer(f *form, c *customer) *problem {
	readString(f, "name", &c.Name)
	readString(f, "email", &c.Email)
	readString(f, "phone", &c.Phone)
	readString(f, "description", &c.Description)
	readAddress(f, "address", &c.Address)
	mergeMetadata(f, &c.Metadata)
	f.ignore("preferred_locales", "shipping", "tax_exempt", "invoice_settings")
	return f.check()
}

// mergeMetadata changes the keys that were sent; one sent empty is removed.
func mergeMetadata(f *form, to *map[string]string) {
	if *to == nil {
		*to = map[string]string{}
	}
	for k := range f.values {
		if len(k) > len("metadata[]") && k[:9] == "metadata[" && k[len(k)-1] == ']' {
			name := k[9 : len(k)-1]
			if v := f.str(k); v != "" {
				(*to)[name] = v
			} else {
				delete(*to, name)
			}
		}
	}
}

func createCustomer(t *tx, f *form, _ *http.Request) (doc, *problem) {
	c := &customer{ID: t.s.newID("cus_", 14), Created: t.now().Unix()}
	if p := readCustomer(f, c); p != nil {
		return nil, p
	}
	t.put(c)
	t.emit("customer.created", c.doc())
	return c.doc(), nil
}

func (t *tx) customer(id string) (*customer, bool) {
	c, ok := get[*customer](t, id)
	return c, ok && !c.Deleted
}

func getCustomer(t *tx, f *form, r *http.Request) (doc, *problem) {
	if p := f.check(); p != nil {
		return nil, p
	}
	c, ok := get[*customer](t, r.PathValue("id"))
	if !ok {
		return nil, absent("customer", r.PathValue("id"))
	}
	return c.doc(), nil
}

func updateCustomer(t *tx, f *form, r *http.Request) (doc, *problem) {
	c, ok := t.customer(r.PathValue("id"))
	if !ok {
		return nil, absent("customer", r.PathValue("id"))
	}
	changed := *c
	changed.Metadata = cloneMetadata(c.Metadata)
	if p := readCustomer(f, &changed); p != nil {
		return nil, p
	}
	*c = changed
	t.put(c)
	t.emit("customer.updated", c.doc())
	return c.doc(), nil
}

func deleteCustomer(t *tx, f *form, r *http.Request) (doc, *problem) {
	if p := f.check(); p != nil {
		return nil, p
	}
	c, ok := t.customer(r.PathValue("id"))
	if !ok {
		return nil, absent("customer", r.PathValue("id"))
	}
	for _, m := range list(t, func(m *method) bool { return m.Customer == c.ID }) {
		t.detach(m)
	}
	t.emit("customer.deleted", c.doc())
	c.Deleted = true
	t.put(c)
	return c.doc(), nil
}

func listCustomers(t *tx, f *form, r *http.Request) (doc, *problem) {
	email := f.str("email")
	found := list(t, func(c *customer) bool { return !c.Deleted && (email == "" || c.Email == email) })
	return paged(f, r, found, (*customer).doc)
}

func cloneMetadata(m map[string]string) map[string]string {
	out := make(map[string]string, len(m))
	maps.Copy(out, m)
	return out
}
