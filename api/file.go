package api

import (
	"fmt"
	"strings"

	"countersign/documents"
)

// FileOutput is a file to keep. Nothing between us and the reader stores it, and
// no browser takes it for something else than it is.
type FileOutput struct {
	FileHeaders
	Body []byte
}

// FileHeaders say what a file is and what to do with it.
type FileHeaders struct {
	ContentType  string `header:"Content-Type"`
	Disposition  string `header:"Content-Disposition"`
	CacheControl string `header:"Cache-Control"`
	Sniffing     string `header:"X-Content-Type-Options"`
}

// fileOf answers with a document.
func fileOf(f documents.File) *FileOutput {
	return &FileOutput{headersOf(f.Name, f.Type), f.Bytes}
}

func headersOf(name, media string) FileHeaders {
	return FileHeaders{ContentType: media, Disposition: attachment(name), CacheControl: "no-store", Sniffing: "nosniff"}
}

// attachment names a file in a Content-Disposition header as RFC 6266 has it: in
// UTF-8, after RFC 8187, for those who read that, and in ASCII for the others.
// Whatever the name holds, it stays within its quotes.
func attachment(name string) string {
	var ascii, utf8 strings.Builder
	for _, r := range name {
		switch {
		case r < ' ' || r == 0x7f || r == '"' || r == '\\' || r == '%':
			ascii.WriteByte('_')
		case r > 0x7f:
			ascii.WriteByte('_')
		default:
			ascii.WriteRune(r)
		}
	}
	const plain = "!#$&+-.^_`|~" // attr-char, with letters and digits
	for _, b := range []byte(name) {
		if b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || strings.IndexByte(plain, b) >= 0 {
			utf8.WriteByte(b)
		} else {
			fmt.Fprintf(&utf8, "%%%02X", b)
		}
	}
	return `attachment; filename="` + ascii.String() + `"; filename*=UTF-8''` + utf8.String()
}
