package acts

import (
	"testing"

	"github.com/google/uuid"

	"github.com/jackc/pgx/v5"

	"countersign/devstack/stack"
)

// Said is a comment to post, by staff or by a contact.
func Said(text string, visible ...bool) map[string]any {
	body := map[string]any{"text": text}
	if len(visible) == 1 {
		body["display_in_portal"] = visible[0]
	}
	return body
}

// Batches are the notification flows of an organization, by kind.
func Batches(t *testing.T, s *stack.Stack, kind string) []uuid.UUID {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	rows, err := conn.Query(t.Context(), `SELECT id FROM notification_batches WHERE kind = $1 ORDER BY created_at`, kind)
	if err != nil {
		t.Fatal(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		t.Fatal(err)
	}
	return ids
}
