package stripe

import (
	"net/http/httptest"
	"testing"
	"time"

	"countersign/devstack/stripesim"
	"countersign/gateway"
)

// bundle is a client on a simulator of its own.
type bundle struct {
	*Client
	sim   *stripesim.Sim
	admin *stripesim.Admin
	url   string
}

// setup starts a simulator; change may alter how it is configured.
func setup(t *testing.T, change ...func(*stripesim.Options)) *bundle {
	t.Helper()
	var opts stripesim.Options
	for _, c := range change {
		c(&opts)
	}
	sim, err := stripesim.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(sim)
	t.Cleanup(func() {
		srv.CloseClientConnections()
		srv.Close()
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
	})
	c, err := New(Config{Key: "sk_test_1", URL: srv.URL, Timeout: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return &bundle{Client: c, sim: sim, admin: &stripesim.Admin{URL: srv.URL}, url: srv.URL}
}

// customer makes a customer with a saved method.
func (b *bundle) customer(t *testing.T, token string) (customerID, methodID string) {
	t.Helper()
	customerID, err := b.EnsureCustomer(t.Context(), "", gateway.CustomerParams{ID: "c-" + token, Name: "Ada Byron", Email: "ada@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	if token == "" {
		return customerID, ""
	}
	methodID, err = b.admin.SaveMethod(t.Context(), "", customerID, token)
	if err != nil {
		t.Fatal(err)
	}
	return customerID, methodID
}

// prepared makes a customer with a saved method, and an intent of 12.50 USD on it.
func (b *bundle) prepared(t *testing.T, token string) gateway.Intent {
	t.Helper()
	customerID, methodID := b.customer(t, token)
	pi, err := b.CreateIntent(t.Context(), "", gateway.IntentParams{
		PaymentID:   "pay-1",
		Amount:      1250,
		Currency:    "USD",
		CustomerID:  customerID,
		MethodID:    methodID,
		Kinds:       []gateway.MethodKind{gateway.Card, gateway.BankAccount},
		Description: "Invoice 1001",
	})
	if err != nil {
		t.Fatal(err)
	}
	return pi
}

// charges lists what the simulator charged.
func (b *bundle) charges(t *testing.T) []stripesim.Charge {
	t.Helper()
	cs, err := b.admin.Charges(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return cs
}
