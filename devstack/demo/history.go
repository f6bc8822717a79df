package demo

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"countersign/activities"
	"countersign/db/dbsqlc"
)

// event is something that happened, for timelines and the activity.
type event struct {
	at       time.Time
	kind     string
	subject  string
	id       uuid.UUID
	customer *buyer
	by       activities.Actor
	internal bool
	data     map[string]any
}

func (y *year) tell(e event) { y.story = append(y.story, e) }

// events are the story in order. Lists of events are ordered by their IDs, which
// are UUIDv7s of when they happened, and they were all told of long ago.
func (y *year) events() ([]dbsqlc.Event, error) {
	slices.SortStableFunc(y.story, func(a, b event) int { return a.at.Compare(b.at) })
	rows := make([]dbsqlc.Event, 0, len(y.story))
	for i, e := range y.story {
		data, err := json.Marshal(e.data)
		if err != nil {
			return nil, fmt.Errorf("writing the data of %s: %w", e.kind, err)
		}
		if e.data == nil {
			data = []byte("{}")
		}
		rows = append(rows, dbsqlc.Event{
			OrgID: y.org, ID: timedID(e.at, i, y.org), CustomerID: &e.customer.row.ID, Kind: e.kind, SubjectKind: e.subject, SubjectID: e.id,
			ActorKind: string(e.by.Kind), ActorID: optional(e.by.ID), ActorName: e.by.Name, Visible: !e.internal, Data: data, At: e.at, RelayedAt: &e.at,
		})
	}
	return rows, nil
}

// timedID is a UUIDv7 (RFC 9562) of an instant whose other bits follow from its
// place in the story: events of one millisecond stay in order.
func timedID(at time.Time, place int, org uuid.UUID) uuid.UUID {
	var seed [24]byte
	copy(seed[:], org[:])
	binary.BigEndian.PutUint64(seed[16:], uint64(place))
	sum := sha256.Sum256(seed[:])
	id := uuid.UUID(sum[:16])
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(at.UnixMilli()))
	copy(id[:6], ms[2:])
	binary.BigEndian.PutUint16(id[6:8], 0x7000|uint16(place&0xfff))
	id[8] = id[8]&0x3f | 0x80
	return id
}
