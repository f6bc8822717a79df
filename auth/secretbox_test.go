package auth

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func testKey(id string, fill byte) Key {
	return Key{ID: id, Secret: bytes.Repeat([]byte{fill}, KeyBytes)}
}

func newRing(t interface{ Fatal(...any) }, keys ...Key) *KeyRing {
	ring, err := NewKeyRing(rand.Reader, keys...)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func TestSealedSecretOpensWithWhatItIsBoundToOnly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ring := newRing(t, testKey("2026-01", 1))
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		bound := rapid.SliceOf(rapid.Byte()).Draw(t, "bound")
		sealed, err := ring.Seal(plain, bound)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ring.Open(sealed, bound)
		if err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("opened %q, %v", got, err)
		}
		if _, err := ring.Open(sealed, append(bound, 'x')); !errors.Is(err, ErrSealed) {
			t.Fatalf("opened for another row: %v", err)
		}
		if len(plain) >= 8 && bytes.Contains(sealed, plain) {
			t.Fatal("the sealed secret holds the plain one")
		}
	})
}

func TestAnyChangeToASealedSecretIsNoticed(t *testing.T) {
	ring := newRing(t, testKey("a", 1), testKey("b", 1)) // one key under two names: the name is authenticated too
	sealed, err := ring.Seal([]byte("JBSWY3DPEHPK3PXP"), []byte("row 1"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range sealed {
		for bit := range 8 {
			changed := bytes.Clone(sealed)
			changed[i] ^= 1 << bit
			if _, err := ring.Open(changed, []byte("row 1")); err == nil {
				t.Fatalf("bit %d of byte %d was changed unnoticed", bit, i)
			}
		}
		if _, err := ring.Open(sealed[:i], []byte("row 1")); err == nil {
			t.Fatalf("cut to %d bytes unnoticed", i)
		}
	}
	renamed := bytes.Clone(sealed)
	renamed[2] = 'b'
	if _, err := ring.Open(renamed, []byte("row 1")); !errors.Is(err, ErrSealed) {
		t.Errorf("the key's name was changed unnoticed: %v", err)
	}
}

func TestKeysAreReplacedByPuttingANewOneInFront(t *testing.T) {
	before := newRing(t, testKey("old", 1))
	sealed, err := before.Seal([]byte("secret"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if before.Stale(sealed) {
		t.Error("stale before the change of keys")
	}
	during := newRing(t, testKey("new", 2), testKey("old", 1))
	if got, err := during.Open(sealed, nil); err != nil || string(got) != "secret" {
		t.Errorf("opened %q, %v", got, err)
	}
	if !during.Stale(sealed) {
		t.Error("not stale during the change of keys")
	}
	after := newRing(t, testKey("new", 2))
	if _, err := after.Open(sealed, nil); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("after the old key is gone: %v", err)
	}
}

func TestKeyRingRefusesBadKeys(t *testing.T) {
	for name, keys := range map[string][]Key{
		"none":      nil,
		"no name":   {testKey("", 1)},
		"long name": {testKey(strings.Repeat("x", 33), 1)},
		"short key": {{ID: "a", Secret: []byte("short")}},
		"one twice": {testKey("a", 1), testKey("a", 2)},
	} {
		if _, err := NewKeyRing(rand.Reader, keys...); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestParseKeys(t *testing.T) {
	one := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{1}, KeyBytes))
	keys, err := ParseKeys("new:" + one + ", old:" + one)
	if err != nil || len(keys) != 2 || keys[0].ID != "new" || keys[1].ID != "old" || len(keys[1].Secret) != KeyBytes {
		t.Errorf("ParseKeys = %v, %v", keys, err)
	}
	for _, bad := range []string{"", "noseparator", "id:***"} {
		if _, err := ParseKeys(bad); err == nil {
			t.Errorf("ParseKeys(%q) succeeded", bad)
		} else if strings.Contains(err.Error(), "***") {
			t.Errorf("the error tells the key: %v", err)
		}
	}
}
