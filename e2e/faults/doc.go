// Package faults proves that no payment is ever doubled, lost or left in doubt,
// however the product is broken while people pay.
//
// A run is made from a seed: people who pay, staff who edit, void, retry and
// cancel, and what goes wrong under their hands. Afterwards everything is mended,
// what still waits is brought to its end, and ten invariants are held against both
// sides: what the processor, the mail provider and Temporal have, and what we have
// ([Invariants]). Two of them are held at every moment of a run too.
//
// There are two kinds of run.
//
// The real one ([World]) has the product's own processes, two API and two workers,
// on a Postgres and a Temporal of their own. It kills them with kill -9, stops them
// past their time-outs, restarts Postgres and Temporal, loses, holds and refuses
// calls to the processor, and drops, doubles, delays, reorders and forges webhooks.
// It takes some ten seconds a seed.
//
// The fast one ([Mill]) runs the API and the steps in the test, against a real
// Postgres; the flows run in the SDK's test environment ([clockwork]), which skips
// time. Days pass in milliseconds: keys that the processor has forgotten, pages
// that have closed, workers that were frozen in the middle of a step and go on with
// it a day after somebody else has finished it. It takes a tenth of a second a seed.
//
// A seed makes the same people and the same luck again. The order in which the
// machine lets them act is its own, so a seed that found something is worth being
// run more than once.
//
//	go test ./e2e/faults -run Real -faults.seed=7
//	go test ./e2e/faults -run Real -faults.runs=100 -timeout 2h -faults.log=real.jsonl
//	go test ./e2e/faults -run Fast -faults.seeds=10000 -timeout 2h
//
// That the harness notices is proved as well: [TestEachProtectionIsNeeded] builds
// the product with one protection removed at a time.
//
//	go test ./e2e/faults -run Needed -faults.mutate=2000 -timeout 4h
package faults
