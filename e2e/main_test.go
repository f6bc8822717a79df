// Package e2e holds the journeys through the whole product.
package e2e

import (
	"testing"

	"countersign/devstack/stack"
)

func TestMain(m *testing.M) { stack.Main(m) }
