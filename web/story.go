package web

import (
	"fmt"
	"slices"
	"strings"

	"countersign/api"
	"countersign/portal"
	"countersign/web/ui"
)

// Story tells a document's events in plain words, newest first.
func (r *Request) Story(entries []api.TimelineEntry) []ui.Happening {
	story := make([]ui.Happening, 0, len(entries))
	for _, e := range slices.Backward(entries) {
		words, detail, tone := r.tell(e)
		story = append(story, ui.Happening{Tone: tone, Words: words, Detail: detail, When: r.Moment(e.At)})
	}
	return story
}

// tell words one event. What happened by itself has no name in it.
func (r *Request) tell(e api.TimelineEntry) (words, detail string, tone ui.Tone) {
	by := ""
	if e.Side != string(portal.ActorSystem) && e.Actor != "" {
		by = " by " + e.Actor
	}
	switch e.Kind {
	case "estimate.created", "invoice.created":
		return "Written" + by, "", ui.Neutral
	case "estimate.edited":
		return "New version written" + by, version(e), ui.Neutral
	case "estimate.sent":
		return "Sent" + by, r.versionAndTotal(e), ui.Info
	case "estimate.accepted":
		return "Accepted" + by, r.versionAndTotal(e), ui.Success
	case "estimate.declined":
		return "Declined" + by, text(e, "reason"), ui.Failure
	case "estimate.expired":
		return "Expired without a decision", version(e), ui.Neutral
	case "estimate.withdrawn":
		return "Withdrawn" + by, "", ui.Neutral
	case "estimate.reminded", "invoice.reminded":
		return "Reminder sent", "", ui.Neutral
	case "estimate.viewed", "invoice.viewed":
		return "Opened" + by, "", ui.Neutral
	case "invoice.sent":
		return "Sent" + by, "", ui.Info
	case "invoice.edited":
		return "Changed" + by, "", ui.Neutral
	case "invoice.voided":
		return "Voided" + by, text(e, "reason"), ui.Neutral
	case "invoice.paid":
		return "Payment" + by, receipt(e), ui.Success
	case "payment.started":
		return "Started" + by, r.amount(e), ui.Info
	case "payment.authentication_needed":
		return "The bank asks to confirm this payment", "", ui.Warning
	case "payment.processing":
		return "Accepted by the bank, and being settled", "", ui.Info
	case "payment.card_declined":
		return "A card was declined", text(e, "reason"), ui.Warning
	case "payment.declined":
		return "Declined", text(e, "reason"), ui.Failure
	case "payment.retried":
		return "Tried again" + by, "", ui.Info
	case "payment.succeeded":
		return "Paid", receipt(e), ui.Success
	case "payment.canceled":
		return "Cancelled" + by, text(e, "reason"), ui.Neutral
	case "payment.failed":
		return "Could not be charged", text(e, "reason"), ui.Failure
	case "email.failed":
		return "An email to " + text(e, "recipient") + " could not be sent", text(e, "reason"), ui.Warning
	default:
		return unworded(e.Kind) + by, "", ui.Neutral
	}
}

// unworded makes words of an event that has none of its own: "invoice.written_off" reads "Invoice written off".
func unworded(kind string) string {
	words := strings.NewReplacer(".", " ", "_", " ").Replace(kind)
	if words == "" {
		return "Something happened"
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

func text(e api.TimelineEntry, name string) string {
	value, _ := e.Data[name].(string)
	return value
}

// version says which version an event is about, if it has several.
func version(e api.TimelineEntry) string {
	n, ok := e.Data["version"].(float64)
	if !ok {
		return ""
	}
	return fmt.Sprintf("Version %d", int(n))
}

func (r *Request) versionAndTotal(e api.TimelineEntry) string {
	return strings.Trim(version(e)+", "+r.amountOf(e, "total"), ", ")
}

func (r *Request) amount(e api.TimelineEntry) string { return r.amountOf(e, "amount") }

func (r *Request) amountOf(e api.TimelineEntry, name string) string {
	amount, ok := e.Data[name].(float64)
	currency, known := portal.Currency(text(e, "currency")), text(e, "currency") != ""
	if !ok || !known {
		return ""
	}
	return r.Money(portal.NewMoney(int64(amount), currency))
}

func receipt(e api.TimelineEntry) string {
	if number := text(e, "receipt"); number != "" {
		return "Receipt " + number
	}
	return ""
}
