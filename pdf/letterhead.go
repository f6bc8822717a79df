package pdf

import "strings"

// fact is something said about a document beside its parties: "Issued".
type fact struct {
	label string
	value string // clean
}

// status of a document, as a small mark beside its number.
type status struct {
	words string
	tone  rgb
}

// letterhead draws the top of a document: who sends it and what it is.
func (s *sheet) letterhead(mark status) {
	top := s.y
	titleWidth := s.wide() * 0.5
	under, ok := s.picture(s.left(), top, s.wide()*0.4, 44)
	if !ok {
		name := style{size: 14, bold: true, colour: s.accent}
		baseline := top + 14.0
		for _, line := range firstLines(wrap(cleanLine(s.from.Name), name, s.wide()*0.46), 2, name, s.wide()*0.46) {
			s.text(s.left(), baseline, line, name)
			baseline += name.leading() * 0.86
		}
		under = baseline - name.leading()*0.86 - top
	}

	kind := headline
	s.textRight(s.right(), top+16, truncate(s.about.kind, kind, titleWidth), kind)
	y := top + 16
	number := style{size: 10, colour: ink2}
	for _, line := range firstLines(wrap(s.about.number, number, titleWidth), 2, number, titleWidth) {
		y += 16
		s.textRight(s.right(), y, line, number)
	}
	if mark.words != "" {
		y += 20
		chip := style{size: 7.5, bold: true, colour: mark.tone}
		w := width(mark.words, chip)
		s.panel(s.right()-w-14, y-10, w+14, 15, 7.5, mark.tone.soft())
		s.text(s.right()-w-7, y, mark.words, chip)
		y += 4
	}
	s.y = max(top+under, y) + 30
}

// firstLines are the first lines of a wrapped text; the last of them says if
// there are more.
func firstLines(lines []string, most int, st style, limit float64) []string {
	if len(lines) <= most {
		return lines
	}
	lines = lines[:most:most]
	lines[most-1] = truncate(lines[most-1]+"…", st, limit)
	return lines
}

// between draws the two parties and the facts of a document, side by side.
func (s *sheet) between(toLabel string, to Party, facts []fact) {
	const gap = 24.0
	third := (s.wide() - 2*gap) / 3
	top := s.y
	end := s.partyBlock(s.left(), top, third, "From", s.from.party())
	end = max(end, s.partyBlock(s.left()+third+gap, top, third, toLabel, to))
	end = max(end, s.factBlock(s.left()+2*(third+gap), top, third, facts))
	s.y = end + 24
}

// maxNameLines is enough for the longest legal names, which a document must bear
// in full; maxPartyLines keeps an address that is none from filling pages.
const (
	maxNameLines  = 7
	maxPartyLines = 12
)

func (s *sheet) partyBlock(x, y, w float64, title string, p Party) float64 {
	s.text(x, y+label.size, title, label)
	y += 14
	lines := firstLines(wrap(cleanLine(p.Name), strong, w), maxNameLines, strong, w)
	for _, line := range lines {
		s.text(x, y+body.size, line, strong)
		y += body.leading()
	}
	var under []string
	for _, line := range p.lines() {
		under = append(under, wrap(cleanLine(line), quiet, w)...)
	}
	for _, line := range firstLines(under, maxPartyLines, quiet, w) {
		s.text(x, y+quiet.size, line, quiet)
		y += quiet.leading()
	}
	return y
}

// factBlock draws labels on the left and values on the right; a value that is
// too wide for that goes below its label.
func (s *sheet) factBlock(x, y, w float64, facts []fact) float64 {
	y += 0.5
	for _, f := range facts {
		if strings.TrimSpace(f.value) == "" {
			continue
		}
		s.text(x, y+label.size, f.label, label)
		if width(f.label, label)+10+width(f.value, body) <= w {
			s.textRight(x+w, y+label.size, f.value, body)
			y += 16
			continue
		}
		for _, line := range firstLines(wrap(f.value, body, w), 4, body, w) {
			y += body.leading()
			s.textRight(x+w, y+label.size, line, body)
		}
		y += 16
	}
	return y
}

// band says the one thing that matters: how much, and until when.
func (s *sheet) band(words, note, amount string) {
	const height = 46.0
	s.keep(height)
	large := style{size: 17, bold: true, colour: s.accent}
	amount = truncate(amount, large, s.wide()*0.6)
	s.panel(s.left(), s.y, s.wide(), height, 6, s.accent.soft())
	limit := s.wide() - width(amount, large) - 48
	middle := s.y + height/2
	title := style{size: 10, bold: true, colour: ink}
	if note == "" {
		s.text(s.left()+16, middle+3.6, truncate(words, title, limit), title)
	} else {
		s.text(s.left()+16, middle-3, truncate(words, title, limit), title)
		s.text(s.left()+16, middle+10.5, truncate(note, quiet, limit), quiet)
	}
	s.textRight(s.right()-16, middle+6.2, amount, large)
	s.y += height + 22
}

// sum is a line of a document's totals.
type sum struct {
	label string
	value string // clean
	grand bool   // what the document comes to
}

const (
	sumHeight   = 17.0
	grandHeight = 27.0
)

// sumsHeight is how much room the totals need, so that a table can leave it.
func sumsHeight(sums []sum) float64 {
	height := 10.0
	for _, t := range sums {
		if t.grand {
			height += grandHeight
		} else {
			height += sumHeight
		}
	}
	return height
}

// sums draws the totals at the right, in one piece.
func (s *sheet) sums(sums []sum) {
	total := style{size: 11, bold: true, colour: ink}
	w := 210.0
	for _, t := range sums {
		if t.grand {
			w = max(w, width(t.label, total)+width(t.value, total)+28)
		} else {
			w = max(w, width(t.label, body)+width(t.value, body)+28)
		}
	}
	w = min(w, s.wide())
	s.keep(sumsHeight(sums))
	left := s.right() - w
	s.y += 8
	for i, t := range sums {
		if !t.grand {
			soft := style{size: body.size, colour: ink2}
			s.text(left, s.y+11, truncate(t.label, soft, w-width(t.value, body)-10), soft)
			s.textRight(s.right(), s.y+11, t.value, body)
			s.y += sumHeight
			continue
		}
		if i > 0 {
			s.rule(left, s.right(), s.y+4, 0.75, edge)
		}
		s.text(left, s.y+20, truncate(t.label, total, w-width(t.value, total)-10), total)
		s.textRight(s.right(), s.y+20, t.value, total)
		s.y += grandHeight
	}
	s.y += 2
}
