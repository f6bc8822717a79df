package console

import (
	"countersign/portal"
	"countersign/web"
	"countersign/web/ui"
)

// frame is what a page tells the frame around it.
type frame struct {
	title string
	// section is the label of the navigation's entry that the page belongs to.
	section string
	// notice stands above the page: what the last act came to.
	notice *ui.Notice
	// refused says that a form came back with errors.
	refused bool
	narrow  bool
}

// shell is the console's frame for the member of staff who asks.
func shell(r *web.Request, f frame) ui.ConsoleShell {
	notice := f.notice
	if notice == nil {
		notice = done(r.Query("done"))
	}
	return ui.ConsoleShell{
		Head: ui.Head{Title: f.title, Refused: f.refused, Brand: r.Org.Brand(r.Base())},
		Nav:  navigation(r, f.section),
		User: ui.User{Name: r.Who.Name, Initials: web.Initials(r.Who.Name), About: r.Who.Email, Links: []ui.Link{
			{Label: "Account and security", Href: r.Path("account"), Icon: ui.IconLock},
			{Label: "Sign out", Href: r.Path("sign-out"), Icon: ui.IconOut, Post: true},
		}},
		Bell:   bellLink(r),
		Find:   &ui.Find{Action: r.Path("search"), Label: "Search customers and documents"},
		Flash:  notice,
		Narrow: f.narrow,
	}
}

// bare is the frame of a page for staff who aren't signed in.
func bare(r *web.Request, title string, refused bool) ui.BareShell {
	return ui.BareShell{
		Head:  ui.Head{Title: title, Refused: refused, Brand: r.Org.Brand("")},
		Flash: done(r.Query("done")),
		Foot:  "For staff of " + r.Org.Name + ". Customers sign in to their portal with the link in any email from it.",
	}
}

func navigation(r *web.Request, section string) []ui.NavGroup {
	groups := []ui.NavGroup{
		{Links: []ui.Link{
			{Label: "Home", Href: r.Base(), Icon: ui.IconHome},
			{Label: "Customers", Href: r.Path("customers"), Icon: ui.IconPeople},
			{Label: "Estimates", Href: r.Path("estimates"), Icon: ui.IconEstimate},
			{Label: "Invoices", Href: r.Path("invoices"), Icon: ui.IconInvoice},
			{Label: "Credit notes", Href: r.Path("credit-notes"), Icon: ui.IconTag},
		}},
		{Title: "Payments", Links: []ui.Link{
			{Label: "Payments", Href: r.Path("payments"), Icon: ui.IconPayment},
			{Label: "Failed payments", Href: r.Path("payments", "failed"), Icon: ui.IconRetry},
			{Label: "Reconciliation", Href: r.Path("reconciliations"), Icon: ui.IconTransfer},
		}},
		{Title: "Time", Links: []ui.Link{
			{Label: "Projects", Href: r.Path("projects"), Icon: ui.IconFolder},
			{Label: "Timesheets", Href: r.Path("timesheets"), Icon: ui.IconClock},
		}},
		{Title: "What happened", Links: []ui.Link{
			{Label: "Activity", Href: r.Path("activity"), Icon: ui.IconList},
			{Label: "Email sent", Href: r.Path("mail"), Icon: ui.IconMail},
		}},
	}
	setUp := ui.NavGroup{Title: "Set up"}
	if r.Who.May(portal.ActionManageSettings) == nil {
		setUp.Links = append(setUp.Links,
			ui.Link{Label: "Portal settings", Href: r.Path("settings"), Icon: ui.IconSettings},
			ui.Link{Label: "Emails", Href: r.Path("emails"), Icon: ui.IconEdit},
			ui.Link{Label: "Organization", Href: r.Path("organization"), Icon: ui.IconShield},
		)
	}
	if r.Who.May(portal.ActionManageStaff) == nil {
		setUp.Links = append(setUp.Links, ui.Link{Label: "Staff", Href: r.Path("staff"), Icon: ui.IconUser})
	}
	if r.Who.May(portal.ActionManageIntegrations) == nil {
		setUp.Links = append(setUp.Links, ui.Link{Label: "API keys", Href: r.Path("api-keys"), Icon: ui.IconKey})
	}
	if len(setUp.Links) > 0 {
		groups = append(groups, setUp)
	}
	for _, group := range groups {
		for i := range group.Links {
			group.Links[i].Current = group.Links[i].Label == section
		}
	}
	return groups
}

// done words what an act came to, for the page that it led to. The address carries only which act it was.
func done(act string) *ui.Notice {
	words := map[string]string{
		"created":     "Saved.",
		"saved":       "Your changes are saved.",
		"draft":       "Saved as a draft. The customer doesn’t see it yet.",
		"sent":        "Sent to the customer.",
		"discarded":   "The draft is discarded. Time that was on it can be invoiced again.",
		"emailed":     "The email is on its way again. What becomes of it is shown below.",
		"withdrawn":   "The estimate is withdrawn. The customer can’t decide on it any more.",
		"dropped":     "The draft is discarded.",
		"paid_out":    "The pay-out is recorded, and the customer has so much less credit.",
		"recalled":    "The timesheet is recalled. Its entries are as they were before.",
		"voided":      "The invoice is void. The customer no longer owes it.",
		"retried":     "The payment is being tried again.",
		"canceled":    "The payment is given up, and its invoices can be paid anew.",
		"invited":     "The invitation was sent again.",
		"asked":       "The email is on its way. The bell tells when payment details are saved.",
		"refunded":    "The refund is under way. The customer is told when it is made.",
		"recorded":    "The payment is recorded, and the customer is sent a receipt.",
		"credit_used": "The customer’s credit is used on this invoice.",
		"credited":    "The credit note is written. The customer can use the credit for any invoice.",
		"forwarded":   "It is on its way. What becomes of each email is shown below.",
		"worded":      "Saved. Emails that are sent from now on are worded like this.",
		"reworded":    "The email has its default words back.",
		"revoked":     "The key is revoked. Whoever uses it is refused from now on.",
		"signed-out":  "You are signed out.",
		"password":    "Your password is saved. Sign in with it now.",
		"new-staff":   "Your colleague is added, and the invitation is on its way.",
		"staff-off":   "The access is switched off. They are signed out everywhere.",
		"staff-on":    "The access is switched on again. They sign in with their password, or ask for a new one.",
		"session":     "That sign-in is ended.",
		"sessions":    "You are signed out everywhere else.",
		"deleted":     "It is deleted.",
		"mfa":         "The MFA is reset. The contact is signed out, and gets an email about it.",
		"contact":     "The contact is saved.",
		"new-contact": "The contact is added. It has no access to the portal yet.",
		"customer":    "The customer is added.",
		"autopay":     "Autopay is off. The customer is told by email.",
	}[act]
	if words == "" {
		return nil
	}
	return &ui.Notice{Tone: ui.Success, Words: words}
}
