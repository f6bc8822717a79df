package console

import (
	"net/http"
	"slices"

	"github.com/google/uuid"

	"countersign/api"
	"countersign/portal"
	"countersign/web"
	"countersign/web/ui"
)

// methodItems are a customer's saved cards and accounts, and whom was asked for one, R38, R39.
func methodItems(r *web.Request, d dealings) []ui.Item {
	items := make([]ui.Item, 0, len(d.methods)+len(d.requests))
	for _, m := range d.methods {
		items = append(items, web.MethodItem(m))
	}
	for _, asked := range d.requests {
		items = append(items, ui.Item{
			Icon: ui.IconMail, Name: asked.Contact + " was asked for payment details", About: "By " + asked.By + " · " + r.Moment(asked.At).Shown,
			Status: &ui.Status{Label: "Waiting", Tone: ui.Info},
		})
	}
	return items
}

func methodsHead(r *web.Request, id string) ui.CardHead {
	head := ui.CardHead{Title: "Payment methods", ID: "methods", Flush: true}
	if r.Who.May(portal.ActionManagePaymentMethods) == nil {
		head.Actions = []ui.Action{
			{Label: "Ask", Size: ui.Small, Href: r.Path("customers", id, "methods", "request"), About: "a contact for payment details"},
			{Label: "Add", Size: ui.Small, Href: r.Path("customers", id, "methods", "new"), About: "a payment method"},
		}
	}
	return head
}

// ofCustomer reads the customer that the address names, and what can be saved for it.
func (p pages) ofCustomer(r *web.Request) (api.Customer, []string, error) {
	id, err := r.ID("customer", "customer")
	if err != nil {
		return api.Customer{}, nil, err
	}
	c, err := p.customer(r, id)
	if err != nil {
		return api.Customer{}, nil, err
	}
	methods, err := p.ListMethods.Do(r.Context(), &api.ListMethodsInput{Org: r.Org.Slug, Customer: id})
	if err != nil {
		return api.Customer{}, nil, err
	}
	return c, methods.Body.Kinds, nil
}

func (p pages) newMethod(r *web.Request) error {
	c, kinds, err := p.ofCustomer(r)
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, newMethodView(r, c, kinds, web.NewForm("kind", kinds[0])))
}

// addMethod opens the processor's page.
func (p pages) addMethod(r *web.Request) error {
	c, kinds, err := p.ofCustomer(r)
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	out, err := web.Submit(r, f, p.SetUpMethod, &api.SetUpMethodInput{Key: f.APIKey(), Org: r.Org.Slug, Customer: c.ID})
	if err != nil {
		return again(r, f, err, newMethodView(r, c, kinds, f))
	}
	return r.Redirect(r.Path("customers", c.ID.String(), "methods", "setups", out.Body.ID.String()) + "?go=1")
}

func (p pages) readSetup(r *web.Request) (web.SetupPage, error) {
	id, err := r.ID("setup", "setup")
	if err != nil {
		return web.SetupPage{}, err
	}
	out, err := p.GetSetup.Do(r.Context(), &api.MethodSetupInput{Org: r.Org.Slug, Setup: id})
	if err != nil {
		return web.SetupPage{}, err
	}
	customer := r.Path("customers", out.Body.Customer.String())
	return web.NewSetupPage(r, out.Body, customer+"/methods/setups/"+id.String(), customer+"#methods", customer+"/methods/new"), nil
}

// methodSetup is the page on which staff wait for the processor's page, and come back to.
func (p pages) methodSetup(r *web.Request) error {
	s, err := p.readSetup(r)
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, methodSetupView(r, s))
}

func (p pages) methodSetupLive(r *web.Request) error {
	s, err := p.readSetup(r)
	if err != nil {
		return err
	}
	p.Stream(r.Writer(), r.HTTP(), s.ID)
	return nil
}

func setupShell(r *web.Request, s web.SetupPage) ui.ConsoleShell {
	frame := shell(r, frame{title: s.Heading().Title, section: "Customers", narrow: true})
	frame.Head.Reload = s.Reload()
	return frame
}

// payers are the contacts who can be asked for payment details: those who can sign in and may pay.
func payers(c api.Customer) []ui.Option {
	var options []ui.Option
	for _, contact := range c.Contacts {
		if contact.Access == "active" && slices.Contains(contact.Roles, "pay") {
			options = append(options, ui.Option{Value: contact.ID.String(), Label: contact.Name, Hint: contact.Email, Icon: ui.IconUser})
		}
	}
	return options
}

func (p pages) askForMethod(r *web.Request) error {
	c, _, err := p.ofCustomer(r)
	if err != nil {
		return err
	}
	f := web.NewForm("contact", r.Query("contact"))
	if options := payers(c); f.Value("contact") == "" && len(options) > 0 {
		f.Set("contact", options[0].Value)
	}
	return r.Draw(http.StatusOK, askForMethodView(r, c, f))
}

// requestMethod emails the contact.
func (p pages) requestMethod(r *web.Request) error {
	c, _, err := p.ofCustomer(r)
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	contact, none := uuid.Parse(f.Value("contact"))
	if none != nil || !slices.ContainsFunc(c.Contacts, func(of api.Contact) bool { return of.ID == contact }) {
		err = portal.Invalid("Choose whom to ask.", portal.Field("contact", "Choose a contact."))
	} else {
		_, err = web.Submit(r, f, p.RequestMethod, &api.RequestMethodInput{Key: f.APIKey(), Org: r.Org.Slug, Contact: contact})
	}
	if err != nil {
		return again(r, f, err, askForMethodView(r, c, f))
	}
	return r.Redirect(with(r.Path("customers", c.ID.String()), "done", "asked"))
}
