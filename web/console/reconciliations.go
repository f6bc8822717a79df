package console

import (
	"net/http"

	"countersign/api"
	"countersign/web"
)

func (p pages) reconciliations(r *web.Request) error {
	out, err := p.ListReconciliations.Do(r.Context(), &api.ListReconciliationsInput{Org: r.Org.Slug, Page: api.Page{After: r.Query("after")}})
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, reconciliationsView(r, out.Body.Reconciliations, out.Body.Next))
}

func (p pages) reconciliation(r *web.Request) error {
	id, err := r.ID("reconciliation", "comparison")
	if err != nil {
		return err
	}
	out, err := p.GetReconciliation.Do(r.Context(), &api.ReconciliationInput{Org: r.Org.Slug, Reconciliation: id, Page: api.Page{After: r.Query("after"), Size: 50}})
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, reconciliationView(r, out.Body.Reconciliation, out.Body.Found, out.Body.Next))
}

// advice is what a kind of difference means, and what to do about it.
type advice struct{ name, means, do string }

// adviceOn says what staff need to know of a kind of difference.
func adviceOn(kind string) advice {
	switch kind {
	case "missing_here":
		return advice{"Not in these books", "There is money at the processor, or a charge that may become money, without a payment here.", "Refund it at the processor, or record it on the customer’s page."}
	case "missing_there":
		return advice{"Not at the processor", "The processor’s account has no such charge.", "Ask your operators whether the key of another account, or of test mode, was in use."}
	case "charged_twice":
		return advice{"Charged twice", "A second charge names a payment that has one already.", "Refund the second charge at the processor."}
	case "amount":
		return advice{"Another amount", "The charge and the payment are for different amounts: one of them was changed by hand.", "Find out who changed it, and correct it with a refund or a credit note."}
	case "currency":
		return advice{"Another currency", "The charge and the payment are in different currencies: one of them was changed by hand.", "Find out who changed it, and correct it with a refund."}
	case "customer":
		return advice{"Another customer", "The charge belongs to another customer at the processor.", "Find out whether customers were merged there by hand, and set it right."}
	case "received":
		return advice{"Another amount arrived", "The processor says that another amount arrived than is booked here.", "Correct it with a refund or a credit note."}
	case "refunded":
		return advice{"Refunds differ", "What was given back at the processor isn’t what is booked here, and asking again did not book it.", "Open the payment: its flow says why."}
	case "disputed":
		return advice{"Disputes differ", "What the customer’s bank took back isn’t what is booked here, and asking again did not book it.", "Open the payment: its flow says why."}
	default:
		return advice{"Another outcome", "The charge came to another end than the payment did here, and asking again did not change it.", "Open the payment: its flow says why."}
	}
}
