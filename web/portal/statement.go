package portal

import (
	"countersign/api"
	"countersign/web"
)

// statement is the customer's account with the organization, R47.
func (p pages) statement(r *web.Request) error {
	page, err := web.ReadStatement(r, func(period api.StatementPeriod, part api.StatementPage) (*api.StatementOutput, error) {
		return p.MyStatement.Do(r.Context(), &api.StatementInput{Org: r.Org.Slug, StatementPeriod: period, StatementPage: part})
	})
	if err != nil {
		return err
	}
	return r.Draw(page.Status(), statementPage(r, page))
}

func (p pages) statementPDF(r *web.Request) error { return p.statementFile(r, p.MyStatementFile) }

func (p pages) statementCSV(r *web.Request) error { return p.statementFile(r, p.MyStatementCSV) }

func (p pages) statementFile(r *web.Request, op *api.Operation[api.StatementFileInput, api.FileOutput]) error {
	period, err := r.StatementPeriod()
	if err != nil {
		return err
	}
	return web.Download(r, op, &api.StatementFileInput{Org: r.Org.Slug, StatementPeriod: period})
}
