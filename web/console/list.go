package console

import (
	"errors"
	"net/http"

	"countersign/api"
	"countersign/portal"
	"countersign/web"
	"countersign/web/ui"
)

// listing is a list that its address may narrow to one customer and to days.
type listing struct {
	narrowed
	days api.Days
	// form has the days as they were typed, and what is wrong with them.
	form *web.Form
}

func (p pages) listing(r *web.Request) (*listing, error) {
	of, err := p.narrowed(r)
	if err != nil {
		return nil, err
	}
	l := &listing{narrowed: of, form: web.NewForm("from", r.Query("from"), "to", r.Query("to"))}
	if l.days, err = r.Days(); err != nil && !l.form.Refuse(err) {
		return nil, err
	}
	return l, nil
}

// list reads a page of a list. Days that can't be listed are told beside their fields, above a list of nothing.
func list[I, O any](r *web.Request, l *listing, op *api.Operation[I, O], in *I) (*O, error) {
	if l.refused() {
		return new(O), nil
	}
	out, err := op.Do(r.Context(), in)
	if refusal, ok := errors.AsType[*portal.Error](err); ok && len(refusal.Fields) == 1 && l.form.Has(refusal.Fields[0].Path) && l.form.Refuse(err) {
		return new(O), nil
	}
	return out, err
}

func (l *listing) refused() bool { return len(l.form.Errors) > 0 }

func (l *listing) status() int {
	if l.refused() {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

// search is the form that narrows the list, and keeps the list's other choices.
func (l *listing) search(r *web.Request, label string, keep ...string) *ui.Search {
	s := r.Search(label, keep...)
	s.Errors = l.form.Errors
	s.Dates = []ui.Field{l.form.Field(ui.Field{Name: "from", Label: "From", Optional: true}), l.form.Field(ui.Field{Name: "to", Label: "To", Optional: true})}
	if r.Query("q") != "" || r.Query("from") != "" || r.Query("to") != "" {
		s.Away = append(s.Away, ui.Action{Label: "Clear", Kind: ui.Quiet, Href: r.Address("q", "", "from", "", "to", "")})
	}
	if l.words != "" {
		s.Away = append(s.Away, ui.Action{Label: "Show all customers", Kind: ui.Quiet, Href: r.Address("customer", "")})
	}
	return s
}

// download leads to all of the list as a file.
func (l *listing) download(r *web.Request) []ui.Action {
	if l.refused() {
		return nil
	}
	return []ui.Action{{Label: "Download CSV", Icon: ui.IconDownload, Href: r.AddressOf("csv"), Download: true}}
}

// listedTable answers with all of a list as a file; in is what to ask for, given what the address narrows to.
func listedTable[I any](p pages, r *web.Request, op *api.Operation[I, api.TableOutput], in func(*listing) *I) error {
	l, err := p.listing(r)
	if err != nil {
		return err
	}
	if l.refused() {
		return portal.Invalid("This period can't be read.")
	}
	return web.DownloadTable(r, op, in(l))
}
