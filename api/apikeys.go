package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"countersign/auth"
	"countersign/db/dbsqlc"
	"countersign/portal"
)

type apiKeyOperations struct {
	ListAPIKeys  *Operation[ListAPIKeysInput, ListAPIKeysOutput]
	CreateAPIKey *Operation[CreateAPIKeyInput, CreateAPIKeyOutput]
	RevokeAPIKey *Operation[RevokeAPIKeyInput, RevokeAPIKeyOutput]
}

// ListAPIKeysInput needs nothing: the keys are the organization's.
type ListAPIKeysInput struct {
	Org string `path:"org" maxLength:"40"`
}

// ListAPIKeysOutput are all keys, newest first, and what a key can be made for.
type ListAPIKeysOutput struct {
	Body struct {
		Keys   []APIKey `json:"keys"`
		Scopes []string `json:"scopes" doc:"All that there are."`
	}
}

// APIKey is a key, which itself is never shown again.
type APIKey struct {
	ID         uuid.UUID  `json:"id"`
	Name       string     `json:"name"`
	Prefix     string     `json:"prefix" doc:"How the key begins, to recognise it by."`
	Scopes     []string   `json:"scopes"`
	CreatedBy  string     `json:"created_by"`
	CreatedAt  time.Time  `json:"created_at"`
	LastUsedAt *time.Time `json:"last_used_at,omitempty"`
	RevokedAt  *time.Time `json:"revoked_at,omitempty"`
}

// CreateAPIKeyInput makes a key for an integration.
type CreateAPIKeyInput struct {
	Key
	Org  string `path:"org" maxLength:"40"`
	Body struct {
		Name   string   `json:"name" minLength:"1" maxLength:"100"`
		Scopes []string `json:"scopes" minItems:"1" maxItems:"50" doc:"What the key may do."`
	}
}

// CreateAPIKeyOutput shows the key, once.
type CreateAPIKeyOutput struct {
	Status int
	Body   struct {
		ID    uuid.UUID `json:"id"`
		Token string    `json:"token" doc:"The key itself: send it as Authorization: Bearer. It is not shown again."`
	}
}

// RevokeAPIKeyInput names a key.
type RevokeAPIKeyInput struct {
	Org string    `path:"org" maxLength:"40"`
	ID  uuid.UUID `path:"key"`
}

// RevokeAPIKeyOutput has nothing to say.
type RevokeAPIKeyOutput struct{}

func (a *API) declareAPIKeys() {
	staff := func(id, method, path, summary string) route {
		return route{id: id, method: method, path: "/api/{org}/console/api-keys" + path, summary: summary, side: portal.SideStaff, action: portal.ActionManageIntegrations, tag: "API keys"}
	}
	a.ListAPIKeys = declare(a, staff("list-api-keys", http.MethodGet, "", "List API keys"), a.listAPIKeys)
	create := staff("create-api-key", http.MethodPost, "", "Make an API key; it is shown once")
	create.status = http.StatusCreated
	// A key that could make keys would outlive its own revocation.
	a.CreateAPIKey = declare(a, create, person(a.createAPIKey))
	a.RevokeAPIKey = declare(a, staff("revoke-api-key", http.MethodDelete, "/{key}", "Revoke an API key"), a.revokeAPIKey)
}

func (a *API) listAPIKeys(ctx context.Context, _ *ListAPIKeysInput) (*ListAPIKeysOutput, error) {
	out := &ListAPIKeysOutput{}
	out.Body.Scopes = portal.Scopes()
	org := principal(ctx).Org
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		staff, err := q.ListStaff(ctx, org)
		if err != nil {
			return err
		}
		names := make(map[uuid.UUID]string, len(staff))
		for _, s := range staff {
			names[s.ID] = s.Name
		}
		rows, err := q.ListAPIKeys(ctx, org)
		out.Body.Keys = make([]APIKey, 0, len(rows))
		for _, r := range rows {
			out.Body.Keys = append(out.Body.Keys, APIKey{r.ID, r.Name, r.Prefix, r.Scopes, names[r.CreatedBy], r.CreatedAt, r.LastUsedAt, r.RevokedAt})
		}
		return err
	})
	return out, err
}

// keyPrefix marks a key of ours, so that a scanner for leaked secrets knows it.
const keyPrefix = "csk_"

func (a *API) createAPIKey(ctx context.Context, in *CreateAPIKeyInput) (*CreateAPIKeyOutput, error) {
	p := principal(ctx)
	scopes := slices.Compact(slices.Sorted(slices.Values(in.Body.Scopes)))
	for _, scope := range scopes {
		if !slices.Contains(portal.Scopes(), scope) {
			return nil, portal.Invalid("There is no such scope.", portal.Field("scopes", "Choose from %s.", strings.Join(portal.Scopes(), ", ")))
		}
	}
	random, _ := a.NewToken()
	out := &CreateAPIKeyOutput{Status: http.StatusCreated}
	out.Body.ID = portal.BeginID(p.Org, p.Actor, "create-api-key", in.Key.Key)
	out.Body.Token = keyPrefix + random
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		done, err := a.once(ctx, q, out.Body.ID, in.Body)
		if err != nil {
			return err
		}
		if done {
			return portal.Conflict("This key was made already, and is shown only once. Revoke it and make another.")
		}
		if err := q.InsertAPIKey(ctx, dbsqlc.InsertAPIKeyParams{
			OrgID: p.Org, ID: out.Body.ID, Name: in.Body.Name, Prefix: out.Body.Token[:len(keyPrefix)+6], KeyHash: auth.Hash(out.Body.Token),
			Scopes: scopes, CreatedBy: p.Actor,
		}); err != nil {
			return err
		}
		return a.record(ctx, q, p, happened{
			kind: "api_key.created", subject: "api_key", id: out.Body.ID, internal: true, data: map[string]any{"name": in.Body.Name},
		})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (a *API) revokeAPIKey(ctx context.Context, in *RevokeAPIKeyInput) (*RevokeAPIKeyOutput, error) {
	p := principal(ctx)
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		keys, err := q.ListAPIKeys(ctx, p.Org)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(keys, func(k dbsqlc.ListAPIKeysRow) bool { return k.ID == in.ID })
		if at < 0 {
			return portal.NotFound("API key")
		}
		n, err := q.RevokeAPIKey(ctx, dbsqlc.RevokeAPIKeyParams{OrgID: p.Org, ID: in.ID})
		if err != nil || n == 0 {
			return err // revoked already
		}
		return a.record(ctx, q, p, happened{
			kind: "api_key.revoked", subject: "api_key", id: in.ID, internal: true, data: map[string]any{"name": keys[at].Name},
		})
	})
	return &RevokeAPIKeyOutput{}, err
}
