package pdf

import (
	"fmt"
	"io"
	"testing"
)

func BenchmarkInvoice(b *testing.B) {
	for _, lines := range []int{1, 500} {
		b.Run(fmt.Sprintf("lines=%d", lines), func(b *testing.B) { benchmark(b, sampleInvoice(lines, "USD")) })
	}
}

func BenchmarkStatement(b *testing.B) {
	for _, entries := range []int{1_000, 10_000} {
		b.Run(fmt.Sprintf("entries=%d", entries), func(b *testing.B) { benchmark(b, sampleStatement(entries, "USD")) })
	}
}

func benchmark(b *testing.B, d document) {
	b.ReportAllocs()
	for b.Loop() {
		if err := d.Write(io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}
