package stripesim

import (
	"encoding/json"
	"net/http"
	"slices"
)

// event is something that happened, with the object as it was then.
type event struct {
	ID      string          `json:"id"`
	Type    string          `json:"type"`
	Created int64           `json:"created"`
	Body    json.RawMessage `json:"body"` // as it is answered and sent
}

func (*event) kind() string   { return "event" }
func (e *event) key() string  { return e.ID }
func (e *event) stamp() int64 { return e.Created }

func (e *event) doc() doc {
	var d doc
	if err := json.Unmarshal(e.Body, &d); err != nil {
		panic("stripesim: an event that was encoded here can't be read: " + err.Error())
	}
	return d
}

// emit records that something happened to an object, and sends it on.
func (t *tx) emit(kind string, object doc) { t.emitChange(kind, object, nil) }

// emitChange is emit with the values that the object had before.
func (t *tx) emitChange(kind string, object, previous doc) {
	data := doc{"object": object}
	if previous != nil {
		data["previous_attributes"] = previous
	}
	e := &event{ID: t.id("evt_1"), Type: kind, Created: t.now().Unix()}
	body := doc{
		"id":               e.ID,
		"object":           "event",
		"api_version":      Version,
		"created":          e.Created,
		"data":             data,
		"livemode":         false,
		"pending_webhooks": 1,
		"request":          doc{"id": orNull(t.requestID), "idempotency_key": orNull(t.key)},
		"type":             kind,
	}
	if t.account != "" {
		body["account"] = t.account
	}
	e.Body = mustJSON(body)
	t.put(e)
	if heard := t.s.opts.Heard; heard != nil {
		heard(Event{ID: e.ID, Account: t.account, Type: kind, Created: t.now(), Body: e.Body})
	}
	t.send(e)
}

func getEvent(t *tx, f *form, r *http.Request) (doc, *problem) {
	if p := f.check(); p != nil {
		return nil, p
	}
	e, ok := get[*event](t, r.PathValue("id"))
	if !ok {
		return nil, absent("event", r.PathValue("id"))
	}
	return e.doc(), nil
}

func listEvents(t *tx, f *form, r *http.Request) (doc, *problem) {
	types := f.strs("types")
	if kind := f.str("type"); kind != "" {
		types = append(types, kind)
	}
	if len(types) > 20 {
		f.fault(invalid("types", "", "You may pass up to 20 types."))
	}
	f.ignore("delivery_success")
	found := list(t, func(e *event) bool { return len(types) == 0 || slices.Contains(types, e.Type) })
	return paged(f, r, found, (*event).doc)
}
