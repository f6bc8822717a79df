package console_test

import (
	"net/http"
	"testing"

	"github.com/gin-gonic/gin"

	"countersign/api"
	"countersign/devstack/stack"
	"countersign/devstack/visitor"
	"countersign/e2e/browser"
	"countersign/web"
	"countersign/web/console"
)

func TestMain(m *testing.M) { stack.Main(browser.Around(m)) }

// start runs the product with the pages of the console.
func start(t *testing.T) (*stack.Stack, stack.Org) {
	t.Helper()
	s := stack.New(t, stack.Options{Router: func(router *gin.Engine, a *api.API) {
		router.Use(web.Guard(a.SiteURL))
		a.TemporalUI = "http://temporal.test/namespaces/countersign"
		console.Mount(web.Mount(router, a, web.Options{}))
	}})
	org := s.Seed("bright", "USD")
	return s, org
}

// atWork is Grace, the administrator, signed in.
func atWork(t *testing.T, s *stack.Stack) *visitor.Visitor {
	t.Helper()
	v := visitor.New(t, s.URL)
	home := v.Get("/console/bright/sign-in").Submit("Sign in", "email", "grace@bright.test", "password", stack.Password)
	if home.Status != http.StatusOK || home.URL.Path != "/console/bright" {
		t.Fatalf("signing in led to %d %s: %s", home.Status, home.URL, home.Words())
	}
	return v
}
