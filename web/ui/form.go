package ui

import (
	"bytes"
	"context"
	"io"
	"slices"

	"github.com/a-h/templ"
)

// FormFor is a form: its error summary first, its idempotency key hidden, then its fields. Validation is the server's, so
// that every rule lives in one place and is told in one way.
//
// The summary names the questions that it speaks of as they are asked, so the fields are drawn before it.
func FormFor(f Form) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		fields := templ.GetChildren(ctx)
		ctx = templ.ClearChildren(ctx)
		if len(f.Errors) == 0 {
			return formAround(f, fields).Render(ctx, w)
		}
		asked := questions{}
		var drawn bytes.Buffer
		if err := fields.Render(context.WithValue(ctx, questionsKey{}, asked), &drawn); err != nil {
			return err
		}
		f.Errors = slices.Clone(f.Errors)
		for i, e := range f.Errors {
			f.Errors[i].about = asked[e.Field]
		}
		return formAround(f, templ.Raw(drawn.String())).Render(ctx, w)
	})
}

// questions are a form's labels by the names of their fields.
type questions map[string]string

type questionsKey struct{}

// ask notes that a field with that name has that label, for the form around it.
func ask(ctx context.Context, name, label string) string {
	if asked, ok := ctx.Value(questionsKey{}).(questions); ok {
		asked[name] = label
	}
	return label
}
