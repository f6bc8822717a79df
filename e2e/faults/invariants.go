package faults

import (
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"countersign/devstack/stripesim"
	"countersign/portal"
	"countersign/workflows"
)

// Violation is an invariant that doesn't hold, with what both sides say.
type Violation struct {
	Invariant int    `json:"invariant"`
	Says      string `json:"says"`
	// Payment that it is about, or another document, as kind/ID.
	About string `json:"about"`
	// Ours and Theirs are what we have and what the processor, Temporal or the
	// mail provider has.
	Ours   string `json:"ours"`
	Theirs string `json:"theirs"`
}

// String is the violation on one line.
func (v Violation) String() string {
	return fmt.Sprintf("invariant %d (%s) is broken for %s: we have %s; the other side has %s", v.Invariant, v.Says, v.About, v.Ours, v.Theirs)
}

// Invariant is something that holds after every run.
type Invariant struct {
	N    int
	Says string
	// Always says that it holds at every moment, on our side alone: no reader may
	// ever see it broken.
	Always bool
	// find gives what breaks it; N and Says are filled in.
	find func(*Facts) []Violation
}

// Invariants are the ten of docs/design.md, in its order.
func Invariants() []Invariant {
	return []Invariant{
		{1, "each succeeded intent has exactly one payment, of the same amount, currency and customer", false, intentsHavePayments},
		{2, "what was allocated and credited is what was received, less refunds and disputes", false, moneyAddsUp},
		{3, "what is due on an invoice lies between nothing and its total", true, dueWithinTotal},
		{4, "a payment has at most one succeeded intent", false, chargedOnce},
		{5, "no reservation outlives its payment", true, reservationsEnd},
		{6, "every payment that is not final, and every autopay, has a running flow", false, flowsRun},
		{7, "every webhook is processed, and every email key sent once", false, nothingWaits},
		{8, "every history replays on this code", false, historiesReplay},
		{9, "no charge is asked for on an invoice that was voided or changed before, nor by autopay without a day's notice", false, chargedAsAgreed},
		{10, "no decision stands on a version that was not the current one", false, decidedOnCurrent},
	}
}

// Check gives every violation of every invariant.
func Check(f *Facts) []Violation { return check(f, func(Invariant) bool { return true }) }

// CheckNow gives every violation of those that hold at every moment.
func CheckNow(f *Facts) []Violation { return check(f, func(i Invariant) bool { return i.Always }) }

func check(f *Facts, which func(Invariant) bool) []Violation {
	var all []Violation
	for _, invariant := range Invariants() {
		if !which(invariant) {
			continue
		}
		for _, v := range invariant.find(f) {
			v.Invariant, v.Says = invariant.N, invariant.Says
			all = append(all, v)
		}
	}
	return all
}

func aboutPayment(id uuid.UUID) string { return workflows.PaymentID(id) }

func intentsHavePayments(f *Facts) (broken []Violation) {
	for _, i := range f.Intents {
		if i.Status != string(portal.PaymentSucceeded) {
			continue
		}
		var of []Payment
		for _, p := range f.Payments {
			if p.Account == i.Account && p.Intent == i.ID {
				of = append(of, p)
			}
		}
		about := "payment/" + i.Metadata["payment"]
		if len(of) != 1 {
			broken = append(broken, Violation{About: about, Ours: fmt.Sprintf("%d payments of this intent", len(of)), Theirs: describeIntent(i)})
			continue
		}
		p := of[0]
		received := portal.FromProcessor(i.Received, p.Currency).Amount
		if p.ID.String() != i.Metadata["payment"] || p.Status != portal.PaymentSucceeded || p.Received != received ||
			!strings.EqualFold(string(p.Currency), i.Currency) || f.processorOf(p) != i.Customer {
			broken = append(broken, Violation{About: about, Ours: describePayment(f, p), Theirs: describeIntent(i)})
		}
	}
	// And the other way round: nothing is booked that was not received.
	for _, p := range f.Payments {
		if p.Status != portal.PaymentSucceeded || p.Channel == "recorded" {
			continue
		}
		received := slices.ContainsFunc(f.Intents, func(i stripesim.Intent) bool {
			return i.ID == p.Intent && i.Account == p.Account && i.Status == string(portal.PaymentSucceeded)
		})
		if !received {
			broken = append(broken, Violation{About: aboutPayment(p.ID), Ours: describePayment(f, p), Theirs: "no succeeded intent " + p.Intent})
		}
	}
	return broken
}

func moneyAddsUp(f *Facts) (broken []Violation) {
	for _, p := range f.Payments {
		allocated, credited := int64(0), int64(0)
		for _, a := range f.Allocations {
			if a.Payment != nil && *a.Payment == p.ID {
				allocated += a.Amount
			}
		}
		for _, c := range f.Credits {
			// Credit that was applied to an invoice is the customer's to use, and not the payment's any more.
			if c.Payment != nil && *c.Payment == p.ID && c.Reason != "applied" {
				credited += c.Amount
			}
		}
		refunded, disputed := int64(0), int64(0)
		if p.Channel != "recorded" {
			refunded, disputed = gone(f.Refunds, p), gone(f.Disputes, p)
		}
		for _, b := range f.ByHand {
			if b.Payment == p.ID {
				refunded += b.Amount
			}
		}
		if allocated+credited != p.Received-refunded-disputed {
			broken = append(broken, Violation{
				About:  aboutPayment(p.ID),
				Ours:   fmt.Sprintf("%s: allocated %d, credited %d", describePayment(f, p), allocated, credited),
				Theirs: fmt.Sprintf("refunded %d, disputed %d", refunded, disputed),
			})
		}
	}
	return broken
}

// gone is what refunds or disputes have taken out of a payment.
func gone(backs []stripesim.MoneyBack, p Payment) (sum int64) {
	for _, b := range backs {
		if b.Gone && p.Intent != "" && b.Intent == p.Intent && b.Account == p.Account {
			sum += portal.FromProcessor(b.Amount, p.Currency).Amount
		}
	}
	return sum
}

func dueWithinTotal(f *Facts) (broken []Violation) {
	for _, i := range f.Invoices {
		allocated := int64(0)
		for _, a := range f.Allocations {
			if a.Invoice == i.ID {
				allocated += a.Amount
			}
		}
		due := i.Total - allocated
		if i.State == "void" {
			due = 0
		}
		if i.Due != due || i.Due < 0 || i.Due > i.Total || i.State == "void" && allocated != 0 {
			broken = append(broken, Violation{
				About: "invoice/" + i.ID.String(), Theirs: "nothing of it",
				Ours: fmt.Sprintf("invoice %s, %s, of %d, %d due and %d allocated", i.Number, i.State, i.Total, i.Due, allocated),
			})
		}
	}
	return broken
}

func chargedOnce(f *Facts) (broken []Violation) {
	intents, charges := map[string][]string{}, map[string][]string{}
	for _, i := range f.Intents {
		if i.Status == string(portal.PaymentSucceeded) {
			intents[i.Metadata["payment"]] = append(intents[i.Metadata["payment"]], i.ID)
		}
	}
	for _, c := range f.Charges {
		if c.Status == "succeeded" || c.Status == "pending" {
			charges[c.Metadata["payment"]] = append(charges[c.Metadata["payment"]], c.ID)
		}
	}
	for _, made := range []map[string][]string{intents, charges} {
		for payment, ids := range made {
			if len(ids) < 2 {
				continue
			}
			ours := "no such payment"
			if id, err := uuid.Parse(payment); err == nil {
				if p, ok := f.payment(id); ok {
					ours = describePayment(f, p)
				}
			}
			broken = append(broken, Violation{About: "payment/" + payment, Ours: ours, Theirs: "took money in " + strings.Join(ids, " and ")})
		}
	}
	return broken
}

func reservationsEnd(f *Facts) (broken []Violation) {
	holders := map[uuid.UUID]int{}
	for _, r := range f.Reservations {
		p, _ := f.payment(r.Payment)
		live := p.Status.Live()
		if r.State == "live" {
			holders[r.Invoice]++
		}
		if holders[r.Invoice] > 1 {
			broken = append(broken, Violation{
				About: aboutPayment(r.Payment), Theirs: describeIntents(f.intentsOf(r.Payment)),
				Ours: fmt.Sprintf("%s, and another payment holds invoice %s too", describePayment(f, p), f.invoice(r.Invoice).Number),
			})
			continue
		}
		// A live payment holds what it pays: let go of too early, it could be paid twice.
		if (r.State == "live") == live {
			continue
		}
		broken = append(broken, Violation{
			About: aboutPayment(r.Payment), Theirs: describeIntents(f.intentsOf(r.Payment)),
			Ours: fmt.Sprintf("%s and a %s reservation of invoice %s", describePayment(f, p), r.State, f.invoice(r.Invoice).Number),
		})
	}
	return broken
}

func flowsRun(f *Facts) (broken []Violation) {
	for _, p := range f.Payments {
		if p.Channel == "recorded" || !p.Status.Live() || slices.Contains(f.Running, workflows.PaymentID(p.ID)) {
			continue
		}
		broken = append(broken, Violation{About: aboutPayment(p.ID), Ours: describePayment(f, p), Theirs: "no running flow"})
	}
	for _, a := range f.Autopays {
		if id := workflows.AutopayID(a.ID); (a.On || a.FlowOpen) && !slices.Contains(f.Running, id) {
			broken = append(broken, Violation{About: id, Ours: "autopay that is on", Theirs: "no running flow"})
		}
	}
	return broken
}

func nothingWaits(f *Facts) (broken []Violation) {
	for _, w := range f.Webhooks {
		if !w.Processed {
			broken = append(broken, Violation{About: "webhook/" + w.Event, Ours: "it unprocessed: " + cmp.Or(w.Result, "never tried"), Theirs: w.Provider + "'s " + w.Type})
		}
	}
	arrived := map[string]int{}
	for _, m := range f.Mails {
		arrived[m.IdempotencyKey]++
	}
	known := map[string]bool{}
	for _, d := range f.Deliveries {
		key := d.ID.String()
		times, wanted := arrived[key], 1
		known[key] = true
		if d.Status == "failed" {
			wanted = 0
		}
		if times != wanted || d.Status == "queued" {
			broken = append(broken, Violation{About: "email/" + key, Ours: d.Template + ", " + d.Status, Theirs: fmt.Sprintf("it %d times", times)})
		}
	}
	for _, m := range f.Mails {
		if !known[m.IdempotencyKey] {
			broken = append(broken, Violation{About: "email/" + m.IdempotencyKey, Ours: "no such email", Theirs: fmt.Sprintf("%q to %v", m.Subject, m.To)})
		}
	}
	return broken
}

func historiesReplay(f *Facts) (broken []Violation) {
	for id, why := range f.Unreplayable {
		broken = append(broken, Violation{About: id, Ours: "code on which it doesn't replay", Theirs: why})
	}
	return broken
}

// chargedAsAgreed looks at every charge that was asked for, by us with a saved
// method or by a customer on the processor's page, and at what was done to the
// invoices that its payment held by then.
func chargedAsAgreed(f *Facts) (broken []Violation) {
	type asked struct {
		payment uuid.UUID
		at      time.Time
		what    string
	}
	var all []asked
	payments := map[string]uuid.UUID{}
	for _, i := range f.Intents {
		if id, err := uuid.Parse(i.Metadata["payment"]); err == nil {
			payments[i.ID] = id
		}
	}
	for _, c := range f.Charges {
		if id, ok := payments[c.Intent]; ok {
			all = append(all, asked{id, c.At, "charge " + c.ID})
		}
	}
	for _, r := range f.Requests {
		// What the processor refused as it was asked, such as to charge what was canceled, it never asked the bank.
		if ok, _ := path.Match("/v1/payment_intents/*/confirm", r.Path); !ok || !r.Acted || r.Replayed || r.Status == http.StatusBadRequest {
			continue
		}
		if id, ok := payments[strings.Split(r.Path, "/")[3]]; ok {
			all = append(all, asked{id, r.At, "confirm " + r.Key})
		}
	}
	for _, a := range all {
		if why := unannounced(f, a.payment, a.at); why != "" {
			p, _ := f.payment(a.payment)
			broken = append(broken, Violation{About: aboutPayment(a.payment), Ours: describePayment(f, p) + ", " + why, Theirs: fmt.Sprintf("%s at %s", a.what, a.at.Format(time.StampMicro))})
		}
		for _, r := range f.Reservations {
			if r.Payment != a.payment {
				continue
			}
			for _, c := range f.Changes {
				if c.Invoice == r.Invoice && c.At.After(r.At) && c.At.Before(a.at) {
					p, _ := f.payment(a.payment)
					broken = append(broken, Violation{
						About:  aboutPayment(a.payment),
						Ours:   fmt.Sprintf("%s, and invoice %s with %s at %s", describePayment(f, p), f.invoice(r.Invoice).Number, c.Kind, c.At.Format(time.StampMicro)),
						Theirs: fmt.Sprintf("%s at %s", a.what, a.at.Format(time.StampMicro)),
					})
				}
			}
		}
	}
	return broken
}

// unannounced says why a charge at a time was none that autopay had announced a day
// before, N7; nothing if it had, or if somebody began the payment by hand.
func unannounced(f *Facts, payment uuid.UUID, at time.Time) string {
	p, _ := f.payment(payment)
	if p.Autopay == nil {
		return ""
	}
	n := slices.IndexFunc(f.Announced, func(a Announced) bool { return a.Payment == payment })
	if n < 0 {
		return "which was never announced"
	}
	why := "with no email about it a day before"
	for _, m := range f.Mails {
		told := m.At.Truncate(time.Microsecond) // as exact as Postgres keeps it
		notice := slices.ContainsFunc(f.Deliveries, func(d Delivery) bool { return d.Template == "autopay_notice" && d.ID.String() == m.IdempotencyKey })
		if !notice || at.Before(told.Add(portal.AutopayNoticeLeast)) {
			continue
		}
		said, err := readNotice(m.Text, p.Currency)
		switch {
		case err != nil:
			return "with an email that can't be read: " + err.Error()
		case said.number != f.Announced[n].Number:
		case said.amount < p.Amount:
			why = fmt.Sprintf("of which its email said %d", said.amount)
		case at.Before(said.at):
			why = "before " + said.at.Format(time.RFC3339) + ", when its email said"
		default:
			return ""
		}
	}
	return why
}

// said is what the email about a charge says of it.
type said struct {
	number string
	amount int64
	at     time.Time
}

// readNotice reads an email about a charge as its reader does.
func readNotice(text string, currency portal.Currency) (s said, err error) {
	lines := map[string]string{}
	for line := range strings.Lines(strings.ReplaceAll(text, "\u00a0", " ")) {
		if name, value, ok := strings.Cut(strings.TrimLeft(line, "-*• "), ": "); ok {
			lines[name] = strings.TrimSpace(value)
		}
	}
	amount, err := portal.ParseMoney(lines["Amount"], currency)
	if err != nil {
		return s, fmt.Errorf("the amount %q: %w", lines["Amount"], err)
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return s, err
	}
	at, err := time.ParseInLocation("Jan 2, 2006, 3:04 PM MST", lines["When"], loc)
	return said{lines["Invoice"], amount.Amount, at}, err
}

func decidedOnCurrent(f *Facts) (broken []Violation) {
	for _, d := range f.Decisions {
		var on *Version
		later := ""
		for i, v := range f.Versions {
			if v.Estimate != d.Estimate {
				continue
			}
			if v.Version == d.Version {
				on = &f.Versions[i]
			}
			if v.Version > d.Version && !v.SentAt.After(d.At) {
				later = fmt.Sprintf(", and version %d sent before", v.Version)
			}
		}
		if on == nil || later != "" || on.Status != d.Decision || !bytes.Equal(on.Hash, d.Hash) {
			theirs := "no such version"
			if on != nil {
				theirs = fmt.Sprintf("version %d, %s", on.Version, on.Status)
			}
			broken = append(broken, Violation{
				About: "estimate/" + d.Estimate.String(), Ours: fmt.Sprintf("version %d %s%s", d.Version, d.Decision, later), Theirs: theirs,
			})
		}
	}
	return broken
}

func describePayment(f *Facts, p Payment) string {
	if p.ID == uuid.Nil {
		return "no payment"
	}
	return fmt.Sprintf("payment %s, %s by %s, attempt %d, %d %s of which %d received, intent %q, session %q, customer %q",
		p.ID, p.Status, p.Channel, p.Attempt, p.Amount, p.Currency, p.Received, p.Intent, p.Session, f.processorOf(p))
}

func describeIntent(i stripesim.Intent) string {
	return fmt.Sprintf("intent %s, %s, %d %s of which %d received, session %q, customer %q, for payment %q",
		i.ID, i.Status, i.Amount, strings.ToUpper(i.Currency), i.Received, i.Session, i.Customer, i.Metadata["payment"])
}

func describeIntents(intents []stripesim.Intent) string {
	if len(intents) == 0 {
		return "no intent"
	}
	all := make([]string, len(intents))
	for n, i := range intents {
		all[n] = describeIntent(i)
	}
	return strings.Join(all, "; ")
}
