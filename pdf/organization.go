package pdf

import (
	"strings"

	"countersign/portal"
)

// Organization is who sends a document, and how its documents look. Only Name
// is required.
type Organization struct {
	Name    string
	Address portal.Address // its country decides on the paper
	Email   string
	Phone   string
	TaxID   string // "VAT DE123456789", as it is written
	Locale  string // a BCP 47 tag, as portal takes it
	// Logo is a PNG or JPEG. What can't be read as one is left out, and the
	// name takes its place.
	Logo []byte
	// Colour is "#17457c"; it is darkened where it couldn't be read on paper.
	Colour string
}

// Party is whom a document is for.
type Party struct {
	Name    string
	Address portal.Address
	Email   string
	Phone   string
	TaxID   string
}

// lines are what stands under a party's name.
func (p Party) lines() []string {
	lines := p.Address.Lines()
	for _, line := range []string{p.Email, p.Phone, p.TaxID} {
		if strings.TrimSpace(line) != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// party is the organization as one side of a document.
func (o Organization) party() Party {
	return Party{Name: o.Name, Address: o.Address, Email: o.Email, Phone: o.Phone, TaxID: o.TaxID}
}
