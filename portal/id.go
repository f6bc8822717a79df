package portal

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"

	"github.com/google/uuid"
)

// DerivedID is the UUID that follows from parts: version 8 (RFC 9562), made of
// the SHA-256 over the parts, each with its length before it, so that no two
// lists of parts run together. The same parts always give the same ID.
func DerivedID[T ~string | ~[]byte](parts ...T) uuid.UUID {
	h := sha256.New()
	for _, part := range parts {
		writePart(h, []byte(part))
	}
	id := uuid.UUID(h.Sum(nil)[:16])
	id[6] = id[6]&0x0f | 0x80 // version 8
	id[8] = id[8]&0x3f | 0x80 // variant 10
	return id
}

// BeginID is the ID of the row, and so of the flow, that a caller's begin
// makes. Sent again with the same Idempotency-Key it is the same row.
func BeginID(org, caller uuid.UUID, operation, key string) uuid.UUID {
	return DerivedID(org[:], caller[:], []byte(operation), []byte(key))
}

// DecideID is the ID of a decision (an Update on a running flow). The request
// is part of it, so that "no" under the key of an earlier "yes" is another
// decision and never answered with "yes".
func DecideID(caller uuid.UUID, operation, key string, request any) (string, error) {
	sum, err := RequestHash(request)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for _, part := range [][]byte{caller[:], []byte(operation), []byte(key), sum} {
		writePart(h, part)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// RequestHash is the SHA-256 of v as canonical JSON: keys sorted, no spaces,
// numbers as they were written. Two requests with the same hash ask the same.
// It fails only for a v that JSON can't hold.
func RequestHash(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("hash request: %w", err)
	}
	// Once through maps, whose keys are written in order.
	var generic any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&generic); err != nil {
		return nil, fmt.Errorf("hash request: %w", err)
	}
	canonical, err := json.Marshal(generic)
	if err != nil {
		return nil, fmt.Errorf("hash request: %w", err)
	}
	sum := sha256.Sum256(canonical)
	return sum[:], nil
}

// writePart hashes part with its length before it.
func writePart(h hash.Hash, part []byte) {
	var length [8]byte
	binary.BigEndian.PutUint64(length[:], uint64(len(part)))
	h.Write(length[:]) // a hash never fails
	h.Write(part)
}
