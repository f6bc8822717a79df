// Package workflows holds the durable flows: a file per flow, which reads like
// the story that it tells in Temporal UI. It decides what happens next and
// never touches the outside itself; package activities does.
package workflows

import (
	"strconv"

	"github.com/google/uuid"
	"go.temporal.io/sdk/temporal"

	"countersign/activities"
	"countersign/portal"
)

// TaskQueue is the queue that all flows and steps run on.
const TaskQueue = "countersign"

// Names of the flows. They stand in histories: never rename one.
const (
	InvitationName = "Invitation"
	EstimateName   = "EstimateApproval"
	PaymentName    = "Payment"
	TimesheetName  = "TimesheetApproval"
	ForwardName    = "Forwarding"

	AccountEmailName = "AccountEmail"
	NotifyName       = "Notify"

	MethodSetupName   = "MethodSetup"
	MethodEditName    = "MethodEdit"
	MethodRemovalName = "MethodRemoval"

	ReconciliationName = "Reconciliation"

	AutopayName = "Autopay"
)

// Names of Updates and Signals, as an operator types them in Temporal UI.
const (
	// UpdateBegun answers with the result of a flow's first step. It takes nothing.
	UpdateBegun = "begun"
	// UpdateDecide takes a DecideRequest, or of a timesheet a TimesheetDecision: a
	// contact accepts or declines what is asked.
	UpdateDecide = "decide"
	// UpdateRetry takes a RetryRequest: another try of a declined payment.
	UpdateRetry = "retry"
	// UpdateCancel takes a CancelRequest: gives a payment up and frees its invoices.
	UpdateCancel = "cancel"
	// UpdateObserve takes nothing: asks the processor and applies its answer.
	UpdateObserve = activities.AskObserve
	// UpdateRefund takes a RefundRequest: gives back a payment, or a part of it.
	UpdateRefund = "refund"
	// UpdateMoneyBack takes nothing: asks the processor what went back of a
	// payment that succeeded, and applies its answer.
	UpdateMoneyBack = activities.AskMoneyBack
	// UpdateResend takes a ResendRequest: a new email of an invitation.
	UpdateResend = "resend"
	// UpdateRecall takes a RecallRequest: staff take a timesheet back.
	UpdateRecall = "recall"
	// SignalReread says that the flow's row changed without it.
	SignalReread = "reread"
)

// Types of the activities, so that the calls are checked by the compiler.
var steps *activities.Activities

// What callers of the flows need of the steps' types, so that they need not
// import the steps.
type (
	Actor           = activities.Actor
	Origin          = activities.Origin
	Begun           = activities.Begun
	PayRequest      = activities.PayRequest
	RefundRequest   = activities.RefundRequest
	PayInvoice      = activities.PayInvoice
	PaymentRef      = activities.PaymentRef
	PaymentState    = activities.PaymentState
	Holder          = activities.Holder
	InviteRequest   = activities.InviteRequest
	InvitationRef   = activities.InvitationRef
	InvitationState = activities.InvitationState
	EstimateRef     = activities.EstimateRef
	EstimateState   = activities.EstimateState
	ForwardRequest  = activities.ForwardRequest
	ForwardRef      = activities.ForwardRef
	ForwardState    = activities.ForwardState
	AccountEmailRef = activities.AccountEmailRef
	SubmitRequest   = activities.SubmitRequest
	Selection       = activities.Selection
	Rejection       = activities.Rejection
	Rejections      = activities.Rejections
	TimesheetRef    = activities.TimesheetRef
	TimesheetState  = activities.TimesheetState
	NotifyRef       = activities.NotifyRef
	NotifyState     = activities.NotifyState

	MethodSetupRef     = activities.MethodSetupRef
	SetUpMethodRequest = activities.SetUpMethodRequest
	MethodSetupState   = activities.MethodSetupState
	MethodEditRef      = activities.MethodEditRef
	EditMethodRequest  = activities.EditMethodRequest
	MethodEditState    = activities.MethodEditState
	MethodRef          = activities.MethodRef
	MethodRemovalState = activities.MethodRemovalState

	AutopayRef     = activities.AutopayRef
	EnrolRequest   = activities.EnrolRequest
	AutopayState   = activities.AutopayState
	AutopayDue     = activities.AutopayDue
	AutopayOutcome = activities.AutopayOutcome

	ReconciliationRef     = activities.ReconciliationRef
	ReconciliationRequest = activities.ReconciliationRequest
	ReconciliationState   = activities.ReconciliationState
)

// ActorOf is a principal as flows and events name it.
var ActorOf = activities.ActorOf

// DepositInvoiceID is the invoice that the acceptance of an estimate's version makes.
var DepositInvoiceID = activities.DepositInvoiceID

// Refusal is the *portal.Error in an error that came from a flow, or nil.
var Refusal = activities.Refusal

// Kinds of documents that can be forwarded.
const (
	ForwardEstimate  = activities.ForwardEstimate
	ForwardInvoice   = activities.ForwardInvoice
	ForwardPayment   = activities.ForwardPayment
	ForwardStatement = activities.ForwardStatement
)

// Ways to make a payment.
const (
	ChannelCheckout = activities.ChannelCheckout
	ChannelRecorded = activities.ChannelRecorded
	ChannelCredit   = activities.ChannelCredit
	RefundByHand    = activities.RefundByHand
	ChannelSaved    = activities.ChannelSaved
)

// InvitationID is the workflow ID of an invitation's flow.
func InvitationID(invitation uuid.UUID) string { return "invitation/" + invitation.String() }

// EstimateID is the workflow ID of the flow of one version of an estimate.
func EstimateID(estimate uuid.UUID, version int) string {
	return "estimate/" + estimate.String() + "/v" + strconv.Itoa(version)
}

// PaymentID is the workflow ID of a payment's flow.
func PaymentID(payment uuid.UUID) string { return "payment/" + payment.String() }

// AccountEmailID is the workflow ID of the flow of an email about an account.
func AccountEmailID(email uuid.UUID) string { return "account-email/" + email.String() }

// TimesheetID is the workflow ID of a timesheet's flow.
func TimesheetID(timesheet uuid.UUID) string { return "timesheet/" + timesheet.String() }

// NotifyID is the workflow ID of the flow that mails a batch of events.
func NotifyID(batch uuid.UUID) string { return "notify/" + batch.String() }

// ForwardID is the workflow ID of a forward's flow.
func ForwardID(forward uuid.UUID) string { return "forward/" + forward.String() }

// MethodSetupID is the workflow ID of the flow that saves a card or bank account
// without a payment.
func MethodSetupID(setup uuid.UUID) string { return "method/" + setup.String() }

// MethodEditID is the workflow ID of the flow that changes a saved method.
func MethodEditID(edit uuid.UUID) string { return "method-edit/" + edit.String() }

// MethodRemovalID is the workflow ID of the flow that has the processor forget a
// saved method.
func MethodRemovalID(method uuid.UUID) string { return "method-removal/" + method.String() }

// AutopayID is the workflow ID of an enrolment in autopay.
func AutopayID(autopay uuid.UUID) string { return "autopay/" + autopay.String() }

// ReconciliationID is the workflow ID of the comparison of a day, the last of its
// period, with the processor.
func ReconciliationID(org uuid.UUID, day portal.Date) string {
	return "reconcile/" + org.String() + "/" + day.String()
}

// AskedReconciliationID is the workflow ID of a comparison that somebody asked for.
func AskedReconciliationID(org, reconciliation uuid.UUID) string {
	return "reconcile/" + org.String() + "/" + reconciliation.String()
}

// Search attributes, by which operators find flows in Temporal UI. They hold
// IDs and statuses, never names.
var (
	AttributeOrganization = temporal.NewSearchAttributeKeyKeyword("CountersignOrganization")
	AttributeCustomer     = temporal.NewSearchAttributeKeyKeyword("CountersignCustomer")
	AttributeDocument     = temporal.NewSearchAttributeKeyKeyword("CountersignDocument")
	AttributeStatus       = temporal.NewSearchAttributeKeyKeyword("CountersignStatus")
)
