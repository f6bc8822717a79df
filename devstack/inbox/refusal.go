// Refusals in the shape of Resend's errors, https://resend.com/docs/api-reference/errors.

package inbox

import (
	"encoding/json"
	"fmt"
	"net/http"
)

type refusal struct {
	Status  int    `json:"statusCode"`
	Name    string `json:"name"`
	Message string `json:"message"`
}

func (r refusal) Error() string { return fmt.Sprintf("%d %s: %s", r.Status, r.Name, r.Message) }

func missing(field string) refusal {
	return refusal{http.StatusUnprocessableEntity, "missing_required_field", "Missing `" + field + "` field."}
}

func invalid(format string, args ...any) refusal {
	return refusal{http.StatusUnprocessableEntity, "validation_error", fmt.Sprintf(format, args...)}
}

func refuse(w http.ResponseWriter, r refusal) { answer(w, r.Status, r) }

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	// The client may be gone; then there is nobody to tell.
	_ = json.NewEncoder(w).Encode(body)
}
