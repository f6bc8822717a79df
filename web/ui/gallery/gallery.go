// Package gallery shows every component of the design system and a sample of each kind of page, with made-up content. It is
// how the components are looked at, and what the tests hold to WCAG, to the Content-Security-Policy and to the budget.
package gallery

import (
	"net/http"

	"github.com/a-h/templ"

	"countersign/web/static"
	"countersign/web/ui"
)

// Accent is the sample organization's colour.
const Accent = "#1d5b52"

// Page is one sample.
type Page struct {
	Name string // its path, without the slash
	Body templ.Component
}

// Pages lists the samples in the order of a customer's journey, then the console's.
func Pages() []Page {
	return []Page{
		{"components", components()},
		{"sign-in", signIn(false)},
		{"sign-in-refused", signIn(true)},
		{"accept-invitation", acceptInvitation()},
		{"set-up-mfa", setUpMFA()},
		{"backup-codes", backupCodes()},
		{"home", home()},
		{"invoices", invoices()},
		{"invoices-empty", noInvoices()},
		{"invoice", invoice()},
		{"pay", pay()},
		{"paying", paying()},
		{"declined", declined()},
		{"receipt", receipt()},
		{"estimate", estimate()},
		{"estimate-accepted", acceptedEstimate()},
		{"account", account()},
		{"console-customers", consoleCustomers()},
		{"console-customer", consoleCustomer()},
		{"console-invoice", consoleInvoice()},
		{"console-settings", consoleSettings()},
		{"not-found", notFound()},
	}
}

// SecurityPolicy is the Content-Security-Policy that the samples are served under: the product's own, so that a component
// which needs more is seen to fail here first.
const SecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// Handler serves the samples, each under its name, and an index of them at the root.
func Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET "+static.Prefix, static.Handler())
	mux.HandleFunc("GET /theme.css", func(w http.ResponseWriter, r *http.Request) {
		rules, err := ui.Theme(Accent)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		static.ServeSheet(w, r, "", rules)
	})
	pages := Pages()
	mux.Handle("GET /{$}", guard(templ.Handler(index(pages))))
	for _, p := range pages {
		mux.Handle("/"+p.Name, guard(templ.Handler(p.Body)))
	}
	return mux
}

func guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", SecurityPolicy)
		next.ServeHTTP(w, r)
	})
}

var (
	harbour     = ui.Brand{Name: "Harbour & Pine Joinery", Initials: "HP", Home: "/home", Sheet: "/theme.css"}
	countersign = ui.Brand{Name: "Harbour & Pine", Initials: "HP", Home: "/console-customers"}
)

func head(title string) ui.Head { return ui.Head{Title: title, Brand: harbour} }

func portal(title, current string) ui.PortalShell {
	nav := []ui.Link{
		{Label: "Home", Href: "/home"},
		{Label: "Estimates", Href: "/estimate", Count: "2"},
		{Label: "Invoices", Href: "/invoices"},
		{Label: "Payments", Href: "/receipt"},
		{Label: "Statement", Href: "/invoices-empty"},
		{Label: "Projects", Href: "/components"},
		{Label: "Timesheets", Href: "/components", Count: "1"},
	}
	for i := range nav {
		nav[i].Current = nav[i].Label == current
	}
	return ui.PortalShell{
		Head: head(title),
		Nav:  nav,
		User: ui.User{Name: "Priya Nair", Initials: "PN", About: "Northwind Studio Ltd", Links: []ui.Link{
			{Label: "Account and security", Href: "/account", Icon: ui.IconUser},
			{Label: "Ways to pay", Href: "/account", Icon: ui.IconCard},
			{Label: "Send us an email", Href: "/account", Icon: ui.IconMail},
			{},
			{Label: "Sign out", Href: "/sign-in", Icon: ui.IconOut, Post: true},
		}},
		Foot: []ui.Link{{Label: "office@harbourpine.example", Href: "mailto:office@harbourpine.example"}},
	}
}

func console(title, current string) ui.ConsoleShell {
	groups := []ui.NavGroup{
		{Links: []ui.Link{
			{Label: "Overview", Href: "/console-customers", Icon: ui.IconHome},
			{Label: "Customers", Href: "/console-customers", Icon: ui.IconPeople},
			{Label: "Estimates", Href: "/console-customers", Icon: ui.IconEstimate},
			{Label: "Invoices", Href: "/console-invoice", Icon: ui.IconInvoice},
			{Label: "Payments", Href: "/console-customers", Icon: ui.IconPayment, Count: "2"},
			{Label: "Timesheets", Href: "/console-customers", Icon: ui.IconClock},
			{Label: "Projects", Href: "/console-customers", Icon: ui.IconFolder},
		}},
		{Title: "Organization", Links: []ui.Link{
			{Label: "Portal settings", Href: "/console-settings", Icon: ui.IconSettings},
			{Label: "Emails", Href: "/console-settings", Icon: ui.IconMail},
			{Label: "Webhooks and API", Href: "/console-settings", Icon: ui.IconLink},
			{Label: "Staff", Href: "/console-settings", Icon: ui.IconShield},
		}},
	}
	for _, g := range groups {
		for i := range g.Links {
			g.Links[i].Current = g.Links[i].Label == current
		}
	}
	return ui.ConsoleShell{
		Head: ui.Head{Title: title, Brand: countersign},
		Nav:  groups,
		User: ui.User{Name: "Tom Arkwright", Initials: "TA", About: "tom@harbourpine.example", Links: []ui.Link{
			{Label: "Account and security", Href: "/console-settings", Icon: ui.IconUser},
			{},
			{Label: "Sign out", Href: "/sign-in", Icon: ui.IconOut, Post: true},
		}},
		Bell: ui.Bell{Href: "/console-customers", Count: "3"},
	}
}

func dollars(amount string) ui.Money { return ui.Money{Text: amount} }

func chip(s ui.Status) *ui.Status { return &s }

func ago(shown, exact, machine string) ui.Moment {
	return ui.Moment{Shown: shown, Exact: exact, Machine: machine}
}
