package acts

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/uuid"

	"github.com/jackc/pgx/v5"

	"countersign/api"
	"countersign/devstack/stack"
	"countersign/portal"
)

// Projects is where staff keep projects.
const Projects = Console + "/projects"

// WorkedFor is a project with n entries of half an hour.
func WorkedFor(t *testing.T, s *stack.Stack, org stack.Org, staff *stack.Client, n int) (project api.Project, entries []uuid.UUID) {
	t.Helper()
	staff.Must(201, "POST", Projects, "", map[string]any{"customer": org.Customer, "name": "Website", "rate": 90_00}, &project)
	at := Projects + "/" + project.ID.String()
	staff.Must(201, "POST", at+"/tasks", "", map[string]any{"name": "Design", "billable": true}, &project)
	owner, err := pgx.Connect(t.Context(), s.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = owner.Close(context.Background()) }()
	for i := range n {
		entries = append(entries, s.Steps.NewID())
		_, err := owner.Exec(t.Context(), `INSERT INTO time_entries (org_id, id, project_id, task_id, customer_id, staff_id, staff_name, day, hours, description, billable, rate)
			VALUES ($1, $2, $3, $4, $5, $6, 'Grace Bright', $7, 0.5, $8, true, 9000)`,
			org.ID, entries[i], project.ID, project.Tasks[0].ID, org.Customer, org.Admin, portal.NewDate(2026, 3, 1+i%28), fmt.Sprintf("Piece %d", i+1))
		if err != nil {
			t.Fatal(err)
		}
	}
	return project, entries
}

// Submit asks the customer to approve entries.
func Submit(staff *stack.Client, project uuid.UUID, entries []uuid.UUID) (sheet api.Timesheet) {
	staff.Must(201, "POST", Projects+"/"+project.String()+"/timesheets", "", map[string]any{"entries": entries, "message": "As agreed."}, &sheet)
	return sheet
}
