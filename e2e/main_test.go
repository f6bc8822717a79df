// Package e2e holds the journeys through the whole product by its API. Those in a
// browser are in screens, those in which processes are killed in kills.
package e2e

import (
	"testing"

	"countersign/devstack/stack"
)

func TestMain(m *testing.M) { stack.Main(m) }
