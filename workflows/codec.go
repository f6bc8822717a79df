package workflows

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"io"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/proto"
)

// Metadata of an encrypted payload.
const (
	encodingEncrypted = "binary/encrypted"
	metadataKeyID     = "encryption-key-id"
)

// Codec encrypts what flows carry: AES-256-GCM, with the key's ID beside it.
// Payloads that aren't encrypted are decoded unchanged, so that encryption can
// be switched on while flows are running.
type Codec struct {
	random io.Reader
	first  string
	keys   map[string]cipher.AEAD
}

// NewCodec encrypts with the key named first and decrypts with any. Keys are 32
// bytes each; random is read for nonces.
func NewCodec(random io.Reader, first string, keys map[string][]byte) (*Codec, error) {
	c := &Codec{random: random, first: first, keys: map[string]cipher.AEAD{}}
	for id, secret := range keys {
		if len(secret) != 32 {
			return nil, fmt.Errorf("payload key %q has %d bytes, not 32", id, len(secret))
		}
		block, err := aes.NewCipher(secret)
		if err != nil {
			return nil, fmt.Errorf("payload key %q: %w", id, err)
		}
		if c.keys[id], err = cipher.NewGCM(block); err != nil {
			return nil, fmt.Errorf("payload key %q: %w", id, err)
		}
	}
	if c.keys[first] == nil {
		return nil, fmt.Errorf("there is no payload key %q", first)
	}
	return c, nil
}

// Encode encrypts payloads.
func (c *Codec) Encode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	out := make([]*commonpb.Payload, len(payloads))
	for i, p := range payloads {
		plain, err := proto.Marshal(p)
		if err != nil {
			return nil, fmt.Errorf("encrypting a payload: %w", err)
		}
		sealer := c.keys[c.first]
		nonce := make([]byte, sealer.NonceSize())
		if _, err := io.ReadFull(c.random, nonce); err != nil {
			return nil, fmt.Errorf("encrypting a payload: %w", err)
		}
		out[i] = &commonpb.Payload{
			Metadata: map[string][]byte{converter.MetadataEncoding: []byte(encodingEncrypted), metadataKeyID: []byte(c.first)},
			Data:     sealer.Seal(nonce, nonce, plain, []byte(c.first)),
		}
	}
	return out, nil
}

// Decode decrypts payloads, and leaves plain ones as they are.
func (c *Codec) Decode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	out := make([]*commonpb.Payload, len(payloads))
	for i, p := range payloads {
		if string(p.GetMetadata()[converter.MetadataEncoding]) != encodingEncrypted {
			out[i] = p
			continue
		}
		id := string(p.GetMetadata()[metadataKeyID])
		opener, ok := c.keys[id]
		if !ok {
			return nil, fmt.Errorf("a payload was encrypted with the unknown key %q", id)
		}
		if len(p.GetData()) < opener.NonceSize() {
			return nil, errors.New("an encrypted payload is too short")
		}
		nonce, sealed := p.GetData()[:opener.NonceSize()], p.GetData()[opener.NonceSize():]
		plain, err := opener.Open(nil, nonce, sealed, []byte(id))
		if err != nil {
			return nil, fmt.Errorf("decrypting a payload: %w", err)
		}
		out[i] = &commonpb.Payload{}
		if err := proto.Unmarshal(plain, out[i]); err != nil {
			return nil, fmt.Errorf("decrypting a payload: %w", err)
		}
	}
	return out, nil
}
