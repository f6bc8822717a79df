package gateway

import "time"

// MethodKind is a way to pay that the processor handles.
type MethodKind string

// The kinds of method.
const (
	Card        MethodKind = "card"
	BankAccount MethodKind = "us_bank_account"
)

// Method is a card or a bank account, as far as we may know it: never its
// number.
type Method struct {
	ID string
	// CustomerID is empty once the method is detached.
	CustomerID string
	Kind       MethodKind
	// Brand is the card's scheme, such as visa, or the bank's name.
	Brand string
	Last4 string
	// ExpMonth (1 to 12) and ExpYear are zero for a bank account.
	ExpMonth int
	ExpYear  int
	// Fingerprint is the same for the same card or account in one account
	// of the processor, so that one saved twice can be told.
	Fingerprint string
	Billing     Billing
	Created     time.Time
}

// Billing is who a method belongs to.
type Billing struct {
	Name  string
	Email string
	Phone string
	Address
}

// Address is a postal address; Country is ISO 3166-1 alpha-2.
type Address struct {
	Line1      string
	Line2      string
	City       string
	State      string
	PostalCode string
	Country    string
}

// MethodParams changes a saved method.
type MethodParams struct {
	// ExpMonth and ExpYear are changed if both are set; cards only.
	ExpMonth int
	ExpYear  int
	// Billing is replaced as a whole if it is not nil.
	Billing *Billing
}
