package web

import (
	"compress/gzip"
	"crypto/rand"
	"io"
	"net/http"
	"sync"

	"countersign/web/static"
)

// small is below which packing a page saves no packet, in bytes.
const small = 1200

// packers pack pages for the way: their buffers are large, and kept from page to page.
type packers struct{ pool sync.Pool }

// write sends a page, packed for those who take it so. Pages hold both what somebody may not know and words of the address, and the
// size of what is packed tells of repetitions between the two (BREACH); the random comment in gzip's own header, which
// browsers ignore, hides that behind a size that changes by itself.
func (p *packers) write(w http.ResponseWriter, r *http.Request, status int, page []byte) error {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Add("Vary", "Accept-Encoding")
	if len(page) < small || !static.AcceptsGzip(r.Header.Get("Accept-Encoding")) {
		w.WriteHeader(status)
		_, err := w.Write(page)
		return err
	}
	w.Header().Set("Content-Encoding", "gzip")
	w.WriteHeader(status)
	packer, ok := p.pool.Get().(*gzip.Writer)
	if !ok {
		packer = gzip.NewWriter(io.Discard)
	}
	defer p.pool.Put(packer)
	packer.Reset(w)
	packer.Comment = noise()
	if _, err := packer.Write(page); err != nil {
		return err
	}
	return packer.Close()
}

// noise is between 1 and 128 random letters.
func noise() string {
	var text string
	for len(text) < 128 {
		text += rand.Text()
	}
	var n [1]byte
	_, _ = rand.Read(n[:]) // never fails
	return text[:1+int(n[0])%128]
}
