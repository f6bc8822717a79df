package console

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"countersign/api"
	"countersign/portal"
	"countersign/web"
	"countersign/web/ui"
)

// lineFields are the fields of a document's line, as the operations name them.
var lineFields = []string{"description", "quantity", "unit", "unit_price", "discount_percent", "tax_percent"}

// emptyLines is how many empty lines stand below those written when a document is opened, for a browser without script, and
// how many more each "Add lines" brings.
const emptyLines = 3

func lineField(line int, field string) string {
	return "lines[" + strconv.Itoa(line) + "]." + field
}

// startLines begins a form with a document's lines.
func startLines(f *web.Form, lines []api.Line) {
	for i, l := range lines {
		f.Set(lineField(i, "description"), l.Description)
		f.Set(lineField(i, "quantity"), l.Quantity)
		f.Set(lineField(i, "unit"), l.Unit)
		f.Set(lineField(i, "unit_price"), l.UnitPrice.Decimal())
		f.Set(lineField(i, "discount_percent"), l.DiscountPercent)
		f.Set(lineField(i, "tax_percent"), l.TaxPercent)
	}
}

// addLines makes room for more lines.
func addLines(f *web.Form) {
	for range emptyLines {
		f.AddElement("lines", "description")
	}
}

// dropEmptyLines takes lines out on which nothing was written but a quantity, and counts one where a quantity was left out.
func dropEmptyLines(f *web.Form) {
	for i := f.Count("lines") - 1; i >= 0; i-- {
		if written(f, i) {
			continue
		}
		f.RemoveElement("lines", i)
	}
	for i := range f.Count("lines") {
		if strings.TrimSpace(f.Value(lineField(i, "quantity"))) == "" {
			f.Set(lineField(i, "quantity"), "1")
		}
	}
}

func written(f *web.Form, line int) bool {
	return slices.ContainsFunc(lineFields, func(field string) bool {
		return field != "quantity" && strings.TrimSpace(f.Value(lineField(line, field))) != ""
	})
}

// readLines makes the lines, as people type them, ready for the operation.
func readLines(f *web.Form, c portal.Currency) {
	f.Money("lines[].unit_price", c)
	for _, field := range []string{"quantity", "discount_percent", "tax_percent"} {
		f.Decimal("lines[]." + field)
	}
	f.Decimal("discount_percent")
}

// rearrange carries out the buttons of the editor that only redraw it, and reports whether one was pressed.
func rearrange(f *web.Form) bool {
	if line, ok := strings.CutPrefix(f.Intent(), "remove-line-"); ok {
		if i, err := strconv.Atoi(line); err == nil {
			f.RemoveElement("lines", i)
		}
		return true
	}
	switch f.Intent() {
	case "add-lines":
		addLines(f)
		return true
	case "preview":
		return true
	}
	return false
}

// sums are what a document comes to while it is being written: its totals, and the amount of each line of the form.
type sums struct {
	totals []ui.Sum
	lines  map[int]string
}

// addUp adds up the lines that are written so far. What can't be added up yet is left unsaid: only saving says what is wrong.
func (p pages) addUp(r *web.Request, f *web.Form, c portal.Currency) sums {
	// The rows are there before they say anything, so that nothing below them moves away from under somebody's finger.
	s := sums{lines: map[int]string{}, totals: []ui.Sum{{Label: "Subtotal", Value: "–"}, {Label: "Total (" + string(c) + ")", Value: "–", Grand: true}}}
	priced := web.NewForm("currency", string(c), "discount_percent", f.Value("discount_percent"))
	var rows []int
	for i := range f.Count("lines") {
		if strings.TrimSpace(f.Value(lineField(i, "unit_price"))) == "" {
			continue
		}
		for _, field := range lineFields {
			priced.Set(lineField(len(rows), field), f.Value(lineField(i, field)))
		}
		for field, unsaid := range map[string]string{"description": "–", "quantity": "1"} {
			if strings.TrimSpace(f.Value(lineField(i, field))) == "" {
				priced.Set(lineField(len(rows), field), unsaid)
			}
		}
		rows = append(rows, i)
	}
	if len(rows) == 0 {
		return s
	}
	readLines(priced, c)
	out, err := web.Submit(r, priced, p.PreviewTotals, &api.PreviewTotalsInput{Org: r.Org.Slug})
	if err != nil {
		return s
	}
	s.totals = r.Sums(out.Body.Totals, f.Value("discount_percent"))
	for n, amount := range out.Body.Lines {
		s.lines[rows[n]] = r.Money(amount)
	}
	return s
}

// redraws are the parts of the editor that change when a figure does.
func redraws(f *web.Form) string {
	ids := []string{"sums"}
	for i := range f.Count("lines") {
		ids = append(ids, "amount-"+strconv.Itoa(i))
	}
	return strings.Join(ids, " ")
}

// formCurrency is the currency that a form's amounts are typed in: the one it names, if it is one, else usual.
func formCurrency(f *web.Form, usual portal.Currency) portal.Currency {
	if c, err := portal.ParseCurrency(f.Value("currency")); err == nil {
		return c
	}
	return usual
}

var lineError = regexp.MustCompile(`^lines\[(\d+)\]\.(\w+)$`)

// nameLines words what is wrong with lines, so that it can be told in the summary of the form too: which line it is, and what
// belongs there.
func nameLines(errors ui.Errors) {
	missing := map[string]string{"description": "Describe it.", "quantity": "Enter a quantity.", "unit_price": "Enter a price."}
	for i, e := range errors {
		if e.Field == "lines" {
			// All were left empty: the first is where to begin.
			errors[i] = ui.FieldError{Field: "lines[0].description", Message: "Write at least one line, with a price."}
			continue
		}
		parts := lineError.FindStringSubmatch(e.Field)
		if len(parts) != 3 {
			continue
		}
		n, err := strconv.Atoi(parts[1])
		if err != nil {
			continue
		}
		said := e.Message
		if better := missing[parts[2]]; better != "" && said == "Please fill this in." {
			said = better
		}
		errors[i].Message = lineLabel(n) + ": " + said
	}
}
