package demo

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"countersign/activities"
	"countersign/db/dbsqlc"
	"countersign/portal"
)

// estimate is one in the making.
type estimate struct {
	proposal
	id       uuid.UUID
	buyer    *buyer
	number   string
	created  time.Time
	versions []*version
	// next is being written as the version after the last one sent.
	next *version
}

// version of an estimate as it was sent, or is being written.
type version struct {
	n       int
	content content
	notes   string
	valid   day
	written time.Time
	sent    time.Time
	outcome outcome
	ended   time.Time
	reason  string
}

// propose makes the estimates, and the invoices of those that were accepted.
func (y *year) propose() error {
	for _, p := range y.b.proposals {
		b := y.named(p.customer)
		if b == nil {
			return fmt.Errorf("%s has no customer %q", y.b.name, p.customer)
		}
		e := &estimate{proposal: p, id: y.estimateID(p), buyer: b}
		if err := y.versions(e); err != nil {
			return fmt.Errorf("writing the estimate %q: %w", p.title, err)
		}
		y.estimates = append(y.estimates, e)
		y.invoiceOf(e)
	}
	slices.SortFunc(y.estimates, func(a, b *estimate) int {
		return cmp.Or(a.created.Compare(b.created), cmp.Compare(a.id.String(), b.id.String()))
	})
	for i, e := range y.estimates {
		e.number = fmt.Sprintf("EST-%04d", y.b.first.estimate+i)
	}
	return nil
}

func (y *year) estimateID(p proposal) uuid.UUID { return y.id("estimate", p.customer, p.title) }

func (y *year) named(name string) *buyer {
	for _, b := range y.buyers {
		if b.name == name {
			return b
		}
	}
	return nil
}

func (y *year) versions(e *estimate) error {
	l := chance(y.b.slug, "estimate", e.customer, e.title)
	lines, err := y.content(e.lines, "", "", e.discount, l)
	if err != nil {
		return err
	}
	first := &version{n: 1, content: lines, notes: e.notes, outcome: e.outcome, reason: e.reason}
	if e.outcome == drafted || e.outcome == waiting {
		e.created = y.at(y.ago(l.between(1, 4)), l)
		first.written, first.valid = e.created, y.today.AddDays(e.valid)
		e.next = first
		return nil
	}
	day := y.ago(e.sent)
	first.sent = y.at(day, l)
	e.created = first.sent.Add(-time.Duration(l.between(2, 30)) * time.Hour)
	first.written, first.valid = e.created, day.AddDays(e.valid)
	first.ended = y.decidedAt(first, e.after, l)
	e.versions = []*version{first}
	if e.revised == nil {
		return nil
	}
	return y.revise(e, first, l)
}

// decidedAt is when a version ended: at its expiry, or days after it was sent
// at any hour of the day.
func (y *year) decidedAt(v *version, after int, l luck) time.Time {
	if v.outcome == expired {
		return v.valid.EndOfDay(y.zone).UTC().Add(2 * time.Second)
	}
	return y.clock(portal.DateOf(v.sent, y.zone).AddDays(max(after, 1)), 8, 0).Add(time.Duration(l.between(0, 11*3600)) * time.Second)
}

func (y *year) revise(e *estimate, first *version, l luck) error {
	r := e.revised
	lines, err := y.content(e.lines[:len(e.lines)-r.without], "", "", cmp.Or(r.discount, e.discount), l)
	if err != nil {
		return err
	}
	second := &version{n: 2, content: lines, notes: r.notes, outcome: r.outcome, reason: r.reason}
	day := y.onOrAfter(portal.DateOf(first.ended, y.zone).AddDays(r.after))
	second.sent = y.at(day, l)
	if !second.sent.After(first.ended) {
		second.sent = first.ended.Add(10 * time.Minute)
	}
	second.written, second.valid = second.sent.Add(-5*time.Minute), day.AddDays(e.valid)
	if r.outcome == drafted {
		second.sent, second.valid = time.Time{}, y.today.AddDays(e.valid)
		e.next = second
		return nil
	}
	if first.outcome == replaced {
		first.ended = second.sent
	}
	second.ended = y.decidedAt(second, r.decided, l)
	e.versions = append(e.versions, second)
	return nil
}

// invoiceOf makes the invoice of an accepted estimate.
func (y *year) invoiceOf(e *estimate) {
	if len(e.versions) == 0 || e.invoiced == 0 {
		return
	}
	last := e.versions[len(e.versions)-1]
	issue := y.onOrAfter(portal.DateOf(last.ended, y.zone).AddDays(e.invoiced))
	if last.outcome != accepted || !y.over(issue) {
		return
	}
	y.add(e.buyer, "of "+e.title, e.title, last.content, issue, chance(y.b.slug, "invoice", e.title)).estimate = e
}

func (y *year) writeEstimates(r *rows) error {
	for _, e := range y.estimates {
		row := dbsqlc.Estimate{
			OrgID: y.org, ID: e.id, CustomerID: e.buyer.row.ID, Number: e.number, Status: portal.EstimateDraft, Currency: y.b.currency,
			CreatedBy: &y.staff[2].ID, CreatedAt: e.created, UpdatedAt: e.created,
		}
		y.tell(event{at: e.created, kind: "estimate.created", subject: "estimate", id: e.id, customer: e.buyer, by: y.staffMember(2), internal: true})
		if e.next != nil {
			row.DraftVersion = new(int32(e.next.n))
			row.Title, row.Total, row.ValidUntil = e.title, e.next.content.totals.Total, e.next.valid
			row.UpdatedAt = e.next.written
		}
		for _, v := range e.versions {
			row.Status, row.Version, row.UpdatedAt = portal.EstimateStatus(v.outcome), int32(v.n), v.ended
			row.Title, row.Total, row.ValidUntil, row.SentAt, row.DecidedAt = e.title, v.content.totals.Total, v.valid, &v.sent, nil
			if v.outcome == accepted || v.outcome == declined {
				row.DecidedAt = &v.ended
			}
		}
		r.estimates = append(r.estimates, row)
		for _, v := range append(slices.Clone(e.versions), e.next) {
			if v == nil {
				continue
			}
			if err := y.writeVersion(r, row, e, v); err != nil {
				return err
			}
		}
	}
	return nil
}

func (y *year) writeVersion(r *rows, row dbsqlc.Estimate, e *estimate, v *version) error {
	t := v.content.totals
	version := dbsqlc.EstimateVersion{
		OrgID: y.org, EstimateID: e.id, Version: int32(v.n), Status: "draft", Title: e.title, Notes: v.notes, Terms: y.b.estimateTerms, ValidUntil: v.valid,
		DiscountPercent: v.content.discount, Subtotal: t.Subtotal, Discount: t.Discount, Tax: t.Tax, Total: t.Total,
		DepositPercent: percent(e.deposit),
	}
	lines := make([]dbsqlc.EstimateLine, 0, len(v.content.lines))
	for i, line := range v.content.lines {
		lines = append(lines, dbsqlc.EstimateLine{
			OrgID: y.org, EstimateID: e.id, Version: int32(v.n), Position: int32(i + 1), Description: line.Description, Quantity: line.Quantity, Unit: v.content.units[i],
			UnitPrice: line.UnitPrice, DiscountPercent: line.DiscountPercent, TaxPercent: line.TaxPercent, Amount: v.content.amount(i),
		})
	}
	if v.n > 1 {
		y.tell(event{at: v.written, kind: "estimate.edited", subject: "estimate", id: e.id, customer: e.buyer, by: y.staffMember(2), internal: true, data: map[string]any{"version": v.n}})
	}
	if !v.sent.IsZero() {
		hash, err := activities.ContentHash(row, version, lines)
		if err != nil {
			return err
		}
		expires := v.valid.EndOfDay(y.zone).UTC()
		version.Status, version.ContentHash, version.SentAt, version.SentBy = string(v.outcome), hash, &v.sent, &y.staff[2].ID
		version.ExpiresAt, version.EndedAt = &expires, &v.ended
		y.tellVersion(e, v)
		if v.outcome == accepted || v.outcome == declined {
			r.decisions = append(r.decisions, y.decision(e, v, hash))
		}
	}
	r.estimateVersions = append(r.estimateVersions, version)
	r.estimateLines = append(r.estimateLines, lines...)
	return nil
}

// browsers are what contacts decide with.
var browsers = [...]string{
	"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Safari/605.1.15",
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/133.0.0.0 Safari/537.36",
	"Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Mobile/15E148 Safari/604.1",
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:135.0) Gecko/20100101 Firefox/135.0",
}

// decision is the evidence of what a contact decided, N2.
func (y *year) decision(e *estimate, v *version, hash []byte) dbsqlc.Decision {
	return y.evidence(e.buyer.contacts[e.by], dbsqlc.Decision{
		DocumentKind: "estimate", DocumentID: e.id, Version: int32(v.n), Decision: string(v.outcome), Reason: v.reason, ContentHash: hash, DecidedAt: v.ended,
	})
}

// evidence completes a decision with who took it, and from where.
func (y *year) evidence(by dbsqlc.Contact, d dbsqlc.Decision) dbsqlc.Decision {
	l := chance(y.b.slug, "browser", by.Email)
	d.OrgID, d.ID, d.CustomerID = y.org, y.id("decision", d.DocumentID.String(), fmt.Sprint(d.Version)), by.CustomerID
	d.ContactID, d.ContactName, d.ContactEmail = by.ID, by.Name, by.Email
	d.IP, d.UserAgent = y.b.ipPrefix+fmt.Sprint(l.between(10, 240)), browsers[l.IntN(len(browsers))]
	return d
}

func (y *year) tellVersion(e *estimate, v *version) {
	data := map[string]any{"number": e.number, "version": v.n, "total": v.content.totals.Total, "currency": y.b.currency}
	tell := func(at time.Time, kind string, by activities.Actor, internal bool, data map[string]any) {
		y.tell(event{at: at, kind: "estimate." + kind, subject: "estimate", id: e.id, customer: e.buyer, by: by, internal: internal, data: data})
	}
	tell(v.sent, "sent", y.staffMember(2), false, data)
	who := contactActor(e.buyer.contacts[e.by])
	seen := v.sent.Add(v.ended.Sub(v.sent) / 3)
	switch v.outcome {
	case accepted, declined:
		tell(seen, "viewed", who, true, map[string]any{"number": e.number, "version": v.n})
		y.seen(view{kind: "estimate", id: e.id, buyer: e.buyer, by: who.ID, at: seen})
		decided := map[string]any{"number": e.number, "version": v.n, "total": v.content.totals.Total, "currency": y.b.currency}
		if v.reason != "" {
			decided["reason"] = v.reason
		}
		tell(v.ended, string(v.outcome), who, false, decided)
	case expired:
		tell(v.ended, "expired", system(), false, map[string]any{"number": e.number, "version": v.n})
	case withdrawn:
		tell(v.ended, "withdrawn", y.staffMember(2), false, map[string]any{"number": e.number, "version": v.n})
	}
}
