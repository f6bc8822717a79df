// Package plot draws figures as SVG on the server: columns and points by month, and rows by kind. Each is also a table, for
// screen readers and for whoever wants the numbers.
//
// Coordinates are percentages of the drawing's box, so that it takes the width it is given while its words keep their size, and
// no style is written inline. What a plot tells apart it tells apart by place, length or hatching too, never by colour alone; the
// colours are classes of static/app.css, and follow the page into the dark.
package plot

import "strconv"

// Point is a month, or another place on the axis, with its value.
type Point struct {
	Label string // below it: "Nov"
	Brief string // the same where there is little room: "N"
	Name  string // in full, in the table and on hover: "Nov 2026"
	Value int64  // in any unit; not negative
	Shown string // the value as people read it
	// Part of the value is hatched: what was given back of what came in. PartShown is how people read it.
	Part      int64
	PartShown string
	// None says that there is no value here, which isn't the same as 0.
	None bool
}

// Plot is values along an axis.
type Plot struct {
	ID     string // unique on the page
	Title  string
	Words  string // what it comes to, in a sentence: read by everybody, and the drawing's name for a screen reader
	Points []Point
	// The table's headings: what the points are, what their values are, and what the hatched part is; without the last there is none.
	Heading, Values, Parts string
	// Tick writes a value beside the line at its height.
	Tick func(value int64) string
}

func (p Plot) most() int64 {
	most := int64(0)
	for _, point := range p.Points {
		most = max(most, point.Value)
	}
	return most
}

// scale is the height of a drawing's box and of the lines across it.
func (p Plot) scale() (top int64, lines []int64) {
	most := p.most()
	step := stepFor(most)
	for line := step; line-step < most; line += step {
		top = line
		lines = append(lines, line)
	}
	return top, lines
}

// mostLines is how many lines cross a drawing at most.
const mostLines = 4

// stepFor is the round distance between lines: 1, 2 or 5 times a power of ten.
func stepFor(most int64) int64 {
	for power := int64(1); ; power *= 10 {
		for _, digit := range []int64{1, 2, 5} {
			if step := power * digit; step*mostLines >= most {
				return step
			}
		}
	}
}

// share writes value as a percentage of whole.
func share(value, whole int64) string {
	for whole > 1<<48 { // so that the product below stays in range
		value, whole = value>>1, whole>>1
	}
	if whole <= 0 {
		return "0%"
	}
	hundredths := value * 10_000 / whole
	return strconv.FormatInt(hundredths/100, 10) + "." + strconv.FormatInt(hundredths%100/10, 10) + strconv.FormatInt(hundredths%10, 10) + "%"
}

// from writes how far below the top of its box a value is.
func from(top, value int64) string { return share(top-value, top) }

// middle writes where the middle of a point's place is.
func (p Plot) middle(i int) string { return share(int64(2*i+1), int64(2*len(p.Points))) }

// columnWidth is the part of its place that a column takes, in percent.
const columnWidth = 58

func (p Plot) left(i int) string {
	return share(int64(100*i)+(100-columnWidth)/2, int64(100*len(p.Points)))
}

func (p Plot) width() string { return share(columnWidth, int64(100*len(p.Points))) }

// hover is what a point says when it is pointed at.
func (p Plot) hover(point Point) string {
	if point.None {
		return point.Name + ": –"
	}
	words := point.Name + ": " + point.Shown
	if point.Part > 0 {
		words += " (" + point.PartShown + " " + lower(p.Parts) + ")"
	}
	return words
}

func lower(words string) string {
	if words == "" || words[0] < 'A' || words[0] > 'Z' {
		return words
	}
	return string(words[0]+'a'-'A') + words[1:]
}

func (p Plot) tick(value int64) string {
	if p.Tick == nil {
		return strconv.FormatInt(value, 10)
	}
	return p.Tick(value)
}

// Row is a kind of thing with its value as the length of a bar.
type Row struct {
	Label string
	Href  string // where those things are listed
	Value int64
	// Part of the value is hatched.
	Part   int64
	Shown  string // the value as people read it
	Detail string // a word more about it
	// Alarm draws the bar in the colour of what needs somebody; its label says so too.
	Alarm bool
}

// Rows is values by kind.
type Rows struct {
	ID     string
	Title  string
	Words  string
	Kinds  string // the heading over the labels: "Overdue"
	Values string // over the values: "Owed"
	// What solid and hatched mean, where rows have parts.
	Solid, Hatched string
	Rows           []Row
}

func (r Rows) most() int64 {
	most := int64(0)
	for _, row := range r.Rows {
		most = max(most, row.Value)
	}
	return most
}
