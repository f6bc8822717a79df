package faults

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"countersign/api"
)

// subscriber is a contact who has autopay on for some weeks, N7, and goes back and
// forth about it, while everybody goes on paying by hand.
type subscriber struct{ payer }

// returns is how often they come back to it, every fifteen hours or so: for longer
// than what is due in a shop is away.
const returns = 20

// subscribe has autopay on for a while, and sees to it that it is off in the end.
func (s *subscriber) subscribe() {
	s.pause(2 * time.Hour)
	s.enrol()
	for range returns {
		s.pause(30 * time.Hour)
		s.sourSaved()
		switch s.rng.IntN(12) {
		case 0, 1:
			s.byHand()
		case 2:
			s.Note("autopay: charges another card")
			s.ask(http.MethodPut, "/autopay/method", map[string]any{"method": s.card()})
		case 3:
			s.end()
			s.pause(time.Hour)
			s.enrol()
		case 4:
			s.removeMethod()
		case 5, 6, 7:
			s.runShort()
		}
	}
	for s.standing().On() {
		s.end()
		s.Sleep(time.Minute)
	}
}

// standing is autopay as it stands; it is asked for until there is an answer.
func (s *subscriber) standing() (now api.AutopayStanding) {
	for !s.ask(http.MethodGet, "/autopay", nil).into(&now) {
		s.Sleep(time.Second)
	}
	return now
}

func (s *subscriber) enrol() {
	order := map[string]any{"method": s.card(), "terms": s.standing().Terms, "credit": s.chance(3)}
	if s.ask(http.MethodPost, "/autopay", order).good() {
		s.Note("autopay: turned on")
	}
}

func (s *subscriber) end() {
	if s.ask(http.MethodPost, "/autopay/end", map[string]any{}).good() {
		s.Note("autopay: turned off")
	}
}

// runShort leaves the card that autopay charges without money for two tries: the
// next part comes due while the schedule still tries the first one.
func (s *subscriber) runShort() {
	now := s.standing()
	if !now.On() || now.Autopay.Method == nil {
		return
	}
	const short = "insufficient_funds"
	if card, saved := s.buyer.Methods[now.Autopay.Method.ID]; saved && s.Processor().Decline(context.Background(), card, short, short) == nil {
		s.Note("autopay: its card runs short of money")
	}
}

// byHand takes a charge out of autopay, or puts it back.
func (s *subscriber) byHand() {
	now := s.standing()
	charges := slices.Concat(now.Charges, now.ByHand)
	if len(charges) == 0 {
		return
	}
	charge := pick(&s.person, charges)
	take := s.chance(2)
	if s.ask(http.MethodPut, "/autopay/charges", map[string]any{"invoice": charge.Invoice, "due_on": charge.DueOn, "by_hand": take}).good() {
		s.Note(map[bool]string{true: "autopay: a charge is taken out", false: "autopay: a charge is put back"}[take])
	}
}

// card is one of the cards that the customer saved before anything began.
func (s *subscriber) card() uuid.UUID {
	return pick(&s.person, slices.SortedFunc(maps.Keys(s.buyer.Methods), func(a, b uuid.UUID) int { return strings.Compare(a.String(), b.String()) }))
}
