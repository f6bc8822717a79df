// Package portal draws the customers' pages. Each page reads and acts through the API's operations alone; the addresses here
// are the ones that emails link to.
package portal

import (
	"countersign/api"
	"countersign/portal"
	"countersign/web"
	"countersign/web/ui"
)

// pages answers for every address of a portal.
type pages struct {
	*api.API
}

// Mount registers the portal's pages.
func Mount(s *web.Site) {
	p := pages{s.API}
	r := s.Router()
	passwords := web.Passwords{
		Forget: s.API.ForgetPassword, Read: s.API.ReadPasswordReset, Reset: s.API.ResetPassword, Change: s.API.ChangeMyPassword,
		Bare: bare, Framed: accountForm,
	}
	sessions := web.Sessions{End: s.API.EndMySession, EndOthers: s.API.EndMyOthers}

	r.GET("/:org/sign-in", s.Public(p.signIn))
	r.POST("/:org/sign-in", s.Public(p.postSignIn))
	r.GET("/:org/sign-in/code", s.Public(p.code))
	r.POST("/:org/sign-in/code", s.Public(p.postCode))
	r.GET("/:org/sign-in/set-up", s.Public(p.setUp))
	r.POST("/:org/sign-in/set-up", s.Public(p.postSetUp))
	r.GET("/:org/password", s.Public(passwords.AskLink))
	r.POST("/:org/password", s.Public(passwords.SendLink))
	r.GET("/:org/password/:token", s.Public(passwords.OpenLink))
	r.POST("/:org/password/:token", s.Public(passwords.SpendLink))
	r.POST("/:org/sign-out", s.Public(p.postSignOut))
	r.GET("/:org/invitations/:token", s.Public(p.invitation))
	r.POST("/:org/invitations/:token", s.Public(p.postInvitation))

	r.GET("/:org", s.Contact(p.home))

	r.GET("/:org/estimates", s.Contact(p.estimates))
	r.GET("/:org/estimates/:estimate", s.Contact(p.estimate))
	r.GET("/:org/estimates/:estimate/pdf", s.Contact(p.estimateFile))
	r.GET("/:org/decisions/:decision/certificate", s.Contact(p.certificate))
	r.GET("/:org/estimates/:estimate/live", s.Contact(p.estimateLive))
	r.POST("/:org/estimates/:estimate/decision", s.Contact(p.postDecision))
	r.POST("/:org/estimates/:estimate/comments", s.Contact(p.comment("estimate", p.drawEstimate)))
	r.POST("/:org/estimates/:estimate/viewed", s.Contact(p.postEstimateViewed))

	r.GET("/:org/invoices", s.Contact(p.invoices))
	r.GET("/:org/invoices/:invoice", s.Contact(p.invoice))
	r.GET("/:org/invoices/:invoice/pdf", s.Contact(p.invoiceFile))
	r.GET("/:org/invoices/:invoice/live", s.Contact(p.invoiceLive))
	r.POST("/:org/invoices/:invoice/comments", s.Contact(p.comment("invoice", p.drawInvoice)))
	r.POST("/:org/invoices/:invoice/viewed", s.Contact(p.postInvoiceViewed))

	r.GET("/:org/pay", s.Contact(p.pay))
	r.POST("/:org/pay", s.Contact(p.postPay))

	r.GET("/:org/credits", s.Contact(p.credits))
	r.GET("/:org/credits/:credit_note/pdf", s.Contact(p.creditNoteFile))
	r.GET("/:org/statement", s.Contact(p.statement))
	r.GET("/:org/statement/pdf", s.Contact(p.statementPDF))
	r.GET("/:org/statement/csv", s.Contact(p.statementCSV))

	r.GET("/:org/message", s.Contact(p.message))
	r.POST("/:org/message", s.Contact(p.postMessage))
	r.GET("/:org/review", s.Contact(p.review))
	r.POST("/:org/review", s.Contact(p.postReview))

	r.GET("/:org/payments", s.Contact(p.payments))
	r.GET("/:org/payments/:payment", s.Contact(p.payment))
	r.GET("/:org/payments/:payment/receipt", s.Contact(p.receiptFile))
	r.GET("/:org/payments/:payment/live", s.Contact(p.paymentLive))
	r.POST("/:org/payments/:payment/retry", s.Contact(p.postRetry))
	r.POST("/:org/payments/:payment/cancel", s.Contact(p.postCancel))

	r.GET("/:org/projects", s.Contact(p.projects))
	r.GET("/:org/projects/:project", s.Contact(p.project))
	r.GET("/:org/projects/:project/live", s.Contact(p.projectLive))
	r.POST("/:org/projects/:project/comments", s.Contact(p.comment("project", p.drawProject)))

	r.GET("/:org/timesheets", s.Contact(p.timesheets))
	r.GET("/:org/timesheets/:timesheet", s.Contact(p.timesheet))
	r.GET("/:org/timesheets/:timesheet/live", s.Contact(p.timesheetLive))
	r.POST("/:org/timesheets/:timesheet/decision", s.Contact(p.postTimesheet))

	r.GET("/:org/account", s.Contact(p.account))
	r.GET("/:org/account/company", s.Contact(p.company))
	r.POST("/:org/account/company", s.Contact(p.postCompany))
	r.GET("/:org/forward", s.Contact(p.forward))
	r.POST("/:org/forward", s.Contact(p.postForward))
	r.GET("/:org/account/me", s.Contact(p.me))
	r.POST("/:org/account/me", s.Contact(p.postMe))
	r.GET("/:org/account/password", s.Contact(passwords.AskChange))
	r.POST("/:org/account/password", s.Contact(passwords.MakeChange))
	r.GET("/:org/account/backup-codes", s.Contact(p.backupCodes))
	r.POST("/:org/account/backup-codes", s.Contact(p.postBackupCodes))
	r.POST("/:org/account/backup-codes/download", s.Contact(p.downloadBackupCodes))
	r.POST("/:org/account/sessions/others/end", s.Contact(sessions.EndRest))
	r.POST("/:org/account/sessions/:session/end", s.Contact(sessions.EndOne))
	r.GET("/:org/account/autopay", s.Contact(p.autopay))
	r.POST("/:org/account/autopay", s.Contact(p.postAutopay))
	r.POST("/:org/account/autopay/method", s.Contact(p.postAutopayMethod))
	r.POST("/:org/account/autopay/charges", s.Contact(p.postAutopayCharge))
	r.POST("/:org/account/autopay/end", s.Contact(p.postAutopayEnd))
	r.GET("/:org/account/methods/new", s.Contact(p.newMethod))
	r.POST("/:org/account/methods/new", s.Contact(p.postNewMethod))
	r.GET("/:org/account/methods/setups/:setup", s.Contact(p.methodSetup))
	r.GET("/:org/account/methods/setups/:setup/live", s.Contact(p.methodSetupLive))
	r.GET("/:org/account/methods/:method/edit", s.Contact(p.editMethod))
	r.POST("/:org/account/methods/:method/edit", s.Contact(p.postEditMethod))
	r.GET("/:org/account/methods/:method/remove", s.Contact(p.removeMethod))
	r.POST("/:org/account/methods/:method/remove", s.Contact(p.postRemoveMethod))
}

// shell is the frame of a page for a signed-in contact; current is the label of the part of the portal that it belongs to.
func shell(r *web.Request, title, current string) ui.PortalShell {
	nav := []ui.Link{
		{Label: "Home", Href: r.Path()},
		{Label: "Estimates", Href: r.Path("estimates")},
		{Label: "Invoices", Href: r.Path("invoices")},
		{Label: "Payments", Href: r.Path("payments")},
	}
	if r.Features.Timesheets {
		nav = append(nav, ui.Link{Label: "Projects", Href: r.Path("projects")}, ui.Link{Label: "Timesheets", Href: r.Path("timesheets")})
	}
	for i := range nav {
		nav[i].Current = nav[i].Label == current
	}
	s := ui.PortalShell{
		Head: ui.Head{Title: title, Brand: r.Org.Brand(r.Base())},
		Nav:  nav,
		User: ui.User{Name: r.Who.Name, Initials: web.Initials(r.Who.Name), About: r.Who.Email, Links: []ui.Link{
			{Label: "Account and security", Href: r.Path("account"), Icon: ui.IconUser},
			{Label: "Payment methods", Href: r.Path("account") + "#methods", Icon: ui.IconCard},
			{Label: "Autopay", Href: r.Path("account", "autopay"), Icon: ui.IconRetry},
			{},
			{Label: "Sign out", Href: r.Path("sign-out"), Icon: ui.IconOut, Post: true},
		}},
	}
	switch r.Query("done") {
	case "forwarded":
		s.Flash = &ui.Notice{Tone: ui.Success, Title: "It is on its way", Words: "What becomes of each email is shown below."}
	case "credited":
		s.Flash = &ui.Notice{Tone: ui.Success, Title: "Paid from your credit", Words: "Nothing was charged."}
	}
	if r.Org.Email != "" {
		s.Foot = append(s.Foot, ui.Link{Label: r.Org.Email, Href: "mailto:" + r.Org.Email})
	}
	if r.Org.Phone != "" {
		s.Foot = append(s.Foot, ui.Link{Label: r.Org.Phone, Href: "tel:" + dialled(r.Org.Phone)})
	}
	return s
}

// dialled is a telephone number as a link takes it: the digits and a leading plus.
func dialled(phone string) string {
	digits := make([]rune, 0, len(phone))
	for _, d := range phone {
		if d >= '0' && d <= '9' || d == '+' && len(digits) == 0 {
			digits = append(digits, d)
		}
	}
	return string(digits)
}

func mayPay(r *web.Request) bool     { return r.Who.May(portal.ActionPay) == nil }
func mayApprove(r *web.Request) bool { return r.Who.May(portal.ActionApprove) == nil }

// chip shows a status in a component that takes none as nil.
func chip(s ui.Status) *ui.Status { return &s }
