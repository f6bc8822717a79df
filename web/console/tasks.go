package console

import (
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"countersign/api"
	"countersign/portal"
	"countersign/web"
)

func (p pages) newTask(r *web.Request) error {
	project, err := p.readProject(r)
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, writeTaskView(r, project, web.NewForm("billable", "on")))
}

func (p pages) createTask(r *web.Request) error {
	project, err := p.readProject(r)
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	f.Money("rate", project.Currency)
	if _, err := web.Submit(r, f, p.CreateTask, &api.CreateTaskInput{Key: f.APIKey(), Org: r.Org.Slug, Project: project.ID}); err != nil {
		return again(r, f, err, writeTaskView(r, project, f))
	}
	return r.Redirect(with(r.Path("projects", project.ID.String()), "done", "created"))
}

// readTask reads a project and the task of it that the address names.
func (p pages) readTask(r *web.Request) (api.Project, api.ProjectTask, error) {
	project, err := p.readProject(r)
	if err != nil {
		return project, api.ProjectTask{}, err
	}
	id, err := r.ID("task", "task")
	if err != nil {
		return project, api.ProjectTask{}, err
	}
	i := slices.IndexFunc(project.Tasks, func(t api.ProjectTask) bool { return t.ID == id })
	if i < 0 {
		return project, api.ProjectTask{}, portal.NotFound("task")
	}
	return project, project.Tasks[i], nil
}

func taskForm(t api.ProjectTask) *web.Form {
	f := web.NewForm("name", t.Name, "billable", on(t.Billable), "version", version(t.Staff.Version))
	if t.Staff.Rate != nil {
		f.Set("rate", t.Staff.Rate.Decimal())
	}
	return f
}

func (p pages) editTask(r *web.Request) error {
	project, task, err := p.readTask(r)
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, editTaskView(r, project, task, taskForm(task), nil))
}

func (p pages) saveTask(r *web.Request) error {
	project, task, err := p.readTask(r)
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	f.Money("rate", project.Currency)
	if _, err := web.Submit(r, f, p.EditTask, &api.EditTaskInput{Org: r.Org.Slug, Project: project.ID, Task: task.ID}); err != nil {
		return againOver(r, f, err, func() (*web.Form, error) { _, now, err := p.readTask(r); return taskForm(now), err }, editTaskView(r, project, task, f, nil))
	}
	return r.Redirect(with(r.Path("projects", project.ID.String()), "done", "saved"))
}

func (p pages) deleteTask(r *web.Request) error {
	project, task, err := p.readTask(r)
	if err != nil {
		return err
	}
	if _, err := p.DeleteTask.Do(r.Context(), &api.TaskInput{Org: r.Org.Slug, Project: project.ID, Task: task.ID}); err != nil {
		return notDeleted(r, err, func(x *refusal) templ.Component { return editTaskView(r, project, task, taskForm(task), x) })
	}
	return r.Redirect(with(r.Path("projects", project.ID.String()), "done", "deleted"))
}
