// Tokens that travel in links, cookies and API keys. Only their SHA-256 is ever stored.

package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/google/uuid"
)

// tokenDomain keeps derived tokens apart from anything else that may be computed with the same key.
const tokenDomain = "countersign/derived-token/v1"

// NewToken returns 256 random bits as 43 characters that are safe in an address, and the hash to store. It panics when
// random can't be read: there is no safe way to go on, and crypto/rand.Reader never fails.
func NewToken(random io.Reader) (token string, hash []byte) {
	var raw [32]byte
	if _, err := io.ReadFull(random, raw[:]); err != nil {
		panic(fmt.Sprintf("read randomness for a token: %v", err))
	}
	token = base64.RawURLEncoding.EncodeToString(raw[:])
	return token, Hash(token)
}

// Hash is what to store of a token and to look it up by: its SHA-256, 32 bytes. A token has 256 bits of entropy, so
// neither salt nor slowness would add anything.
func Hash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// DerivedToken returns the token of one row's send-th email, always the same one, so that an email whose sending is
// retried can be built again though no token was stored. It is HMAC-SHA-256 of kind ("invitation", "password_reset"),
// row and send number, as 43 characters that are safe in an address. The key is secret, 32 random bytes.
func DerivedToken(key []byte, kind string, row uuid.UUID, send int) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(tokenDomain))
	// The length stands before the only part that varies in length, so that no two inputs run together.
	mac.Write(binary.BigEndian.AppendUint32(nil, uint32(len(kind))))
	mac.Write([]byte(kind))
	mac.Write(row[:])
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(send)))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
