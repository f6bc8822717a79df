package portal

import (
	"net/http"

	"countersign/api"
	"countersign/web"
)

func (p pages) drawInvoice(r *web.Request, status int, f *web.Form) error {
	i, err := p.readInvoice(r)
	if err != nil {
		return err
	}
	talk, err := r.Talk("invoices", i.ID, f)
	if err != nil {
		return err
	}
	return r.Draw(status, invoicePage(r, i, talk))
}

func (p pages) drawEstimate(r *web.Request, status int, e api.Estimate, d decided, f *web.Form) error {
	talk, err := r.Talk("estimates", e.ID, f)
	if err != nil {
		return err
	}
	return r.Draw(status, estimatePage(r, e, d, talk))
}

func (p pages) postInvoiceComment(r *web.Request) error {
	id, err := r.ID("invoice", "invoice")
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	if _, err := web.Submit(r, f, p.CommentOnMyInvoice, &api.CommentOnMyInvoiceInput{Key: f.APIKey(), Org: r.Org.Slug, Invoice: id}); err != nil {
		if !f.Refuse(err) {
			return err
		}
		return p.drawInvoice(r, api.StatusOf(err), f)
	}
	return r.Redirect(r.Path("invoices", id.String()) + "?done=commented#comments")
}

func (p pages) postEstimateComment(r *web.Request) error {
	e, err := p.readEstimate(r)
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	if _, err := web.Submit(r, f, p.CommentOnMyEstimate, &api.CommentOnMyEstimateInput{Key: f.APIKey(), Org: r.Org.Slug, Estimate: e.ID}); err != nil {
		if !f.Refuse(err) {
			return err
		}
		return p.drawEstimate(r, api.StatusOf(err), e, decided{form: web.NewForm(), key: web.NewKey()}, f)
	}
	return r.Redirect(r.Path("estimates", e.ID.String()) + "?done=commented#comments")
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
		return r.Again(f, err, messagePage(r, f))
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
		return r.Again(f, err, reviewPage(r, f))
	}
	return r.Redirect(r.Path() + "?done=review")
}
