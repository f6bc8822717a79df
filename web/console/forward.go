package console

import (
	"github.com/a-h/templ"

	"countersign/web"
)

// forward is the form that forwards a document, on a page of its own: where it comes back when something in it is refused.
func (p pages) forward(r *web.Request) error { return web.DrawForward(r, forwardView(r)) }

func (p pages) postForward(r *web.Request) error {
	return web.PostForward(r, p.ForwardDocument, forwardView(r))
}

func forwardView(r *web.Request) func(*web.Form) templ.Component {
	return func(f *web.Form) templ.Component { return forwardPage(r, f) }
}
