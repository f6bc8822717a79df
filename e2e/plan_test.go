package e2e

import (
	"testing"

	"github.com/google/uuid"

	"countersign/api"
	"countersign/devstack/stack"
	"countersign/e2e/acts"
	"countersign/portal"
)

// planned writes and sends an invoice that is paid in parts.
func planned(t *testing.T, staff *stack.Client, org stack.Org, total int64, plan map[string]any) api.Invoice {
	t.Helper()
	var i api.Invoice
	staff.Must(201, "POST", "/api/bright/console/invoices", "", map[string]any{
		"customer": org.Customer, "title": "A new roof", "plan": plan,
		"lines": []map[string]any{{"description": "Roof", "quantity": "1", "unit_price": total}},
	}, &i)
	staff.Must(200, "POST", "/api/bright/console/invoices/"+i.ID.String()+"/send", "", nil, &i)
	return i
}

// N7: a deposit and equal parts come to the total; the customer pays what is due
// now, and then the rest; staff can change a plan until something was paid.
func TestInvoiceIsPaidInParts(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	today := org.AtNoon()
	ann, staff := org.AsAnn(), org.Staff()
	method, _ := org.SaveCard(ann)
	plan := map[string]any{"deposit_percent": "30", "parts": 3, "first_on": today.AddDays(30), "every": "month"}
	i := planned(t, staff, org, 100001, plan)
	if p := i.Plan; p == nil || len(p.Instalments) != 4 || p.Instalments[0].Amount.Amount != 30000 || p.Instalments[1].Amount.Amount != 23334 || p.Next.Amount != 30000 || p.NextOn != today {
		t.Fatalf("the plan is %+v", i.Plan)
	}
	staff.Must(422, "PUT", "/api/bright/console/invoices/"+i.ID.String(), "", map[string]any{
		"revision": i.Revision, "title": i.Title, "plan": map[string]any{"parts": 37}, "lines": []map[string]any{{"description": "Roof", "quantity": "1", "unit_price": 100001}},
	}, nil)
	plan["parts"] = 2
	staff.Must(200, "PUT", "/api/bright/console/invoices/"+i.ID.String(), "", map[string]any{
		"revision": i.Revision, "title": i.Title, "plan": plan, "lines": []map[string]any{{"description": "Roof", "quantity": "1", "unit_price": 200001}},
	}, &i)
	if p := i.Plan; len(p.Instalments) != 3 || p.Instalments[0].Amount.Amount != 60000 || p.Instalments[1].DueOn != today.AddDays(30) {
		t.Fatalf("changed to %+v", i.Plan)
	}

	var payable struct {
		Groups []api.PayableGroup `json:"groups"`
	}
	ann.Must(200, "GET", "/api/bright/portal/payable", "", nil, &payable)
	if got := payable.Groups[0].Invoices[0]; got.Next.Amount != 60000 || got.Due.Amount != 200001 {
		t.Errorf("payable is %+v of %+v", got.Next, got.Due)
	}
	var p acts.Begun
	pay := acts.Saved(method, i.ID)
	pay["invoices"] = []map[string]any{{"id": i.ID, "amount": 60000}}
	ann.Must(201, "POST", acts.Payments, "", pay, &p)
	acts.ReadPayment(t, s, ann, org, p.ID, portal.PaymentSucceeded)
	ann.Must(200, "GET", "/api/bright/portal/invoices/"+i.ID.String(), "", nil, &i)
	if i.Status != portal.InvoicePartlyPaid || i.Plan.Instalments[0].Left.Amount != 0 || i.Plan.Next.Amount != 70001 || i.Plan.NextOn != today.AddDays(30) || i.DueDate != today.AddDays(30) {
		t.Errorf("after the deposit: %s, %+v, due %s", i.Status, i.Plan, i.DueDate)
	}
	staff.Must(409, "PUT", "/api/bright/console/invoices/"+i.ID.String(), "", map[string]any{
		"revision": i.Revision, "title": i.Title, "lines": []map[string]any{{"description": "Roof", "quantity": "1", "unit_price": 1}},
	}, nil)
}

// N7: of an invoice whose plan is behind, the part that is late is late, and no more.
func TestLateInstalmentIsOverdue(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	today := org.AtNoon()
	ann, staff := org.AsAnn(), org.Staff()
	var i api.Invoice
	staff.Must(201, "POST", "/api/bright/console/invoices", "", map[string]any{
		"customer": org.Customer, "title": "A roof", "issue_date": today.AddDays(-10), "plan": map[string]any{"parts": 4, "first_on": today.AddDays(-10), "every": "week"},
		"lines": []map[string]any{{"description": "Roof", "quantity": "1", "unit_price": 40000}},
	}, &i)
	staff.Must(200, "POST", "/api/bright/console/invoices/"+i.ID.String()+"/send", "", nil, &i)
	if i.Status != portal.InvoiceOverdue || !i.Plan.Instalments[1].Late || i.Plan.Instalments[2].Late || i.Plan.Next.Amount != 20000 {
		t.Errorf("it is %s: %+v", i.Status, i.Plan)
	}
	var home api.Home
	ann.Must(200, "GET", "/api/bright/portal/home", "", nil, &home)
	if o := home.Outstanding[0]; o.Due.Amount != 40000 || o.Overdue.Amount != 20000 || o.OverdueInvoices != 1 {
		t.Errorf("owed are %+v", o)
	}
	// The office sees the same wherever it looks.
	var desk api.Desk
	staff.Must(200, "GET", "/api/bright/console/desk", "", nil, &desk)
	if late := desk.OverdueInvoices; late.Count != 1 || len(late.Amounts) != 1 || late.Amounts[0].Amount != 20000 {
		t.Errorf("waiting are %+v", late)
	}
	var figures api.Figures
	staff.Must(200, "GET", "/api/bright/console/figures", "", nil, &figures)
	owed, invoices := int64(0), 0
	for n, band := range figures.Currencies[0].Receivables {
		owed += band.Amount.Amount
		invoices += band.Invoices
		if n == 0 && band.Amount.Amount != 20000 {
			t.Errorf("not yet due are %+v", band)
		}
	}
	if owed != 40000 || invoices != 1 {
		t.Errorf("by age %d are owed on %d invoices", owed, invoices)
	}
	var customers api.ListCustomersOutput
	staff.Must(200, "GET", "/api/bright/console/customers?status=overdue", "", nil, &customers.Body)
	if len(customers.Body.Customers) != 1 {
		t.Errorf("%d customers are late", len(customers.Body.Customers))
	}
	var found api.SearchOutput
	staff.Must(200, "GET", "/api/bright/console/search?for="+i.Number, "", nil, &found.Body)
	if len(found.Body.Found) != 1 || found.Body.Found[0].Status != string(portal.InvoiceOverdue) {
		t.Errorf("found are %+v", found.Body.Found)
	}
	org.InvoiceDue("INV-LATER", 700, today)
	var list api.ListInvoicesOutput
	staff.Must(200, "GET", "/api/bright/console/invoices?sort=due", "", nil, &list.Body)
	if sorted := list.Body.Invoices; len(sorted) != 2 || sorted[0].ID != i.ID || sorted[0].DueDate != today.AddDays(-10) {
		t.Errorf("by what is due next they are %+v", sorted)
	}
}

// N7: autopay charges each part on its own day.
func TestAutopayChargesInstalments(t *testing.T) {
	s := stack.New(t, stack.Options{Times: soon()})
	org := s.Seed("bright", "USD")
	today := org.AtNoon()
	ann, staff := org.AsAnn(), org.Staff()
	method, _ := org.SaveCard(ann)
	enrol(ann, method, false)
	i := planned(t, staff, org, 100000, map[string]any{"deposit_percent": "30", "parts": 2, "first_on": today.AddDays(30)})
	s.Eventually("the deposit to be charged", func() bool {
		past := autopayOf(ann).Past
		return len(past) == 1 && past[0].Payment != nil && org.ReadPayment(ann, *past[0].Payment).Status == portal.PaymentSucceeded
	})
	now := autopayOf(ann)
	if now.Past[0].Amount.Amount != 30000 || len(now.Charges) != 2 || now.Charges[0].Amount.Amount != 35000 || now.Charges[0].DueOn != today.AddDays(30) || now.Charges[0].Invoice != i.ID || chargeNumbers(now.Charges) != i.Number+" "+i.Number {
		t.Errorf("it charged %+v and plans %+v", now.Past, now.Charges)
	}
}

// N7: accepting an estimate that asks for a deposit makes its invoice in the same
// moment, once: the deposit is due at once, the rest on the customer's terms.
func TestAcceptanceMakesTheDepositsInvoice(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	today := org.AtNoon()
	ann, staff := org.AsAnn(), org.Staff()
	method, _ := org.SaveCard(ann)
	var e api.Estimate
	staff.Must(201, "POST", "/api/bright/console/estimates", "", map[string]any{
		"customer": org.Customer, "title": "A roof", "valid_until": today.AddDays(20), "deposit_percent": "40",
		"lines": []map[string]any{{"description": "Roof", "quantity": "2", "unit_price": 50000}},
	}, &e)
	staff.Must(200, "POST", "/api/bright/console/estimates/"+e.ID.String()+"/send", "", map[string]any{"version": 1}, nil)
	key := uuid.NewString()
	for range 2 {
		ann.Must(200, "POST", "/api/bright/portal/estimates/"+e.ID.String()+"/decision", key, map[string]any{"decision": "accepted", "version": 1}, &e)
	}
	if e.Invoice == nil || e.Deposit == nil || e.Deposit.Amount != 40000 {
		t.Fatalf("accepted: %+v", e)
	}
	var i api.Invoice
	ann.Must(200, "GET", "/api/bright/portal/invoices/"+e.Invoice.ID.String(), "", nil, &i)
	if i.Total.Amount != 100000 || len(i.Lines) != 1 || i.Estimate == nil || i.Plan == nil || i.Plan.Next.Amount != 40000 || i.Plan.NextOn != today || i.Plan.Instalments[1].Amount.Amount != 60000 {
		t.Fatalf("its invoice is %+v, paid in parts as %+v", i, i.Plan)
	}
	if mail, err := s.Inbox.WaitFor(t.Context(), "ann@lovelace.test", "Invoice "+i.Number); err != nil {
		t.Errorf("%v: %s", err, mail.Text)
	}
	// All of it is invoiced: staff can't do so again by mistake.
	staff.Must(422, "POST", "/api/bright/console/invoices", "", map[string]any{
		"customer": org.Customer, "estimate": e.ID, "title": "A roof", "issue_date": today, "due_date": today.AddDays(30),
		"lines": []map[string]any{{"description": "Roof", "quantity": "2", "unit_price": 50000}},
	}, nil)
	var p acts.Begun
	pay := acts.Saved(method, i.ID)
	pay["invoices"] = []map[string]any{{"id": i.ID, "amount": i.Plan.Next.Amount}}
	ann.Must(201, "POST", acts.Payments, "", pay, &p)
	acts.ReadPayment(t, s, ann, org, p.ID, portal.PaymentSucceeded)
	var listed struct {
		Invoices []api.InvoiceSummary `json:"invoices"`
	}
	staff.Must(200, "GET", "/api/bright/console/invoices", "", nil, &listed)
	if len(listed.Invoices) != 2 { // the other one saved the card
		t.Errorf("there are %d invoices", len(listed.Invoices))
	}
}
