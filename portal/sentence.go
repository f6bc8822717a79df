package portal

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"
)

// Happening is an event as it is told to people: in a document's timeline, in
// the bell and in emails.
type Happening struct {
	// Kind is what happened, as noun.verb.
	Kind string
	// Actor is the name of who did it, and Side what that is.
	Actor string
	Side  ActorKind
	// Data is the event's, as JSON decodes it: numbers are float64.
	Data map[string]any
}

// Sentence says in plain words what happened: "Maria Lopez accepted this
// estimate". document is what the event is about, as the sentence is to call it;
// money is written as in locale. There is no full stop.
func (e Happening) Sentence(document, locale string) string {
	who := cmp.Or(e.Actor, "Somebody")
	if e.Side == ActorSystem && e.Actor != "Autopay" {
		who = "Countersign"
	}
	did := func(format string, args ...any) string { return who + " " + fmt.Sprintf(format, args...) }
	text := func(name string) string { s, _ := e.Data[name].(string); return s }
	day := func(name string) string {
		d, err := ParseDate(text(name))
		if err != nil {
			return text(name)
		}
		return d.Format(locale)
	}
	reason := func() string {
		if r := text("reason"); r != "" {
			return ": " + strings.TrimSuffix(r, ".")
		}
		return ""
	}
	paid := func() string {
		if e.Actor == "" || e.Side == ActorSystem {
			return "Paid"
		}
		return did("paid")
	}
	switch e.Kind {
	case "estimate.created", "invoice.created", "invoice.edited":
		return did("%s %s", verb(e.Kind), document)
	case "estimate.edited":
		return did("wrote version %s of %s", whole(e.Data["version"]), document)
	case "estimate.sent":
		return did("sent version %s of %s%s", whole(e.Data["version"]), document, amountOf(e, "total", ", ", locale))
	case "estimate.accepted":
		return did("accepted %s%s", document, amountOf(e, "total", ", ", locale))
	case "estimate.declined":
		return did("declined %s%s", document, reason())
	case "estimate.expired":
		return capital(document) + " expired without a decision"
	case "estimate.withdrawn":
		return did("withdrew %s%s", document, reason())
	case "estimate.discarded":
		if version := whole(e.Data["version"]); version != "1" {
			return did("discarded the draft of version %s of estimate %s", version, text("number"))
		}
		return did("discarded the draft of estimate %s", text("number"))
	case "estimate.resent", "invoice.resent":
		return did("had %s emailed again", document)
	case "invoice.sent":
		return did("sent %s%s", document, amountOf(e, "total", ", ", locale))
	case "estimate.forwarded", "invoice.forwarded":
		return did("forwarded %s to %s", document, list(e.Data["recipients"]))
	case "payment.forwarded":
		return did("forwarded the receipt to %s", list(e.Data["recipients"]))
	case "statement.forwarded":
		return did("forwarded the %s to %s", cmp.Or(text("title"), "statement"), list(e.Data["recipients"]))
	case "invoice.voided":
		return did("voided %s%s", document, reason())
	case "invoice.paid":
		return paid() + amountOf(e, "amount", " ", locale) + receipt(text("receipt"))
	case "invoice.credited":
		return did("gave credit%s for %s with credit note %s", amountOf(e, "amount", " of ", locale), document, text("number"))
	case "payment.started":
		return did("started to pay%s%s", amountOf(e, "amount", " ", locale), forInvoices(e.Data["invoices"]))
	case "payment.page_opened":
		return "The payment page was opened"
	case "payment.succeeded":
		return paid() + amountOf(e, "amount", " ", locale) + receipt(text("receipt")) + credited(e, locale)
	case "payment.declined", "payment.card_declined":
		words := "Card declined: " + declined(text("code"))
		if text("next_try") != "" {
			words += ". It is tried again on " + day("next_try")
		}
		return words
	case "payment.processing":
		return "The bank has accepted the payment" + amountOf(e, "amount", " of ", locale) + " and is settling it"
	case "payment.authentication_needed":
		return "The bank asks the payer to confirm the payment" + amountOf(e, "amount", " of ", locale)
	case "payment.retried":
		if e.Side == ActorSystem {
			return did("tried to charge%s again, on schedule", amountOf(e, "amount", " ", locale))
		}
		return did("tried to charge%s again", amountOf(e, "amount", " ", locale))
	case "payment.schedule_stopped":
		return "The payment" + amountOf(e, "amount", " of ", locale) + " is not tried again by itself" + reason()
	case "payment.canceled":
		return did("gave up the payment%s%s", amountOf(e, "amount", " of ", locale), reason())
	case "payment.failed":
		return "The processor refused the payment" + amountOf(e, "amount", " of ", locale) + ". Nothing was charged"
	case "autopay.started":
		return did("turned autopay on")
	case "autopay.ended":
		return did("turned autopay off%s", reason())
	case "autopay.lapsed":
		return "Autopay ended" + reason()
	case "autopay.method_chosen":
		return did("chose %s for autopay", methodWords(e, ""))
	case "autopay.noticed":
		return "Autopay announced that it charges" + amountOf(e, "amount", " ", locale) + " for " + document + " on " + day("charge_on")
	case "autopay.skipped":
		return "Autopay did not charge " + document + reason()
	case "autopay.charge_canceled":
		return did("pays %s by hand, without autopay", document)
	case "autopay.charge_restored":
		return did("lets autopay pay %s after all", document)
	case "payment_method.saved":
		saved := did("saved %s for later", methodWords(e, ""))
		if asked := text("asked_by"); asked != "" {
			saved += ", as " + asked + " had asked"
		}
		return saved
	case "payment_method.updated":
		return did("changed the %s of the saved %s", changed(e.Data["changed"]), methodWords(e, ""))
	case "payment_method.refreshed":
		return "The bank changed the " + changed(e.Data["changed"]) + " of the saved " + methodWords(e, "")
	case "payment_method.detached":
		return "The saved " + methodWords(e, "") + " can't be charged any more: it was removed at the payment processor"
	case "payment.recorded":
		return did("recorded a payment%s by %s%s", amountOf(e, "amount", " of ", locale), strings.ToLower(PaymentKindWords(text("kind"))), receipt(text("receipt"))) + credited(e, locale)
	case "payment.refund_asked":
		return did("asked to refund%s%s", amountOf(e, "amount", " ", locale), reason())
	case "payment.refunded":
		words := did("refunded%s%s", amountOf(e, "amount", " ", locale), reason())
		if again, _ := e.Data["owed_again"].(bool); again {
			words += ". What it had paid is owed again"
		}
		return words
	case "payment.refund_failed":
		return "The refund" + amountOf(e, "amount", " of ", locale) + " did not go through"
	case "payment.disputed":
		return "The customer's bank took back" + amountOf(e, "amount", " ", locale) + ": the payment is disputed. What it had paid is owed again"
	case "payment.returned":
		return "The bank returned the debit" + amountOf(e, "amount", " of ", locale) + ": " + lowerFirst(strings.TrimSuffix(ReturnMessage(text("code")), ".")) + ". What it had paid is owed again"
	case "payment.inquired":
		return "The customer's bank asks about this payment. Answer it at the payment processor"
	case "payment.dispute_won":
		return "The dispute" + amountOf(e, "amount", " over ", locale) + " was won: the money is back"
	case "payment.dispute_lost":
		return "The dispute" + amountOf(e, "amount", " over ", locale) + " was lost"
	case "reconciliation.agreed":
		return "The payments of " + day("from") + " to " + day("to") + " agree with the processor's"
	case "reconciliation.differed":
		return "The payments of " + day("from") + " to " + day("to") + " differ from the processor's in " + places(e.Data["differences"])
	case "reconciliation.failed":
		return "The payments of " + day("from") + " to " + day("to") + " could not be compared with the processor's" + reason()
	case "credit.used":
		if whole(e.Data["invoices"]) == "1" {
			return did("paid%s of %s from credit", amountOf(e, "amount", " ", locale), document)
		}
		return did("paid %s of %s invoices from credit", document, whole(e.Data["invoices"]))
	case "credit.paid_out":
		return did("paid out%s of credit by %s%s", amountOf(e, "amount", " ", locale), strings.ToLower(PaymentKindWords(text("kind"))), reason())
	case "payment_method.removed":
		return did("removed the saved %s", methodWords(e, ""))
	case "payment_method.replaced":
		return did("replaced the saved %s by %s", methodWords(e, ""), methodWords(e, "new_"))
	case "payment_method.forgotten":
		return "The payment processor has forgotten the " + methodWords(e, "")
	case "payment_method.requested":
		return did("asked %s for payment details", cmp.Or(text("contact"), "a contact"))
	case "payment_method.refused":
		return "What was entered to be saved was refused: " + declined(text("code"))
	case "payment_method.page_opened":
		return "The page to save payment details was opened"
	case "payment_method.setup_ended":
		return "The page to save payment details was closed" + reason()
	case "payment_method.edit_refused":
		return "A change of saved payment details was refused" + reason()
	case "message.written":
		return did("wrote to you%s", quoted(text("subject")))
	case "review.written":
		return did("wrote a review: %s", stars(e.Data["stars"]))
	case "credit_note.created":
		return did("gave credit%s", amountOf(e, "amount", " of ", locale))
	case "invitation.sent":
		return did("invited %s to the portal", cmp.Or(text("contact"), document))
	case "invitation.resent":
		return did("sent the invitation again")
	case "invitation.accepted":
		return did("accepted the invitation")
	case "invitation.expired":
		return "The invitation expired"
	case "invitation.withdrawn":
		return did("withdrew the invitation")
	case "access.withdrawn":
		return did("withdrew the access of %s", cmp.Or(text("contact"), document))
	case "contact.created":
		return did("added %s as a contact", cmp.Or(text("contact"), document))
	case "customer.created", "customer.edited", "contact.edited":
		return did("%s %s", verb(e.Kind), cmp.Or(text("contact"), document))
	case "customer.updated":
		return did("changed the company's %s", changed(e.Data["changed"]))
	case "contact.updated":
		return did("changed their own %s", changed(e.Data["changed"]))
	case "staff.added":
		return did("added %s to the staff", cmp.Or(text("staff"), document))
	case "staff.invited":
		return did("sent the invitation to %s again", cmp.Or(text("staff"), document))
	case "staff.joined":
		return did("accepted the invitation to the staff")
	case "staff.edited":
		return did("changed the %s of %s", changed(e.Data["changed"]), cmp.Or(text("staff"), document))
	case "staff.access_ended":
		return did("switched off the access of %s", cmp.Or(text("staff"), document))
	case "staff.access_given":
		return did("switched the access of %s on again", cmp.Or(text("staff"), document))
	case "password.changed":
		return did("changed their password")
	case "password.reset_requested":
		return "A link to choose a new password was sent to " + cmp.Or(text("name"), document)
	case "password.reset":
		return did("chose a new password with a link from an email")
	case "session.ended":
		return did("signed out elsewhere")
	case "mfa.enabled":
		return did("set up an authenticator")
	case "mfa.backup_code_used":
		return did("signed in with a backup code")
	case "mfa.backup_codes_made":
		return did("made new backup codes")
	case "mfa.locked":
		return "Too many wrong codes were tried for " + who
	case "mfa.reset":
		return did("reset the authenticator of %s", cmp.Or(text("contact"), document))
	case "settings.saved":
		return did("saved the portal's settings")
	case "email_template.saved":
		return did("changed the words of the email “%s”", text("title"))
	case "email_template.reset":
		return did("gave the email “%s” its default words back", text("title"))
	case "organization.edited":
		return did("changed the organization's profile")
	case "api_key.created":
		return did("made the API key %s", text("name"))
	case "api_key.revoked":
		return did("revoked the API key %s", text("name"))
	case "invoice.discarded":
		return did("discarded the draft of invoice %s", text("number"))
	case "timesheet.submitted":
		return did("asked for approval of %s%s", document, timeOf(e, "hours", ", ", locale))
	case "timesheet.corrected":
		return did("corrected an entry of %s%s", document, timeOf(e, "hours", ", now ", locale))
	case "timesheet.approved":
		return did("approved %s%s", document, timeOf(e, "hours", ", ", locale))
	case "timesheet.partly_approved":
		return did("approved%s of %s and rejected %s%s", timeOf(e, "approved_hours", " ", locale), document, entries(e.Data["rejected"]), reason())
	case "timesheet.rejected":
		return did("rejected %s%s", document, reason())
	case "timesheet.recalled":
		return did("took %s back%s", document, reason())
	case "timesheet.reminded":
		return "A reminder of " + document + " was sent"
	case "project.created", "project.edited":
		return did("%s %s", verb(e.Kind), document)
	case "project.invoiced":
		return did("wrote an invoice of %s of %s", entries(e.Data["entries"]), document)
	case "task.created", "task.edited", "task.deleted":
		return did("%s the task %s", verb(e.Kind), text("task"))
	case "time_entry.logged":
		return did("logged%s of %s", timeOf(e, "hours", " ", locale), text("task"))
	case "time_entry.edited":
		return did("changed logged time to%s of %s", timeOf(e, "hours", " ", locale), text("task"))
	case "time_entry.deleted":
		return did("deleted%s of logged time", timeOf(e, "hours", " ", locale))
	case "email.delivered", "email.delayed", "email.bounced", "email.complained", "email.failed":
		return email(e.Kind, cmp.Or(text("recipient"), "the contact"))
	}
	subject, happened, _ := strings.Cut(e.Kind, ".")
	switch happened {
	case "viewed":
		return did("viewed %s", document)
	case "commented":
		if internal, _ := e.Data["internal"].(bool); internal {
			return did("noted on %s, for staff alone%s", document, quoted(text("comment")))
		}
		return did("commented on %s%s", document, quoted(text("comment")))
	case "forwarded":
		return did("forwarded %s%s", document, to(e.Data["recipients"]))
	}
	return capital(Noun(subject)) + " " + strings.ReplaceAll(happened, "_", " ")
}

// verb is the one that a plain change of a thing is told with.
func verb(kind string) string {
	switch _, happened, _ := strings.Cut(kind, "."); happened {
	case "created":
		return "made"
	case "edited":
		return "changed"
	default:
		return happened
	}
}

// Noun is what people call the subject of an event: "credit note".
func Noun(subject string) string { return strings.ReplaceAll(subject, "_", " ") }

// DocumentName is what people call the subject of an event: "invoice INV-0107",
// or "an invoice" where it has no number.
func DocumentName(subject, number string) string {
	switch {
	case number != "":
		return Noun(subject) + " " + number
	case subject == "invoice" || subject == "estimate":
		return "an " + Noun(subject)
	default:
		return "a " + Noun(subject)
	}
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// whole writes a number that JSON has made a float of.
func whole(n any) string {
	f, _ := n.(float64)
	return fmt.Sprintf("%.0f", f)
}

// amountOf writes the event's amount after lead, or nothing where it has none.
func amountOf(e Happening, name, lead, locale string) string {
	amount, ok := e.Data[name].(float64)
	currency, known := e.Data["currency"].(string)
	if !ok || !known {
		return ""
	}
	// Documents stay far below 2^53, up to which a double is exact.
	return lead + NewMoney(int64(amount), Currency(currency)).Format(locale)
}

// timeOf writes the event's hours after lead, or nothing where it has none.
func timeOf(e Happening, name, lead, locale string) string {
	text, _ := e.Data[name].(string)
	hours, err := decimal.NewFromString(text)
	if err != nil {
		return ""
	}
	return lead + FormatHours(hours, locale)
}

func entries(n any) string {
	if count, _ := n.(float64); count == 1 {
		return "1 entry"
	}
	return whole(n) + " entries"
}

func places(n any) string {
	if count, _ := n.(float64); count == 1 {
		return "1 place"
	}
	return whole(n) + " places"
}

func receipt(number string) string {
	if number == "" {
		return ""
	}
	return " with receipt " + number
}

func credited(e Happening, locale string) string {
	if left, _ := e.Data["credit"].(float64); left <= 0 {
		return ""
	}
	return amountOf(e, "credit", "; ", locale) + " of it became credit"
}

func forInvoices(n any) string {
	switch count, _ := n.(float64); {
	case count == 1:
		return " for 1 invoice"
	case count > 1:
		return fmt.Sprintf(" for %.0f invoices", count)
	}
	return ""
}

// declined says why in a few words. Who holds a card may not be its owner, so
// nothing tells that it was reported lost, stolen or misused.
func declined(code string) string {
	switch code {
	case "insufficient_funds":
		return "insufficient funds"
	case "expired_card":
		return "the card has expired"
	case "incorrect_number":
		return "the number is not right"
	case "incorrect_cvc", "invalid_cvc":
		return "the security code is not right"
	case "processing_error", "issuer_not_available", "try_again_later":
		return "the bank could not be reached"
	case "authentication_required":
		return "the bank wants the payer to confirm"
	case "card_not_supported", "transaction_not_allowed":
		return "the card can't be used for this"
	default:
		return "the bank refused it"
	}
}

// Detail says what was and what is now, where values were changed: "phone:
// 555 0100 → 555 0199". It is empty for all else.
func (e Happening) Detail() string {
	changes, _ := e.Data["changes"].([]any)
	var told []string
	for _, item := range changes {
		change, _ := item.(map[string]any)
		value := func(name string) string {
			text, _ := change[name].(string)
			return cmp.Or(text, "nothing")
		}
		told = append(told, fmt.Sprintf("%v: %s → %s", change["field"], value("from"), value("to")))
	}
	return strings.Join(told, "; ")
}

func changed(names any) string { return cmp.Or(list(names), "details") }

// list joins the words of a list: "a, b and c"; empty for none.
func list(of any) string {
	values, _ := of.([]any)
	words := make([]string, 0, len(values))
	for _, v := range values {
		words = append(words, fmt.Sprint(v))
	}
	if last := len(words) - 1; last > 0 {
		return strings.Join(words[:last], ", ") + " and " + words[last]
	}
	return strings.Join(words, "")
}

func email(kind, recipient string) string {
	switch kind {
	case "email.delivered":
		return "The email to " + recipient + " was delivered"
	case "email.delayed":
		return "The email to " + recipient + " is delayed"
	case "email.bounced":
		return "The email to " + recipient + " came back: the address doesn't take it"
	case "email.complained":
		return recipient + " marked the email as unwanted"
	default:
		return "The email to " + recipient + " could not be sent"
	}
}

// methodWords names the saved method that an event is about, from the values of
// that prefix.
func methodWords(e Happening, prefix string) string {
	text := func(name string) string { s, _ := e.Data[prefix+name].(string); return s }
	return MethodWords(text("kind"), text("brand"), text("last4"))
}

// quoted is somebody's own words after what they did.
func quoted(words string) string {
	if words == "" {
		return ""
	}
	return ": “" + words + "”"
}

func to(recipients any) string {
	list, _ := recipients.([]any)
	if len(list) == 0 {
		return ""
	}
	return " to " + changed(recipients)
}

func stars(n any) string {
	if n == 1.0 {
		return "1 star"
	}
	return whole(n) + " stars"
}
