package web

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"countersign/api"
	"countersign/portal"
	"countersign/web/ui"
)

// backLimit is how many pages of a list a reader can go back through; after that, Previous leads to the first.
const backLimit = 30

// Address is this page's own address with some of its query changed: names and values in turn, an empty value takes the
// name away. Changing what is listed starts the list anew.
func (r *Request) Address(changes ...string) string {
	query := r.gin.Request.URL.Query()
	for _, place := range []string{"after", "back", "done"} {
		query.Del(place)
	}
	return r.address(query, changes...)
}

func (r *Request) address(query url.Values, changes ...string) string {
	for i := 0; i+1 < len(changes); i += 2 {
		if changes[i+1] == "" {
			query.Del(changes[i])
		} else {
			query.Set(changes[i], changes[i+1])
		}
	}
	if len(query) == 0 {
		return r.gin.Request.URL.Path
	}
	return r.gin.Request.URL.Path + "?" + query.Encode()
}

// Pager says how much this page lists, and leads to the list's next page, which begins after the cursor next, and back to those that were read before it. A
// list knows only its way forward, so the address carries the way back.
func (r *Request) Pager(summary, next string) ui.Pager {
	pager := ui.Pager{Summary: summary}
	after, back := r.Query("after"), r.Query("back")
	if next != "" || after != "" {
		pager.Summary += " on this page"
	}
	if next != "" {
		way := after
		if back != "" {
			way = back + "~" + after
		}
		if strings.Count(way, "~") >= backLimit {
			way = ""
		}
		pager.Next = r.Address("after", next, "back", way)
	}
	if after != "" {
		earlier, last, several := cutLast(back)
		if !several {
			earlier, last = "", back
		}
		pager.Previous = r.Address("after", last, "back", earlier)
	}
	return pager
}

func cutLast(back string) (earlier, last string, several bool) {
	if i := strings.LastIndexByte(back, '~'); i >= 0 {
		return back[:i], back[i+1:], true
	}
	return "", "", false
}

// SortLink is a column's heading that sorts by it, and the way round again when it is pressed once more. The list's present
// order is the query's sort, or usual when there is none.
func (r *Request) SortLink(column ui.Column, by, usual string) ui.Column {
	sorted := r.Query("sort")
	if sorted == "" {
		sorted = usual
	}
	to := by
	switch sorted {
	case by:
		column.Sorted, to = "ascending", "-"+by
	case "-" + by:
		column.Sorted = "descending"
	}
	column.SortHref = r.Address("sort", to)
	return column
}

// AddressOf is the address of a part of this page, such as its list as a file, with the query that it lists by.
func (r *Request) AddressOf(part string) string {
	path, query, narrowed := strings.Cut(r.Address(), "?")
	if narrowed {
		query = "?" + query
	}
	return path + "/" + part + query
}

// Days are those that the page's query narrows its list to.
func (r *Request) Days() (days api.Days, err error) {
	err = r.dates(map[string]*portal.Date{"from": &days.From, "to": &days.To})
	return days, err
}

// dates reads the dates that the page's query has under their names.
func (r *Request) dates(named map[string]*portal.Date) error {
	for _, name := range slices.Sorted(maps.Keys(named)) {
		text := r.Query(name)
		if text == "" {
			continue
		}
		parsed, err := portal.ParseDate(text)
		if err != nil {
			return portal.Invalid("This period can't be read.", portal.Field(name, "Enter a date, such as 2026-11-22."))
		}
		*named[name] = parsed
	}
	return nil
}

// Tab is a filter of a list: the query's name set to value; an empty value is no filter.
func (r *Request) Tab(label, name, value string) ui.Tab {
	return ui.Tab{Label: label, Href: r.Address(name, value), Current: r.Query(name) == value}
}

// Search is the box that narrows this list by words, and keeps the list's other choices.
func (r *Request) Search(label string, keep ...string) *ui.Search {
	search := &ui.Search{Action: r.gin.Request.URL.Path, Label: label, Value: r.Query("q")}
	for _, name := range keep {
		if value := r.Query(name); value != "" {
			search.Keep = append(search.Keep, ui.Hidden{Name: name, Value: value})
		}
	}
	return search
}
