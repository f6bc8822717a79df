package api

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"countersign/portal"
)

// Operation is one thing that somebody can do, declared once. Do is its only
// way in: HTTP and the pages both go through it.
type Operation[I, O any] struct {
	api    *API
	route  route
	body   *huma.Schema
	params []param
	run    func(context.Context, *I) (*O, error)
}

// route says where an operation is and who may call it.
type route struct {
	id      string
	method  string
	path    string
	summary string
	// side that may call; empty for operations that need no sign-in.
	side   portal.Side
	action portal.Action
	// feature that must be switched on for contacts, R10.
	feature portal.Feature
	tag     string
	// status of a good answer, if it isn't 200.
	status int
	// media is the type of a good answer, if it isn't JSON: a file's.
	media string
}

// param is a field of an input that HTTP takes from the path, the query or a header.
type param struct {
	index  []int
	name   string
	in     string
	schema *huma.Schema
}

// declare makes an operation and registers it on HTTP.
func declare[I, O any](a *API, r route, run func(context.Context, *I) (*O, error)) *Operation[I, O] {
	o := &Operation[I, O]{api: a, route: r, run: run}
	registry := a.huma.OpenAPI().Components.Schemas
	input := reflect.TypeFor[I]()
	for _, field := range reflect.VisibleFields(input) {
		if field.Name == "Body" {
			o.body = huma.SchemaFromType(registry, field.Type)
			continue
		}
		for _, in := range []string{"path", "query", "header"} {
			if name, ok := field.Tag.Lookup(in); ok {
				name, _, _ = strings.Cut(name, ",")
				o.params = append(o.params, param{field.Index, name, in, huma.SchemaFromField(registry, field, "")})
			}
		}
	}
	op := huma.Operation{
		OperationID: r.id, Method: r.method, Path: r.path, Summary: r.summary, Tags: []string{r.tag}, DefaultStatus: r.status,
		Errors: []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusConflict, http.StatusServiceUnavailable},
	}
	if r.media != "" {
		op.Responses = map[string]*huma.Response{"200": {Content: map[string]*huma.MediaType{
			r.media: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
		}}}
	}
	if r.side != "" {
		op.Security = []map[string][]string{{"session": {}}}
		if r.side == portal.SideStaff {
			op.Security = append(op.Security, map[string][]string{"apiKey": {}})
		}
		// Before the body is looked at: a stranger learns nothing of what it should be.
		op.Middlewares = huma.Middlewares{func(ctx huma.Context, next func(huma.Context)) {
			if err := o.authorize(ctx.Context()); err != nil {
				writeHumaProblem(ctx, problemOf(err))
				return
			}
			next(ctx)
		}}
	}
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := o.answer(ctx, in)
		if err != nil {
			return nil, problemOf(err)
		}
		return out, nil
	})
	return o
}

// Do authorizes the caller, validates the input, runs the operation and maps
// its error to a *portal.Error.
func (o *Operation[I, O]) Do(ctx context.Context, in *I) (*O, error) {
	if err := o.validate(in); err != nil {
		if denied := o.authorize(ctx); denied != nil {
			return nil, denied
		}
		return nil, err
	}
	return o.answer(ctx, in)
}

// BodySchema describes the operation's body, for turning a form into one.
func (o *Operation[I, O]) BodySchema() *huma.Schema {
	if o.body != nil && o.body.Ref != "" {
		return o.api.huma.OpenAPI().Components.Schemas.SchemaFromRef(o.body.Ref)
	}
	return o.body
}

// Resolve follows a reference in a schema.
func (a *API) Resolve(s *huma.Schema) *huma.Schema {
	if s != nil && s.Ref != "" {
		return a.huma.OpenAPI().Components.Schemas.SchemaFromRef(s.Ref)
	}
	return s
}

func (o *Operation[I, O]) answer(ctx context.Context, in *I) (*O, error) {
	if err := o.authorize(ctx); err != nil {
		return nil, err
	}
	out, err := o.run(ctx, in)
	if err != nil {
		return nil, o.api.mapError(ctx, o.route.id, err)
	}
	return out, nil
}

func (o *Operation[I, O]) authorize(ctx context.Context) error {
	if o.route.side == "" {
		return nil
	}
	p, ok := portal.PrincipalFrom(ctx)
	if !ok || p.Side != o.route.side {
		return portal.Unauthenticated("Please sign in.")
	}
	if err := p.May(o.route.action); err != nil {
		return err
	}
	if o.route.feature != "" && p.Side == portal.SideContact {
		settings, err := o.api.settings(ctx)
		if err != nil {
			return o.api.mapError(ctx, o.route.id, err)
		}
		return settings.Allows(o.route.feature)
	}
	return nil
}

// validate holds the input to the constraints of its declaration, which HTTP
// has checked already when it gets here, and a page's form has not.
func (o *Operation[I, O]) validate(in *I) error {
	registry := o.api.huma.OpenAPI().Components.Schemas
	path, result := huma.NewPathBuffer([]byte{}, 0), &huma.ValidateResult{}
	value := reflect.ValueOf(in).Elem()
	for _, p := range o.params {
		field := value.FieldByIndex(p.index)
		if field.IsZero() && p.in != "header" {
			continue // the default; what is required of a path is in the path
		}
		decoded, err := decodedJSON(field.Interface())
		if err != nil {
			return err
		}
		path.Reset()
		path.Push(p.name)
		huma.Validate(registry, p.schema, path, huma.ModeWriteToServer, decoded, result)
	}
	if o.body != nil {
		decoded, err := decodedJSON(value.FieldByName("Body").Interface())
		if err != nil {
			return err
		}
		path.Reset()
		huma.Validate(registry, o.body, path, huma.ModeWriteToServer, decoded, result)
	}
	return invalid(result.Errors)
}

// ValidateBody holds decoded JSON to the constraints of an operation's body,
// and decodes it into the input. Forms come in through here.
func (o *Operation[I, O]) ValidateBody(decoded any, in *I) error {
	path, result := huma.NewPathBuffer([]byte{}, 0), &huma.ValidateResult{}
	huma.Validate(o.api.huma.OpenAPI().Components.Schemas, o.body, path, huma.ModeWriteToServer, decoded, result)
	if err := invalid(result.Errors); err != nil {
		return err
	}
	text, err := json.Marshal(decoded)
	if err != nil {
		return portal.Invalid("This form can't be read.")
	}
	if err := json.Unmarshal(text, reflect.ValueOf(in).Elem().FieldByName("Body").Addr().Interface()); err != nil {
		return portal.Invalid("This form can't be read.")
	}
	return nil
}

func decodedJSON(v any) (any, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, portal.Invalid("This request can't be read.")
	}
	var decoded any
	if err := json.Unmarshal(text, &decoded); err != nil {
		return nil, portal.Invalid("This request can't be read.")
	}
	return decoded, nil
}

func invalid(found []error) error {
	if len(found) == 0 {
		return nil
	}
	refusal := portal.Invalid("Some of what was entered can't be taken.")
	for _, err := range found {
		detail, ok := err.(huma.ErrorDetailer)
		if !ok {
			continue
		}
		d := detail.ErrorDetail()
		refusal.Fields = append(refusal.Fields, portal.Field(strings.TrimPrefix(placeOf(d), "body."), "%s", sentence(d.Message)))
	}
	return refusal
}
