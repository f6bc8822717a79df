package console

import (
	"net/http"

	"github.com/google/uuid"

	"countersign/api"
	"countersign/portal"
	"countersign/web"
)

// validDays is for how long a new estimate is open unless staff say otherwise.
const validDays = 30

func (p pages) estimates(r *web.Request) error {
	l, err := p.listing(r)
	if err != nil {
		return err
	}
	out, err := list(r, l, p.ListEstimates, &api.ListEstimatesInput{Org: r.Org.Slug, Page: api.Page{After: r.Query("after")}, EstimateFilter: estimateFilter(r, l)})
	if err != nil {
		return err
	}
	return r.Draw(l.status(), estimatesView(r, p.bulkEstimates(), l, out.Body.Estimates, out.Body.Next))
}

func (p pages) estimatesCSV(r *web.Request) error {
	return listedTable(p, r, p.EstimatesCSV, func(l *listing) *api.EstimatesCSVInput {
		return &api.EstimatesCSVInput{Org: r.Org.Slug, EstimateFilter: estimateFilter(r, l)}
	})
}

func estimateFilter(r *web.Request, l *listing) api.EstimateFilter {
	return api.EstimateFilter{Status: r.Query("status"), Search: r.Query("q"), Customer: l.customer, Sort: r.Query("sort"), Days: l.days}
}

func (p pages) estimate(r *web.Request) error { return p.drawEstimate(r, nil) }

func (p pages) drawEstimate(r *web.Request, x *refusal) error {
	return p.drawEstimateWith(r, x.status(), x, nil)
}

// drawEstimateWith draws an estimate with a comment that was refused.
func (p pages) drawEstimateWith(r *web.Request, status int, x *refusal, comment *web.Form) error {
	e, err := p.readEstimate(r)
	if err != nil {
		return err
	}
	talk, err := r.Talk("estimate", e.ID, comment)
	if err != nil {
		return err
	}
	return r.Draw(status, estimateView(r, e, x, talk))
}

func (p pages) readEstimate(r *web.Request) (api.Estimate, error) {
	id, err := r.ID("estimate", "estimate")
	if err != nil {
		return api.Estimate{}, err
	}
	out, err := p.GetEstimate.Do(r.Context(), &api.EstimateInput{Org: r.Org.Slug, Estimate: id})
	if err != nil {
		return api.Estimate{}, err
	}
	return out.Body, nil
}

func (p pages) estimateLive(r *web.Request) error {
	e, err := p.readEstimate(r)
	if err != nil {
		return err
	}
	p.Stream(r.Writer(), r.HTTP(), e.ID)
	return nil
}

func (p pages) sendEstimate(r *web.Request) error {
	id, err := r.ID("estimate", "estimate")
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	if _, err := p.SendEstimate.Do(r.Context(), &api.SendEstimateInput{Key: f.APIKey(), Org: r.Org.Slug, Estimate: id}); err != nil {
		x, err := refuse("send", f, err)
		if err != nil {
			return err
		}
		return p.drawEstimate(r, x)
	}
	return r.Redirect(with(r.Path("estimates", id.String()), "done", "sent"))
}

// onEstimate acts on an estimate, and draws it again if that is refused.
func (p pages) onEstimate(r *web.Request, act string, do func(id uuid.UUID, f *web.Form) (string, error)) error {
	id, err := r.ID("estimate", "estimate")
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	to, err := do(id, f)
	if err == nil {
		return r.Redirect(to)
	}
	x, err := refuse(act, f, err)
	if err != nil {
		return err
	}
	return p.drawEstimate(r, x)
}

func (p pages) resendEstimate(r *web.Request) error {
	return p.onEstimate(r, "resend", func(id uuid.UUID, f *web.Form) (string, error) {
		_, err := p.ResendEstimate.Do(r.Context(), &api.SendEstimateInput{Key: f.APIKey(), Org: r.Org.Slug, Estimate: id})
		return with(r.Path("estimates", id.String()), "done", "emailed"), err
	})
}

func (p pages) withdrawEstimate(r *web.Request) error {
	return p.onEstimate(r, "withdraw", func(id uuid.UUID, f *web.Form) (string, error) {
		_, err := web.Submit(r, f, p.WithdrawEstimate, &api.WithdrawEstimateInput{Key: f.APIKey(), EstimateInput: api.EstimateInput{Org: r.Org.Slug, Estimate: id}})
		return with(r.Path("estimates", id.String()), "done", "withdrawn"), err
	})
}

// discardEstimate leads to the estimate, if anything of it is left.
func (p pages) discardEstimate(r *web.Request) error {
	return p.onEstimate(r, "discard", func(id uuid.UUID, _ *web.Form) (string, error) {
		in := &api.EstimateInput{Org: r.Org.Slug, Estimate: id}
		if _, err := p.DiscardEstimate.Do(r.Context(), in); err != nil {
			return "", err
		}
		to := r.Path("estimates", id.String())
		if _, err := p.GetEstimate.Do(r.Context(), in); err != nil {
			to = r.Path("estimates")
		}
		return with(to, "done", "dropped"), nil
	})
}

func (p pages) newEstimate(r *web.Request) error {
	customer, chosen, err := p.newDocument(r, "estimate")
	if err != nil || !chosen {
		return err
	}
	f := web.NewForm("customer", customer.ID.String(), "currency", customer.Currency,
		"valid_until", r.Today().AddDays(validDays).String())
	addLines(f)
	return p.drawNewEstimate(r, http.StatusOK, f, customer)
}

func (p pages) drawNewEstimate(r *web.Request, status int, f *web.Form, customer api.Customer) error {
	c := formCurrency(f, portal.Currency(customer.Currency))
	return r.Draw(status, writeEstimateView(r, "New estimate", writing{
		form: f, currency: c, sums: p.addUp(r, f, c), customer: customer, at: r.Path("estimates", "new"), back: r.Path("estimates"),
	}))
}

func (p pages) createEstimate(r *web.Request) error {
	f, err := r.Form()
	if err != nil {
		return err
	}
	customer, err := p.postedCustomer(r, f)
	if err != nil {
		return err
	}
	if rearrange(f) {
		return p.drawNewEstimate(r, http.StatusOK, f, customer)
	}
	dropEmptyLines(f)
	readLines(f, formCurrency(f, portal.Currency(customer.Currency)))
	out, err := web.Submit(r, f, p.CreateEstimate, &api.CreateEstimateInput{Key: f.APIKey(), Org: r.Org.Slug})
	if err != nil {
		status, err := takeBack(f, err)
		if err != nil {
			return err
		}
		addLines(f)
		return p.drawNewEstimate(r, status, f, customer)
	}
	return r.Redirect(with(r.Path("estimates", out.Body.ID.String()), "done", "draft"))
}

func (p pages) editEstimate(r *web.Request) error {
	e, err := p.readEstimate(r)
	if err != nil {
		return err
	}
	f := estimateForm(r, e)
	addLines(f)
	return p.drawEstimateEdit(r, http.StatusOK, f, e)
}

// estimateForm is the version of an estimate that editing begins with, as the next one to be written.
func estimateForm(r *web.Request, e api.Estimate) *web.Form {
	f := web.NewForm("version", version(e.Version+1), "title", e.Title, "notes", e.Notes, "terms", e.Terms, "valid_until", e.ValidUntil.String(), "discount_percent", e.DiscountPercent, "deposit_percent", e.DepositPercent)
	if e.ValidUntil.Before(r.Today()) {
		f.Set("valid_until", r.Today().AddDays(validDays).String())
	}
	startLines(f, e.Lines)
	return f
}

func (p pages) drawEstimateEdit(r *web.Request, status int, f *web.Form, e api.Estimate) error {
	customer, err := p.customer(r, e.Customer)
	if err != nil {
		return err
	}
	at := r.Path("estimates", e.ID.String())
	return r.Draw(status, writeEstimateView(r, "Edit "+e.Number, writing{
		form: f, currency: e.Total.Currency, sums: p.addUp(r, f, e.Total.Currency), customer: customer, settled: true, at: at + "/edit", back: at,
	}))
}

func (p pages) saveEstimate(r *web.Request) error {
	e, err := p.readEstimate(r)
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	if rearrange(f) {
		return p.drawEstimateEdit(r, http.StatusOK, f, e)
	}
	dropEmptyLines(f)
	readLines(f, e.Total.Currency)
	if _, err := web.Submit(r, f, p.EditEstimate, &api.EditEstimateInput{Org: r.Org.Slug, Estimate: e.ID}); err != nil {
		status, err := takeBackOver(f, err, func() (*web.Form, error) { now, err := p.readEstimate(r); return estimateForm(r, now), err })
		if err != nil {
			return err
		}
		addLines(f)
		return p.drawEstimateEdit(r, status, f, e)
	}
	return r.Redirect(with(r.Path("estimates", e.ID.String()), "done", "draft"))
}
