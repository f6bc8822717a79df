package stripesim

import (
	"bytes"
	"embed"
	"errors"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

//go:embed pages
var pages embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"money": money,
}).ParseFS(pages, "pages/*.html"))

// pageRoutes are the pages that a person sees: Checkout, and the bank's
// authentication.
func (s *Sim) pageRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /c/pay/{id}", s.showCheckout)
	mux.HandleFunc("POST /c/pay/{id}", s.submitCheckout)
	mux.HandleFunc("GET /c/authenticate/{id}", s.showAuthentication)
	mux.HandleFunc("POST /c/authenticate/{id}", s.submitAuthentication)
	for _, asset := range []string{"checkout.css", "checkout.js"} {
		mux.HandleFunc("GET /c/"+asset, func(w http.ResponseWriter, r *http.Request) {
			http.ServeFileFS(w, r, pages, "pages/"+asset)
		})
	}
}

// checkoutPage is what the page shows.
type checkoutPage struct {
	Title    string
	Merchant string
	Session  *session
	Amount   int64
	Entry    entry
	Both     bool // both cards and bank accounts are taken
	// Problem is the sentence above the form; Errors are beside the fields.
	Problem   string
	Errors    map[string]string
	Countries []country
	Cards     []testCase
	Banks     []testCase
	// Agreed is the sentence that says what saving means, where it isn't
	// the customer's choice.
	Agreed  bool
	Routing string
	// Onward is where a closed page leads.
	Onward string
}

// testCase is one line in the page's list of test cards or accounts.
type testCase struct {
	Label  string
	Shown  string // the number, grouped
	Number string
}

func (s *Sim) checkoutPage(t *tx, cs *session, e entry) checkoutPage {
	p := checkoutPage{
		Merchant:  t.merchant(),
		Session:   cs,
		Amount:    cs.amount(),
		Entry:     e,
		Both:      len(cs.Types) > 1,
		Countries: countries(),
		Agreed:    cs.Mode == "setup" || cs.FutureUsage != "",
		Routing:   testRouting,
	}
	p.Title = "Pay " + p.Merchant
	if cs.Mode == "setup" {
		p.Title = "Save a way to pay " + p.Merchant
	}
	for _, kind := range cs.Types {
		if p.Entry.Kind == "" {
			p.Entry.Kind = kind
		}
		switch kind {
		case "card":
			for _, c := range testCards {
				if c.label != "" {
					p.Cards = append(p.Cards, testCase{c.label, grouped(c.number), c.number})
				}
			}
		case "us_bank_account":
			for _, b := range testBanks {
				if b.label != "" {
					p.Banks = append(p.Banks, testCase{b.label, b.number, b.number})
				}
			}
		}
	}
	return p
}

func (s *Sim) showCheckout(w http.ResponseWriter, r *http.Request) {
	var page checkoutPage
	err := where(s, r.PathValue("id"), func(t *tx, cs *session) error {
		page = s.checkoutPage(t, cs, filled(r.URL.Query().Get("fill"), t.now()))
		// Somebody who came back from the bank sees what it said.
		if e := t.lastError(cs); e != nil && r.URL.Query().Has("declined") {
			page.Problem, _ = e["message"].(string)
		}
		return nil
	})
	if err != nil {
		s.showNothing(w)
		return
	}
	s.show(w, http.StatusOK, page)
}

func (t *tx) lastError(cs *session) doc {
	if pi, ok := get[*intent](t, cs.Intent); ok {
		return pi.LastError
	}
	if si, ok := get[*setupIntent](t, cs.Setup); ok {
		return si.LastError
	}
	return nil
}

// show draws the form, or why there is none any more.
func (s *Sim) show(w http.ResponseWriter, status int, page checkoutPage) {
	name := "checkout.html"
	switch page.Session.Status {
	case "complete":
		name, page.Title, page.Onward = "closed.html", "All done here", page.Session.succeedAt()
	case "expired":
		name, page.Title, page.Onward = "closed.html", "This page has expired", page.Session.CancelURL
	}
	s.draw(w, status, name, page)
}

func (s *Sim) showNothing(w http.ResponseWriter) {
	s.draw(w, http.StatusNotFound, "nothing.html", checkoutPage{Title: "Nothing here"})
}

func (s *Sim) draw(w http.ResponseWriter, status int, name string, page any) {
	var out bytes.Buffer
	if err := templates.ExecuteTemplate(&out, name, page); err != nil {
		s.log.Error("stripesim: a page could not be drawn", "page", name, "error", err)
		http.Error(w, "The page could not be drawn.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(out.Bytes())
}

// submitCheckout is the Pay button. The answer is never shown twice by reloading:
// what worked redirects.
func (s *Sim) submitCheckout(w http.ResponseWriter, r *http.Request) {
	e, errs := readEntry(r)
	var page checkoutPage
	var next string
	status := http.StatusOK
	err := where(s, r.PathValue("id"), func(t *tx, cs *session) error {
		page = s.checkoutPage(t, cs, e)
		if cs.Status != "open" {
			if cs.Status == "complete" {
				next = cs.succeedAt() // pressed twice
			}
			return nil
		}
		if page.Errors = errs; len(errs) > 0 {
			status = http.StatusUnprocessableEntity
			return nil
		}
		m, p := t.methodOf(e)
		if p == nil {
			p = t.pay(cs, m, e.Save, s.base(r))
		}
		if p != nil {
			status = http.StatusPaymentRequired
			page.Problem = p.message
			return nil
		}
		next = t.nextStep(cs)
		return nil
	})
	switch {
	case err != nil:
		s.showNothing(w)
	case next != "":
		http.Redirect(w, r, next, http.StatusSeeOther)
	default:
		s.show(w, status, page)
	}
}

// nextStep is where the customer goes after an attempt that wasn't refused.
func (t *tx) nextStep(cs *session) string {
	if cs.Status == "complete" {
		return cs.succeedAt()
	}
	if pi, ok := get[*intent](t, cs.Intent); ok {
		return pi.NextURL
	}
	if si, ok := get[*setupIntent](t, cs.Setup); ok {
		return si.NextURL
	}
	return ""
}

// readEntry reads the form, and says beside which fields something is missing.
func readEntry(r *http.Request) (entry, map[string]string) {
	value := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	e := entry{
		Kind:    value("kind"),
		Number:  value("number"),
		Expiry:  value("expiry"),
		CVC:     value("cvc"),
		Routing: value("routing"),
		Account: value("account"),
		Name:    value("name"),
		Line1:   value("line1"),
		City:    value("city"),
		State:   value("state"),
		Postal:  value("postal"),
		Country: value("country"),
		Save:    value("save") != "",
	}
	errs := map[string]string{}
	need := func(name, v, message string) {
		if v == "" {
			errs[name] = message
		}
	}
	if e.Kind == "us_bank_account" {
		need("routing", e.Routing, "Enter the routing number.")
		need("account", e.Account, "Enter the account number.")
	} else {
		need("number", e.Number, "Enter the card number.")
		if _, _, ok := parseExpiry(e.Expiry); !ok {
			errs["expiry"] = "Enter the date as MM / YY."
		}
		need("cvc", e.CVC, "Enter the security code.")
	}
	need("name", e.Name, "Enter the name.")
	need("country", e.Country, "Choose a country.")
	return e, errs
}

// parseExpiry reads MM / YY or MM / YYYY, with or without the slash and spaces.
func parseExpiry(s string) (month, year int, ok bool) {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
	if len(digits) != 4 && len(digits) != 6 {
		return 0, 0, false
	}
	month, _ = strconv.Atoi(digits[:2])
	year, _ = strconv.Atoi(digits[2:])
	if len(digits) == 4 {
		year += 2000
	}
	return month, year, month >= 1 && month <= 12
}

// methodOf makes the method that was typed.
func (t *tx) methodOf(e entry) (*method, *problem) {
	b := billing{
		Name:    e.Name,
		Address: address{Line1: e.Line1, City: e.City, State: e.State, PostalCode: e.Postal, Country: e.Country},
	}
	if e.Kind == "us_bank_account" {
		return t.newBank(e.Routing, e.Account, b)
	}
	month, year, ok := parseExpiry(e.Expiry)
	if !ok {
		return nil, cardProblem("invalid_expiry_month", "exp_month", "Your card's expiration date is invalid.")
	}
	return t.newCard(cardEntry{number: e.Number, expMonth: month, expYear: year, cvc: e.CVC}, b)
}

// filled is the form as a test case fills it in.
func filled(number string, now time.Time) entry {
	e := entry{Country: "US"}
	expiry := now.AddDate(3, 0, 0).Format("01 / 06")
	if c, ok := cardNumbered(number); ok {
		return entry{
			Kind: "card", Number: grouped(number), Expiry: expiry, CVC: "1234"[:cvcLength(c)],
			Name: "Test Payer", Line1: "1 Test Street", City: "San Francisco", Postal: "94107", Country: "US",
		}
	}
	if _, ok := bankNumbered(number); ok {
		return entry{
			Kind: "us_bank_account", Routing: testRouting, Account: number,
			Name: "Test Payer", Line1: "1 Test Street", City: "San Francisco", Postal: "94107", Country: "US",
		}
	}
	return e
}

// grouped writes a card number as it stands on the card.
func grouped(number string) string {
	cuts := []int{4, 8, 12}
	if strings.HasPrefix(number, "34") || strings.HasPrefix(number, "37") {
		cuts = []int{4, 10}
	}
	var parts []string
	from := 0
	for _, cut := range cuts {
		parts = append(parts, number[from:cut])
		from = cut
	}
	return strings.Join(append(parts, number[from:]), " ")
}

// authenticationPage is what the bank shows.
type authenticationPage struct {
	Title    string
	Merchant string
	Card     string // such as Visa ending in 3155
	Amount   int64  // 0: a card is being saved
	Currency string
	Over     bool // there is nothing to authenticate any more
}

func (s *Sim) showAuthentication(w http.ResponseWriter, r *http.Request) {
	page := authenticationPage{Title: "Confirm with your bank", Over: true}
	id := r.PathValue("id")
	fill := func(t *tx, methodID, status string) {
		page.Merchant, page.Over = t.merchant(), status != requiresAction
		if m, ok := get[*method](t, methodID); ok {
			page.Card = m.title()
		}
	}
	err := where(s, id, func(t *tx, pi *intent) error {
		page.Amount, page.Currency = pi.Amount, pi.Currency
		fill(t, pi.Method, pi.Status)
		return nil
	})
	if errors.Is(err, errAbsent) {
		err = where(s, id, func(t *tx, si *setupIntent) error {
			fill(t, si.Method, si.Status)
			return nil
		})
	}
	if err != nil {
		s.showNothing(w)
		return
	}
	s.draw(w, http.StatusOK, "authenticate.html", page)
}

// submitAuthentication is the bank's Complete and Fail.
func (s *Sim) submitAuthentication(w http.ResponseWriter, r *http.Request) {
	pass := r.PostFormValue("result") == "complete"
	id := r.PathValue("id")
	var next string
	err := where(s, id, func(t *tx, pi *intent) error {
		cs, inSession := get[*session](t, pi.Session)
		if inSession {
			_ = t.authenticateSession(cs, pass) // refusals are shown on the page
			next = cs.backTo(s.base(r))
			return nil
		}
		_ = t.authenticated(pi, pass) // and this one's is in the intent
		next = pi.returnTo()
		return nil
	})
	if errors.Is(err, errAbsent) {
		err = where(s, id, func(t *tx, si *setupIntent) error {
			cs, inSession := get[*session](t, si.Session)
			if inSession {
				_ = t.authenticateSession(cs, pass)
				next = cs.backTo(s.base(r))
				return nil
			}
			_ = t.setupAuthenticated(si, pass)
			next = si.ReturnURL
			return nil
		})
	}
	switch {
	case err != nil:
		s.showNothing(w)
	case next == "":
		s.draw(w, http.StatusOK, "authenticate.html", authenticationPage{Title: "All done here", Over: true})
	default:
		http.Redirect(w, r, next, http.StatusSeeOther)
	}
}

// authenticateSession goes on with a session's attempt after the bank's page; it
// does nothing if the attempt needs no authentication.
func (t *tx) authenticateSession(cs *session, pass bool) *problem {
	if pi, ok := get[*intent](t, cs.Intent); ok && pi.Status == requiresAction {
		if p := t.authenticated(pi, pass); p != nil {
			return p
		}
		t.complete(cs)
	}
	if si, ok := get[*setupIntent](t, cs.Setup); ok && si.Status == requiresAction {
		if p := t.setupAuthenticated(si, pass); p != nil {
			return p
		}
		t.complete(cs)
	}
	return nil
}

// backTo is where the bank's page leads: on, or back to the form.
func (cs *session) backTo(base string) string {
	if cs.Status == "complete" {
		return cs.succeedAt()
	}
	return base + "/c/pay/" + cs.ID + "?declined"
}

type country struct{ Code, Name string }

// iso3166 are the countries that Stripe takes billing addresses in.
const iso3166 = "AC AD AE AF AG AI AL AM AO AQ AR AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ " +
	"CA CD CF CG CH CI CK CL CM CN CO CR CV CW CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FO FR GA GB GD GE GF GG GH " +
	"GI GL GM GN GP GQ GR GS GT GU GW GY HK HN HR HT HU ID IE IL IM IN IO IQ IS IT JE JM JO JP KE KG KH KI KM KN KR KW KY KZ LA " +
	"LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MK ML MM MN MO MQ MR MS MT MU MV MW MX MY MZ NA NC NE NG NI NL NO NP NR NU " +
	"NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PY QA RE RO RS RU RW SA SB SC SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SZ TA " +
	"TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VG VN VU WF WS XK YE YT ZA ZM ZW"

// countries lists them by their English names.
func countries() []country {
	names := display.English.Regions()
	var out []country
	for code := range strings.FieldsSeq(iso3166) {
		region, err := language.ParseRegion(code)
		if err != nil {
			continue
		}
		out = append(out, country{Code: code, Name: names.Name(region)})
	}
	sortCountries(out)
	return out
}

func sortCountries(cs []country) {
	order := collate.New(language.English)
	slices.SortFunc(cs, func(a, b country) int { return order.CompareString(a.Name, b.Name) })
}
