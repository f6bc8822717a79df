package faults

import (
	"maps"
	"sync"
)

// counts says how often something was done and what went wrong, by kind.
type counts struct {
	mu sync.Mutex
	of map[string]int
}

func (c *counts) add(what string) { c.plus(what, 1) }

func (c *counts) plus(what string, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of == nil {
		c.of = map[string]int{}
	}
	c.of[what] += n
}

func (c *counts) all() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.of)
}

func together(things []func()) {
	var all sync.WaitGroup
	for _, thing := range things {
		all.Go(thing)
	}
	all.Wait()
}
