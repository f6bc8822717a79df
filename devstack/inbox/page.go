// The page: the mail that the product sent, for people.

package inbox

import (
	"embed"
	"fmt"
	"html/template"
	"maps"
	"mime"
	"net/http"
	netmail "net/mail"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

//go:embed static
var pageFiles embed.FS

//go:embed page.html
var pageSource string

var pages = template.Must(template.New("page").Funcs(template.FuncMap{
	"name": displayName, "address": bare, "initial": initial, "snippet": snippet, "clock": clock, "stamp": stamp,
	"iso": func(t time.Time) string { return t.Format(time.RFC3339) }, "size": size, "plain": plainEvent, "join": joinNames,
}).Parse(pageSource))

// shownAtMost is how many emails the page lists; search finds the others.
const shownAtMost = 200

type listing struct {
	Emails   []Email
	Search   string
	Revision int64
	Faults   []Fault
	// Open is the email on the right; nil for none.
	Open *Email
	View string // "html", "text" or "details"
	Now  time.Time
}

func (in *Inbox) listing(r *http.Request) listing {
	l := listing{Search: strings.TrimSpace(r.URL.Query().Get("q")), Faults: in.faults.pending(), Now: in.now().UTC()}
	l.Emails, l.Revision, _ = in.store.list(filter{search: l.Search}, shownAtMost)
	return l
}

func (in *Inbox) pageList(w http.ResponseWriter, r *http.Request) {
	in.draw(w, http.StatusOK, in.listing(r))
}

func (in *Inbox) pageMail(w http.ResponseWriter, r *http.Request) {
	e, ok := in.store.get(r.PathValue("id"))
	if !ok {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	l := in.listing(r)
	l.Open = &e
	l.View = r.URL.Query().Get("view")
	if !slices.Contains([]string{"html", "text", "details"}, l.View) {
		l.View = "html"
	}
	if l.View == "html" && e.HTML == "" {
		l.View = "text"
	}
	in.draw(w, http.StatusOK, l)
}

func (in *Inbox) draw(w http.ResponseWriter, status int, l listing) {
	var page strings.Builder
	if err := pages.Execute(&page, l); err != nil {
		in.log.Error("inbox can't draw its page", "error", err)
		http.Error(w, "The page can't be drawn.", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	w.WriteHeader(status)
	// The reader may be gone; then there is nobody to tell.
	_, _ = w.Write([]byte(page.String()))
}

// pageHTML is the email's own HTML, for the frame. It runs no script and loads nothing; its links open beside the inbox.
func (in *Inbox) pageHTML(w http.ResponseWriter, r *http.Request) {
	e, ok := in.store.get(r.PathValue("id"))
	if !ok || e.HTML == "" {
		http.NotFound(w, r)
		return
	}
	page := e.HTML
	const base = `<base target="_blank">`
	if i := strings.Index(strings.ToLower(page), "<head>"); i >= 0 {
		i += len("<head>")
		page = page[:i] + base + page[i:]
	} else {
		page = base + page
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; "+
		"sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation")
	h.Set("Referrer-Policy", "no-referrer")
	_, _ = w.Write([]byte(page))
}

func (in *Inbox) pageAttachment(w http.ResponseWriter, r *http.Request) {
	e, ok := in.store.get(r.PathValue("id"))
	n, err := strconv.Atoi(r.PathValue("n"))
	if !ok || err != nil || n < 0 || n >= len(e.Attachments) {
		http.NotFound(w, r)
		return
	}
	a := e.Attachments[n]
	disposition := "attachment"
	if a.ContentType == "application/pdf" || strings.HasPrefix(a.ContentType, "image/png") || strings.HasPrefix(a.ContentType, "image/jpeg") {
		disposition = "inline"
	}
	h := w.Header()
	h.Set("Content-Type", a.ContentType)
	h.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": a.Name}))
	h.Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(a.Bytes)
}

func (in *Inbox) pageClear(w http.ResponseWriter, r *http.Request) {
	if err := in.store.clear(); err != nil {
		in.log.Error("inbox can't be cleared", "error", err)
		http.Error(w, "The inbox can't be cleared.", http.StatusInternalServerError)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func displayName(s string) string {
	if a, err := netmail.ParseAddress(s); err == nil && a.Name != "" {
		return a.Name
	}
	return bare(s)
}

func joinNames(list []string) string {
	names := make([]string, len(list))
	for i, s := range list {
		names[i] = bare(s)
	}
	return strings.Join(names, ", ")
}

func initial(s string) string {
	for _, r := range displayName(s) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return string(unicode.ToUpper(r))
		}
	}
	return "?"
}

// snippet is the beginning of the text past its greeting.
func snippet(e Email) string {
	text := e.Text
	if first, rest, found := strings.Cut(text, "\n\n"); found && strings.HasSuffix(strings.TrimSpace(first), ",") {
		text = rest
	}
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) > 140 {
		text = string([]rune(text)[:140]) + "…"
	}
	return text
}

// clock is a short time for the list: the hour today, else the day.
func clock(t, now time.Time) string {
	if t.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return t.Format("2 Jan")
}

func stamp(t time.Time) string { return t.Format("2 January 2006, 15:04:05 UTC") }

func size(n int) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%d kB", (n+512)>>10)
	}
	return fmt.Sprintf("%d bytes", n)
}

// plainEvent is an event's type in a word: "Delivered".
func plainEvent(kind string) string {
	word := strings.ReplaceAll(strings.TrimPrefix(kind, "email."), "_", " ")
	if word == "" {
		return ""
	}
	return strings.ToUpper(word[:1]) + word[1:]
}

// detail is a name and a value on the details view.
type detail struct{ Name, Value string }

// Details lists what the email's other views don't show.
func (l listing) Details() []detail {
	e := l.Open
	rows := []detail{{"From", e.From}, {"To", strings.Join(e.To, ", ")}}
	for _, r := range []detail{{"Cc", strings.Join(e.CC, ", ")}, {"Bcc", strings.Join(e.BCC, ", ")}, {"Reply-To", strings.Join(e.ReplyTo, ", ")},
		{"Subject", e.Subject}, {"Date", stamp(e.At)}, {"Email ID", e.ID}, {"Idempotency-Key", e.IdempotencyKey}} {
		if r.Value != "" {
			rows = append(rows, r)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(e.Headers)) {
		rows = append(rows, detail{name, e.Headers[name]})
	}
	for _, name := range slices.Sorted(maps.Keys(e.Tags)) {
		rows = append(rows, detail{"Tag " + name, e.Tags[name]})
	}
	return rows
}
