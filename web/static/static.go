// Package static holds the pages' stylesheet, script, fonts and favicon, and serves them under names that carry a hash of
// their content, so that a browser keeps each for a year and never sees an old one.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Prefix is where Handler expects to be mounted.
const Prefix = "/static/"

//go:embed app.css app.js favicon.svg fonts/*.woff2
var files embed.FS

// assets is read once, when the program starts, and never changes after: the files are part of the binary.
var assets = mustLoad(files)

// asset is one file as it goes over the wire.
type asset struct {
	hashed      string // the name with the hash in it
	contentType string
	etag        string // weak: gzipped and plain share it
	body        []byte
	gzipped     []byte // nil where gzip would not make it smaller
}

// Path gives the address of the asset with that name ("app.css", "fonts/inter-latin.woff2"). It panics on a name that isn't
// embedded: names are written in our own templates, and a wrong one is a bug that the first render should show.
func Path(name string) string {
	a, ok := assets[name]
	if !ok {
		panic(fmt.Sprintf("static: no asset %q", name))
	}
	return Prefix + a.hashed
}

// Handler serves the assets below Prefix. The current hash is cacheable for a year; a name with any other hash (a page drawn
// by another release during a rollout) gets today's content, uncached, rather than an unstyled page.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requested := strings.TrimPrefix(r.URL.Path, Prefix)
		name := plainName(requested)
		a, ok := assets[name]
		if !ok {
			http.NotFound(w, r)
			return
		}
		a.serve(w, r, requested)
	})
}

// sheet is the stylesheet's name.
const sheet = "app.css"

// SheetName is the name of the stylesheet with those rules after it: an organization's colours travel with ours, so that a page
// waits for one file.
func SheetName(rules string) string {
	return hashedName(sheet, contentHash([]byte(assets[sheet].hashed+rules)))
}

// ServeSheet serves the stylesheet with those rules after it to whoever asked for it by that name, on the terms of Handler.
func ServeSheet(w http.ResponseWriter, r *http.Request, requested, rules string) {
	a := newAsset(sheet, slices.Concat(assets[sheet].body, []byte(rules)))
	a.hashed = SheetName(rules)
	a.serve(w, r, requested)
}

// serve sends an asset that was asked for by that name.
func (a asset) serve(w http.ResponseWriter, r *http.Request, requested string) {
	h := w.Header()
	h.Set("Content-Type", a.contentType)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("ETag", a.etag)
	h.Set("Vary", "Accept-Encoding")
	if requested == a.hashed {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
	}
	if match := r.Header.Get("If-None-Match"); match != "" && strings.Contains(match, a.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := a.body
	if a.gzipped != nil && AcceptsGzip(r.Header.Get("Accept-Encoding")) {
		h.Set("Content-Encoding", "gzip")
		body = a.gzipped
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the client went away: nothing to do about it
	}
}

// contentTypes is ours, since mime.TypeByExtension answers from the machine's own tables.
var contentTypes = map[string]string{
	".css":   "text/css; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".svg":   "image/svg+xml",
	".woff2": "font/woff2",
}

var hashInName = regexp.MustCompile(`\.[0-9a-f]{10}(\.[a-z0-9]+)$`)

// plainName takes the hash out of a requested name.
func plainName(requested string) string {
	return hashInName.ReplaceAllString(requested, "$1")
}

// AcceptsGzip reads an Accept-Encoding header; "gzip;q=0" is a refusal (RFC 9110, 12.5.3).
func AcceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		coding, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if !strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			continue
		}
		q, found := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q=")
		if !found {
			return true
		}
		weight, err := strconv.ParseFloat(q, 64)
		return err == nil && weight > 0
	}
	return false
}

var cssURL = regexp.MustCompile(`url\("([^")]+)"\)`)

func mustLoad(source fs.FS) map[string]asset {
	loaded := map[string]asset{}
	var sheets []string
	err := fs.WalkDir(source, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			return nil
		case path.Ext(name) == ".css":
			sheets = append(sheets, name) // after what they refer to
			return nil
		}
		body, err := fs.ReadFile(source, name)
		if err != nil {
			return err
		}
		loaded[name] = newAsset(name, body)
		return nil
	})
	if err != nil {
		panic(fmt.Sprintf("static: reading embedded files: %v", err))
	}
	for _, name := range sheets {
		body, err := fs.ReadFile(source, name)
		if err != nil {
			panic(fmt.Sprintf("static: reading %s: %v", name, err))
		}
		body = cssURL.ReplaceAllFunc(body, func(ref []byte) []byte {
			target := string(cssURL.FindSubmatch(ref)[1])
			a, ok := loaded[target]
			if !ok {
				panic(fmt.Sprintf("static: %s refers to %q, which isn't embedded", name, target))
			}
			return []byte(`url("` + Prefix + a.hashed + `")`)
		})
		loaded[name] = newAsset(name, body)
	}
	return loaded
}

func contentHash(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])[:10]
}

func hashedName(name, hash string) string {
	ext := path.Ext(name)
	return strings.TrimSuffix(name, ext) + "." + hash + ext
}

func newAsset(name string, body []byte) asset {
	hash := contentHash(body)
	contentType, ok := contentTypes[path.Ext(name)]
	if !ok {
		panic(fmt.Sprintf("static: %s has no known content type", name))
	}
	a := asset{
		hashed:      hashedName(name, hash),
		contentType: contentType,
		etag:        `W/"` + hash + `"`,
		body:        body,
	}
	var packed bytes.Buffer
	zw, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		panic(err) // a constant level that the package defines
	}
	if _, err := zw.Write(body); err != nil {
		panic(err) // a bytes.Buffer doesn't fail
	}
	if err := zw.Close(); err != nil {
		panic(err)
	}
	if packed.Len() < len(body) {
		a.gzipped = packed.Bytes()
	}
	return a
}
