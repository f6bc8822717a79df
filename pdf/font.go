package pdf

import (
	_ "embed"
	"encoding/binary"
	"math"
	"sync"
)

// faceID names a typeface of the documents.
type faceID int

const (
	regular faceID = iota
	semibold
	han    // kana and ideographs
	hangul // Korean syllables
	faceCount
)

// The files are strings, which nothing can write to: fpdf writes into the
// slices that it is given, so each document gets a copy of its own.
var (
	//go:embed fonts/inter-regular.ttf
	interRegular string
	//go:embed fonts/inter-semibold.ttf
	interSemibold string
	//go:embed fonts/han.ttf
	hanRegular string
	//go:embed fonts/hangul.ttf
	hangulRegular string
)

// face is a typeface: its file, and how far each character of the basic plane
// moves the pen.
type face struct {
	family string
	file   string
	// advances are thousandths of the type size; absent where there is no glyph.
	advances []int16
}

const absent = -1

// has reports whether the face can draw r.
func (f *face) has(r rune) bool {
	return int(r) < len(f.advances) && r >= 0 && f.advances[r] != absent
}

// typefaces reads the typefaces once. Nobody changes them afterwards.
var typefaces = sync.OnceValue(func() *[faceCount]face {
	return &[faceCount]face{
		regular:  {"inter", interRegular, advances(interRegular)},
		semibold: {"intersemibold", interSemibold, advances(interSemibold)},
		han:      {"han", hanRegular, advances(hanRegular)},
		hangul:   {"hangul", hangulRegular, advances(hangulRegular)},
	}
})

// faceOf is the face that draws r where text is set in base, and whether there
// is one.
func faceOf(r rune, base faceID) (faceID, bool) {
	faces := typefaces()
	for _, id := range [...]faceID{base, han, hangul} {
		if faces[id].has(r) {
			return id, true
		}
	}
	return base, false
}

// truetype reads the tables of an OpenType file. The files are our own, so it
// doesn't expect damage: a test reads each of them.
type truetype []byte

func (f truetype) u16(at int) int { return int(binary.BigEndian.Uint16(f[at:])) }
func (f truetype) u32(at int) int { return int(binary.BigEndian.Uint32(f[at:])) }

// table is where the table with a tag begins, or 0.
func (f truetype) table(tag string) int {
	for i := range f.u16(4) {
		if record := 12 + 16*i; string(f[record:record+4]) == tag {
			return f.u32(record + 8)
		}
	}
	return 0
}

// advances reads the widths of the basic plane's characters:
// https://learn.microsoft.com/en-us/typography/opentype/spec/hmtx and, for
// format 4, …/spec/cmap. They are rounded as fpdf rounds them, so that what is
// measured is what is drawn.
func advances(file string) []int16 {
	f := truetype(file)
	widths := make([]int16, 1<<16)
	for i := range widths {
		widths[i] = absent
	}
	var (
		unitsPerEm = f.u16(f.table("head") + 18)
		metrics    = f.u16(f.table("hhea") + 34)
		hmtx       = f.table("hmtx")
		cmap       = f.unicodeMap()
		segments   = f.u16(cmap+6) / 2
		ends       = cmap + 14
		starts     = ends + 2*segments + 2
		deltas     = starts + 2*segments
		offsets    = deltas + 2*segments
	)
	for s := range segments {
		start, end := f.u16(starts+2*s), f.u16(ends+2*s)
		delta, offset := f.u16(deltas+2*s), f.u16(offsets+2*s)
		for r := start; r <= end && r != 0xffff; r++ {
			glyph := r
			if offset != 0 {
				glyph = f.u16(offsets + 2*s + offset + 2*(r-start))
				if glyph == 0 {
					continue
				}
			}
			glyph = (glyph + delta) & 0xffff
			if glyph == 0 {
				continue
			}
			advance := f.u16(hmtx + 4*min(glyph, metrics-1))
			widths[r] = int16(math.Round(float64(advance) * 1000 / float64(unitsPerEm)))
		}
	}
	return widths
}

// unicodeMap is where the character map of format 4 begins.
func (f truetype) unicodeMap() int {
	cmap := f.table("cmap")
	for i := range f.u16(cmap + 2) {
		if at := cmap + f.u32(cmap+4+8*i+4); f.u16(at) == 4 {
			return at
		}
	}
	return cmap
}
