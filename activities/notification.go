package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"countersign/db"
	"countersign/db/dbsqlc"
	mailing "countersign/mail"
	"countersign/portal"
)

// mostTold is how many happenings one email lists. The rest is a number and a link.
const mostTold = 50

// Statuses of a batch of notifications.
const (
	BatchGathering = "gathering"
	BatchSending   = "sending"
	BatchDone      = "done"
)

// NotifyRef names a batch of events that are mailed together.
type NotifyRef struct {
	Org   uuid.UUID `json:"org"`
	Batch uuid.UUID `json:"batch"`
}

// NotifyState is where a batch stands.
type NotifyState struct {
	Status string          `json:"status"`
	Kind   portal.Audience `json:"kind"`
	// SendAt is when the batch is closed and mailed.
	SendAt time.Time `json:"send_at"`
}

// ReadNotification says where a batch stands.
func (a *Activities) ReadNotification(ctx context.Context, ref NotifyRef) (NotifyState, error) {
	var batch dbsqlc.NotificationBatch
	err := a.in(ctx, ref.Org, func(q *dbsqlc.Queries) (err error) {
		batch, err = q.GetBatch(ctx, dbsqlc.GetBatchParams{OrgID: ref.Org, ID: ref.Batch})
		return err
	})
	if db.NotFound(err) {
		err = portal.NotFound("notification")
	}
	return NotifyState{batch.Status, portal.Audience(batch.Kind), batch.SendAt}, boundary(err)
}

// CloseGathering ends a batch's gathering: what happens from now on goes into
// the next one.
func (a *Activities) CloseGathering(ctx context.Context, ref NotifyRef) error {
	return boundary(a.in(ctx, ref.Org, func(q *dbsqlc.Queries) error {
		_, err := q.CloseGathering(ctx, dbsqlc.CloseGatheringParams{OrgID: ref.Org, ID: ref.Batch})
		return err
	}))
}

// MailNotification mails a batch to each of its recipients, once. Who that is,
// and whether they are to be told at all, is asked now and not when it happened
// (R2, R3). One recipient's trouble doesn't keep the others waiting.
func (a *Activities) MailNotification(ctx context.Context, ref NotifyRef) error {
	var letters []letter
	err := a.in(ctx, ref.Org, func(q *dbsqlc.Queries) error {
		batch, err := q.GetBatch(ctx, dbsqlc.GetBatchParams{OrgID: ref.Org, ID: ref.Batch})
		if err != nil {
			return err
		}
		letters, err = a.notifications(ctx, q, batch)
		return err
	})
	if err != nil {
		return boundary(err)
	}
	var failed []error
	for _, l := range letters {
		failed = append(failed, a.deliver(ctx, l))
	}
	return boundary(errors.Join(failed...))
}

// FinishNotification marks that the flow has nothing more to do. An email that
// could not be sent until now never will be: staff are told by the bell.
func (a *Activities) FinishNotification(ctx context.Context, ref NotifyRef) error {
	return boundary(a.in(ctx, ref.Org, func(q *dbsqlc.Queries) error {
		finished, err := q.FinishBatch(ctx, dbsqlc.FinishBatchParams{OrgID: ref.Org, ID: ref.Batch})
		if err != nil || len(finished) == 0 {
			return err
		}
		subject, template, id := aboutOf(finished[0].Kind, ref.Batch, finished[0].AudienceID)
		const reason = "It was not sent in time."
		unsent, err := q.FailUnsentDeliveries(ctx, dbsqlc.FailUnsentDeliveriesParams{OrgID: ref.Org, SubjectID: id, Template: template, Detail: reason, At: a.now()})
		if err != nil {
			return err
		}
		for _, d := range unsent {
			var customer uuid.UUID
			if d.CustomerID != nil {
				customer = *d.CustomerID
			}
			if err := a.record(ctx, q, happened{
				org: ref.Org, customer: customer, kind: "email.failed", subject: subject, id: id, by: system(), internal: true, at: a.now(),
				data: map[string]any{"recipient": d.Recipient, "reason": reason},
			}); err != nil {
				return err
			}
		}
		return nil
	}))
}

// aboutOf is what a batch's deliveries say that they are about (the invoice, the
// message, or the batch itself) and the email that they are.
func aboutOf(kind string, batch, audience uuid.UUID) (subject, template string, id uuid.UUID) {
	switch portal.Audience(kind) {
	case portal.AudienceInvoice, portal.AudienceInvoiceAgain:
		return "invoice", "invoice_sent", audience
	case portal.AudienceEstimateAgain:
		return "estimate", "estimate_sent", audience
	case portal.AudienceMessage:
		return "message", "contact_message", audience
	case portal.AudienceMethodRequest:
		return "method_request", "payment_details_requested", audience
	case portal.AudienceCustomer:
		return "notification", "comment_added", batch
	default:
		return "notification", "staff_activity", batch
	}
}

// notifications writes a batch's letters: none, if nobody is to be told.
func (a *Activities) notifications(ctx context.Context, q *dbsqlc.Queries, batch dbsqlc.NotificationBatch) ([]letter, error) {
	org, err := q.GetOrganization(ctx, batch.OrgID)
	if err != nil {
		return nil, err
	}
	settings, err := q.GetSettings(ctx, batch.OrgID)
	if err != nil {
		return nil, err
	}
	happenings, err := q.ListBatchEvents(ctx, dbsqlc.ListBatchEventsParams{OrgID: batch.OrgID, BatchID: batch.ID, Most: mostTold})
	if err != nil || len(happenings) == 0 {
		return nil, err
	}
	base := letter{org: org}
	base.subject, base.template, base.id = aboutOf(batch.Kind, batch.ID, batch.AudienceID)
	switch portal.Audience(batch.Kind) {
	case portal.AudienceStaff:
		if !settings.EmailStaffOnActivity {
			return nil, nil
		}
		return a.toldToStaff(ctx, q, base, happenings)
	case portal.AudienceCustomer:
		if !settings.EmailCustomerOnComment {
			return nil, nil
		}
		base.customer = batch.AudienceID
		return a.toldToCustomer(ctx, q, base, happenings)
	case portal.AudienceInvoice:
		return a.invoiceLetters(ctx, q, base)
	case portal.AudienceInvoiceAgain:
		base.cause = batch.ID
		return a.invoiceLetters(ctx, q, base)
	case portal.AudienceEstimateAgain:
		base.cause = batch.ID
		return a.estimateLetters(ctx, q, base)
	case portal.AudienceMessage:
		return a.messageLetter(ctx, q, base, batch.AudienceID)
	case portal.AudienceMethodRequest:
		return a.requestLetter(ctx, q, base)
	}
	return nil, fmt.Errorf("batch %s is for nobody known: %q", batch.ID, batch.Kind)
}

func (a *Activities) toldToStaff(ctx context.Context, q *dbsqlc.Queries, base letter, happenings []dbsqlc.ListBatchEventsRow) ([]letter, error) {
	staff, err := q.ListStaffToTell(ctx, base.org.ID)
	if err != nil {
		return nil, err
	}
	console := a.SiteURL + "/console/" + base.org.Slug
	var entries []string
	for _, h := range happenings {
		words := sentenceOf(h, base.org.Locale)
		if h.CustomerName != "" && !strings.Contains(words, h.CustomerName) {
			words += " (" + h.CustomerName + ")"
		}
		entries = append(entries, mailing.Entry(words, console+staffPath(h)))
	}
	total := int(happenings[0].Total)
	if more := total - len(happenings); more > 0 {
		entries = append(entries, mailing.Entry(fmt.Sprintf("and %d more", more), console+"/activity"))
	}
	count := "1 new activity"
	if total > 1 {
		count = fmt.Sprintf("%d new activities", total)
	}
	base.values = map[string]string{"activity_count": count, "activity_list": strings.Join(entries, "\n"), "console_link": console + "/activity"}
	letters := make([]letter, 0, len(staff))
	for _, s := range staff {
		l := base
		l.to = toStaff(s)
		letters = append(letters, l)
	}
	return letters, nil
}

func (a *Activities) toldToCustomer(ctx context.Context, q *dbsqlc.Queries, base letter, happenings []dbsqlc.ListBatchEventsRow) ([]letter, error) {
	contacts, err := q.ListContactsToTell(ctx, dbsqlc.ListContactsToTellParams{OrgID: base.org.ID, CustomerID: base.customer})
	if err != nil {
		return nil, err
	}
	customer, err := q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: base.org.ID, ID: base.customer})
	if err != nil {
		return nil, err
	}
	site := a.SiteURL + "/" + base.org.Slug
	var authors, documents, entries []string
	for _, h := range happenings {
		if !slices.Contains(authors, h.ActorName) {
			authors = append(authors, h.ActorName)
		}
		if document := documentOf(h); !slices.Contains(documents, document) {
			documents = append(documents, document)
		}
		entries = append(entries, mailing.Entry(sentenceOf(h, base.org.Locale), site+portalPath(h)))
	}
	if more := int(happenings[0].Total) - len(happenings); more > 0 {
		entries = append(entries, mailing.Entry(fmt.Sprintf("and %d more", more), site))
	}
	base.values = map[string]string{
		"customer_name": customer.Name, "commented_by": strings.Join(authors, " and "),
		"document": documents[0], "document_link": site + portalPath(happenings[0]), "comment_list": strings.Join(entries, "\n"),
	}
	if len(documents) > 1 {
		base.values["document"], base.values["document_link"] = fmt.Sprintf("%d documents", len(documents)), site
	}
	if len(happenings) == 1 {
		// A single comment is told in full.
		comment, err := commentOf(ctx, q, happenings[0])
		if err != nil {
			return nil, err
		}
		base.values["comment"], base.values["comment_list"] = comment, ""
	}
	letters := make([]letter, 0, len(contacts))
	for _, c := range contacts {
		l := base
		l.to = toContact(c)
		letters = append(letters, l)
	}
	return letters, nil
}

func commentOf(ctx context.Context, q *dbsqlc.Queries, h dbsqlc.ListBatchEventsRow) (string, error) {
	var data struct {
		ID uuid.UUID `json:"id"`
	}
	if err := json.Unmarshal(h.Data, &data); err != nil {
		return "", fmt.Errorf("reading which comment event %s is about: %w", h.ID, err)
	}
	comment, err := q.GetComment(ctx, dbsqlc.GetCommentParams{OrgID: h.OrgID, ID: data.ID})
	return comment.Body, err
}

// invoiceLetters bring a new invoice to the customer, unless it was voided since.
func (a *Activities) invoiceLetters(ctx context.Context, q *dbsqlc.Queries, base letter) ([]letter, error) {
	invoice, err := q.GetInvoice(ctx, dbsqlc.GetInvoiceParams{OrgID: base.org.ID, ID: base.id})
	if err != nil || invoice.State != "sent" {
		return nil, err
	}
	customer, err := q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: base.org.ID, ID: invoice.CustomerID})
	if err != nil {
		return nil, err
	}
	recipients, err := q.ListRecipients(ctx, dbsqlc.ListRecipientsParams{OrgID: base.org.ID, CustomerID: invoice.CustomerID})
	if err != nil {
		return nil, err
	}
	base.customer = customer.ID
	base.values = map[string]string{
		"customer_name": customer.Name, "invoice_number": invoice.Number, "total": portal.NewMoney(invoice.Total, invoice.Currency).Format(base.org.Locale),
		"due_on": invoice.LateAfter.Format(base.org.Locale), "invoice_link": a.address(base.org, "invoices", invoice.ID),
	}
	letters := make([]letter, 0, len(recipients))
	for _, c := range recipients {
		l := base
		l.to = toContact(c)
		letters = append(letters, l)
	}
	return letters, nil
}

// estimateLetters bring an estimate to the customer again, unless it was decided on or withdrawn since.
func (a *Activities) estimateLetters(ctx context.Context, q *dbsqlc.Queries, base letter) ([]letter, error) {
	estimate, err := q.GetEstimate(ctx, dbsqlc.GetEstimateParams{OrgID: base.org.ID, ID: base.id})
	if err != nil || !estimate.Status.Live() {
		return nil, err
	}
	customer, err := q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: base.org.ID, ID: estimate.CustomerID})
	if err != nil {
		return nil, err
	}
	recipients, err := q.ListRecipients(ctx, dbsqlc.ListRecipientsParams{OrgID: base.org.ID, CustomerID: estimate.CustomerID})
	if err != nil {
		return nil, err
	}
	base.customer, base.values = customer.ID, a.estimateValues(base.org, customer, estimate, estimate.Total, estimate.ValidUntil)
	letters := make([]letter, 0, len(recipients))
	for _, c := range recipients {
		l := base
		l.to = toContact(c)
		letters = append(letters, l)
	}
	return letters, nil
}

// messageLetter brings a contact's message to the organization's registered
// address; an answer goes to the contact.
func (a *Activities) messageLetter(ctx context.Context, q *dbsqlc.Queries, base letter, id uuid.UUID) ([]letter, error) {
	m, err := q.GetMessage(ctx, dbsqlc.GetMessageParams{OrgID: base.org.ID, ID: id})
	if err != nil {
		return nil, err
	}
	base.to, base.replyTo, base.customer = toOrganization(base.org), m.ContactEmail, m.CustomerID
	base.values = map[string]string{
		"contact_name": m.ContactName, "contact_email": m.ContactEmail, "customer_name": m.CustomerName, "message_subject": m.Subject, "message": m.Body,
	}
	return []letter{base}, nil
}

// requestLetter asks a contact for payment details, R39, unless they were given
// or the contact lost access since.
func (a *Activities) requestLetter(ctx context.Context, q *dbsqlc.Queries, base letter) ([]letter, error) {
	request, err := q.GetMethodRequest(ctx, dbsqlc.GetMethodRequestParams{OrgID: base.org.ID, ID: base.id})
	if err != nil || request.AnsweredAt != nil {
		return nil, err
	}
	contact, err := q.GetContact(ctx, dbsqlc.GetContactParams{OrgID: base.org.ID, ID: request.ContactID})
	if err != nil || contact.Access != "active" {
		return nil, err
	}
	customer, err := q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: base.org.ID, ID: request.CustomerID})
	if err != nil {
		return nil, err
	}
	base.to, base.customer = toContact(contact), customer.ID
	base.values = map[string]string{
		"customer_name": customer.Name, "requested_by": request.AskedByName, "message": request.Message,
		// The page asks to sign in first, and then goes on to here.
		"payment_details_link": a.SiteURL + "/" + base.org.Slug + "/account/methods/new",
	}
	return []letter{base}, nil
}

func sentenceOf(h dbsqlc.ListBatchEventsRow, locale string) string {
	var data map[string]any
	_ = json.Unmarshal(h.Data, &data) // always an object: the schema's default, or ours
	return portal.Happening{Kind: h.Kind, Actor: h.ActorName, Side: portal.ActorKind(h.ActorKind), Data: data}.Sentence(documentOf(h), locale)
}

func documentOf(h dbsqlc.ListBatchEventsRow) string {
	return portal.DocumentName(h.SubjectKind, h.Number)
}

// portalPath is the page that tells a contact more.
func portalPath(h dbsqlc.ListBatchEventsRow) string {
	switch h.SubjectKind {
	case "estimate", "invoice", "payment", "project", "timesheet":
		return "/" + h.SubjectKind + "s/" + h.SubjectID.String()
	}
	return ""
}

// staffPath is the page that tells staff more.
func staffPath(h dbsqlc.ListBatchEventsRow) string {
	if path := portalPath(h); path != "" {
		return path
	}
	if h.CustomerID != nil {
		return "/customers/" + h.CustomerID.String()
	}
	return "/activity"
}
