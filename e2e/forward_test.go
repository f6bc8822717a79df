package e2e

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"countersign/api"
	"countersign/db/dbsqlc"
	"countersign/devstack/inbox"
	"countersign/devstack/stack"
	"countersign/devstack/stripesim"
	"countersign/e2e/acts"
	"countersign/portal"
	"countersign/workflows"
)

// contactsWith are the contacts of the customer with an address.
func contactsWith(t *testing.T, s *stack.Stack, org stack.Org, address string) (found []dbsqlc.Contact) {
	t.Helper()
	s.In(org.ID, func(q *dbsqlc.Queries) (err error) {
		found, err = q.ListContactsByEmail(t.Context(), dbsqlc.ListContactsByEmailParams{OrgID: org.ID, CustomerID: org.Customer, Emails: []string{address}})
		return err
	})
	return found
}

// R6 R30 R69 N9: an invoice is forwarded to two people, one of whom is a contact
// already; both have it, attached; what becomes of each email is told to both sides.
func TestForwardedInvoiceArrivesAndIsFollowed(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	ann, grace, invoice := org.AsAnn(), org.Staff(), org.Invoice("INV-1", 10000)
	key := uuid.NewString()
	var first, again api.Forward
	ann.Must(201, "POST", acts.Forwards, key, acts.ToForward("invoice", invoice, "Cfo@Partner.example, ben@lovelace.test", "cfo@partner.example"), &first)
	ann.Must(201, "POST", acts.Forwards, key, acts.ToForward("invoice", invoice, "Cfo@Partner.example, ben@lovelace.test", "cfo@partner.example"), &again)
	if again.ID != first.ID || len(first.Recipients) != 2 || first.Title != "invoice INV-1" || first.By != "Ann Lovelace" {
		t.Fatalf("forwarded as %+v and %+v", first, again)
	}
	ann.Must(422, "POST", acts.Forwards, key, acts.ToForward("invoice", invoice, "other@partner.example"), nil)

	light := acts.EmailTo(t, s, "cfo@partner.example", "Ann Lovelace forwards invoice INV-1 from Bright bright")
	acts.EmailTo(t, s, "ben@lovelace.test", "Ann Lovelace forwards invoice INV-1 from Bright bright")
	email, err := s.Inbox.Get(t.Context(), light.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(email.Attachments) != 1 || !bytes.HasPrefix(email.Attachments[0].Bytes, []byte("%PDF-")) || !strings.HasSuffix(email.Attachments[0].Name, "invoice INV-1.pdf") {
		t.Errorf("attached: %+v", email.Attachments)
	}
	if len(email.ReplyTo) != 1 || email.ReplyTo[0] != "ann@lovelace.test" || !strings.Contains(email.Text, "> Please have a look.\n> <b>Ann</b>") || !strings.Contains(email.HTML, "&lt;b&gt;Ann&lt;/b&gt;") {
		t.Errorf("reply to %q: %s", email.ReplyTo, email.Text)
	}
	// What was frozen is what was attached.
	var frozen []dbsqlc.Delivery
	s.In(org.ID, func(q *dbsqlc.Queries) (err error) {
		frozen, err = q.ListDeliveriesOfSubject(t.Context(), dbsqlc.ListDeliveriesOfSubjectParams{OrgID: org.ID, SubjectID: invoice})
		return err
	})
	if sum := sha256.Sum256(email.Attachments[0].Bytes); len(frozen) != 2 || !bytes.Equal(frozen[0].AttachmentHash, sum[:]) || frozen[0].ID.String() != light.IdempotencyKey && frozen[1].ID.String() != light.IdempotencyKey {
		t.Errorf("frozen: %d rows, %x", len(frozen), sum)
	}
	// The link is the portal's page: it opens nothing for who isn't signed in.
	s.Client().Must(401, "GET", "/api/bright/portal/invoices/"+invoice.String(), "", nil, nil)
	if link := email.Link("open the portal"); link != s.URL+"/bright/invoices/"+invoice.String() {
		t.Errorf("the link is %s", link)
	}

	// The stranger is a contact now, without access; Ben was one before.
	if made := contactsWith(t, s, org, "cfo@partner.example"); len(made) != 1 || made[0].Access != "none" || made[0].CustomerID != org.Customer {
		t.Errorf("the recipient is %+v", made)
	}
	if ben := contactsWith(t, s, org, "ben@lovelace.test"); len(ben) != 1 || ben[0].ID != org.Ben || ben[0].Access != "active" {
		t.Errorf("Ben is %+v", ben)
	}

	acts.ReadForward(s, ann, first.ID, "cfo@partner.example", portal.ForwardedDelivered)
	acts.ReadForward(s, ann, first.ID, "ben@lovelace.test", portal.ForwardedDelivered)
	acts.Completed(t, s, workflows.ForwardID(first.ID))
	acts.KeepHistory(t, s, workflows.ForwardID(first.ID), "forward-delivered")
	// A complaint comes late, and is noted all the same.
	if err := s.Inbox.Happen(t.Context(), light.ID, inbox.Complained); err != nil {
		t.Fatal(err)
	}
	acts.ReadForward(s, ann, first.ID, "cfo@partner.example", portal.ForwardedComplained)
	// Both sides read it on the invoice, with the event that tells to whom.
	for side, reader := range map[string]*stack.Client{"portal": ann, "console": grace} {
		var read api.Invoice
		reader.Must(200, "GET", "/api/bright/"+side+"/invoices/"+invoice.String(), "", nil, &read)
		if !read.Forwardable || len(read.Forwards) != 1 || len(read.Forwards[0].Recipients) != 2 {
			t.Errorf("the %s shows %+v", side, read.Forwarding)
		}
		told := false
		for _, e := range read.Timeline {
			told = told || e.Text == "Ann Lovelace forwarded this invoice to cfo@partner.example and ben@lovelace.test"
		}
		if !told {
			t.Errorf("the %s tells %+v", side, read.Timeline)
		}
	}
	// Forwarded to again, it is still one contact.
	ann.Must(201, "POST", acts.Forwards, "", acts.ToForward("invoice", invoice, "CFO@partner.example"), nil)
	if made := contactsWith(t, s, org, "cfo@partner.example"); len(made) != 1 {
		t.Errorf("%d contacts", len(made))
	}
	// The files are gone once all is over.
	s.Eventually("the files to be dropped", func() bool {
		var files []dbsqlc.ForwardFile
		s.In(org.ID, func(q *dbsqlc.Queries) (err error) {
			files, err = q.GetForwardFile(t.Context(), dbsqlc.GetForwardFileParams{OrgID: org.ID, ForwardID: first.ID})
			return err
		})
		return len(files) == 0
	})
}

// R26 R30 R40 R47 R69: estimates, receipts and statements go out too; staff
// forward as well; a bounce ends the waiting and is told to staff.
func TestEveryDocumentIsForwarded(t *testing.T) {
	s := stack.New(t, stack.Options{Times: api.Times{Forward: workflows.ForwardTimes{FollowFor: time.Hour}}})
	org := s.Seed("bright", "USD")
	ann, grace := org.AsAnn(), org.Staff()
	estimate := acts.SendEstimate(t, s, org, grace)
	var paid acts.Begun
	ann.Must(201, "POST", acts.Payments, "", acts.Checkout(org.Invoice("INV-1", 1000)), &paid)
	org.PayOnPage(ann, paid.ID, stripesim.PayParams{})
	acts.Completed(t, s, workflows.PaymentID(paid.ID))
	for _, c := range []struct {
		document string
		id       uuid.UUID
		to, file string
	}{
		{"estimate", estimate.ID, "e@partner.example", "estimate " + estimate.Number + ".pdf"},
		{"payment", paid.ID, "p@partner.example", ".pdf"},
		{"statement", org.Customer, "s@partner.example", ".pdf"},
	} {
		for side, who := range map[string]*stack.Client{"portal": ann, "console": grace} {
			to := side + "-" + c.to
			var f api.Forward
			who.Must(201, "POST", "/api/bright/"+side+"/forwards", "", acts.ToForward(c.document, c.id, to), &f)
			light := acts.EmailTo(t, s, to, "forwards")
			email, err := s.Inbox.Get(t.Context(), light.ID)
			if err != nil {
				t.Fatal(err)
			}
			if len(email.Attachments) != 1 || !bytes.HasPrefix(email.Attachments[0].Bytes, []byte("%PDF-")) || !strings.HasSuffix(email.Attachments[0].Name, c.file) {
				t.Errorf("%s of a %s attached %+v", side, c.document, email.Attachments)
			}
			acts.Completed(t, s, workflows.ForwardID(f.ID))
		}
	}
	var f api.Forward
	ann.Must(201, "POST", acts.Forwards, "", acts.ToForward("estimate", estimate.ID, "bounced@resend.dev"), &f)
	acts.ReadForward(s, ann, f.ID, "bounced@resend.dev", portal.ForwardedBounced)
	acts.Completed(t, s, workflows.ForwardID(f.ID))
	s.Eventually("staff to be told of the bounce", func() bool {
		var list api.ListActivityOutput
		grace.Must(200, "GET", "/api/bright/console/activity", "", nil, &list.Body)
		for _, a := range list.Body.Activity {
			if a.Kind == "email.bounced" && strings.Contains(a.Text, "bounced@resend.dev") {
				return true
			}
		}
		return false
	})
}

// R5 R10 R16 R26: what may not be forwarded isn't, nor more than is sane, nor to
// what is more than an address; and nothing of it leaves a trace.
func TestRefusedForwardsSendNothing(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org, other := s.Seed("bright", "USD"), s.Seed("other", "USD")
	ann, grace, invoice, theirs := org.AsAnn(), org.Staff(), org.Invoice("INV-1", 10000), other.Invoice("INV-9", 900)
	var draft api.Invoice
	grace.Must(201, "POST", "/api/bright/console/invoices", "", map[string]any{
		"customer": org.Customer, "title": "Draft", "issue_date": "2026-11-01", "due_date": "2026-12-01",
		"lines": []map[string]any{{"description": "Work", "quantity": "1", "unit_price": 100}},
	}, &draft)
	many := make([]string, 11)
	for i := range many {
		many[i] = fmt.Sprintf("p%d@partner.example", i)
	}
	for name, c := range map[string]struct {
		status int
		body   map[string]any
	}{
		"another organization's": {404, acts.ToForward("invoice", theirs, "x@partner.example")},
		"a draft":                {404, acts.ToForward("invoice", draft.ID, "x@partner.example")},
		"no document":            {404, acts.ToForward("estimate", invoice, "x@partner.example")},
		"another's statement":    {404, acts.ToForward("statement", other.Customer, "x@partner.example")},
		"eleven addresses":       {422, acts.ToForward("invoice", invoice, many...)},
		"no address":             {422, acts.ToForward("invoice", invoice, " , ")},
		"a name":                 {422, acts.ToForward("invoice", invoice, "Ann <ann@partner.example>")},
		"a header":               {422, acts.ToForward("invoice", invoice, "x@partner.example\r\nBcc: y@partner.example")},
		"a header, folded":       {422, acts.ToForward("invoice", invoice, "x@partner.example\n\tBcc:y@partner.example")},
		"an encoded header":      {422, acts.ToForward("invoice", invoice, "x@partner.example%0aBcc:y@partner.example")},
		"another kind":           {422, acts.ToForward("password", invoice, "x@partner.example")},
	} {
		answer := ann.Must(c.status, "POST", acts.Forwards, "", c.body, nil)
		if c.status == 422 && name != "another kind" && !bytes.Contains(answer.Body, []byte("body.recipients")) {
			t.Errorf("%s: the refusal names no field: %s", name, answer.Body)
		}
	}
	grace.Must(404, "POST", "/api/bright/console/forwards", "", acts.ToForward("invoice", draft.ID, "x@partner.example"), nil)

	var settings map[string]any
	grace.Must(200, "GET", "/api/bright/console/settings", "", nil, &settings)
	settings["forward_documents"] = false
	delete(settings, "updated_at")
	delete(settings, "$schema")
	grace.Must(200, "PUT", "/api/bright/console/settings", "", settings, nil)
	ann.Must(403, "POST", acts.Forwards, "", acts.ToForward("invoice", invoice, "x@partner.example"), nil)
	ann.Must(403, "GET", acts.Forwards, "", nil, nil)
	var read api.Invoice
	ann.Must(200, "GET", "/api/bright/portal/invoices/"+invoice.String(), "", nil, &read)
	if read.Forwardable {
		t.Error("it can be forwarded with the switch off")
	}
	if sent, err := s.Inbox.List(t.Context(), ""); err != nil || len(sent) != 0 {
		t.Errorf("%d emails were sent, %v", len(sent), err)
	}
	if made := contactsWith(t, s, org, "x@partner.example"); len(made) != 0 {
		t.Errorf("a refused forward made %+v", made)
	}
}

// R26 R30: nobody sends mail in bulk through a portal, nor by pressing at once.
func TestForwardsOfOnePersonAreLimited(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	ann, ben, invoice := org.AsAnn(), org.AsBen(), org.Invoice("INV-1", 10000)
	const tries = portal.MaxForwardsOfPerson + 4
	statuses := make(chan int, tries)
	for i := range tries {
		go func() {
			answer, err := ann.Do("POST", acts.Forwards, "", acts.ToForward("invoice", invoice, fmt.Sprintf("p%d@partner.example", i)))
			if err != nil {
				t.Error(err)
			}
			statuses <- answer.Status
		}()
	}
	count := map[int]int{}
	for range tries {
		count[<-statuses]++
	}
	if count[201] != portal.MaxForwardsOfPerson || count[429] != tries-portal.MaxForwardsOfPerson {
		t.Errorf("answers: %v", count)
	}
	answer := ann.Must(429, "POST", acts.Forwards, "", acts.ToForward("invoice", invoice, "more@partner.example"), nil)
	if !bytes.Contains(answer.Body, []byte("body.recipients")) || answer.Header.Get("Retry-After") == "" {
		t.Errorf("refused as %s", answer.Body)
	}
	ben.Must(201, "POST", acts.Forwards, "", acts.ToForward("invoice", invoice, "more@partner.example"), nil)
}
