package pdf

import (
	"bytes"
	"compress/zlib"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
)

// placed is a piece of text as it stands on a page, in points from the top left.
type placed struct {
	text     string
	x, y     float64
	size     float64
	baseFont string
}

// right is about where the text ends.
func (p placed) right() float64 { return p.x + width(p.text, style{size: p.size}) }

// page is what is written on one page, in the order of drawing.
type page struct {
	height float64
	texts  []placed
}

// all is every piece of text, one a line.
func (p page) all() string {
	var lines []string
	for _, t := range p.texts {
		lines = append(lines, t.text)
	}
	return strings.Join(lines, "\n")
}

// find is the first text that contains words.
func (p page) find(words string) (placed, bool) {
	for _, t := range p.texts {
		if strings.Contains(t.text, words) {
			return t, true
		}
	}
	return placed{}, false
}

var (
	pageContent = regexp.MustCompile(`<</Filter /FlateDecode /Length (\d+)>>\nstream\n`)
	mediaBox    = regexp.MustCompile(`/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]`)
	fontChoice  = regexp.MustCompile(`BT /F(\w+) ([\d.]+) Tf ET`)
	textStart   = regexp.MustCompile(`BT (-?[\d.]+) (-?[\d.]+) Td \(`)
)

// read reads the pages of a PDF back: only what fpdf writes, but all of that.
func read(t testing.TB, file []byte) []page {
	t.Helper()
	_, height := paperOf(t, file)
	var pages []page
	for _, at := range pageContent.FindAllSubmatchIndex(file, -1) {
		length, _ := strconv.Atoi(string(file[at[2]:at[3]]))
		inflated, err := zlib.NewReader(bytes.NewReader(file[at[1] : at[1]+length]))
		if err != nil {
			t.Fatalf("page %d: %v", len(pages)+1, err)
		}
		content, err := io.ReadAll(inflated)
		if err != nil {
			t.Fatalf("page %d: %v", len(pages)+1, err)
		}
		if bytes.HasPrefix(content, []byte("/CIDInit")) {
			continue // what a typeface's glyphs mean, in characters
		}
		pages = append(pages, page{height, textsOf(t, content, height)})
	}
	return pages
}

func paperOf(t testing.TB, file []byte) (w, h float64) {
	t.Helper()
	box := mediaBox.FindSubmatch(file)
	if box == nil {
		t.Fatal("the file has no page size")
	}
	return number64(box[1]), number64(box[2])
}

func textsOf(t testing.TB, content []byte, height float64) []placed {
	t.Helper()
	var texts []placed
	current := placed{}
	for len(content) > 0 {
		text := textStart.FindSubmatchIndex(content)
		if text == nil {
			break
		}
		if font := fontChoice.FindAllSubmatch(content[:text[0]], -1); font != nil {
			last := font[len(font)-1]
			current.baseFont, current.size = string(last[1]), number64(last[2])
		}
		current.x, current.y = number64(content[text[2]:text[3]]), height-number64(content[text[4]:text[5]])
		var units []byte
		rest := content[text[1]:]
		for rest[0] != ')' {
			if rest[0] == '\\' {
				rest = rest[1:]
				if rest[0] == 'r' {
					rest[0] = '\r'
				}
			}
			units, rest = append(units, rest[0]), rest[1:]
		}
		if len(units)%2 != 0 {
			t.Fatalf("a text of %d bytes is no UTF-16", len(units))
		}
		runes := make([]uint16, len(units)/2)
		for i := range runes {
			runes[i] = uint16(units[2*i])<<8 | uint16(units[2*i+1])
		}
		current.text = string(utf16.Decode(runes))
		texts = append(texts, current)
		content = rest
	}
	return texts
}

func number64(text []byte) float64 {
	n, _ := strconv.ParseFloat(string(text), 64)
	return n
}
