package portal

import (
	"net/http"

	"countersign/api"
	"countersign/web"
)

// comment takes a comment on a document, which draw shows again if it is refused.
func (p pages) comment(kind string, draw func(r *web.Request, status int, comment *web.Form) error) func(*web.Request) error {
	return func(r *web.Request) error {
		return r.Comment(kind, func(f *web.Form, err error) error {
			if !f.RefuseSent(err) {
				return err
			}
			return draw(r, api.StatusOf(err), f)
		})
	}
}

func (p pages) postInvoiceViewed(r *web.Request) error {
	id, err := r.ID("invoice", "invoice")
	if err != nil {
		return err
	}
	if _, err := p.ViewMyInvoice.Do(r.Context(), &api.InvoiceInput{Org: r.Org.Slug, Invoice: id}); err != nil {
		return err
	}
	return r.NoContent()
}

func (p pages) postEstimateViewed(r *web.Request) error {
	id, err := r.ID("estimate", "estimate")
	if err != nil {
		return err
	}
	if _, err := p.ViewMyEstimate.Do(r.Context(), &api.EstimateInput{Org: r.Org.Slug, Estimate: id}); err != nil {
		return err
	}
	return r.NoContent()
}

func (p pages) message(r *web.Request) error {
	return r.Draw(http.StatusOK, messagePage(r, web.NewForm()))
}

func (p pages) postMessage(r *web.Request) error {
	f, err := r.Form()
	if err != nil {
		return err
	}
	if _, err := web.Submit(r, f, p.WriteMessage, &api.WriteMessageInput{Key: f.APIKey(), Org: r.Org.Slug}); err != nil {
		if !f.RefuseSent(err) {
			return err
		}
		return r.Draw(api.StatusOf(err), messagePage(r, f))
	}
	return r.Redirect(r.Path() + "?done=message")
}

// review is there only while reviews are asked for, R10.
func (p pages) review(r *web.Request) error {
	if _, err := p.ListMyReviews.Do(r.Context(), &api.MyReviewsInput{Org: r.Org.Slug}); err != nil {
		return err
	}
	return r.Draw(http.StatusOK, reviewPage(r, web.NewForm()))
}

func (p pages) postReview(r *web.Request) error {
	f, err := r.Form()
	if err != nil {
		return err
	}
	if _, err := web.Submit(r, f, p.WriteReview, &api.WriteReviewInput{Key: f.APIKey(), Org: r.Org.Slug}); err != nil {
		if !f.RefuseSent(err) {
			return err
		}
		return r.Draw(api.StatusOf(err), reviewPage(r, f))
	}
	return r.Redirect(r.Path() + "?done=review")
}
