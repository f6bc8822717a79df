package faults

import (
	"bytes"
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

// mutation is the product with one protection removed: texts of its source
// replaced, for one build, by way of the compiler's overlay.
type mutation struct {
	name  string
	swaps []swap
	// seen is what the harness says of it.
	seen string
	// real says that it takes the real processes to notice: each of its seeds is
	// worth a hundred of skipped time.
	real bool
}

// swap is a text of one file, from the root of the module, and what stands in its place.
type swap struct{ file, old, new string }

const (
	notQuiet = "quiet never came"
	charge   = "activities/charge.go"
	checkout = "activities/checkout.go"
	retries  = "activities/retry.go"
	outcomes = "activities/outcome.go"
)

// mutations are protections without which money is doubled, lost or in doubt.
// Where there are two of them, one behind the other, both are removed.
var mutations = []mutation{
	{"each try has a charge of its own", []swap{
		{charge, "\tif payment.IntentID == \"\" {\n\t\tpayment, err = a.prepareIntent", "\tif true {\n\t\tpayment, err = a.prepareIntent"},
		{charge, "\tif attemptOf(ctx) > 1 || a.now().Sub(payment.CreatedAt) > keysKept {\n\t\tif intent, found", "\tif a.now().IsZero() {\n\t\tif intent, found"},
		{charge, "if kind := gateway.KindOf(err); kind == gateway.UnexpectedState || kind == gateway.UnknownOutcome {", "if kind := gateway.KindOf(err); kind == gateway.UnexpectedState {"},
		{"db/dbsqlc/payments.sql.go", "WHERE org_id = $5 AND id = $6 AND intent_id IN ('', $1)\n", "WHERE org_id = $5 AND id = $6\n"},
		{"gateway/stripe/intent.go", "again(fmt.Sprintf(\"confirm:%s:%d\", p.PaymentID, p.Attempt)", "again(fmt.Sprintf(\"confirm:%s:%d\", p.PaymentID+intentID, p.Attempt)"},
	}, "invariant [14]", false},
	{"a payment is let go while its page is open", []swap{
		{retries, "if payment.CheckoutID != \"\" {\n\t\tsession, err := a.Gateway.Expire", "if payment.CheckoutID == \"none\" {\n\t\tsession, err := a.Gateway.Expire"},
	}, "invariant [19]", false},
	{"a page that was paid is taken for one that was left", []swap{
		{checkout, "if session.Status != gateway.CheckoutExpired || intent.Status == gateway.IntentSucceeded || intent.Status == gateway.IntentProcessing {", "if session.Status == gateway.CheckoutOpen {"},
	}, "invariant [14]|" + notQuiet, false},
	{"an invoice is changed under the hands of whoever pays it", []swap{
		{"api/invoicewriting.go", "for _, h := range held {\n\t\tif h.Status == portal.PaymentCharging", "for _, h := range held[:0] {\n\t\tif h.Status == portal.PaymentCharging"},
		{"api/invoicewriting.go", "if len(held) > 0 {\n\t\t\treturn beingPaid", "if len(held) < 0 {\n\t\t\treturn beingPaid"},
	}, "invariant [39]|" + notQuiet, false},
	{"an unknown outcome is taken for a refusal", []swap{
		{charge, "if kind := gateway.KindOf(err); kind == gateway.UnexpectedState || kind == gateway.UnknownOutcome {", "if kind := gateway.KindOf(err); kind == gateway.UnexpectedState {"},
		{charge, "kind == gateway.Permanent || kind == gateway.NotFound || kind == gateway.NeedsCustomer {", "kind != \"\" {"},
	}, "invariant 1 ", false},
	{"an excess is dropped", []swap{
		{outcomes, "if left > 0 {\n", "if left < 0 {\n"},
	}, "invariant 2", false},
	{"a refund whose answer was lost is made again", []swap{
		{"activities/refund.go", "if attemptOf(ctx) > 1 || a.now().Sub(r.CreatedAt) > keysKept {", "if a.now().IsZero() {"},
		{"gateway/stripe/refund.go", "key := \"refund:\" + p.ID", "key := c.newKey()"},
	}, "invariant [12]|" + notQuiet, false},
	{"money is booked twice", []swap{
		{outcomes, "if locked.Status == portal.PaymentSucceeded {\n\t\t\treturn nil\n\t\t}\n", ""},
	}, notQuiet, false},
	{"a payment that is given up keeps its invoices", []swap{
		{
			retries, "State: \"released\"}); err != nil {\n\t\t\treturn err\n\t\t}\n\t\treturn a.record(ctx, q, happened{\n\t\t\torg: payment.OrgID, customer: payment.CustomerID, kind: \"payment.canceled\"",
			"State: \"live\"}); err != nil {\n\t\t\treturn err\n\t\t}\n\t\treturn a.record(ctx, q, happened{\n\t\t\torg: payment.OrgID, customer: payment.CustomerID, kind: \"payment.canceled\"",
		},
	}, "invariant 5", false},
	{"two payments hold one invoice", []swap{
		{"activities/reserve.go", "if err != nil || len(others) == 0 {", "if err != nil || len(others) >= 0 {"},
		{"db/migrations/00003_money.sql", "CREATE UNIQUE INDEX reservations_one_live", "CREATE INDEX reservations_one_live"},
	}, "invariant 5", false},
	{"an invoice is not read again before it is charged", []swap{
		{charge, "if h.InvoiceState != \"sent\" || h.InvoiceRevision != h.Revision || h.Due < h.Amount {", "if h.InvoiceState == \"\" {"},
		{"api/invoicewriting.go", "for _, h := range held {\n\t\tif h.Status == portal.PaymentCharging", "for _, h := range held[:0] {\n\t\tif h.Status == portal.PaymentCharging"},
		{"api/invoicewriting.go", "if len(held) > 0 {\n\t\t\treturn beingPaid", "if len(held) < 0 {\n\t\t\treturn beingPaid"},
	}, "invariant 9", false},
	{"a decision is taken on whatever version is open", []swap{
		{"activities/estimate.go", "case version.Status == \"superseded\" || version.Status == string(portal.EstimateSent) && int(estimate.Version) != in.Version:", "case false:"},
		{"activities/estimate.go", "case version.Status != string(portal.EstimateSent):", "case version.Status != string(portal.EstimateSent) && version.Status != \"superseded\":"},
		{"activities/estimate.go", "if n == 0 {\n\t\t\treturn portal.Stale(\"estimate\")", "if n < 0 {\n\t\t\treturn portal.Stale(\"estimate\")"},
		{"api/estimates.go", "if int(current.Version) != in.Body.Version {", "if int(current.Version) < 0 {"},
		// A version's own flow ends when a newer one is sent, and with it the way to decide on it.
		{"workflows/estimate.go", "if f.in.Version > 1 {", "if f.in.Version < 0 {"},
	}, "invariant 10", false},
	{"an event counts each time that it comes", []swap{
		{"db/migrations/00004_events.sql", "    PRIMARY KEY (provider, account, event_id),\n", ""},
		{outcomes, "if locked.Status == portal.PaymentSucceeded {\n\t\t\treturn nil\n\t\t}\n", ""},
	}, "invariant|" + notQuiet, true},
	{"autopay charges at once", []swap{
		{"activities/autopaycharge.go", "return portal.AutopayChargeAt(in.DueOn, told, in.Least, loc)", "return portal.AutopayChargeAt(in.DueOn, told, 0*in.Least, loc)"},
	}, "invariant 9", false},
	{"autopay charges more than it said", []swap{
		{"activities/autopaycharge.go", "case due.Amount > charge.Amount:", "case due.Amount < 0:"},
	}, "invariant 9", false},
	{"autopay stores another amount than its email said", []swap{
		{"activities/autopaycharge.go", "DueOn: in.DueOn, Amount: in.Amount, ChargeAt: new(chargeAt.UTC())", "DueOn: in.DueOn, Amount: 2 * in.Amount, ChargeAt: new(chargeAt.UTC())"},
	}, "invariant 9", false},
	{"autopay charges what it could not tell of", []swap{
		{"activities/autopaycharge.go", "	if !taken(status) {\n		out = ", "	if status == \"\" {\n		out = "},
	}, "invariant 9", false},
	{"an email has a new key each time", []swap{
		{"activities/mail.go", "IdempotencyKey: id.String(),", "IdempotencyKey: a.NewID().String(),"},
	}, "invariant 7", false},
}

// Each text that a mutation replaces is there, once.
func TestMutationsFitTheCode(t *testing.T) {
	for _, m := range mutations {
		for _, s := range m.swaps {
			text, err := os.ReadFile(filepath.Join("..", "..", s.file))
			if err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(string(text), s.old); n != 1 {
				t.Errorf("%s: %q is %d times in %s", m.name, s.old, n, s.file)
			}
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
	dir, replaced := t.TempDir(), map[string]string{}
	for _, s := range m.swaps {
		path := filepath.Join(root, s.file)
		other, again := replaced[path]
		if !again {
			other = filepath.Join(dir, strings.ReplaceAll(s.file, "/", "_"))
			replaced[path] = other
		} else {
			path = other
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(other, bytes.Replace(text, []byte(s.old), []byte(s.new), 1), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	list, err := json.Marshal(map[string]map[string]string{"Replace": replaced})
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
	kind, flag := "TestFastSeedsUnderFaults", "-faults.seeds"
	if m.real {
		kind, flag, seeds = "TestRealProcessesUnderFaults", "-faults.runs", max(1, seeds/100)
	}
	run := exec.Command("go", "test", "countersign/e2e/faults", "-run", kind, "-timeout", "1h", fmt.Sprintf("%s=%d", flag, seeds))
	// The real processes are built by the test: they are to lack the protection too.
	run.Env = append(os.Environ(), "GOFLAGS="+os.Getenv("GOFLAGS")+" -overlay="+overlay)
	said, err := run.CombinedOutput()
	if err == nil {
		t.Fatalf("%d seeds found nothing", seeds)
	}
	return string(said)
}

func tail(text string) string { return text[max(0, len(text)-2000):] }
