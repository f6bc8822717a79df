package stripesim

import (
	"net/http"
	"slices"
	"strings"
)

// stamped is a record that is listed by when it was created.
type stamped interface {
	record
	stamp() int64 // Unix seconds
}

// paged answers a list, newest first, as https://docs.stripe.com/api/pagination
// describes it.
func paged[T stamped](f *form, r *http.Request, found []T, show func(T) doc) (doc, *problem) {
	limit := int64(10)
	if f.has("limit") {
		limit = f.num("limit")
		if limit < 1 || limit > 100 {
			f.fault(invalid("limit", "parameter_invalid_integer", "limit must be between 1 and 100"))
		}
	}
	after, before := f.str("starting_after"), f.str("ending_before")
	within := createdRange(f)
	if p := f.check(); p != nil {
		return nil, p
	}
	items := slices.DeleteFunc(found, func(v T) bool { return !within(v.stamp()) })
	position := func(param, id string) (int, *problem) {
		i := slices.IndexFunc(items, func(v T) bool { return v.key() == id })
		if i < 0 {
			return 0, noSuch(param, "object", id)
		}
		return i, nil
	}
	from, to := 0, len(items)
	switch {
	case after != "":
		i, p := position("starting_after", after)
		if p != nil {
			return nil, p
		}
		from = i + 1
	case before != "":
		i, p := position("ending_before", before)
		if p != nil {
			return nil, p
		}
		to = i
		from = max(0, to-int(limit))
	}
	more := to-from > int(limit) || before != "" && from > 0
	data := []doc{}
	for _, v := range items[from:min(to, from+int(limit))] {
		data = append(data, show(v))
	}
	return doc{"object": "list", "url": r.URL.Path, "has_more": more, "data": data}, nil
}

// createdRange reads created, or created[gt], [gte], [lt], [lte].
func createdRange(f *form) func(int64) bool {
	type bound struct {
		name  string
		holds func(created, limit int64) bool
	}
	var checks []func(int64) bool
	for _, b := range []bound{
		{"created", func(c, l int64) bool { return c == l }},
		{"created[gt]", func(c, l int64) bool { return c > l }},
		{"created[gte]", func(c, l int64) bool { return c >= l }},
		{"created[lt]", func(c, l int64) bool { return c < l }},
		{"created[lte]", func(c, l int64) bool { return c <= l }},
	} {
		if f.has(b.name) {
			limit := f.num(b.name)
			checks = append(checks, func(c int64) bool { return b.holds(c, limit) })
		}
	}
	return func(created int64) bool {
		for _, holds := range checks {
			if !holds(created) {
				return false
			}
		}
		return true
	}
}

// expand replaces the IDs that the request's expand[] names by their objects.
// https://docs.stripe.com/api/expanding_objects
func (t *tx) expand(d doc, paths []string) *problem {
	for _, path := range paths {
		if !t.expandPath(d, strings.Split(path, ".")) {
			return invalid("expand", "", "This property cannot be expanded (%s).", path)
		}
	}
	return nil
}

func (t *tx) expandPath(d doc, path []string) bool {
	v, ok := d[path[0]]
	if !ok {
		return false
	}
	if data, ok := v.([]doc); ok {
		for _, each := range data {
			if len(path) > 1 && !t.expandPath(each, path[1:]) {
				return false
			}
		}
		return true
	}
	if id, ok := v.(string); ok {
		whole := t.lookup(id)
		if whole == nil {
			return false
		}
		d[path[0]], v = whole, whole
	}
	if inner, ok := v.(doc); ok && len(path) > 1 {
		return t.expandPath(inner, path[1:])
	}
	return true
}

// lookup renders whatever an ID names; nil if it names nothing.
func (t *tx) lookup(id string) doc {
	prefix, _, _ := strings.Cut(id, "_")
	switch prefix {
	case "cus":
		if c, ok := get[*customer](t, id); ok {
			return c.doc()
		}
	case "pm":
		if m, ok := get[*method](t, id); ok {
			return m.doc()
		}
	case "pi":
		if pi, ok := get[*intent](t, id); ok {
			return t.intentDoc(pi)
		}
	case "seti":
		if si, ok := get[*setupIntent](t, id); ok {
			return si.doc()
		}
	case "cs":
		if cs, ok := get[*session](t, id); ok {
			return cs.doc()
		}
	case "ch", "py":
		if ch, ok := get[*charge](t, id); ok {
			return t.chargeDoc(ch)
		}
	case "re", "pyr":
		if re, ok := get[*refund](t, id); ok {
			return re.doc()
		}
	case "dp", "du":
		if dp, ok := get[*dispute](t, id); ok {
			return dp.doc()
		}
	}
	return nil
}
