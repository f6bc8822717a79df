package documents

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"countersign/db/dbsqlc"
	"countersign/portal"
)

// StatementCSV writes a statement of account for a spreadsheet, R48.
func StatementCSV(ctx context.Context, q *dbsqlc.Queries, of StatementOf) (File, error) {
	s, err := readSides(ctx, q, of.Org, of.Customer)
	if err != nil {
		return File{}, err
	}
	accounts, err := Accounts(ctx, q, of)
	if err != nil {
		return File{}, err
	}
	var out bytes.Buffer
	table := NewTable(&out, "Currency", "Date", "Type", "Number", "Details", "Charge", "Payment or credit", "Balance")
	for _, a := range accounts {
		money := func(amount int64) portal.Money { return portal.NewMoney(amount, a.Currency) }
		since := of.Period.Since
		if of.Period.FromBeginning() {
			since = portal.Date{}
		}
		table.Row(a.Currency, since, "Opening balance", "", "", "", "", money(a.Opening))
		for t, err := range Transactions(ctx, q, of, a, Place{}, batch) {
			if err != nil {
				return File{}, err
			}
			var charge, credit any = "", ""
			if t.Amount < 0 {
				credit = money(-t.Amount)
			} else {
				charge = money(t.Amount)
			}
			table.Row(a.Currency, t.Day, t.Kind.Words(), t.Number, t.Details, charge, credit, money(t.Balance))
		}
		table.Row(a.Currency, of.Period.Until, "Closing balance", "", "", money(a.Charged), money(a.Settled), money(a.Closing()))
	}
	if err := table.Flush(); err != nil {
		return File{}, err
	}
	title := titleOf(s, of.Period)
	return File{Name: TableName(s.org.Name, title), Title: title, Type: TypeCSV, Bytes: out.Bytes()}, nil
}

// Table writes rows for a spreadsheet: RFC 4180, UTF-8 with a byte order mark
// (without it Excel reads another encoding), dates as 2026-11-22 and amounts with
// a dot, whatever the locale.
type Table struct{ out *csv.Writer }

// NewTable begins a table with the names of its columns.
func NewTable(w io.Writer, columns ...string) *Table {
	// What w refuses it goes on refusing, so only Flush is asked.
	_, _ = io.WriteString(w, "\ufeff")
	t := &Table{csv.NewWriter(w)}
	t.out.UseCRLF = true
	_ = t.out.Write(columns)
	return t
}

// Row writes a row: amounts in decimals, dates, and whatever else as text that no
// spreadsheet takes for a formula.
func (t *Table) Row(cells ...any) {
	texts := make([]string, len(cells))
	for n, c := range cells {
		switch c := c.(type) {
		case portal.Money:
			texts[n] = c.Decimal()
		case portal.Date:
			texts[n] = c.String()
		default:
			texts[n] = cell(fmt.Sprint(c))
		}
	}
	_ = t.out.Write(texts)
}

// Flush sends what was written so far, and says whether all of it could be.
func (t *Table) Flush() error {
	t.out.Flush()
	return t.out.Error()
}

// TableName names a table's file after whose it is and what is in it.
func TableName(from, title string) string { return fileName(from, title) + ".csv" }

// cell writes text that somebody typed so that no spreadsheet takes it for a
// formula, whose first character would be one of these, behind spaces or not:
// https://owasp.org/www-community/attacks/CSV_Injection. Control characters,
// which may split a cell where quotes aren't understood, become spaces.
func cell(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, text)
	if first := strings.TrimLeft(text, " \u00a0\ufeff"); first != "" && strings.ContainsRune("=+-@＝＋－＠", rune0(first)) {
		return "'" + text
	}
	return text
}

func rune0(text string) rune {
	for _, r := range text {
		return r
	}
	return 0
}
