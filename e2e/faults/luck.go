package faults

import (
	"math/rand/v2"
	"sync"
)

// luck decides what goes wrong on skipped time, for as long as anything may. What
// it decides comes from the seed; who asks first is up to the machine, as it is in
// life.
type luck struct {
	counts *counts

	mu     sync.Mutex
	rng    *rand.Rand
	mended bool
}

// out is bad luck in one of n cases, and counts what came of it.
func (l *luck) out(n int, what string) bool {
	if l.draw(n) != 0 {
		return false
	}
	l.counts.add(what)
	return true
}

// draw gives a number below n, and -1 once everything is mended.
func (l *luck) draw(n int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.mended {
		return -1
	}
	return l.rng.IntN(n)
}

// mend ends all bad luck.
func (l *luck) mend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mended = true
}
