package documents

import (
	"bytes"
	"context"
	"encoding/csv"
	"strings"

	"countersign/db/dbsqlc"
	"countersign/portal"
)

// StatementCSV writes a statement of account for a spreadsheet, R48: RFC 4180,
// UTF-8 with a byte order mark (without it Excel reads another encoding), dates as
// 2026-11-22 and amounts with a dot, whatever the locale.
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
	out.WriteString("\ufeff")
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	// The buffer refuses nothing, so only Error at the end is asked.
	_ = w.Write([]string{"Currency", "Date", "Type", "Number", "Details", "Charge", "Payment or credit", "Balance"})
	for _, a := range accounts {
		money := func(amount int64) string { return portal.NewMoney(amount, a.Currency).Decimal() }
		since := of.Period.Since
		if of.Period.FromBeginning() {
			since = portal.Date{}
		}
		_ = w.Write([]string{string(a.Currency), since.String(), "Opening balance", "", "", "", "", money(a.Opening)})
		for t, err := range Transactions(ctx, q, of, a, Place{}, batch) {
			if err != nil {
				return File{}, err
			}
			charge, credit := "", ""
			if t.Amount < 0 {
				credit = money(-t.Amount)
			} else {
				charge = money(t.Amount)
			}
			_ = w.Write([]string{string(a.Currency), t.Day.String(), t.Kind.Words(), cell(t.Number), cell(t.Details), charge, credit, money(t.Balance)})
		}
		_ = w.Write([]string{string(a.Currency), of.Period.Until.String(), "Closing balance", "", "", money(a.Charged), money(a.Settled), money(a.Closing())})
	}
	w.Flush()
	title := titleOf(s, of.Period)
	return File{Name: fileName(s.org.Name, title) + ".csv", Title: title, Type: TypeCSV, Bytes: out.Bytes()}, w.Error()
}

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
