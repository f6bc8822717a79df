package console

import (
	"slices"

	"countersign/web"
	"countersign/web/ui"
)

// tick gives a box or a switch what the form has for it. With a Value of its own it is one of several boxes that share a name.
func tick(f *web.Form, c ui.Choice) ui.Choice {
	if c.Value != "" {
		c.Checked = slices.Contains(f.Values(c.Name), c.Value)
		c.Suffix = c.Value
		return c
	}
	c.Checked, c.Error = f.Checked(c.Name), f.Errors.For(c.Name)
	return c
}

// on is the value of a ticked box for a form that starts with it.
func on(ticked bool) string {
	if ticked {
		return "on"
	}
	return ""
}

// formKey is the idempotency key that a form carries on with, or a new one.
func formKey(f *web.Form) string {
	if f.Key() != "" {
		return f.Key()
	}
	return web.NewKey()
}
