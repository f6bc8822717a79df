package console

import (
	"slices"
	"sync"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"countersign/web/ui"
)

// countryOptions are the countries of ISO 3166-1 by their English names, as CLDR has them.
var countryOptions = sync.OnceValue(func() []ui.Option {
	var options []ui.Option
	names := display.English.Regions()
	for first := 'A'; first <= 'Z'; first++ {
		for second := 'A'; second <= 'Z'; second++ {
			code := string([]rune{first, second})
			region, err := language.ParseRegion(code)
			// A code that was given up still parses, and means its successor.
			if err != nil || !region.IsCountry() || region.Canonicalize() != region || region.String() != code {
				continue
			}
			if name := names.Name(region); name != "" {
				options = append(options, ui.Option{Value: code, Label: name})
			}
		}
	}
	order := collate.New(language.English)
	slices.SortFunc(options, func(a, b ui.Option) int { return order.CompareString(a.Label, b.Label) })
	return options
})
