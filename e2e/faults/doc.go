// Package faults proves that no payment is ever doubled, lost or left in doubt,
// however the product is broken while people pay.
//
// A run is made from a seed: people who pay, staff who edit, void, retry and
// cancel, and a schedule of faults under their hands. Afterwards everything is
// mended, what still waits is brought to its end, and ten invariants are held
// against both sides: what the processor has, and what we have.
//
// There are two kinds of run. The real one kills, stops and restarts the real
// processes, Postgres and Temporal. The fast one runs the flows in the SDK's test
// environment, which skips time, against a real Postgres: thousands of seeds, and
// days that pass in milliseconds.
//
//	go test ./e2e/faults -run Real -faults.seed=7
//	go test ./e2e/faults -run Fast -faults.seeds=10000
package faults
