package everypage

import (
	"net/url"
	"strings"
	"time"

	"countersign/devstack/authenticator"
	"countersign/devstack/demo"
	"countersign/e2e/browser"
)

// portal is what a contact sees: each page, in each of the states that look different, and each form as it comes back refused.
func (w walk) portal() []sight {
	estimate := func(status string) string {
		return w.one("SELECT id::text FROM estimates WHERE customer_id = " + northbeam + " AND status = '" + status + "' ORDER BY number LIMIT 1")
	}
	invoice := func(where string) string {
		return w.one("SELECT id::text FROM invoices WHERE customer_id = " + northbeam + " AND state = 'sent' AND " + where + " ORDER BY number DESC LIMIT 1")
	}
	payment := func(status string) string {
		return w.one("SELECT id::text FROM payments WHERE customer_id = " + northbeam + " AND status = '" + status + "' ORDER BY receipt_number DESC, created_at DESC LIMIT 1")
	}
	sheet := func(status string) string {
		return w.one("SELECT id::text FROM timesheets WHERE customer_id = " + northbeam + " AND status = '" + status + "' ORDER BY number LIMIT 1")
	}
	project := w.one("SELECT id::text FROM projects WHERE customer_id = " + northbeam + " ORDER BY name LIMIT 1")
	method := w.one("SELECT id::text FROM payment_methods WHERE customer_id = " + northbeam + " AND removed_at IS NULL LIMIT 1")
	owed := invoice("due > 0 AND due = total")
	setup := w.setup("portal", dana, "")
	return []sight{
		{route: "/:org", path: "", says: "Outstanding"},
		{route: "/:org", path: "?done=welcome", says: "you are signed in", then: func(tab *browser.Tab) { tab.Press("Your account").Says("Sign out") }},
		{route: "/:org/estimates", path: "/estimates", says: "Estimates"},
		{route: "/:org/estimates", path: "/estimates?q=nothing+is+called+that", says: "Nothing found"},
		{route: "/:org/estimates/:estimate", path: "/estimates/" + estimate("sent"), says: "Accepting is binding"},
		{route: "/:org/estimates/:estimate", path: "/estimates/" + estimate("sent"), says: "Accept", then: func(tab *browser.Tab) { tab.Press("Decline").Says("Decline this estimate?") }},
		{route: "/:org/estimates/:estimate", path: "/estimates/" + estimate("accepted"), says: "Accepted by", then: func(tab *browser.Tab) { tab.Press("What was recorded").Says("Download certificate") }},
		{route: "/:org/estimates/:estimate", path: "/estimates/" + estimate("declined"), says: "Declined by"},
		{route: "/:org/invoices", path: "/invoices", says: "Invoices"},
		{route: "/:org/invoices", path: "/invoices?status=overdue&sort=due", says: "Overdue"},
		{route: "/:org/invoices", path: "/invoices?q=nothing+is+called+that", says: "Nothing found"},
		{route: "/:org/invoices/:invoice", path: "/invoices/" + owed, says: "Left to pay"},
		{route: "/:org/invoices/:invoice", path: "/invoices/" + owed, says: "Left to pay", then: func(tab *browser.Tab) { tab.Press("Forward").Says("Whoever receives it") }},
		{route: "/:org/invoices/:invoice", path: "/invoices/" + invoice("due > 0 AND due < total"), says: "Paid with"},
		{route: "/:org/invoices/:invoice", path: "/invoices/" + invoice("due = 0"), says: "Paid in full"},
		{route: "/:org/pay", path: "/pay", says: "How do you want to pay?"},
		{route: "/:org/pay", path: "/pay?invoice=" + owed, says: "1 invoice", then: func(tab *browser.Tab) {
			tab.Press("Pay a different amount").Type("Amount to pay now", "a lot").Press("Pay $").Says("problem")
		}},
		{route: "/:org/credits", path: "/credits", says: "Credit"},
		{route: "/:org/statement", path: "/statement", says: "Opening balance"},
		{route: "/:org/statement", path: "/statement?since=2026-31-31", says: "Statement"},
		{route: "/:org/message", path: "/message", says: "Subject", then: func(tab *browser.Tab) { tab.Press("Send").Says("problem") }},
		{route: "/:org/review", path: "/review", says: "review", then: func(tab *browser.Tab) { tab.Press("Send").Says("problem") }},
		{route: "/:org/payments", path: "/payments", says: "Payments"},
		{route: "/:org/payments", path: "/payments?kind=check", says: "Payments"},
		{route: "/:org/payments/:payment", path: "/payments/" + payment("succeeded"), says: "Receipt"},
		{route: "/:org/payments/:payment", path: "/payments/" + payment("canceled"), says: "This payment was cancelled"},
		{route: "/:org/payments/:payment", path: "/payments/" + payment("failed"), says: "This payment could not be made"},
		{route: "/:org/projects", path: "/projects", says: "Projects"},
		{route: "/:org/projects/:project", path: "/projects/" + project, says: "Unbilled"},
		{route: "/:org/timesheets", path: "/timesheets", says: "Timesheets"},
		{route: "/:org/timesheets/:timesheet", path: "/timesheets/" + sheet("submitted"), says: "Approve"},
		{route: "/:org/timesheets/:timesheet", path: "/timesheets/" + sheet("approved"), says: "Approved"},
		{route: "/:org/timesheets/:timesheet", path: "/timesheets/" + sheet("partly_approved"), says: "Partly approved"},
		{route: "/:org/account", path: "/account", says: "Where you are signed in"},
		{route: "/:org/account/company", path: "/account/company", says: "Billing address"},
		{route: "/:org/account/company", path: "/account/company", says: "Billing address", then: func(tab *browser.Tab) { tab.Type("Company name", "").Press("Save").Says("problem") }},
		{route: "/:org/account/me", path: "/account/me", says: "You sign in with it"},
		{route: "/:org/account/me", path: "/account/me", says: "Your details", then: func(tab *browser.Tab) { tab.Type("Name", "").Press("Save").Says("problem") }},
		{route: "/:org/forward", path: "/forward?document=invoice&id=" + owed, says: "Forward by email", then: func(tab *browser.Tab) { tab.Type("To", "nobody").Press("Forward it").Says("problem") }},
		{route: "/:org/account/password", path: "/account/password", says: "Current password"},
		{route: "/:org/account/password", path: "/account/password", says: "Current password", then: func(tab *browser.Tab) { tab.Press("Change password").Says("problem") }},
		{route: "/:org/account/autopay", path: "/account/autopay", says: "Autopay"},
		{route: "/:org/account/methods/new", path: "/account/methods/new", says: "Continue to the secure page"},
		{route: "/:org/account/methods/setups/:setup", path: "/account/methods/setups/" + setup, says: "secure"},
		{route: "/:org/account/methods/:method/edit", path: "/account/methods/" + method + "/edit", says: "Edit"},
		{route: "/:org/account/methods/:method/remove", path: "/account/methods/" + method + "/remove", says: "Remove"},
	}
}

// setup begins to save a card, and is its ID: somebody was led to the processor's page and isn't back.
func (w walk) setup(side, email, at string) string {
	w.t.Helper()
	c := w.s.Client()
	c.Must(200, "POST", "/api/"+studio+"/"+side+"/session", "", map[string]string{"email": email, "password": demo.Password}, nil)
	var begun struct {
		ID string `json:"id"`
	}
	c.Must(201, "POST", "/api/"+studio+"/"+side+at+"/payment-methods", "", map[string]any{"kind": "card"}, &begun)
	return begun.ID
}

// console is what an administrator sees.
func (w walk) console() []sight {
	org := "org_id = " + studioOrg + " AND "
	one := func(table, where string) string {
		return w.one("SELECT id::text FROM " + table + " WHERE " + org + where + " ORDER BY id LIMIT 1")
	}
	customer := w.one("SELECT id::text FROM customers WHERE name = 'Northbeam Logistics'")
	contact := one("contacts", "email = '"+dana+"'")
	at := "/customers/" + customer
	of := "customer_id = " + northbeam
	project := one("projects", of)
	task := one("project_tasks", "project_id = '"+project+"'")
	entry := one("time_entries", "project_id = '"+project+"' AND invoice_id IS NULL")
	succeeded, declined := one("payments", "status = 'succeeded' AND channel = 'saved'"), one("payments", "status = 'declined'")
	sent := one("invoices", of+" AND state = 'sent' AND due > 0")
	draft := one("estimates", "status = 'draft'")
	marcus := w.one(`INSERT INTO authenticators (org_id, customer_id, contact_id, sealed_secret, last_step)
		SELECT org_id, customer_id, id, '', 0 FROM contacts WHERE email = 'marcus@northbeam.example' RETURNING contact_id::text`)
	differs := w.one(`WITH made AS (INSERT INTO reconciliations (org_id, id, daily, from_day, to_day, from_at, to_at, status, compared, differences, mended, created_at, updated_at, ended_at, flow_open)
			SELECT ` + studioOrg + `, gen_random_uuid(), true, '2026-05-01', '2026-05-07', '2026-05-01', '2026-05-08', 'differs', 12, 1, 1, now(), now(), now(), false RETURNING org_id, id),
		found AS (INSERT INTO reconciliation_differences (org_id, reconciliation_id, object_id, kind, payment_id, customer_id, ours, theirs, found_at, mended_at)
			SELECT org_id, id, 'ch_3QxYzExample1', 'missing_here', NULL::uuid, NULL::uuid, '', '$1,240.00', now(), NULL FROM made
			UNION ALL SELECT org_id, id, 'ch_3QxYzExample2', 'status', '` + succeeded + `', ` + northbeam + `, 'processing', 'succeeded', now(), now() FROM made)
		SELECT id::text FROM made`)
	problem := func(button string) func(*browser.Tab) {
		return func(tab *browser.Tab) { tab.Press(button).Says("problem") }
	}
	return []sight{
		{route: "/console/:org", path: "", says: "Overdue invoices"},
		{route: "/console/:org/activity", path: "/activity", says: "Activity"},
		{route: "/console/:org/bell", path: "/bell", says: "Notifications"},
		{route: "/console/:org/mail", path: "/mail", says: "what became of it"},
		{route: "/console/:org/mail", path: "/mail?status=undelivered", says: "Bounced"},
		{route: "/console/:org/search", path: "/search", says: "Type the beginning"},
		{route: "/console/:org/search", path: "/search?q=nor", says: "Northbeam"},
		{route: "/console/:org/search", path: "/search?q=14", says: "INV-14"},
		{route: "/console/:org/search", path: "/search?q=nobody", says: "Nothing begins with"},
		{route: "/console/:org/credit-notes", path: "/credit-notes", says: "CN-"},
		{route: "/console/:org/reconciliations", path: "/reconciliations", says: "Differs"},
		{route: "/console/:org/reconciliations/:reconciliation", path: "/reconciliations/" + differs, says: "Not in these books"},
		{route: "/console/:org/customers", path: "/customers", says: "Northbeam"},
		{route: "/console/:org/customers", path: "/customers?q=nothing+is+called+that", says: "Nothing fits"},
		{route: "/console/:org/customers/new", path: "/customers/new", says: "New customer", then: problem("Save")},
		{route: "/console/:org/customers/:customer", path: at, says: "Portal access"},
		{route: "/console/:org/customers/:customer", path: at, says: "Portal access", then: func(tab *browser.Tab) { tab.Press("Portal access").Says("Whom you newly choose") }},
		{route: "/console/:org/customers/:customer/edit", path: at + "/edit", says: "Edit customer"},
		{route: "/console/:org/customers/:customer/contacts/new", path: at + "/contacts/new", says: "Add a contact", then: problem("Save")},
		{route: "/console/:org/customers/:customer/contacts/:contact/edit", path: at + "/contacts/" + contact + "/edit", says: "Edit contact"},
		{route: "/console/:org/customers/:customer/contacts/:contact/mfa", path: at + "/contacts/" + marcus + "/mfa", says: "Reset the MFA"},
		{route: "/console/:org/customers/:customer/methods/new", path: at + "/methods/new", says: "Add a payment method"},
		{route: "/console/:org/customers/:customer/methods/request", path: at + "/methods/request", says: "Ask for payment details"},
		{route: "/console/:org/customers/:customer/methods/setups/:setup", path: at + "/methods/setups/" + w.setup("console", nora, at), says: "Continue to the secure page"},
		{route: "/console/:org/customers/:customer/credit", path: at + "/credit", says: "Write a credit note"},
		{route: "/console/:org/customers/:customer/payment", path: at + "/payment", says: "Record a payment"},
		{route: "/console/:org/customers/:customer/statement", path: at + "/statement", says: "Opening balance"},
		{route: "/console/:org/estimates", path: "/estimates", says: "New estimate"},
		{route: "/console/:org/estimates/new", path: "/estimates/new", says: "Which customer is it for?"},
		{route: "/console/:org/estimates/new", path: "/estimates/new?customer=" + customer, says: "Lines", then: problem("Save")},
		{route: "/console/:org/estimates/:estimate", path: "/estimates/" + one("estimates", of+" AND status = 'sent'"), says: "History"},
		{route: "/console/:org/estimates/:estimate", path: "/estimates/" + one("estimates", "status = 'declined'"), says: "Declined"},
		{route: "/console/:org/estimates/:estimate", path: "/estimates/" + one("estimates", "status = 'accepted'"), says: "Download certificate"},
		{route: "/console/:org/estimates/:estimate", path: "/estimates/" + one("estimates", of+" AND status = 'sent'"), says: "Withdraw", then: func(tab *browser.Tab) { tab.Press("Withdraw").Says("Reason") }},
		{route: "/console/:org/estimates/:estimate", path: "/estimates/" + draft, says: "Draft", then: func(tab *browser.Tab) { tab.Press("Send").Says("Send version") }},
		{route: "/console/:org/estimates/:estimate/edit", path: "/estimates/" + draft + "/edit", says: "Lines"},
		{route: "/console/:org/invoices", path: "/invoices", says: "New invoice"},
		{route: "/console/:org/invoices", path: "/invoices?status=overdue&sort=due", says: "Overdue"},
		{route: "/console/:org/invoices", path: "/invoices?from=2026-01-01&to=2025-01-01&customer=" + customer, says: "ends before it begins"},
		{route: "/console/:org/invoices", path: "/invoices?status=draft", says: "Send selected", then: func(tab *browser.Tab) {
			tab.Tick("Choose all drafts on this page").Press("Discard selected").Says("The drafts are gone")
		}},
		{route: "/console/:org/invoices/new", path: "/invoices/new?customer=" + customer, says: "Lines"},
		{route: "/console/:org/invoices/:invoice", path: "/invoices/" + sent, says: "History"},
		{route: "/console/:org/invoices/:invoice", path: "/invoices/" + one("invoices", "state = 'draft'"), says: "Draft"},
		{route: "/console/:org/invoices/:invoice/edit", path: "/invoices/" + one("invoices", "state = 'draft'") + "/edit", says: "Lines"},
		{route: "/console/:org/projects", path: "/projects", says: "New project"},
		{route: "/console/:org/projects/new", path: "/projects/new?customer=" + customer, says: "New project", then: problem("Save project")},
		{route: "/console/:org/projects/:project", path: "/projects/" + project, says: "Tasks"},
		{route: "/console/:org/projects/:project/use", path: "/projects/" + project + "/use", says: "Tasks"},
		{route: "/console/:org/projects/:project/edit", path: "/projects/" + project + "/edit", says: "Edit project"},
		{route: "/console/:org/projects/:project/tasks", path: "/projects/" + project + "/tasks", says: "task"},
		{route: "/console/:org/projects/:project/tasks/:task", path: "/projects/" + project + "/tasks/" + task, says: "task"},
		{route: "/console/:org/projects/:project/time", path: "/projects/" + project + "/time", says: "Log time"},
		{route: "/console/:org/projects/:project/time/:entry", path: "/projects/" + project + "/time/" + entry, says: "Hours"},
		{route: "/console/:org/projects/:project/submit", path: "/projects/" + project + "/submit", says: "Submit a period"},
		{route: "/console/:org/timesheets", path: "/timesheets", says: "Timesheets"},
		{route: "/console/:org/timesheets/:timesheet", path: "/timesheets/" + one("timesheets", "status = 'submitted'"), says: "Entries"},
		{route: "/console/:org/timesheets/:timesheet", path: "/timesheets/" + one("timesheets", "status = 'approved'"), says: "Entries"},
		{route: "/console/:org/payments", path: "/payments", says: "Payments"},
		{route: "/console/:org/payments/failed", path: "/payments/failed", says: "Failed payments"},
		{route: "/console/:org/payments/:payment", path: "/payments/" + succeeded, says: "Tries"},
		{route: "/console/:org/payments/:payment", path: "/payments/" + declined, says: "Declined"},
		{route: "/console/:org/payments/:payment/refund", path: "/payments/" + succeeded + "/refund", says: "Gives back"},
		{route: "/console/:org/forward", path: "/forward?document=invoice&id=" + sent, says: "Forward by email", then: problem("Forward it")},
		{route: "/console/:org/settings", path: "/settings", says: "Banner"},
		{route: "/console/:org/emails", path: "/emails", says: "Every email"},
		{route: "/console/:org/emails/:template", path: "/emails/invitation", says: "Preview"},
		{route: "/console/:org/organization", path: "/organization", says: "Organization"},
		{route: "/console/:org/staff", path: "/staff", says: "Priya", then: func(tab *browser.Tab) { tab.Press("Actions for Priya").Says("Switch access off") }},
		{route: "/console/:org/staff/new", path: "/staff/new", says: "Add a colleague", then: problem("Add and invite")},
		{route: "/console/:org/staff/:member/edit", path: "/staff/" + one("staff", "role = 'member'") + "/edit", says: "Edit colleague"},
		{route: "/console/:org/staff/:member/end", path: "/staff/" + one("staff", "role = 'member'") + "/end", says: "signed out everywhere at once"},
		{route: "/console/:org/api-keys", path: "/api-keys", says: "New key", then: problem("Make the key")},
		{route: "/console/:org/account", path: "/account", says: "Account and security"},
		{route: "/console/:org/account/password", path: "/account/password", says: "Current password"},
	}
}

// strangers is what people see who aren't signed in: doors, and what leads through them.
func (w walk) strangers() []sight {
	w.t.Helper()
	w.askForCodes()
	door, console := "/"+studio, "/console/"+studio
	fresh := func(side, email, subject string) string {
		w.s.Client().Must(202, "POST", "/api/"+studio+"/"+side+"/password-resets", "", map[string]string{"email": email}, nil)
		return w.link(email, subject, "Choose a new password")
	}
	return []sight{
		{route: "/", path: "/", says: "Countersign"},
		{route: "/:org/sign-in", path: door + "/sign-in", says: "Sign in"},
		{route: "/:org/sign-in", path: door + "/sign-in", says: "Sign in", then: func(tab *browser.Tab) { tab.Press("Sign in").Says("problem") }},
		{route: "/:org/password", path: door + "/password", says: "We email you a link"},
		{route: "/:org/password/:token", path: fresh("portal", "marcus@northbeam.example", "new password"), says: "new password", then: func(tab *browser.Tab) {
			tab.Type("New password", "short").Press("Save").Says("problem")
		}},
		{route: "/:org/password/:token", path: door + "/password/no-such-token", says: "link"},
		{route: "/:org/invitations/:token", path: w.link(w.one("SELECT recipient FROM deliveries WHERE template = 'invitation' AND org_id = "+studioOrg+" LIMIT 1"), "", "Accept"), says: "Welcome"},
		{route: "/:org/invitations/:token", path: door + "/invitations/no-such-token", says: "invitation"},
		{route: "/console/:org/sign-in", path: console + "/sign-in", says: "Sign in"},
		{route: "/console/:org/password", path: console + "/password", says: "link"},
		{route: "/console/:org/password/:token", path: fresh("console", "priya@aldervane.example", "new password"), says: "new password"},
		{route: "/:org", path: "/nobody", says: "There is no"},
		// A portal that asks for a second factor, from the password to the code of the next time.
		{route: "/:org/sign-in/set-up", path: roaster + "/sign-in", says: "Sign in", then: func(tab *browser.Tab) { w.knock(tab).Says("Scan this") }},
		{route: "/:org/sign-in/set-up", path: roaster + "/sign-in", says: "Sign in", then: func(tab *browser.Tab) {
			w.knock(tab).Press("I can’t scan it")
			link, err := url.Parse(tab.Link("open it there"))
			if err != nil {
				w.t.Fatal(err)
			}
			tab.Type("Six digits", authenticator.Code(w.t, link.Query().Get("secret"), time.Now())).Press("Turn it on").Says("Your backup codes")
		}},
		{route: "/:org/account/backup-codes", path: roaster + "/account/backup-codes", says: "backup codes"},
		{route: "/:org/sign-in/code", path: roaster, says: "Your account", then: func(tab *browser.Tab) {
			tab.Press("Your account").Press("Sign out").Says("You are signed out")
			w.knock(tab).Says("Enter your code")
		}},
	}
}

// roaster is the demo's organization that is made to ask for a second factor.
const roaster = "/sumire-coffee"

// askForCodes switches the second factor on at the roaster.
func (w walk) askForCodes() {
	w.t.Helper()
	staff := w.s.Client()
	staff.Must(200, "POST", "/api"+roaster+"/console/session", "", map[string]string{"email": "haruka@sumirecoffee.example", "password": demo.Password}, nil)
	var settings map[string]any
	staff.Must(200, "GET", "/api"+roaster+"/console/settings", "", nil, &settings)
	settings["mfa"] = true
	delete(settings, "updated_at")
	staff.Must(200, "PUT", "/api"+roaster+"/console/settings", "", settings, nil)
}

// knock gives a contact's password at the roaster's door.
func (w walk) knock(tab *browser.Tab) *browser.Tab {
	w.t.Helper()
	return tab.Type("Email address", "naoko@kasumi-ginza.example").Type("Password", demo.Password).Press("Sign in")
}

// link is where the link with these words in somebody's newest email leads, on this site.
func (w walk) link(email, subject, words string) string {
	w.t.Helper()
	letter, err := w.s.Inbox.WaitFor(w.t.Context(), email, subject)
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.TrimPrefix(letter.Link(words), w.s.URL)
}
