package portal

import (
	"slices"

	"github.com/google/uuid"
)

// MaxTimesheetEntries is how many entries one timesheet asks about at most: as
// many as an invoice has lines.
const MaxTimesheetEntries = MaxLines

// TimesheetStatus is where a timesheet stands.
type TimesheetStatus string

// The statuses of a timesheet.
const (
	TimesheetSubmitted      TimesheetStatus = "submitted"
	TimesheetApproved       TimesheetStatus = "approved"
	TimesheetPartlyApproved TimesheetStatus = "partly_approved"
	TimesheetRejected       TimesheetStatus = "rejected"
	TimesheetRecalled       TimesheetStatus = "recalled"
)

// TimesheetMachine says how a timesheet may move. It is asked once: rejected
// entries are submitted again on another one.
func TimesheetMachine() Machine[TimesheetStatus] {
	return Machine[TimesheetStatus]{[]state[TimesheetStatus]{
		{TimesheetSubmitted, live, []TimesheetStatus{TimesheetApproved, TimesheetPartlyApproved, TimesheetRejected, TimesheetRecalled}},
		{TimesheetApproved, final, nil},
		{TimesheetPartlyApproved, final, nil},
		{TimesheetRejected, final, nil},
		{TimesheetRecalled, final, nil},
	}}
}

// CanMove reports whether a timesheet in status s may go to status to.
func (s TimesheetStatus) CanMove(to TimesheetStatus) bool { return TimesheetMachine().CanMove(s, to) }

// Live reports whether the customer's decision is awaited.
func (s TimesheetStatus) Live() bool { return slices.Contains(TimesheetMachine().Live(), s) }

// Final reports whether the timesheet was decided or recalled.
func (s TimesheetStatus) Final() bool { return slices.Contains(TimesheetMachine().Final(), s) }

// TimesheetOutcome is what a decision comes to that rejects some of the entries
// of a timesheet and approves the others.
func TimesheetOutcome(entries, rejected int) TimesheetStatus {
	switch rejected {
	case 0:
		return TimesheetApproved
	case entries:
		return TimesheetRejected
	default:
		return TimesheetPartlyApproved
	}
}

// EntryApproval is what a customer has said of a time entry.
type EntryApproval string

// What can have been said.
const (
	// EntryNone: approval was not asked for, or the question was taken back.
	EntryNone      EntryApproval = "none"
	EntrySubmitted EntryApproval = "submitted"
	EntryApproved  EntryApproval = "approved"
	EntryRejected  EntryApproval = "rejected"
)

// EntryMachine says how the approval of a time entry may move. Back to none,
// or to rejected where it came from there, is a recall.
func EntryMachine() Machine[EntryApproval] {
	return Machine[EntryApproval]{[]state[EntryApproval]{
		{EntryNone, idle, []EntryApproval{EntrySubmitted}},
		{EntrySubmitted, live, []EntryApproval{EntryNone, EntryApproved, EntryRejected}},
		{EntryRejected, idle, []EntryApproval{EntrySubmitted}},
		{EntryApproved, final, nil},
	}}
}

// CanMove reports whether an entry's approval may go from a to another.
func (a EntryApproval) CanMove(to EntryApproval) bool { return EntryMachine().CanMove(a, to) }

// Locked reports whether the entry can't be changed any more.
func (a EntryApproval) Locked() bool { return a == EntryApproved }

// Invoiceable reports whether the entry may be charged: where approval was
// asked for, only after it was given (R46).
func (a EntryApproval) Invoiceable() bool { return a == EntryNone || a == EntryApproved }

// TimesheetContent is all that a customer reads of a timesheet and decides on.
type TimesheetContent struct {
	Number  string                  `json:"number"`
	Project string                  `json:"project"`
	Entries []TimesheetContentEntry `json:"entries"`
}

// TimesheetContentEntry is one entry of it.
type TimesheetContentEntry struct {
	ID          uuid.UUID `json:"id"`
	Day         Date      `json:"day"`
	Hours       string    `json:"hours"`
	Task        string    `json:"task"`
	Staff       string    `json:"staff"`
	Description string    `json:"description"`
}

// Hash is SHA-256 over the content in one written form that never changes,
// whatever the order of the entries: it is evidence.
func (c TimesheetContent) Hash() ([]byte, error) {
	c.Entries = slices.Clone(c.Entries)
	slices.SortFunc(c.Entries, func(a, b TimesheetContentEntry) int {
		if order := a.Day.Compare(b.Day); order != 0 {
			return order
		}
		return slices.Compare(a.ID[:], b.ID[:])
	})
	return RequestHash(c)
}
