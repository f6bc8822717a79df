package api

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/portal"
	"countersign/workflows"
)

type forwardOperations struct {
	ForwardMyDocument *Operation[ForwardInput, ForwardOutput]
	ListMyForwards    *Operation[ListForwardsInput, ListForwardsOutput]
	GetMyForward      *Operation[GetForwardInput, ForwardOutput]

	ForwardDocument *Operation[ForwardInput, ForwardOutput]
	ListForwards    *Operation[ListForwardsInput, ListForwardsOutput]
	GetForward      *Operation[GetForwardInput, ForwardOutput]
}

// ForwardInput emails a document to somebody, R26, R30. Who receives it becomes
// a contact of the customer, without access to the portal (R6).
type ForwardInput struct {
	Key
	Org  string `path:"org" maxLength:"40"`
	Body struct {
		Document   string    `json:"document" enum:"estimate,invoice,payment,statement" doc:"What kind of document it is; of a payment the receipt is forwarded."`
		ID         uuid.UUID `json:"id" doc:"The document's. Of a statement the customer's; for contacts, their own."`
		Recipients []string  `json:"recipients" minItems:"1" maxItems:"100" doc:"Email addresses, nothing but addresses. Several may stand in one text, parted by commas, semicolons or spaces."`
		Message    string    `json:"message,omitempty" maxLength:"2000" doc:"For those who receive it."`
		Since      string    `json:"since,omitempty" maxLength:"10" pattern:"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$" patternDescription:"a day such as 2026-11-22" doc:"First day of a statement; none is the beginning."`
		Until      string    `json:"until,omitempty" maxLength:"10" pattern:"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$" patternDescription:"a day such as 2026-11-22" doc:"Last day of a statement; none is today."`
	}
}

// GetForwardInput names a forward.
type GetForwardInput struct {
	Org     string    `path:"org" maxLength:"40"`
	Forward uuid.UUID `path:"forward"`
}

// ForwardOutput is a forward. With status 202 it was begun, and its first step
// has not answered yet.
type ForwardOutput struct {
	Status   int
	Location string `header:"Location"`
	Body     Forward
}

// ListForwardsInput asks for a page of forwards, newest first.
type ListForwardsInput struct {
	Page
	Org      string    `path:"org" maxLength:"40"`
	Document uuid.UUID `query:"document" doc:"Of one document alone."`
	Customer uuid.UUID `query:"customer" doc:"Of one customer; for staff."`
}

// ListForwardsOutput is a page of forwards.
type ListForwardsOutput struct {
	Body struct {
		Forwards []Forward `json:"forwards"`
		Next     string    `json:"next,omitempty"`
	}
}

// Forward is a document that was forwarded, and what became of each email, N9.
type Forward struct {
	ID         uuid.UUID            `json:"id"`
	Status     string               `json:"status" enum:"pending,sending,following,ended"`
	Document   string               `json:"document" enum:"estimate,invoice,payment,statement"`
	DocumentID uuid.UUID            `json:"document_id"`
	Title      string               `json:"title" doc:"What it is, in words: invoice INV-0042."`
	Message    string               `json:"message,omitempty"`
	By         string               `json:"by"`
	At         time.Time            `json:"at"`
	Recipients []ForwardedRecipient `json:"recipients"`
	// WorkflowID is for staff.
	WorkflowID string `json:"workflow_id,omitempty"`
}

// Forwarding is what a document's reader may know and do about forwarding it.
type Forwarding struct {
	Forwardable bool      `json:"forwardable" doc:"It was sent, and its reader may forward it."`
	Forwards    []Forward `json:"forwards,omitempty" doc:"The newest, and what became of them."`
}

// shownForwards is how many of a document's forwards are told with it.
const shownForwards = 20

// forwardingOf reads a document's forwards, for whoever may forward it: with the
// feature off, contacts read nothing of it (R10).
func forwardingOf(ctx context.Context, q *dbsqlc.Queries, document uuid.UUID, sent bool) (Forwarding, error) {
	p := principal(ctx)
	if !sent || p.May(portal.ActionForward) != nil {
		return Forwarding{}, nil
	}
	if p.Side == portal.SideContact {
		row, err := q.GetSettings(ctx, p.Org)
		if err != nil || settingsOf(row).Allows(portal.FeatureForwardDocuments) != nil {
			return Forwarding{}, err
		}
	}
	from := newest()
	rows, err := q.ListForwards(ctx, dbsqlc.ListForwardsParams{
		OrgID: p.Org, CustomerID: optional(p.Customer), DocumentID: &document, BeforeAt: from.At, BeforeID: from.ID, PageSize: shownForwards,
	})
	if err != nil || len(rows) == 0 {
		return Forwarding{Forwardable: true}, err
	}
	forwards, err := forwardsOf(ctx, q, rows)
	return Forwarding{true, forwards}, err
}

// ForwardedRecipient is one who receives it.
type ForwardedRecipient struct {
	Contact uuid.UUID              `json:"contact"`
	Email   string                 `json:"email"`
	Status  portal.ForwardedStatus `json:"status" enum:"waiting,sent,delivered,delayed,bounced,complained,failed"`
	At      time.Time              `json:"at" doc:"Since when."`
}

func (a *API) declareForwards() {
	contact := func(id, method, path, summary string, action portal.Action) route {
		return route{
			id: id, method: method, path: "/api/{org}/portal/forwards" + path, summary: summary,
			side: portal.SideContact, action: action, feature: portal.FeatureForwardDocuments, tag: "Forwarding",
		}
	}
	staff := func(id, method, path, summary string, action portal.Action) route {
		return route{id: id, method: method, path: "/api/{org}/console/forwards" + path, summary: summary, side: portal.SideStaff, action: action, tag: "Forwarding"}
	}
	mine := contact("forward-my-document", http.MethodPost, "", "Forward a document by email", portal.ActionForward)
	mine.status = http.StatusCreated
	a.ForwardMyDocument = declare(a, mine, a.forwardDocument)
	a.ListMyForwards = declare(a, contact("list-my-forwards", http.MethodGet, "", "List what was forwarded", portal.ActionViewDocuments), a.listForwards)
	a.GetMyForward = declare(a, contact("get-my-forward", http.MethodGet, "/{forward}", "Read what became of a forward", portal.ActionViewDocuments), a.getForward)
	anyones := staff("forward-document", http.MethodPost, "", "Forward a document by email", portal.ActionForward)
	anyones.status = http.StatusCreated
	a.ForwardDocument = declare(a, anyones, a.forwardDocument)
	a.ListForwards = declare(a, staff("list-forwards", http.MethodGet, "", "List what was forwarded", portal.ActionViewDocuments), a.listForwards)
	a.GetForward = declare(a, staff("get-forward", http.MethodGet, "/{forward}", "Read what became of a forward", portal.ActionViewDocuments), a.getForward)
}

func (a *API) forwardDocument(ctx context.Context, in *ForwardInput) (*ForwardOutput, error) {
	p := principal(ctx)
	request, err := a.forwardRequest(ctx, in)
	if err != nil {
		return nil, err
	}
	if request.Hash, err = portal.RequestHash(in.Body); err != nil {
		return nil, err
	}
	id := portal.BeginID(p.Org, p.Actor, "forward", in.Key.Key)
	state, err := begin[workflows.ForwardState](ctx, a, start{
		id: workflows.ForwardID(id), name: workflows.ForwardName,
		customer: request.Customer, document: request.Document,
		input: workflows.ForwardInput{ForwardRef: workflows.ForwardRef{Org: p.Org, Forward: id}, Request: &request, Times: a.Times.Forward},
	})
	side := "portal"
	if p.Side == portal.SideStaff {
		side = "console"
	}
	location := "/api/" + p.OrgSlug + "/" + side + "/forwards/" + id.String()
	switch {
	case errors.Is(err, errPending):
		return &ForwardOutput{http.StatusAccepted, location, Forward{
			ID: id, Status: "pending", Document: request.Kind, DocumentID: request.Document, Message: request.Message, By: p.Name, At: a.now(), Recipients: []ForwardedRecipient{},
		}}, nil
	case err != nil:
		return nil, err
	case state.Refused != nil:
		return nil, state.Refused
	case !bytes.Equal(state.RequestHash, request.Hash):
		return nil, portal.KeyReused()
	}
	out, err := a.getForward(ctx, &GetForwardInput{Forward: id})
	if err != nil {
		return nil, err
	}
	out.Status, out.Location = http.StatusCreated, location
	return out, nil
}

// forwardRequest reads what is to be forwarded, as the caller: a document that
// isn't the caller's, or wasn't sent, is no such document.
func (a *API) forwardRequest(ctx context.Context, in *ForwardInput) (workflows.ForwardRequest, error) {
	p, body := principal(ctx), in.Body
	r := workflows.ForwardRequest{Kind: body.Document, Document: body.ID, Message: strings.TrimSpace(body.Message), By: workflows.ActorOf(p)}
	var addresses []string
	for _, text := range body.Recipients {
		addresses = append(addresses, strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' || r == ' ' })...)
	}
	var err error
	if r.Recipients, err = portal.ForwardAddresses(addresses); err != nil {
		return r, err
	}
	if strings.ContainsRune(r.Message, 0) || !utf8.ValidString(r.Message) {
		return r, portal.Invalid("Nothing was sent.", portal.Field("message", "The message has characters that can't be sent."))
	}
	err = a.in(ctx, func(q *dbsqlc.Queries) (err error) {
		switch body.Document {
		case workflows.ForwardEstimate:
			row, err := q.GetEstimate(ctx, dbsqlc.GetEstimateParams{OrgID: p.Org, ID: body.ID})
			if err == nil && row.Version == 0 {
				return portal.NotFound("estimate")
			}
			r.Customer = row.CustomerID
			return err
		case workflows.ForwardInvoice:
			row, err := q.GetInvoice(ctx, dbsqlc.GetInvoiceParams{OrgID: p.Org, ID: body.ID})
			if err == nil && row.SentAt == nil {
				return portal.NotFound("invoice")
			}
			r.Customer = row.CustomerID
			return err
		case workflows.ForwardPayment:
			row, err := q.GetPayment(ctx, dbsqlc.GetPaymentParams{OrgID: p.Org, ID: body.ID})
			if err == nil && row.Status != portal.PaymentSucceeded {
				return portal.NotFound("receipt")
			}
			r.Customer = row.CustomerID
			return err
		default:
			return a.forwardStatement(ctx, q, in, &r)
		}
	})
	if db.NotFound(err) {
		return r, portal.NotFound(body.Document)
	}
	if err != nil {
		return r, err
	}
	return r, mine(ctx, r.Customer, body.Document)
}

func (a *API) forwardStatement(ctx context.Context, q *dbsqlc.Queries, in *ForwardInput, r *workflows.ForwardRequest) error {
	p := principal(ctx)
	r.Customer = in.Body.ID
	if p.Side == portal.SideContact && in.Body.ID == uuid.Nil {
		r.Customer = p.Customer
	}
	r.Document = r.Customer
	if _, err := q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: p.Org, ID: r.Customer}); err != nil {
		return err
	}
	org, err := q.GetOrganization(ctx, p.Org)
	if err != nil {
		return err
	}
	var period portal.Period
	for _, day := range []struct {
		name, text string
		into       *portal.Date
	}{{"since", in.Body.Since, &period.Since}, {"until", in.Body.Until, &period.Until}} {
		if day.text == "" {
			continue
		}
		if *day.into, err = portal.ParseDate(day.text); err != nil {
			return portal.Invalid("Nothing was sent.", portal.Field(day.name, "Enter a day such as 2026-11-22."))
		}
	}
	if period, err = period.Within(a.today(org)); err != nil {
		return err
	}
	r.Period = &period
	return nil
}

func (a *API) listForwards(ctx context.Context, in *ListForwardsInput) (*ListForwardsOutput, error) {
	p := principal(ctx)
	from, err := readCursor(in.After, newest())
	if err != nil {
		return nil, err
	}
	customer := optional(in.Customer)
	if p.Side == portal.SideContact {
		customer = &p.Customer
	}
	out := &ListForwardsOutput{}
	err = a.in(ctx, func(q *dbsqlc.Queries) error {
		rows, err := q.ListForwards(ctx, dbsqlc.ListForwardsParams{
			OrgID: p.Org, CustomerID: customer, DocumentID: optional(in.Document), BeforeAt: from.At, BeforeID: from.ID, PageSize: in.size() + 1,
		})
		if err != nil {
			return err
		}
		rows, out.Body.Next = pageOf(rows, in.size(), func(r dbsqlc.Forward) cursor { return cursor{At: r.CreatedAt, ID: r.ID} })
		out.Body.Forwards, err = forwardsOf(ctx, q, rows)
		return err
	})
	return out, err
}

func (a *API) getForward(ctx context.Context, in *GetForwardInput) (*ForwardOutput, error) {
	out := &ForwardOutput{}
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		row, err := q.GetForward(ctx, dbsqlc.GetForwardParams{OrgID: principal(ctx).Org, ID: in.Forward})
		if err != nil {
			return err
		}
		if err := mine(ctx, row.CustomerID, "forward"); err != nil {
			return err
		}
		read, err := forwardsOf(ctx, q, []dbsqlc.Forward{row})
		if err == nil {
			out.Body = read[0]
		}
		return err
	})
	if db.NotFound(err) {
		return nil, portal.NotFound("forward")
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// forwardsOf reads the recipients of forwards.
func forwardsOf(ctx context.Context, q *dbsqlc.Queries, rows []dbsqlc.Forward) ([]Forward, error) {
	p := principal(ctx)
	ids := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	recipients, err := q.ListForwardRecipients(ctx, dbsqlc.ListForwardRecipientsParams{OrgID: p.Org, ForwardIds: ids})
	if err != nil {
		return nil, err
	}
	to := map[uuid.UUID][]ForwardedRecipient{}
	for _, r := range recipients {
		to[r.ForwardID] = append(to[r.ForwardID], ForwardedRecipient{r.ContactID, r.Email, r.Status, r.UpdatedAt})
	}
	forwards := make([]Forward, 0, len(rows))
	for _, r := range rows {
		f := Forward{
			ID: r.ID, Status: string(r.Status), Document: r.DocumentKind, DocumentID: r.DocumentID, Title: r.Title, Message: r.Message,
			By: r.ForwardedByName, At: r.CreatedAt, Recipients: to[r.ID],
		}
		if p.Side == portal.SideStaff {
			f.WorkflowID = workflows.ForwardID(r.ID)
		}
		forwards = append(forwards, f)
	}
	return forwards, nil
}
