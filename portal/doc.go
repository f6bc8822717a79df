// Package portal holds the business rules of the customer portal: money and
// its rounding, totals, allocation of payments, what an invoice owes, the
// state machines, who may do what, and the errors that people read.
//
// Everything here is a pure function of its arguments. There is no input or
// output, no clock and no randomness: the caller passes in the time, the zone
// and the locale. Database, mail, PDF, processor, flows and pages build on this
// package, and it builds on none of them.
package portal
