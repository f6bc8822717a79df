package pdf

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/text/language"
)

// The measures of a page, in points.
const (
	marginSide   = 54.0
	marginTop    = 54.0
	marginBottom = 66.0 // above it the text ends; the footer stands below
	footerAt     = 36.0 // the footer's baseline, from the bottom
)

// The styles of text.
var (
	body     = style{size: 9, colour: ink}
	strong   = style{size: 9, bold: true, colour: ink}
	quiet    = style{size: 8.5, colour: ink2}
	label    = style{size: 7.5, colour: ink3}
	small    = style{size: 7.5, colour: ink3}
	heading  = style{size: 9, bold: true, colour: ink}
	headline = style{size: 22, bold: true, colour: ink}
)

// about is what a file says of itself.
type about struct {
	kind   string // "Invoice"
	number string // "INV-2041"
	to     string
	at     time.Time
}

func (a about) title() string { return strings.TrimSpace(a.kind + " " + a.number) }

// sheet is a document being drawn, from the top of its first page down.
type sheet struct {
	figures
	pdf    *fpdf.Fpdf
	from   Organization
	about  about
	accent rgb

	pageWidth, pageHeight float64
	y                     float64 // where the next thing begins

	loaded [faceCount]bool
	// What is selected in fpdf, so that only changes are written.
	face   faceID
	size   float64
	colour rgb
	pen    pen
}

// pen is how lines are drawn.
type pen struct {
	thick  float64
	colour rgb
}

// newSheet begins a document with its first page.
func newSheet(from Organization, a about) *sheet {
	w, h := paper(from.Address.Country, from.Locale)
	pdf := fpdf.NewCustom(&fpdf.InitType{UnitStr: "pt", Size: fpdf.SizeType{Wd: w, Ht: h}})
	a.kind, a.number, a.to = cleanLine(a.kind), cleanLine(a.number), cleanLine(a.to)
	s := &sheet{
		figures: newFigures(from.Locale),
		pdf:     pdf, from: from, about: a, accent: accentOf(from.Colour),
		pageWidth: w, pageHeight: h,
	}
	pdf.SetMargins(0, 0, 0)
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetCompression(false) // see deflated
	pdf.SetCatalogSort(true)
	pdf.SetCreationDate(a.at.UTC())
	pdf.SetModificationDate(a.at.UTC())
	pdf.SetTitle(a.title(), true)
	pdf.SetSubject(strings.TrimSpace(a.title()+" for "+a.to), true)
	pdf.SetAuthor(cleanLine(from.Name), true)
	pdf.SetCreator("Countersign", true)
	pdf.SetProducer("Countersign", true)
	pdf.SetLang(englishOf(from.Locale))
	s.addPage()
	s.y = marginTop
	return s
}

// paper is the size of a page in points: US Letter where that is what
// printers hold (CLDR's paperSize), A4 elsewhere.
func paper(country, locale string) (w, h float64) {
	if country == "" {
		if tag, err := language.Parse(locale); err == nil {
			region, _ := tag.Region()
			country = region.String()
		}
	}
	switch strings.ToUpper(strings.TrimSpace(country)) {
	case "US", "CA", "MX", "PH", "PR", "GT", "CO", "CL", "VE", "CR", "PA", "NI", "SV", "BZ":
		return 612, 792
	default:
		return 595.28, 841.89
	}
}

// englishOf is the language of the documents: the locale, if it is English.
func englishOf(locale string) string {
	if tag, err := language.Parse(locale); err == nil {
		if base, _ := tag.Base(); base.String() == "en" {
			if region, confidence := tag.Region(); confidence == language.Exact {
				return "en-" + region.String()
			}
		}
	}
	return "en"
}

// finish numbers the pages and writes the file.
func (s *sheet) finish(w io.Writer) error {
	pages := s.pdf.PageCount()
	contact := s.contact()
	for page := 1; page <= pages; page++ {
		s.pdf.SetPage(page)
		s.forget()
		at := s.pageHeight - footerAt
		count := fmt.Sprintf("Page %d of %d", page, pages)
		s.rule(s.left(), s.right(), at-14, 0.5, hairline)
		s.textRight(s.right(), at, count, small)
		s.text(s.left(), at, truncate(contact, small, s.wide()-width(count, small)-24), small)
	}
	var file bytes.Buffer
	err := s.pdf.Output(&file)
	if err == nil {
		_, err = w.Write(deflated(file.Bytes()))
	}
	if err != nil {
		return fmt.Errorf("write %s as PDF: %w", s.about.title(), err)
	}
	return nil
}

// contact is how to reach the sender, on one line.
func (s *sheet) contact() string {
	var parts []string
	for _, part := range []string{s.from.Name, s.from.Email, s.from.Phone, s.from.TaxID} {
		if part = cleanLine(part); part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, "  ·  ")
}

func (s *sheet) left() float64   { return marginSide }
func (s *sheet) right() float64  { return s.pageWidth - marginSide }
func (s *sheet) wide() float64   { return s.pageWidth - 2*marginSide }
func (s *sheet) bottom() float64 { return s.pageHeight - marginBottom }

// continued is where the text begins on every page but the first.
func (s *sheet) continued() float64 { return marginTop + 22 }

// room is what is left of the page.
func (s *sheet) room() float64 { return s.bottom() - s.y }

// fullPage is the room on an empty page.
func (s *sheet) fullPage() float64 { return s.bottom() - s.continued() }

// keep begins a new page unless height fits on this one, or on none.
func (s *sheet) keep(height float64) {
	if height > s.room() && (height <= s.fullPage() || s.room() < 60) {
		s.nextPage()
	}
}

func (s *sheet) addPage() {
	s.pdf.AddPage()
	s.forget()
}

// forget says that another page is being drawn on, where no type and no pen is
// selected yet. The colour of text is fpdf's own affair: it writes it each time.
func (s *sheet) forget() { s.size, s.pen = 0, pen{} }

// nextPage begins another page, and says at its top which document it is of.
func (s *sheet) nextPage() {
	s.addPage()
	name := truncate(cleanLine(s.from.Name), small, s.wide()/2)
	title := style{size: 7.5, bold: true, colour: ink2}
	s.text(s.left(), marginTop, truncate(s.about.title(), title, s.wide()/2-12), title)
	s.textRight(s.right(), marginTop, name, small)
	s.y = s.continued()
}

// text draws clean text on one line, beginning at x on the baseline.
func (s *sheet) text(x, baseline float64, text string, st style) {
	base := st.face()
	for text != "" {
		face, end, moved := run(text, base)
		s.choose(face, st)
		s.pdf.Text(x, baseline, text[:end])
		x += float64(moved) * st.size / 1000
		text = text[end:]
	}
}

// run is the first part of a text that one face can draw: the face, the part's
// length in bytes, and how far it moves the pen in thousandths of the size.
func run(text string, base faceID) (face faceID, end, moved int) {
	faces := typefaces()
	for i, r := range text {
		id, ok := faceOf(r, base)
		if i == 0 {
			face = id
		}
		if id != face {
			return face, i, moved
		}
		if ok {
			moved += int(faces[id].advances[r])
		}
	}
	return face, len(text), moved
}

// textRight draws clean text on one line that ends at x.
func (s *sheet) textRight(x, baseline float64, text string, st style) {
	s.text(x-width(text, st), baseline, text, st)
}

// choose selects a face, a size and a colour, saying only what changes.
func (s *sheet) choose(id faceID, st style) {
	f := &typefaces()[id]
	if !s.loaded[id] {
		s.pdf.AddUTF8FontFromBytes(f.family, "", []byte(f.file))
		s.loaded[id] = true
	}
	if s.face != id || s.size != st.size {
		s.pdf.SetFont(f.family, "", st.size)
		s.face, s.size = id, st.size
	}
	if s.colour != st.colour {
		s.pdf.SetTextColor(int(st.colour.r), int(st.colour.g), int(st.colour.b))
		s.colour = st.colour
	}
}

// rule draws a horizontal line.
func (s *sheet) rule(from, to, y, thick float64, c rgb) {
	if p := (pen{thick, c}); s.pen != p {
		s.pdf.SetDrawColor(int(c.r), int(c.g), int(c.b))
		s.pdf.SetLineWidth(thick)
		s.pen = p
	}
	s.pdf.Line(from, y, to, y)
}

// panel fills a rounded rectangle.
func (s *sheet) panel(x, y, w, h, radius float64, c rgb) {
	s.pdf.SetFillColor(int(c.r), int(c.g), int(c.b))
	s.pdf.RoundedRect(x, y, w, h, radius, "1234", "F")
}

// picture draws the organization's logo into a box, and is false if there is
// none that can be read. It returns the height that it took.
func (s *sheet) picture(x, y, maxWidth, maxHeight float64) (height float64, ok bool) {
	if len(s.from.Logo) == 0 {
		return 0, false
	}
	l, ok := readLogo(s.from.Logo)
	if !ok {
		return 0, false
	}
	scale := min(maxWidth/l.width, maxHeight/l.height)
	options := fpdf.ImageOptions{ImageType: "png"}
	s.pdf.RegisterImageOptionsReader("logo", options, bytes.NewReader(l.png))
	s.pdf.ImageOptions("logo", x, y, l.width*scale, l.height*scale, false, options, 0, "")
	return l.height * scale, true
}

// paragraphs draws a text under a heading, over as many pages as it takes.
func (s *sheet) paragraphs(title, text string) {
	s.passage(title, text, quiet, min(s.wide(), 420))
}

// passage is paragraphs in a style and of a width.
func (s *sheet) passage(title, text string, st style, limit float64) {
	text = strings.Trim(clean(text), "\n ")
	if text == "" {
		return
	}
	lines := wrap(text, st, limit)
	s.keep(passageHead + float64(min(len(lines), 3))*st.leading())
	s.text(s.left(), s.y+heading.size, title, heading)
	s.y += passageHead
	for _, line := range lines {
		if s.room() < st.leading() {
			s.nextPage()
		}
		s.text(s.left(), s.y+st.size, line, st)
		s.y += st.leading()
	}
	s.y += 14
}

const passageHead = 16.0
