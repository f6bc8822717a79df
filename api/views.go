package api

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/portal"
)

type viewOperations struct {
	ViewMyEstimate *Operation[EstimateInput, ViewOutput]
	ViewMyInvoice  *Operation[InvoiceInput, ViewOutput]
}

// ViewOutput says that the view is known.
type ViewOutput struct {
	Body struct {
		Logged bool `json:"logged" doc:"False within an hour of the last one that was."`
	}
}

// View is a contact who has opened a document, R50.
type View struct {
	Contact uuid.UUID `json:"contact"`
	Name    string    `json:"name"`
	FirstAt time.Time `json:"first_at"`
	LastAt  time.Time `json:"last_at"`
}

func (a *API) declareViews() {
	a.ViewMyEstimate = declare(a, route{
		id: "view-my-estimate", method: http.MethodPost, path: "/api/{org}/portal/estimates/{estimate}/views", tag: "Estimates",
		summary: "Say that an estimate is on screen", side: portal.SideContact, action: portal.ActionViewDocuments,
	}, func(ctx context.Context, in *EstimateInput) (*ViewOutput, error) {
		return a.view(ctx, document{"estimate", in.Estimate})
	})
	a.ViewMyInvoice = declare(a, route{
		id: "view-my-invoice", method: http.MethodPost, path: "/api/{org}/portal/invoices/{invoice}/views", tag: "Invoices",
		summary: "Say that an invoice is on screen", side: portal.SideContact, action: portal.ActionViewDocuments,
	}, func(ctx context.Context, in *InvoiceInput) (*ViewOutput, error) {
		return a.view(ctx, document{"invoice", in.Invoice})
	})
}

// view notes that a contact has a document on screen. The page's own script says
// so, by POST, once the page is visible: what fetches pages without looking at
// them (a mail scanner, a prefetch, a download) never gets here, and neither does
// staff. It is logged at most once an hour.
func (a *API) view(ctx context.Context, d document) (*ViewOutput, error) {
	p, out := principal(ctx), &ViewOutput{}
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		about, err := d.find(ctx, q)
		if err != nil {
			return err
		}
		n, err := q.LogView(ctx, dbsqlc.LogViewParams{
			OrgID: p.Org, CustomerID: about.customer, SubjectKind: d.kind, SubjectID: d.id, ContactID: p.Actor, At: a.now(),
		})
		if err != nil || n == 0 {
			return err
		}
		out.Body.Logged = true
		return a.record(ctx, q, p, happened{customer: about.customer, kind: d.kind + ".viewed", subject: d.kind, id: d.id, internal: true})
	})
	return out, err
}

// viewsOf is who has opened a document, for staff.
func viewsOf(ctx context.Context, q *dbsqlc.Queries, document uuid.UUID) ([]View, error) {
	p := principal(ctx)
	if p.Side != portal.SideStaff {
		return nil, nil
	}
	rows, err := q.ListViews(ctx, dbsqlc.ListViewsParams{OrgID: p.Org, SubjectID: document})
	views := make([]View, 0, len(rows))
	for _, r := range rows {
		views = append(views, View{r.ContactID, r.Name, r.FirstAt, r.LastAt})
	}
	return views, err
}
