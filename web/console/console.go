// Package console is the pages for an organization's staff. Each page is a handler that calls the API's operations and draws
// what they answer; what changes something is a form that posts, and leads back to a page by GET.
package console

import (
	"github.com/gin-gonic/gin"

	"countersign/api"
	"countersign/web"
)

// pages answers for every address of the console.
type pages struct {
	*api.API
}

// Mount registers the console's pages on s, below /console/{org}.
func Mount(s *web.Site) {
	p := pages{s.API}
	c := routes{s, s.Router()}
	passwords := web.Passwords{
		Forget: s.API.ForgetStaffPassword, Read: s.API.ReadStaffPasswordReset, Reset: s.API.ResetStaffPassword, Change: s.API.ChangeStaffPassword,
		Bare: bare, Framed: accountForm,
	}
	sessions := web.Sessions{End: s.API.EndStaffSession, EndOthers: s.API.EndStaffOthers}

	c.router.GET(base+"/sign-in", s.PublicStaff(p.signIn))
	c.router.POST(base+"/sign-in", s.PublicStaff(p.postSignIn))
	c.router.POST(base+"/sign-out", s.PublicStaff(p.postSignOut))
	c.router.GET(base+"/password", s.PublicStaff(passwords.AskLink))
	c.router.POST(base+"/password", s.PublicStaff(passwords.SendLink))
	c.router.GET(base+"/password/:token", s.PublicStaff(passwords.OpenLink))
	c.router.POST(base+"/password/:token", s.PublicStaff(passwords.SpendLink))

	c.get("/account", p.account)
	c.get("/account/password", passwords.AskChange)
	c.post("/account/password", passwords.MakeChange)
	c.post("/account/sessions/others/end", sessions.EndRest)
	c.post("/account/sessions/:session/end", sessions.EndOne)

	c.get("", p.home)
	c.get("/activity", p.activity)
	c.get("/mail", p.mail)
	c.get("/search", p.search)

	c.get("/customers", p.customers)
	c.get("/customers/new", p.newCustomer)
	c.post("/customers/new", p.createCustomer)
	c.get("/customers/:customer", p.customerPage)
	c.get("/customers/:customer/edit", p.editCustomer)
	c.post("/customers/:customer/edit", p.saveCustomer)
	c.post("/customers/:customer/access", p.setAccess)
	c.get("/customers/:customer/contacts/new", p.newContact)
	c.post("/customers/:customer/contacts/new", p.createContact)
	c.get("/customers/:customer/contacts/:contact/edit", p.editContact)
	c.post("/customers/:customer/contacts/:contact/edit", p.saveContact)
	c.post("/customers/:customer/contacts/:contact/invitation", p.resendInvitation)
	c.get("/customers/:customer/contacts/:contact/mfa", p.askResetMFA)
	c.post("/customers/:customer/contacts/:contact/mfa", p.resetMFA)
	c.post("/customers/:customer/autopay/end", p.endAutopay)
	c.get("/customers/:customer/methods/new", p.newMethod)
	c.post("/customers/:customer/methods/new", p.addMethod)
	c.get("/customers/:customer/methods/request", p.askForMethod)
	c.post("/customers/:customer/methods/request", p.requestMethod)
	c.get("/customers/:customer/methods/setups/:setup", p.methodSetup)
	c.get("/customers/:customer/methods/setups/:setup/live", p.methodSetupLive)
	c.get("/customers/:customer/credit", p.newCreditNote)
	c.post("/customers/:customer/credit", p.createCreditNote)
	c.post("/customers/:customer/payout", p.payOutCredit)
	c.get("/customers/:customer/payment", p.newIncoming)
	c.post("/customers/:customer/payment", p.recordPayment)
	c.get("/customers/:customer/statement", p.statement)
	c.get("/customers/:customer/statement/pdf", p.statementPDF)
	c.get("/customers/:customer/statement/csv", p.statementCSV)
	c.get("/credit-notes", p.creditNotes)
	c.get("/credit-notes/csv", p.creditNotesCSV)
	c.get("/credit-notes/:credit_note/pdf", p.creditNoteFile)
	c.get("/decisions/:decision/certificate", p.certificate)

	c.get("/estimates", p.estimates)
	c.get("/estimates/csv", p.estimatesCSV)
	c.get("/estimates/new", p.newEstimate)
	c.post("/estimates/new", p.createEstimate)
	c.post("/estimates/bulk", p.run(p.bulkEstimates))
	c.get("/estimates/:estimate", p.estimate)
	c.get("/estimates/:estimate/edit", p.editEstimate)
	c.post("/estimates/:estimate/edit", p.saveEstimate)
	c.post("/estimates/:estimate/send", p.sendEstimate)
	c.post("/estimates/:estimate/resend", p.resendEstimate)
	c.post("/estimates/:estimate/withdraw", p.withdrawEstimate)
	c.post("/estimates/:estimate/discard", p.discardEstimate)
	c.get("/estimates/:estimate/pdf", p.estimateFile)
	c.get("/estimates/:estimate/live", p.estimateLive)
	c.post("/estimates/:estimate/comments", p.comment("estimate", p.drawEstimateWith))

	c.get("/invoices", p.invoices)
	c.get("/invoices/csv", p.invoicesCSV)
	c.get("/invoices/new", p.newInvoice)
	c.post("/invoices/new", p.createInvoice)
	c.post("/invoices/bulk", p.run(p.bulkInvoices))
	c.get("/invoices/:invoice", p.invoice)
	c.get("/invoices/:invoice/edit", p.editInvoice)
	c.post("/invoices/:invoice/edit", p.saveInvoice)
	c.post("/invoices/:invoice/send", p.sendInvoice)
	c.post("/invoices/:invoice/resend", p.resendInvoice)
	c.post("/invoices/:invoice/void", p.voidInvoice)
	c.post("/invoices/:invoice/credit", p.useCredit)
	c.get("/invoices/:invoice/pdf", p.invoiceFile)
	c.get("/invoices/:invoice/live", p.invoiceLive)
	c.post("/invoices/:invoice/comments", p.comment("invoice", p.drawInvoiceWith))

	c.get("/bell", p.bell)
	c.get("/bell/mark", p.bellMark)
	c.get("/bell/live", p.bellLive)
	c.post("/bell/read", p.readBell)
	c.post("/bell/:event/read", p.readBellOne)

	c.post("/invoices/:invoice/discard", p.discardInvoice)

	c.get("/projects", p.projects)
	c.get("/projects/new", p.newProject)
	c.post("/projects/new", p.createProject)
	c.get("/projects/:project", p.project)
	c.get("/projects/:project/live", p.projectLive)
	c.post("/projects/:project/comments", p.comment("project", p.drawCommentedProject))
	c.get("/projects/:project/edit", p.editProject)
	c.post("/projects/:project/edit", p.saveProject)
	c.get("/projects/:project/tasks", p.newTask)
	c.post("/projects/:project/tasks", p.createTask)
	c.get("/projects/:project/tasks/:task", p.editTask)
	c.post("/projects/:project/tasks/:task", p.saveTask)
	c.post("/projects/:project/tasks/:task/delete", p.deleteTask)
	c.get("/projects/:project/time", p.newTime)
	c.post("/projects/:project/time", p.logTime)
	c.get("/projects/:project/time/:entry", p.editTime)
	c.post("/projects/:project/time/:entry", p.saveTime)
	c.post("/projects/:project/time/:entry/delete", p.deleteTime)
	c.get("/projects/:project/use", p.project) // where a refused choice was drawn, asked for again
	c.post("/projects/:project/use", p.useTime)
	c.get("/projects/:project/submit", p.newTimesheet)
	c.post("/projects/:project/submit", p.submitPeriod)

	c.get("/timesheets", p.timesheets)
	c.get("/timesheets/:timesheet", p.timesheet)
	c.get("/timesheets/:timesheet/live", p.timesheetLive)
	c.post("/timesheets/:timesheet/recall", p.recallTimesheet)
	c.post("/timesheets/:timesheet/invoice", p.invoiceTimesheet)

	c.get("/payments", p.payments)
	c.get("/payments/csv", p.paymentsCSV)
	c.get("/payments/failed", p.failedPayments)
	c.post("/payments/failed", p.retryPayments)
	c.get("/payments/:payment", p.payment)
	c.post("/payments/:payment/retry", p.retryPayment)
	c.post("/payments/:payment/cancel", p.cancelPayment)
	c.get("/payments/:payment/refund", p.newRefund)
	c.post("/payments/:payment/refund", p.refund)
	c.get("/payments/:payment/receipt", p.receiptFile)
	c.get("/payments/:payment/live", p.paymentLive)

	c.get("/reconciliations", p.reconciliations)
	c.get("/reconciliations/:reconciliation", p.reconciliation)

	c.get("/forward", p.forward)
	c.post("/forward", p.postForward)
	c.get("/settings", p.settings)
	c.post("/settings", p.saveSettings)
	c.get("/emails", p.emails)
	c.get("/emails/:template", p.email)
	c.post("/emails/:template", p.saveEmail)
	c.post("/emails/:template/reset", p.resetEmail)
	c.get("/emails/:template/preview", p.previewSavedEmail)
	c.post("/emails/:template/preview", p.previewEmail)
	c.get("/organization", p.organization)
	c.post("/organization", p.saveOrganization)
	c.post("/organization/logo", p.saveLogo)
	c.post("/organization/logo/remove", p.removeLogo)
	c.get("/staff", p.staff)
	c.get("/staff/new", p.newStaff)
	c.post("/staff/new", p.addStaff)
	c.get("/staff/:member/edit", p.editStaff)
	c.post("/staff/:member/edit", p.saveStaff)
	c.get("/staff/:member/end", p.askEndStaffAccess)
	c.post("/staff/:member/end", p.endStaffAccess)
	c.post("/staff/:member/access", p.giveStaffAccess)
	c.post("/staff/:member/invitation", p.resendStaffInvitation)
	c.get("/api-keys", p.apiKeys)
	c.post("/api-keys", p.createAPIKey)
	c.post("/api-keys/:key/revoke", p.revokeAPIKey)
}

// base is where the console of an organization begins.
const base = "/console/:org"

type routes struct {
	site   *web.Site
	router gin.IRouter
}

func (c routes) get(path string, page web.Page)  { c.router.GET(base+path, c.site.Staff(page)) }
func (c routes) post(path string, page web.Page) { c.router.POST(base+path, c.site.Staff(page)) }
