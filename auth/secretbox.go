// Secrets that must be read again (an authenticator's secret), encrypted before they are stored.

package auth

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	sealVersion = 1
	// KeyBytes is the length of a Key's Secret: AES-256.
	KeyBytes = 32
)

// ErrSealed says that a sealed secret can't be opened: it was changed, belongs to another row, or is no sealed secret.
var ErrSealed = errors.New("sealed secret can't be opened")

// ErrUnknownKey says that a secret was sealed with a key that the ring doesn't hold.
var ErrUnknownKey = errors.New("sealed with an unknown key")

// Key is one AES-256 key and the name under which sealed secrets remember it.
type Key struct {
	ID     string // 1 to 32 bytes; never used again for another key
	Secret []byte // 32 bytes
}

// KeyRing seals with its first key and opens with any, so that a new key can be put in front while secrets sealed with
// the old one are still read. It is safe for use by many goroutines when its source of randomness is.
type KeyRing struct {
	random io.Reader
	first  string
	keys   map[string]cipher.AEAD
}

// ParseKeys reads keys from a setting: "id:base64[,id:base64…]", the one to seal with first.
func ParseKeys(setting string) ([]Key, error) {
	var keys []Key
	for i, part := range strings.Split(setting, ",") {
		id, encoded, ok := strings.Cut(strings.TrimSpace(part), ":")
		if !ok {
			return nil, fmt.Errorf("key %d: want id:base64", i+1)
		}
		secret, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			// The decoder's error tells where, and so something of the key: leave it out.
			return nil, fmt.Errorf("key %d (%s): not base64", i+1, id)
		}
		keys = append(keys, Key{ID: id, Secret: secret})
	}
	return keys, nil
}

// NewKeyRing returns a ring of the keys, the first of which seals. Nonces are read from random.
func NewKeyRing(random io.Reader, keys ...Key) (*KeyRing, error) {
	if len(keys) == 0 {
		return nil, errors.New("key ring: no key")
	}
	ring := &KeyRing{random: random, first: keys[0].ID, keys: make(map[string]cipher.AEAD, len(keys))}
	for _, key := range keys {
		if len(key.ID) < 1 || len(key.ID) > 32 {
			return nil, fmt.Errorf("key ring: key ID %q must have 1 to 32 bytes", key.ID)
		}
		if len(key.Secret) != KeyBytes {
			return nil, fmt.Errorf("key ring: key %q has %d bytes, want %d", key.ID, len(key.Secret), KeyBytes)
		}
		if _, twice := ring.keys[key.ID]; twice {
			return nil, fmt.Errorf("key ring: key %q is there twice", key.ID)
		}
		block, err := aes.NewCipher(key.Secret)
		if err != nil {
			return nil, fmt.Errorf("key ring: key %q: %w", key.ID, err)
		}
		if ring.keys[key.ID], err = cipher.NewGCM(block); err != nil {
			return nil, fmt.Errorf("key ring: key %q: %w", key.ID, err)
		}
	}
	return ring, nil
}

// Seal encrypts plain. The same bound must be given to open it: say there which row and column it is for, so that a
// sealed secret copied into another row is refused. The result is: version, length of the key ID, key ID, nonce,
// ciphertext with its tag.
func (r *KeyRing) Seal(plain, bound []byte) ([]byte, error) {
	aead := r.keys[r.first]
	sealed := append([]byte{sealVersion, byte(len(r.first))}, r.first...)
	head := len(sealed)
	sealed = append(sealed, make([]byte, aead.NonceSize())...)
	nonce := sealed[head:]
	if _, err := io.ReadFull(r.random, nonce); err != nil {
		return nil, fmt.Errorf("read randomness: %w", err)
	}
	return aead.Seal(sealed, nonce, plain, withHead(sealed[:head], bound)), nil
}

// Open decrypts what Seal made with the same bound. It fails with ErrSealed or ErrUnknownKey.
func (r *KeyRing) Open(sealed, bound []byte) ([]byte, error) {
	id, head, err := readHead(sealed)
	if err != nil {
		return nil, err
	}
	aead, ok := r.keys[id]
	if !ok {
		return nil, fmt.Errorf("%w: %q", ErrUnknownKey, id)
	}
	rest := sealed[head:]
	if len(rest) < aead.NonceSize() {
		return nil, ErrSealed
	}
	nonce, box := rest[:aead.NonceSize()], rest[aead.NonceSize():]
	plain, err := aead.Open(nil, nonce, box, withHead(sealed[:head], bound))
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}

// Stale tells whether a secret was sealed with other than the first key, and so should be sealed again.
func (r *KeyRing) Stale(sealed []byte) bool {
	id, _, err := readHead(sealed)
	return err == nil && id != r.first
}

func readHead(sealed []byte) (id string, head int, err error) {
	if len(sealed) < 2 || sealed[0] != sealVersion || len(sealed) < 2+int(sealed[1]) {
		return "", 0, ErrSealed
	}
	head = 2 + int(sealed[1])
	return string(sealed[2:head]), head, nil
}

// withHead is the additional data: the head is authenticated too, and tells its own length.
func withHead(head, bound []byte) []byte {
	return append(append(make([]byte, 0, len(head)+len(bound)), head...), bound...)
}
