package api

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"countersign/auth"
	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/db/dbtest"
	"countersign/portal"
)

func TestMain(m *testing.M) {
	gin.SetMode(gin.ReleaseMode)
	dbtest.Main(m)
}

// noon is the clock of the tests: a Sunday afternoon in London, morning in New York.
var noon = time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC)

// bundle is an API on a database of its own, with two organizations: Bright,
// which has two customers, and Other, which has one. No flow runs: what needs
// one is tested with the whole stack.
type bundle struct {
	*API
	t     *testing.T
	owner *pgx.Conn
	now   time.Time

	bright, other organization
	acme, birch   company
	foreign       company // Other's customer
}

type organization struct {
	id            uuid.UUID
	slug          string
	admin, member portal.Principal
}

// company is a customer with its contacts and one of each document.
type company struct {
	id uuid.UUID
	// colleague is a member of the organization's staff.
	colleague uuid.UUID
	// contact may do everything, viewer only look.
	contact, viewer portal.Principal
	invoice         uuid.UUID // sent
	draft           uuid.UUID
	estimate        uuid.UUID // sent
	payment         uuid.UUID // succeeded
	method          uuid.UUID
	methodSetup     uuid.UUID
	creditNote      uuid.UUID
	forward         uuid.UUID // of the invoice, to the viewer
	decision        uuid.UUID // of another estimate, accepted
	project         uuid.UUID
	task, internal  uuid.UUID // billable, and not
	entry           uuid.UUID // waits for approval on the timesheet
	timesheet       uuid.UUID // submitted
	event           uuid.UUID // that rings
	reconciliation  uuid.UUID // of the organization, with a charge of this company
}

func setup(t *testing.T) *bundle {
	t.Helper()
	t.Parallel()
	url := dbtest.New(t)
	owner, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = owner.Close(context.Background()) })
	d, err := db.Open(t.Context(), db.Options{URL: url, MaxConns: 8})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	passwords, err := auth.NewPasswords(rand.Reader, 2)
	if err != nil {
		t.Fatal(err)
	}
	mfa, err := auth.NewKeyRing(rand.Reader, auth.Key{ID: "k1", Secret: bytes.Repeat([]byte{1}, auth.KeyBytes)})
	if err != nil {
		t.Fatal(err)
	}
	b := &bundle{t: t, owner: owner, now: noon}
	b.API = New(Config{
		DB: d, Passwords: passwords, NewToken: func() (string, []byte) { return auth.NewToken(rand.Reader) },
		MFA: mfa, Random: rand.Reader,
		SiteURL: "http://localhost:8080", Now: func() time.Time { return b.now },
		NewID: func() uuid.UUID { return uuid.Must(uuid.NewV7()) }, Log: slog.New(slog.NewTextHandler(testLog{t}, nil)),
	}, gin.New())
	b.bright = b.organization("bright")
	b.other = b.organization("other")
	b.acme = b.company(b.bright, "Acme")
	b.birch = b.company(b.bright, "Birch")
	b.foreign = b.company(b.other, "Foreign")
	return b
}

// talking is a bundle whose customers have said something, too.
func talking(t *testing.T) *bundle {
	b := setup(t)
	b.talk(b.bright, &b.acme)
	b.talk(b.bright, &b.birch)
	b.talk(b.other, &b.foreign)
	return b
}

// testLog writes the API's log into the test's.
type testLog struct{ t *testing.T }

func (l testLog) Write(p []byte) (int, error) {
	l.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}

// sql runs one statement as the database's owner, whom no policy holds.
func (b *bundle) sql(statement string, args ...any) {
	b.t.Helper()
	if _, err := b.owner.Exec(b.t.Context(), statement, args...); err != nil {
		b.t.Fatalf("%s: %v", statement, err)
	}
}

// value reads one value as the database's owner.
func value[V any](b *bundle, query string, args ...any) V {
	b.t.Helper()
	var v V
	if err := b.owner.QueryRow(b.t.Context(), query, args...).Scan(&v); err != nil {
		b.t.Fatalf("%s: %v", query, err)
	}
	return v
}

func (b *bundle) organization(slug string) organization {
	b.t.Helper()
	o := organization{id: b.NewID(), slug: slug}
	b.sql(`INSERT INTO organizations (id, slug, name, email, currency, time_zone, locale, bank_details)
		VALUES ($1, $2, $3, $4, 'USD', 'America/New_York', 'en-US', 'Account 12345')`, o.id, slug, strings.ToUpper(slug[:1])+slug[1:]+" Studio", "hello@"+slug+".example")
	b.sql(`INSERT INTO settings (org_id) VALUES ($1)`, o.id)
	staff := func(role portal.Role) portal.Principal {
		p := portal.Principal{
			Org: o.id, OrgSlug: slug, Side: portal.SideStaff, Actor: b.NewID(), ActorKind: portal.ActorStaff,
			Name: "Sam " + string(role), Email: string(role) + "@" + slug + ".example", Roles: []portal.Role{role},
		}
		b.sql(`INSERT INTO staff (org_id, id, email, name, role) VALUES ($1, $2, $3, $4, $5)`, o.id, p.Actor, p.Email, p.Name, string(role))
		return b.signedIn(p)
	}
	o.admin, o.member = staff(portal.RoleAdmin), staff(portal.RoleMember)
	return o
}

// signedIn stores a session of p.
func (b *bundle) signedIn(p portal.Principal) portal.Principal {
	b.t.Helper()
	p.SessionID = b.NewID()
	err := b.DB.In(b.t.Context(), portal.System(p.Org), func(q *dbsqlc.Queries) error {
		return q.InsertSession(b.t.Context(), dbsqlc.InsertSessionParams{
			OrgID: p.Org, ID: p.SessionID, TokenHash: auth.Hash(p.SessionID.String()), Side: string(p.Side), SubjectID: p.Actor,
			CustomerID: optional(p.Customer), At: time.Now(), ExpiresAt: time.Now().Add(time.Hour),
		})
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return p
}

func (b *bundle) company(o organization, name string) company {
	b.t.Helper()
	ctx := as(b.t.Context(), o.admin)
	made := must(b.CreateCustomer.Do(ctx, newCustomer(name)))(b.t)
	c := company{id: made.Body.ID, colleague: o.member.Actor}
	contact := func(who string, roles ...string) portal.Principal {
		email := strings.ToLower(who + "@" + name + ".example")
		in := &CreateContactInput{Key: newKey(), Customer: c.id}
		in.Body.Name, in.Body.Email, in.Body.Roles = who+" "+name, email, roles
		id := must(b.CreateContact.Do(ctx, in))(b.t).Body.ID
		b.sql(`UPDATE contacts SET access = 'active' WHERE id = $1`, id)
		p := portal.Principal{
			Org: o.id, OrgSlug: o.slug, Side: portal.SideContact, Customer: c.id, Actor: id, ActorKind: portal.ActorContact, Name: in.Body.Name, Email: email,
		}
		for _, r := range roles {
			p.Roles = append(p.Roles, portal.Role(r))
		}
		return b.signedIn(p)
	}
	c.contact, c.viewer = contact("Maria", "view", "approve", "pay"), contact("Vera", "view")
	c.invoice = b.sentInvoice(o, c.id, 100_00, "2026-12-01")
	c.draft = must(b.CreateInvoice.Do(ctx, newInvoice(c.id, 50_00, "2026-12-01")))(b.t).Body.ID
	c.estimate = b.sentEstimate(o, c.id, "A kitchen", 900_00)
	note := &CreateCreditNoteInput{Key: newKey()}
	note.Body.Customer, note.Body.Amount = c.id, 15_00
	c.creditNote = must(b.CreateCreditNote.Do(ctx, note))(b.t).Body.ID
	c.method = b.NewID()
	b.sql(`INSERT INTO payment_methods (org_id, id, customer_id, processor_method, kind, brand, last4, exp_month, exp_year) VALUES ($1, $2, $3, $4, 'card', 'visa', '4242', 12, 2030)`,
		o.id, c.method, c.id, "pm_"+c.method.String())
	c.methodSetup = b.NewID()
	b.sql(`INSERT INTO method_setups (org_id, id, customer_id, kind, replaces, status, checkout_id, action_url, started_by_kind, started_by, started_by_name, request_hash, created_at, updated_at)
		VALUES ($1, $2, $3, 'card', $4, 'open', $5, 'https://pay.example', 'contact', $6, $7, sha256(''), $8, $8)`, o.id, c.methodSetup, c.id, c.method, "cs_"+c.methodSetup.String(), c.contact.Actor, c.contact.Name, b.now)
	b.sql(`INSERT INTO method_edits (org_id, id, customer_id, method_id, exp_month, exp_year, billing_name, billing_email, billing_phone, billing_address, asked_by_kind, asked_by_name, request_hash, created_at)
		VALUES ($1, $2, $3, $4, 1, 2031, 'x', '', '', '{}', 'contact', $5, sha256(''), $6)`, o.id, b.NewID(), c.id, c.method, c.contact.Name, b.now)
	b.sql(`INSERT INTO method_requests (org_id, id, customer_id, contact_id, asked_by_name, created_at) VALUES ($1, $2, $3, $4, 'Sam', $5)`, o.id, b.NewID(), c.id, c.viewer.Actor, b.now)
	c.decision = b.accepted(o, c)
	c.forward = b.NewID()
	b.sql(`INSERT INTO forwards (org_id, id, customer_id, document_kind, document_id, title, forwarded_by_kind, forwarded_by, forwarded_by_name, request_hash, created_at)
		VALUES ($1, $2, $3, 'invoice', $4, 'invoice', 'contact', $5, $6, sha256(''), $7)`, o.id, c.forward, c.id, c.invoice, c.contact.Actor, c.contact.Name, b.now)
	b.sql(`INSERT INTO forward_recipients (org_id, forward_id, contact_id, customer_id, email, updated_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		o.id, c.forward, c.viewer.Actor, c.id, c.viewer.Email, b.now)
	b.sql(`INSERT INTO forward_files (org_id, forward_id, name, type, content, hash) VALUES ($1, $2, 'a.pdf', 'application/pdf', '%PDF-', sha256('%PDF-'))`, o.id, c.forward)
	c.payment = b.paid(o, c, b.sentInvoice(o, c.id, 20_00, "2026-11-30"), 20_00)
	c.reconciliation = b.NewID()
	b.sql(`INSERT INTO reconciliations (org_id, id, daily, from_day, to_day, from_at, to_at, status, differences, created_at, updated_at, ended_at, flow_open)
		VALUES ($1, $2, false, '2026-05-01', '2026-05-07', '2026-05-01', '2026-05-08', 'differs', 1, $3, $3, $3, false)`, o.id, c.reconciliation, b.now)
	b.sql(`INSERT INTO reconciliation_differences (org_id, reconciliation_id, object_id, kind, payment_id, customer_id, ours, theirs, found_at)
		VALUES ($1, $2, 'pi_1', 'status', $3, $4, 'processing', 'succeeded', $5)`, o.id, c.reconciliation, c.payment, c.id, b.now)
	b.work(o, &c)
	return c
}

// talk has everybody say something: the contact a comment, a review and a
// message, staff a comment for staff alone.
func (b *bundle) talk(o organization, c *company) {
	b.t.Helper()
	contact, staff := as(b.t.Context(), c.contact), as(b.t.Context(), o.admin)
	said := &WriteMyCommentInput{Key: newKey(), Kind: "invoice", Document: c.invoice}
	said.Body.Text = "Is this right?"
	must(b.WriteMyComment.Do(contact, said))(b.t)
	noted := &WriteCommentInput{Key: newKey(), Kind: "invoice", Document: c.invoice}
	noted.Body.Text = "Careful with them."
	must(b.WriteComment.Do(staff, noted))(b.t)
	must(b.ViewMyInvoice.Do(contact, &InvoiceInput{Invoice: c.invoice}))(b.t)
	review := &WriteReviewInput{Key: newKey()}
	review.Body.Stars, review.Body.Text = 4, "Good work."
	must(b.WriteReview.Do(contact, review))(b.t)
	message := &WriteMessageInput{Key: newKey()}
	message.Body.Subject, message.Body.Text = "A question", "When do you come?"
	must(b.WriteMessage.Do(contact, message))(b.t)
	c.event = value[uuid.UUID](b, `SELECT id FROM events WHERE customer_id = $1 AND kind = 'invoice.viewed'`, c.id)
}

// sentInvoice is an invoice of one line, sent to the customer.
func (b *bundle) sentInvoice(o organization, customer uuid.UUID, amount int64, due string) uuid.UUID {
	b.t.Helper()
	ctx := as(b.t.Context(), o.admin)
	id := must(b.CreateInvoice.Do(ctx, newInvoice(customer, amount, due)))(b.t).Body.ID
	must(b.SendInvoice.Do(ctx, &SendInvoiceInput{Key: newKey(), Invoice: id}))(b.t)
	return id
}

// sentEstimate is an estimate of one line, as its flow would have sent it.
func (b *bundle) sentEstimate(o organization, customer uuid.UUID, title string, amount int64) uuid.UUID {
	b.t.Helper()
	in := &CreateEstimateInput{Key: newKey()}
	in.Body.Customer, in.Body.Title, in.Body.ValidUntil = customer, title, portal.NewDate(2026, 12, 24)
	in.Body.Lines = []LineInput{{Description: "Work", Quantity: "1", UnitPrice: amount}}
	id := must(b.CreateEstimate.Do(as(b.t.Context(), o.admin), in))(b.t).Body.ID
	b.sql(`UPDATE estimate_versions SET status = 'sent', sent_at = $2, content_hash = '\x00', expires_at = $2::timestamptz + interval '30 days' WHERE estimate_id = $1`, id, b.now)
	b.sql(`UPDATE estimates SET status = 'sent', version = 1, draft_version = NULL, sent_at = $2 WHERE id = $1`, id, b.now)
	return id
}

// accepted is the record of a decision on an estimate of its own.
func (b *bundle) accepted(o organization, c company) uuid.UUID {
	b.t.Helper()
	id, estimate := b.NewID(), b.sentEstimate(o, c.id, "Shelves", 75_00)
	b.sql(`UPDATE estimate_versions SET status = 'accepted', ended_at = $2 WHERE estimate_id = $1`, estimate, b.now)
	b.sql(`UPDATE estimates SET status = 'accepted', decided_at = $2 WHERE id = $1`, estimate, b.now)
	b.sql(`INSERT INTO decisions (org_id, id, customer_id, document_kind, document_id, version, decision, contact_id, contact_name, contact_email, ip, user_agent, content_hash, decided_at)
		VALUES ($1, $2, $3, 'estimate', $4, 1, 'accepted', $5, $6, $7, '192.0.2.7', 'Firefox', '\x00', $8)`,
		o.id, id, c.id, estimate, c.contact.Actor, c.contact.Name, c.contact.Email, b.now)
	return id
}

// payment is a payment row in some status, as the flows would have left it.
func (b *bundle) paymentRow(o organization, c company, status portal.PaymentStatus, amount int64) uuid.UUID {
	b.t.Helper()
	id := b.NewID()
	b.sql(`INSERT INTO payments (org_id, id, customer_id, status, channel, kind, currency, amount, started_by_kind, started_by, started_by_name, request_hash, ended_at, created_at, updated_at)
		VALUES ($1, $2, $3, $4::text, 'checkout', 'card', 'USD', $5, 'contact', $6, $7, '\x00', CASE WHEN $4::text IN ('canceled', 'failed') THEN $8::timestamptz END, $8, $8)`,
		o.id, id, c.id, string(status), amount, c.contact.Actor, c.contact.Name, b.now)
	return id
}

// paid is a payment that arrived and settled what it could of an invoice.
func (b *bundle) paid(o organization, c company, invoice uuid.UUID, amount int64) uuid.UUID {
	b.t.Helper()
	id := b.paymentRow(o, c, portal.PaymentReserved, amount)
	b.sql(`UPDATE payments SET status = 'succeeded', received = amount, receipt_number = $2, succeeded_at = $3, ended_at = $3 WHERE id = $1`, id, "R-"+id.String()[24:], b.now)
	b.sql(`INSERT INTO allocations (org_id, id, customer_id, invoice_id, source, payment_id, amount) VALUES ($1, $2, $3, $4, 'payment', $5, $6)`,
		o.id, b.NewID(), c.id, invoice, id, amount)
	return id
}

// holds makes a payment in this status that holds an invoice.
func (b *bundle) holds(o organization, c company, invoice uuid.UUID, status portal.PaymentStatus, amount int64) uuid.UUID {
	b.t.Helper()
	id := b.paymentRow(o, c, status, amount)
	b.sql(`INSERT INTO reservations (org_id, payment_id, invoice_id, customer_id, amount, revision) VALUES ($1, $2, $3, $4, $5, 1)`, o.id, id, invoice, c.id, amount)
	return id
}

// as is ctx with p as the caller.
func as(ctx context.Context, p portal.Principal) context.Context { return portal.WithPrincipal(ctx, p) }

func newKey() Key { return Key{uuid.NewString()} }

func newCustomer(name string) *CreateCustomerInput {
	in := &CreateCustomerInput{Key: newKey()}
	in.Body.Name, in.Body.TermsDays = name, 30
	return in
}

func newInvoice(customer uuid.UUID, amount int64, due string) *CreateInvoiceInput {
	in := &CreateInvoiceInput{Key: newKey()}
	in.Body.Customer, in.Body.Title = customer, "Work"
	in.Body.IssueDate, in.Body.DueDate = day("2026-10-01"), day(due)
	in.Body.Lines = []LineInput{{Description: "Work", Quantity: "1", UnitPrice: amount}}
	return in
}

func day(text string) portal.Date {
	d, err := portal.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}

// must ends the test unless the operation worked.
func must[O any](out *O, err error) func(t *testing.T) *O {
	return func(t *testing.T) *O {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

// refused checks an operation's refusal: its code, and the field it names.
func refused(t *testing.T, err error, code portal.Code, field string) {
	t.Helper()
	if portal.CodeOf(err) != code {
		t.Fatalf("got %v, want %s", err, code)
	}
	if field == "" {
		return
	}
	said, _ := errors.AsType[*portal.Error](err)
	for _, f := range said.Fields {
		if f.Path == field {
			return
		}
	}
	t.Errorf("%v doesn't name the field %s", err, field)
}

// answer is what HTTP said.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) problem(t *testing.T) Problem {
	t.Helper()
	var p Problem
	if got := a.header.Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("the answer %d is %q: %s", a.status, got, a.body)
	}
	if err := json.Unmarshal(a.body, &p); err != nil {
		t.Errorf("%s: %v", a.body, err)
	}
	return p
}

// call sends a request as a browser or a program would.
func (b *bundle) call(who func(*http.Request), method, path string, body any) answer {
	b.t.Helper()
	var reader io.Reader
	switch body := body.(type) {
	case nil:
	case string:
		reader = strings.NewReader(body)
	default:
		text, err := json.Marshal(body)
		if err != nil {
			b.t.Fatal(err)
		}
		reader = bytes.NewReader(text)
	}
	r := httptest.NewRequestWithContext(b.t.Context(), method, path, reader)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", uuid.NewString())
	who(r)
	w := httptest.NewRecorder()
	b.Handler().ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.Bytes()}
}

func nobody(*http.Request) {}

// session sends the cookie of p, under the name that belongs to its side.
func session(p portal.Principal) func(*http.Request) {
	return func(r *http.Request) {
		r.AddCookie(&http.Cookie{Name: fmt.Sprintf("countersign-%s-%s", p.OrgSlug, p.Side), Value: p.SessionID.String()})
	}
}

func bearer(token string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
}
