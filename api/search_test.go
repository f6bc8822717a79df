package api

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"countersign/portal"
)

func (b *bundle) search(who portal.Principal, words string) (found []string) {
	b.t.Helper()
	for _, f := range must(b.Search.Do(as(b.t.Context(), who), &SearchInput{For: words}))(b.t).Body.Found {
		found = append(found, f.Kind+" "+f.Name)
	}
	return found
}

func TestSearchFindsByBeginningsOfWordsAndNumbers(t *testing.T) {
	b := setup(t)
	ctx := as(t.Context(), b.bright.admin)
	in := newCustomer("O'Neill Smith-Jones & Søns")
	in.Body.Email, in.Body.Number = "accounts@harbour-lane.example", "K-77"
	must(b.CreateCustomer.Do(ctx, in))(t)
	number := value[string](b, `SELECT number FROM invoices WHERE id = $1`, b.acme.invoice)
	estimate := value[string](b, `SELECT number FROM estimates WHERE id = $1`, b.acme.estimate)
	receipt := value[string](b, `SELECT receipt_number FROM payments WHERE id = $1`, b.acme.payment)
	note := value[string](b, `SELECT number FROM credit_notes WHERE id = $1`, b.acme.creditNote)
	sheet := value[string](b, `SELECT number FROM timesheets WHERE id = $1`, b.acme.timesheet)
	oneill := "customer O'Neill Smith-Jones & Søns"
	for words, want := range map[string]string{
		"oneill": oneill, "O'Neill": oneill, "jon": oneill, "SMITH": oneill, "Søn": oneill, "harbour": oneill, "accounts@harbour-lane.example": oneill, "k-77": oneill, "77": oneill,
		"jones  oneill": oneill,
		"maria acme":    "contact Maria Acme", "maria@acme.example": "contact Maria Acme",
		number: "invoice " + number, strings.ToLower(number): "invoice " + number, strings.ReplaceAll(number, "-", ""): "invoice " + number,
		estimate: "estimate " + estimate, receipt: "payment " + receipt, note: "credit_note " + note, sheet: "timesheet " + sheet,
	} {
		if found := b.search(b.bright.member, words); !slices.Contains(found, want) {
			t.Errorf("%q finds %v, not %s", words, found, want)
		}
	}
	for _, words := range []string{"", "  ", "%", "_", "'", "-", "eill", "jones nobody", "acme oneill"} {
		if found := b.search(b.bright.admin, words); len(found) != 0 {
			t.Errorf("%q finds %v", words, found)
		}
	}
	if found := b.search(b.bright.admin, number); len(found) == 0 || found[0] != "invoice "+number {
		t.Errorf("what is exactly %s doesn't come first: %v", number, found)
	}
}

// What is found follows what is written, changed and thrown away.
func TestSearchFollowsWhatChanges(t *testing.T) {
	b := setup(t)
	ctx := as(t.Context(), b.bright.admin)
	id := must(b.CreateCustomer.Do(ctx, newCustomer("Heron Mill")))(t).Body.ID
	b.sql(`UPDATE customers SET name = 'Kingfisher Mill' WHERE id = $1`, id)
	if found := b.search(b.bright.admin, "heron"); len(found) != 0 {
		t.Errorf("the old name finds %v", found)
	}
	if found := b.search(b.bright.admin, "kingfisher"); !slices.Equal(found, []string{"customer Kingfisher Mill"}) {
		t.Errorf("the new name finds %v", found)
	}
	// A contact may change their own name: the words follow, though contacts read none of them.
	b.sql(`UPDATE contacts SET name = 'Mariana Acme' WHERE id = $1`, b.acme.contact.Actor)
	if found := b.search(b.bright.admin, "mariana"); !slices.Equal(found, []string{"contact Mariana Acme"}) {
		t.Errorf("a contact's new name finds %v", found)
	}
	draft := value[string](b, `SELECT number FROM invoices WHERE id = $1`, b.acme.draft)
	must(b.DiscardInvoice.Do(ctx, &InvoiceInput{Invoice: b.acme.draft}))(t)
	if found := b.search(b.bright.admin, draft); slices.Contains(found, "invoice "+draft) {
		t.Error("a discarded draft is found")
	}
}

func TestSearchEndsAtTheWalls(t *testing.T) { // R16
	b := setup(t)
	for name, off := range map[string]bool{"with row-level security": false, "without it": true} {
		if off {
			for _, table := range tables(b) {
				b.sql(`ALTER TABLE ` + table + ` DISABLE ROW LEVEL SECURITY`)
			}
		}
		for _, words := range []string{"acme", "maria", "INV", "EST", "1", "a"} {
			for _, f := range must(b.Search.Do(as(t.Context(), b.other.admin), &SearchInput{For: words}))(t).Body.Found {
				if f.Customer != b.foreign.id {
					t.Errorf("%s: %q shows another organization's %s %s", name, words, f.Kind, f.Name)
				}
			}
		}
	}
	if got := b.call(session(b.acme.contact), http.MethodGet, "/api/bright/console/search?for=acme", nil); got.status != http.StatusUnauthorized {
		t.Errorf("a contact got %d", got.status)
	}
}

// A search reads what begins like its words, never all that there is.
func TestSearchReadsFewRows(t *testing.T) {
	b := setup(t)
	const many = 8_000
	b.sql(`INSERT INTO invoices (org_id, id, customer_id, number, state, currency, title, issue_date, due_date, total, due, sent_at, created_at)
		SELECT $1, gen_random_uuid(), $2, 'X-' || g, 'sent', 'USD', 'Job ' || g, date '2026-01-01', date '2026-02-01', 5, 5, now(), now() FROM generate_series(1, $3) g`, b.bright.id, b.birch.id, many)
	b.sql(`ANALYZE`)
	for _, table := range []string{"invoices", "search_words"} {
		b.sql(`SELECT pg_stat_reset_single_table_counters($1::text::regclass)`, table)
	}
	searches := 0
	for _, words := range []string{"X-77", "4242", "x", "7", "birch", "nobody", "x 7"} {
		b.search(b.bright.admin, words)
		searches++
	}
	b.DB.Close() // a connection tells its counts when it ends
	for deadline := time.Now().Add(10 * time.Second); value[int](b, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`) > 0; {
		if time.Now().After(deadline) {
			t.Fatal("the connections don't end")
		}
	}
	b.sql(`SELECT pg_stat_clear_snapshot()`)
	for table, most := range map[string]int{"invoices": 500, "search_words": 6_000} {
		read := value[int](b, `SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables WHERE relname = $1`, table)
		if read > most {
			t.Errorf("%d rows of %s were read for %d searches", read, table, searches)
		}
	}
	if of := value[uuid.UUID](b, `SELECT subject_id FROM search_words WHERE word = 'x8000'`); of == uuid.Nil {
		t.Error("a number has no words")
	}
}
