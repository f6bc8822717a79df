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

// mutation is the product with one protection removed: texts of one file
// replaced, for one build, by way of the compiler's overlay.
type mutation struct {
	name string
	file string // from the root of the module
	// swaps are the texts, and what stands in their place.
	swaps [][2]string
	// seen is what the harness says of it.
	seen string
}

const notQuiet = "quiet never came"

// mutations are protections without which money is doubled, lost or in doubt.
var mutations = []mutation{
	{
		"a payment is let go while its page is open", "activities/payment.go",
		[][2]string{{"if payment.CheckoutID != \"\" {\n\t\tsession, err := a.Gateway.Expire", "if payment.CheckoutID == \"none\" {\n\t\tsession, err := a.Gateway.Expire"}},
		"invariant [19]",
	},
	{
		"a page that was paid is taken for one that was left", "activities/payment.go",
		[][2]string{{"if intent.Status == gateway.IntentSucceeded || intent.Status == gateway.IntentProcessing || session", "if intent.Status == gateway.IntentProcessing || session"}},
		"invariant [14]|" + notQuiet,
	},
	{
		"an invoice is changed under the hands of whoever pays it", "api/invoicewriting.go",
		[][2]string{
			{"for _, h := range held {\n\t\tif h.Status == portal.PaymentCharging", "for _, h := range held[:0] {\n\t\tif h.Status == portal.PaymentCharging"},
			{"if len(held) > 0 {\n\t\t\treturn beingPaid", "if len(held) < 0 {\n\t\t\treturn beingPaid"},
		},
		"invariant [39]|" + notQuiet,
	},
	{
		"an unknown outcome is taken for a refusal", "activities/payment.go",
		[][2]string{
			{"if kind := gateway.KindOf(err); kind == gateway.UnexpectedState || kind == gateway.UnknownOutcome {", "if kind := gateway.KindOf(err); kind == gateway.UnexpectedState {"},
			{"kind == gateway.Permanent || kind == gateway.NotFound || kind == gateway.NeedsCustomer {", "kind != \"\" {"},
		},
		"invariant 1",
	},
	{
		"an excess is dropped", "activities/outcome.go",
		[][2]string{{"if left > 0 {\n", "if left < 0 {\n"}},
		"invariant 2",
	},
	{
		"money is booked twice", "activities/outcome.go",
		[][2]string{{"if locked.Status == portal.PaymentSucceeded {\n\t\t\treturn nil\n\t\t}\n", ""}},
		notQuiet,
	},
	{
		"a payment that is given up keeps its invoices", "activities/payment.go",
		[][2]string{{
			"State: \"released\"}); err != nil {\n\t\t\treturn err\n\t\t}\n\t\treturn a.record(ctx, q, happened{\n\t\t\torg: payment.OrgID, customer: payment.CustomerID, kind: \"payment.canceled\"",
			"State: \"live\"}); err != nil {\n\t\t\treturn err\n\t\t}\n\t\treturn a.record(ctx, q, happened{\n\t\t\torg: payment.OrgID, customer: payment.CustomerID, kind: \"payment.canceled\"",
		}},
		"invariant 5",
	},
	{
		"a worker that was frozen opens a page for a payment that was given up", "db/dbsqlc/payments.sql.go",
		[][2]string{{"WHERE org_id = $4 AND id = $5 AND status = 'reserved' AND attempt = $6\n", "WHERE org_id = $4 AND id = $5 AND attempt = $6\n"}},
		"invariant [156]|" + notQuiet,
	},
	{
		"an email has a new key each time", "activities/mail.go",
		[][2]string{{"IdempotencyKey: id.String(),", "IdempotencyKey: a.NewID().String(),"}},
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
		for _, swap := range m.swaps {
			if n := strings.Count(string(text), swap[0]); n != 1 {
				t.Errorf("%s: %q is %d times in %s", m.name, swap[0], n, m.file)
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
	path, dir := filepath.Join(root, m.file), t.TempDir()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, swap := range m.swaps {
		text = bytes.Replace(text, []byte(swap[0]), []byte(swap[1]), 1)
	}
	other := filepath.Join(dir, "mutated.go")
	if err := os.WriteFile(other, text, 0o600); err != nil {
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
