package web

import (
	"slices"
	"sync"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"countersign/web/ui"
)

// Countries are the answers of an address's question for its country: ISO 3166-1 alpha-2 codes under their English names.
var Countries = sync.OnceValue(func() []ui.Option {
	var countries []ui.Option
	names := display.English.Regions()
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code := string(a) + string(b)
			region, err := language.ParseRegion(code)
			if err != nil || !region.IsCountry() || region.Canonicalize() != region || region.String() != code {
				continue
			}
			if name := names.Name(region); name != "" && name != code && region.String() != "ZZ" {
				countries = append(countries, ui.Option{Value: code, Label: name})
			}
		}
	}
	order := collate.New(language.English) // Åland Islands come among the A's
	slices.SortFunc(countries, func(x, y ui.Option) int { return order.CompareString(x.Label, y.Label) })
	return countries
})
