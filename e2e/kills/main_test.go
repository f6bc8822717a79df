package kills

import (
	"testing"

	"countersign/devstack/stack"
)

func TestMain(m *testing.M) { stack.Main(m) }
