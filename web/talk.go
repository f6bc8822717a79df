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
	// At is the document's page, and Older where its page with older comments begins; empty if there are none.
	At, Older string
	// Form is what was typed, if it could not be taken.
	Form *Form
	// To is where the form is posted, and Key makes posting it twice the same as once.
	To, Key string
	// Stream tells of what is new.
	Stream string
}

// talkShown is how many comments a page shows, the newest ones.
const talkShown = 100

// Talk reads what was said about a document: kind is "estimate", "invoice" or
// "project". form is nil, or what was refused.
func (r *Request) Talk(kind string, id uuid.UUID, form *Form) (Talk, error) {
	at := r.documentPath(kind, id.String())
	talk := Talk{Form: form, At: at, To: at + "/comments", Key: NewKey(), Stream: at + "/live"}
	if form == nil {
		talk.Form = NewForm()
	} else {
		talk.Key = form.Key()
	}
	list := r.Site.API.ListMyComments
	if r.Side == portal.SideStaff {
		list = r.Site.API.ListComments
	}
	out, err := list.Do(r.Context(), &api.CommentsInput{Page: api.Page{After: r.Query("comments"), Size: talkShown}, Org: r.Org.Slug, Kind: kind, Document: id})
	if err != nil {
		return talk, err
	}
	talk.Comments, talk.Older = out.Body.Comments, out.Body.Next
	slices.Reverse(talk.Comments)
	return talk, nil
}

// Comment takes what was posted below a document and shows its page again;
// refused draws it with what is wrong with the comment.
func (r *Request) Comment(kind string, refused func(f *Form, err error) error) error {
	id, err := r.ID(kind, kind)
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	if r.Side == portal.SideStaff {
		_, err = Submit(r, f, r.Site.API.WriteComment, &api.WriteCommentInput{Key: f.APIKey(), Org: r.Org.Slug, Kind: kind, Document: id})
	} else {
		_, err = Submit(r, f, r.Site.API.WriteMyComment, &api.WriteMyCommentInput{Key: f.APIKey(), Org: r.Org.Slug, Kind: kind, Document: id})
	}
	if err != nil {
		return refused(f, err)
	}
	return r.Redirect(r.documentPath(kind, id.String()) + "?done=commented#comments")
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
