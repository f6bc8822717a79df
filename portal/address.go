package portal

import (
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// Address is where a company or person receives post. Country is an ISO 3166-1
// alpha-2 code. Every part may be empty.
type Address struct {
	Line1      string `json:"line1,omitempty" maxLength:"200"`
	Line2      string `json:"line2,omitempty" maxLength:"200"`
	City       string `json:"city,omitempty" maxLength:"120"`
	Region     string `json:"region,omitempty" maxLength:"120"`
	PostalCode string `json:"postal_code,omitempty" maxLength:"20"`
	Country    string `json:"country,omitempty" maxLength:"2"`
}

// Lines writes the address as it stands on a letter, its country by its English
// name, leaving out what is empty.
func (a Address) Lines() []string {
	var lines []string
	for _, line := range []string{
		a.Line1,
		a.Line2,
		strings.Join(strings.Fields(strings.Join([]string{a.City, a.Region, a.PostalCode}, " ")), " "),
		countryName(a.Country),
	} {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// countryName is the English name of a country; a code that isn't known stands
// for itself.
func countryName(code string) string {
	region, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	if name := display.English.Regions().Name(region); name != "" {
		return name
	}
	return code
}
