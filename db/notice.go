package db

import "github.com/google/uuid"

// EventsChannel is the Postgres channel on which the relay tells of events.
const EventsChannel = "countersign_events"

// Notice is one event as it is told of: IDs only. Whoever listens reads the
// rest as themselves.
type Notice struct {
	Org      uuid.UUID  `json:"o"`
	Customer *uuid.UUID `json:"c,omitempty"`
	Kind     string     `json:"k"`
	Subject  uuid.UUID  `json:"s"`
	// Rings says that staff's bell has it, too.
	Rings bool `json:"r,omitempty"`
}
