package faults

import (
	"context"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"countersign/api"
	"countersign/devstack/stripesim"
	"countersign/portal"
)

// payer is a contact who pays.
type payer struct {
	person
	buyer *Buyer
	// hurry is how long they wait between one look and the next.
	hurry time.Duration
}

// cards that people try on the processor's page.
var cards = []string{
	"4242424242424242", "4242424242424242", "4242424242424242", "5555555555554444",
	"4000000000009995", // insufficient funds
	"4000000000000002", // declined
	"4000000000000119", // processing error
	"4000002760003184", // wants authentication, every time
	"4000008260003178", // authentication, then declined
	"4000000000000341", // can be saved, and declines
}

// codes that banks decline saved cards with; ok is none.
var codes = []string{"insufficient_funds", "do_not_honor", "processing_error", "lost_card", "issuer_not_available", "ok"}

// visit is one round: look at what is owed, pay some of it, see what becomes of it.
func (p *payer) visit() {
	var payable struct {
		Groups []api.PayableGroup `json:"groups"`
	}
	if !p.ask(http.MethodGet, "/payable", nil).into(&payable) || len(payable.Groups) == 0 {
		return
	}
	group := pick(&p.person, payable.Groups)
	if p.chance(4) {
		p.Note("people: changed their company's details")
		p.editCompany()
	}
	if p.chance(10) {
		p.removeMethod()
	}
	order := p.order(group.Invoices)
	if p.chance(6) {
		p.Note("people: paid in two tabs")
		tab := p.tab()
		other := tab.order(group.Invoices)
		p.Together(func() { p.pay(order) }, func() { tab.pay(other) })
		return
	}
	p.pay(order)
}

// tab is the same person in another tab of their browser.
func (p *payer) tab() *payer {
	other := *p
	other.rng = rand.New(rand.NewPCG(p.rng.Uint64(), p.rng.Uint64()))
	return &other
}

// order is a request to pay some of the invoices.
func (p *payer) order(owed []api.PayableInvoice) map[string]any {
	chosen := slices.Clone(owed)
	p.rng.Shuffle(len(chosen), func(i, j int) { chosen[i], chosen[j] = chosen[j], chosen[i] })
	chosen = chosen[:1+p.rng.IntN(len(chosen))]
	if len(chosen) > 1 {
		p.Note("people: paid several at once")
	}
	invoices := make([]map[string]any, len(chosen))
	for n, i := range chosen {
		invoices[n] = map[string]any{"id": i.ID}
		if part := i.Due.Amount / 20 * 10; p.chance(4) && part > 1000 {
			p.Note("people: paid in part")
			invoices[n]["amount"] = part
		}
	}
	order := map[string]any{"invoices": invoices, "way": "checkout"}
	if p.chance(4) {
		order["kind"] = "bank_debit"
	}
	if p.chance(4) {
		p.Note("people: used credit first")
		order["credit"] = true
	}
	if p.chance(5) {
		p.Note("people: took over")
		order["take_over"] = true
	}
	var saved struct {
		Methods []api.PaymentMethod `json:"methods"`
	}
	if p.chance(2) && p.ask(http.MethodGet, "/payment-methods", nil).into(&saved) && len(saved.Methods) > 0 {
		p.Note("people: used a saved card")
		order["way"], order["method"] = "saved", pick(&p.person, saved.Methods).ID
		delete(order, "kind")
		p.sourSaved()
	} else if p.chance(3) {
		p.Note("people: saved a card")
		order["save"] = true
	}
	return order
}

// sourSaved makes the bank decline the next charges of a saved card.
func (p *payer) sourSaved() {
	if len(p.buyer.Methods) == 0 || !p.chance(2) {
		return
	}
	methods := slices.SortedFunc(maps.Values(p.buyer.Methods), strings.Compare)
	outcomes := make([]string, 1+p.rng.IntN(2))
	for i := range outcomes {
		outcomes[i] = pick(&p.person, codes)
	}
	if p.Processor().Decline(context.Background(), pick(&p.person, methods), outcomes...) == nil {
		p.Note("people: their bank declined a saved card")
	}
}

func (p *payer) pay(order map[string]any) {
	answer := p.ask(http.MethodPost, "/payments", order)
	if answer.status == http.StatusConflict {
		p.Note("people: were told that somebody else pays")
	}
	var begun id
	if !answer.into(&begun) {
		return
	}
	p.follow(begun.ID)
}

// follow sees a payment through, or loses patience.
func (p *payer) follow(payment uuid.UUID) {
	address, tries := "/payments/"+payment.String(), 0
	for range 12 {
		if p.Over() {
			return
		}
		var now api.Payment
		if !p.ask(http.MethodGet, address, nil).into(&now) {
			p.Sleep(p.hurry)
			continue
		}
		switch {
		case now.Status.Final():
			return
		case now.Status == portal.PaymentAwaitingCustomer && now.ActionURL != "":
			if p.chance(6) {
				p.Note("people: canceled")
				p.ask(http.MethodPost, address+"/cancel", map[string]any{})
				continue
			}
			if p.chance(8) {
				p.Note("people: walked away from the page")
				return
			}
			p.onPage(now.ActionURL)
		case now.Status == portal.PaymentDeclined:
			if tries++; tries > 2 || !p.decline(address) {
				return
			}
		default:
			p.Sleep(p.hurry)
		}
	}
}

// onPage does what a customer does on the processor's page.
func (p *payer) onPage(address string) {
	p.pause(p.hurry)
	_, session, isSession := strings.Cut(address, "/c/pay/")
	if !isSession {
		if _, intent, ok := strings.Cut(address, "/c/authenticate/"); ok {
			p.Note("people: were asked to authenticate a saved card")
			// They may have done so in another tab: then there is nothing to do any more.
			_ = p.Processor().Authenticate(context.Background(), intent, !p.chance(3))
		}
		p.Sleep(p.hurry)
		return
	}
	if end := strings.IndexAny(session, "?#/"); end >= 0 {
		session = session[:end]
	}
	for range 3 {
		details := stripesim.PayParams{Card: pick(&p.person, cards), Save: p.chance(3)}
		if p.payFromBank(session, details.Save) {
			break
		}
		switch p.rng.IntN(6) {
		case 0:
			details.Authenticate = "fail"
		case 1:
			details.Authenticate = "leave"
		}
		summary, err := p.Processor().Pay(context.Background(), session, details)
		if err != nil || summary.Status == "complete" {
			break
		}
		if summary.Code != "" {
			p.Note("people: were declined on the page")
		}
		p.pause(p.hurry)
	}
	p.Sleep(p.hurry)
}

// accounts that people have at banks.
var accounts = []string{
	"000123456789", "000123456789",
	"000222222227", // insufficient funds, after days
	"000111111113", // closed
	"000555555559", // paid, and returned later
}

// payFromBank pays from a bank account, where the page takes one.
func (p *payer) payFromBank(session string, save bool) bool {
	summary, err := p.Processor().Pay(context.Background(), session, stripesim.PayParams{BankAccount: pick(&p.person, accounts), Save: save})
	if err != nil || summary.Status != "complete" {
		return false
	}
	p.Note("people: paid from a bank account")
	return true
}

// decline is what they do about a decline; false when they do nothing.
func (p *payer) decline(address string) bool {
	switch p.rng.IntN(6) {
	case 0, 1, 2:
		p.Note("people: retried")
		p.ask(http.MethodPost, address+"/retry", map[string]any{})
	case 3:
		p.Note("people: retried twice at once")
		p.Together(
			func() {
				p.insist(http.MethodPost, address+"/retry", p.login.ID.String()+"-tab-one"+address[len(address)-6:], map[string]any{})
			},
			func() {
				p.insist(http.MethodPost, address+"/retry", p.login.ID.String()+"-tab-two"+address[len(address)-6:], map[string]any{})
			},
		)
	case 4:
		p.Note("people: canceled a declined payment")
		p.ask(http.MethodPost, address+"/cancel", map[string]any{})
	default:
		return false
	}
	return true
}

// removeMethod removes a saved card, which others may be paying with, R38.
func (p *payer) removeMethod() {
	var saved struct {
		Methods []api.PaymentMethod `json:"methods"`
	}
	if !p.ask(http.MethodGet, "/payment-methods", nil).into(&saved) || len(saved.Methods) == 0 {
		return
	}
	if p.ask(http.MethodDelete, "/payment-methods/"+pick(&p.person, saved.Methods).ID.String(), nil).good() {
		p.Note("people: removed a saved card")
	}
}

// editCompany changes what the processor is told of the customer, R54.
func (p *payer) editCompany() {
	var account struct {
		Company struct {
			Version int    `json:"version"`
			Name    string `json:"name"`
		} `json:"company"`
	}
	if !p.ask(http.MethodGet, "/account", nil).into(&account) {
		return
	}
	p.ask(http.MethodPut, "/account/company", map[string]any{
		"version": account.Company.Version, "name": account.Company.Name + "!", "email": "new@lovelace.test",
		"billing_address": map[string]any{}, "shipping_address": map[string]any{},
	})
}
