package demo

import (
	"slices"
	"time"

	"countersign/db/dbsqlc"
)

// heard is up to how long ago everybody has read what the bell told.
const heard = 3 * 24 * time.Hour

// writeBell has each member of staff know all but the newest news: a bell that
// tells of a whole year tells of nothing.
func (y *year) writeBell(r *rows, events []dbsqlc.Event) {
	end := y.today.StartOfDay(y.zone).Add(-heard)
	for _, e := range slices.Backward(events) {
		if e.At.Before(end) {
			for _, s := range y.staff {
				r.bellMarks = append(r.bellMarks, dbsqlc.BellMark{OrgID: y.org, StaffID: s.ID, ReadThrough: e.ID})
			}
			return
		}
	}
}
