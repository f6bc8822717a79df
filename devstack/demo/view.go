package demo

import (
	"time"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
)

// view is a contact who had a document on screen, R50.
type view struct {
	kind  string
	id    uuid.UUID
	buyer *buyer
	by    uuid.UUID
	at    time.Time
}

func (y *year) seen(v view) { y.views = append(y.views, v) }

// writeViews gathers what was seen to a row for each contact and document.
func (y *year) writeViews(r *rows) {
	type mark struct{ document, contact uuid.UUID }
	at := map[mark]int{}
	for _, v := range y.views {
		i, again := at[mark{v.id, v.by}]
		if !again {
			at[mark{v.id, v.by}] = len(r.views)
			r.views = append(r.views, dbsqlc.View{
				OrgID: y.org, CustomerID: v.buyer.row.ID, SubjectKind: v.kind, SubjectID: v.id, ContactID: v.by, FirstAt: v.at, LastAt: v.at,
			})
			continue
		}
		if row := &r.views[i]; v.at.After(row.LastAt) {
			row.LastAt = v.at
		} else if v.at.Before(row.FirstAt) {
			row.FirstAt = v.at
		}
	}
}
