package console

import (
	"errors"
	"net/http"

	"github.com/a-h/templ"

	"countersign/api"
	"countersign/portal"
	"countersign/web"
	"countersign/web/ui"
)

// refusal is an act that was not carried out, for the page that it was asked on. A nil refusal is none.
type refusal struct {
	act string
	key string
	err *portal.Error
}

// refuse takes up why an act from a page was refused. What the page can't show (the sign-in ended, there is no such thing, it
// is forbidden) is returned as an error again, for a page of its own.
func refuse(act string, f *web.Form, err error) (*refusal, error) {
	refused, ok := errors.AsType[*portal.Error](err)
	if !ok {
		return nil, err
	}
	switch refused.Code {
	case portal.CodeUnauthenticated, portal.CodeNotFound, portal.CodeForbidden:
		return nil, err
	}
	return &refusal{act: act, key: f.Key(), err: refused}, nil
}

// keyFor is the idempotency key for the form of an act: the one that was sent while it isn't known what came of it, so that
// sending it again is the same request; else a new one.
func (x *refusal) keyFor(act string) string {
	if x != nil && x.act == act && notYetKnown(x.err) {
		return x.key
	}
	return web.NewKey()
}

// notYetKnown reports whether the same request is to be sent once more under its key.
func notYetKnown(err *portal.Error) bool {
	return err.Code == portal.CodeNotConfirmed || err.Code == portal.CodeUnavailable || err.Code == portal.CodeInternal
}

// notice says what is wrong; nil for no refusal.
func (x *refusal) notice() *ui.Notice {
	if x == nil {
		return nil
	}
	n := &ui.Notice{Tone: ui.Failure, Words: x.err.Message}
	if x.err.Code == portal.CodeNotConfirmed {
		n.Tone = ui.Warning
	}
	for _, f := range x.err.Fields {
		n.Words += " " + f.Message
	}
	return n
}

func (x *refusal) status() int {
	if x == nil {
		return http.StatusOK
	}
	return api.StatusOf(x.err)
}

// takeBack puts why a form was refused into the form, beside its fields and above them, so that it can be drawn again with all
// that was typed. It returns the status to draw it with; an error that no form can show is returned again.
func takeBack(f *web.Form, err error) (status int, unshown error) {
	refused, ok := errors.AsType[*portal.Error](err)
	if !ok {
		return 0, err
	}
	switch refused.Code {
	case portal.CodeUnauthenticated, portal.CodeNotFound, portal.CodeForbidden:
		return 0, err
	case portal.CodeStale:
		f.Errors = ui.Errors{{Message: "Someone else changed this while you were writing. Nothing was saved: open it in another tab, and bring your changes over."}}
	case portal.CodeKeyReused:
		// The first sending was carried out: another is another thing, under another key.
		f.Set(ui.IdempotencyKeyField, web.NewKey())
		f.Errors = ui.Errors{{Message: "This form was sent before, with other contents, and that was saved. Look for it before you save this as well."}}
	default:
		if !f.Refuse(err) {
			f.Errors = ui.Errors{{Message: refused.Message}}
		}
		nameLines(f.Errors)
	}
	return api.StatusOf(err), nil
}

// again draws a form's page once more, saying why it was refused.
func again(r *web.Request, f *web.Form, err error, page templ.Component) error {
	status, err := takeBack(f, err)
	if err != nil {
		return err
	}
	return r.Draw(status, page)
}
