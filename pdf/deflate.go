package pdf

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"regexp"
	"slices"
	"strconv"
)

// plainStream is the head of an object that is a stream without a filter, which
// is how fpdf writes a page when it is not to compress.
var plainStream = regexp.MustCompile(`^\d+ 0 obj\n<</Length (\d+)>>\nstream\n`)

// deflated compresses the plain streams (pages, above all) of a file of fpdf's with one compressor.
// Left to itself, fpdf makes one for each page, a megabyte to be cleared, and that
// takes longer than all the drawing. A file of another shape is left as it is.
func deflated(file []byte) []byte {
	objects, trailer := objectsOf(file)
	if objects == nil {
		return file
	}
	var (
		out    = bytes.NewBuffer(make([]byte, 0, len(file)/4))
		packed bytes.Buffer
		at     = make([]int, len(objects))
	)
	with, _ := zlib.NewWriterLevel(&packed, zlib.DefaultCompression) // this level there is
	// Objects are not written in the order of their numbers.
	inFile := make([]int, 0, len(objects))
	for number := 1; number < len(objects); number++ {
		inFile = append(inFile, number)
	}
	slices.SortFunc(inFile, func(a, b int) int { return objects[a] - objects[b] })
	out.Write(file[:objects[inFile[0]]])
	for i, number := range inFile {
		end := trailer
		if i+1 < len(inFile) {
			end = objects[inFile[i+1]]
		}
		object := file[objects[number]:end]
		at[number] = out.Len()
		head := plainStream.FindSubmatch(object)
		if head == nil {
			out.Write(object)
			continue
		}
		length, _ := strconv.Atoi(string(head[1]))
		packed.Reset()
		with.Reset(&packed)
		_, _ = with.Write(object[len(head[0]) : len(head[0])+length]) // a buffer refuses nothing
		_ = with.Close()
		fmt.Fprintf(out, "%d 0 obj\n<</Filter /FlateDecode /Length %d>>\nstream\n", number, packed.Len())
		out.Write(packed.Bytes())
		out.Write(object[len(head[0])+length:])
	}
	table := out.Len()
	fmt.Fprintf(out, "xref\n0 %d\n0000000000 65535 f \n", len(objects))
	for _, offset := range at[1:] {
		fmt.Fprintf(out, "%010d 00000 n \n", offset)
	}
	end := bytes.LastIndex(file, []byte("startxref\n"))
	out.Write(file[trailer+tableSize(len(objects)) : end])
	fmt.Fprintf(out, "startxref\n%d\n%%%%EOF\n", table)
	return out.Bytes()
}

// objectsOf reads the cross-reference table: where each object begins, by its
// number, and where the table itself does.
func objectsOf(file []byte) (objects []int, table int) {
	table = bytes.LastIndex(file, []byte("\nxref\n0 ")) + 1
	if table == 0 {
		return nil, 0
	}
	var n int
	if _, err := fmt.Sscanf(string(file[table:min(table+32, len(file))]), "xref\n0 %d\n", &n); err != nil || n < 2 || table+tableSize(n) > len(file) {
		return nil, 0
	}
	objects = make([]int, n)
	entries := file[table+tableSize(n)-n*entrySize:]
	for i := range objects {
		objects[i], _ = strconv.Atoi(string(entries[i*entrySize : i*entrySize+10]))
	}
	return objects, table
}

// entrySize is how long an entry of the table is, ISO 32000-1, 7.5.4.
const entrySize = 20

// tableSize is how long the table of n objects is, with its head.
func tableSize(n int) int { return len("xref\n0 \n") + len(strconv.Itoa(n)) + n*entrySize }
