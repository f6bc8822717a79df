package web

import (
	"net/http"
	"slices"

	"github.com/google/uuid"

	"countersign/api"
	"countersign/portal"
	"countersign/web/ui"
)

// Talk is the conversation below a document, with the form to go on with it.
type Talk struct {
	Comments []api.Comment
	// More says that there are older ones than are shown.
	More bool
	// Form is what was typed, if it could not be taken.
	Form *Form
	// To is where the form is posted, and Key makes posting it twice the same as once.
	To, Key string
	// Stream tells of what is new.
	Stream string
}

// talkShown is how many comments a page shows, the newest ones.
const talkShown = 100

// Talk reads what was said about a document: kind is "estimates" or "invoices". form is nil, or what was refused.
func (r *Request) Talk(kind string, id uuid.UUID, form *Form) (Talk, error) {
	talk := Talk{Form: form, To: r.Path(kind, id.String(), "comments"), Key: NewKey(), Stream: r.Path(kind, id.String(), "live")}
	if form == nil {
		talk.Form = NewForm()
	} else {
		talk.Key = form.Key()
	}
	a, page := r.Site.API, api.Page{Size: talkShown}
	estimates, invoices := a.ListMyEstimateComments, a.ListMyInvoiceComments
	if r.Side == portal.SideStaff {
		estimates, invoices = a.ListEstimateComments, a.ListInvoiceComments
	}
	var out *api.CommentsOutput
	var err error
	if kind == "estimates" {
		out, err = estimates.Do(r.Context(), &api.EstimateCommentsInput{Page: page, Org: r.Org.Slug, Estimate: id})
	} else {
		out, err = invoices.Do(r.Context(), &api.InvoiceCommentsInput{Page: page, Org: r.Org.Slug, Invoice: id})
	}
	if err != nil {
		return talk, err
	}
	talk.Comments, talk.More = out.Body.Comments, out.Body.Next != ""
	slices.Reverse(talk.Comments)
	return talk, nil
}

// thread shows a conversation from the reader's side of the counter.
func thread(r *Request, comments []api.Comment) []ui.Comment {
	shown := make([]ui.Comment, len(comments))
	for i, c := range comments {
		shown[i] = ui.Comment{
			ID: "comment-" + c.ID.String(), Author: c.Author, Initials: Initials(c.Author), Ours: c.Side != string(portal.ActorContact),
			Internal: c.Internal, Words: c.Text, When: r.Moment(c.At),
		}
		if shown[i].Ours {
			shown[i].Side = r.Org.Name
		}
	}
	return shown
}

// NoContent answers what a page's script says and needs no answer to.
func (r *Request) NoContent() error {
	r.gin.Status(http.StatusNoContent)
	r.gin.Writer.WriteHeaderNow()
	return nil
}
