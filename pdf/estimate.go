package pdf

import (
	"io"
	"strconv"

	"countersign/portal"
)

// Estimate offers work at a price.
type Estimate struct {
	From       Organization
	To         Party
	Number     string
	Version    int // left out when it is 0
	Title      string
	Status     portal.EstimateStatus
	Issued     portal.Date
	ValidUntil portal.Date
	Lines      []Line
	Totals     Totals
	Notes      string
	Terms      string
	// Decision is nil until the customer has decided.
	Decision *Decision
}

// Write draws the estimate. An error is the writer's.
func (e Estimate) Write(w io.Writer) error {
	s := newSheet(e.From, about{kind: "Estimate", number: e.Number, to: e.To.Name, at: noon(e.Issued)})
	s.letterhead(estimateStatus(e.Status))
	facts := []fact{
		{"Issued", s.date(e.Issued)},
		{"Valid until", s.date(e.ValidUntil)},
		{"For", cleanLine(e.Title)},
	}
	if e.Version > 0 {
		facts = append(facts, fact{"Version", strconv.Itoa(e.Version)})
	}
	s.between("Prepared for", e.To, facts)
	note := ""
	if !e.ValidUntil.IsZero() {
		note = "valid until " + s.date(e.ValidUntil)
	}
	s.band("Total", note, s.money(e.Totals.Total))

	sums := s.totals(e.Totals)
	s.lines(e.Lines, sums)
	s.sums(sums)

	s.y += 16
	if e.Decision != nil {
		s.seal(*e.Decision)
	}
	s.paragraphs("Notes", e.Notes)
	s.paragraphs("Terms", e.Terms)
	return s.finish(w)
}

// seal says on the estimate itself what was decided; the certificate proves it.
func (s *sheet) seal(d Decision) {
	const height = 42.0
	s.keep(height + 18)
	tone := d.tone()
	title := style{size: 10, bold: true, colour: tone}
	s.panel(s.left(), s.y, s.wide(), height, 6, tone.soft())
	s.text(s.left()+16, s.y+18, truncate(d.words(), title, s.wide()-32), title)
	s.text(s.left()+16, s.y+31, truncate(s.instant(d.At), quiet, s.wide()-32), quiet)
	s.y += height + 20
}

func estimateStatus(s portal.EstimateStatus) status {
	switch s {
	case portal.EstimateDraft:
		return status{"Draft", ink2}
	case portal.EstimateAccepted:
		return status{"Accepted", good}
	case portal.EstimateDeclined:
		return status{"Declined", bad}
	case portal.EstimateExpired:
		return status{"Expired", warn}
	case portal.EstimateWithdrawn:
		return status{"Withdrawn", ink2}
	default: // a sent estimate says what it is by itself
		return status{}
	}
}
