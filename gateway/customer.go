package gateway

// CustomerParams is what the processor is told of a customer.
type CustomerParams struct {
	// ID is our customer's ID. It makes the idempotency key and is kept in
	// the customer's metadata.
	ID    string
	Name  string
	Email string
}
