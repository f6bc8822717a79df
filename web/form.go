package web

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"countersign/api"
	"countersign/portal"
	"countersign/web/ui"
)

// maxForm is more than the largest form: paying 2000 invoices with an amount for each.
const maxForm = 1 << 20

// Form is a posted form: what was typed, and after a refusal what is wrong with it. Its names are the paths of the operation's
// JSON: "email", "lines[0].description", and a name that repeats for a list of plain values. Indices are made dense when
// the form is read, so that "lines[0]" and "lines[3]" come back as the first and the second line.
type Form struct {
	// Errors are in the order of the form's fields.
	Errors ui.Errors

	typed url.Values
	// sent differs from typed where the page has translated what people write, such as amounts.
	sent  url.Values
	order []string
	// refused are the fields that couldn't be translated.
	refused []portal.FieldError
}

// NewForm is a form with values to start from: names and values in turn. It is what a page draws before anything was posted.
func NewForm(pairs ...string) *Form {
	f := &Form{typed: url.Values{}, sent: url.Values{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Set(pairs[i], pairs[i+1])
	}
	return f
}

// readForm reads what was posted.
func readForm(w http.ResponseWriter, r *http.Request) (*Form, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForm))
	if err != nil {
		return nil, portal.Invalid("This form is too large.")
	}
	return parseForm(string(body))
}

// parseForm reads an application/x-www-form-urlencoded body. Unlike net/http it keeps the order of the fields.
func parseForm(body string) (*Form, error) {
	f := NewForm()
	for pair := range strings.SplitSeq(body, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		if err == nil {
			value, err = url.QueryUnescape(value)
		}
		if err != nil {
			return nil, portal.Invalid("This form can't be read.")
		}
		if _, known := f.typed[name]; !known {
			f.order = append(f.order, name)
		}
		// Browsers send every line break as CR LF, whatever was typed.
		f.typed.Add(name, strings.ReplaceAll(value, "\r\n", "\n"))
	}
	f.makeDense()
	f.sent = clone(f.typed)
	return f, nil
}

func clone(values url.Values) url.Values {
	copied := make(url.Values, len(values))
	for name, each := range values {
		copied[name] = slices.Clone(each)
	}
	return copied
}

// Value is what was typed under name; empty if nothing was.
func (f *Form) Value(name string) string { return f.typed.Get(name) }

// Values are all that was posted under a name that repeats.
func (f *Form) Values(name string) []string { return f.typed[name] }

// Names are those of the form's fields, in their order.
func (f *Form) Names() []string { return slices.Clone(f.order) }

// Has reports whether anything was posted under name, be it empty.
func (f *Form) Has(name string) bool { return f.typed.Has(name) }

// Checked reports whether a box or a switch is on. A switch may post a hidden "false" before its own value, to be told apart
// from one that isn't on the page.
func (f *Form) Checked(name string) bool { return checked(f.typed[name]) }

func checked(values []string) bool {
	return len(values) > 0 && !slices.Contains([]string{"", "false", "off", "0"}, values[len(values)-1])
}

// Set puts a value of the page's own in place of what was posted under name.
func (f *Form) Set(name string, values ...string) {
	if !f.typed.Has(name) {
		f.order = append(f.order, name)
	}
	f.typed[name], f.sent[name] = values, values
}

// Key is the idempotency key that was made when the form was drawn.
func (f *Form) Key() string { return f.typed.Get(ui.IdempotencyKeyField) }

// Field is a question of the form as it was answered: its value and its error filled in.
func (f *Form) Field(field ui.Field) ui.Field {
	field.Value, field.Error = f.Value(field.Name), f.Errors.For(field.Name)
	return field
}

// Intent is which button was pressed, of those named "intent"; empty for the form's one button.
func (f *Form) Intent() string { return f.typed.Get("intent") }

// Count is how many elements the list called name has: "lines" has 2 with lines[0].title and lines[1].title.
func (f *Form) Count(name string) int {
	n := 0
	for posted := range f.typed {
		if i, _, ok := element(posted, name); ok && i >= n {
			n = i + 1
		}
	}
	return n
}

// AddElement makes room for one more element at the end of a list: field is the name of one of its fields.
func (f *Form) AddElement(list, field string) {
	f.Set(list+"["+strconv.Itoa(f.Count(list))+"]."+field, "")
}

// RemoveElement takes the element with that index out of a list, and moves those after it up.
func (f *Form) RemoveElement(list string, index int) {
	for _, name := range slices.Clone(f.order) {
		if i, _, ok := element(name, list); ok && i == index {
			delete(f.typed, name)
		}
	}
	f.order = slices.DeleteFunc(f.order, func(name string) bool { return !f.typed.Has(name) })
	f.makeDense()
	f.sent = clone(f.typed)
}

// Money translates amounts as people type them into minor units of c, for the operation; what was typed is kept for the
// page. A name with "[]" stands for that field of each element: "lines[].unit_price".
func (f *Form) Money(name string, c portal.Currency) {
	for _, field := range f.fields(name) {
		text := strings.TrimSpace(f.typed.Get(field))
		if text == "" {
			continue
		}
		amount, err := portal.ParseMoney(text, c)
		if err != nil {
			f.refused = append(f.refused, portal.Field(field, "%s", err.Error()))
			delete(f.sent, field)
			continue
		}
		f.sent[field] = []string{strconv.FormatInt(amount.Amount, 10)}
	}
}

// Decimal lets people write a decimal comma where the operation takes a point. Names are as for Money.
func (f *Form) Decimal(name string) {
	for _, field := range f.fields(name) {
		text := strings.TrimSpace(f.typed.Get(field))
		if strings.Count(text, ",") == 1 && !strings.Contains(text, ".") {
			text = strings.Replace(text, ",", ".", 1)
		}
		f.sent[field] = []string{text}
	}
}

// fields lists the names that were posted for name, where "[]" stands for any index.
func (f *Form) fields(name string) []string {
	list, field, each := strings.Cut(name, "[]")
	if !each {
		return []string{name}
	}
	var names []string
	for i := range f.Count(list) {
		names = append(names, list+"["+strconv.Itoa(i)+"]"+field)
	}
	return names
}

// Refuse takes an operation's refusal up: what is wrong goes beside the fields and into the summary. It reports whether the
// refusal is about what was entered; any other error is for the page to deal with.
func (f *Form) Refuse(err error) bool {
	refused, ok := errors.AsType[*portal.Error](err)
	if !ok || refused.Code != portal.CodeInvalid && refused.Code != portal.CodeKeyReused && refused.Code != portal.CodeTooMany {
		return false
	}
	f.Errors = nil
	for _, field := range refused.Fields {
		path, message := field.Path, field.Message
		if path == "Idempotency-Key" {
			f.Errors = append(f.Errors, ui.FieldError{Message: "This page was incomplete. Please send the form again."})
			continue
		}
		if f.Errors.For(path) != "" {
			continue // one thing to mend at a time
		}
		f.Errors = append(f.Errors, ui.FieldError{Field: path, Message: message})
	}
	if len(f.Errors) == 0 {
		f.Errors = ui.Errors{{Message: refused.Message}}
	}
	slices.SortStableFunc(f.Errors, func(a, b ui.FieldError) int { return f.place(a.Field) - f.place(b.Field) })
	return true
}

// RefuseSent is Refuse for a form that makes something: where the key was spent on other contents, those were taken, and what is
// on the page now is another thing under another key.
func (f *Form) RefuseSent(err error) bool {
	if portal.CodeOf(err) != portal.CodeKeyReused {
		return f.Refuse(err)
	}
	f.Set(ui.IdempotencyKeyField, NewKey())
	f.Errors = ui.Errors{{Message: "This form was sent before, with other contents, and that was saved. Look for it before you save this as well."}}
	return true
}

// place is where a field stands in the form; what has no field comes first.
func (f *Form) place(field string) int {
	if field == "" {
		return -1
	}
	if at := slices.Index(f.order, field); at >= 0 {
		return at
	}
	return len(f.order)
}

// Submit enters an operation with a form: the form becomes the decoded JSON of the operation's body, which validates it,
// and then the operation runs. The rest of in (what the path names, the key) is the page's to fill. No rule is checked here.
func Submit[I, O any](r *Request, f *Form, op *api.Operation[I, O], in *I) (*O, error) {
	decoded := decoder{f.sent, r.Site.API.Resolve}.decode(op.BodySchema())
	err := op.ValidateBody(decoded, in)
	if invalid, ok := errors.AsType[*portal.Error](err); err == nil || ok && invalid.Code == portal.CodeInvalid {
		err = f.explain(invalid)
	}
	if err != nil {
		return nil, err
	}
	return op.Do(r.Context(), in)
}

// explain joins what the page couldn't translate with what the operation refused, in words for a form.
func (f *Form) explain(invalid *portal.Error) error {
	if len(f.refused) == 0 && invalid == nil {
		return nil
	}
	joined := portal.Invalid("Some of what was entered can't be taken.", f.refused...)
	if invalid == nil {
		return joined
	}
	joined.Message = invalid.Message
	for _, field := range invalid.Fields {
		if slices.ContainsFunc(f.refused, func(r portal.FieldError) bool { return r.Path == field.Path }) {
			continue
		}
		if strings.TrimSpace(f.typed.Get(field.Path)) == "" && f.Count(field.Path) == 0 {
			field.Message = "Please fill this in."
		}
		joined.Fields = append(joined.Fields, field)
	}
	return joined
}

// decoder turns posted values into decoded JSON by a schema.
type decoder struct {
	values  url.Values
	resolve func(*huma.Schema) *huma.Schema
}

func (d decoder) decode(schema *huma.Schema) map[string]any {
	if schema = d.resolve(schema); schema == nil {
		return map[string]any{}
	}
	return d.object("", schema)
}

func (d decoder) object(prefix string, schema *huma.Schema) map[string]any {
	decoded := map[string]any{}
	for name, property := range schema.Properties {
		value, given := d.value(prefix+name, d.resolve(property), slices.Contains(schema.Required, name))
		if given {
			decoded[name] = value
		}
	}
	return decoded
}

// value is what was posted for one property. What is required is always given, so that the operation can say at its place
// that it is missing; what is optional is left out when it is empty.
func (d decoder) value(name string, schema *huma.Schema, required bool) (any, bool) {
	switch schema.Type {
	case huma.TypeObject:
		if !required && !d.anyUnder(name) {
			return nil, false
		}
		return d.object(name+".", schema), true
	case huma.TypeArray:
		list := d.array(name, d.resolve(schema.Items))
		return list, required || len(list) > 0
	case huma.TypeBoolean:
		return checked(d.values[name]), required || d.values.Has(name)
	}
	text := d.values.Get(name)
	if text == "" {
		return "", required
	}
	return scalar(text, schema.Type), true
}

func (d decoder) array(name string, items *huma.Schema) []any {
	list := []any{}
	if items.Type == huma.TypeObject {
		for i := 0; d.anyUnder(name + "[" + strconv.Itoa(i) + "]"); i++ {
			list = append(list, d.object(name+"["+strconv.Itoa(i)+"].", items))
		}
		return list
	}
	for _, text := range d.values[name] {
		if text != "" {
			list = append(list, scalar(text, items.Type))
		}
	}
	return list
}

func (d decoder) anyUnder(name string) bool {
	for posted := range d.values {
		if strings.HasPrefix(posted, name+".") || strings.HasPrefix(posted, name+"[") {
			return true
		}
	}
	return false
}

// scalar reads a number where the schema wants one. What isn't one stays a text, which the operation refuses at its place.
func scalar(text, kind string) any {
	switch kind {
	case huma.TypeInteger:
		if n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64); err == nil {
			return n
		}
	case huma.TypeNumber:
		if n, err := strconv.ParseFloat(strings.TrimSpace(text), 64); err == nil {
			return n
		}
	}
	return text
}

var indexed = regexp.MustCompile(`^([^\[\]]+)\[([0-9]{1,4})\](.*)$`)

// element takes a name such as "lines[2].title" apart, if it is of that list.
func element(name, list string) (index int, rest string, ok bool) {
	parts := indexed.FindStringSubmatch(name)
	if parts == nil || parts[1] != list {
		return 0, "", false
	}
	index, err := strconv.Atoi(parts[2])
	return index, parts[3], err == nil
}

// makeDense renumbers the elements of every list from 0, in the order of their indices.
func (f *Form) makeDense() {
	indices := map[string][]int{}
	for _, name := range f.order {
		if parts := indexed.FindStringSubmatch(name); parts != nil {
			if i, err := strconv.Atoi(parts[2]); err == nil && !slices.Contains(indices[parts[1]], i) {
				indices[parts[1]] = append(indices[parts[1]], i)
			}
		}
	}
	for list := range indices {
		slices.Sort(indices[list])
	}
	dense := url.Values{}
	for at, name := range f.order {
		renamed := name
		if parts := indexed.FindStringSubmatch(name); parts != nil {
			i, _ := strconv.Atoi(parts[2])
			renamed = parts[1] + "[" + strconv.Itoa(slices.Index(indices[parts[1]], i)) + "]" + parts[3]
		}
		dense[renamed] = append(dense[renamed], f.typed[name]...)
		f.order[at] = renamed
	}
	f.typed = dense
}
