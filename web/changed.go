package web

import (
	"slices"
	"strings"

	"countersign/web/ui"
)

// ChangedMeanwhile makes of a form that came too late one that can be saved: what was typed is kept, and beside each field
// stands what it is by now, as the form called now begins. It takes on now's version: saving it again is then a choice.
func (f *Form) ChangedMeanwhile(now *Form) {
	for _, version := range []string{"version", "revision"} {
		if now.Has(version) {
			f.Set(version, now.Value(version))
		}
	}
	f.Errors = ui.Errors{{Message: "Somebody else changed this while you were writing, and nothing of yours was saved yet. Compare, and save again."}}
	for _, name := range f.differing(now) {
		f.Errors = append(f.Errors, ui.FieldError{Field: name, Message: "It is " + f.asOfNow(name, now) + " now. Saving puts yours in its place."})
	}
}

// differing are the fields that now has otherwise, in the form's order. A box that isn't ticked posts nothing, so those that
// are only ticked now come last.
func (f *Form) differing(now *Form) []string {
	var names []string
	for _, name := range slices.Concat(f.order, now.order) {
		if name == "version" || name == "revision" || !now.Has(name) || slices.Contains(names, name) {
			continue
		}
		if !sameAnswers(f.typed[name], now.typed[name]) {
			names = append(names, name)
		}
	}
	return names
}

// sameAnswers compares the answers to one question, whichever came first; none is the same as an empty one.
func sameAnswers(x, y []string) bool {
	return strings.Join(slices.Sorted(slices.Values(x)), "\n") == strings.Join(slices.Sorted(slices.Values(y)), "\n")
}

// asOfNow words what a field is by now.
func (f *Form) asOfNow(name string, now *Form) string {
	value := strings.ReplaceAll(strings.Join(now.Values(name), ", "), "_", " ")
	switch {
	case value == "on":
		return "on"
	case value == "" && f.Value(name) == "on":
		return "off"
	case value == "":
		return "empty"
	case strings.HasSuffix(name, ".country"):
		if at := slices.IndexFunc(Countries(), func(o ui.Option) bool { return o.Value == value }); at >= 0 {
			value = Countries()[at].Label
		}
	case len(now.Values(name)) == 1:
		value = now.Value(name)
	}
	return "“" + value + "”"
}
