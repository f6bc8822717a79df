package faults

import (
	"net/http"
	"time"

	"countersign/devstack/stripesim"
)

// place is where people work: on real time against processes, or on skipped time
// inside the test.
type place interface {
	// Do sends a request to the product.
	Do(r *http.Request) (*http.Response, error)
	// Sleep waits.
	Sleep(d time.Duration)
	// Together does things at the same time and waits for all of them.
	Together(things ...func())
	// Processor is where the customer's side of paying is done.
	Processor() *stripesim.Admin
	// Over reports that people go home.
	Over() bool
	// Note counts something that was done or that went wrong.
	Note(what string)
}
