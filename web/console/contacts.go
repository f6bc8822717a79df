package console

import (
	"net/http"
	"strconv"

	"github.com/google/uuid"

	"countersign/api"
	"countersign/web"
)

func (p pages) newContact(r *web.Request) error {
	id, err := r.ID("customer", "customer")
	if err != nil {
		return err
	}
	c, err := p.customer(r, id)
	if err != nil {
		return err
	}
	f := web.NewForm("primary", on(len(c.Contacts) == 0))
	f.Set("roles", "view", "approve", "pay")
	return r.Draw(http.StatusOK, newContactView(r, c, f))
}

func (p pages) createContact(r *web.Request) error {
	id, err := r.ID("customer", "customer")
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	if _, err := web.Submit(r, f, p.CreateContact, &api.CreateContactInput{Key: f.APIKey(), Org: r.Org.Slug, Customer: id}); err != nil {
		c, gone := p.customer(r, id)
		if gone != nil {
			return gone
		}
		return again(r, f, err, newContactView(r, c, f))
	}
	return r.Redirect(with(r.Path("customers", id.String()), "done", "new-contact"))
}

func (p pages) contact(r *web.Request) (api.Contact, error) {
	id, err := r.ID("contact", "contact")
	if err != nil {
		return api.Contact{}, err
	}
	out, err := p.GetContact.Do(r.Context(), &api.ContactInput{Org: r.Org.Slug, Contact: id})
	if err != nil {
		return api.Contact{}, err
	}
	return out.Body, nil
}

func (p pages) editContact(r *web.Request) error {
	c, err := p.contact(r)
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, editContactView(r, c, contactFormOf(c)))
}

// contactFormOf is a contact as it stands.
func contactFormOf(c api.Contact) *web.Form {
	f := web.NewForm("version", strconv.Itoa(c.Version), "name", c.Name, "email", c.Email, "phone", c.Phone, "title", c.Title, "primary", on(c.Primary))
	f.Set("roles", c.Roles...)
	return f
}

func (p pages) saveContact(r *web.Request) error {
	c, err := p.contact(r)
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	if _, err := web.Submit(r, f, p.EditContact, &api.EditContactInput{Org: r.Org.Slug, Contact: c.ID}); err != nil {
		// c was read before the edit was tried: read again, it is what the edit met.
		return againOver(r, f, err, func() (*web.Form, error) { now, err := p.contact(r); return contactFormOf(now), err }, editContactView(r, c, f))
	}
	return r.Redirect(with(r.Path("customers", c.Customer.String()), "done", "contact"))
}

// resendInvitation goes back to the customer's page: the menu that it was asked from is there.
func (p pages) resendInvitation(r *web.Request) error {
	customer, err := r.ID("customer", "customer")
	if err != nil {
		return err
	}
	id, err := r.ID("contact", "contact")
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	if _, err := p.ResendInvitation.Do(r.Context(), &api.ResendInvitationInput{Key: f.APIKey(), Org: r.Org.Slug, Contact: id}); err != nil {
		x, err := refuse("resend-"+id.String(), f, err)
		if err != nil {
			return err
		}
		return p.drawCustomer(r, x, nil)
	}
	return r.Redirect(with(r.Path("customers", customer.String()), "done", "invited"))
}

// setAccess gives and withdraws access as the boxes were changed. Boxes that were left as they were drawn say nothing, so that
// what a colleague did meanwhile stays.
func (p pages) setAccess(r *web.Request) error {
	id, err := r.ID("customer", "customer")
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	in := &api.SetAccessInput{Key: f.APIKey(), Org: r.Org.Slug, Customer: id}
	in.Body.Contacts = changedAccess(f.Values("listed"), f.Values("had"), f.Values("access"))
	out, err := p.SetAccess.Do(r.Context(), in)
	if err != nil {
		x, err := refuse("access", f, err)
		if err != nil {
			return err
		}
		return p.drawCustomer(r, x, nil)
	}
	count := map[string]int{}
	for _, result := range out.Body.Contacts {
		count[result.Result]++
	}
	if count["refused"] > 0 || count["pending"] > 0 {
		return p.drawCustomer(r, nil, out.Body.Contacts)
	}
	return r.Redirect(with(r.Path("customers", id.String()), "done", "access",
		"invited", some(count["invited"]), "withdrawn", some(count["withdrawn"])))
}

// changedAccess are the contacts whose box isn't as it was drawn.
func changedAccess(listed, had, ticked []string) []api.ContactAccess {
	before, now := set(had), set(ticked)
	changed := []api.ContactAccess{}
	for _, text := range listed {
		id, err := uuid.Parse(text)
		if err != nil || before[text] == now[text] {
			continue
		}
		changed = append(changed, api.ContactAccess{ID: id, Access: now[text]})
	}
	return changed
}

func set(values []string) map[string]bool {
	in := make(map[string]bool, len(values))
	for _, value := range values {
		in[value] = true
	}
	return in
}

// some writes a count; none as nothing.
func some(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
