package api

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/mail"
	"countersign/portal"
)

// previewFacts is what an email's preview is made with: the newest document that
// such an email could be about and the people around it, and samples of what no
// document tells.
type previewFacts struct {
	brand   mail.Brand
	values  map[string]string
	basedOn string
}

// previewFacts reads what there is to make a preview of t with.
func (a *API) previewFacts(ctx context.Context, q *dbsqlc.Queries, t mail.Template) (previewFacts, error) {
	p := principal(ctx)
	org, err := q.GetOrganization(ctx, p.Org)
	if err != nil {
		return previewFacts{}, err
	}
	f := previewFacts{brand: mail.Brand{Name: org.Name, Colour: org.Accent, Address: org.Address.Lines()}, values: t.Samples()}
	// Links lead to this portal. The tokens in them stay made up: a preview never makes one that works.
	for _, known := range t.Placeholders {
		if known.Kind == mail.Link {
			if _, path, found := strings.Cut(strings.TrimPrefix(known.Sample, "https://"), "/"); found {
				f.values[known.Name] = a.SiteURL + "/" + strings.Replace(path, "bright", org.Slug, 1)
			}
		}
	}
	f.put("organization_name", org.Name)
	f.put("staff_name", p.Name)
	f.put("commented_by", p.Name)
	customer, err := a.newestDocument(ctx, q, org, &f)
	if err != nil || customer == uuid.Nil {
		return f, err
	}
	err = f.people(ctx, q, org.ID, customer)
	return f, err
}

// put replaces the sample of a placeholder that the email has.
func (f *previewFacts) put(name, value string) {
	if _, has := f.values[name]; has && value != "" {
		f.values[name] = value
	}
}

// putID makes a link lead to a document that there is.
func (f *previewFacts) putID(name string, id uuid.UUID) {
	if link, has := f.values[name]; has {
		f.values[name] = strings.TrimSuffix(link, "sample") + id.String()
	}
}

// people fills in whom the document is for.
func (f *previewFacts) people(ctx context.Context, q *dbsqlc.Queries, org, id uuid.UUID) error {
	customer, err := q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: org, ID: id})
	if err != nil {
		return err
	}
	f.put("customer_name", customer.Name)
	f.basedOn += " of " + customer.Name
	contacts, err := q.ListContacts(ctx, dbsqlc.ListContactsParams{OrgID: org, CustomerID: id})
	if err != nil || len(contacts) == 0 {
		return err
	}
	contact := contacts[0]
	f.put("contact_email", contact.Email)
	for _, name := range []string{"contact_name", "accepted_by", "declined_by", "forwarded_by"} {
		f.put(name, contact.Name)
	}
	return nil
}

// newestDocument fills in the newest document that the email could be about, and
// says whose it is: nobody's, if there is none yet.
func (a *API) newestDocument(ctx context.Context, q *dbsqlc.Queries, org dbsqlc.Organization, f *previewFacts) (uuid.UUID, error) {
	_, estimate := f.values["estimate_number"]
	_, payment := f.values["payment_method"]
	switch {
	case estimate:
		return a.newestEstimate(ctx, q, org, f)
	case payment:
		return a.newestPayment(ctx, q, org, f)
	default:
		return a.newestInvoice(ctx, q, org, f)
	}
}

func (a *API) newestEstimate(ctx context.Context, q *dbsqlc.Queries, org dbsqlc.Organization, f *previewFacts) (uuid.UUID, error) {
	rows, err := q.ListEstimates(ctx, dbsqlc.ListEstimatesParams{OrgID: org.ID, SentOnly: true, Sort: "-date", FirstPage: true, PageSize: 1})
	if err != nil || len(rows) == 0 {
		return uuid.Nil, err
	}
	e := rows[0]
	f.basedOn = "estimate " + e.Number
	f.put("estimate_number", e.Number)
	f.put("total", portal.NewMoney(e.Total, e.Currency).Format(org.Locale))
	f.put("valid_until", e.ValidUntil.Format(org.Locale))
	f.putID("estimate_link", e.ID)
	return e.CustomerID, nil
}

func (a *API) newestInvoice(ctx context.Context, q *dbsqlc.Queries, org dbsqlc.Organization, f *previewFacts) (uuid.UUID, error) {
	rows, err := q.ListInvoices(ctx, dbsqlc.ListInvoicesParams{OrgID: org.ID, SentOnly: true, Today: a.today(org), Sort: "-date", FirstPage: true, PageSize: 1})
	if err != nil || len(rows) == 0 {
		return uuid.Nil, err
	}
	i := rows[0]
	f.basedOn = "invoice " + i.Number
	f.put("invoice_number", i.Number)
	f.put("document", "invoice "+i.Number)
	f.put("total", portal.NewMoney(i.Total, i.Currency).Format(org.Locale))
	f.put("due_on", i.DueDate.Format(org.Locale))
	f.putID("invoice_link", i.ID)
	f.putID("document_link", i.ID)
	return i.CustomerID, nil
}

func (a *API) newestPayment(ctx context.Context, q *dbsqlc.Queries, org dbsqlc.Organization, f *previewFacts) (uuid.UUID, error) {
	rows, err := q.ListPayments(ctx, dbsqlc.ListPaymentsParams{
		OrgID: org.ID, Filter: string(portal.PaymentSucceeded), Sort: "-date", FirstPage: true, FromTime: time.Time{}, PageSize: 1,
	})
	if err != nil || len(rows) == 0 {
		return uuid.Nil, err
	}
	p := rows[0]
	allocations, err := q.ListAllocationsOfPayment(ctx, dbsqlc.ListAllocationsOfPaymentParams{OrgID: org.ID, PaymentID: p.ID})
	if err != nil {
		return uuid.Nil, err
	}
	paid := make([]string, 0, len(allocations))
	for _, al := range allocations {
		paid = append(paid, al.Number+": "+portal.NewMoney(al.Amount, p.Currency).Format(org.Locale))
	}
	number := ""
	if p.ReceiptNumber != nil {
		number = *p.ReceiptNumber
	}
	f.basedOn = "payment " + number
	f.put("payment_number", number)
	f.put("amount", portal.NewMoney(p.Amount, p.Currency).Format(org.Locale))
	f.put("paid_on", a.dayIn(org, p.SucceededAt))
	f.put("invoice_list", strings.Join(paid, "\n"))
	f.putID("receipt_link", p.ID)
	f.putID("payment_link", p.ID)
	return p.CustomerID, nil
}

// dayIn writes the day on which an instant falls for the organization.
func (a *API) dayIn(org dbsqlc.Organization, at *time.Time) string {
	if at == nil {
		return ""
	}
	zone, err := time.LoadLocation(org.TimeZone)
	if err != nil {
		zone = time.UTC // its zone was checked when it was stored
	}
	return portal.DateOf(*at, zone).Format(org.Locale)
}
