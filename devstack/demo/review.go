package demo

import (
	"fmt"

	"countersign/db/dbsqlc"
)

// review is what a contact thinks of the business, R57.
type review struct {
	customer string
	by       int
	ago      int // days
	stars    int
	text     string
}

func (y *year) writeReviews(r *rows) error {
	for i, v := range y.b.reviews {
		b := y.named(v.customer)
		if b == nil {
			return fmt.Errorf("%s has no customer %q", y.b.name, v.customer)
		}
		by, at := b.contacts[v.by], y.at(y.ago(v.ago), chance(y.b.slug, "review", v.text))
		row := dbsqlc.Review{
			OrgID: y.org, ID: timedID(at, i, by.ID), RequestID: y.id("review", v.customer, fmt.Sprint(i)), CustomerID: b.row.ID, ContactID: by.ID,
			Stars: int32(v.stars), Body: v.text, At: at,
		}
		r.reviews = append(r.reviews, row)
		y.tell(event{at: at, kind: "review.written", subject: "contact", id: by.ID, customer: b, by: contactActor(by), internal: true,
			data: map[string]any{"id": row.ID, "stars": v.stars, "text": v.text}})
	}
	return nil
}

func alderReviews() []review {
	return []review{
		{customer: "Northbeam Logistics", ago: 2, stars: 5, text: "They sat in our trucks before they drew anything. It shows."},
		{customer: "Northbeam Logistics", by: 1, ago: 96, stars: 4, text: "Invoices are clear and answered the same day. I would like the order number on each."},
		{customer: "Brightwater Pediatrics", ago: 44, stars: 5, text: "Parents find what they look for. Fewer calls since."},
	}
}

func sumireReviews() []review {
	return []review{
		{customer: "Hotel Kasumi Ginza", ago: 2, stars: 5, text: "Always on Thursday, always fresh. Our guests ask for the beans."},
		{customer: "Studio Kawanami", ago: 61, stars: 4, text: "Excellent coffee. The bags could be smaller for an office like ours."},
	}
}

func rimalReviews() []review {
	return []review{
		{customer: "Al Seef Medical Center", ago: 2, stars: 5, text: "They came at two in the morning and the theatre opened at seven."},
		{customer: "Gulf Pearl Hotel", ago: 75, stars: 3, text: "Good work. Please tell reception before you enter the guest floors."},
	}
}
