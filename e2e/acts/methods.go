package acts

import (
	"context"
	"maps"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/jackc/pgx/v5"

	"countersign/api"
	"countersign/db/dbsqlc"
	"countersign/devstack/stack"
	"countersign/devstack/stripesim"
	"countersign/portal"
)

// Methods is where customers keep ways to pay.
const Methods = Portal + "/payment-methods"

// ACard is a request to save a card.
func ACard() map[string]any { return map[string]any{"kind": "card"} }

// ReadSetup waits until the saving of a method came to a status.
func ReadSetup(t *testing.T, s *stack.Stack, c *stack.Client, id uuid.UUID, status portal.MethodSetupStatus) api.MethodSetup {
	t.Helper()
	var read api.MethodSetup
	s.Eventually("the setup to be "+string(status), func() bool {
		read = api.MethodSetup{}
		c.Must(200, "GET", "/api/bright/portal/method-setups/"+id.String(), "", nil, &read)
		return read.Status == status
	})
	return read
}

// FillIn fills the processor's page of a setup in.
func FillIn(t *testing.T, s *stack.Stack, setup api.MethodSetup, p stripesim.PayParams) stripesim.PaySummary {
	t.Helper()
	_, session, _ := strings.Cut(setup.ActionURL, "/c/pay/")
	summary, err := s.Sim.Pay(t.Context(), session, p)
	if err != nil {
		t.Fatal(err)
	}
	return summary
}

// SetUp begins to save a method, and gives the page that it is entered on.
func SetUp(t *testing.T, s *stack.Stack, c *stack.Client, body map[string]any) api.MethodSetup {
	t.Helper()
	var begun api.MethodSetup
	c.Must(201, "POST", Methods, "", body, &begun)
	return ReadSetup(t, s, c, begun.ID, portal.MethodSetupOpen)
}

// SavedOn saves a card or an account on the processor's page.
func SavedOn(t *testing.T, s *stack.Stack, c *stack.Client, body map[string]any, p stripesim.PayParams) api.PaymentMethod {
	t.Helper()
	open := SetUp(t, s, c, body)
	FillIn(t, s, open, p)
	return *ReadSetup(t, s, c, open.ID, portal.MethodSetupSaved).Method
}

// EditOf is a change of a method that keeps all but what is given.
func EditOf(m api.PaymentMethod, changes map[string]any) map[string]any {
	body := map[string]any{"version": m.Version, "exp_month": m.ExpMonth, "exp_year": m.ExpYear, "name": m.Name, "email": m.Email, "phone": m.Phone, "address": m.Address}
	maps.Copy(body, changes)
	return body
}

// ProcessorID is the processor's ID of a saved method, removed or not.
func ProcessorID(s *stack.Stack, org stack.Org, method uuid.UUID) (id string, detached bool) {
	s.In(org.ID, func(q *dbsqlc.Queries) error {
		row, err := q.GetPaymentMethod(context.Background(), dbsqlc.GetPaymentMethodParams{OrgID: org.ID, ID: method})
		id, detached = row.ProcessorMethod, row.DetachedAt != nil
		return err
	})
	return id, detached
}

// Attached counts the methods that the processor holds for the customer.
func Attached(t *testing.T, s *stack.Stack, org stack.Org) int {
	t.Helper()
	var customer string
	s.In(org.ID, func(q *dbsqlc.Queries) error {
		row, err := q.GetCustomer(context.Background(), dbsqlc.GetCustomerParams{OrgID: org.ID, ID: org.Customer})
		customer = row.ProcessorCustomer
		return err
	})
	held, err := s.Steps.Gateway.ListMethods(t.Context(), "", customer)
	if err != nil {
		t.Fatal(err)
	}
	return len(held)
}

// AllowBankDebit is staff's switch: the customer may pay from a bank account.
func AllowBankDebit(t *testing.T, s *stack.Stack, org stack.Org) {
	t.Helper()
	owner, err := pgx.Connect(t.Context(), s.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = owner.Close(t.Context()) }()
	if _, err := owner.Exec(t.Context(), `UPDATE customers SET bank_debit_allowed = true WHERE org_id = $1 AND id = $2`, org.ID, org.Customer); err != nil {
		t.Fatal(err)
	}
}
