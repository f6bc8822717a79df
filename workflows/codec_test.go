package workflows_test

import (
	"bytes"
	"crypto/rand"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	"google.golang.org/protobuf/proto"

	"countersign/workflows"
)

func codec(t *testing.T, first string, ids ...string) *workflows.Codec {
	t.Helper()
	keys := map[string][]byte{}
	for _, id := range ids {
		keys[id] = bytes.Repeat([]byte(id)[:1], 32)
	}
	c, err := workflows.NewCodec(rand.Reader, first, keys)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// What flows carry is encrypted, can be read with an old key after a new one is
// put before it, and by nobody else; plain payloads of before are read unchanged.
func TestPayloadsAreEncrypted(t *testing.T) {
	plain := &commonpb.Payload{Metadata: map[string][]byte{"encoding": []byte("json/plain")}, Data: []byte(`{"name":"Ann Lovelace"}`)}
	sealed, err := codec(t, "a", "a").Encode([]*commonpb.Payload{plain})
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed[0].GetData(), []byte("Ann")) {
		t.Fatal("the name can be read")
	}
	opened, err := codec(t, "b", "b", "a").Decode([]*commonpb.Payload{sealed[0], plain})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range opened {
		if !proto.Equal(p, plain) {
			t.Errorf("read as %v", p)
		}
	}
	if _, err := codec(t, "b", "b").Decode(sealed); err == nil {
		t.Error("read without its key")
	}
	sealed[0].Data[len(sealed[0].GetData())-1] ^= 1
	if _, err := codec(t, "a", "a").Decode(sealed); err == nil {
		t.Error("read after it was changed")
	}
	if _, err := workflows.NewCodec(rand.Reader, "a", map[string][]byte{"a": make([]byte, 16)}); err == nil {
		t.Error("a short key was taken")
	}
}
