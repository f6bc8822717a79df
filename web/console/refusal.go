package console

import (
	"errors"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"countersign/api"
	"countersign/portal"
	"countersign/web"
	"countersign/web/ui"
)

// refusal is an act that was not carried out, for the page that it was asked on. A nil refusal is none.
type refusal struct {
	act  string
	form *web.Form
	err  *portal.Error
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
	return &refusal{act: act, form: f, err: refused}, nil
}

// keyFor is the idempotency key for the form of an act: the one that was sent while it isn't known what came of it, so that
// sending it again is the same request; else a new one.
func (x *refusal) keyFor(act string) string {
	if x.about(act) && notYetKnown(x.err) {
		return x.form.Key()
	}
	return web.NewKey()
}

// notYetKnown reports whether the same request is to be sent once more under its key.
func notYetKnown(err *portal.Error) bool {
	return err.Code == portal.CodeNotConfirmed || err.Code == portal.CodeUnavailable || err.Code == portal.CodeInternal
}

// about reports whether it was this act that was refused: its dialog is then part of the page, as it was filled in.
func (x *refusal) about(act string) bool { return x != nil && x.act == act }

// formOf is what was typed for an act, with what is wrong with it; an empty form unless that act was refused.
func (x *refusal) formOf(act string) *web.Form {
	if !x.about(act) {
		return web.NewForm()
	}
	if !x.form.Refuse(x.err) {
		x.form.Errors = ui.Errors{{Message: x.err.Message}}
	}
	return x.form
}

// notice says what is wrong; nil for no refusal, and for an act whose dialog is on the page and says it.
func (x *refusal) notice(dialogs ...string) *ui.Notice {
	if x == nil || slices.Contains(dialogs, x.act) {
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
	default:
		if !f.RefuseSent(err) {
			f.Errors = ui.Errors{{Message: refused.Message}}
		}
		nameLines(f.Errors)
	}
	return api.StatusOf(err), nil
}

// takeBackOver is takeBack for what may have changed while it was edited: now reads the form as editing begins by now, and
// saving a second time then saves.
func takeBackOver(f *web.Form, err error, now func() (*web.Form, error)) (status int, unshown error) {
	if portal.CodeOf(err) != portal.CodeStale {
		return takeBack(f, err)
	}
	current, gone := now()
	if gone != nil {
		return 0, gone
	}
	f.ChangedMeanwhile(current)
	nameLines(f.Errors)
	return api.StatusOf(err), nil
}

// againOver is again for what may have changed while it was edited.
func againOver(r *web.Request, f *web.Form, err error, now func() (*web.Form, error), page templ.Component) error {
	status, err := takeBackOver(f, err, now)
	if err != nil {
		return err
	}
	return r.Draw(status, page)
}

// again draws a form's page once more, saying why it was refused.
func again(r *web.Request, f *web.Form, err error, page templ.Component) error {
	status, err := takeBack(f, err)
	if err != nil {
		return err
	}
	return r.Draw(status, page)
}
