package web

import (
	"errors"
	"maps"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"countersign/portal"
	"countersign/web/ui"
)

// order is a body with everything that forms have to express.
type order struct {
	Title    string   `json:"title" minLength:"1"`
	Note     string   `json:"note,omitempty"`
	Version  int      `json:"version"`
	Amount   *int64   `json:"amount,omitempty"`
	Share    float64  `json:"share,omitempty"`
	Urgent   bool     `json:"urgent"`
	Silent   *bool    `json:"silent,omitempty"`
	Roles    []string `json:"roles"`
	Years    []int    `json:"years,omitempty"`
	Delivery struct {
		Street string `json:"street"`
		City   string `json:"city,omitempty"`
	} `json:"delivery"`
	Pickup *struct {
		Place string `json:"place"`
	} `json:"pickup,omitempty"`
	Lines []struct {
		Description string `json:"description"`
		Price       int64  `json:"price,omitempty"`
		Taxed       bool   `json:"taxed"`
	} `json:"lines"`
}

// decodeOrder decodes a posted body by the schema of order.
func decodeOrder(t *testing.T, body string, translate func(*Form)) map[string]any {
	t.Helper()
	registry := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	schema := huma.SchemaFromType(registry, reflect.TypeFor[order]())
	f, err := parseForm(body)
	if err != nil {
		t.Fatal(err)
	}
	if translate != nil {
		translate(f)
	}
	return decoder{f.sent, func(s *huma.Schema) *huma.Schema {
		for s != nil && s.Ref != "" {
			s = registry.SchemaFromRef(s.Ref)
		}
		return s
	}}.decode(schema)
}

func TestDecodeTurnsNamesIntoTheOperationsJSON(t *testing.T) {
	type object = map[string]any
	empty := func(changes object) object {
		o := object{"title": "", "version": "", "urgent": false, "roles": []any{}, "delivery": object{"street": ""}, "lines": []any{}}
		maps.Copy(o, changes)
		return o
	}
	tests := []struct {
		name string
		body string
		want object
	}{
		{"nothing posted gives what is required, empty, so that each is refused at its place", "", empty(nil)},
		{"an empty optional text is left out", "title=Oak&note=", empty(object{"title": "Oak"})},
		{"line breaks are as they were typed", "note=one%0D%0Atwo", empty(object{"note": "one\ntwo"})},
		{"an integer is a number", "version=3", empty(object{"version": int64(3)})},
		{"spaces around an integer do no harm", "version=+3+", empty(object{"version": int64(3)})},
		{"what is no integer stays a text for the operation to refuse", "version=three", empty(object{"version": "three"})},
		{"an optional integer that is empty is left out", "amount=", empty(nil)},
		{"an optional integer", "amount=1250", empty(object{"amount": int64(1250)})},
		{"a decimal", "share=2.5", empty(object{"share": 2.5})},
		{"a ticked box is true", "urgent=on", empty(object{"urgent": true})},
		{"a hidden false before a box counts while the box is off", "urgent=false", empty(nil)},
		{"a hidden false before a box gives way to it", "urgent=false&urgent=true", empty(object{"urgent": true})},
		{"an optional switch counts once the page had it", "silent=false", empty(object{"silent": false})},
		{"a name that repeats is a list", "roles=view&roles=pay", empty(object{"roles": []any{"view", "pay"}})},
		{"empty elements of a list are dropped", "roles=&roles=pay", empty(object{"roles": []any{"pay"}})},
		{"a list of numbers", "years=2025&years=2026", empty(object{"years": []any{int64(2025), int64(2026)}})},
		{"a dot leads into an object", "delivery.street=Wharf+Road&delivery.city=Bristol", empty(object{"delivery": object{"street": "Wharf Road", "city": "Bristol"}})},
		{"an optional object is there once something of it was posted", "pickup.place=Door+2", empty(object{"pickup": object{"place": "Door 2"}})},
		{"brackets count elements", "lines[0].description=Oak&lines[0].price=900&lines[1].description=Ash&lines[1].taxed=on", empty(object{"lines": []any{
			object{"description": "Oak", "price": int64(900), "taxed": false}, object{"description": "Ash", "taxed": true},
		}})},
		{"gaps between elements close", "lines[2].description=Ash&lines[7].description=Elm", empty(object{"lines": []any{
			object{"description": "Ash", "taxed": false}, object{"description": "Elm", "taxed": false},
		}})},
		{"elements are ordered by their index, not by their place", "lines[1].description=Ash&lines[0].description=Oak", empty(object{"lines": []any{
			object{"description": "Oak", "taxed": false}, object{"description": "Ash", "taxed": false},
		}})},
		{"names that the operation doesn't know are not passed on", "title=Oak&admin=true&idempotency_key=k&lines[0].admin=true", empty(object{"title": "Oak", "lines": []any{
			object{"description": "", "taxed": false},
		}})},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := decodeOrder(t, test.body, nil); !reflect.DeepEqual(got, test.want) {
				t.Errorf("%q decodes to\n %v, want\n %v", test.body, got, test.want)
			}
		})
	}
}

func TestMoneyIsTranslatedForTheOperationAndKeptAsTypedForThePage(t *testing.T) {
	var form *Form
	decoded := decodeOrder(t, "amount=1,234.50&lines[0].price=9,5&lines[1].price=&lines[2].price=cheap", func(f *Form) {
		form = f
		f.Money("amount", "EUR")
		f.Money("lines[].price", "EUR")
	})
	if got := decoded["amount"]; got != int64(123450) {
		t.Errorf("amount decodes to %v, want 123450 minor units", got)
	}
	lines := decoded["lines"].([]any)
	if got := lines[0].(map[string]any)["price"]; got != int64(950) {
		t.Errorf("the first price decodes to %v, want 950", got)
	}
	if _, given := lines[1].(map[string]any)["price"]; given {
		t.Error("an empty price was passed on")
	}
	if got := form.Value("amount"); got != "1,234.50" {
		t.Errorf("the page would show %q, want what was typed", got)
	}
	if len(form.refused) != 1 || form.refused[0].Path != "lines[2].price" {
		t.Errorf("refused are %v, want lines[2].price alone", form.refused)
	}
}

func TestDecimalCommaIsReadAsAPoint(t *testing.T) {
	for typed, want := range map[string]string{"2,5": "2.5", "2.5": "2.5", "1,000.5": "1,000.5", " 3 ": "3"} {
		f, err := parseForm(url.Values{"lines[0].quantity": {typed}}.Encode())
		if err != nil {
			t.Fatal(err)
		}
		f.Decimal("lines[].quantity")
		if got := f.sent.Get("lines[0].quantity"); got != want {
			t.Errorf("%q is passed on as %q, want %q", typed, got, want)
		}
	}
}

func TestRefusalStandsBesideItsFieldsInTheirOrder(t *testing.T) {
	f, err := parseForm("email=a&password=b&lines[0].title=")
	if err != nil {
		t.Fatal(err)
	}
	ours := f.Refuse(portal.Invalid("Some of it can't be taken.",
		portal.Field("lines[0].title", "Please fill this in."), portal.Field("password", "Too short."),
		portal.Field("email", "Not an address."), portal.Field("email", "Not one of ours.")))
	want := ui.Errors{
		{Field: "email", Message: "Not an address."}, {Field: "password", Message: "Too short."}, {Field: "lines[0].title", Message: "Please fill this in."},
	}
	if !ours || !reflect.DeepEqual(f.Errors, want) {
		t.Errorf("errors are %v, want %v", f.Errors, want)
	}
}

func TestRefusalWithoutFieldsIsAboutTheForm(t *testing.T) {
	f := NewForm()
	if !f.Refuse(portal.Invalid("Choose at least one invoice.")) || len(f.Errors) != 1 || f.Errors[0] != (ui.FieldError{Message: "Choose at least one invoice."}) {
		t.Errorf("errors are %v", f.Errors)
	}
	if f.Refuse(portal.Conflict("It was accepted already.")) {
		t.Error("a conflict was taken for something to mend in the form")
	}
}

func TestWhatThePageCouldNotReadIsToldWithWhatTheOperationRefused(t *testing.T) {
	f, err := parseForm("amount=abc&title=")
	if err != nil {
		t.Fatal(err)
	}
	f.Money("amount", "USD")
	told := f.explain(portal.Invalid("No.", portal.Field("title", "Expected length >= 1."), portal.Field("amount", "Expected integer.")))
	refused, ok := errors.AsType[*portal.Error](told)
	if !ok || len(refused.Fields) != 2 {
		t.Fatalf("told %v, want both fields once", told)
	}
	if got := refused.Fields[0]; got.Path != "amount" || strings.Contains(got.Message, "integer") {
		t.Errorf("the amount is told as %v, want the page's own words", got)
	}
	if got := refused.Fields[1]; got.Path != "title" || got.Message != "Please fill this in." {
		t.Errorf("the title is told as %v", got)
	}
	if err := NewForm().explain(nil); err != nil {
		t.Errorf("with nothing wrong, explain gave %v", err)
	}
}

func TestRemovedElementsCloseTheGap(t *testing.T) {
	f, err := parseForm("lines[0].title=Oak&lines[1].title=Ash&lines[2].title=Elm")
	if err != nil {
		t.Fatal(err)
	}
	f.RemoveElement("lines", 1)
	if f.Count("lines") != 2 || f.Value("lines[1].title") != "Elm" {
		t.Errorf("after removing the second there are %d, the last %q", f.Count("lines"), f.Value("lines[1].title"))
	}
	f.AddElement("lines", "title")
	if f.Count("lines") != 3 || f.Value("lines[2].title") != "" {
		t.Errorf("after adding one there are %d", f.Count("lines"))
	}
}

func TestUnreadableFormIsRefused(t *testing.T) {
	if _, err := parseForm("title=%zz"); portal.CodeOf(err) != portal.CodeInvalid {
		t.Errorf("a broken escape gave %v", err)
	}
}
