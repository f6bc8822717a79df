package console

import (
	"countersign/api"
	"countersign/web"
)

// statement is a customer's account with the organization, R47.
func (p pages) statement(r *web.Request) error {
	id, err := r.ID("customer", "customer")
	if err != nil {
		return err
	}
	page, err := web.ReadStatement(r, func(period api.StatementPeriod, part api.StatementPage) (*api.StatementOutput, error) {
		return p.Statement.Do(r.Context(), &api.CustomerStatementInput{Org: r.Org.Slug, Customer: id, StatementPeriod: period, StatementPage: part})
	})
	if err != nil {
		return err
	}
	return r.Draw(page.Status(), statementView(r, id, page))
}

func (p pages) statementPDF(r *web.Request) error { return p.statementFile(r, p.StatementFile) }

func (p pages) statementCSV(r *web.Request) error { return p.statementFile(r, p.StatementCSV) }

func (p pages) statementFile(r *web.Request, op *api.Operation[api.CustomerStatementFileInput, api.FileOutput]) error {
	id, err := r.ID("customer", "customer")
	if err != nil {
		return err
	}
	period, err := r.StatementPeriod()
	if err != nil {
		return err
	}
	return web.Download(r, op, &api.CustomerStatementFileInput{Org: r.Org.Slug, Customer: id, StatementPeriod: period})
}
