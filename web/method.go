package web

import (
	"strconv"

	"countersign/api"
	"countersign/portal"
	"countersign/web/ui"
)

// Expiry is the month in which a card ends, such as 04/2031; empty for what doesn't expire.
func Expiry(m api.PaymentMethod) string {
	if m.ExpMonth == 0 {
		return ""
	}
	month := strconv.Itoa(m.ExpMonth)
	if m.ExpMonth < 10 {
		month = "0" + month
	}
	return month + "/" + strconv.Itoa(m.ExpYear)
}

// MethodItem is a saved card or account as a line of a list: whose it is, and until when it can be used.
func MethodItem(m api.PaymentMethod) ui.Item {
	item := ui.Item{ID: "method-" + m.ID.String(), Icon: MethodIcon(m), Name: Method(m), About: m.Name}
	if ends := Expiry(m); ends != "" {
		words := "Expires " + ends
		if m.Expired {
			words = "Expired " + ends
			item.Status = &ui.Status{Label: "Expired", Tone: ui.Warning}
		}
		if m.Name != "" {
			words = m.Name + " · " + words
		}
		item.About = words
	}
	return item
}

// KindOptions are the kinds of method that can be saved.
func KindOptions(kinds []string) []ui.Option {
	options := make([]ui.Option, 0, len(kinds))
	for _, kind := range kinds {
		if kind == "bank_debit" {
			options = append(options, ui.Option{Value: kind, Label: "Bank account", Icon: ui.IconBank, Hint: "Payments take a few working days to settle."})
		} else {
			options = append(options, ui.Option{Value: kind, Label: "Card", Icon: ui.IconCard})
		}
	}
	return options
}

// SetupPage is the page on which somebody waits for, or comes back from, the processor's page that saves a method.
type SetupPage struct {
	api.MethodSetup
	// Here is the address of this page, Back where the methods are listed, and Again where another page can be had.
	Here, Back, Again string
	request           *Request
}

// NewSetupPage is the page of a setup at these addresses.
func NewSetupPage(r *Request, s api.MethodSetup, here, back, again string) SetupPage {
	return SetupPage{s, here, back, again, r}
}

// Onward reports whether the reader goes straight on to the processor's page: right after asking for it, never on coming back.
func (p SetupPage) Onward() bool { return p.request.Query("go") != "" && p.ActionURL != "" }

// finished reports whether the reader comes back from the processor before its word has reached us.
func (p SetupPage) finished() bool {
	return p.Status == portal.MethodSetupOpen && p.Mine && p.request.Query("from") == "page"
}

// Live reports whether the page should follow the setup.
func (p SetupPage) Live() bool { return p.Status.Live() }

// Reload has the page go on by itself where no script runs.
func (p SetupPage) Reload() *ui.Reload {
	switch {
	case p.Onward():
		return &ui.Reload{After: 0, To: p.ActionURL}
	case p.finished() || p.Status == portal.MethodSetupRequested:
		return &ui.Reload{After: 3}
	case p.Live():
		return &ui.Reload{After: 15}
	}
	return nil
}

// Heading says in a line where the setup stands, and below it what that means.
func (p SetupPage) Heading() ui.Heading {
	h := ui.Heading{Back: &ui.Link{Label: "Payment methods", Href: p.Back}}
	what := "card"
	if p.Kind == "bank_debit" {
		what = "bank account"
	}
	switch {
	case p.Status == portal.MethodSetupRequested:
		h.Title, h.Subtitle = "Opening the secure page…", "This takes a moment. Nothing is charged."
	case p.finished():
		h.Title, h.Subtitle = "Checking your "+what, "The payment processor is telling us how it went. This takes a moment."
	case p.Status == portal.MethodSetupOpen && p.Mine && p.request.Query("from") == "cancel":
		h.Title, h.Subtitle = "Nothing was saved", "You came back without finishing. You can go on any time today."
	case p.Status == portal.MethodSetupOpen && p.Mine:
		h.Title, h.Subtitle = "Continue to the secure page", "You enter the "+what+" there, at our payment processor. Nothing is charged."
	case p.Status == portal.MethodSetupOpen:
		h.Title, h.Subtitle = p.StartedBy+" is adding a "+what, "It is listed as soon as it is saved."
	case p.Status == portal.MethodSetupSaved:
		h.Title, h.Subtitle = "Saved", "It can be used for any invoice from now on."
	case p.Status == portal.MethodSetupExpired:
		h.Title, h.Subtitle = "Nothing was saved", p.Failure
	default:
		h.Title, h.Subtitle = "This could not be done", p.Failure
	}
	return h
}

// refusal says why the last try on the page came to nothing.
func (p SetupPage) refusal() string {
	if p.Status == portal.MethodSetupOpen {
		return p.Failure
	}
	return ""
}

// saved is what was saved, and what it took the place of.
func (p SetupPage) saved() []ui.Item {
	if p.Method == nil {
		return nil
	}
	item := MethodItem(*p.Method)
	item.Status = &ui.Status{Label: "Saved", Tone: ui.Success, Shape: ui.Ticked}
	if p.Replaces != nil && p.Replaces.ID != p.Method.ID {
		item.About += " · takes the place of " + Method(*p.Replaces)
	}
	return []ui.Item{item}
}
