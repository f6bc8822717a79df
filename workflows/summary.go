package workflows

import "countersign/portal"

// summaries say in Temporal UI what a flow is for, by its name.
var summaries = map[string]string{
	InvitationName: "Invitation to the portal",
	EstimateName:   "Approval of an estimate",
	PaymentName:    "Payment of invoices",
	TimesheetName:  "Approval of a timesheet",
	ForwardName:    "Forwarding of a document",

	AccountEmailName: "Email about an account",

	MethodSetupName:   "Saving of a card or bank account",
	MethodEditName:    "Change of a saved card or bank account",
	MethodRemovalName: "Removal of a saved card or bank account",

	ReconciliationName: "Comparison with the processor",

	AutopayName: "Autopay of a customer",
}

// notices say what the flow of a notification is for, by its audience.
var notices = map[portal.Audience]string{
	portal.AudienceStaff:         "Email to staff: what happened in the portal",
	portal.AudienceCustomer:      "Email to a customer: new comments",
	portal.AudienceInvoice:       "Email to a customer: an invoice",
	portal.AudienceInvoiceAgain:  "Email to a customer: an invoice, again",
	portal.AudienceEstimateAgain: "Email to a customer: an estimate, again",
	portal.AudienceMethodRequest: "Email to a contact: payment details are asked for",
	portal.AudienceMessage:       "Email to the organization: a contact's message",
}

// Summary is what a flow is for, as Temporal UI shows it beside its name. About
// is the number of the estimate that it is about, or the kind of a notification;
// else it is empty. It never holds personal data: it isn't encrypted.
func Summary(flow, about string) string {
	switch {
	case flow == NotifyName:
		return notices[portal.Audience(about)]
	case about != "":
		return summaries[flow] + ": " + about
	}
	return summaries[flow]
}
