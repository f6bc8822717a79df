package demo

import (
	"slices"
	"strings"

	"countersign/activities"
	"countersign/portal"
	"countersign/workflows"
)

// automatic is a business's customer with autopay on: one who pays with a saved
// card, and whom visitors don't sign in as; nil if there is none.
func (y *year) automatic() *buyer {
	for _, b := range y.buyers[1:] {
		declined := slices.ContainsFunc(b.open, func(o opening) bool { return o.declined != "" })
		if strings.HasPrefix(b.ways, "saved") && !declined && y.autopayer(b) != nil {
			return b
		}
	}
	return nil
}

// autopayer is the contact who turned it on: with access, and who pays.
func (y *year) autopayer(b *buyer) *activities.Actor {
	for _, c := range b.contacts {
		if c.Access == "active" && slices.Contains(c.Roles, string(portal.RolePay)) {
			by := contactActor(c)
			return &by
		}
	}
	return nil
}

// enrolled turns autopay on.
func (y *year) enrolled() []flow {
	b := y.automatic()
	if b == nil {
		return nil
	}
	id := y.id("autopay", b.name)
	from := y.today
	offer := portal.AutopayOffer{Organization: y.b.name, Customer: b.name, From: from, Locale: y.b.locale}
	return []flow{{
		id: workflows.AutopayID(id), name: workflows.AutopayName, customer: b.row.ID, document: id,
		input: workflows.AutopayInput{AutopayRef: workflows.AutopayRef{Org: y.org, Autopay: id}, Request: &workflows.EnrolRequest{
			Customer: b.row.ID, Method: y.cardID(b), Credit: true, Terms: offer.Terms(), From: from, By: *y.autopayer(b), Hash: digest("autopay", id),
		}},
	}}
}
