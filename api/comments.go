package api

import (
	"context"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/portal"
)

// maxComment is the longest comment, in characters.
const maxComment = 4000

type commentOperations struct {
	ListMyComments *Operation[CommentsInput, CommentsOutput]
	WriteMyComment *Operation[WriteMyCommentInput, CommentOutput]

	ListComments *Operation[CommentsInput, CommentsOutput]
	WriteComment *Operation[WriteCommentInput, CommentOutput]
}

// CommentsInput asks for a page of what was said about an estimate, an invoice
// (R30) or a project (R44), newest first.
type CommentsInput struct {
	Page
	Org      string    `path:"org" maxLength:"40"`
	Kind     string    `path:"kind" enum:"estimate,invoice,project"`
	Document uuid.UUID `path:"document"`
}

// CommentContent is what somebody says about a document.
type CommentContent struct {
	Text string `json:"text" minLength:"1" maxLength:"4000" doc:"Plain text; line breaks are kept."`
}

// StaffCommentContent is what staff say, to each other or to the customer.
type StaffCommentContent struct {
	CommentContent
	DisplayInPortal bool `json:"display_in_portal,omitempty" doc:"The customer reads it too. Without it, only staff do."`
}

// WriteMyCommentInput says something about an estimate, an invoice or a project, R27.
type WriteMyCommentInput struct {
	Key
	Org      string    `path:"org" maxLength:"40"`
	Kind     string    `path:"kind" enum:"estimate,invoice,project"`
	Document uuid.UUID `path:"document"`
	Body     struct{ CommentContent }
}

// WriteCommentInput says something as staff, R49.
type WriteCommentInput struct {
	Key
	Org      string    `path:"org" maxLength:"40"`
	Kind     string    `path:"kind" enum:"estimate,invoice,project"`
	Document uuid.UUID `path:"document"`
	Body     struct{ StaffCommentContent }
}

// CommentsOutput is a page of a conversation, newest first.
type CommentsOutput struct {
	Body struct {
		Comments []Comment `json:"comments"`
		Next     string    `json:"next,omitempty"`
	}
}

// CommentOutput is what was said.
type CommentOutput struct {
	Status int
	Body   Comment
}

// Comment is one contribution to the conversation about a document.
type Comment struct {
	ID     uuid.UUID `json:"id"`
	Text   string    `json:"text"`
	Author string    `json:"author"`
	Side   string    `json:"side" enum:"contact,staff,api_key"`
	Mine   bool      `json:"mine"`
	// Internal ones are read by staff alone.
	Internal bool      `json:"internal,omitempty"`
	At       time.Time `json:"at"`
}

func (a *API) declareComments() {
	const (
		contact = "/api/{org}/portal/comments/{kind}/{document}"
		staff   = "/api/{org}/console/comments/{kind}/{document}"
	)
	list := func(id, path string, side portal.Side) route {
		return route{
			id: id, method: http.MethodGet, path: path, tag: "Comments", summary: "Read what was said about a document",
			side: side, action: portal.ActionViewDocuments,
		}
	}
	write := func(id, path string, side portal.Side) route {
		return route{
			id: id, method: http.MethodPost, path: path, tag: "Comments", status: http.StatusCreated, summary: "Comment on a document",
			side: side, action: portal.ActionComment,
		}
	}
	a.ListMyComments = declare(a, list("list-my-comments", contact, portal.SideContact), a.comments)
	a.ListComments = declare(a, list("list-comments", staff, portal.SideStaff), a.comments)
	a.WriteMyComment = declare(a, write("write-my-comment", contact, portal.SideContact),
		func(ctx context.Context, in *WriteMyCommentInput) (*CommentOutput, error) {
			return a.comment(ctx, in.Key, document{in.Kind, in.Document}, StaffCommentContent{in.Body.CommentContent, true})
		})
	a.WriteComment = declare(a, write("write-comment", staff, portal.SideStaff),
		func(ctx context.Context, in *WriteCommentInput) (*CommentOutput, error) {
			return a.comment(ctx, in.Key, document{in.Kind, in.Document}, in.Body.StaffCommentContent)
		})
}

// document is what is talked about, or was opened.
type document struct {
	kind string
	id   uuid.UUID
}

// standing is what of a document decides who may do what with it.
type standing struct {
	customer uuid.UUID
	// sent documents are seen by the customer.
	sent bool
}

// find reads where a document stands. To a contact, what isn't their customer's
// and what was never sent isn't there, R16.
func (d document) find(ctx context.Context, q *dbsqlc.Queries) (s standing, err error) {
	p := principal(ctx)
	switch d.kind {
	case "estimate":
		row, err := q.GetEstimate(ctx, dbsqlc.GetEstimateParams{OrgID: p.Org, ID: d.id})
		if err != nil {
			return s, d.missing(err)
		}
		s = standing{row.CustomerID, row.Version > 0}
	case "invoice":
		row, err := q.GetInvoice(ctx, dbsqlc.GetInvoiceParams{OrgID: p.Org, ID: d.id})
		if err != nil {
			return s, d.missing(err)
		}
		s = standing{row.CustomerID, row.State != "draft"}
	case "project":
		row, err := projectOf(ctx, q, d.id)
		if err != nil {
			return s, err
		}
		s = standing{row.CustomerID, true}
	}
	if err := mine(ctx, s.customer, d.kind); err != nil {
		return standing{}, err
	}
	if p.Side == portal.SideContact && !s.sent {
		return standing{}, portal.NotFound(d.kind)
	}
	return s, nil
}

func (d document) missing(err error) error {
	if db.NotFound(err) {
		return portal.NotFound(d.kind)
	}
	return err
}

// talkable refuses a contact what is switched off for them, R10.
func (a *API) talkable(ctx context.Context, d document) error {
	if d.kind != "project" || principal(ctx).Side != portal.SideContact {
		return nil
	}
	settings, err := a.settings(ctx)
	if err != nil {
		return err
	}
	return settings.Allows(portal.FeatureTimesheets)
}

func (a *API) comments(ctx context.Context, in *CommentsInput) (*CommentsOutput, error) {
	p, d := principal(ctx), document{in.Kind, in.Document}
	if err := a.talkable(ctx, d); err != nil {
		return nil, err
	}
	from, err := readCursor(in.After, newest())
	if err != nil {
		return nil, err
	}
	out := &CommentsOutput{}
	err = a.in(ctx, func(q *dbsqlc.Queries) error {
		if _, err := d.find(ctx, q); err != nil {
			return err
		}
		rows, err := q.ListComments(ctx, dbsqlc.ListCommentsParams{
			OrgID: p.Org, SubjectKind: d.kind, SubjectID: d.id, CustomerID: optional(p.Customer), Before: from.ID, PageSize: in.size() + 1,
		})
		if err != nil {
			return err
		}
		rows, out.Body.Next = pageOf(rows, in.size(), func(c dbsqlc.Comment) cursor { return cursor{ID: c.ID} })
		out.Body.Comments = make([]Comment, 0, len(rows))
		for _, c := range rows {
			out.Body.Comments = append(out.Body.Comments, commentOf(p, c))
		}
		return nil
	})
	return out, err
}

func commentOf(p portal.Principal, c dbsqlc.Comment) Comment {
	return Comment{ID: c.ID, Text: c.Body, Author: c.AuthorName, Side: c.AuthorKind, Mine: c.AuthorID == p.Actor, Internal: !c.Visible, At: c.At}
}

// comment says something about a document. It is text: nothing in it is read as
// anything else, anywhere.
func (a *API) comment(ctx context.Context, key Key, d document, content StaffCommentContent) (*CommentOutput, error) {
	p := principal(ctx)
	if err := a.talkable(ctx, d); err != nil {
		return nil, err
	}
	text, err := readText("text", content.Text, maxComment)
	if err != nil {
		return nil, err
	}
	id := portal.BeginID(p.Org, p.Actor, "comment:"+d.kind+":"+d.id.String(), key.Key)
	out := &CommentOutput{Status: http.StatusCreated}
	err = a.in(ctx, func(q *dbsqlc.Queries) error {
		about, err := d.find(ctx, q)
		if err != nil {
			return err
		}
		done, err := a.once(ctx, q, id, content)
		if err != nil {
			return err
		}
		if !done {
			if content.DisplayInPortal && !about.sent {
				return portal.Conflict("The customer can't see this %s before it is sent. Write this for staff alone, or send it first.", d.kind)
			}
			if err := a.say(ctx, q, d, about.customer, id, text, content.DisplayInPortal); err != nil {
				return err
			}
		}
		said, err := q.GetCommentOfRequest(ctx, dbsqlc.GetCommentOfRequestParams{OrgID: p.Org, RequestID: id})
		out.Body = commentOf(p, said)
		return err
	})
	return out, err
}

func (a *API) say(ctx context.Context, q *dbsqlc.Queries, d document, customer, request uuid.UUID, text string, visible bool) error {
	p, id := principal(ctx), a.NewID()
	if err := q.InsertComment(ctx, dbsqlc.InsertCommentParams{
		OrgID: p.Org, ID: id, RequestID: request, CustomerID: customer, SubjectKind: d.kind, SubjectID: d.id,
		AuthorKind: string(p.ActorKind), AuthorID: p.Actor, AuthorName: p.Name, Visible: visible, Body: text, At: a.now(),
	}); err != nil {
		return err
	}
	data := map[string]any{"id": id, "comment": excerpt(text)}
	if !visible {
		data["internal"] = true
	}
	return a.record(ctx, q, p, happened{customer: customer, kind: d.kind + ".commented", subject: d.kind, id: d.id, internal: !visible, data: data})
}

// excerpt is the beginning of a text, on one line, for the sentence about it.
func excerpt(text string) string {
	const most = 140
	line := strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(line) <= most {
		return line
	}
	return strings.TrimRight(string([]rune(line)[:most-1]), " ,.;:") + "…"
}

// readText reads several lines that somebody wrote: trimmed, with line breaks as
// they are meant, and nothing in it that can't be seen.
func readText(field, text string, most int) (string, error) {
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r), r == utf8.RuneError:
			return -1
		}
		return r
	}, strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)))
	switch {
	case text == "":
		return "", portal.Invalid("There is nothing written here.", portal.Field(field, "Please fill this in."))
	case utf8.RuneCountInString(text) > most:
		return "", portal.Invalid("This is too long.", portal.Field(field, "Use at most %d characters.", most))
	}
	return text, nil
}
