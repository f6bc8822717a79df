package console

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"countersign/api"
	"countersign/portal"
	"countersign/web"
)

// bulk is an act on several documents of a list at once: asked for with boxes and a button, confirmed on a page that says what
// will happen, and carried out one by one, each under a key of its own. Some may be refused while others go on.
type bulk struct {
	// kind is the noun of the documents, and the address of their list.
	kind, plural string
	acts         []bulkAct
	// read tells of a document what the page says of it.
	read func(r *web.Request, id uuid.UUID) (bulkItem, error)
}

// bulkAct is one of the things that can be done with several documents.
type bulkAct struct {
	name string
	// verb and done are for its button and its outcome: "Send", "sent".
	verb, done string
	// means says what will happen.
	means  string
	danger bool
	// refuses says why it can't be done with a document; empty where it can.
	refuses func(bulkItem) string
	do      func(ctx context.Context, r *web.Request, key string, id uuid.UUID) error
}

// bulkItem is one of the chosen documents.
type bulkItem struct {
	id                      uuid.UUID
	number, customer, title string
	status                  string
	total                   portal.Money
	// said is why it can't be done with this one, or was refused.
	said string
}

// mostAtOnce is how many documents one bulk act takes: a page's worth.
const mostAtOnce = 100

func (p pages) bulkInvoices() bulk {
	return bulk{
		kind: "invoice", plural: "invoices",
		read: func(r *web.Request, id uuid.UUID) (bulkItem, error) {
			out, err := p.GetInvoice.Do(r.Context(), &api.InvoiceInput{Org: r.Org.Slug, Invoice: id})
			if err != nil {
				return bulkItem{}, err
			}
			i := out.Body
			return bulkItem{id: id, number: i.Number, customer: i.CustomerName, title: i.Title, status: string(i.Status), total: i.Total}, nil
		},
		acts: []bulkAct{
			{
				name: "send", verb: "Send", done: "sent", means: "Each customer sees theirs in the portal at once and owes it, and its contacts get an email.", refuses: unlessDraft,
				do: func(ctx context.Context, r *web.Request, key string, id uuid.UUID) error {
					_, err := p.SendInvoice.Do(ctx, &api.SendInvoiceInput{Key: api.Key{Key: key}, Org: r.Org.Slug, Invoice: id})
					return err
				},
			},
			{
				name: "discard", verb: "Discard", done: "discarded", danger: true,
				means: "The drafts are gone, and their numbers aren’t used again. Time that is on them can be invoiced anew. This can’t be undone.", refuses: unlessDraft,
				do: func(ctx context.Context, r *web.Request, _ string, id uuid.UUID) error {
					_, err := p.DiscardInvoice.Do(ctx, &api.InvoiceInput{Org: r.Org.Slug, Invoice: id})
					return err
				},
			},
		},
	}
}

func (p pages) bulkEstimates() bulk {
	return bulk{
		kind: "estimate", plural: "estimates",
		read: func(r *web.Request, id uuid.UUID) (bulkItem, error) {
			out, err := p.GetEstimate.Do(r.Context(), &api.EstimateInput{Org: r.Org.Slug, Estimate: id})
			if err != nil {
				return bulkItem{}, err
			}
			e := out.Body
			item := bulkItem{id: id, number: e.Number, customer: e.CustomerName, title: e.Title, status: string(e.Status), total: e.Total}
			if e.HasDraft {
				item.status = "draft"
			}
			return item, nil
		},
		acts: []bulkAct{
			{
				name: "send", verb: "Send", done: "sent", refuses: unlessDraft,
				means: "Everyone at each customer who has access to the portal gets an email, and can accept or decline theirs until the end of its last valid day.",
				do: func(ctx context.Context, r *web.Request, key string, id uuid.UUID) error {
					_, err := p.SendEstimate.Do(ctx, &api.SendEstimateInput{Key: api.Key{Key: key}, Org: r.Org.Slug, Estimate: id})
					return err
				},
			},
			{
				name: "discard", verb: "Discard", done: "discarded", danger: true, refuses: unlessDraft,
				means: "The drafts are gone. What was sent before stays; an estimate that never was is gone with its draft. This can’t be undone.",
				do: func(ctx context.Context, r *web.Request, _ string, id uuid.UUID) error {
					_, err := p.DiscardEstimate.Do(ctx, &api.EstimateInput{Org: r.Org.Slug, Estimate: id})
					return err
				},
			},
		},
	}
}

func unlessDraft(i bulkItem) string {
	if i.status != "draft" {
		return "It is not a draft any more."
	}
	return ""
}

// act finds one of the acts by its name.
func (b bulk) act(name string) (bulkAct, error) {
	for _, a := range b.acts {
		if a.name == name {
			return a, nil
		}
	}
	return bulkAct{}, portal.Invalid("This can't be done with several " + b.plural + " at once.")
}

// run is the handler of a bulk act: its page of confirmation first, and then, once that was sent, its outcome.
func (p pages) run(of func() bulk) web.Page {
	return func(r *web.Request) error {
		b := of()
		f, err := r.Form()
		if err != nil {
			return err
		}
		intent, confirmed := strings.CutPrefix(f.Intent(), "do-")
		act, err := b.act(intent)
		if err != nil {
			return err
		}
		items, err := b.chosen(r, f, act)
		if err != nil {
			return err
		}
		if !confirmed || len(items) == 0 {
			return r.Draw(http.StatusOK, confirmBulkView(r, b, act, f, items))
		}
		results, unsure := carryOut(r, act, f.Key(), items)
		return r.Draw(http.StatusOK, bulkOutcomeView(r, b, act, f, results, unsure))
	}
}

// chosen reads the documents whose boxes were ticked, and says of each whether the act can be done with it.
func (b bulk) chosen(r *web.Request, f *web.Form, act bulkAct) ([]bulkItem, error) {
	ids := f.Values("chosen")
	if len(ids) > mostAtOnce {
		return nil, portal.Invalid("Choose fewer of them at once.")
	}
	var items []bulkItem
	for _, text := range ids {
		id, err := uuid.Parse(text)
		if err != nil {
			return nil, portal.NotFound(b.kind)
		}
		item, err := b.read(r, id)
		if portal.CodeOf(err) == portal.CodeNotFound {
			continue // discarded meanwhile
		}
		if err != nil {
			return nil, err
		}
		item.said = act.refuses(item)
		items = append(items, item)
	}
	return items, nil
}

// carryOut does the act with each document under its own key, so that sending the same page again does nothing twice. unsure
// reports whether it isn't known of some what came of them.
func carryOut(r *web.Request, act bulkAct, key string, items []bulkItem) (results []bulkItem, unsure bool) {
	for _, item := range items {
		err := act.do(r.Context(), r, key+":"+item.id.String(), item.id)
		item.said = ""
		if refused, ok := errors.AsType[*portal.Error](err); ok {
			item.said = refused.Message
			unsure = unsure || notYetKnown(refused)
		} else if err != nil {
			item.said, unsure = portal.Internal().Message, true
		}
		results = append(results, item)
	}
	return results, unsure
}
