// Package demo fills an empty installation with a year of three businesses: a
// design studio in New York, a coffee roaster in Tokyo and a maintenance firm in
// Kuwait, with their customers, documents and money.
//
// What is past is written as rows. What is under way (an estimate that waits for
// its decision, an invitation, a payment that was declined) is begun as people
// begin it, so that its flow runs. All of it follows from the day it is loaded
// on: the same day gives the same year.
package demo

import (
	"context"
	"fmt"
	"io"
	"time"

	"go.temporal.io/sdk/client"

	"countersign/auth"
	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/portal"
)

// Config of Load.
type Config struct {
	// OwnerURL is the database as its owner, whom row-level security doesn't hold.
	OwnerURL string
	DB       *db.DB
	Temporal client.Client
	// TaskQueue that the worker listens to.
	TaskQueue string
	// Now is when the year ends.
	Now time.Time
	// StripeURL is the simulator's address and StripeKey a secret key for it.
	// Without an address there are no saved cards, and no payment is under way:
	// Stripe itself can't be told which charges to decline.
	StripeURL, StripeKey string
	// Log is told what is being done, a line for each step; nil is nobody.
	Log io.Writer
}

// Password is everyone's in the demo: staff and contacts who may sign in.
const Password = "seven paper lanterns"

// SignIn is how to look at one organization from both sides.
type SignIn struct {
	Organization string
	Slug         string
	// PortalPath and ConsolePath are where the two sides sign in.
	PortalPath, ConsolePath string
	// Customer is the one whose contacts follow.
	Customer string
	// ContactEmail may view, approve and pay. SecondContactEmail is a colleague
	// at the same customer, who views and pays. Invite is a third one, who has
	// no access yet.
	ContactEmail, SecondContactEmail, Invite string
	// StaffEmail is an administrator; MemberEmail is not.
	StaffEmail, MemberEmail string
	Password                string
}

// SignIns has one for each organization.
type SignIns []SignIn

// Load makes the demo's organizations, once: when they exist it changes
// nothing. A load that was cut short is taken up again by the next one: the
// rows are one transaction, and beginning a flow twice is beginning it once.
func Load(ctx context.Context, c Config) (SignIns, error) {
	if c.Log == nil {
		c.Log = io.Discard
	}
	var known map[string]bool
	err := c.DB.Across(ctx, func(q *dbsqlc.Queries) error {
		organizations, err := q.ListOrganizationsAcross(ctx)
		known = make(map[string]bool, len(organizations))
		for _, o := range organizations {
			known[o.Slug] = true
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("looking for the demo's organizations: %w", err)
	}
	years := make([]*year, 0, len(businesses()))
	signIns := make(SignIns, 0, cap(years))
	missing := 0
	for _, b := range businesses() {
		years = append(years, newYear(b, c.Now, c.StripeURL != ""))
		signIns = append(signIns, b.signIn())
		if !known[b.slug] {
			missing++
		}
	}
	switch missing {
	case 0:
	case len(years):
		if err := write(ctx, c, years); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("some of the demo's organizations exist and others don't: start over with an empty database")
	}
	for _, y := range years {
		if err := begin(ctx, c, y); err != nil {
			return nil, fmt.Errorf("beginning what is under way at %s: %w", y.b.name, err)
		}
	}
	return signIns, nil
}

// write makes the years and stores them, all or nothing.
func write(ctx context.Context, c Config, years []*year) error {
	say(c, "Hashing the password")
	passwords, err := auth.NewPasswords(chance("passwords").bytes(), 1)
	if err != nil {
		return err
	}
	// Everyone has the same password, and it is printed: one hash hides no less than many.
	hash, err := passwords.Hash(ctx, Password)
	if err != nil {
		return err
	}
	rows := &rows{}
	for _, y := range years {
		say(c, "Living a year at "+y.b.name)
		cards, err := saveCards(ctx, c, y)
		if err != nil {
			return fmt.Errorf("saving the cards of %s's customers: %w", y.b.name, err)
		}
		if err := y.live(cards); err != nil {
			return fmt.Errorf("making the year of %s: %w", y.b.name, err)
		}
		if err := y.write(rows, hash); err != nil {
			return fmt.Errorf("writing the year of %s: %w", y.b.name, err)
		}
	}
	say(c, "Storing it")
	return rows.store(ctx, c.OwnerURL)
}

func say(c Config, what string) { _, _ = fmt.Fprintln(c.Log, what+" …") }

func (b business) signIn() SignIn {
	customer := b.customers[0]
	return SignIn{
		Organization: b.name, Slug: b.slug, PortalPath: "/" + b.slug, ConsolePath: "/console/" + b.slug, Customer: customer.name,
		ContactEmail: customer.email(0), SecondContactEmail: customer.email(1), Invite: customer.email(2),
		StaffEmail: b.staffEmail(0), MemberEmail: b.staffEmail(1), Password: Password,
	}
}

// day is a portal.Date; the year counts back from the one it ends on.
type day = portal.Date
