package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"countersign/api"
	"countersign/portal"
	"countersign/web/ui"
)

// documentPath is a document's own page.
func (r *Request) documentPath(document, id string) string { return r.Path(document+"s", id) }

// ForwardBack leads back to the document that a form forwards; a statement's page shows the same days again.
func ForwardBack(r *Request, f *Form) *ui.Link {
	return &ui.Link{Label: "Back", Href: r.forwardPath(f, url.Values{})}
}

func (r *Request) forwardPath(f *Form, query url.Values) string {
	path := r.documentPath(f.Value("document"), f.Value("id"))
	if f.Value("document") == "statement" {
		path = r.Path("statement")
		if r.Side == portal.SideStaff {
			path = r.Path("customers", f.Value("id"), "statement")
		}
		for _, day := range []string{"since", "until"} {
			if value := f.Value(day); value != "" {
				query.Set(day, value)
			}
		}
	}
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// ReadForward reads a posted form that forwards a document: its addresses may stand one a line. f keeps what was typed.
func ReadForward(r *Request) (*Form, error) {
	f, err := r.Form()
	if err != nil {
		return nil, err
	}
	f.sent["recipients"] = []string{strings.Join(strings.Split(f.Value("recipients"), "\n"), ",")}
	return f, nil
}

// PostForward forwards what the form says, and leads back to the document. What is refused comes back with all that was typed.
func PostForward(r *Request, op *api.Operation[api.ForwardInput, api.ForwardOutput], view func(f *Form) templ.Component) error {
	f, err := ReadForward(r)
	if err != nil {
		return err
	}
	out, err := Submit(r, f, op, &api.ForwardInput{Key: f.APIKey(), Org: r.Org.Slug})
	if err != nil {
		refused, ok := errors.AsType[*portal.Error](err)
		if !ok {
			return err
		}
		switch refused.Code {
		case portal.CodeUnauthenticated, portal.CodeNotFound, portal.CodeForbidden:
			return err
		case portal.CodeNotConfirmed, portal.CodeUnavailable, portal.CodeInternal:
			// The same again under the same key is safe, and tells.
		default:
			f.Set(ui.IdempotencyKeyField, NewKey())
		}
		if !f.Refuse(err) {
			f.Errors = ui.Errors{{Message: refused.Message}}
		}
		return r.Draw(api.StatusOf(err), view(f))
	}
	query := url.Values{"done": {"forwarded"}}
	if out.Status == http.StatusAccepted {
		query.Set("forward", out.Body.ID.String())
	}
	return r.Redirect(r.forwardPath(f, query))
}

// NewForward is the form as the address asks for it. Where its reader may not forward the document, there is no such page, R10.
func NewForward(r *Request) (*Form, error) {
	document := r.Query("document")
	id, err := uuid.Parse(r.Query("id"))
	if err != nil {
		return nil, portal.NotFound("document")
	}
	is, err := r.forwardingOf(document, id)
	if err != nil {
		return nil, err
	}
	if !is.Forwardable {
		return nil, portal.NotFound("page")
	}
	return NewForm("document", document, "id", r.Query("id"), "since", r.Query("since"), "until", r.Query("until"), ui.IdempotencyKeyField, NewKey()), nil
}

// forwardingOf reads a document as the reader may see it, and whether it may be forwarded.
func (r *Request) forwardingOf(document string, id uuid.UUID) (is api.Forwarding, err error) {
	ops, ours := r.Site.API, r.Side == portal.SideStaff
	switch document {
	case "estimate":
		read := ops.GetMyEstimate
		if ours {
			read = ops.GetEstimate
		}
		var out *api.EstimateOutput
		if out, err = read.Do(r.Context(), &api.EstimateInput{Org: r.Org.Slug, Estimate: id}); err == nil {
			is = out.Body.Forwarding
		}
	case "invoice":
		read := ops.GetMyInvoice
		if ours {
			read = ops.GetInvoice
		}
		var out *api.InvoiceOutput
		if out, err = read.Do(r.Context(), &api.InvoiceInput{Org: r.Org.Slug, Invoice: id}); err == nil {
			is = out.Body.Forwarding
		}
	case "payment":
		read := ops.GetMyPayment
		if ours {
			read = ops.GetPayment
		}
		var out *api.PaymentOutput
		if out, err = read.Do(r.Context(), &api.PaymentInput{Org: r.Org.Slug, Payment: id}); err == nil {
			is = out.Body.Forwarding
		}
	case "statement":
		// Of one's own customer, or of any for staff.
		switch {
		case ours:
			_, err = ops.GetCustomer.Do(r.Context(), &api.CustomerInput{Org: r.Org.Slug, Customer: id})
			is.Forwardable = r.Who.May(portal.ActionForward) == nil
		case id != r.Who.Customer:
			err = portal.NotFound("document")
		default:
			is.Forwardable = r.Features.ForwardDocuments && r.Who.May(portal.ActionForward) == nil
		}
	default:
		err = portal.NotFound("document")
	}
	return is, err
}

// DrawForward draws the form by itself.
func DrawForward(r *Request, view func(f *Form) templ.Component) error {
	f, err := NewForward(r)
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, view(f))
}

// forwarding redraws what became of each email, as long as word of one may still come and its document's page has a stream.
func (r *Request) forwarding(f *Form, is api.Forwarding) ui.Live {
	live := ui.Live{ID: "forwarding"}
	waits := slices.ContainsFunc(is.Forwards, func(f api.Forward) bool {
		return slices.ContainsFunc(f.Recipients, func(to api.ForwardedRecipient) bool { return !to.Status.Settled() })
	})
	if document := f.Value("document"); (waits || r.forwardBegins(is)) && document != "statement" {
		live.Stream = r.documentPath(document, f.Value("id")) + "/live"
	}
	return live
}

// forwardBegins reports whether what was just asked for is still to begin: the page's address names it.
func (r *Request) forwardBegins(is api.Forwarding) bool {
	id := r.Query("forward")
	return id != "" && !slices.ContainsFunc(is.Forwards, func(f api.Forward) bool { return f.ID.String() == id })
}

// forwardedItems tell what became of each email, newest forward first.
func (r *Request) forwardedItems(forwards []api.Forward) []ui.Item {
	var items []ui.Item
	for _, f := range forwards {
		for _, to := range f.Recipients {
			status := forwardedStatus(to.Status)
			item := ui.Item{Name: to.Email, About: f.By + ", " + r.Moment(f.At).Shown, Status: &status}
			if flow := r.Flow(f.WorkflowID); flow != "" {
				item.Menu = &ui.Menu{Label: "Actions for the email to " + to.Email, Links: []ui.Link{{Label: "Open in Temporal", Href: flow, Icon: ui.IconAway}}}
			}
			items = append(items, item)
		}
	}
	return items
}

func forwardedStatus(s portal.ForwardedStatus) ui.Status {
	status := ui.Status{Label: s.Words(), Tone: ui.Info}
	switch s {
	case portal.ForwardedDelivered:
		status.Tone = ui.Success
	case portal.ForwardedDelayed:
		status.Tone = ui.Warning
	case portal.ForwardedBounced, portal.ForwardedComplained, portal.ForwardedFailed:
		status.Tone = ui.Failure
	}
	return status
}
