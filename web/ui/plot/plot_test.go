package plot

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func drawn(t *testing.T, render func(w *strings.Builder) error) *html.Node {
	t.Helper()
	var page strings.Builder
	if err := render(&page); err != nil {
		t.Fatal(err)
	}
	root, err := html.Parse(strings.NewReader(page.String()))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// all are the elements of a kind that carry the class, as their attributes.
func all(root *html.Node, element, class string) (found []*html.Node) {
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Data == element && (class == "" || attr(n, "class") == class) {
			found = append(found, n)
		}
	}
	return found
}

func words(root *html.Node) string {
	var said strings.Builder
	for n := range root.Descendants() {
		if n.Type == html.TextNode {
			said.WriteString(n.Data + " ")
		}
	}
	return strings.Join(strings.Fields(said.String()), " ")
}

func months() Plot {
	return Plot{ID: "received", Title: "Received", Words: "It came in.", Heading: "Month", Values: "Received", Parts: "Given back", Points: []Point{
		{Label: "Sep", Brief: "S", Name: "Sep 2026", Value: 50_00, Shown: "$50.00", PartShown: "$0.00"},
		{Label: "Oct", Brief: "O", Name: "Oct 2026", Value: 200_00, Shown: "$200.00", Part: 50_00, PartShown: "$50.00"},
		{Label: "Nov", Brief: "N", Name: "Nov 2026", None: true},
	}}
}

func TestColumnsAreAsHighAsTheirValues(t *testing.T) {
	root := drawn(t, func(w *strings.Builder) error { return Columns(months()).Render(t.Context(), w) })
	columns := all(root, "rect", "value")
	if len(columns) != 3 { // two months, and the legend's
		t.Fatalf("%d columns", len(columns))
	}
	if got := attr(columns[0], "height"); got != "25.00%" {
		t.Errorf("a quarter of the most is %s high", got)
	}
	if y, height := attr(columns[1], "y"), attr(columns[1], "height"); y != "0.00%" || height != "100.00%" {
		t.Errorf("the most begins at %s and is %s high", y, height)
	}
	part := all(root, "rect", "part")
	if attr(part[0], "height") != "25.00%" || attr(part[0], "fill") != "url(#received-hatch)" || len(all(root, "pattern", "")) != 1 {
		t.Errorf("what was given back is %s high, filled with %s", attr(part[0], "height"), attr(part[0], "fill"))
	}
}

// Everything that a plot shows is in its table too, and nothing of it needs an inline style.
func TestPlotIsATableToo(t *testing.T) {
	for name, render := range map[string]func(w *strings.Builder) error{
		"columns": func(w *strings.Builder) error { return Columns(months()).Render(t.Context(), w) },
		"line":    func(w *strings.Builder) error { return Line(months()).Render(t.Context(), w) },
	} {
		root := drawn(t, render)
		table := words(all(root, "table", "")[0])
		for _, said := range []string{"Month", "Received", "Given back", "Sep 2026 $50.00 $0.00", "Oct 2026 $200.00 $50.00", "Nov 2026 –"} {
			if !strings.Contains(table, said) {
				t.Errorf("%s: the table lacks %q: %s", name, said, table)
			}
		}
		for n := range root.Descendants() {
			if attr(n, "style") != "" {
				t.Errorf("%s: <%s> has a style, which the Content-Security-Policy refuses", name, n.Data)
			}
		}
	}
}

func TestLineLeavesGapsWhereThereIsNoValue(t *testing.T) {
	p := months()
	p.Points = append(p.Points, Point{Name: "Dec 2026", Value: 100_00, Shown: "$100.00"})
	root := drawn(t, func(w *strings.Builder) error { return Line(p).Render(t.Context(), w) })
	if links, dots := len(all(root, "line", "link")), len(all(root, "circle", "dot")); links != 1 || dots != 3 {
		t.Errorf("%d lines between %d points", links, dots)
	}
}

func TestNothingToDrawIsOnlyWords(t *testing.T) {
	root := drawn(t, func(w *strings.Builder) error {
		return Columns(Plot{ID: "x", Title: "Received", Words: "Nothing came in.", Points: []Point{{Name: "Nov 2026", Shown: "$0.00"}}}).Render(t.Context(), w)
	})
	if len(all(root, "svg", "")) != 0 || !strings.Contains(words(root), "Nothing came in.") {
		t.Error("an empty plot is drawn, or says nothing")
	}
}

func TestBarsAreAsLongAsTheirValues(t *testing.T) {
	rows := Rows{ID: "owed", Title: "Owed", Kinds: "How late", Values: "Owed", Solid: "Estimates", Hatched: "Timesheets", Rows: []Row{
		{Label: "Not due", Value: 3, Part: 1, Shown: "3", Href: "/not-due"}, {Label: "Late", Value: 4, Shown: "4"}, {Label: "Very late", Shown: "0", Href: "/late"},
	}}
	root := drawn(t, func(w *strings.Builder) error { return Bars(rows).Render(t.Context(), w) })
	bars := all(root, "rect", "value")
	if attr(bars[0], "width") != "75.00%" || attr(bars[1], "width") != "100.00%" {
		t.Errorf("the bars are %s and %s long", attr(bars[0], "width"), attr(bars[1], "width"))
	}
	if part := all(root, "rect", "part")[0]; attr(part, "x") != "50.00%" || attr(part, "width") != "25.00%" {
		t.Errorf("the hatched part begins at %s and is %s long", attr(part, "x"), attr(part, "width"))
	}
	links := all(root, "a", "")
	if len(links) != 1 || attr(links[0], "href") != "/not-due" {
		t.Error("only what there is some of leads to its list")
	}
}

func TestLinesAreRoundAndFew(t *testing.T) {
	for most, want := range map[int64]int64{1: 1, 4: 1, 5: 2, 31: 10, 43_210_00: 20_000_00, 1 << 60: 500_000_000_000_000_000} {
		top, lines := Plot{Points: []Point{{Value: most}}}.scale()
		if step := lines[0]; step != want || len(lines) > mostLines || top < most || top-step >= most {
			t.Errorf("most %d: lines %v, top %d, want steps of %d", most, lines, top, want)
		}
	}
}

func TestSharesOfLargeSumsStayExact(t *testing.T) {
	if got := share(1<<59, 1<<60); got != "50.00%" {
		t.Errorf("half is %s", got)
	}
	if got := share(1, 0); got != "0%" {
		t.Errorf("of nothing: %s", got)
	}
}
