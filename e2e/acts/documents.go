package acts

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"countersign/api"
	"countersign/devstack/stack"
	"countersign/portal"
)

// SendEstimate writes an estimate of 360.00 and sends it to the customer.
func SendEstimate(t *testing.T, s *stack.Stack, org stack.Org, staff *stack.Client) api.Estimate {
	t.Helper()
	var estimate api.Estimate
	staff.Must(201, "POST", "/api/"+org.Slug+"/console/estimates", "", map[string]any{
		"customer": org.Customer, "title": "New website", "valid_until": portal.DateOf(time.Now(), time.UTC).AddDays(10),
		"lines": []map[string]any{{"description": "Design", "quantity": "2.5", "unit_price": 12000, "tax_percent": "20"}},
	}, &estimate)
	staff.Insist(200, "POST", "/api/"+org.Slug+"/console/estimates/"+estimate.ID.String()+"/send", uuid.NewString(), nil, &estimate)
	return estimate
}

// Forwards is where customers forward documents.
const Forwards = Portal + "/forwards"

// ToForward is a request to forward a document with a message.
func ToForward(document string, id uuid.UUID, to ...string) map[string]any {
	return map[string]any{"document": document, "id": id, "recipients": to, "message": "Please have a look.\n<b>Ann</b>"}
}

// ReadForward waits until an email to a recipient came to a status.
func ReadForward(s *stack.Stack, c *stack.Client, id uuid.UUID, address string, status portal.ForwardedStatus) (f api.Forward) {
	s.Eventually(fmt.Sprintf("the email to %s to be %s", address, status), func() bool {
		c.Must(200, "GET", Forwards+"/"+id.String(), "", nil, &f)
		for _, r := range f.Recipients {
			if r.Email == address && r.Status == status {
				return true
			}
		}
		return false
	})
	return f
}
