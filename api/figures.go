package api

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"countersign/db/dbsqlc"
	"countersign/portal"
)

// figureMonths is how many months figures go back, the present one included.
const figureMonths = 12

type figureOperations struct {
	Figures *Operation[FiguresInput, FiguresOutput]
}

// FiguresInput needs nothing: the figures are the caller's organization's.
type FiguresInput struct {
	Org string `path:"org" maxLength:"40"`
}

// FiguresOutput is how the organization is doing.
type FiguresOutput struct {
	Body Figures
}

// Figures are what is owed, what came in, and how long both sides take.
type Figures struct {
	// Currencies has those in which anything is owed or came in, the organization's own first.
	Currencies []CurrencyFigures `json:"currencies"`
	// Approvals are by how long they have waited, the newest first.
	Approvals []ApprovalsWaiting `json:"approvals"`
}

// CurrencyFigures are those of one currency.
type CurrencyFigures struct {
	Currency    portal.Currency `json:"currency"`
	Receivables []AgedAmount    `json:"receivables" doc:"What is owed, by how long it has been overdue."`
	Months      []MonthFigures  `json:"months" doc:"The last twelve, oldest first; the last one is not over."`
}

// AgedAmount is what is owed of one age.
type AgedAmount struct {
	Age      string       `json:"age" enum:"current,1-30,31-60,61-90,older" doc:"In days overdue."`
	Amount   portal.Money `json:"amount"`
	Invoices int          `json:"invoices"`
}

// MonthFigures are those of one month, in the organization's time zone.
type MonthFigures struct {
	Month     portal.Date  `json:"month" doc:"Its first day."`
	Received  portal.Money `json:"received"`
	GivenBack portal.Money `json:"given_back" doc:"Refunded, or taken back by a customer's bank, in this month."`
	Payments  int          `json:"payments"`
	Settled   int          `json:"settled" doc:"How many invoices were settled."`
	// DaysToPay is absent for a month in which none was.
	DaysToPay *int `json:"days_to_pay,omitempty" doc:"After how many days half of them were settled, counted from their date."`
}

// ApprovalsWaiting is how many decisions customers have been asked for this long.
type ApprovalsWaiting struct {
	Waited     string `json:"waited" enum:"0-3,4-7,8-14,longer" doc:"In days."`
	Estimates  int    `json:"estimates"`
	Timesheets int    `json:"timesheets"`
}

func (a *API) declareFigures() {
	a.Figures = declare(a, route{
		id: "get-figures", method: http.MethodGet, path: "/api/{org}/console/figures", tag: "Activity",
		summary: "Read what is owed, what came in, and how long it takes", side: portal.SideStaff, action: portal.ActionViewDocuments,
	}, a.figures)
}

func (a *API) figures(ctx context.Context, _ *FiguresInput) (*FiguresOutput, error) {
	out := &FiguresOutput{}
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		org, err := q.GetOrganization(ctx, principal(ctx).Org)
		if err != nil {
			return err
		}
		today := a.today(org)
		f := gathering{today: today, first: portal.NewDate(today.Year, today.Month-figureMonths+1, 1), of: map[portal.Currency]*CurrencyFigures{}}
		if err := f.read(ctx, q, org); err != nil {
			return err
		}
		out.Body.Currencies = f.currencies(org.Currency)
		out.Body.Approvals, err = approvalsWaiting(ctx, q, org, today)
		return err
	})
	return out, err
}

// gathering is the figures of each currency while they are read.
type gathering struct {
	today, first portal.Date
	of           map[portal.Currency]*CurrencyFigures
}

func (g gathering) currency(c portal.Currency) *CurrencyFigures {
	if g.of[c] != nil {
		return g.of[c]
	}
	f := &CurrencyFigures{Currency: c}
	for _, age := range []string{"current", "1-30", "31-60", "61-90", "older"} {
		f.Receivables = append(f.Receivables, AgedAmount{Age: age, Amount: portal.NewMoney(0, c)})
	}
	for n := range figureMonths {
		f.Months = append(f.Months, MonthFigures{
			Month: portal.NewDate(g.first.Year, g.first.Month+time.Month(n), 1), Received: portal.NewMoney(0, c), GivenBack: portal.NewMoney(0, c),
		})
	}
	g.of[c] = f
	return f
}

// month is the figures of the month that begins on that day; nil for one that is left out.
func (g gathering) month(c portal.Currency, first portal.Date) *MonthFigures {
	n := (first.Year-g.first.Year)*12 + int(first.Month-g.first.Month)
	if n < 0 || n >= figureMonths {
		return nil
	}
	return &g.currency(c).Months[n]
}

func (g gathering) read(ctx context.Context, q *dbsqlc.Queries, org dbsqlc.Organization) error {
	owed, err := q.OwedByDueDate(ctx, org.ID)
	if err != nil {
		return err
	}
	for _, o := range owed {
		aged := &g.currency(portal.Currency(o.Currency)).Receivables[portal.AgeBand(o.DueDate.DaysUntil(g.today))]
		aged.Amount.Amount += o.Due
		aged.Invoices += int(o.Invoices)
	}
	zone, err := time.LoadLocation(org.TimeZone)
	if err != nil {
		zone = time.UTC // its zone was checked when it was stored
	}
	since := g.first.StartOfDay(zone)
	received, err := q.ReceivedByMonth(ctx, dbsqlc.ReceivedByMonthParams{OrgID: org.ID, TimeZone: org.TimeZone, Since: since})
	if err != nil {
		return err
	}
	for _, r := range received {
		if m := g.month(r.Currency, r.Month); m != nil {
			m.Received.Amount, m.Payments = r.Received, int(r.Payments)
		}
	}
	back, err := q.GivenBackByMonth(ctx, dbsqlc.GivenBackByMonthParams{OrgID: org.ID, TimeZone: org.TimeZone, Since: since})
	if err != nil {
		return err
	}
	for _, b := range back {
		if m := g.month(b.Currency, b.Month); m != nil {
			m.GivenBack.Amount = b.GivenBack
		}
	}
	days, err := q.DaysToPayByMonth(ctx, dbsqlc.DaysToPayByMonthParams{OrgID: org.ID, TimeZone: org.TimeZone, Since: since})
	for _, d := range days {
		if m := g.month(d.Currency, d.Month); m != nil {
			m.Settled, m.DaysToPay = int(d.Invoices), new(int(d.Days))
		}
	}
	return err
}

// currencies lists what was gathered, with own first.
func (g gathering) currencies(own portal.Currency) []CurrencyFigures {
	all := make([]CurrencyFigures, 0, len(g.of))
	for _, f := range g.of {
		all = append(all, *f)
	}
	slices.SortFunc(all, func(x, y CurrencyFigures) int {
		if (x.Currency == own) != (y.Currency == own) {
			if x.Currency == own {
				return -1
			}
			return 1
		}
		return cmp.Compare(x.Currency, y.Currency)
	})
	return all
}

func approvalsWaiting(ctx context.Context, q *dbsqlc.Queries, org dbsqlc.Organization, today portal.Date) ([]ApprovalsWaiting, error) {
	waiting := []ApprovalsWaiting{{Waited: "0-3"}, {Waited: "4-7"}, {Waited: "8-14"}, {Waited: "longer"}}
	rows, err := q.ApprovalsBySendingDay(ctx, dbsqlc.ApprovalsBySendingDayParams{OrgID: org.ID, TimeZone: org.TimeZone})
	for _, r := range rows {
		band := &waiting[waitingBand(r.Day.DaysUntil(today))]
		if r.Kind == "timesheet" {
			band.Timesheets += int(r.Waiting)
		} else {
			band.Estimates += int(r.Waiting)
		}
	}
	return waiting, err
}

func waitingBand(days int) int {
	switch {
	case days <= 3:
		return 0
	case days <= 7:
		return 1
	case days <= 14:
		return 2
	default:
		return 3
	}
}
