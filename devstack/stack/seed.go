package stack

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"countersign/auth"
	"countersign/db/dbsqlc"
	"countersign/portal"
)

// Org is an organization with one administrator and one customer with two
// contacts, Ann and Ben, who may sign in.
type Org struct {
	ID, Admin, Customer, Ann, Ben uuid.UUID
	Slug                          string
	s                             *Stack
}

// Seed makes an organization of its own name and currency.
func (s *Stack) Seed(slug string, currency portal.Currency) Org {
	s.t.Helper()
	ctx := context.Background()
	o := Org{ID: s.Steps.NewID(), Admin: s.Steps.NewID(), Customer: s.Steps.NewID(), Ann: s.Steps.NewID(), Ben: s.Steps.NewID(), Slug: slug, s: s}
	owner, err := pgx.Connect(ctx, s.DatabaseURL)
	s.must(err)
	defer owner.Close(ctx)
	_, err = owner.Exec(ctx, `INSERT INTO organizations (id, slug, name, email, currency, time_zone, locale) VALUES ($1, $2, $3, $4, $5, 'America/New_York', 'en-US')`,
		o.ID, slug, "Bright "+slug, "office@"+slug+".test", string(currency))
	s.must(err)
	_, err = owner.Exec(ctx, `INSERT INTO settings (org_id) VALUES ($1)`, o.ID)
	s.must(err)
	_, err = owner.Exec(ctx, `INSERT INTO staff (org_id, id, email, name, role) VALUES ($1, $2, $3, 'Grace Bright', 'admin')`, o.ID, o.Admin, "grace@"+slug+".test")
	s.must(err)
	_, err = owner.Exec(ctx, `INSERT INTO customers (org_id, id, number, name, email, currency) VALUES ($1, $2, 'C-0001', 'Lovelace Ltd', 'ap@lovelace.test', $3)`, o.ID, o.Customer, string(currency))
	s.must(err)
	passwords, err := auth.NewPasswords(rand.Reader, 2)
	s.must(err)
	hash, err := passwords.Hash(ctx, Password)
	s.must(err)
	for _, c := range []struct {
		id    uuid.UUID
		name  string
		email string
	}{{o.Ann, "Ann Lovelace", "ann@lovelace.test"}, {o.Ben, "Ben Okafor", "ben@lovelace.test"}} {
		_, err = owner.Exec(ctx, `INSERT INTO contacts (org_id, id, customer_id, name, email, access) VALUES ($1, $2, $3, $4, $5, 'active')`, o.ID, c.id, o.Customer, c.name, c.email)
		s.must(err)
	}
	for _, who := range []uuid.UUID{o.Admin, o.Ann, o.Ben} {
		s.In(o.ID, func(q *dbsqlc.Queries) error {
			return q.SetPassword(ctx, dbsqlc.SetPasswordParams{OrgID: o.ID, SubjectID: who, PasswordHash: hash, ChangedAt: time.Now()})
		})
	}
	return o
}

// Contact adds a contact without access.
func (o Org) Contact(name, email string) uuid.UUID {
	o.s.t.Helper()
	ctx := context.Background()
	id := o.s.Steps.NewID()
	owner, err := pgx.Connect(ctx, o.s.DatabaseURL)
	o.s.must(err)
	defer owner.Close(ctx)
	_, err = owner.Exec(ctx, `INSERT INTO contacts (org_id, id, customer_id, name, email) VALUES ($1, $2, $3, $4, $5)`, o.ID, id, o.Customer, name, email)
	o.s.must(err)
	return id
}

// MakePrimary makes a contact the one to write to.
func (o Org) MakePrimary(contact uuid.UUID) {
	o.s.t.Helper()
	ctx := context.Background()
	owner, err := pgx.Connect(ctx, o.s.DatabaseURL)
	o.s.must(err)
	defer owner.Close(ctx)
	_, err = owner.Exec(ctx, `UPDATE contacts SET is_primary = (id = $2) WHERE org_id = $1`, o.ID, contact)
	o.s.must(err)
}

// AllowBankDebit lets the customer pay from a bank account, R34.
func (o Org) AllowBankDebit() {
	o.s.t.Helper()
	ctx := context.Background()
	owner, err := pgx.Connect(ctx, o.s.DatabaseURL)
	o.s.must(err)
	defer owner.Close(ctx)
	_, err = owner.Exec(ctx, `UPDATE customers SET bank_debit_allowed = true WHERE org_id = $1 AND id = $2`, o.ID, o.Customer)
	o.s.must(err)
}

// Invoice adds a sent invoice over amount minor units, due in 30 days.
func (o Org) Invoice(number string, amount int64) uuid.UUID {
	o.s.t.Helper()
	return o.InvoiceDue(number, amount, portal.DateOf(time.Now(), time.UTC).AddDays(30))
}

// AtNoon moves the organization to a time zone where it is about noon now, and
// says which day it is there: what happens at nine has happened.
func (o Org) AtNoon() portal.Date {
	o.s.t.Helper()
	ctx := context.Background()
	// Etc/GMT+5 is five hours behind.
	behind := time.Now().UTC().Hour() - 12
	name := fmt.Sprintf("Etc/GMT%+d", behind)
	zone, err := time.LoadLocation(name)
	o.s.must(err)
	owner, err := pgx.Connect(ctx, o.s.DatabaseURL)
	o.s.must(err)
	defer owner.Close(ctx)
	_, err = owner.Exec(ctx, `UPDATE organizations SET time_zone = $2 WHERE id = $1`, o.ID, name)
	o.s.must(err)
	return portal.DateOf(time.Now(), zone)
}

// InvoiceDue adds a sent invoice over amount minor units that is due on a day.
func (o Org) InvoiceDue(number string, amount int64, due portal.Date) uuid.UUID {
	o.s.t.Helper()
	id := o.s.Steps.NewID()
	o.s.In(o.ID, func(q *dbsqlc.Queries) error {
		ctx := context.Background()
		org, err := q.GetOrganization(ctx, o.ID)
		if err != nil {
			return err
		}
		if err := q.InsertInvoice(ctx, dbsqlc.InsertInvoiceParams{
			OrgID: o.ID, ID: id, CustomerID: o.Customer, Number: number, Currency: org.Currency, Title: "Work on " + number,
			IssueDate: due.AddDays(-30), DueDate: due, Subtotal: amount, Total: amount, WaysToPay: []string{"card", "bank_debit", "bank_transfer"}, At: time.Now(),
		}); err != nil {
			return err
		}
		if err := q.InsertInvoiceLines(ctx, dbsqlc.InsertInvoiceLinesParams{
			OrgID: o.ID, InvoiceID: id, Descriptions: []string{"Work"}, Quantities: []decimal.Decimal{decimal.NewFromInt(1)}, Units: []string{""}, UnitPrices: []int64{amount},
			DiscountPercents: []decimal.Decimal{decimal.Zero}, TaxPercents: []decimal.Decimal{decimal.Zero}, Amounts: []int64{amount},
		}); err != nil {
			return err
		}
		n, err := q.SendInvoice(ctx, dbsqlc.SendInvoiceParams{OrgID: o.ID, ID: id, At: new(time.Now())})
		if err == nil && n != 1 {
			err = fmt.Errorf("invoice %s was not sent", number)
		}
		return err
	})
	return id
}

// Staff signs the administrator in.
func (o Org) Staff() *Client { return o.signIn("console", "grace@"+o.Slug+".test") }

// AsAnn and AsBen sign the contacts in.
func (o Org) AsAnn() *Client { return o.signIn("portal", "ann@lovelace.test") }

// AsBen signs Ben in.
func (o Org) AsBen() *Client { return o.signIn("portal", "ben@lovelace.test") }

func (o Org) signIn(side, email string) *Client {
	o.s.t.Helper()
	c := o.s.Client()
	c.Must(200, "POST", "/api/"+o.Slug+"/"+side+"/session", "", map[string]string{"email": email, "password": Password}, nil)
	return c
}
