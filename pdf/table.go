package pdf

import (
	"iter"
	"math"
	"slices"
	"strings"
)

// The measures of a table's rows, in points.
const (
	rowPadding = 5.5
	columnGap  = 14.0
)

// column of a table. A right one is of figures.
type column struct {
	label string
	width float64 // including the gap before the next one
	right bool
}

// piece is some text of a cell; it begins on a line of its own.
type piece struct {
	text  string // clean
	style style
}

// cell of a table's row.
type cell []piece

func plainCell(text string) cell { return cell{{text, body}} }

// row of a table.
type row []cell

// table draws rows under heads, which are repeated on each page.
type table struct {
	*sheet
	columns []column
}

const tableHead = 20.0

// draw draws the rows. The last one stays together with what follows the
// table, which needs tail points.
func (t *table) draw(rows iter.Seq[row], tail float64) {
	next, stop := iter.Pull(rows)
	defer stop()

	current, ok := next()
	if !ok {
		t.head()
		return
	}
	laid := t.lay(current)
	t.keep(tableHead + min(t.height(laid), t.fullPage()/2))
	t.head()
	for ok {
		following, more := next()
		needed := t.height(laid)
		if !more && needed+tail <= t.fullPage()-tableHead {
			needed += tail
		}
		if needed > t.room() && needed <= t.fullPage()-tableHead {
			t.nextPage()
			t.head()
		}
		t.row(laid)
		if current, ok = following, more; ok {
			laid = t.lay(current)
		}
	}
}

// head draws the columns' labels.
func (t *table) head() {
	x := t.left()
	for i, c := range t.columns {
		if c.right {
			t.textRight(x+t.inner(i), t.y+9, c.label, label)
		} else {
			t.text(x, t.y+9, c.label, label)
		}
		x += c.width
	}
	t.rule(t.left(), t.right(), t.y+16, 0.75, edge)
	t.y += tableHead - 4
}

// inner is a column's width for text.
func (t *table) inner(i int) float64 {
	if i == len(t.columns)-1 {
		return t.columns[i].width
	}
	return t.columns[i].width - columnGap
}

// lay breaks the cells of a row into lines.
func (t *table) lay(r row) [][]piece {
	laid := make([][]piece, len(r))
	for i, c := range r {
		limit := t.inner(i)
		for _, p := range c {
			if t.columns[i].right {
				p = fitted(p, limit)
			}
			if width(p.text, p.style) <= limit && !strings.Contains(p.text, "\n") {
				laid[i] = append(laid[i], p)
				continue
			}
			for _, line := range wrap(p.text, p.style, limit) {
				laid[i] = append(laid[i], piece{line, p.style})
			}
		}
	}
	return laid
}

// leastFigure is the smallest size of a figure that is set smaller to fit.
const leastFigure = 5.5

// fitted sets a figure smaller where it would have to be broken: half a number
// reads like a whole one.
func fitted(p piece, limit float64) piece {
	for width(p.text, p.style) > limit && p.style.size > leastFigure {
		p.style.size -= 0.5
	}
	return p
}

func (t *table) height(laid [][]piece) float64 {
	tallest := 0.0
	for _, lines := range laid {
		h := 0.0
		for _, l := range lines {
			h += l.style.leading()
		}
		tallest = max(tallest, h)
	}
	return tallest + 2*rowPadding
}

// row draws a row. One that is taller than a page continues on the next ones.
func (t *table) row(laid [][]piece) {
	for {
		height := t.height(laid)
		if height <= t.room() {
			t.part(laid, height)
			return
		}
		fits, rest := split(laid, t.room()-2*rowPadding)
		if fits != nil {
			t.part(fits, t.height(fits))
			laid = rest
		}
		t.nextPage()
		t.head()
	}
}

// part draws the lines of a row that fit on this page.
func (t *table) part(laid [][]piece, height float64) {
	x := t.left()
	for i, lines := range laid {
		y := t.y + rowPadding
		for _, l := range lines {
			baseline := y + (l.style.leading()+0.7*l.style.size)/2
			if t.columns[i].right {
				t.textRight(x+t.inner(i), baseline, l.text, l.style)
			} else {
				t.text(x, baseline, l.text, l.style)
			}
			y += l.style.leading()
		}
		x += t.columns[i].width
	}
	t.y += height
	t.rule(t.left(), t.right(), t.y, 0.5, hairline)
}

// split takes the lines that fit into room off a row. It is nil if that isn't
// one line of some cell.
func split(laid [][]piece, room float64) (fits, rest [][]piece) {
	fits, rest = make([][]piece, len(laid)), make([][]piece, len(laid))
	some := false
	for i, lines := range laid {
		n, used := 0, 0.0
		for n < len(lines) && used+lines[n].style.leading() <= room {
			used += lines[n].style.leading()
			n++
		}
		fits[i], rest[i] = lines[:n], lines[n:]
		some = some || n > 0
	}
	if !some {
		return nil, laid
	}
	return fits, rest
}

// spread gives the columns of figures what their widest figure needs, and what
// is left to the first column, which keeps at least its share of the width. If
// they need more than there is, the widest ones get less: figures are then set
// smaller.
func spread(columns []column, widest []float64, total, share float64) {
	needed := make([]float64, len(columns))
	for i := 1; i < len(columns); i++ {
		needed[i] = max(widest[i], width(columns[i].label, label))
		if i < len(columns)-1 {
			needed[i] += columnGap
		}
	}
	left := total
	most := narrowed(needed[1:], total*(1-share))
	for i := 1; i < len(columns); i++ {
		columns[i].width = min(needed[i], most)
		left -= columns[i].width
	}
	columns[0].width = left
}

// narrowed is the widest that a column may be for all of them to fit into room.
func narrowed(needed []float64, room float64) float64 {
	sorted := slices.Sorted(slices.Values(needed))
	for i, n := range sorted {
		if even := room / float64(len(sorted)-i); n > even {
			return even
		}
		room -= n
	}
	return math.Inf(1)
}
