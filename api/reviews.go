package api

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/portal"
)

type reviewOperations struct {
	WriteReview   *Operation[WriteReviewInput, ReviewOutput]
	ListMyReviews *Operation[MyReviewsInput, ReviewsOutput]
	ListReviews   *Operation[ReviewsInput, ReviewsOutput]
}

// WriteReviewInput says what a contact thinks of the organization, R57.
type WriteReviewInput struct {
	Key
	Org  string `path:"org" maxLength:"40"`
	Body struct {
		Stars int    `json:"stars" minimum:"1" maximum:"5"`
		Text  string `json:"text" minLength:"1" maxLength:"4000"`
	}
}

// MyReviewsInput asks for a page of one's own reviews, newest first.
type MyReviewsInput struct {
	Page
	Org string `path:"org" maxLength:"40"`
}

// ReviewsInput asks for a page of reviews, newest first.
type ReviewsInput struct {
	Page
	Org      string    `path:"org" maxLength:"40"`
	Customer uuid.UUID `query:"customer" doc:"Of one customer's contacts alone."`
	Contact  uuid.UUID `query:"contact" doc:"Of one contact alone."`
}

// ReviewOutput is a review.
type ReviewOutput struct {
	Status int
	Body   Review
}

// ReviewsOutput is a page of reviews.
type ReviewsOutput struct {
	Body struct {
		Reviews []Review `json:"reviews"`
		Next    string   `json:"next,omitempty"`
	}
}

// Review is what a contact thinks of the organization.
type Review struct {
	ID           uuid.UUID `json:"id"`
	Stars        int       `json:"stars"`
	Text         string    `json:"text"`
	Contact      uuid.UUID `json:"contact"`
	ContactName  string    `json:"contact_name"`
	Customer     uuid.UUID `json:"customer"`
	CustomerName string    `json:"customer_name"`
	At           time.Time `json:"at"`
}

func (a *API) declareReviews() {
	a.WriteReview = declare(a, route{
		id: "write-review", method: http.MethodPost, path: "/api/{org}/portal/reviews", tag: "Reviews", status: http.StatusCreated,
		summary: "Write a review", side: portal.SideContact, action: portal.ActionReview, feature: portal.FeatureReviews,
	}, a.writeReview)
	a.ListMyReviews = declare(a, route{
		id: "list-my-reviews", method: http.MethodGet, path: "/api/{org}/portal/reviews", tag: "Reviews",
		summary: "Read one's own reviews", side: portal.SideContact, action: portal.ActionReview, feature: portal.FeatureReviews,
	}, func(ctx context.Context, in *MyReviewsInput) (*ReviewsOutput, error) {
		return a.reviews(ctx, in.Page, uuid.Nil, principal(ctx).Actor)
	})
	a.ListReviews = declare(a, route{
		id: "list-reviews", method: http.MethodGet, path: "/api/{org}/console/reviews", tag: "Reviews",
		summary: "Read what contacts wrote", side: portal.SideStaff, action: portal.ActionViewActivity,
	}, func(ctx context.Context, in *ReviewsInput) (*ReviewsOutput, error) {
		return a.reviews(ctx, in.Page, in.Customer, in.Contact)
	})
}

func (a *API) reviews(ctx context.Context, page Page, customer, contact uuid.UUID) (*ReviewsOutput, error) {
	from, err := readCursor(page.After, newest())
	if err != nil {
		return nil, err
	}
	out := &ReviewsOutput{}
	err = a.in(ctx, func(q *dbsqlc.Queries) error {
		rows, err := q.ListReviews(ctx, dbsqlc.ListReviewsParams{
			OrgID: principal(ctx).Org, CustomerID: optional(customer), ContactID: optional(contact), Before: from.ID, PageSize: page.size() + 1,
		})
		if err != nil {
			return err
		}
		rows, out.Body.Next = pageOf(rows, page.size(), func(r dbsqlc.ListReviewsRow) cursor { return cursor{ID: r.ID} })
		out.Body.Reviews = make([]Review, 0, len(rows))
		for _, r := range rows {
			out.Body.Reviews = append(out.Body.Reviews, Review{r.ID, int(r.Stars), r.Body, r.ContactID, r.ContactName, r.CustomerID, r.CustomerName, r.At})
		}
		return nil
	})
	return out, err
}

func (a *API) writeReview(ctx context.Context, in *WriteReviewInput) (*ReviewOutput, error) {
	p := principal(ctx)
	text, err := readText("text", in.Body.Text, maxComment)
	if err != nil {
		return nil, err
	}
	request, id := portal.BeginID(p.Org, p.Actor, "write-review", in.Key.Key), a.NewID()
	out := &ReviewOutput{Status: http.StatusCreated}
	err = a.in(ctx, func(q *dbsqlc.Queries) error {
		done, err := a.once(ctx, q, request, in.Body)
		if err != nil {
			return err
		}
		if !done {
			if err := q.InsertReview(ctx, dbsqlc.InsertReviewParams{
				OrgID: p.Org, ID: id, RequestID: request, CustomerID: p.Customer, ContactID: p.Actor, Stars: int32(in.Body.Stars), Body: text, At: a.now(),
			}); err != nil {
				return err
			}
			if err := a.record(ctx, q, p, happened{
				customer: p.Customer, kind: "review.written", subject: "contact", id: p.Actor, internal: true,
				data: map[string]any{"id": id, "stars": in.Body.Stars, "text": excerpt(text)},
			}); err != nil {
				return err
			}
		}
		r, err := q.GetReviewOfRequest(ctx, dbsqlc.GetReviewOfRequestParams{OrgID: p.Org, RequestID: request})
		out.Body = Review{r.ID, int(r.Stars), r.Body, r.ContactID, r.ContactName, r.CustomerID, r.CustomerName, r.At}
		return err
	})
	return out, err
}
