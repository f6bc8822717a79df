package api

import (
	"context"

	"github.com/google/uuid"

	"countersign/portal"
)

// mine refuses a contact what belongs to another customer, as if it were not
// there. Row-level security would have hidden it: this is the first wall.
func mine(ctx context.Context, customer uuid.UUID, what string) error {
	if p := principal(ctx); p.Side == portal.SideContact && customer != p.Customer {
		return portal.NotFound(what)
	}
	return nil
}
