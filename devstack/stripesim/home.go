package stripesim

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// homeRoutes are the simulator's own page: what was charged, and the clock.
func (s *Sim) homeRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /{$}", s.showHome)
	mux.HandleFunc("POST /_sim/days", s.passDays)
}

// homeCharges is how many charges the page shows.
const homeCharges = 50

type homePage struct {
	Title   string
	Ahead   int // days
	Charges []homeCharge
	More    int // charges that aren't shown
	Pending int // webhooks that haven't been taken
	Hook    string
}

type homeCharge struct {
	Merchant, Account, What, With, Status, Note string
	Amount                                      int64
	Currency                                    string
	Created                                     time.Time
}

func (s *Sim) showHome(w http.ResponseWriter, _ *http.Request) {
	page := homePage{Title: "Stripe simulator"}
	s.everywhere(func(t *tx) {
		page.Pending += len(list[*delivery](t, nil))
		for _, c := range list[*charge](t, nil) {
			page.Charges = append(page.Charges, t.homeCharge(c))
		}
	})
	slices.SortStableFunc(page.Charges, func(a, b homeCharge) int { return b.Created.Compare(a.Created) })
	if n := len(page.Charges) - homeCharges; n > 0 {
		page.Charges, page.More = page.Charges[:homeCharges], n
	}
	s.mu.Lock()
	page.Ahead = int(s.ahead() / (24 * time.Hour))
	page.Hook = s.opts.WebhookURL
	s.mu.Unlock()
	s.draw(w, http.StatusOK, "home.html", page)
}

func (t *tx) homeCharge(c *charge) homeCharge {
	h := homeCharge{
		Merchant: t.merchant(),
		Account:  t.account,
		What:     c.Description,
		Status:   c.Status,
		Amount:   c.Amount,
		Currency: c.Currency,
		Created:  time.Unix(c.Created, 0).UTC(),
	}
	if m, ok := get[*method](t, c.Method); ok {
		h.With = m.title()
	}
	switch {
	case t.disputed(c):
		h.Status = "disputed"
	case c.Refunded == c.Amount:
		h.Status = "refunded"
	case c.Refunded > 0:
		h.Note = money(c.Refunded, c.Currency) + " refunded"
	case c.Failure != "":
		h.Note = c.Failure
	}
	return h
}

// passDays is the button that lets days pass.
func (s *Sim) passDays(w http.ResponseWriter, r *http.Request) {
	days, err := strconv.Atoi(r.PostFormValue("days"))
	if err != nil || days < 1 || days > 366 {
		http.Error(w, "Give a number of days from 1 to 366.", http.StatusBadRequest)
		return
	}
	s.advance(time.Duration(days) * 24 * time.Hour)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
