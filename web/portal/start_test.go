package portal_test

import (
	"net/http"
	"testing"

	"github.com/gin-gonic/gin"

	"countersign/api"
	"countersign/devstack/stack"
	"countersign/devstack/visitor"
	"countersign/web"
	customers "countersign/web/portal"
)

func TestMain(m *testing.M) { stack.Main(m) }

// start runs the product with the portal's pages.
func start(t *testing.T) (*stack.Stack, stack.Org) {
	t.Helper()
	s := stack.New(t, stack.Options{Router: func(router *gin.Engine, a *api.API) {
		router.Use(web.Guard(a.SiteURL))
		customers.Mount(web.Mount(router, a, web.Options{}))
	}})
	return s, s.Seed("bright", "USD")
}

// signedIn is a visitor who has signed in as one of the contacts.
func signedIn(t *testing.T, s *stack.Stack, email string) *visitor.Visitor {
	t.Helper()
	v := visitor.New(t, s.URL)
	home := v.Get("/bright/sign-in").Submit("Sign in", "email", email, "password", stack.Password)
	if home.Status != http.StatusOK || home.URL.Path != "/bright" {
		t.Fatalf("signing in led to %d %s: %s", home.Status, home.URL, home.Words())
	}
	return v
}
