package api

// Operations are all that can be done. Each field's file declares it; the pages
// call its Do.
type Operations struct {
	signInOperations
	mfaOperations
	passwordOperations
	sessionOperations
	invitationOperations
	estimateOperations
	invoiceOperations
	paymentOperations
	paymentListOperations
	reconciliationOperations
	methodOperations
	autopayOperations
	creditNoteOperations
	creditOperations
	forwardOperations
	documentOperations
	statementOperations
	homeOperations
	accountOperations
	customerOperations
	contactOperations
	settingsOperations
	emailTemplateOperations
	organizationOperations
	logoOperations
	staffOperations
	apiKeyOperations
	activityOperations
	deskOperations
	searchOperations
	firstStepOperations
	figureOperations
	mailListOperations
	projectOperations
	timeEntryOperations
	timesheetOperations
	timeBillingOperations
	featureOperations
	commentOperations
	viewOperations
	bellOperations
	reviewOperations
	messageOperations
}

func (a *API) declare() {
	a.declareSignIn()
	a.declareMFA()
	a.declarePasswords()
	a.declareSessions()
	a.declareInvitations()
	a.declareEstimates()
	a.declareInvoices()
	a.declarePayments()
	a.declarePaymentLists()
	a.declareReconciliations()
	a.declareMethods()
	a.declareAutopay()
	a.declareCreditNotes()
	a.declareCredits()
	a.declareForwards()
	a.declareDocuments()
	a.declareStatements()
	a.declareHome()
	a.declareAccount()
	a.declareCustomers()
	a.declareContacts()
	a.declareSettings()
	a.declareEmailTemplates()
	a.declareOrganization()
	a.declareLogo()
	a.declareStaff()
	a.declareAPIKeys()
	a.declareActivity()
	a.declareDesk()
	a.declareSearch()
	a.declareFirstSteps()
	a.declareFigures()
	a.declareMailList()
	a.declareProjects()
	a.declareTimeEntries()
	a.declareTimesheets()
	a.declareTimeBilling()
	a.declareFeatures()
	a.declareComments()
	a.declareViews()
	a.declareBell()
	a.declareReviews()
	a.declareMessages()
}

// Key is the Idempotency-Key of a request that begins or decides something: the
// same request under the same key is done once.
type Key struct {
	Key string `header:"Idempotency-Key" required:"true" minLength:"8" maxLength:"200" doc:"Made by the caller, once for each thing that is meant: a repeat under the same key is done once."`
}

// Page asks for a part of a list.
type Page struct {
	After string `query:"after" maxLength:"500" doc:"The next of the page before; empty for the first page."`
	Size  int    `query:"size" minimum:"1" maximum:"100" default:"25"`
}
