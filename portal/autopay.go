package portal

import (
	"slices"
	"time"
)

// AutopayStatus is where an enrolment stands.
type AutopayStatus string

// The statuses of an enrolment.
const (
	AutopayOn    AutopayStatus = "on"
	AutopayEnded AutopayStatus = "ended"
)

// AutopayMachine says how an enrolment may move. What ended is begun anew.
func AutopayMachine() Machine[AutopayStatus] {
	return Machine[AutopayStatus]{[]state[AutopayStatus]{
		{AutopayOn, live, []AutopayStatus{AutopayEnded}},
		{AutopayEnded, final, nil},
	}}
}

// AutopayChargeStatus is how far autopay is with one thing that is due.
type AutopayChargeStatus string

// The statuses of a charge.
const (
	// ChargePlanned: nobody was told of it yet.
	ChargePlanned AutopayChargeStatus = "planned"
	// ChargeNoticed: the contact was told what is charged and when.
	ChargeNoticed AutopayChargeStatus = "noticed"
	// ChargeMade: a payment was begun for it, or credit paid for it.
	ChargeMade AutopayChargeStatus = "charged"
	// ChargeSkipped: it could not be told of or charged, or was not owed any more.
	ChargeSkipped AutopayChargeStatus = "skipped"
	// ChargeCanceled: somebody pays it by hand.
	ChargeCanceled AutopayChargeStatus = "canceled"
)

// AutopayChargeMachine says how a charge may move. One that grew after its notice
// is planned again: never more is charged than was announced.
func AutopayChargeMachine() Machine[AutopayChargeStatus] {
	return Machine[AutopayChargeStatus]{[]state[AutopayChargeStatus]{
		{ChargePlanned, live, []AutopayChargeStatus{ChargeNoticed, ChargeSkipped, ChargeCanceled}},
		{ChargeNoticed, live, []AutopayChargeStatus{ChargePlanned, ChargeNoticed, ChargeMade, ChargeSkipped, ChargeCanceled}},
		{ChargeMade, final, nil},
		{ChargeSkipped, final, nil},
		{ChargeCanceled, idle, []AutopayChargeStatus{ChargePlanned}},
	}}
}

// Final reports whether nothing more will become of the charge.
func (s AutopayChargeStatus) Final() bool { return slices.Contains(AutopayChargeMachine().Final(), s) }

// How long before a charge its contact is told of it: three days, and a day at
// least, however late its invoice came.
const (
	AutopayNotice      = 3 * 24 * time.Hour
	AutopayNoticeLeast = 24 * time.Hour
)

// NineOn is nine in the morning of a day in loc: when money is charged.
func NineOn(day Date, loc *time.Location) time.Time {
	return time.Date(day.Year, day.Month, day.Day, 9, 0, 0, 0, loc)
}

// AutopayNoticeAt is when what is due on a day is announced: at nine, three days before.
func AutopayNoticeAt(due Date, loc *time.Location) time.Time {
	return NineOn(due.AddDays(-int(AutopayNotice/(24*time.Hour))), loc)
}

// AutopayChargeAt is when it is charged that was announced at noticed: at nine on
// the day that it is due, and not within least of the announcement.
func AutopayChargeAt(due Date, noticed time.Time, least time.Duration, loc *time.Location) time.Time {
	at := NineOn(due, loc)
	if earliest := noticed.Add(least); at.Before(earliest) {
		return earliest
	}
	return at
}

// AutopayOffer is what a contact agrees to.
type AutopayOffer struct {
	Organization, Customer string
	// From is the first day whose dues are charged.
	From   Date
	Locale string
}

// Terms are the words that are agreed to. They are kept with the agreement as
// they stood on the page.
func (o AutopayOffer) Terms() string {
	return "I allow " + o.Organization + " to charge the way to pay that I chose for each invoice to " + o.Customer +
		" that is due on " + o.From.Format(o.Locale) + " or later: what is still owed on it, at nine in the morning of the day that it is due. " +
		"I get an email about each charge three days before, and never less than 24 hours before, which says how much it is and leads to where I can stop it. " +
		"A charge that is declined may be tried again up to three times within fifteen days. " +
		"I can pay any invoice myself before, choose another way to pay, or turn autopay off at any time, here or by asking " + o.Organization + "."
}

// ChargedByAutopay says why autopay can't charge a kind of method for an invoice
// that offers these ways to pay, or is empty.
func ChargedByAutopay(kind string, offered []string, currency Currency, bankDebitAllowed bool) string {
	switch {
	case !slices.Contains(offered, kind) && kind == "bank_debit":
		return "It can't be paid from a bank account."
	case !slices.Contains(offered, kind):
		return "It can't be paid by card."
	case kind == "bank_debit" && (!bankDebitAllowed || currency != "USD"):
		return "It can't be paid from a bank account."
	}
	return ""
}
