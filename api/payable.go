package api

import (
	"context"
	"slices"
	"strings"

	"countersign/db/dbsqlc"
	"countersign/portal"
)

// PayableInvoicesInput asks for all that can be paid now, R36, R37.
type PayableInvoicesInput struct {
	Org string `path:"org" maxLength:"40"`
}

// PayableInvoicesOutput is what is owed, apart by currency: one payment is in one.
type PayableInvoicesOutput struct {
	Body struct {
		Groups []PayableGroup `json:"groups"`
		// More says that there are more invoices than one payment can take.
		More bool `json:"more,omitempty"`
	}
}

// PayableGroup is what one payment can settle.
type PayableGroup struct {
	Currency portal.Currency `json:"currency"`
	// Count and Total are of the invoices that can be paid now; those with a
	// charge in flight are listed, and not counted.
	Count int          `json:"count"`
	Total portal.Money `json:"total"`
	// Overdue is the part of Total that is late.
	Overdue portal.Money `json:"overdue"`
	// Credit is what can be used before anything is charged, N5.
	Credit portal.Money `json:"credit"`
	// Ways are common to all that can be paid now, R31.
	Ways []string `json:"ways_to_pay" enum:"card,bank_debit,bank_transfer"`
	// LeaveOut says, for each other way, which invoices stand against it.
	LeaveOut []WayNotOffered `json:"leave_out"`
	// Refusal is why the whole can't be charged at once, if it can't.
	Refusal     string           `json:"refusal,omitempty"`
	BankDetails string           `json:"bank_details,omitempty"`
	Invoices    []PayableInvoice `json:"invoices"`
}

// WayNotOffered is a way to pay that some of the invoices don't offer.
type WayNotOffered struct {
	Way     string   `json:"way" enum:"card,bank_debit,bank_transfer"`
	Numbers []string `json:"numbers" doc:"Leave these invoices out to pay this way."`
}

// PayableInvoice is an invoice that is owed.
type PayableInvoice struct {
	InvoiceSummary
	Ways    []string `json:"ways_to_pay" enum:"card,bank_debit,bank_transfer"`
	Payable bool     `json:"payable" doc:"False while a charge is in flight."`
	// Next is what of it is to be paid next: less than what is owed only where it is paid in parts.
	Next portal.Money `json:"next"`
	Plan *InvoicePlan `json:"plan,omitempty"`
}

// maxPayable is how many invoices one payment takes.
const maxPayable = 2000

func (a *API) payableInvoices(ctx context.Context, _ *PayableInvoicesInput) (*PayableInvoicesOutput, error) {
	p := principal(ctx)
	out := &PayableInvoicesOutput{}
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		org, err := q.GetOrganization(ctx, p.Org)
		if err != nil {
			return err
		}
		customer, err := q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: p.Org, ID: p.Customer})
		if err != nil {
			return err
		}
		rows, err := q.ListInvoicesOwed(ctx, dbsqlc.ListInvoicesOwedParams{OrgID: p.Org, CustomerID: p.Customer, PageSize: maxPayable + 1})
		if err != nil {
			return err
		}
		if out.Body.More = len(rows) > maxPayable; out.Body.More {
			rows = rows[:maxPayable]
		}
		today := a.today(org)
		summaries, invoices := make([]InvoiceSummary, 0, len(rows)), make([]dbsqlc.Invoice, 0, len(rows))
		for _, r := range rows {
			row, name := invoiceOfRow(dbsqlc.ListInvoicesRow(r))
			invoices = append(invoices, row)
			summaries = append(summaries, summaryOfInvoice(row, name, today))
		}
		if err := markPayingNow(ctx, q, summaries); err != nil {
			return err
		}
		plans, err := a.plansOf(ctx, q, invoices, today)
		if err != nil {
			return err
		}
		groups := map[portal.Currency]*PayableGroup{}
		for n, r := range rows {
			group := groups[r.Currency]
			if group == nil {
				group = &PayableGroup{Currency: r.Currency, Total: portal.NewMoney(0, r.Currency), Overdue: portal.NewMoney(0, r.Currency)}
				groups[r.Currency] = group
			}
			payable := PayableInvoice{summaries[n], waysFor(invoices[n], customer, org), !summaries[n].PayingNow.InFlight(), summaries[n].Due, plans[r.ID]}
			if payable.Plan != nil {
				payable.Next = payable.Plan.Next
			}
			group.Invoices = append(group.Invoices, payable)
		}
		out.Body.Groups = make([]PayableGroup, 0, len(groups))
		for _, group := range groups {
			if err := group.sum(org.BankDetails); err != nil {
				return err
			}
			credit, err := q.CreditBalance(ctx, dbsqlc.CreditBalanceParams{OrgID: p.Org, CustomerID: p.Customer, Currency: group.Currency})
			if err != nil {
				return err
			}
			group.Credit = portal.NewMoney(max(credit.Balance-credit.Held, 0), group.Currency)
			out.Body.Groups = append(out.Body.Groups, *group)
		}
		slices.SortFunc(out.Body.Groups, func(x, y PayableGroup) int { return strings.Compare(string(x.Currency), string(y.Currency)) })
		return nil
	})
	return out, err
}

// sum adds the group up and finds what its invoices have in common.
func (g *PayableGroup) sum(bankDetails string) (err error) {
	against := map[string][]string{"card": {}, "bank_debit": {}, "bank_transfer": {}}
	for _, i := range g.Invoices {
		if !i.Payable {
			continue
		}
		g.Count++
		if g.Total, err = g.Total.Add(i.Due); err != nil {
			return err
		}
		if i.Status == portal.InvoiceOverdue {
			if g.Overdue, err = g.Overdue.Add(i.Due); err != nil {
				return err
			}
		}
		for way := range against {
			if !slices.Contains(i.Ways, way) {
				against[way] = append(against[way], i.Number)
			}
		}
	}
	g.Ways, g.LeaveOut = []string{}, []WayNotOffered{}
	for _, way := range []string{"card", "bank_debit", "bank_transfer"} {
		switch missing := len(against[way]); {
		case g.Count == 0 || missing == g.Count:
		case missing == 0:
			g.Ways = append(g.Ways, way)
		default:
			g.LeaveOut = append(g.LeaveOut, WayNotOffered{way, against[way]})
		}
	}
	if slices.Contains(g.Ways, "bank_transfer") {
		g.BankDetails = bankDetails
	}
	if refused := portal.Chargeable(g.Total); refused != nil && g.Count > 0 {
		g.Refusal = refused.Error()
	}
	return nil
}
