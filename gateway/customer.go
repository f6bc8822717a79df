package gateway

// CustomerParams is what the processor is told of a customer.
type CustomerParams struct {
	// ID is our customer's ID. It is kept in the customer's metadata.
	ID    string
	Name  string
	Email string
	// Again is raised where the key was [Spoiled]: a customer that nobody pays
	// as does no harm.
	Again int
}
