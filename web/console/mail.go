package console

import (
	"net/http"

	"countersign/api"
	"countersign/web"
)

// mail lists what was mailed, and what became of it, N9.
func (p pages) mail(r *web.Request) error {
	of, err := p.narrowed(r)
	if err != nil {
		return err
	}
	out, err := p.ListMail.Do(r.Context(), &api.ListMailInput{
		Org: r.Org.Slug, Page: api.Page{After: r.Query("after")}, Undelivered: r.Query("status") == "undelivered", Customer: of.customer,
	})
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, mailView(r, of, out.Body.Mail, out.Body.Next))
}
