package devstack

import (
	"context"
	"io"
)

// Component is one part of the stack.
type Component interface {
	// Name is what the progress lines call it.
	Name() string
	// Start returns when the component serves. What takes long tells about
	// itself on progress. ctx is for the start alone; the component goes on
	// after ctx ends, until Stop.
	Start(ctx context.Context, progress io.Writer) (Info, error)
	// Stop ends what Start began, by force when ctx ends. It is called once,
	// after Start succeeded, also on a component that has ended by itself.
	Stop(ctx context.Context) error
}

// Info is what a started component says of itself.
type Info struct {
	// Says stands behind the name on the progress line, as an address.
	Says string
	// Ended, if not nil, delivers the reason when the component ends though
	// nobody asked it to.
	Ended <-chan error
}

// Recoverer is a component that can outlive an Up which was killed. Recover
// ends what was left; it is called before Start, and before ports are checked.
type Recoverer interface {
	Recover(ctx context.Context) error
}

// Resetter is a component that keeps state outside the state folder. Reset
// deletes it.
type Resetter interface {
	Reset(ctx context.Context) error
}

// Step is a component that only has something to do at the start, as
// migrating the database. do returns what the progress line says.
func Step(name string, do func(ctx context.Context, progress io.Writer) (says string, err error)) Component {
	return step{name, do}
}

type step struct {
	name string
	do   func(ctx context.Context, progress io.Writer) (string, error)
}

func (s step) Name() string { return s.name }

func (s step) Start(ctx context.Context, progress io.Writer) (Info, error) {
	says, err := s.do(ctx, progress)
	return Info{Says: says}, err
}

func (s step) Stop(context.Context) error { return nil }
