package api

import (
	"context"
	"iter"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/documents"
	"countersign/portal"
)

type statementOperations struct {
	MyStatement     *Operation[StatementInput, StatementOutput]
	MyStatementFile *Operation[StatementFileInput, FileOutput]
	MyStatementCSV  *Operation[StatementFileInput, FileOutput]
	Statement       *Operation[CustomerStatementInput, StatementOutput]
	StatementFile   *Operation[CustomerStatementFileInput, FileOutput]
	StatementCSV    *Operation[CustomerStatementFileInput, FileOutput]
}

// StatementPeriod chooses the days of a statement: by name, or by its first and
// last day.
type StatementPeriod struct {
	Period string      `query:"period" enum:",this_month,last_month,last_quarter,this_year,last_year,all" doc:"As of today; since and until count without it. None of the three is this_year."`
	Since  portal.Date `query:"since" doc:"The first day; from the beginning, if none is given."`
	Until  portal.Date `query:"until" doc:"The last day; today, if none is given, and never later."`
}

// StatementPage asks for a part of the transactions.
type StatementPage struct {
	Currency portal.Currency `query:"currency" maxLength:"3" doc:"Only the account in this currency."`
	After    string          `query:"after" maxLength:"500" doc:"The next of an account's page before."`
	Size     int             `query:"size" minimum:"1" maximum:"500" default:"100"`
}

// StatementInput asks for one's own statement of account, R47.
type StatementInput struct {
	Org string `path:"org" maxLength:"40"`
	StatementPeriod
	StatementPage
}

// StatementFileInput asks for all of one's own statement as a file, R48.
type StatementFileInput struct {
	Org string `path:"org" maxLength:"40"`
	StatementPeriod
}

// CustomerStatementInput asks for a customer's statement of account.
type CustomerStatementInput struct {
	Org      string    `path:"org" maxLength:"40"`
	Customer uuid.UUID `path:"customer"`
	StatementPeriod
	StatementPage
}

// CustomerStatementFileInput asks for all of a customer's statement as a file.
type CustomerStatementFileInput struct {
	Org      string    `path:"org" maxLength:"40"`
	Customer uuid.UUID `path:"customer"`
	StatementPeriod
}

// StatementOutput is a statement of account.
type StatementOutput struct {
	Body Statement
}

// Statement is every transaction between the organization and a customer in a
// period, an account for each currency.
type Statement struct {
	Customer     uuid.UUID          `json:"customer"`
	CustomerName string             `json:"customer_name"`
	Since        portal.Date        `json:"since,omitzero" doc:"Left out from the beginning."`
	Until        portal.Date        `json:"until"`
	Accounts     []StatementAccount `json:"accounts"`
	Forwarding
}

// StatementAccount is where the two stand in one currency. A positive balance is
// owed by the customer. Today its closing is home's outstanding less its credits.
type StatementAccount struct {
	Currency portal.Currency  `json:"currency"`
	Opening  portal.Money     `json:"opening"`
	Charged  portal.Money     `json:"charged" doc:"What the period added: invoices, reversals, refunds."`
	Settled  portal.Money     `json:"settled" doc:"What the period took off: payments, credit notes, voids."`
	Closing  portal.Money     `json:"closing"`
	Ageing   StatementAgeing  `json:"ageing"`
	Count    int              `json:"count" doc:"How many transactions the period has."`
	Entries  []StatementEntry `json:"entries"`
	Next     string           `json:"next,omitempty"`
}

// StatementAgeing is what is owed at the end of the period by how long it has been
// overdue. Its sum less the credit is the closing balance.
type StatementAgeing struct {
	Current portal.Money `json:"current"`
	Days30  portal.Money `json:"days_30" doc:"1 to 30 days overdue."`
	Days60  portal.Money `json:"days_60" doc:"31 to 60 days."`
	Days90  portal.Money `json:"days_90" doc:"61 to 90 days."`
	Older   portal.Money `json:"older"`
	Credit  portal.Money `json:"credit" doc:"What the customer has and hasn't used."`
}

// StatementEntry is one transaction.
type StatementEntry struct {
	ID      uuid.UUID              `json:"id" doc:"Of the invoice, the payment or the credit note."`
	Date    portal.Date            `json:"date"`
	Kind    portal.TransactionKind `json:"kind" enum:"invoice,void,payment,reversal,credit_note,refund"`
	Number  string                 `json:"number,omitempty"`
	Details string                 `json:"details,omitempty"`
	Amount  portal.Money           `json:"amount" doc:"What it added to the balance; negative for what it took off."`
	Balance portal.Money           `json:"balance" doc:"After it."`
}

func (a *API) declareStatements() {
	route := func(id string, side portal.Side, path, media, summary string) route {
		under := "portal/"
		if side == portal.SideStaff {
			under = "console/customers/{customer}/"
		}
		return route{id: id, method: http.MethodGet, path: "/api/{org}/" + under + path, summary: summary, side: side, action: portal.ActionViewDocuments, tag: "Statements", media: media}
	}
	const read, pdf, csv = "Read a statement of account", "Download a statement of account as PDF", "Download a statement of account as CSV"
	a.MyStatement = declare(a, route("get-my-statement", portal.SideContact, "statement", "", read), func(ctx context.Context, in *StatementInput) (*StatementOutput, error) {
		return a.statement(ctx, principal(ctx).Customer, in.StatementPeriod, in.StatementPage)
	})
	a.MyStatementFile = declare(a, route("get-my-statement-pdf", portal.SideContact, "statement.pdf", documents.TypePDF, pdf), func(ctx context.Context, in *StatementFileInput) (*FileOutput, error) {
		return a.statementFile(ctx, principal(ctx).Customer, in.StatementPeriod, documents.Statement)
	})
	a.MyStatementCSV = declare(a, route("get-my-statement-csv", portal.SideContact, "statement.csv", documents.TypeCSV, csv), func(ctx context.Context, in *StatementFileInput) (*FileOutput, error) {
		return a.statementFile(ctx, principal(ctx).Customer, in.StatementPeriod, documents.StatementCSV)
	})
	a.Statement = declare(a, route("get-statement", portal.SideStaff, "statement", "", read), func(ctx context.Context, in *CustomerStatementInput) (*StatementOutput, error) {
		return a.statement(ctx, in.Customer, in.StatementPeriod, in.StatementPage)
	})
	a.StatementFile = declare(a, route("get-statement-pdf", portal.SideStaff, "statement.pdf", documents.TypePDF, pdf), func(ctx context.Context, in *CustomerStatementFileInput) (*FileOutput, error) {
		return a.statementFile(ctx, in.Customer, in.StatementPeriod, documents.Statement)
	})
	a.StatementCSV = declare(a, route("get-statement-csv", portal.SideStaff, "statement.csv", documents.TypeCSV, csv), func(ctx context.Context, in *CustomerStatementFileInput) (*FileOutput, error) {
		return a.statementFile(ctx, in.Customer, in.StatementPeriod, documents.StatementCSV)
	})
}

// statementOf names the statement that was asked for, and checks that the customer
// is there.
func (a *API) statementOf(ctx context.Context, q *dbsqlc.Queries, customer uuid.UUID, asked StatementPeriod) (of documents.StatementOf, name string, err error) {
	p := principal(ctx)
	row, err := q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: p.Org, ID: customer})
	if err != nil {
		return of, "", err
	}
	org, err := q.GetOrganization(ctx, p.Org)
	if err != nil {
		return of, "", err
	}
	today := a.today(org)
	period, named := portal.NamedPeriod(asked.Period, today)
	switch {
	case named:
	case asked.Since.IsZero() && asked.Until.IsZero():
		period, _ = portal.NamedPeriod(portal.PeriodThisYear, today)
	default:
		if period, err = (portal.Period{Since: asked.Since, Until: asked.Until}).Within(today); err != nil {
			return of, "", err
		}
	}
	return documents.StatementOf{Org: p.Org, Customer: customer, Period: period}, row.Name, nil
}

func (a *API) statementFile(ctx context.Context, customer uuid.UUID, asked StatementPeriod, write func(context.Context, *dbsqlc.Queries, documents.StatementOf) (documents.File, error)) (*FileOutput, error) {
	return a.draw(ctx, "customer", func(q *dbsqlc.Queries) (documents.File, error) {
		of, _, err := a.statementOf(ctx, q, customer, asked)
		if err != nil {
			return documents.File{}, err
		}
		return write(ctx, q, of)
	})
}

func (a *API) statement(ctx context.Context, customer uuid.UUID, asked StatementPeriod, page StatementPage) (*StatementOutput, error) {
	from, err := readCursor(page.After, cursor{})
	if err != nil {
		return nil, err
	}
	if page.After != "" {
		var kind string
		code, rest, _ := strings.Cut(from.Text, " ")
		page.Currency, kind = portal.Currency(code), rest
		from.Text = kind
	}
	if page.Size == 0 {
		page.Size = 100
	}
	out := &StatementOutput{}
	err = a.DB.Snapshot(ctx, principal(ctx), func(q *dbsqlc.Queries) error {
		of, name, err := a.statementOf(ctx, q, customer, asked)
		if err != nil {
			return err
		}
		accounts, err := documents.Accounts(ctx, q, of)
		if err != nil {
			return err
		}
		out.Body = Statement{Customer: customer, CustomerName: name, Since: of.Period.Since, Until: of.Period.Until, Accounts: []StatementAccount{}}
		if of.Period.FromBeginning() {
			out.Body.Since = portal.Date{}
		}
		for _, account := range accounts {
			if page.Currency != "" && account.Currency != page.Currency {
				continue
			}
			shown := statementAccount(account)
			if err := shown.read(documents.Transactions(ctx, q, of, account, placeAfter(from), page.Size+1), page.Size); err != nil {
				return err
			}
			out.Body.Accounts = append(out.Body.Accounts, shown)
		}
		out.Body.Forwarding, err = forwardingOf(ctx, q, customer, true)
		return err
	})
	if db.NotFound(err) {
		return nil, portal.NotFound("customer")
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

func statementAccount(a portal.Account) StatementAccount {
	money := func(amount int64) portal.Money { return portal.NewMoney(amount, a.Currency) }
	return StatementAccount{
		Currency: a.Currency, Opening: money(a.Opening), Charged: money(a.Charged), Settled: money(a.Settled), Closing: money(a.Closing()),
		Ageing: StatementAgeing{
			money(a.Ageing.Current), money(a.Ageing.Days30), money(a.Ageing.Days60), money(a.Ageing.Days90), money(a.Ageing.Older), money(a.Ageing.Credit),
		},
		Count: a.Entries, Entries: []StatementEntry{},
	}
}

// read takes a page of transactions, and says where the next begins.
func (a *StatementAccount) read(transactions iter.Seq2[documents.Transaction, error], size int) error {
	var last documents.Place
	for t, err := range transactions {
		if err != nil {
			return err
		}
		if len(a.Entries) == size {
			a.Next = cursor{At: last.At, Day: last.Day, ID: last.ID, Text: string(a.Currency) + " " + string(last.Kind)}.String()
			return nil
		}
		last = t.Place
		a.Entries = append(a.Entries, StatementEntry{
			ID: t.ID, Date: t.Day, Kind: t.Kind, Number: t.Number, Details: t.Details,
			Amount: portal.NewMoney(t.Amount, a.Currency), Balance: portal.NewMoney(t.Balance, a.Currency),
		})
	}
	return nil
}

// placeAfter is where the page before ended.
func placeAfter(c cursor) documents.Place {
	return documents.Place{Day: c.Day, At: c.At, ID: c.ID, Kind: portal.TransactionKind(c.Text)}
}
