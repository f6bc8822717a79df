package documents

import (
	"context"
	"time"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/pdf"
)

// sides are the two whom a document is between.
type sides struct {
	org      dbsqlc.Organization
	customer dbsqlc.Customer
	from     pdf.Organization
	to       pdf.Party
	zone     *time.Location
}

func readSides(ctx context.Context, q *dbsqlc.Queries, org, customer uuid.UUID) (s sides, err error) {
	if s.org, err = q.GetOrganization(ctx, org); err != nil {
		return s, err
	}
	if s.customer, err = q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: org, ID: customer}); err != nil {
		return s, err
	}
	logos, err := q.GetLogo(ctx, org)
	if err != nil {
		return s, err
	}
	s.from = pdf.Organization{
		Name: s.org.Name, Address: s.org.Address, Email: s.org.Email, Phone: s.org.Phone, Locale: s.org.Locale, Colour: s.org.Accent,
	}
	if s.org.LegalName != "" {
		s.from.Name = s.org.LegalName
	}
	for _, logo := range logos {
		s.from.Logo = logo.Png
	}
	s.to = pdf.Party{
		Name: s.customer.Name, Address: s.customer.BillingAddress, Email: s.customer.Email, Phone: s.customer.Phone, TaxID: s.customer.TaxNumber,
	}
	if s.zone, err = time.LoadLocation(s.org.TimeZone); err != nil {
		s.zone = time.UTC // its zone was checked when it was stored
	}
	return s, nil
}
