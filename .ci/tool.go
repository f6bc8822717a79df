// Command tool builds programs that tools/go.mod pins, two at a time, and
// links each into a folder under its own name.
//
//	go run .ci/tool.go -in <folder> sqlc templ
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"countersign/devstack/tools"
)

func main() {
	in := flag.String("in", "", "folder for links to the built programs")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	group, ctx := errgroup.WithContext(ctx)
	// The longest build, sqlc's parser of Postgres's SQL, is one C file on one core.
	group.SetLimit(2)
	for _, name := range flag.Args() {
		group.Go(func() error {
			program, err := tools.Build(ctx, name, os.Stderr)
			if err != nil {
				return err
			}
			link := filepath.Join(*in, name)
			_ = os.Remove(link)
			return os.Symlink(program, link)
		})
	}
	if err := group.Wait(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
