package faults

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"countersign/auth"
	"countersign/devstack/stripesim"
	"countersign/gateway"
	"countersign/portal"
)

// Shop is the organization of one run, with its people and what is owed to it.
// Each run has its own, so that one database and one simulator serve them all.
type Shop struct {
	ID        uuid.UUID
	Slug      string
	Currency  portal.Currency
	Account   string // at the processor, empty for the key's own
	Staff     Login
	Customers []Buyer
}

// Buyer is a customer of a shop.
type Buyer struct {
	ID       uuid.UUID
	Contacts []Login
	Invoices []uuid.UUID
	// Methods are cards that the customer saved before, by our ID, with the processor's.
	Methods map[uuid.UUID]string
}

// Login is somebody with a session.
type Login struct {
	ID   uuid.UUID
	Name string
	side string
	// cookie is the session's.
	cookie *http.Cookie
}

// currencies that shops are in: with two decimals, none, and three.
var currencies = []portal.Currency{"USD", "USD", "USD", "EUR", "JPY", "KWD"}

// zone is where shops are.
const zone = "America/New_York"

// forever is when sessions end: a run may last for months.
var forever = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)

// Scale is how much there is in a shop. Later is how many more invoices there are
// of each customer, due within ten days; every other one of them in two parts.
type Scale struct{ Customers, Contacts, Invoices, Later int }

// openShop makes a shop. Rows are written by the owner of the tables: nobody's
// sign-in, invitation or first invoice is under test here.
func openShop(ctx context.Context, owner *pgxpool.Pool, sim *stripesim.Admin, processor gateway.Gateway, rng *rand.Rand, size Scale, at time.Time) (*Shop, error) {
	s := &Shop{ID: newID(), Currency: currencies[rng.IntN(len(currencies))]}
	s.Slug = "shop-" + s.ID.String()[24:]
	if rng.IntN(3) == 0 {
		s.Account = "acct_" + s.ID.String()[24:]
	}
	batch := &pgx.Batch{}
	batch.Queue(`INSERT INTO organizations (id, slug, name, email, currency, time_zone, locale, stripe_account) VALUES ($1, $2, $3, $4, $5, $7, 'en-US', $6)`,
		s.ID, s.Slug, "Bright "+s.Slug, "office@"+s.Slug+".test", s.Currency, s.Account, zone)
	batch.Queue(`INSERT INTO settings (org_id) VALUES ($1)`, s.ID)
	s.Staff = Login{ID: newID(), Name: "Grace Bright", side: "staff"}
	batch.Queue(`INSERT INTO staff (org_id, id, email, name, role) VALUES ($1, $2, $3, $4, 'admin')`, s.ID, s.Staff.ID, "grace@"+s.Slug+".test", s.Staff.Name)
	s.signIn(batch, &s.Staff, nil)
	for n := range size.Customers {
		buyer, err := s.openBuyer(ctx, batch, sim, processor, rng, n, size, at)
		if err != nil {
			return nil, err
		}
		s.Customers = append(s.Customers, buyer)
	}
	if err := owner.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("opening a shop: %w", err)
	}
	return s, nil
}

func (s *Shop) openBuyer(ctx context.Context, batch *pgx.Batch, sim *stripesim.Admin, processor gateway.Gateway, rng *rand.Rand, n int, size Scale, at time.Time) (Buyer, error) {
	b := Buyer{ID: newID(), Methods: map[uuid.UUID]string{}}
	name, atProcessor := fmt.Sprintf("Lovelace %d Ltd", n), ""
	// The first customer paid here before; the others are new to the processor.
	if n == 0 {
		var err error
		atProcessor, err = processor.EnsureCustomer(ctx, s.Account, gateway.CustomerParams{ID: b.ID.String(), Name: name, Email: "ap@lovelace.test"})
		if err != nil {
			return Buyer{}, fmt.Errorf("making a customer: %w", err)
		}
	}
	batch.Queue(`INSERT INTO customers (org_id, id, number, name, email, currency, processor_customer, bank_debit_allowed) VALUES ($1, $2, $3, $4, 'ap@lovelace.test', $5, $6, true)`,
		s.ID, b.ID, fmt.Sprintf("C-%04d", n), name, s.Currency, atProcessor)
	for c := range size.Contacts {
		login := Login{ID: newID(), Name: fmt.Sprintf("Ann %d-%d", n, c), side: "contact"}
		batch.Queue(`INSERT INTO contacts (org_id, id, customer_id, name, email, access) VALUES ($1, $2, $3, $4, $5, 'active')`,
			s.ID, login.ID, b.ID, login.Name, fmt.Sprintf("ann%d-%d@%s.test", n, c, s.Slug))
		s.signIn(batch, &login, &b.ID)
		b.Contacts = append(b.Contacts, login)
	}
	if n == 0 {
		for k, card := range []string{"pm_card_visa", "pm_card_mastercard"} {
			saved, err := sim.SaveMethod(ctx, s.Account, atProcessor, card)
			if err != nil {
				return Buyer{}, err
			}
			id := newID()
			batch.Queue(`INSERT INTO payment_methods (org_id, id, customer_id, account, processor_method, kind, brand, last4, exp_month, exp_year)
				VALUES ($1, $2, $3, $4, $5, 'card', 'visa', $6, 12, 2040)`, s.ID, id, b.ID, s.Account, saved, fmt.Sprintf("424%d", k))
			b.Methods[id] = saved
		}
	}
	for i := range size.Invoices + size.Later {
		id, day, amount := newID(), portal.DateOf(at, time.UTC), s.amount(rng)
		due, first := day, portal.Date{}
		if i >= size.Invoices {
			due = day.AddDays(1 + rng.IntN(10))
		}
		var plan *portal.Plan
		if i >= size.Invoices && (i-size.Invoices)%2 == 0 {
			// The second part comes due while the first may still be tried again.
			first, due = due, due.AddDays(1+n%2)
			plan = &portal.Plan{Parts: 2, FirstOn: first, Every: portal.PlanWeekly}
		}
		batch.Queue(`INSERT INTO invoices (org_id, id, customer_id, number, state, currency, title, issue_date, due_date, subtotal, total, due, ways_to_pay, sent_at, created_at, updated_at, plan)
			VALUES ($1, $2, $3, $4, 'sent', $5, 'Work', $6, $7, $8, $8, $8, '{card,bank_debit,bank_transfer}', $9, $9, $9, $10)`,
			s.ID, id, b.ID, invoiceNumber(n, i), s.Currency, day, due, amount, at, plan)
		batch.Queue(`INSERT INTO invoice_lines (org_id, invoice_id, position, description, quantity, unit_price, amount) VALUES ($1, $2, 1, 'Work', 1, 1, 1)`, s.ID, id)
		if plan != nil {
			half := amount / 20 * 10
			batch.Queue(`INSERT INTO invoice_installments (org_id, invoice_id, seq, due_on, amount) VALUES ($1, $2, 1, $3, $4), ($1, $2, 2, $5, $6)`,
				s.ID, id, first, half, due, amount-half)
		}
		b.Invoices = append(b.Invoices, id)
	}
	return b, nil
}

// invoiceNumber is that of the i-th invoice of the n-th customer.
func invoiceNumber(n, i int) string { return fmt.Sprintf("INV-%d%02d", n, i) }

// amount is a sum that the processor takes in the shop's currency.
func (s *Shop) amount(rng *rand.Rand) int64 { return 10 * int64(500+rng.IntN(20000)) }

func (s *Shop) signIn(batch *pgx.Batch, login *Login, customer *uuid.UUID) {
	token := login.ID.String()
	batch.Queue(`INSERT INTO sessions (org_id, id, token_hash, side, subject_id, customer_id, last_seen_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7)`,
		s.ID, newID(), auth.Hash(token), login.side, login.ID, customer, forever)
	login.cookie = &http.Cookie{Name: "countersign-" + s.Slug + "-" + login.side, Value: token}
}

func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }
