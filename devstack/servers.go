package devstack

import (
	"context"
	"io"

	"countersign/devstack/postgres"
	"countersign/devstack/temporal"
)

// Postgres is the database as a component.
type Postgres struct {
	options postgres.Options
	server  *postgres.Server
}

// NewPostgres makes the component. Its progress is told on Up's output.
func NewPostgres(o postgres.Options) *Postgres { return &Postgres{options: o} }

// URL is the address of the database, once it has started.
func (p *Postgres) URL() string { return p.server.URL() }

// Name implements Component.
func (*Postgres) Name() string { return "Postgres" }

// Start implements Component.
func (p *Postgres) Start(ctx context.Context, progress io.Writer) (Info, error) {
	o := p.options
	o.Log = progress
	server, err := postgres.Start(ctx, o)
	if err != nil {
		return Info{}, err
	}
	p.server = server
	return Info{Says: server.Address(), Ended: whenEnded(server)}, nil
}

// Stop implements Component.
func (p *Postgres) Stop(ctx context.Context) error { return p.server.Stop(ctx) }

// Recover implements Recoverer.
func (p *Postgres) Recover(ctx context.Context) error {
	return postgres.EndStale(ctx, p.options.Dir)
}

// Reset implements Resetter: as root, the data may be outside the state folder.
func (p *Postgres) Reset(ctx context.Context) error { return postgres.Remove(ctx, p.options.Dir) }

// Temporal is Temporal's dev server as a component.
type Temporal struct {
	options temporal.Options
	server  *temporal.Server
}

// NewTemporal makes the component. Its progress is told on Up's output.
func NewTemporal(o temporal.Options) *Temporal { return &Temporal{options: o} }

// Address of the gRPC API, host:port, once it has started.
func (t *Temporal) Address() string { return t.server.Address() }

// UI is the address of the web interface, once it has started.
func (t *Temporal) UI() string { return t.server.UI() }

// Namespace is where the flows are, once it has started.
func (t *Temporal) Namespace() string { return t.server.Namespace() }

// Name implements Component.
func (*Temporal) Name() string { return "Temporal" }

// Start implements Component.
func (t *Temporal) Start(ctx context.Context, progress io.Writer) (Info, error) {
	o := t.options
	o.Log = progress
	server, err := temporal.Start(ctx, o)
	if err != nil {
		return Info{}, err
	}
	t.server = server
	says := server.Address()
	if ui := server.UI(); ui != "" {
		says += ", UI at " + ui
	}
	return Info{Says: says, Ended: whenEnded(server)}, nil
}

// Stop implements Component.
func (t *Temporal) Stop(ctx context.Context) error { return t.server.Stop(ctx) }

// Recover implements Recoverer.
func (t *Temporal) Recover(ctx context.Context) error {
	return temporal.EndStale(ctx, t.options.Dir)
}

// whenEnded delivers why a server ended, unless it was asked to.
func whenEnded(server interface {
	Done() <-chan struct{}
	Err() error
}) <-chan error {
	ended := make(chan error, 1)
	go func() {
		<-server.Done()
		if err := server.Err(); err != nil {
			ended <- err
		}
	}()
	return ended
}
