package api

import (
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"countersign/portal"
)

// uuidText and dateText say in the OpenAPI document, and to validation, how IDs
// and dates are written.
type (
	uuidText struct{}
	dateText struct{}
)

// Schema is that of a UUID.
func (uuidText) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "uuid", Examples: []any{"01942f6b-7c1e-7d3a-9f50-2f6a9b1c8e4d"}}
}

// Schema is that of a date.
func (dateText) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date", Examples: []any{"2026-11-22"}}
}

// describeTypes is called before the first operation is declared.
func (a *API) describeTypes() {
	registry := a.huma.OpenAPI().Components.Schemas
	registry.RegisterTypeAlias(reflect.TypeFor[uuid.UUID](), reflect.TypeFor[uuidText]())
	registry.RegisterTypeAlias(reflect.TypeFor[portal.Date](), reflect.TypeFor[dateText]())
}

// describeErrors is called after the last operation is declared: the library
// describes its own kind of error, and we answer with ours.
func (a *API) describeErrors() {
	document := a.huma.OpenAPI()
	problem := document.Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "")
	schemas := document.Components.Schemas.Map()
	delete(schemas, "ErrorModel")
	delete(schemas, "ErrorDetail")
	for _, schema := range schemas {
		notNull(schema)
	}
	for _, path := range document.Paths {
		for _, op := range []*huma.Operation{path.Get, path.Put, path.Post, path.Patch, path.Delete} {
			if op == nil {
				continue
			}
			for _, response := range op.Responses {
				if media := response.Content["application/problem+json"]; media != nil {
					media.Schema = problem
				}
			}
		}
	}
}

// notNull takes null away from lists: we never answer with it, and refuse it.
func notNull(s *huma.Schema) {
	if s == nil {
		return
	}
	if s.Type == huma.TypeArray {
		s.Nullable = false
	}
	notNull(s.Items)
	for _, property := range s.Properties {
		notNull(property)
	}
	s.PrecomputeMessages()
}

// transformProblem makes ours of the errors that the library finds before an
// operation runs: a body that isn't JSON, a value that isn't allowed.
func transformProblem(_ huma.Context, _ string, v any) (any, error) {
	found, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	p := &Problem{Type: "about:blank", Title: http.StatusText(found.Status), Status: found.Status, Code: string(portal.CodeInvalid), Detail: unreadable(found)}
	for _, d := range found.Errors {
		p.Errors = append(p.Errors, ProblemField{Location: placeOf(d), Message: sentence(d.Message)})
	}
	return p, nil
}

// unreadable says what is wrong with a request that no operation has seen.
func unreadable(found *huma.ErrorModel) string {
	switch found.Status {
	case http.StatusRequestEntityTooLarge:
		return "This request is too large."
	case http.StatusUnsupportedMediaType:
		return "Send the body as application/json."
	case http.StatusNotAcceptable:
		return "Answers are written as application/json."
	case http.StatusRequestTimeout:
		return "The request took too long to arrive."
	case http.StatusInternalServerError:
		return portal.Internal().Message
	}
	if strings.Contains(found.Detail, "request body is required") {
		return "Send a body, as application/json."
	}
	if found.Status == http.StatusBadRequest {
		return "The body is not JSON that can be read."
	}
	return "Some of what was entered can't be taken."
}

// placeOf is the field that an error is about. The library tells of a missing
// field at the object that misses it; a page shows it beside the field.
func placeOf(d *huma.ErrorDetail) string {
	missing, ok := strings.CutPrefix(d.Message, "expected required property ")
	if !ok {
		return d.Location
	}
	missing = strings.TrimSuffix(missing, " to be present")
	if d.Location == "" {
		return missing
	}
	return d.Location + "." + missing
}
