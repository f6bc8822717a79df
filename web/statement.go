package web

import (
	"net/url"
	"strconv"

	"github.com/a-h/templ"

	"countersign/api"
	"countersign/portal"
	"countersign/web/ui"
)

// StatementPage is a statement of account as the portal and the console show it alike.
type StatementPage struct {
	// Form is the period that was typed.
	Form *Form
	// Statement is nil when the period can't be read.
	Statement *api.Statement
}

// statementRows is how many transactions of an account a page shows at once. The files have all of them.
const statementRows = 250

// ReadStatement reads the statement that the page's query asks for. What is wrong with the period comes back beside its fields.
func ReadStatement(r *Request, read func(api.StatementPeriod, api.StatementPage) (*api.StatementOutput, error)) (StatementPage, error) {
	page := StatementPage{Form: NewForm("since", r.Query("since"), "until", r.Query("until"))}
	period, err := r.StatementPeriod()
	if err == nil {
		var out *api.StatementOutput
		out, err = read(period, api.StatementPage{After: r.Query("after"), Size: statementRows})
		if err == nil {
			page.Statement = &out.Body
			page.Form.Set("since", out.Body.Since.String())
			page.Form.Set("until", out.Body.Until.String())
			return page, nil
		}
	}
	if !page.Form.Refuse(err) {
		return page, err
	}
	return page, nil
}

// StatementPeriod is the period that the page's query names.
func (r *Request) StatementPeriod() (api.StatementPeriod, error) {
	period := api.StatementPeriod{Period: r.Query("period")}
	err := r.dates(map[string]*portal.Date{"since": &period.Since, "until": &period.Until})
	return period, err
}

// Status of the page's answer.
func (p StatementPage) Status() int {
	if p.Statement == nil {
		return api.StatusOf(portal.Invalid(""))
	}
	return 200
}

// Actions download and print the statement of this page.
func (p StatementPage) Actions(r *Request) []ui.Action {
	if p.Statement == nil {
		return nil
	}
	query := url.Values{}
	for _, name := range []string{"period", "since", "until"} {
		if value := r.Query(name); value != "" {
			query.Set(name, value)
		}
	}
	file := func(kind string) string {
		address := r.gin.Request.URL.Path + "/" + kind
		if len(query) > 0 {
			address += "?" + query.Encode()
		}
		return address
	}
	return []ui.Action{
		{Label: "Download PDF", Icon: ui.IconDownload, Href: file("pdf"), Download: true},
		{Label: "Download CSV", Icon: ui.IconDownload, Href: file("csv"), Download: true},
		{Label: "Print", Icon: ui.IconPrint, Print: true},
	}
}

// Words say which days the statement is of.
func (p StatementPage) Words(r *Request) string {
	switch s := p.Statement; {
	case s == nil:
		return ""
	case s.Since.IsZero():
		return "Until " + r.Date(s.Until)
	default:
		return r.Date(s.Since) + " – " + r.Date(s.Until)
	}
}

func periodTabs(r *Request) []ui.Tab {
	chosen := r.Query("period")
	if chosen == "" && r.Query("since") == "" && r.Query("until") == "" {
		chosen = portal.PeriodThisYear
	}
	var tabs []ui.Tab
	for _, period := range []struct{ label, name string }{
		{"This month", portal.PeriodThisMonth}, {"Last month", portal.PeriodLastMonth}, {"Last quarter", portal.PeriodLastQuarter},
		{"This year", portal.PeriodThisYear}, {"Last year", portal.PeriodLastYear}, {"Everything", portal.PeriodAll},
	} {
		tabs = append(tabs, ui.Tab{Label: period.label, Href: r.Address("period", period.name, "since", "", "until", ""), Current: chosen == period.name})
	}
	return tabs
}

func accountTable(r *Request, s api.Statement, a api.StatementAccount) ui.Table {
	t := ui.Table{
		Caption: "Transactions in " + string(a.Currency), Open: true,
		Columns: []ui.Column{
			{Label: "Date", Place: ui.Lead}, {Label: "Transaction", Wrap: true, Unlabelled: true}, {Label: "Charge", Numeric: true},
			{Label: "Payment or credit", Numeric: true}, {Label: "Balance", Numeric: true, Place: ui.FigureAt},
		},
	}
	nothing := ui.Text("")
	if r.Query("after") == "" {
		t.Rows = append(t.Rows, ui.Row{Cells: []templ.Component{ui.Text(r.Date(s.Since)), ui.Strong("Opening balance"), nothing, nothing, ui.Amount(r.Amount(a.Opening))}})
	}
	for _, e := range a.Entries {
		charge, credit := nothing, nothing
		if e.Amount.Amount < 0 {
			credit = ui.Amount(r.Amount(portal.NewMoney(-e.Amount.Amount, a.Currency)))
		} else {
			charge = ui.Amount(r.Amount(e.Amount))
		}
		title := e.Kind.Words()
		if e.Number != "" {
			title += " " + e.Number
		}
		t.Rows = append(t.Rows, ui.Row{Href: transactionPath(r, e), Cells: []templ.Component{
			ui.Text(r.Date(e.Date)), ui.Titled(title, e.Details), charge, credit, ui.Amount(r.Amount(e.Balance)),
		}})
	}
	if a.Next == "" {
		t.Rows = append(t.Rows, ui.Row{Cells: []templ.Component{
			ui.Text(r.Date(s.Until)), ui.Strong("Closing balance"), ui.Amount(r.Amount(a.Charged)), ui.Amount(r.Amount(a.Settled)), ui.Amount(r.Amount(a.Closing)),
		}})
	}
	return t
}

// transactionPath leads to what a transaction is about; empty where that has no page.
func transactionPath(r *Request, e api.StatementEntry) string {
	switch e.Kind {
	case portal.TransactionInvoice, portal.TransactionVoid:
		return r.Path("invoices", e.ID.String())
	case portal.TransactionPayment, portal.TransactionReversal:
		return r.Path("payments", e.ID.String())
	default:
		return ""
	}
}

// accountTitle says what the account comes to.
func accountTitle(r *Request, a api.StatementAccount) string {
	if a.Closing.Amount < 0 {
		return "In favour of the customer: " + r.Money(portal.NewMoney(-a.Closing.Amount, a.Currency))
	}
	return "Balance due: " + r.Money(a.Closing)
}

func ageingFacts(r *Request, a api.StatementAgeing) []ui.Fact {
	facts := []ui.Fact{
		{Term: "Not yet due", Value: r.Money(a.Current)}, {Term: "1–30 days overdue", Value: r.Money(a.Days30)}, {Term: "31–60 days", Value: r.Money(a.Days60)},
		{Term: "61–90 days", Value: r.Money(a.Days90)}, {Term: "Over 90 days", Value: r.Money(a.Older)},
	}
	if a.Credit.Amount != 0 {
		facts = append(facts, ui.Fact{Term: "Less unused credit", Value: r.Money(portal.NewMoney(-a.Credit.Amount, a.Credit.Currency))})
	}
	return facts
}

func shownOf(a api.StatementAccount) string {
	if len(a.Entries) == a.Count {
		return Plural(a.Count, "transaction", "transactions")
	}
	return strconv.Itoa(len(a.Entries)) + " of " + Plural(a.Count, "transaction", "transactions")
}
