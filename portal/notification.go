package portal

// Audience is whom an event is mailed to, apart from what its own flow sends.
type Audience string

// The audiences.
const (
	// AudienceStaff are the active members of staff, R52.
	AudienceStaff Audience = "staff"
	// AudienceCustomer are the customer's contacts with access, R53.
	AudienceCustomer Audience = "customer"
	// AudienceInvoice are those at the customer who are mailed about documents.
	AudienceInvoice Audience = "invoice"
	// AudienceInvoiceAgain and AudienceEstimateAgain are the same people, mailed once more about what they were sent.
	AudienceInvoiceAgain  Audience = "invoice_again"
	AudienceEstimateAgain Audience = "estimate_again"
	// AudienceMessage is the organization's registered address, R56.
	AudienceMessage Audience = "message"
	// AudienceMethodRequest is the contact who is asked for payment details, R39.
	AudienceMethodRequest Audience = "method_request"
)

// One reports whether an audience is mailed about one thing, so that there is nothing to gather.
func (a Audience) One() bool { return a != AudienceStaff && a != AudienceCustomer }

// AudiencesOf says whom an event is mailed to. Whether the settings want that is
// asked when the email is sent, not here. A customer isn't told here of what the
// flows of estimates and payments confirm to it themselves.
func AudiencesOf(kind string, by ActorKind, visible bool) []Audience {
	switch {
	case kind == "invoice.sent":
		return []Audience{AudienceInvoice}
	case kind == "invoice.resent":
		return []Audience{AudienceInvoiceAgain}
	case kind == "estimate.resent":
		return []Audience{AudienceEstimateAgain}
	case kind == "payment_method.requested":
		return []Audience{AudienceMethodRequest}
	case by == ActorContact && kind == "message.written":
		return []Audience{AudienceMessage, AudienceStaff}
	case by == ActorContact && tellsStaff(kind):
		return []Audience{AudienceStaff}
	case by == ActorSystem && goesWrong(kind):
		return []Audience{AudienceStaff}
	case (by == ActorStaff || by == ActorAPIKey) && visible && isComment(kind):
		return []Audience{AudienceCustomer}
	}
	return nil
}

// goesWrong is what happens by itself and needs somebody.
func goesWrong(kind string) bool {
	switch kind {
	case "email.bounced", "email.complained", "email.failed", "reconciliation.differed", "reconciliation.failed",
		"payment.disputed", "payment.returned", "payment.inquired", "payment.dispute_won", "payment.dispute_lost", "payment.refund_failed":
		return true
	}
	return false
}

func isComment(kind string) bool {
	return kind == "estimate.commented" || kind == "invoice.commented" || kind == "project.commented"
}

// tellsStaff is R52's list of what a contact does.
func tellsStaff(kind string) bool {
	switch kind {
	case "estimate.viewed", "invoice.viewed",
		"estimate.accepted", "estimate.declined",
		"payment.succeeded",
		"customer.updated", "contact.updated",
		"timesheet.approved", "timesheet.rejected", "timesheet.partly_approved",
		"estimate.forwarded", "invoice.forwarded", "payment.forwarded", "statement.forwarded",
		"review.written":
		return true
	}
	return isComment(kind)
}
