package main

import (
	"context"
	"fmt"

	"countersign/db"
)

type migrateCommand struct {
	databaseFlags
}

// Run migrates and says so.
func (c *migrateCommand) Run(ctx context.Context) error {
	if err := db.Migrate(ctx, c.DatabaseURL); err != nil {
		return err
	}
	fmt.Println("The database is at this version's schema.")
	return nil
}
