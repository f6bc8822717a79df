package demo

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unicode"

	pgxdecimal "github.com/jackc/pgx-shopspring-decimal"
	"github.com/jackc/pgx/v5"

	"countersign/db/dbsqlc"
)

// rows are what the years leave behind, table by table.
type rows struct {
	organizations    []dbsqlc.Organization
	settings         []dbsqlc.Setting
	staff            []dbsqlc.Staff
	customers        []dbsqlc.Customer
	contacts         []dbsqlc.Contact
	credentials      []dbsqlc.Credential
	invitations      []dbsqlc.Invitation
	counters         []dbsqlc.Counter
	estimates        []dbsqlc.Estimate
	estimateVersions []dbsqlc.EstimateVersion
	estimateLines    []dbsqlc.EstimateLine
	decisions        []dbsqlc.Decision
	invoices         []dbsqlc.Invoice
	invoiceLines     []dbsqlc.InvoiceLine
	creditNotes      []dbsqlc.CreditNote
	methods          []dbsqlc.PaymentMethod
	payments         []dbsqlc.Payment
	attempts         []dbsqlc.PaymentAttempt
	reservations     []dbsqlc.Reservation
	allocations      []dbsqlc.Allocation
	credits          []dbsqlc.CreditEntry
	refunds          []dbsqlc.Refund
	disputes         []dbsqlc.Dispute
	events           []dbsqlc.Event
	logos            []dbsqlc.Logo
	projects         []dbsqlc.Project
	tasks            []dbsqlc.ProjectTask
	sheets           []dbsqlc.Timesheet
	time             []dbsqlc.TimeEntry
	sheetEntries     []dbsqlc.TimesheetEntry
	comments         []dbsqlc.Comment
	views            []dbsqlc.View
	reviews          []dbsqlc.Review
	messages         []dbsqlc.Message
	forwards         []dbsqlc.Forward
	recipients       []dbsqlc.ForwardRecipient
	deliveries       []dbsqlc.Delivery
	bellMarks        []dbsqlc.BellMark
}

// store writes all rows in one transaction, as the database's owner. Columns
// that aren't named have their defaults, also those that the schema gets later.
func (r *rows) store(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("reaching the database as its owner: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	pgxdecimal.Register(conn.TypeMap())
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		return errors.Join(
			put(ctx, tx, "organizations", "id slug name legal_name email phone website address currency time_zone locale accent bank_details stripe_account created_at", r.organizations),
			put(ctx, tx, "settings", "org_id banner email_staff_on_activity email_customer_on_comment edit_details forward_documents reviews timesheets mfa updated_at", r.settings),
			put(ctx, tx, "staff", "org_id id email name role active created_at", r.staff),
			put(ctx, tx, "customers", "org_id id number name email phone website tax_number currency terms_days billing_address shipping_address notes bank_debit_allowed processor_customer created_at updated_at", r.customers),
			put(ctx, tx, "contacts", "org_id id customer_id name email phone title is_primary access roles created_at updated_at last_seen_at", r.contacts),
			put(ctx, tx, "credentials", "org_id subject_id password_hash changed_at", r.credentials),
			put(ctx, tx, "invitations", "org_id id customer_id contact_id status token_hash send_number invited_by invited_by_name request_hash created_at sent_at expires_at ended_at flow_open", r.invitations),
			put(ctx, tx, "counters", "org_id kind next", r.counters),
			put(ctx, tx, "estimates", "org_id id customer_id number status version draft_version currency title total valid_until sent_at decided_at created_by created_at updated_at", r.estimates),
			put(ctx, tx, "estimate_versions", "org_id estimate_id version status title notes terms valid_until discount_percent deposit_percent subtotal discount tax total content_hash sent_at sent_by expires_at ended_at flow_open", r.estimateVersions),
			put(ctx, tx, "estimate_lines", "org_id estimate_id version position description quantity unit unit_price discount_percent tax_percent amount", r.estimateLines),
			put(ctx, tx, "decisions", "org_id id customer_id document_kind document_id version decision reason contact_id contact_name contact_email ip user_agent content_hash decided_at", r.decisions),
			put(ctx, tx, "invoices", "org_id id customer_id estimate_id number state revision currency title notes terms issue_date due_date discount_percent subtotal discount tax total due ways_to_pay sent_at voided_at settled_at created_by created_at updated_at", r.invoices),
			put(ctx, tx, "invoice_lines", "org_id invoice_id position description quantity unit unit_price discount_percent tax_percent amount", r.invoiceLines),
			put(ctx, tx, "credit_notes", "org_id id customer_id invoice_id number currency amount reason issue_date created_by created_at", r.creditNotes),
			put(ctx, tx, "payment_methods", "org_id id customer_id contact_id account processor_method kind brand last4 exp_month exp_year fingerprint billing_name billing_email billing_phone billing_address version created_at", r.methods),
			put(ctx, tx, "payments", "org_id id customer_id receipt_number status channel kind currency amount received method_id brand last4 attempt account failure_code failure_message started_by_kind started_by started_by_name received_on reference request_hash created_at updated_at succeeded_at ended_at flow_open", r.payments),
			put(ctx, tx, "refunds", "org_id id customer_id payment_id channel kind currency amount status owed_again reason requested_by_kind requested_by requested_by_name request_hash created_at updated_at booked_at", r.refunds),
			put(ctx, tx, "disputes", "org_id id customer_id payment_id account processor_dispute status reason currency amount opened_at updated_at taken_at", r.disputes),
			put(ctx, tx, "payment_attempts", "org_id payment_id n charge outcome channel code class message requested_by started_at ended_at", r.attempts),
			put(ctx, tx, "reservations", "org_id payment_id invoice_id customer_id amount revision state created_at", r.reservations),
			// In one statement: its triggers derive what is due after the last of
			// them, and so never take an invoice for settled or open in between.
			put(ctx, tx, "allocations", "org_id id customer_id invoice_id source payment_id credit_note_id amount reverses created_at dispute_id", r.allocations),
			put(ctx, tx, "credit_entries", "org_id id customer_id currency amount reason payment_id credit_note_id allocation_id created_at refund_id", r.credits),
			put(ctx, tx, "events", "org_id id customer_id kind subject_kind subject_id actor_kind actor_id actor_name visible data at relayed_at", r.events),
			put(ctx, tx, "logos", "org_id png width height hash updated_at", r.logos),
			put(ctx, tx, "projects", "org_id id customer_id name description status currency rate version created_by created_at updated_at", r.projects),
			put(ctx, tx, "project_tasks", "org_id id project_id customer_id name billable rate version created_at updated_at", r.tasks),
			put(ctx, tx, "timesheets", "org_id id customer_id project_id number status version content_hash message from_day to_day entry_count hours approved_count approved_hours request_hash decision_hash submitted_by submitted_by_name submitted_at decided_at ended_at flow_open", r.sheets),
			put(ctx, tx, "time_entries", "org_id id project_id task_id customer_id staff_id staff_name day hours description billable rate approval timesheet_id invoice_id version created_by created_at updated_at", r.time),
			put(ctx, tx, "timesheet_entries", "org_id timesheet_id entry_id customer_id day hours task_name staff_name description outcome reason", r.sheetEntries),
			put(ctx, tx, "comments", "org_id id request_id customer_id subject_kind subject_id author_kind author_id author_name visible body at", r.comments),
			put(ctx, tx, "views", "org_id customer_id subject_kind subject_id contact_id first_at last_at", r.views),
			put(ctx, tx, "reviews", "org_id id request_id customer_id contact_id stars body at", r.reviews),
			put(ctx, tx, "messages", "org_id id request_id customer_id contact_id subject body at", r.messages),
			put(ctx, tx, "forwards", "org_id id customer_id document_kind document_id title message forwarded_by_kind forwarded_by forwarded_by_name reply_to status request_hash created_at sent_at ended_at flow_open", r.forwards),
			put(ctx, tx, "forward_recipients", "org_id forward_id contact_id customer_id email status updated_at", r.recipients),
			// Their trigger tells the recipients above what became of each.
			put(ctx, tx, "deliveries", "org_id id customer_id contact_id template subject_kind subject_id recipient recipient_name reply_to subject text_body html_body status detail created_at sent_at updated_at forward_id", r.deliveries),
			put(ctx, tx, "bell_marks", "org_id staff_id read_through", r.bellMarks),
		)
	})
}

// put copies rows into a table, column by column as named.
func put[T any](ctx context.Context, tx pgx.Tx, table, columns string, rows []T) error {
	names := strings.Fields(columns)
	fields := make(map[string]int)
	for i := range reflect.TypeFor[T]().NumField() {
		fields[columnOf(reflect.TypeFor[T]().Field(i).Name)] = i
	}
	for _, name := range names {
		if _, ok := fields[name]; !ok {
			return fmt.Errorf("a row of %s has no %s", table, name)
		}
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{table}, names, pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) {
		row := reflect.ValueOf(rows[i])
		values := make([]any, len(names))
		for j, name := range names {
			values[j] = row.Field(fields[name]).Interface()
		}
		return values, nil
	}))
	if err != nil {
		return fmt.Errorf("storing %s: %w", table, err)
	}
	return nil
}

// columnOf is the column of a field: DraftVersion is draft_version, OrgID org_id.
func columnOf(field string) string {
	var column strings.Builder
	for i, r := range field {
		if i > 0 && unicode.IsUpper(r) && !unicode.IsUpper(rune(field[i-1])) {
			column.WriteByte('_')
		}
		column.WriteRune(unicode.ToLower(r))
	}
	return column.String()
}

// write turns the year into rows.
func (y *year) write(r *rows, passwordHash string) error {
	founded := y.founded()
	r.organizations = append(r.organizations, dbsqlc.Organization{
		ID: y.org, Slug: y.b.slug, Name: y.b.name, LegalName: y.b.legal, Email: y.b.mailbox + "@" + y.b.domain, Phone: y.b.phone, Website: "https://" + y.b.domain,
		Address: y.b.address, Currency: y.b.currency, TimeZone: y.b.zone, Locale: y.b.locale, Accent: y.b.accent, BankDetails: y.b.bank,
		StripeAccount: y.account, CreatedAt: founded,
	})
	r.settings = append(r.settings, dbsqlc.Setting{
		OrgID: y.org, Banner: y.b.banner, EmailStaffOnActivity: true, EmailCustomerOnComment: true, EditDetails: true, ForwardDocuments: true,
		Reviews: true, Timesheets: true, UpdatedAt: founded,
	})
	r.staff = append(r.staff, y.staff...)
	for _, s := range y.staff {
		r.credentials = append(r.credentials, dbsqlc.Credential{OrgID: y.org, SubjectID: s.ID, PasswordHash: passwordHash, ChangedAt: founded})
	}
	for _, b := range y.buyers {
		r.customers = append(r.customers, b.row)
		r.contacts = append(r.contacts, b.contacts...)
		if b.card != nil {
			r.methods = append(r.methods, *b.card)
		}
		for _, c := range b.contacts {
			if c.Access == "active" {
				r.credentials = append(r.credentials, dbsqlc.Credential{OrgID: y.org, SubjectID: c.ID, PasswordHash: passwordHash, ChangedAt: c.CreatedAt})
			}
		}
	}
	r.invitations = append(r.invitations, y.invitations()...)
	if err := y.writeEstimates(r); err != nil {
		return err
	}
	y.writeBills(r)
	y.writeNotes(r)
	y.writePayments(r)
	receipts := 0
	for _, p := range y.payments {
		if p.receipt != "" {
			receipts++
		}
	}
	for _, c := range []struct {
		kind        string
		first, used int
	}{
		{"customer", 1, len(y.buyers)}, {"estimate", y.b.first.estimate, len(y.estimates)}, {"invoice", y.b.first.invoice, len(y.bills)},
		{"credit_note", y.b.first.credit, len(y.notes)}, {"receipt", y.b.first.receipt, receipts}, {"timesheet", 1, len(y.sheets)},
	} {
		r.counters = append(r.counters, dbsqlc.Counter{OrgID: y.org, Kind: c.kind, Next: int64(c.first + c.used)})
	}
	if err := y.writeLife(r); err != nil {
		return err
	}
	events, err := y.events()
	r.events = append(r.events, events...)
	y.writeBell(r, events)
	return err
}

// writeLife writes what is beside the documents and the money.
func (y *year) writeLife(r *rows) error {
	y.writeViews(r)
	for _, write := range []func(*rows) error{y.writeLogo, y.writeProjects, y.writeComments, y.writeReviews, y.writeLetters, y.writeHandovers} {
		if err := write(r); err != nil {
			return err
		}
	}
	return nil
}
