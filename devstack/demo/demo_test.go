package demo_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.temporal.io/api/workflowservice/v1"

	"countersign/activities"
	"countersign/auth"
	"countersign/db/dbsqlc"
	"countersign/devstack/demo"
	"countersign/devstack/inbox"
	"countersign/devstack/stack"
	"countersign/gateway/stripe"
	"countersign/portal"
	"countersign/workflows"
)

func config(t *testing.T, s *stack.Stack, now time.Time) demo.Config {
	return demo.Config{
		OwnerURL: s.DatabaseURL, DB: s.DB, Temporal: s.Temporal, TaskQueue: workflows.TaskQueue, Now: now,
		StripeURL: s.Sim.URL, StripeKey: "sk_test_stack", Log: t.Output(),
	}
}

func load(t *testing.T, s *stack.Stack, now time.Time) demo.SignIns {
	t.Helper()
	signIns, err := demo.Load(t.Context(), config(t, s, now))
	if err != nil {
		t.Fatal(err)
	}
	return signIns
}

// still is a stack whose worker stands still: what is begun stays at its beginning.
func still(t *testing.T) *stack.Stack {
	t.Helper()
	s := stack.New(t, stack.Options{})
	s.StopWorker()
	return s
}

func owner(t *testing.T, s *stack.Stack) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// column reads one column of text.
func column(t *testing.T, conn *pgx.Conn, query string) []string {
	t.Helper()
	rows, err := conn.Query(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return found
}

// none fails the test if the query finds anything.
func none(t *testing.T, conn *pgx.Conn, what, query string) {
	t.Helper()
	if found := column(t, conn, query); len(found) > 0 {
		t.Errorf("%s: %d, such as %v", what, len(found), found[:min(3, len(found))])
	}
}

// snapshot is every row of every table, as text.
func snapshot(t *testing.T, conn *pgx.Conn, without ...string) map[string][]string {
	t.Helper()
	tables := column(t, conn, `SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name NOT LIKE 'goose%'`)
	all := map[string][]string{}
	for _, table := range tables {
		left := fmt.Sprintf("to_jsonb(t) - '{%s}'::text[]", strings.Join(without, ","))
		all[table] = column(t, conn, fmt.Sprintf("SELECT (%s)::text FROM %q t ORDER BY 1", left, table))
	}
	return all
}

// quiet is a snapshot without what the outside may still tell of.
func quiet(t *testing.T, conn *pgx.Conn) map[string][]string {
	t.Helper()
	all := snapshot(t, conn)
	all["deliveries"] = column(t, conn, "SELECT id::text FROM deliveries ORDER BY 1")
	delete(all, "webhook_events")
	return all
}

func differences(t *testing.T, a, b map[string][]string) {
	t.Helper()
	for _, table := range slices.Sorted(maps.Keys(a)) {
		if len(a[table]) != len(b[table]) {
			t.Errorf("%s has %d rows and then %d", table, len(a[table]), len(b[table]))
			continue
		}
		for i := range a[table] {
			if a[table][i] != b[table][i] {
				t.Errorf("%s differs:\n%s\n%s", table, a[table][i], b[table][i])
				break
			}
		}
	}
}

// The same day gives the same rows. What the processor made up is left out, and
// when an invoice was last touched, which the database itself says.
func TestTheSameDayGivesTheSameYear(t *testing.T) {
	now := time.Date(2026, 3, 31, 14, 0, 0, 0, time.UTC)
	var years []map[string][]string
	for _, at := range []time.Time{now, now.Add(20 * time.Minute)} {
		s := still(t)
		load(t, s, at)
		conn := owner(t, s)
		year := snapshot(t, conn, "processor_customer", "processor_method", "updated_at")
		year["requests"] = nil       // notes when it was loaded
		year["webhook_events"] = nil // come from the processor
		years = append(years, year)
	}
	if len(years[0]["invoices"]) < 500 || len(years[0]["customers"]) < 36 {
		t.Fatalf("%d invoices and %d customers are no year", len(years[0]["invoices"]), len(years[0]["customers"]))
	}
	differences(t, years[0], years[1])
}

// days are awkward ones to end a year on, and the one that it is.
func days() []time.Time {
	return []time.Time{
		time.Date(2026, 1, 1, 0, 30, 0, 0, time.UTC), // New York is still in the year before
		time.Date(2028, 2, 29, 12, 0, 0, 0, time.UTC),
		time.Date(2027, 11, 7, 18, 0, 0, 0, time.UTC), // clocks go back in New York
		time.Now(),
	}
}

func TestTheYearAddsUp(t *testing.T) {
	for _, now := range days() {
		t.Run(now.Format(time.DateOnly), func(t *testing.T) {
			s := still(t)
			load(t, s, now)
			conn := owner(t, s)
			booksHold(t, conn)
			timesHold(t, conn, now)
			wordsHold(t, conn)
			numbersContinue(t, conn)
			statesAreThere(t, conn, now)
			evidenceHolds(t, s, conn)
		})
	}
}

func booksHold(t *testing.T, conn *pgx.Conn) {
	t.Helper()
	none(t, conn, "payments whose parts are not what was received", `
		SELECT p.id::text FROM payments p WHERE p.received <>
			(SELECT coalesce(sum(amount), 0) FROM allocations a WHERE a.payment_id = p.id AND a.reverses IS NULL) +
			(SELECT coalesce(sum(amount), 0) FROM credit_entries c WHERE c.payment_id = p.id)`)
	none(t, conn, "invoices that owe something else than their total less what was allocated", `
		SELECT i.number FROM invoices i WHERE i.due <> CASE WHEN i.state = 'void' THEN 0 ELSE
			i.total - (SELECT coalesce(sum(amount), 0) FROM allocations a WHERE a.invoice_id = i.id) END`)
	none(t, conn, "invoices that were settled at another time than their last allocation", `
		SELECT i.number FROM invoices i WHERE i.settled_at IS DISTINCT FROM
			CASE WHEN i.state = 'sent' AND i.due = 0 THEN (SELECT max(created_at) FROM allocations a WHERE a.invoice_id = i.id) END`)
	none(t, conn, "reversals of something else than what was paid", `
		SELECT r.id::text FROM allocations r JOIN allocations a ON a.id = r.reverses WHERE r.amount <> -a.amount OR r.invoice_id <> a.invoice_id OR r.payment_id <> a.payment_id OR r.created_at <= a.created_at`)
	none(t, conn, "time that was invoiced at another amount", `
		SELECT i.number FROM invoices i JOIN time_entries e ON e.invoice_id = i.id GROUP BY i.id, i.number, i.subtotal HAVING sum(e.hours * e.rate) <> i.subtotal`)
	none(t, conn, "timesheets whose entries don't add up", `
		SELECT number FROM timesheets s WHERE (hours, entry_count, approved_hours) IS DISTINCT FROM
			(SELECT (sum(hours), count(*)::integer, coalesce(sum(hours) FILTER (WHERE outcome = 'approved'), 0)) FROM timesheet_entries e WHERE e.timesheet_id = s.id)`)
	none(t, conn, "customers who owe credit", `SELECT customer_id::text FROM credit_entries GROUP BY customer_id HAVING sum(amount) < 0`)
	none(t, conn, "reservations that outlive their payment", `SELECT payment_id::text FROM reservations WHERE state = 'live'`)
	none(t, conn, "reservations that aren't the payment's amount", `
		SELECT p.id::text FROM payments p WHERE p.amount <> (SELECT sum(amount) FROM reservations r WHERE r.payment_id = p.id) +
			(SELECT coalesce(sum(amount), 0) FROM credit_entries c WHERE c.payment_id = p.id)`)
	none(t, conn, "documents whose lines aren't their subtotal", `
		SELECT number FROM invoices i WHERE subtotal <> (SELECT sum(amount) FROM invoice_lines l WHERE l.invoice_id = i.id)
		UNION ALL SELECT estimate_id::text FROM estimate_versions v WHERE subtotal <> (SELECT sum(amount) FROM estimate_lines l WHERE l.estimate_id = v.estimate_id AND l.version = v.version)`)
	none(t, conn, "documents that don't add up", `
		SELECT number FROM invoices WHERE total <> subtotal - discount + tax UNION ALL SELECT estimate_id::text FROM estimate_versions WHERE total <> subtotal - discount + tax`)
	none(t, conn, "amounts in dinars that no card can pay", `SELECT number FROM invoices WHERE currency = 'KWD' AND (total % 10 <> 0 OR due % 10 <> 0)`)
}

func timesHold(t *testing.T, conn *pgx.Conn, now time.Time) {
	t.Helper()
	at := "'" + now.Format(time.RFC3339) + "'::timestamptz"
	none(t, conn, "things that haven't happened yet", strings.ReplaceAll(`
		SELECT 'event ' || kind FROM events WHERE at >= $now UNION ALL SELECT 'invoice ' || number FROM invoices WHERE greatest(created_at, sent_at, voided_at, settled_at) >= $now
		UNION ALL SELECT 'payment ' || id FROM payments WHERE greatest(created_at, ended_at) >= $now UNION ALL SELECT 'version ' || estimate_id FROM estimate_versions WHERE greatest(sent_at, ended_at) >= $now
		UNION ALL SELECT 'note ' || number FROM credit_notes WHERE created_at >= $now UNION ALL SELECT 'invitation ' || id FROM invitations WHERE greatest(created_at, ended_at) >= $now
		UNION ALL SELECT 'contact ' || email FROM contacts WHERE greatest(created_at, last_seen_at) >= $now UNION ALL SELECT 'method ' || id FROM payment_methods WHERE created_at >= $now
		UNION ALL SELECT 'time ' || id FROM time_entries WHERE greatest(created_at, updated_at) >= $now UNION ALL SELECT 'timesheet ' || number FROM timesheets WHERE ended_at >= $now
		UNION ALL SELECT 'comment ' || id FROM comments WHERE at >= $now UNION ALL SELECT 'view ' || subject_id FROM views WHERE last_at >= $now UNION ALL SELECT 'review ' || id FROM reviews WHERE at >= $now
		UNION ALL SELECT 'message ' || id FROM messages WHERE at >= $now UNION ALL SELECT 'forward ' || id FROM forwards WHERE ended_at >= $now UNION ALL SELECT 'email ' || id FROM deliveries WHERE updated_at >= $now
		UNION ALL SELECT 'credit ' || id FROM credit_entries WHERE created_at >= $now UNION ALL SELECT 'allocation ' || id FROM allocations WHERE created_at >= $now`, "$now", at))
	none(t, conn, "invoices out of order", `SELECT number FROM invoices WHERE created_at > sent_at OR sent_at > settled_at OR sent_at > voided_at`)
	none(t, conn, "money that came before its invoice", `SELECT i.number FROM allocations a JOIN invoices i ON i.id = a.invoice_id WHERE a.created_at <= i.sent_at`)
	none(t, conn, "payments of invoices that weren't sent", `SELECT i.number FROM reservations r JOIN invoices i ON i.id = r.invoice_id JOIN payments p ON p.id = r.payment_id WHERE p.created_at <= i.sent_at`)
	none(t, conn, "decisions outside of an estimate's time", `
		SELECT d.document_id::text FROM decisions d JOIN estimate_versions v ON v.estimate_id = d.document_id AND v.version = d.version WHERE d.decided_at NOT BETWEEN v.sent_at AND v.expires_at`)
	none(t, conn, "versions out of order", `SELECT a.estimate_id::text FROM estimate_versions a JOIN estimate_versions b ON b.estimate_id = a.estimate_id AND b.version = a.version + 1 WHERE b.sent_at < a.ended_at`)
	none(t, conn, "events whose IDs are in another order than they happened in", `SELECT id::text FROM (SELECT id, at, lag(at) OVER (PARTITION BY org_id ORDER BY id) AS before FROM events) e WHERE before > at`)
	none(t, conn, "documents of weekends", `
		SELECT i.number FROM invoices i JOIN organizations o ON o.id = i.org_id WHERE extract(dow FROM i.sent_at AT TIME ZONE o.time_zone) IN (CASE o.currency WHEN 'KWD' THEN 5 ELSE 0 END, 6)`)
	none(t, conn, "events that the relay would tell of again", `SELECT kind FROM events WHERE relayed_at IS NULL`)
	none(t, conn, "rows that wait for a flow that nobody began", `SELECT id::text FROM payments WHERE flow_open UNION ALL SELECT id::text FROM invitations WHERE flow_open UNION ALL SELECT estimate_id::text FROM estimate_versions WHERE flow_open
		UNION ALL SELECT id::text FROM timesheets WHERE flow_open UNION ALL SELECT id::text FROM forwards WHERE flow_open`)
	none(t, conn, "comments on what nobody could read yet", `
		SELECT c.body FROM comments c LEFT JOIN invoices i ON i.id = c.subject_id WHERE c.visible AND (c.at > coalesce(i.sent_at, (SELECT created_at FROM projects p WHERE p.id = c.subject_id), (SELECT min(sent_at) FROM estimate_versions v WHERE v.estimate_id = c.subject_id))) IS NOT TRUE`)
	none(t, conn, "timesheets out of order", `
		SELECT number FROM timesheets s WHERE decided_at < submitted_at OR EXISTS (SELECT FROM time_entries e WHERE e.timesheet_id = s.id AND (e.created_at > s.submitted_at OR e.day > s.to_day OR e.day < s.from_day))`)
}

func wordsHold(t *testing.T, conn *pgx.Conn) {
	t.Helper()
	none(t, conn, "words with a gap", `
		SELECT title FROM invoices WHERE title ~ '[{}]' OR title ~ '(^|, |: )$' UNION ALL SELECT description FROM invoice_lines WHERE description ~ '[{}]' OR description ~ ', $'
		UNION ALL SELECT description FROM estimate_lines WHERE description ~ '[{}]'`)
	none(t, conn, "invoices of one customer for the same month", `
		SELECT string_agg(number, ' ') || ' ' || title FROM invoices WHERE title ~ ', [A-Z][a-z]+ 20[0-9]{2}$' AND state <> 'void' GROUP BY org_id, customer_id, title HAVING count(*) > 1`)
	none(t, conn, "addresses that somebody might have", `
		SELECT email FROM contacts WHERE email !~ '^[a-z.]+@[a-z-]+\.example$' UNION ALL SELECT email FROM staff WHERE email !~ '^[a-z.]+@[a-z]+\.example$' UNION ALL SELECT email FROM customers WHERE email !~ '\.example$'`)
	none(t, conn, "decisions of people who may not decide", `
		SELECT d.contact_email FROM decisions d JOIN contacts c ON c.id = d.contact_id WHERE NOT c.roles @> '{approve}' OR c.access <> 'active'`)
	none(t, conn, "payments of people who may not pay", `
		SELECT c.email FROM payments p JOIN contacts c ON c.id = p.started_by WHERE p.started_by_kind = 'contact' AND (NOT c.roles @> '{pay}' OR c.access <> 'active')`)
	none(t, conn, "recorded payments that nobody finds in the bank's books", `SELECT id::text FROM payments WHERE (channel = 'recorded') <> (received_on IS NOT NULL AND reference <> '')`)
	none(t, conn, "payments recorded by somebody who isn't staff", `SELECT id::text FROM payments p WHERE (channel = 'recorded') <> EXISTS (SELECT FROM staff s WHERE s.id = p.started_by)`)
}

// A number is the next one: none is missing, and none is used again.
func numbersContinue(t *testing.T, conn *pgx.Conn) {
	t.Helper()
	for kind, numbers := range map[string]string{
		"invoice": "SELECT org_id, number FROM invoices", "estimate": "SELECT org_id, number FROM estimates", "credit_note": "SELECT org_id, number FROM credit_notes",
		"customer": "SELECT org_id, number FROM customers", "receipt": "SELECT org_id, receipt_number FROM payments WHERE receipt_number IS NOT NULL",
		"timesheet": "SELECT org_id, number FROM timesheets",
	} {
		none(t, conn, "counters of "+kind, fmt.Sprintf(`
			SELECT c.org_id::text FROM counters c JOIN (SELECT org_id, max(n) AS last, min(n) AS first, count(*) AS count
				FROM (SELECT org_id, substring(number from '[0-9]+$')::bigint AS n FROM (%s) AS x (org_id, number)) y GROUP BY org_id) u USING (org_id)
			WHERE c.kind = '%s' AND (c.next <> u.last + 1 OR u.last - u.first + 1 <> u.count)`, numbers, kind))
		if got := column(t, conn, fmt.Sprintf("SELECT org_id::text FROM counters WHERE kind = '%s'", kind)); len(got) != 3 {
			t.Errorf("%d counters of %s", len(got), kind)
		}
	}
	none(t, conn, "invoices numbered out of order", `SELECT number FROM (SELECT number, created_at, lag(created_at) OVER (PARTITION BY org_id ORDER BY length(number), number) AS before FROM invoices) n WHERE before > created_at`)
	none(t, conn, "receipts numbered out of order", `SELECT receipt_number FROM (SELECT receipt_number, ended_at, lag(ended_at) OVER (PARTITION BY org_id ORDER BY receipt_number) AS before FROM payments WHERE receipt_number IS NOT NULL) n WHERE before > ended_at`)
}

// Every state of every kind of document is there, at every organization.
func statesAreThere(t *testing.T, conn *pgx.Conn, now time.Time) {
	t.Helper()
	wanted := map[string][]string{
		"estimates":  {"accepted", "declined", "draft", "expired", "withdrawn"}, // sent ones are begun
		"versions":   {"accepted", "declined", "draft", "expired", "superseded", "withdrawn"},
		"payments":   {"canceled", "failed", "succeeded"}, // declined ones are begun
		"invoices":   {"draft", "open", "overdue", "paid", "partly_paid", "void"},
		"access":     {"active", "none", "withdrawn"},
		"invitation": {"accepted", "expired"},
		"credits":    {"applied", "credit_note", "overpayment", "refund"},
		"entries":    {"approved billed", "approved unbilled", "none unbilled", "rejected unbilled"}, // submitted ones are begun
		"comments":   {"estimate contact", "estimate noted", "estimate staff", "invoice contact", "invoice staff", "project contact", "project noted", "project staff"},
		"emails":     {"contact_message delivered", "document_forwarded delivered", "document_forwarded returned"},
		"beside":     {"logo", "reversal", "review", "viewed estimate", "viewed invoice"},
		"ways":       {"checkout", "recorded", "saved"},
		"late":       {"1", "2", "3"}, // months
	}
	today := "('" + now.Format(time.RFC3339) + "'::timestamptz AT TIME ZONE o.time_zone)::date"
	queries := map[string]string{
		"estimates":  "SELECT DISTINCT status FROM estimates WHERE org_id = o.id",
		"versions":   "SELECT DISTINCT status FROM estimate_versions WHERE org_id = o.id",
		"payments":   "SELECT DISTINCT status FROM payments WHERE org_id = o.id",
		"access":     "SELECT DISTINCT access FROM contacts WHERE org_id = o.id",
		"invitation": "SELECT DISTINCT status FROM invitations WHERE org_id = o.id",
		"credits":    "SELECT DISTINCT reason FROM credit_entries WHERE org_id = o.id",
		"entries":    "SELECT DISTINCT approval || CASE WHEN invoice_id IS NULL THEN ' unbilled' ELSE ' billed' END FROM time_entries WHERE org_id = o.id AND NOT (approval = 'none' AND invoice_id IS NOT NULL)",
		"comments":   "SELECT DISTINCT subject_kind || ' ' || CASE WHEN visible THEN author_kind ELSE 'noted' END FROM comments WHERE org_id = o.id AND (visible OR subject_kind <> 'invoice')",
		"emails":     "SELECT DISTINCT template || CASE WHEN status = 'delivered' THEN ' delivered' ELSE ' returned' END FROM deliveries WHERE org_id = o.id",
		"beside": `SELECT 'logo' FROM logos WHERE org_id = o.id UNION SELECT 'review' FROM reviews WHERE org_id = o.id
			UNION SELECT 'reversal' FROM allocations WHERE org_id = o.id AND reverses IS NOT NULL UNION SELECT 'viewed ' || subject_kind FROM views WHERE org_id = o.id`,
		"ways": "SELECT DISTINCT channel FROM payments WHERE org_id = o.id",
		"late": "SELECT DISTINCT least(3, ceil((" + today + " - due_date) / 30.0))::text FROM invoices WHERE org_id = o.id AND state = 'sent' AND due > 0 AND due_date < " + today,
		"invoices": `SELECT DISTINCT CASE WHEN state <> 'sent' THEN state WHEN due = 0 THEN 'paid' WHEN due_date < ` + today + ` THEN 'overdue' ELSE 'open' END FROM invoices WHERE org_id = o.id
			UNION SELECT 'partly_paid' FROM invoices WHERE org_id = o.id AND state = 'sent' AND due > 0 AND due < total`,
	}
	for _, org := range column(t, conn, "SELECT slug FROM organizations") {
		for what, query := range queries {
			found := column(t, conn, fmt.Sprintf("SELECT s.status::text FROM organizations o CROSS JOIN LATERAL (%s) AS s (status) WHERE o.slug = '%s' ORDER BY 1", query, org))
			if !slices.Equal(found, wanted[what]) {
				t.Errorf("%s has %s %v, not %v", org, what, found, wanted[what])
			}
		}
	}
	if got := column(t, conn, "SELECT currency FROM organizations ORDER BY 1"); !slices.Equal(got, []string{"JPY", "KWD", "USD"}) {
		t.Errorf("currencies %v", got)
	}
}

// N2: the evidence of each decision is of the content that is stored.
func evidenceHolds(t *testing.T, s *stack.Stack, conn *pgx.Conn) {
	t.Helper()
	for _, row := range column(t, conn, "SELECT id::text FROM organizations") {
		org := portal.Principal{}.Org
		if err := org.UnmarshalText([]byte(row)); err != nil {
			t.Fatal(err)
		}
		checked := 0
		s.In(org, func(q *dbsqlc.Queries) error {
			ctx := t.Context()
			estimates, err := q.ListEstimates(ctx, dbsqlc.ListEstimatesParams{OrgID: org, Sort: "-date", FirstPage: true, PageSize: 1000})
			if err != nil {
				return err
			}
			for _, e := range estimates {
				estimate, err := q.GetEstimate(ctx, dbsqlc.GetEstimateParams{OrgID: org, ID: e.ID})
				if err != nil {
					return err
				}
				versions, err := q.ListEstimateVersions(ctx, dbsqlc.ListEstimateVersionsParams{OrgID: org, EstimateID: e.ID})
				if err != nil {
					return err
				}
				for _, v := range versions {
					lines, err := q.ListEstimateLines(ctx, dbsqlc.ListEstimateLinesParams{OrgID: org, EstimateID: e.ID, Version: v.Version})
					if err != nil {
						return err
					}
					hash, err := activities.ContentHash(estimate, v, lines)
					if err != nil {
						return err
					}
					if v.Status != "draft" && !bytes.Equal(hash, v.ContentHash) {
						t.Errorf("version %d of %s has another content than its hash", v.Version, estimate.Number)
					}
					checked++
				}
			}
			return nil
		})
		if checked < 10 {
			t.Errorf("only %d versions were checked", checked)
		}
	}
	none(t, conn, "decisions on another content", `SELECT document_id::text FROM decisions d JOIN estimate_versions v ON v.estimate_id = d.document_id AND v.version = d.version WHERE d.content_hash <> v.content_hash`)
	none(t, conn, "decisions that are missing", `SELECT estimate_id::text FROM estimate_versions v WHERE status IN ('accepted', 'declined') AND NOT EXISTS (SELECT FROM decisions d WHERE d.document_id = v.estimate_id AND d.version = v.version AND d.decision = v.status)`)
}

// running counts the flows that run.
func running(t *testing.T, s *stack.Stack) int {
	t.Helper()
	answer, err := s.Temporal.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{Query: "ExecutionStatus = 'Running'"})
	if err != nil {
		t.Fatal(err)
	}
	return int(answer.GetCount())
}

// What is under way.
const (
	sentEstimates, openInvitations, declinedPayments, askedTimesheets, autopays = 9, 3, 6, 3, 3
	underWay                                                                    = sentEstimates + openInvitations + declinedPayments + askedTimesheets + autopays
	// mails but for the notices of autopay, which hang on what is due these days.
	mails = 33
)

// settled waits until all that was begun is where it waits for people.
func settled(t *testing.T, s *stack.Stack, conn *pgx.Conn) {
	t.Helper()
	want, last := fmt.Sprintf("%d %d %d %d 3 %d 0 0", sentEstimates, openInvitations, declinedPayments, askedTimesheets, mails), ""
	defer func() {
		if t.Failed() {
			t.Logf("estimates, invitations, payments, timesheets, forwards that arrived, emails, webhooks, events: %s, not %s", last, want)
		}
	}()
	s.Eventually("the estimates, invitations and declined payments", func() bool {
		counts := column(t, conn, `
			SELECT (SELECT count(*) FROM estimates WHERE status = 'sent') || ' ' || (SELECT count(*) FROM invitations WHERE status = 'pending') || ' ' ||
				(SELECT count(*) FROM payments WHERE status = 'declined') || ' ' || (SELECT count(*) FROM timesheets WHERE status = 'submitted') || ' ' ||
				(SELECT count(*) FROM forwards f WHERE forwarded_by_kind = 'staff' AND status = 'ended' AND NOT flow_open) || ' ' ||
				(SELECT count(*) FROM deliveries WHERE provider_id <> '' AND template <> 'autopay_notice') || ' ' ||
				(SELECT count(*) FROM webhook_events WHERE processed_at IS NULL) || ' ' || (SELECT count(*) FROM events WHERE relayed_at IS NULL)`)
		last = counts[0]
		return last == want
	})
	s.Eventually("the running flows", func() bool { return running(t, s) == underWay })
}

func TestWhatIsUnderWayRunsAndLoadingAgainChangesNothing(t *testing.T) {
	s := stack.New(t, stack.Options{})
	begun := time.Now()
	load(t, s, begun)
	t.Logf("loading took %s", time.Since(begun))
	conn := owner(t, s)
	settled(t, s, conn)
	none(t, conn, "live rows without their flow", `SELECT id::text FROM payments WHERE status = 'declined' AND NOT flow_open UNION ALL SELECT id::text FROM invitations WHERE status = 'pending' AND NOT flow_open
		UNION ALL SELECT estimate_id::text FROM estimate_versions WHERE status = 'sent' AND NOT flow_open UNION ALL SELECT id::text FROM timesheets WHERE status = 'submitted' AND NOT flow_open`)

	before := quiet(t, conn)
	load(t, s, begun.Add(26*time.Hour))
	differences(t, before, quiet(t, conn))
	if got := running(t, s); got != underWay {
		t.Errorf("%d flows run, not %d", got, underWay)
	}
	sent, err := s.Inbox.List(t.Context(), "")
	sent = slices.DeleteFunc(sent, func(m inbox.Email) bool { return strings.Contains(m.Subject, " is charged on ") })
	if err != nil || len(sent) != mails {
		t.Errorf("%d emails, not %d: %v", len(sent), mails, err)
	}
}

func TestEveryoneSignsInAndPaysWithTheSavedCard(t *testing.T) {
	s := stack.New(t, stack.Options{})
	signIns := load(t, s, time.Now())
	settled(t, s, owner(t, s))
	if len(signIns) != 3 {
		t.Fatalf("%d organizations", len(signIns))
	}
	for _, at := range signIns {
		t.Run(at.Slug, func(t *testing.T) {
			signIn := func(side, email string) *stack.Client {
				c := s.Client()
				c.Must(200, "POST", "/api/"+at.Slug+"/"+side+"/session", "", map[string]string{"email": email, "password": at.Password}, nil)
				return c
			}
			signIn("portal", at.SecondContactEmail)
			signIn("console", at.MemberEmail)
			s.Client().Must(422, "POST", "/api/"+at.Slug+"/portal/session", "", map[string]string{"email": at.Invite, "password": at.Password}, nil)
			paysAndRetries(t, s, at, signIn("portal", at.ContactEmail), signIn("console", at.StaffEmail))
		})
	}
}

func paysAndRetries(t *testing.T, s *stack.Stack, at demo.SignIn, contact, staff *stack.Client) {
	t.Helper()
	conn := owner(t, s)
	quoted := func(query string, args ...any) []string {
		return column(t, conn, fmt.Sprintf(query, args...))
	}
	customer := "(SELECT customer_id FROM contacts WHERE email = '" + at.ContactEmail + "')"
	open := quoted("SELECT id::text FROM invoices WHERE state = 'sent' AND due > 0 AND customer_id = %s ORDER BY due_date", customer)
	if len(open) != 6 {
		t.Errorf("%d open invoices, not 6", len(open))
	}
	if waiting := quoted("SELECT id::text FROM estimates WHERE status = 'sent' AND customer_id = %s", customer); len(waiting) != 2 {
		t.Errorf("%d estimates wait, not 2", len(waiting))
	}
	if credit := quoted("SELECT sum(amount)::text FROM credit_entries WHERE customer_id = %s HAVING sum(amount) > 0", customer); len(credit) != 1 {
		t.Error("there is no credit")
	}
	method := quoted("SELECT id::text FROM payment_methods WHERE customer_id = %s", customer)
	if len(method) != 1 {
		t.Fatalf("%d saved cards", len(method))
	}
	var begun struct {
		ID string `json:"id"`
	}
	contact.Must(201, "POST", "/api/"+at.Slug+"/portal/payments", "", map[string]any{
		"invoices": []map[string]any{{"id": open[0]}, {"id": open[1]}}, "way": "saved", "method": method[0],
	}, &begun)
	status := func(payment string) string { return quoted("SELECT status FROM payments WHERE id = '%s'", payment)[0] }
	s.Eventually("the payment", func() bool { return status(begun.ID) == "succeeded" })

	retry := func(code string, status int) string {
		declined := quoted("SELECT p.id::text FROM payments p JOIN organizations o ON o.id = p.org_id WHERE o.slug = '%s' AND p.status = 'declined' AND p.failure_code = '%s'", at.Slug, code)
		if len(declined) != 1 {
			t.Fatalf("%d payments were declined for %s", len(declined), code)
		}
		staff.Must(status, "POST", "/api/"+at.Slug+"/console/payments/"+declined[0]+"/retry", "", map[string]any{}, nil)
		return declined[0]
	}
	poor := retry("insufficient_funds", 200)
	retry("expired_card", 409) // not with that card
	s.Eventually("the retry that succeeds", func() bool { return status(poor) == "succeeded" })
}

// cut cancels a load when it says that it begins with something.
type cut struct {
	at   string
	stop context.CancelFunc
}

func (c cut) Write(line []byte) (int, error) {
	if strings.HasPrefix(string(line), c.at) {
		c.stop()
	}
	return len(line), nil
}

// A load that was cut short is taken up again, wherever it was.
func TestALoadThatWasCutShortIsTakenUpAgain(t *testing.T) {
	s := stack.New(t, stack.Options{})
	conn := owner(t, s)
	for _, step := range []struct {
		at            string
		organizations int
	}{
		{"Hashing", 0}, {"Living a year at Alder & Vane", 0}, {"Living a year at Rimal", 0}, {"Storing", 0},
		{"Beginning what is under way at Alder & Vane", 3}, {"Beginning what is under way at Rimal", 3},
	} {
		ctx, stop := context.WithCancel(t.Context())
		c := config(t, s, time.Now())
		c.Log = cut{step.at, stop}
		_, err := demo.Load(ctx, c)
		stop()
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("cut at %q it ended with %v", step.at, err)
		}
		if got := column(t, conn, "SELECT slug FROM organizations"); len(got) != step.organizations {
			t.Fatalf("cut at %q it left %v", step.at, got)
		}
	}
	load(t, s, time.Now())
	settled(t, s, conn)

	processor, err := stripe.New(stripe.Config{Key: "sk_test_stack", URL: s.Sim.URL})
	if err != nil {
		t.Fatal(err)
	}
	cards := column(t, conn, "SELECT m.account || ' ' || c.processor_customer FROM payment_methods m JOIN customers c ON c.id = m.customer_id")
	for _, card := range cards {
		account, customer, _ := strings.Cut(card, " ")
		if saved, err := processor.ListMethods(t.Context(), account, customer); err != nil || len(saved) != 1 {
			t.Errorf("%s has %d cards at the processor: %v", customer, len(saved), err)
		}
	}
	if len(cards) < 15 {
		t.Errorf("%d saved cards", len(cards))
	}
}

// With Stripe itself there are no cards of ours, and nothing is declined on cue.
func TestWithoutASimulatorThereAreNoSavedCards(t *testing.T) {
	s := stack.New(t, stack.Options{})
	conn := owner(t, s)
	c := config(t, s, time.Now())
	c.StripeURL = ""
	if _, err := demo.Load(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	s.Eventually("the flows", func() bool { return running(t, s) == sentEstimates+openInvitations+askedTimesheets })
	none(t, conn, "what needs a simulator", "SELECT id::text FROM payment_methods UNION ALL SELECT slug FROM organizations WHERE stripe_account <> '' UNION ALL SELECT id::text FROM payments WHERE channel = 'saved'")
	booksHold(t, conn)
}

func TestThePasswordMayBeChosenByEveryone(t *testing.T) {
	s := still(t)
	load(t, s, time.Now())
	conn := owner(t, s)
	for _, email := range column(t, conn, "SELECT email FROM contacts UNION ALL SELECT email FROM staff") {
		if err := auth.CheckRules(demo.Password, email, ""); err != nil {
			t.Errorf("%s may not have the demo's password: %v", email, err)
		}
	}
}
