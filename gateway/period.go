package gateway

import "time"

// Period is a stretch of time: at or after From, and before To. The processor
// counts in whole seconds.
type Period struct {
	From time.Time
	To   time.Time
}

// Page is one page of a list.
type Page[T any] struct {
	// Items are newest first.
	Items []T
	// Next asks for the following page; empty at the end.
	Next string
}
