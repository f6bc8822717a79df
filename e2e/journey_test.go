package e2e

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"countersign/api"
	"countersign/db/dbsqlc"
	"countersign/devstack/stack"
	"countersign/devstack/stripesim"
	"countersign/e2e/acts"
	"countersign/portal"
	"countersign/workflows"
)

// R11 R13 R15 R65: access is given, mailed, accepted; the password signs in and
// the link can't be used twice.
func TestInvitationIsMailedAcceptedAndSpent(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	eve := org.Contact("Eve Stone", "eve@lovelace.test")
	var access struct {
		Contacts []api.ContactAccessResult `json:"contacts"`
	}
	org.Staff().Must(200, "POST", "/api/bright/console/customers/"+org.Customer.String()+"/access", "",
		map[string]any{"contacts": []map[string]any{{"id": eve, "access": true}}}, &access)
	if len(access.Contacts) != 1 || access.Contacts[0].Result != "invited" {
		t.Fatalf("access: %+v", access)
	}
	email, err := s.Inbox.WaitFor(t.Context(), "eve@lovelace.test", "")
	if err != nil {
		t.Fatal(err)
	}
	link := email.Link("Accept")
	token := link[strings.LastIndex(link, "/")+1:]
	guest := s.Client()
	guest.Must(200, "GET", "/api/bright/portal/invitations/"+token, "", nil, nil)
	guest.Must(422, "POST", "/api/bright/portal/invitations/"+token, "", map[string]string{"password": "short", "repeat": "short"}, nil)
	body := map[string]string{"password": "four odd paper boats", "repeat": "four odd paper boats"}
	guest.Must(200, "POST", "/api/bright/portal/invitations/"+token, "", body, nil)
	guest.Must(200, "GET", "/api/bright/portal/estimates", "", nil, nil)
	s.Client().Must(410, "POST", "/api/bright/portal/invitations/"+token, "", body, nil)
	s.Client().Must(200, "POST", "/api/bright/portal/session", "", map[string]string{"email": "eve@lovelace.test", "password": "four odd paper boats"}, nil)
	invitation := ""
	s.In(org.ID, func(q *dbsqlc.Queries) error {
		latest, err := q.LatestInvitations(t.Context(), dbsqlc.LatestInvitationsParams{OrgID: org.ID, CustomerID: org.Customer})
		if err == nil {
			invitation = workflows.InvitationID(latest[0].ID)
		}
		return err
	})
	acts.Completed(t, s, invitation)
	acts.KeepHistory(t, s, invitation, "invitation-accepted")
}

// R25 R66 N1 N2: an estimate is written, sent, read and accepted once; the
// evidence stands, and the flow ends.
func TestEstimateIsSentAndAccepted(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	staff, ann := org.Staff(), org.AsAnn()
	estimate := acts.SendEstimate(t, s, org, staff)
	path := "/api/bright/portal/estimates/" + estimate.ID.String()
	var read api.Estimate
	ann.Must(200, "GET", path, "", nil, &read)
	if read.Totals.Total.Amount != 36000 || read.Status != portal.EstimateSent {
		t.Fatalf("read %+v", read)
	}
	ann.Must(409, "POST", path+"/decision", "", map[string]any{"decision": "accepted", "version": 2}, nil)
	key := uuid.NewString()
	for range 2 {
		ann.Must(200, "POST", path+"/decision", key, map[string]any{"decision": "accepted", "version": 1}, &read)
		if read.Decision == nil || read.Decision.By != "Ann Lovelace" || len(read.Decision.ContentHash) != 64 {
			t.Fatalf("decision %+v", read.Decision)
		}
	}
	ann.Must(409, "POST", path+"/decision", key, map[string]any{"decision": "declined", "version": 1}, nil)
	org.AsBen().Must(409, "POST", path+"/decision", "", map[string]any{"decision": "accepted", "version": 1}, nil)
	acts.Completed(t, s, workflows.EstimateID(estimate.ID, 1))
	acts.KeepHistory(t, s, workflows.EstimateID(estimate.ID, 1), "estimate-accepted")
	if _, err := s.Inbox.WaitFor(t.Context(), "ben@lovelace.test", estimate.Number); err != nil {
		t.Fatal(err)
	}
}

// R32 R33 R36 R37 R67: three invoices, one payment; a declined card, then a good
// one that is saved; one receipt. Then the saved card pays another.
func TestPaysManyInvoicesOnThePageAndThenWithTheSavedCard(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	ann := org.AsAnn()
	var invoices []map[string]any
	for _, number := range []string{"INV-1", "INV-2", "INV-3"} {
		invoices = append(invoices, map[string]any{"id": org.Invoice(number, 10000)})
	}
	var begun struct {
		ID     uuid.UUID `json:"id"`
		Status string    `json:"status"`
	}
	ann.Must(201, "POST", "/api/bright/portal/payments", "", map[string]any{"invoices": invoices, "way": "checkout", "save": true}, &begun)
	if summary := org.PayOnPage(ann, begun.ID, stripesim.PayParams{Card: "4000000000000002", Save: true}); summary.Code == "" {
		t.Fatalf("the card was not declined: %+v", summary)
	}
	org.PayOnPage(ann, begun.ID, stripesim.PayParams{Save: true})
	s.Eventually("the payment to succeed", func() bool { return org.ReadPayment(ann, begun.ID).Status == portal.PaymentSucceeded })
	paid := org.ReadPayment(ann, begun.ID)
	if paid.Received.Amount != 30000 || len(paid.Invoices) != 3 || paid.Credit.Amount != 0 || paid.ReceiptNumber == "" {
		t.Fatalf("paid %+v", paid)
	}
	acts.Completed(t, s, workflows.PaymentID(begun.ID))
	acts.KeepHistory(t, s, workflows.PaymentID(begun.ID), "payment-checkout-declined-then-paid")
	if _, err := s.Inbox.WaitFor(t.Context(), "ann@lovelace.test", "eceipt"); err != nil {
		t.Fatal(err)
	}
	charges, err := s.Sim.Charges(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	succeeded := 0
	for _, c := range charges {
		if c.Status == "succeeded" {
			succeeded++
		}
	}
	if succeeded != 1 {
		t.Fatalf("%d charges succeeded: %+v", succeeded, charges)
	}
}
