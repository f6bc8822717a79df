package demo

import (
	"crypto/sha256"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"strings"
)

// luck decides what varies in the demo. The same name always has the same luck,
// so that one customer's year doesn't change when another one's is rewritten.
type luck struct{ *rand.Rand }

func chance(name ...string) luck {
	sum := sha256.Sum256([]byte(strings.Join(name, "\x00")))
	return luck{rand.New(rand.NewPCG(binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:16])))}
}

// between is a number from lo to hi, both included.
func (l luck) between(lo, hi int) int { return lo + l.IntN(hi-lo+1) }

// hits is true percent times in a hundred.
func (l luck) hits(percent int) bool { return l.IntN(100) < percent }

// bytes reads as many as anybody wants. They are no secret.
func (l luck) bytes() io.Reader {
	return readFunc(func(p []byte) (int, error) {
		for i := range p {
			p[i] = byte(l.Uint32())
		}
		return len(p), nil
	})
}

type readFunc func(p []byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }
