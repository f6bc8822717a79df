package api

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"countersign/portal"
)

// declared is an operation as its OpenAPI document has it.
type declared struct {
	*huma.Operation
	side portal.Side
}

// declaredOperations are all operations of the API, those without a side too,
// and those about any kind of document once for each kind.
func declaredOperations(b *bundle) []declared {
	var all []declared
	for _, item := range b.huma.OpenAPI().Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op == nil {
				continue
			}
			d := declared{Operation: op}
			if len(op.Security) > 0 {
				d.side = portal.SideContact
				if strings.HasPrefix(op.Path, "/api/{org}/console/") {
					d.side = portal.SideStaff
				}
			}
			if !strings.Contains(op.Path, "{kind}/{document}") {
				all = append(all, d)
				continue
			}
			for _, kind := range []string{"estimate", "invoice", "project"} {
				of := *op
				of.Path = strings.Replace(op.Path, "{kind}/{document}", kind+"/{"+kind+"}", 1)
				all = append(all, declared{&of, d.side})
			}
		}
	}
	slices.SortFunc(all, func(x, y declared) int { return strings.Compare(x.OperationID, y.OperationID) })
	return all
}

// request fills an operation's address with the documents of a company, and
// makes a body that its schema allows.
func (b *bundle) request(d declared, slug string, c company) (path string, body any) {
	path = d.Path
	for name, id := range map[string]string{
		"org": slug, "customer": c.id.String(), "contact": c.contact.Actor.String(), "invoice": c.invoice.String(), "estimate": c.estimate.String(),
		"payment": c.payment.String(), "event": c.event.String(), "method": c.method.String(), "setup": c.methodSetup.String(), "credit_note": c.creditNote.String(), "decision": c.decision.String(), "session": c.contact.SessionID.String(), "key": uuid.NewString(), "token": "no-such-token",
		"reconciliation": c.reconciliation.String(), "template": "invitation", "member": c.colleague.String(), "forward": c.forward.String(),
		"project": c.project.String(), "task": c.task.String(), "entry": c.entry.String(), "timesheet": c.timesheet.String(),
	} {
		path = strings.ReplaceAll(path, "{"+name+"}", id)
	}
	if d.RequestBody != nil {
		body = b.example(d.RequestBody.Content["application/json"].Schema, 0)
	}
	return path, body
}

// ofDocument are the operations whose address names a document or a person. An
// email that the product sends is neither: each organization has its own of it.
func ofDocument(d declared) bool {
	return strings.Count(d.Path, "{") > 1 && !strings.Contains(d.Path, "{token}") && !strings.Contains(d.Path, "{template}")
}

func TestOperationsAnswerNobodyWithoutASignIn(t *testing.T) { // R16
	b := setup(t)
	for _, d := range declaredOperations(b) {
		if d.side == "" {
			continue
		}
		path, body := b.request(d, "bright", b.acme)
		got := b.call(nobody, d.Method, path, body)
		if got.status != http.StatusUnauthorized {
			t.Errorf("%s: nobody got %d: %s", d.OperationID, got.status, got.body)
		}
		if p := got.problem(t); p.Code != "unauthenticated" || p.Detail == "" {
			t.Errorf("%s: %+v", d.OperationID, p)
		}
	}
}

func TestOperationsAreRefusedToTheOtherSide(t *testing.T) { // R16
	b := setup(t)
	// As a thief would try: the right token under the other side's name, too.
	under := func(p portal.Principal, name string) func(*http.Request) {
		return func(r *http.Request) {
			r.AddCookie(&http.Cookie{Name: name, Value: p.SessionID.String()})
			session(p)(r)
		}
	}
	key := b.apiKey(b.bright.admin, portal.Scopes()...)
	for _, d := range declaredOperations(b) {
		var others map[string]func(*http.Request)
		switch d.side {
		case portal.SideStaff:
			others = map[string]func(*http.Request){
				"a contact":                   session(b.acme.contact),
				"a contact as staff":          under(b.acme.contact, "countersign-bright-staff"),
				"staff of another":            session(b.other.admin),
				"staff of another under ours": under(b.other.admin, "countersign-bright-staff"),
			}
		case portal.SideContact:
			others = map[string]func(*http.Request){
				"staff":                       session(b.bright.admin),
				"staff as a contact":          under(b.bright.admin, "countersign-bright-contact"),
				"an API key":                  bearer(key),
				"another's contact":           session(b.foreign.contact),
				"another's contact under our": under(b.foreign.contact, "countersign-bright-contact"),
			}
		}
		for name, who := range others {
			path, body := b.request(d, "bright", b.acme)
			if got := b.call(who, d.Method, path, body); got.status != http.StatusUnauthorized && got.status != http.StatusForbidden {
				t.Errorf("%s: %s got %d: %s", d.OperationID, name, got.status, got.body)
			}
		}
	}
}

// apiKey makes a key with these scopes.
func (b *bundle) apiKey(by portal.Principal, scopes ...string) string {
	b.t.Helper()
	in := &CreateAPIKeyInput{Key: newKey()}
	in.Body.Name, in.Body.Scopes = "Integration", scopes
	return must(b.CreateAPIKey.Do(as(b.t.Context(), by), in))(b.t).Body.Token
}

func TestOperationsNeedTheirRoleOrScope(t *testing.T) { // N8
	b := setup(t)
	// A key for forwarding may do that one thing.
	key := b.apiKey(b.bright.admin, string(portal.ActionForward))
	admins := []string{
		"add-staff-member", "edit-staff-member", "resend-staff-invitation", "set-staff-access",
		"create-api-key", "edit-organization", "get-email-template", "get-settings", "list-api-keys", "list-email-templates", "list-staff",
		"preview-email-template", "remove-logo", "reset-email-template", "revoke-api-key", "save-email-template", "save-logo", "save-settings",
	}
	payers := []string{"cancel-my-payment", "edit-my-payment-method", "end-my-autopay", "enrol-in-autopay", "pay", "plan-autopay-charge", "set-autopay-method", "remove-my-payment-method", "retry-my-payment", "set-up-my-payment-method"}
	approvers := []string{"decide-estimate", "decide-timesheet"}
	for _, d := range declaredOperations(b) {
		path, body := b.request(d, "bright", b.acme)
		check := func(name string, who func(*http.Request), forbidden bool) {
			got := b.call(who, d.Method, path, body)
			if (got.status == http.StatusForbidden) != forbidden {
				t.Errorf("%s: %s got %d: %s", d.OperationID, name, got.status, got.body)
			}
		}
		switch d.side {
		case portal.SideStaff:
			check("a key without the scope", bearer(key), d.OperationID != "forward-document")
			if slices.Contains(admins, d.OperationID) {
				check("a member", session(b.bright.member), true)
			}
		case portal.SideContact:
			if slices.Contains(payers, d.OperationID) || slices.Contains(approvers, d.OperationID) {
				check("a viewer", session(b.acme.viewer), true)
			}
		}
	}
	for _, id := range slices.Concat(admins, payers, approvers) {
		if !slices.ContainsFunc(declaredOperations(b), func(d declared) bool { return d.OperationID == id }) {
			t.Errorf("there is no operation %s: this test proves nothing of it", id)
		}
	}
}

// strangersGetNotFound walks all operations that name a document: a stranger's
// IDs are answered as if there were none, and one's own are found.
func strangersGetNotFound(t *testing.T, b *bundle) {
	t.Helper()
	asked := 0
	for _, d := range declaredOperations(b) {
		if !ofDocument(d) {
			continue
		}
		ask := func(name string, who func(*http.Request), slug string, of company) {
			asked++
			path, body := b.request(d, slug, of)
			got := b.call(who, d.Method, path, body)
			if got.status != http.StatusNotFound {
				t.Errorf("%s: %s got %d: %s", d.OperationID, name, got.status, got.body)
				return
			}
			if p := got.problem(t); p.Code != "not_found" {
				t.Errorf("%s: %+v", d.OperationID, p)
			}
		}
		switch d.side {
		case portal.SideContact:
			ask("another customer's contact", session(b.birch.contact), "bright", b.acme)
			ask("another organization's contact", session(b.foreign.contact), "other", b.acme)
		case portal.SideStaff:
			ask("another organization's staff", session(b.other.admin), "other", b.acme)
		}
	}
	if asked < 30 {
		t.Errorf("only %d questions were asked", asked)
	}
	for _, d := range declaredOperations(b) {
		if !ofDocument(d) || d.Method != http.MethodGet {
			continue
		}
		who := b.acme.contact
		if d.side == portal.SideStaff {
			who = b.bright.admin
		}
		path, body := b.request(d, "bright", b.acme)
		if got := b.call(session(who), d.Method, path, body); got.status != http.StatusOK {
			t.Errorf("%s: its own side got %d: %s", d.OperationID, got.status, got.body)
		}
	}
}

// listsHoldOnlyOnesOwn reads every list and page of a contact and of staff, and
// looks for anything that belongs to someone else.
func listsHoldOnlyOnesOwn(t *testing.T, b *bundle) {
	t.Helper()
	ids := func(c company) []string {
		return []string{c.id.String(), c.contact.Actor.String(), c.invoice.String(), c.estimate.String(), c.payment.String(), c.method.String(), c.methodSetup.String(), c.creditNote.String(), c.decision.String(), c.reconciliation.String(),
			c.project.String(), c.task.String(), c.internal.String(), c.entry.String(), c.timesheet.String(), c.forward.String()}
	}
	read := 0
	for _, d := range declaredOperations(b) {
		if d.Method != http.MethodGet || d.side == "" || ofDocument(d) {
			continue
		}
		read++
		path, _ := b.request(d, "bright", b.acme)
		who, strangers, drafts := b.acme.contact, slices.Concat(ids(b.birch), ids(b.foreign)), []string{b.acme.draft.String()}
		if d.side == portal.SideStaff {
			who, strangers, drafts = b.bright.admin, ids(b.foreign), nil
		}
		got := b.call(session(who), d.Method, path, nil)
		if got.status != http.StatusOK {
			t.Errorf("%s: %d: %s", d.OperationID, got.status, got.body)
		}
		for _, id := range slices.Concat(strangers, drafts) {
			if strings.Contains(string(got.body), id) {
				t.Errorf("%s shows %s, which isn't the caller's: %s", d.OperationID, id, got.body)
			}
		}
	}
	if read < 15 {
		t.Errorf("only %d lists were read", read)
	}
}

func TestStrangersDocumentsAreNotFound(t *testing.T) { // R16
	b := talking(t)
	strangersGetNotFound(t, b)
	listsHoldOnlyOnesOwn(t, b)
}

// The first wall alone: with row-level security off, the operations themselves
// keep everyone to what is theirs.
func TestOperationsHoldWithoutRowLevelSecurity(t *testing.T) { // R16
	b := talking(t)
	for _, table := range tables(b) {
		b.sql("ALTER TABLE " + pgx.Identifier{table}.Sanitize() + " DISABLE ROW LEVEL SECURITY")
	}
	strangersGetNotFound(t, b)
	listsHoldOnlyOnesOwn(t, b)
	if got := b.call(session(b.acme.contact), http.MethodGet, "/api/bright/portal/invoices/"+b.acme.draft.String(), nil); got.status != http.StatusNotFound {
		t.Errorf("a draft was shown: %d", got.status)
	}
	if got := b.call(session(b.acme.contact), http.MethodGet, "/api/bright/portal/invoices?status=draft", nil); !strings.Contains(string(got.body), `"invoices":[]`) {
		t.Errorf("drafts were listed: %s", got.body)
	}
}

// tables are all of the schema's that the application reads.
func tables(b *bundle) []string {
	rows, err := b.owner.Query(b.t.Context(), `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relrowsecurity ORDER BY relname`)
	if err != nil {
		b.t.Fatal(err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		b.t.Fatal(err)
	}
	return names
}

// The second wall alone: statements that name nobody see only what is the
// principal's, in every table that there is.
func TestRowLevelSecurityHoldsWithoutTheQueries(t *testing.T) { // R16
	b := talking(t)
	b.holds(b.bright, b.acme, b.acme.invoice, portal.PaymentCharging, 100_00)
	b.holds(b.bright, b.birch, b.birch.invoice, portal.PaymentCharging, 100_00)
	for _, p := range []portal.Principal{b.acme.contact, b.acme.viewer, b.birch.viewer, b.foreign.contact} {
		b.withMFA(p)
	}
	// look counts what p sees of a table, and what of it belongs to someone else.
	look := func(p *portal.Principal, table string) (seen, strange int) {
		t.Helper()
		tx, err := b.owner.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = tx.Rollback(t.Context()) }()
		if p != nil {
			if _, err := tx.Exec(t.Context(), `SELECT set_config('app.org', $1, true), set_config('app.side', $2, true), set_config('app.customer', $3, true), set_config('app.actor', $4, true)`,
				p.Org.String(), string(p.Side), p.Customer.String(), p.Actor.String()); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := tx.Exec(t.Context(), "SET LOCAL ROLE countersign_app"); err != nil {
			t.Fatal(err)
		}
		columns, secret := map[string]string{ // what is secret is not to be read by anyone
			"credentials":      "t.org_id, t.subject_id",
			"authenticators":   "t.org_id, t.contact_id, t.customer_id",
			"pending_sign_ins": "t.org_id, t.id, t.contact_id, t.customer_id",
		}[table]
		if !secret {
			columns = "t.*"
		}
		rows, err := tx.Query(t.Context(), "SELECT to_jsonb(r) FROM (SELECT "+columns+" FROM "+pgx.Identifier{table}.Sanitize()+" t) r")
		if err != nil {
			t.Fatal(err)
		}
		found, err := pgx.CollectRows(rows, pgx.RowTo[map[string]any])
		if err != nil {
			t.Fatalf("%s: %v", table, err)
		}
		for _, row := range found {
			if p == nil || !belongs(*p, table, row) {
				strange++
			}
		}
		return len(found), strange
	}
	all := tables(b)
	if len(all) < 20 {
		t.Fatalf("only %d tables are held by policies", len(all))
	}
	for name, p := range map[string]*portal.Principal{
		"nobody": nil, "a contact": &b.acme.contact, "a viewer": &b.birch.viewer, "an admin": &b.bright.admin, "another's member": &b.other.member,
	} {
		total := 0
		for _, table := range all {
			seen, strange := look(p, table)
			total += seen
			if strange > 0 {
				t.Errorf("%s sees %d strange rows of %s", name, strange, table)
			}
		}
		if (total == 0) != (p == nil) {
			t.Errorf("%s sees %d rows", name, total)
		}
	}
}

// belongs reports whether p may see a row of a table.
func belongs(p portal.Principal, table string, row map[string]any) bool {
	org := row["org_id"]
	if table == "organizations" {
		org = row["id"]
	}
	if org != p.Org.String() {
		return false
	}
	if p.Side == portal.SideStaff {
		return true
	}
	if customer, ok := row["customer_id"]; ok && customer != p.Customer.String() {
		return false
	}
	switch table {
	case "customers":
		return row["id"] == p.Customer.String()
	case "staff", "api_keys", "counters", "deliveries", "bell_marks", "bell_reads", "notification_batches", "notification_members", "email_templates", "forward_files":
		return false
	case "sessions", "credentials", "password_resets":
		return row["subject_id"] == p.Actor.String()
	case "account_emails":
		return false
	case "invitations", "authenticators", "backup_codes", "pending_sign_ins":
		return row["contact_id"] == p.Actor.String()
	case "invoices":
		return row["state"] != "draft"
	case "estimates":
		return row["version"] != float64(0)
	case "estimate_versions":
		return row["status"] != "draft"
	case "events":
		return row["visible"] == true
	case "project_tasks", "time_entries":
		return row["billable"] == true
	case "timesheet_choices":
		return row["actor_id"] == p.Actor.String()
	case "comments":
		return row["visible"] == true
	case "requests":
		return row["actor_id"] == p.Actor.String()
	case "views", "reviews", "messages", "method_requests":
		return row["contact_id"] == p.Actor.String()
	}
	return true
}

// What a contact can't change, whatever statement it sends.
func TestRowLevelSecurityHoldsContactsToTheirWrites(t *testing.T) { // R16
	b := talking(t)
	b.withMFA(b.acme.contact)
	for _, statement := range []string{
		`UPDATE invoices SET due = 0`,
		`UPDATE invoices SET total = 1, due = 1`,
		`UPDATE estimates SET status = 'accepted'`,
		`UPDATE payments SET received = 1`,
		`UPDATE payment_methods SET brand = 'other'`,
		`UPDATE payment_methods SET removed_at = NULL, kind = 'bank_debit'`,
		`UPDATE method_setups SET status = 'expired', ended_at = now()`,
		`INSERT INTO method_setups (org_id, id, customer_id, kind, started_by_kind, started_by_name, request_hash, created_at, updated_at) SELECT org_id, gen_random_uuid(), id, 'card', 'staff', 'x', sha256(''), now(), now() FROM customers`,
		`UPDATE method_edits SET billing_name = 'other'`,
		`UPDATE method_requests SET message = 'other'`,
		`INSERT INTO method_requests (org_id, id, customer_id, contact_id, asked_by_name, created_at) SELECT org_id, gen_random_uuid(), customer_id, id, 'x', now() FROM contacts`,
		`UPDATE settings SET edit_details = true`,
		`UPDATE comments SET body = 'other'`,
		`UPDATE reviews SET stars = 5`,
		`DELETE FROM comments`,
		`INSERT INTO comments (org_id, id, request_id, customer_id, subject_kind, subject_id, author_kind, author_id, author_name, visible, body, at)
			SELECT org_id, gen_random_uuid(), gen_random_uuid(), customer_id, 'invoice', id, 'staff', app_actor(), 'Sam', true, 'Forged', now() FROM invoices`,
		`INSERT INTO bell_marks (org_id, staff_id, read_through) SELECT app_org(), id, gen_random_uuid() FROM contacts`,
		`UPDATE organizations SET bank_details = 'mine'`,
		`UPDATE customers SET org_id = gen_random_uuid()`,
		`DELETE FROM invoice_lines`,
		`DELETE FROM invoices`,
		`UPDATE timesheets SET version = 2`,
		`UPDATE timesheet_entries SET outcome = 'rejected'`,
		`UPDATE time_entries SET hours = 1`,
		`DELETE FROM time_entries`,
		`UPDATE projects SET rate = 0`,
		`INSERT INTO timesheet_choices (org_id, id, actor_id, body) SELECT org_id, gen_random_uuid(), gen_random_uuid(), '{}' FROM customers`,
		`DELETE FROM events`,
		`INSERT INTO allocations (org_id, id, customer_id, invoice_id, source, amount) SELECT org_id, gen_random_uuid(), customer_id, id, 'credit', due FROM invoices`,
		`INSERT INTO credit_entries (org_id, id, customer_id, currency, amount, reason) SELECT org_id, gen_random_uuid(), id, 'USD', 100, 'credit_note' FROM customers`,
		`SELECT password_hash FROM credentials`,
		`DELETE FROM authenticators`,
		`UPDATE authenticators SET enabled_at = now()`,
		`SELECT sealed_secret FROM authenticators`,
		`SELECT sealed_secret FROM pending_sign_ins`,
		`SELECT token_hash FROM pending_sign_ins`,
		`DELETE FROM password_resets`,
		`INSERT INTO password_resets (org_id, id, side, subject_id, customer_id, created_at, expires_at) SELECT org_id, gen_random_uuid(), 'contact', id, customer_id, now(), now() FROM contacts`,
		`UPDATE account_emails SET flow_open = false`,
		`UPDATE forwards SET message = 'other'`,
		`UPDATE forward_recipients SET status = 'delivered'`,
		`INSERT INTO forwards (org_id, id, customer_id, document_kind, document_id, title, forwarded_by_kind, forwarded_by_name, request_hash, created_at) SELECT org_id, gen_random_uuid(), customer_id, 'invoice', id, 'x', 'contact', 'x', sha256(''), now() FROM invoices`,
		`INSERT INTO contacts (org_id, id, customer_id, name, email) SELECT org_id, gen_random_uuid(), id, 'x', 'x@example.com' FROM customers`,
		`INSERT INTO email_templates (org_id, name, subject, body, updated_by_name, updated_at) SELECT org_id, 'invitation', 'x', 'x', 'x', now() FROM settings`,
		`SELECT * FROM webhook_events`,
		`SELECT * FROM throttles`,
	} {
		tx, err := b.owner.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		p := b.acme.contact
		if _, err := tx.Exec(t.Context(), `SELECT set_config('app.org', $1, true), set_config('app.side', 'contact', true), set_config('app.customer', $2, true), set_config('app.actor', $3, true)`,
			p.Org.String(), p.Customer.String(), p.Actor.String()); err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(t.Context(), "SET LOCAL ROLE countersign_app"); err != nil {
			t.Fatal(err)
		}
		done, err := tx.Exec(t.Context(), statement)
		if err == nil && done.RowsAffected() > 0 {
			t.Errorf("a contact could: %s (%d rows)", statement, done.RowsAffected())
		}
		if err := tx.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestExamplesFitTheirSchemas(t *testing.T) {
	b := setup(t)
	for _, d := range declaredOperations(b) {
		if d.RequestBody == nil {
			continue
		}
		schema := d.RequestBody.Content["application/json"].Schema
		text, err := json.Marshal(b.example(schema, 0))
		if err != nil {
			t.Fatal(err)
		}
		var decoded any
		if err := json.Unmarshal(text, &decoded); err != nil {
			t.Fatal(err)
		}
		found := &huma.ValidateResult{}
		huma.Validate(b.huma.OpenAPI().Components.Schemas, schema, huma.NewPathBuffer(nil, 0), huma.ModeWriteToServer, decoded, found)
		for _, err := range found.Errors {
			t.Errorf("%s: the example %s: %v", d.OperationID, text, err)
		}
	}
}
