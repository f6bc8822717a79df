package e2e

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"countersign/api"
	"countersign/devstack/stack"
	"countersign/portal"
)

// A database that hangs is told as such, in time, and holds nobody up for ever.
func TestADatabaseThatHangsIsTold(t *testing.T) {
	s := stack.New(t, stack.Options{Times: api.Times{Answer: 100 * time.Millisecond, Patience: 500 * time.Millisecond}})
	org := s.Seed("bright", "USD")
	ann := org.AsAnn()
	owner, err := pgx.Connect(t.Context(), s.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = owner.Close(t.Context()) }()
	if _, err := owner.Exec(t.Context(), "BEGIN; LOCK TABLE invoices IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	answer, err := ann.Do("GET", "/api/bright/portal/invoices", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	var problem struct {
		Code portal.Code `json:"code"`
	}
	if err := json.Unmarshal(answer.Body, &problem); err != nil {
		t.Fatal(err)
	}
	if answer.Status != http.StatusServiceUnavailable || problem.Code != portal.CodeNotConfirmed || answer.Header.Get("Retry-After") == "" {
		t.Errorf("answered %d %s", answer.Status, answer.Body)
	}
	if _, err := owner.Exec(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	ann.Must(http.StatusOK, "GET", "/api/bright/portal/invoices", "", nil, nil)
}
