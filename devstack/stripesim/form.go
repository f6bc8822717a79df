package stripesim

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// form reads a request's parameters, which Stripe takes form-encoded with nested
// names (line_items[0][price_data][currency]). It remembers which were read, so
// that a parameter that Stripe wouldn't know is refused, as Stripe refuses it.
type form struct {
	values url.Values
	known  map[string]bool
	bad    *problem
}

func newForm(values url.Values) *form {
	return &form{values: values, known: map[string]bool{}}
}

// str reads a parameter; "" if it isn't there.
func (f *form) str(name string) string {
	f.known[name] = true
	return f.values.Get(name)
}

// need reads a parameter that must be there.
func (f *form) need(name string) string {
	v := f.str(name)
	if v == "" {
		f.fault(missing(name))
	}
	return v
}

// has reports whether a parameter was sent, even an empty one.
func (f *form) has(name string) bool {
	f.known[name] = true
	return f.values.Has(name)
}

// num reads an integer; 0 if it isn't there.
func (f *form) num(name string) int64 {
	v := f.str(name)
	if v == "" {
		return 0
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil {
		f.fault(invalid(name, "parameter_invalid_integer", "Invalid integer: %s", v))
	}
	return n
}

// flag reads a boolean; false if it isn't there.
func (f *form) flag(name string) bool {
	switch v := f.str(name); v {
	case "", "false":
		return false
	case "true":
		return true
	default:
		f.fault(invalid(name, "", "Invalid boolean: %s", v))
		return false
	}
}

// oneOf reads a parameter that has a fixed set of values; the first if absent.
func (f *form) oneOf(name string, values ...string) string {
	v := f.str(name)
	if v == "" {
		return values[0]
	}
	if !slices.Contains(values, v) {
		f.fault(invalid(name, "", "Invalid %s: must be one of %s", name, strings.Join(values, ", ")))
	}
	return v
}

// strs reads an array of strings: name[] or name[0], name[1]...
func (f *form) strs(name string) []string {
	f.known[name+"[]"] = true
	out := slices.Clone(f.values[name+"[]"])
	for i := 0; ; i++ {
		item := fmt.Sprintf("%s[%d]", name, i)
		if !f.values.Has(item) {
			return out
		}
		out = append(out, f.str(item))
	}
}

// items lists the names of an array of objects: name[0], name[1]...
func (f *form) items(name string) []string {
	var out []string
	for i := 0; ; i++ {
		item := fmt.Sprintf("%s[%d]", name, i)
		if !f.under(item) {
			return out
		}
		out = append(out, item)
	}
}

// under reports whether anything was sent inside an object.
func (f *form) under(name string) bool {
	for k := range f.values {
		if strings.HasPrefix(k, name+"[") {
			return true
		}
	}
	return false
}

// dict reads an object of strings, such as metadata.
func (f *form) dict(name string) map[string]string {
	out := map[string]string{}
	for k := range f.values {
		inner, ok := strings.CutPrefix(k, name+"[")
		if !ok {
			continue
		}
		inner, ok = strings.CutSuffix(inner, "]")
		if !ok || strings.Contains(inner, "[") {
			continue
		}
		if v := f.str(k); v != "" {
			out[inner] = v
		}
	}
	return out
}

// ignore takes parameters that Stripe knows and that change nothing here,
// objects with all that is in them.
func (f *form) ignore(names ...string) {
	for k := range f.values {
		for _, name := range names {
			if k == name || strings.HasPrefix(k, name+"[") {
				f.known[k] = true
			}
		}
	}
}

// fault notes what is wrong; the first fault is the one that is answered.
func (f *form) fault(p *problem) {
	if f.bad == nil {
		f.bad = p
	}
}

// check gives what is wrong with the parameters read so far, unknown ones
// included; nil if nothing is.
func (f *form) check() *problem {
	if f.bad != nil {
		return f.bad
	}
	f.ignore("expand")
	for _, k := range slices.Sorted(mapKeys(f.values)) {
		if !f.known[k] {
			return invalid(k, "parameter_unknown", "Received unknown parameter: %s", k)
		}
	}
	return nil
}
