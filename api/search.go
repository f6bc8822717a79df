package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"countersign/db/dbsqlc"
	"countersign/portal"
)

// mostFound is how much of each kind a search answers with, and mostOfKind with
// when it is narrowed to one.
const (
	mostFound  = 5
	mostOfKind = 50
)

type searchOperations struct {
	Search *Operation[SearchInput, SearchOutput]
}

// SearchInput looks for customers, contacts and documents.
type SearchInput struct {
	Org  string `path:"org" maxLength:"40"`
	For  string `query:"for" maxLength:"100" doc:"The beginnings of words of a name or an email address, or a number with or without its letters."`
	Kind string `query:"kind" enum:",customer,contact,estimate,invoice,payment,credit_note,project,timesheet" doc:"Only of this kind, and then more of it."`
}

// SearchOutput is what was found, by kind: those that are exactly what was
// looked for come first.
type SearchOutput struct {
	Body struct {
		Found []Found `json:"found"`
	}
}

// Found is one thing that staff may have looked for.
type Found struct {
	Kind         string        `json:"kind" enum:"customer,contact,estimate,invoice,payment,credit_note,project,timesheet"`
	ID           uuid.UUID     `json:"id"`
	Name         string        `json:"name" doc:"A name, or a document's number."`
	About        string        `json:"about,omitempty" doc:"A title, an email address, a customer's number."`
	Status       string        `json:"status,omitempty" doc:"As in lists of its kind; of a contact, its access."`
	Amount       *portal.Money `json:"amount,omitempty"`
	Customer     uuid.UUID     `json:"customer"`
	CustomerName string        `json:"customer_name"`
}

// searchKinds are what can be found, in the order in which it is told.
func searchKinds() []string {
	return []string{"customer", "contact", "invoice", "estimate", "payment", "credit_note", "project", "timesheet"}
}

func (a *API) declareSearch() {
	a.Search = declare(a, route{
		id: "search", method: http.MethodGet, path: "/api/{org}/console/search", tag: "Customers",
		summary: "Find customers, contacts and documents by name, address or number", side: portal.SideStaff, action: portal.ActionViewDocuments,
	}, a.search)
}

func (a *API) search(ctx context.Context, in *SearchInput) (*SearchOutput, error) {
	p, out := principal(ctx), &SearchOutput{}
	out.Body.Found = []Found{}
	err := a.in(ctx, func(q *dbsqlc.Queries) error {
		words, err := q.SearchWords(ctx, strings.ToLower(in.For))
		if err != nil || len(words) == 0 {
			return err
		}
		kinds, most := searchKinds(), int32(mostFound)
		if in.Kind != "" {
			kinds, most = []string{in.Kind}, mostOfKind
		}
		words = append(words, "", "")
		ask := dbsqlc.FindByWordsParams{
			OrgID: p.Org, Kinds: kinds, Most: most, First: words[0], PastFirst: past(words[0]), Second: words[1], PastSecond: past(words[1]), Third: words[2], PastThird: past(words[2]),
		}
		hits, err := q.FindByWords(ctx, ask)
		if err != nil {
			return err
		}
		out.Body.Found, err = a.describeFound(ctx, q, hits)
		return err
	})
	return out, err
}

// past is what comes after all words that begin with word.
func past(word string) string { return word + "\U0010FFFF" }

func (a *API) describeFound(ctx context.Context, q *dbsqlc.Queries, hits []dbsqlc.FindByWordsRow) ([]Found, error) {
	p, ids := principal(ctx), make([]uuid.UUID, len(hits))
	for i, hit := range hits {
		ids[i] = hit.SubjectID
	}
	org, err := q.GetOrganization(ctx, p.Org)
	if err != nil {
		return nil, err
	}
	rows, err := q.DescribeFound(ctx, dbsqlc.DescribeFoundParams{OrgID: p.Org, Ids: ids, Today: a.today(org)})
	if err != nil {
		return nil, err
	}
	described := make(map[uuid.UUID]Found, len(rows))
	for _, r := range rows {
		f := Found{Kind: r.Kind, ID: r.ID, Name: r.Name, About: r.About, Status: r.Status, Customer: r.CustomerID, CustomerName: r.CustomerName}
		if r.Currency != "" {
			f.Amount = new(portal.NewMoney(r.Amount, portal.Currency(r.Currency)))
		}
		described[r.ID] = f
	}
	found := make([]Found, 0, len(hits))
	for _, hit := range hits {
		if f, ok := described[hit.SubjectID]; ok {
			found = append(found, f)
		}
	}
	return found, nil
}
