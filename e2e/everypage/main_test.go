package everypage

import (
	"testing"

	"countersign/devstack/stack"
	"countersign/e2e/browser"
)

func TestMain(m *testing.M) { stack.Main(browser.Around(m)) }
