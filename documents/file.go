// Package documents reads a document from the database and draws it: estimates,
// invoices, receipts, credit notes, statements and certificates of decisions as
// PDF, statements as CSV too. It is asked by the API, whose callers download, and
// by steps of flows, which attach.
//
// The same rows give the same bytes: a document's dates are its own, and nothing
// in here reads a clock. An invoice, then, doesn't call itself overdue; it says
// when it is due. Whether the reader may see a document is settled before it is
// asked for.
package documents

import (
	"bytes"
	"io"
	"strings"
	"unicode"
)

// File is a document, ready to be downloaded or attached.
type File struct {
	// Name of the file, such as "Alder Studio invoice INV-0042.pdf". It may have any
	// letters, and nothing that a file system forbids.
	Name string
	// Title is what the document is: "Invoice INV-0042".
	Title string
	// Type is its media type.
	Type  string
	Bytes []byte
}

// The media types of files.
const (
	TypePDF = "application/pdf"
	TypeCSV = "text/csv; charset=utf-8"
)

// drawing is a document of package pdf.
type drawing interface{ Write(io.Writer) error }

func drawn(d drawing, from, title string) (File, error) {
	var out bytes.Buffer
	if err := d.Write(&out); err != nil {
		return File{}, err
	}
	return File{Name: fileName(from, title) + ".pdf", Title: title, Type: TypePDF, Bytes: out.Bytes()}, nil
}

// maxFileName is the longest name in characters, without the ending. File
// systems allow 255 bytes.
const maxFileName = 80

// fileName names a file after who sent it and what it is. What Windows, macOS or
// a shell would stumble over becomes a space.
func fileName(from, title string) string {
	if from != "" && title != "" {
		first := []rune(title)
		title = from + " " + strings.ToLower(string(first[0])) + string(first[1:])
	}
	plain := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|%`, r) || !unicode.IsGraphic(r) {
			return ' '
		}
		return r
	}, title)
	words := []rune(strings.Join(strings.Fields(plain), " "))
	if len(words) > maxFileName {
		words = words[:maxFileName]
	}
	if name := strings.Trim(string(words), " ."); name != "" {
		return name
	}
	return "Document"
}
