package console

import (
	"net/http"
	"slices"

	"github.com/google/uuid"

	"countersign/api"
	"countersign/portal"
	"countersign/web"
	"countersign/web/ui"
)

func (p pages) payments(r *web.Request) error {
	l, err := p.listing(r)
	if err != nil {
		return err
	}
	out, err := list(r, l, p.ListPayments, &api.ListPaymentsInput{Org: r.Org.Slug, Page: api.Page{After: r.Query("after")}, PaymentFilter: paymentFilter(r, l)})
	if err != nil {
		return err
	}
	return r.Draw(l.status(), paymentsView(r, l, out.Body.Payments, out.Body.Next))
}

func (p pages) paymentsCSV(r *web.Request) error {
	return listedTable(p, r, p.PaymentsCSV, func(l *listing) *api.PaymentsCSVInput {
		return &api.PaymentsCSVInput{Org: r.Org.Slug, PaymentFilter: paymentFilter(r, l)}
	})
}

func paymentFilter(r *web.Request, l *listing) api.PaymentFilter {
	return api.PaymentFilter{Status: r.Query("status"), Search: r.Query("q"), Sort: r.Query("sort"), Customer: l.customer, Days: l.days}
}

func (p pages) payment(r *web.Request) error { return p.drawPayment(r, nil) }

func (p pages) drawPayment(r *web.Request, x *refusal) error {
	paid, err := p.readPayment(r)
	if err != nil {
		return err
	}
	customer, err := p.customer(r, paid.Customer)
	if err != nil {
		return err
	}
	methods, err := p.otherMethods(r, paid)
	if err != nil {
		return err
	}
	return r.Draw(x.status(), paymentView(r, paid, customer, methods, x))
}

func (p pages) readPayment(r *web.Request) (api.Payment, error) {
	id, err := r.ID("payment", "payment")
	if err != nil {
		return api.Payment{}, err
	}
	out, err := p.GetPayment.Do(r.Context(), &api.PaymentInput{Org: r.Org.Slug, Payment: id})
	if err != nil {
		return api.Payment{}, err
	}
	return out.Body, nil
}

// otherMethods are the saved ways to pay that a declined payment can be tried with instead.
func (p pages) otherMethods(r *web.Request, paid api.Payment) ([]api.PaymentMethod, error) {
	if paid.Status != portal.PaymentDeclined {
		return nil, nil
	}
	out, err := p.ListMethods.Do(r.Context(), &api.ListMethodsInput{Org: r.Org.Slug, Customer: paid.Customer})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(out.Body.Methods, func(m api.PaymentMethod) bool { return paid.Method != nil && m.ID == paid.Method.ID }), nil
}

func (p pages) paymentLive(r *web.Request) error {
	paid, err := p.readPayment(r)
	if err != nil {
		return err
	}
	p.Stream(r.Writer(), r.HTTP(), paid.ID)
	return nil
}

func (p pages) retryPayment(r *web.Request) error {
	id, err := r.ID("payment", "payment")
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	if _, err := web.Submit(r, f, p.StaffRetry, &api.RetryPaymentInput{Key: f.APIKey(), Org: r.Org.Slug, Payment: id}); err != nil {
		x, err := refuse("retry", f, err)
		if err != nil {
			return err
		}
		return p.drawPayment(r, x)
	}
	return r.Redirect(with(r.Path("payments", id.String()), "done", "retried"))
}

func (p pages) cancelPayment(r *web.Request) error {
	id, err := r.ID("payment", "payment")
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	if _, err := web.Submit(r, f, p.StaffCancel, &api.DecidePaymentInput{Key: f.APIKey(), Org: r.Org.Slug, Payment: id}); err != nil {
		x, err := refuse("cancel", f, err)
		if err != nil {
			return err
		}
		return p.drawPayment(r, x)
	}
	return r.Redirect(with(r.Path("payments", id.String()), "done", "canceled"))
}

func (p pages) failedPayments(r *web.Request) error {
	return p.drawFailedPayments(r, http.StatusOK, web.NewForm(), nil)
}

func (p pages) drawFailedPayments(r *web.Request, status int, f *web.Form, results []api.RetryResult) error {
	out, err := p.FailedPayments.Do(r.Context(), &api.FailedPaymentsInput{Org: r.Org.Slug, Page: api.Page{After: r.Query("after"), Size: 100}})
	if err != nil {
		return err
	}
	return r.Draw(status, failedPaymentsView(r, f, out.Body.Payments, results, out.Body.Next))
}

// retryPayments tries one, the chosen or all declined payments again, and shows what became of each. Each is a request of its
// own: some may be refused while others go on, so there is no one page to lead to.
func (p pages) retryPayments(r *web.Request) error {
	f, err := r.Form()
	if err != nil {
		return err
	}
	if f.Intent() == "all" {
		f.Set("payments")
		f.Set("all", "on")
	} else if one, err := uuid.Parse(f.Intent()); err == nil {
		f.Set("payments", one.String())
	}
	out, err := web.Submit(r, f, p.RetryPayments, &api.RetryPaymentsInput{Key: f.APIKey(), Org: r.Org.Slug})
	if err != nil {
		status, err := takeBack(f, err)
		if err != nil {
			return err
		}
		return p.drawFailedPayments(r, status, f, nil)
	}
	unsure := slices.ContainsFunc(out.Body.Payments, func(p api.RetryResult) bool { return p.Result == "unconfirmed" })
	if !unsure {
		f.Set(ui.IdempotencyKeyField, web.NewKey())
	}
	return p.drawFailedPayments(r, http.StatusOK, f, out.Body.Payments)
}

// retried sums up what became of the payments that were tried again.
func retried(results []api.RetryResult) *ui.Notice {
	if len(results) == 0 {
		return nil
	}
	count, paid := map[string]int{}, 0
	for _, result := range results {
		if result.Result == "retried" && result.Status == string(portal.PaymentSucceeded) {
			paid++
		}
		count[result.Result]++
	}
	n := &ui.Notice{Tone: ui.Success, Title: web.Plural(count["retried"], "payment was", "payments were") + " tried again"}
	if paid > 0 {
		n.Words += web.Plural(paid, "is", "are") + " paid already. "
	}
	if count["refused"] > 0 {
		n.Tone = ui.Warning
		n.Words += web.Plural(count["refused"], "was refused", "were refused") + ": see why below. "
	}
	if count["unconfirmed"] > 0 {
		n.Tone = ui.Warning
		n.Words += web.Plural(count["unconfirmed"], "is", "are") + " not confirmed yet: press the same button again, nothing is charged twice."
	}
	return n
}
