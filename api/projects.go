package api

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/portal"
)

type projectOperations struct {
	ListMyProjects *Operation[ListMyProjectsInput, ListProjectsOutput]
	GetMyProject   *Operation[ProjectInput, ProjectOutput]

	ListProjects  *Operation[ListProjectsInput, ListProjectsOutput]
	GetProject    *Operation[ProjectInput, ProjectOutput]
	CreateProject *Operation[CreateProjectInput, ProjectOutput]
	EditProject   *Operation[EditProjectInput, ProjectOutput]
	CreateTask    *Operation[CreateTaskInput, ProjectOutput]
	EditTask      *Operation[EditTaskInput, ProjectOutput]
	DeleteTask    *Operation[TaskInput, ProjectOutput]
}

// ListMyProjectsInput asks for a page of a contact's projects, newest first, R41.
type ListMyProjectsInput struct {
	Page
	Org    string `path:"org" maxLength:"40"`
	Status string `query:"status" enum:",active,closed"`
	Search string `query:"search" maxLength:"100" doc:"Part of a name."`
}

// ListProjectsInput asks for a page of projects, newest first.
type ListProjectsInput struct {
	Page
	Org      string    `path:"org" maxLength:"40"`
	Status   string    `query:"status" enum:",active,closed"`
	Search   string    `query:"search" maxLength:"100" doc:"Part of a project's or a customer's name."`
	Customer uuid.UUID `query:"customer" doc:"Of one customer."`
}

// ListProjectsOutput is a page of projects.
type ListProjectsOutput struct {
	Body struct {
		Projects []ProjectSummary `json:"projects"`
		Next     string           `json:"next,omitempty"`
	}
}

// ProjectSummary is a project in a list.
type ProjectSummary struct {
	ID           uuid.UUID   `json:"id"`
	Name         string      `json:"name"`
	Customer     uuid.UUID   `json:"customer"`
	CustomerName string      `json:"customer_name"`
	Status       string      `json:"status" enum:"active,closed"`
	Hours        HoursSoFar  `json:"hours"`
	CreatedAt    time.Time   `json:"created_at"`
	Staff        *StaffTerms `json:"staff,omitempty" doc:"What only staff see."`
}

// StaffTerms are what staff see of a project or a task, and customers don't.
type StaffTerms struct {
	// Rate is what an hour costs; a task without one has the project's.
	Rate    *portal.Money `json:"rate,omitempty"`
	Version int           `json:"version" doc:"Named by an edit: an older one refuses it."`
}

// HoursSoFar are the hours of a task or a project, as decimals, R42. A contact
// sees billable hours alone, and what stands on an invoice once it was sent.
type HoursSoFar struct {
	Logged   string `json:"logged" example:"37.5"`
	Billed   string `json:"billed" doc:"On invoices that were sent."`
	Unbilled string `json:"unbilled" doc:"Billable and not billed yet."`
	// Billable and Drafted are for staff.
	Billable string `json:"billable,omitempty"`
	Drafted  string `json:"drafted,omitempty" doc:"Of the unbilled hours, those on draft invoices."`
}

func hoursSoFar(p portal.Principal, h portal.Hours) HoursSoFar {
	out := HoursSoFar{Logged: h.Logged.String(), Billed: h.Billed.String(), Unbilled: h.Unbilled().String()}
	if p.Side == portal.SideStaff {
		out.Billable, out.Drafted = h.Billable.String(), h.Drafted.String()
	}
	return out
}

// ProjectInput names a project.
type ProjectInput struct {
	Org     string    `path:"org" maxLength:"40"`
	Project uuid.UUID `path:"project"`
}

// ProjectOutput is a project with its tasks.
type ProjectOutput struct {
	Status int
	Body   Project
}

// Project is a project with its tasks.
type Project struct {
	ProjectSummary
	Description string          `json:"description,omitempty"`
	Currency    portal.Currency `json:"currency"`
	Tasks       []ProjectTask   `json:"tasks"`
}

// ProjectTask is a kind of work within a project.
type ProjectTask struct {
	ID       uuid.UUID   `json:"id"`
	Name     string      `json:"name"`
	Billable bool        `json:"billable"`
	Hours    HoursSoFar  `json:"hours"`
	Staff    *StaffTerms `json:"staff,omitempty" doc:"What only staff see."`
}

// ProjectContent is what staff write of a project.
type ProjectContent struct {
	Name        string `json:"name" minLength:"1" maxLength:"200"`
	Description string `json:"description,omitempty" maxLength:"5000"`
	Rate        int64  `json:"rate,omitempty" minimum:"0" maximum:"99999999999" doc:"What an hour costs, in minor units of the project's currency."`
}

// CreateProjectInput makes a project of a customer.
type CreateProjectInput struct {
	Key
	Org  string `path:"org" maxLength:"40"`
	Body struct {
		Customer uuid.UUID `json:"customer"`
		Currency string    `json:"currency,omitempty" maxLength:"3" doc:"The customer's, if none is given."`
		ProjectContent
	}
}

// EditProjectInput changes a project.
type EditProjectInput struct {
	Org     string    `path:"org" maxLength:"40"`
	Project uuid.UUID `path:"project"`
	Body    struct {
		Version int    `json:"version" minimum:"1" doc:"As it was read: an older one refuses the edit."`
		Status  string `json:"status" enum:"active,closed"`
		ProjectContent
	}
}

// TaskContent is what staff write of a task.
type TaskContent struct {
	Name     string `json:"name" minLength:"1" maxLength:"200"`
	Billable bool   `json:"billable" doc:"Whether the customer pays for it, and sees it."`
	Rate     *int64 `json:"rate,omitempty" minimum:"0" maximum:"99999999999" doc:"What an hour costs in minor units; the project's rate, if none is given."`
}

// CreateTaskInput adds a task to a project.
type CreateTaskInput struct {
	Key
	Org     string    `path:"org" maxLength:"40"`
	Project uuid.UUID `path:"project"`
	Body    TaskContent
}

// TaskInput names a task.
type TaskInput struct {
	Org     string    `path:"org" maxLength:"40"`
	Project uuid.UUID `path:"project"`
	Task    uuid.UUID `path:"task"`
}

// EditTaskInput changes a task.
type EditTaskInput struct {
	Org     string    `path:"org" maxLength:"40"`
	Project uuid.UUID `path:"project"`
	Task    uuid.UUID `path:"task"`
	Body    struct {
		Version int `json:"version" minimum:"1" doc:"As it was read: an older one refuses the edit."`
		TaskContent
	}
}

// ofTimesheets are the routes of projects and timesheets for both sides: for
// contacts they are behind the switch, R8.
func ofTimesheets(side portal.Side) func(id, method, path, summary string, action portal.Action) route {
	door := "portal"
	if side == portal.SideStaff {
		door = "console"
	}
	return func(id, method, path, summary string, action portal.Action) route {
		return route{
			id: id, method: method, path: "/api/{org}/" + door + path, summary: summary, side: side, action: action,
			feature: portal.FeatureTimesheets, tag: "Projects and timesheets",
		}
	}
}

func (a *API) declareProjects() {
	contact, staff := ofTimesheets(portal.SideContact), ofTimesheets(portal.SideStaff)
	created := func(r route) route { r.status = http.StatusCreated; return r }
	a.ListMyProjects = declare(a, contact("list-my-projects", http.MethodGet, "/projects", "List the customer's projects", portal.ActionViewDocuments), a.listMyProjects)
	a.GetMyProject = declare(a, contact("get-my-project", http.MethodGet, "/projects/{project}", "Read a project with its billable tasks", portal.ActionViewDocuments), a.getProject)
	a.ListProjects = declare(a, staff("list-projects", http.MethodGet, "/projects", "List projects", portal.ActionManageTimesheets), a.listProjects)
	a.GetProject = declare(a, staff("get-project", http.MethodGet, "/projects/{project}", "Read a project with its tasks", portal.ActionManageTimesheets), a.getProject)
	a.CreateProject = declare(a, created(staff("create-project", http.MethodPost, "/projects", "Make a project", portal.ActionManageTimesheets)), a.createProject)
	a.EditProject = declare(a, staff("edit-project", http.MethodPut, "/projects/{project}", "Change or close a project", portal.ActionManageTimesheets), a.editProject)
	a.CreateTask = declare(a, created(staff("create-task", http.MethodPost, "/projects/{project}/tasks", "Add a task", portal.ActionManageTimesheets)), a.createTask)
	a.EditTask = declare(a, staff("edit-task", http.MethodPut, "/projects/{project}/tasks/{task}", "Change a task", portal.ActionManageTimesheets), a.editTask)
	a.DeleteTask = declare(a, staff("delete-task", http.MethodDelete, "/projects/{project}/tasks/{task}", "Delete a task that no time was logged on", portal.ActionManageTimesheets), a.deleteTask)
}

func (a *API) listMyProjects(ctx context.Context, in *ListMyProjectsInput) (*ListProjectsOutput, error) {
	return a.listProjects(ctx, &ListProjectsInput{Page: in.Page, Status: in.Status, Search: in.Search})
}

func (a *API) listProjects(ctx context.Context, in *ListProjectsInput) (*ListProjectsOutput, error) {
	p := principal(ctx)
	from, err := readCursor(in.After, newest())
	if err != nil {
		return nil, err
	}
	customer := optional(in.Customer)
	if p.Side == portal.SideContact {
		customer = &p.Customer
	}
	out := &ListProjectsOutput{}
	err = a.in(ctx, func(q *dbsqlc.Queries) error {
		rows, err := q.ListProjects(ctx, dbsqlc.ListProjectsParams{
			OrgID: p.Org, CustomerID: customer, Status: in.Status, Search: pattern(in.Search), BeforeAt: from.At, BeforeID: from.ID, PageSize: in.size() + 1,
		})
		if err != nil {
			return err
		}
		rows, out.Body.Next = pageOf(rows, in.size(), func(r dbsqlc.ListProjectsRow) cursor { return cursor{At: r.CreatedAt, ID: r.ID} })
		ids := make([]uuid.UUID, 0, len(rows))
		for _, r := range rows {
			ids = append(ids, r.ID)
		}
		hours, err := hoursOf(ctx, q, ids)
		if err != nil {
			return err
		}
		out.Body.Projects = make([]ProjectSummary, 0, len(rows))
		for _, r := range rows {
			row := dbsqlc.Project{ID: r.ID, CustomerID: r.CustomerID, Name: r.Name, Status: r.Status, Currency: r.Currency, Rate: r.Rate, Version: r.Version, CreatedAt: r.CreatedAt}
			out.Body.Projects = append(out.Body.Projects, summaryOfProject(p, row, r.CustomerName, hours.ofProject(r.ID)))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// taskHours are hours by project and task.
type taskHours map[uuid.UUID]map[uuid.UUID]portal.Hours

func (h taskHours) ofProject(project uuid.UUID) portal.Hours {
	var sum portal.Hours
	for _, task := range h[project] {
		sum = sum.Plus(task)
	}
	return sum
}

// hoursOf adds up the time of projects, as the caller may see it.
func hoursOf(ctx context.Context, q *dbsqlc.Queries, projects []uuid.UUID) (taskHours, error) {
	p := principal(ctx)
	rows, err := q.HoursByTask(ctx, dbsqlc.HoursByTaskParams{OrgID: p.Org, ProjectIds: projects, BillableOnly: p.Side == portal.SideContact})
	if err != nil {
		return nil, err
	}
	hours := make(taskHours, len(projects))
	for _, r := range rows {
		if hours[r.ProjectID] == nil {
			hours[r.ProjectID] = map[uuid.UUID]portal.Hours{}
		}
		hours[r.ProjectID][r.TaskID] = portal.Hours{Logged: r.Logged, Billable: r.Billable, Billed: r.Billed, Drafted: r.Drafted}
	}
	return hours, nil
}

func summaryOfProject(p portal.Principal, row dbsqlc.Project, customerName string, hours portal.Hours) ProjectSummary {
	s := ProjectSummary{
		ID: row.ID, Name: row.Name, Customer: row.CustomerID, CustomerName: customerName, Status: row.Status, Hours: hoursSoFar(p, hours), CreatedAt: row.CreatedAt,
	}
	if p.Side == portal.SideStaff {
		s.Staff = staffTerms(&row.Rate, row.Version, row.Currency)
	}
	return s
}

func staffTerms(rate *int64, version int32, currency portal.Currency) *StaffTerms {
	terms := &StaffTerms{Version: int(version)}
	if rate != nil {
		terms.Rate = new(portal.NewMoney(*rate, currency))
	}
	return terms
}

func (a *API) getProject(ctx context.Context, in *ProjectInput) (*ProjectOutput, error) {
	out := &ProjectOutput{}
	err := a.in(ctx, func(q *dbsqlc.Queries) (err error) {
		out.Body, err = readProject(ctx, q, in.Project)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// projectOf is a project that the caller may know of.
func projectOf(ctx context.Context, q *dbsqlc.Queries, id uuid.UUID) (dbsqlc.Project, error) {
	row, err := q.GetProject(ctx, dbsqlc.GetProjectParams{OrgID: principal(ctx).Org, ID: id})
	if db.NotFound(err) {
		return row, portal.NotFound("project")
	}
	if err != nil {
		return row, err
	}
	return row, mine(ctx, row.CustomerID, "project")
}

func readProject(ctx context.Context, q *dbsqlc.Queries, id uuid.UUID) (Project, error) {
	p := principal(ctx)
	row, err := projectOf(ctx, q, id)
	if err != nil {
		return Project{}, err
	}
	customer, err := q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: p.Org, ID: row.CustomerID})
	if err != nil {
		return Project{}, err
	}
	tasks, err := q.ListTasks(ctx, dbsqlc.ListTasksParams{OrgID: p.Org, ProjectID: id, BillableOnly: p.Side == portal.SideContact})
	if err != nil {
		return Project{}, err
	}
	hours, err := hoursOf(ctx, q, []uuid.UUID{id})
	if err != nil {
		return Project{}, err
	}
	project := Project{
		ProjectSummary: summaryOfProject(p, row, customer.Name, hours.ofProject(id)), Description: row.Description, Currency: row.Currency,
		Tasks: make([]ProjectTask, 0, len(tasks)),
	}
	for _, t := range tasks {
		task := ProjectTask{ID: t.ID, Name: t.Name, Billable: t.Billable, Hours: hoursSoFar(p, hours[id][t.ID])}
		if p.Side == portal.SideStaff {
			task.Staff = staffTerms(t.Rate, t.Version, row.Currency)
		}
		project.Tasks = append(project.Tasks, task)
	}
	return project, nil
}

func (a *API) createProject(ctx context.Context, in *CreateProjectInput) (*ProjectOutput, error) {
	p := principal(ctx)
	out := &ProjectOutput{Status: http.StatusCreated}
	id := portal.BeginID(p.Org, p.Actor, "create-project", in.Key.Key)
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		done, err := a.once(ctx, q, id, in.Body)
		if err != nil {
			return err
		}
		if !done {
			if err := a.insertProject(ctx, q, id, in); err != nil {
				return err
			}
		}
		out.Body, err = readProject(ctx, q, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (a *API) insertProject(ctx context.Context, q *dbsqlc.Queries, id uuid.UUID, in *CreateProjectInput) error {
	p := principal(ctx)
	customer, err := q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: p.Org, ID: in.Body.Customer})
	if db.NotFound(err) {
		return portal.Invalid("Choose a customer.", portal.Field("customer", "Choose a customer."))
	}
	if err != nil {
		return err
	}
	currency := customer.Currency
	if in.Body.Currency != "" {
		if currency, err = readCurrency(in.Body.Currency); err != nil {
			return err
		}
	}
	if err := q.InsertProject(ctx, dbsqlc.InsertProjectParams{
		OrgID: p.Org, ID: id, CustomerID: customer.ID, Name: in.Body.Name, Description: in.Body.Description, Currency: currency, Rate: in.Body.Rate,
		CreatedBy: optional(p.Actor), At: a.now(),
	}); err != nil {
		return err
	}
	return a.record(ctx, q, p, happened{customer: customer.ID, kind: "project.created", subject: "project", id: id, internal: true, data: map[string]any{"project": in.Body.Name}})
}

// changeProject writes within a project, tells of it and answers with the project.
func (a *API) changeProject(ctx context.Context, id uuid.UUID, kind string, data map[string]any, write func(q *dbsqlc.Queries, project dbsqlc.Project) error) (*ProjectOutput, error) {
	out := &ProjectOutput{}
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		project, err := projectOf(ctx, q, id)
		if err != nil {
			return err
		}
		if err := write(q, project); err != nil {
			return err
		}
		if err := a.record(ctx, q, principal(ctx), happened{customer: project.CustomerID, kind: kind, subject: "project", id: id, internal: true, data: data}); err != nil {
			return err
		}
		out.Body, err = readProject(ctx, q, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (a *API) editProject(ctx context.Context, in *EditProjectInput) (*ProjectOutput, error) {
	return a.changeProject(ctx, in.Project, "project.edited", nil, func(q *dbsqlc.Queries, project dbsqlc.Project) error {
		n, err := q.EditProject(ctx, dbsqlc.EditProjectParams{
			OrgID: project.OrgID, ID: project.ID, Version: int32(in.Body.Version), Name: in.Body.Name, Description: in.Body.Description,
			Status: in.Body.Status, Rate: in.Body.Rate, At: a.now(),
		})
		if err == nil && n == 0 {
			err = portal.Stale("project")
		}
		return err
	})
}

func (a *API) createTask(ctx context.Context, in *CreateTaskInput) (*ProjectOutput, error) {
	p := principal(ctx)
	id := portal.BeginID(p.Org, p.Actor, "create-task:"+in.Project.String(), in.Key.Key)
	out := &ProjectOutput{Status: http.StatusCreated}
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		project, err := projectOf(ctx, q, in.Project)
		if err != nil {
			return err
		}
		done, err := a.once(ctx, q, id, in.Body)
		if err != nil {
			return err
		}
		if !done {
			if err := q.InsertTask(ctx, dbsqlc.InsertTaskParams{
				OrgID: p.Org, ID: id, ProjectID: project.ID, CustomerID: project.CustomerID, Name: in.Body.Name, Billable: in.Body.Billable, Rate: in.Body.Rate, At: a.now(),
			}); err != nil {
				return err
			}
			if err := a.record(ctx, q, p, happened{
				customer: project.CustomerID, kind: "task.created", subject: "project", id: project.ID, internal: true, data: map[string]any{"task": in.Body.Name},
			}); err != nil {
				return err
			}
		}
		out.Body, err = readProject(ctx, q, project.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (a *API) editTask(ctx context.Context, in *EditTaskInput) (*ProjectOutput, error) {
	return a.changeProject(ctx, in.Project, "task.edited", map[string]any{"task": in.Body.Name}, func(q *dbsqlc.Queries, project dbsqlc.Project) error {
		task, err := taskOf(ctx, q, project.ID, in.Task)
		if err != nil {
			return err
		}
		if int(task.Version) != in.Body.Version {
			return portal.Stale("task")
		}
		n, err := q.EditTask(ctx, dbsqlc.EditTaskParams{
			OrgID: project.OrgID, ID: task.ID, Version: task.Version, Name: in.Body.Name, Billable: in.Body.Billable, Rate: in.Body.Rate, At: a.now(),
		})
		if err == nil && n == 0 {
			err = portal.Conflict("Time was logged on this task, so it stays as billable as it is. Make another task for the rest.")
		}
		return err
	})
}

func (a *API) deleteTask(ctx context.Context, in *TaskInput) (*ProjectOutput, error) {
	data := map[string]any{}
	out, err := a.changeProject(ctx, in.Project, "task.deleted", data, func(q *dbsqlc.Queries, project dbsqlc.Project) error {
		task, err := taskOf(ctx, q, project.ID, in.Task)
		if err != nil {
			return err
		}
		data["task"] = task.Name
		n, err := q.DeleteTask(ctx, dbsqlc.DeleteTaskParams{OrgID: project.OrgID, ProjectID: project.ID, ID: task.ID})
		if err == nil && n == 0 {
			err = portal.NotFound("task")
		}
		return err
	})
	if db.Violates(err, "time_entries_task_kept") {
		err = portal.Conflict("Time was logged on this task, so it is kept.")
	}
	return out, err
}

func taskOf(ctx context.Context, q *dbsqlc.Queries, project, id uuid.UUID) (dbsqlc.ProjectTask, error) {
	task, err := q.GetTask(ctx, dbsqlc.GetTaskParams{OrgID: principal(ctx).Org, ProjectID: project, ID: id})
	if db.NotFound(err) {
		err = portal.NotFound("task")
	}
	return task, err
}
