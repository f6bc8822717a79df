package faults

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var mutateFlag = flag.Int("faults.mutate", 0, "remove one protection after the other, and run so many seeds of skipped time against each")

// mutation is the product with one protection removed: a text of one file
// replaced, for one build, by way of the compiler's overlay.
type mutation struct {
	name string
	file string // from the root of the module
	old  string
	new  string
	// seen is what the harness says of it.
	seen string
}

const notQuiet = "quiet never came"

// mutations are protections without which money is doubled, lost or in doubt.
var mutations = []mutation{
	{
		"a payment is let go while its page is open", "activities/payment.go",
		"\tif payment.CheckoutID != \"\" {\n\t\tsession, err := a.Gateway.ExpireCheckout(",
		"\tif payment.CheckoutID == \"never\" {\n\t\tsession, err := a.Gateway.ExpireCheckout(",
		"invariant [19]",
	},
	{
		"a page that was paid is taken for one that was left", "activities/payment.go",
		"if intent.Status == gateway.IntentSucceeded || intent.Status == gateway.IntentProcessing || session.Status == gateway.CheckoutOpen {",
		"if intent.Status == gateway.IntentProcessing || session.Status == gateway.CheckoutOpen {",
		"invariant [14]|" + notQuiet,
	},
	{
		"an invoice that was edited is charged as it was", "activities/payment.go",
		"if h.InvoiceState != \"sent\" || h.InvoiceRevision != h.Revision || h.Due < h.Amount {",
		"if h.Due < 0 {",
		"invariant [39]|" + notQuiet,
	},
	{
		"an unknown outcome is taken for a refusal", "activities/payment.go",
		"\tif kind := gateway.KindOf(err); kind == gateway.Permanent || kind == gateway.NotFound || kind == gateway.NeedsCustomer {\n\t\treturn a.fail(",
		"\tif kind := gateway.KindOf(err); kind != \"\" {\n\t\treturn a.fail(",
		"invariant 1",
	},
	{
		"an excess is dropped", "activities/outcome.go",
		"\tif left > 0 {\n", "\tif left < 0 {\n",
		"invariant 2",
	},
	{
		"money is booked twice", "activities/outcome.go",
		"\t\tif locked.Status == portal.PaymentSucceeded {\n\t\t\treturn nil\n\t\t}\n", "",
		notQuiet,
	},
	{
		"a payment that is given up keeps its invoices", "activities/payment.go",
		"\t\tif _, err := q.ReleaseReservations(ctx, dbsqlc.ReleaseReservationsParams{OrgID: payment.OrgID, PaymentID: payment.ID, State: \"released\"}); err != nil {\n\t\t\treturn err\n\t\t}\n\t\treturn a.record(ctx, q, happened{\n\t\t\torg: payment.OrgID, customer: payment.CustomerID, kind: \"payment.canceled\"",
		"\t\treturn a.record(ctx, q, happened{\n\t\t\torg: payment.OrgID, customer: payment.CustomerID, kind: \"payment.canceled\"",
		"invariant 5",
	},
	{
		"a worker that was frozen opens a page for a payment that was given up", "db/dbsqlc/payments.sql.go",
		"WHERE org_id = $4 AND id = $5 AND status = 'reserved' AND attempt = $6\n", "WHERE org_id = $4 AND id = $5 AND attempt = $6\n",
		"invariant [156]|" + notQuiet,
	},
	{
		"an email has a new key each time", "activities/mail.go",
		"IdempotencyKey: id.String(),", "IdempotencyKey: a.NewID().String(),",
		"invariant 7",
	},
}

// Each text that a mutation replaces is there, once.
func TestMutationsFitTheCode(t *testing.T) {
	for _, m := range mutations {
		text, err := os.ReadFile(filepath.Join("..", "..", m.file))
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(text), m.old); n != 1 {
			t.Errorf("%s: its text is %d times in %s", m.name, n, m.file)
		}
	}
}

// Each protection is needed: without it the harness finds fault. It takes a build
// for each, so it runs when it is asked for:
//
//	go test ./e2e/faults -run Needed -timeout 2h -faults.mutate=2000
func TestEachProtectionIsNeeded(t *testing.T) {
	for _, m := range mutations {
		t.Run(m.name, func(t *testing.T) {
			said := mutated(t, m, *mutateFlag)
			if *mutateFlag == 0 {
				return // it compiles, and that is all that was asked
			}
			found := regexp.MustCompile(`(?m)^.*(` + m.seen + `).*$`).FindString(said)
			if found == "" {
				t.Fatalf("nothing was found in %d seeds:\n%s", *mutateFlag, tail(said))
			}
			t.Log(strings.TrimSpace(found))
		})
		if *mutateFlag == 0 {
			break // one of them is proof that overlays work
		}
	}
}

// mutated runs seeds on the product with a protection removed, and gives what was
// said. With no seeds it builds it.
func mutated(t *testing.T, m mutation, seeds int) string {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	path, dir := filepath.Join(root, m.file), t.TempDir()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(dir, "mutated.go")
	if err := os.WriteFile(other, []byte(strings.Replace(string(text), m.old, m.new, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	list, err := json.Marshal(map[string]map[string]string{"Replace": {path: other}})
	if err != nil {
		t.Fatal(err)
	}
	overlay := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(overlay, list, 0o600); err != nil {
		t.Fatal(err)
	}
	if seeds == 0 {
		build := exec.Command("go", "build", "-overlay", overlay, "countersign/activities")
		if said, err := build.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, said)
		}
		return ""
	}
	run := exec.Command("go", "test", "-overlay", overlay, "countersign/e2e/faults", "-run", "TestFastSeedsUnderFaults", "-timeout", "1h", fmt.Sprintf("-faults.seeds=%d", seeds))
	said, err := run.CombinedOutput()
	if err == nil {
		t.Fatalf("%d seeds found nothing", seeds)
	}
	return string(said)
}

func tail(text string) string { return text[max(0, len(text)-2000):] }
