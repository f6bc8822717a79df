package api

import (
	"bytes"
	"cmp"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"
)

//go:embed docs.html docs.css
var docsFiles embed.FS

// docs serves a page that is drawn from the OpenAPI document: what it says is
// what the API holds its callers to. It loads nothing from elsewhere and runs
// no script.
func (a *API) docs() {
	style, err := docsFiles.ReadFile("docs.css")
	if err != nil {
		panic(err) // it is embedded
	}
	page := sync.OnceValues(a.drawDocs)
	a.router.GET("/docs", func(c *gin.Context) {
		drawn, err := page()
		if err != nil {
			a.Log.ErrorContext(c.Request.Context(), "The documentation can't be drawn.", "error", err)
			c.Status(http.StatusInternalServerError)
			return
		}
		c.Header("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		c.Header("Cache-Control", "no-cache")
		c.Data(http.StatusOK, "text/html; charset=utf-8", drawn)
	})
	a.router.GET("/docs/style.css", func(c *gin.Context) {
		c.Header("Cache-Control", "no-cache")
		c.Data(http.StatusOK, "text/css; charset=utf-8", style)
	})
}

// docsPage is all that the page shows.
type docsPage struct {
	Title, Version, Description string
	Groups                      []docsGroup
	Problem                     []docsField
}

// docsGroup is the operations of one tag.
type docsGroup struct {
	Tag, Anchor string
	Operations  []docsOperation
}

type docsOperation struct {
	ID, Method, Path, Summary string
	// Who may call, in words.
	Who        string
	Parameters []docsField
	Body       []docsField
	Status     string
	Answer     []docsField
	Curl       string
}

// docsField is a parameter, or a field of a body; Depth says how deep inside.
type docsField struct {
	Name, In, Type, Rules, Doc string
	Required                   bool
	Depth                      int
}

func (a *API) drawDocs() ([]byte, error) {
	draw, err := template.ParseFS(docsFiles, "docs.html")
	if err != nil {
		return nil, fmt.Errorf("reading the page's template: %w", err)
	}
	document := a.huma.OpenAPI()
	page := docsPage{Title: document.Info.Title, Version: document.Info.Version, Description: document.Info.Description}
	groups := map[string]*docsGroup{}
	var order []string
	for _, path := range slices.Sorted(maps.Keys(document.Paths)) {
		item := document.Paths[path]
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op == nil || len(op.Tags) == 0 {
				continue
			}
			tag := op.Tags[0]
			if groups[tag] == nil {
				groups[tag] = &docsGroup{Tag: tag, Anchor: strings.ToLower(strings.ReplaceAll(tag, " ", "-"))}
				order = append(order, tag)
			}
			groups[tag].Operations = append(groups[tag].Operations, a.docsOperation(op))
		}
	}
	slices.Sort(order)
	for _, tag := range order {
		page.Groups = append(page.Groups, *groups[tag])
	}
	if problem := document.Components.Schemas.Map()["Problem"]; problem != nil {
		page.Problem = a.docsFields(problem, 0)
	}
	var out bytes.Buffer
	if err := draw.Execute(&out, page); err != nil {
		return nil, fmt.Errorf("drawing the page: %w", err)
	}
	return out.Bytes(), nil
}

func (a *API) docsOperation(op *huma.Operation) docsOperation {
	d := docsOperation{ID: op.OperationID, Method: op.Method, Path: op.Path, Summary: op.Summary, Who: "Anybody"}
	for _, way := range op.Security {
		switch {
		case way["apiKey"] != nil:
			d.Who = "Staff, or an API key"
		case d.Who == "Anybody":
			d.Who = "A contact who is signed in"
		}
	}
	for _, p := range op.Parameters {
		d.Parameters = append(d.Parameters, docsField{
			Name: p.Name, In: p.In, Type: typeOf(p.Schema), Rules: rulesOf(p.Schema), Doc: cmp.Or(p.Description, p.Schema.Description), Required: p.Required,
		})
	}
	if op.RequestBody != nil {
		d.Body = a.docsFields(op.RequestBody.Content["application/json"].Schema, 0)
	}
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		if !strings.HasPrefix(status, "2") {
			continue
		}
		d.Status = status
		if media := op.Responses[status].Content["application/json"]; media != nil {
			d.Answer = a.docsFields(media.Schema, 0)
		}
		break
	}
	d.Curl = a.curl(op)
	return d
}

// deepest is how far a body's fields are unfolded on the page.
const deepest = 3

func (a *API) docsFields(s *huma.Schema, depth int) []docsField {
	if s = a.Resolve(s); s == nil || depth > deepest {
		return nil
	}
	var fields []docsField
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		property := s.Properties[name]
		resolved := a.Resolve(property)
		field := docsField{
			Name: name, Type: typeOf(resolved), Rules: rulesOf(resolved), Doc: cmp.Or(property.Description, resolved.Description),
			Required: slices.Contains(s.Required, name), Depth: depth,
		}
		inside := resolved
		if resolved.Type == huma.TypeArray {
			inside = a.Resolve(resolved.Items)
			field.Type = "list of " + typeOf(inside)
			if field.Rules == "" && inside.Type != huma.TypeObject {
				field.Rules = rulesOf(inside)
			}
		}
		fields = append(fields, field)
		if inside.Type == huma.TypeObject {
			fields = append(fields, a.docsFields(inside, depth+1)...)
		}
	}
	return fields
}

// typeOf says what a value is.
func typeOf(s *huma.Schema) string {
	switch {
	case s == nil:
		return ""
	case s.Format == "int64" || s.Format == "int32":
		return "integer"
	case s.Format != "":
		return s.Format
	case s.Type == "":
		return "anything"
	default:
		return s.Type
	}
}

// rulesOf says what a value is held to.
func rulesOf(s *huma.Schema) string {
	if s == nil {
		return ""
	}
	var rules []string
	add := func(format string, args ...any) { rules = append(rules, fmt.Sprintf(format, args...)) }
	if len(s.Enum) > 0 {
		words := make([]string, 0, len(s.Enum))
		for _, value := range s.Enum {
			if word := fmt.Sprint(value); word != "" {
				words = append(words, word)
			}
		}
		add("%s", strings.Join(words, " | "))
	}
	switch {
	case s.Minimum != nil && s.Maximum != nil:
		add("%.0f to %.0f", *s.Minimum, *s.Maximum)
	case s.Minimum != nil:
		add("at least %.0f", *s.Minimum)
	case s.Maximum != nil:
		add("at most %.0f", *s.Maximum)
	}
	if s.MinLength != nil && *s.MinLength > 1 {
		add("at least %d characters", *s.MinLength)
	}
	if s.MaxLength != nil {
		add("at most %d characters", *s.MaxLength)
	}
	if s.MinItems != nil {
		add("at least %d", *s.MinItems)
	}
	if s.MaxItems != nil {
		add("at most %d", *s.MaxItems)
	}
	if s.PatternDescription != "" {
		add("%s", s.PatternDescription)
	}
	if s.Default != nil {
		add("%v if none is given", s.Default)
	}
	return strings.Join(rules, "; ")
}

// curl is an example call of an operation.
func (a *API) curl(op *huma.Operation) string {
	path := strings.ReplaceAll(op.Path, "{org}", "bright")
	for _, p := range op.Parameters {
		if p.In == "path" && p.Name != "org" {
			path = strings.ReplaceAll(path, "{"+p.Name+"}", "$"+strings.ToUpper(p.Name))
		}
	}
	lines := []string{fmt.Sprintf("curl %q", a.SiteURL+path)}
	if op.Method != http.MethodGet {
		lines[0] = fmt.Sprintf("curl -X %s %q", op.Method, a.SiteURL+path)
	}
	for n, way := range op.Security {
		if way["apiKey"] != nil {
			lines = append(lines, `-H "Authorization: Bearer $API_KEY"`)
		} else if n == len(op.Security)-1 {
			lines = append(lines, `-b "$COOKIE"`)
		}
	}
	for _, p := range op.Parameters {
		if p.Name == "Idempotency-Key" {
			lines = append(lines, `-H "Idempotency-Key: $(uuidgen)"`)
		}
	}
	if op.RequestBody != nil {
		if body, err := json.Marshal(a.example(op.RequestBody.Content["application/json"].Schema, 0)); err == nil {
			lines = append(lines, `-H "Content-Type: application/json"`, "-d '"+string(body)+"'")
		}
	}
	return strings.Join(lines, " \\\n  ")
}

// example is a value that the schema allows, of what is required.
func (a *API) example(s *huma.Schema, depth int) any {
	s = a.Resolve(s)
	switch {
	case s == nil || depth > deepest:
		return nil
	case len(s.Examples) > 0:
		return s.Examples[0]
	case len(s.Enum) > 0:
		return s.Enum[len(s.Enum)-1]
	}
	switch s.Type {
	case huma.TypeObject:
		object := map[string]any{}
		for _, name := range s.Required {
			object[name] = a.exampleOf(name, s.Properties[name], depth+1)
		}
		return object
	case huma.TypeArray:
		return []any{a.example(s.Items, depth+1)}
	case huma.TypeInteger, huma.TypeNumber:
		return max(1, deref(s.Minimum))
	case huma.TypeBoolean:
		return true
	}
	if s.Format == "date-time" {
		return "2026-11-22T09:00:00Z"
	}
	return "…"
}

// exampleOf is a value for a field that its schema alone says too little of.
func (a *API) exampleOf(name string, s *huma.Schema, depth int) any {
	switch resolved := a.Resolve(s); {
	case resolved.Type != huma.TypeString || len(resolved.Enum) > 0:
	case name == "email":
		return "name@example.com"
	case name == "currency":
		return "USD"
	case name == "accent":
		return "#1f4e79"
	}
	return a.example(s, depth)
}

func deref(n *float64) float64 {
	if n == nil {
		return 0
	}
	return *n
}
