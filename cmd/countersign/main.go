// Command countersign is the whole product in one program: the API with its
// pages, the worker, and what operators need. `countersign up` runs everything
// locally with demo data.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

type commands struct {
	Up       upCommand       `cmd:"" help:"Run everything locally, with demo data: the way to try Countersign."`
	API      apiCommand      `cmd:"" name:"api" help:"Serve the API and the pages."`
	Worker   workerCommand   `cmd:"" help:"Run the flows and their steps."`
	Codec    codecCommand    `cmd:"" help:"Let Temporal's UI read what flows carry, for operators."`
	Migrate  migrateCommand  `cmd:"" help:"Bring the database's schema to this version."`
	Payments paymentsCommand `cmd:"" help:"For operators: list failed payments, retry them or give them up."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c commands
	parsed := kong.Parse(&c,
		kong.Name("countersign"),
		kong.Description("A customer portal where approvals and payments finish."),
		kong.ShortUsageOnError(),
		kong.BindTo(ctx, (*context.Context)(nil)),
	)
	parsed.FatalIfErrorf(parsed.Run())
}
