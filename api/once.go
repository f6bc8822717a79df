package api

import (
	"bytes"
	"context"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/portal"
)

// once takes a small write's Idempotency-Key, in the transaction of the write:
// id follows from the caller, the operation and the key. It reports whether the
// same request was carried out under it before, and refuses another request.
// A repeat that comes while the first is under way waits for it here.
func (a *API) once(ctx context.Context, q *dbsqlc.Queries, id uuid.UUID, request any) (done bool, err error) {
	org := principal(ctx).Org
	hash, err := portal.RequestHash(request)
	if err != nil {
		return false, err
	}
	taken, err := q.TakeRequest(ctx, dbsqlc.TakeRequestParams{OrgID: org, ID: id, Hash: hash, At: a.now()})
	if err != nil || taken > 0 {
		return false, err
	}
	first, err := q.GetRequestHash(ctx, dbsqlc.GetRequestHashParams{OrgID: org, ID: id})
	if err != nil {
		return false, err
	}
	if !bytes.Equal(first, hash) {
		return false, portal.KeyReused()
	}
	return true, nil
}
