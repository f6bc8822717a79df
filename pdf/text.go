package pdf

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// missing stands for a character that no typeface has.
const missing = '\ufffd'

// style is how text looks.
type style struct {
	bold   bool
	size   float64 // points
	colour rgb
}

func (s style) face() faceID {
	if s.bold {
		return semibold
	}
	return regular
}

// leading is the distance between two lines of the style.
func (s style) leading() float64 { return s.size * 1.45 }

// clean makes text drawable: whatever comes in, every character that comes out
// is a line feed or in a typeface. Texts are people's, so they may hold
// anything.
func clean(text string) string {
	if plain(text) {
		return text
	}
	text = norm.NFC.String(strings.ToValidUTF8(text, string(missing)))
	var b strings.Builder
	b.Grow(len(text))
	var before rune
	for _, r := range text {
		switch {
		case r == '\n' && before == '\r':
			// The line was ended by the carriage return.
		case r == '\n', r == '\r', r == '\v', r == '\f', r == '\u0085', r == '\u2028', r == '\u2029':
			b.WriteByte('\n')
		case r == '\t':
			b.WriteByte(' ')
		case invisible(r):
		default:
			writeDrawable(&b, r)
		}
		before = r
	}
	return b.String()
}

// cleanLine is clean on one line.
func cleanLine(text string) string {
	return strings.TrimSpace(strings.ReplaceAll(clean(text), "\n", " "))
}

// plain reports whether text is printable ASCII, which needs no cleaning.
func plain(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

// invisible reports whether r only tells others how to behave: control and
// format characters, variation selectors, and the skin tones of emoji.
func invisible(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Variation_Selector) || (r >= 0x1f3fb && r <= 0x1f3ff)
}

// writeDrawable writes r, or what says the same in characters that can be drawn.
func writeDrawable(b *strings.Builder, r rune) {
	if r == '￥' { // what ja-JP puts before yen; Inter's sign is the figures' own
		r = '¥'
	}
	if _, ok := faceOf(r, regular); ok {
		b.WriteRune(r)
		return
	}
	if equivalent := norm.NFKC.String(string(r)); equivalent != string(r) && drawable(equivalent) {
		b.WriteString(equivalent)
		return
	}
	if !unicode.Is(unicode.M, r) { // a mark that can't be placed is not a letter lost
		b.WriteRune(missing)
	}
}

func drawable(text string) bool {
	for _, r := range text {
		if _, ok := faceOf(r, regular); !ok {
			return false
		}
	}
	return true
}

// advance is how far r moves the pen, in thousandths of the type size.
func advance(r rune, base faceID) int {
	faces := typefaces()
	if f := &faces[base]; f.has(r) { // nearly always, and there are many
		return int(f.advances[r])
	}
	id, ok := faceOf(r, base)
	if !ok {
		return 0
	}
	return int(faces[id].advances[r])
}

// width is how wide clean text is on one line, in points.
func width(text string, s style) float64 {
	base, sum := s.face(), 0
	for _, r := range text {
		sum += advance(r, base)
	}
	return float64(sum) * s.size / 1000
}

// wrap breaks clean text into lines of at most limit points. It breaks at
// spaces, after hyphens and slashes, and between ideographs; a word that is
// wider than a line is broken anywhere. There is always at least one line.
//
// Its time is linear in the text: each character is measured once.
func wrap(text string, s style, limit float64) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(text, "\n") {
		lines = wrapParagraph(lines, strings.TrimRight(paragraph, " "), s, limit)
	}
	return lines
}

func wrapParagraph(lines []string, text string, s style, limit float64) []string {
	var (
		base  = s.face()
		most  = limit * 1000 / s.size
		start = 0 // of the line

		end, next = -1, 0 // where the line could be broken: its end, and the next line's start
		used      = 0.0   // by the line so far
		usedAtGap = 0.0   // by the line up to next
		before    rune
	)
	for i, r := range text {
		w := float64(advance(r, base))
		if i > start && mayBreak(before, r) {
			end, next, usedAtGap = i, i, used
		}
		for used+w > most && i > start && r != ' ' {
			if end <= start {
				end, next, usedAtGap = i, i, used
			}
			lines = append(lines, strings.TrimRight(text[start:end], " "))
			start, used, end = next, used-usedAtGap, -1
		}
		used += w
		if r == ' ' {
			end, next, usedAtGap = i, i+1, used
		}
		before = r
	}
	return append(lines, text[start:])
}

// mayBreak reports whether a line may end between two characters without a space.
func mayBreak(before, after rune) bool {
	switch before {
	case '-', '/', '–', '—', '\u2010':
		return unicode.IsLetter(after)
	case '（', '「', '『', '【', '《', '〈', '［', '〔':
		return false
	}
	switch after {
	case '、', '。', '，', '．', '：', '；', '！', '？', '）', '」', '』', '】', '》', '〉', '］', '〕', '・', 'ー', '々':
		return false
	}
	return wide(before) && wide(after)
}

// wide reports whether r is of a script that is written without spaces.
func wide(r rune) bool {
	return r >= 0x2e80 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) ||
		r >= 0x3000 && r <= 0x303f || r >= 0xff00 && r <= 0xffef
}

// truncate shortens clean text to one line of at most limit points.
func truncate(text string, s style, limit float64) string {
	if width(text, s) <= limit {
		return text
	}
	const ellipsis = "…"
	room := limit - width(ellipsis, s)
	base, used := s.face(), 0.0
	for i, r := range text {
		used += float64(advance(r, base)) * s.size / 1000
		if used > room {
			return strings.TrimRight(text[:i], " ") + ellipsis
		}
	}
	return text
}

// shortened cuts text, which may be very long, to a number of characters.
func shortened(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most-1]) + "…"
}
