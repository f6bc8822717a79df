package auth

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

func TestNewTokenIs256BitsOfTheGivenRandomness(t *testing.T) {
	token, hash := NewToken(strings.NewReader(strings.Repeat("\xff", 32)))
	if want := strings.Repeat("_", 42) + "8"; token != want {
		t.Errorf("token is %q, want %q", token, want)
	}
	if !bytes.Equal(hash, Hash(token)) {
		t.Error("the hash is not that of the token")
	}
	other, _ := NewToken(rand.Reader)
	if len(other) != 43 || other == token {
		t.Errorf("a random token is %q", other)
	}
}

func TestNewTokenPanicsWithoutRandomness(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a token was made of too little randomness")
		}
	}()
	NewToken(strings.NewReader("short"))
}

func TestHashIsSHA256(t *testing.T) {
	const want = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" // FIPS 180-2, "abc"
	if got := hex.EncodeToString(Hash("abc")); got != want {
		t.Errorf("Hash(abc) = %s", got)
	}
}

func TestDerivedTokenIsTheSameForTheSameEmailOnly(t *testing.T) {
	type input struct {
		key, kind string
		row       uuid.UUID
		send      int
	}
	gen := rapid.Custom(func(t *rapid.T) input {
		return input{
			key:  rapid.SampledFrom([]string{strings.Repeat("a", 32), strings.Repeat("b", 32)}).Draw(t, "key"),
			kind: rapid.StringMatching(`[ab]{0,3}`).Draw(t, "kind"),
			row:  uuid.UUID(rapid.SliceOfN(rapid.SampledFrom([]byte{'a', 'b'}), 16, 16).Draw(t, "row")),
			send: rapid.IntRange(0, 3).Draw(t, "send"),
		}
	})
	derive := func(i input) string { return DerivedToken([]byte(i.key), i.kind, i.row, i.send) }
	rapid.Check(t, func(t *rapid.T) {
		a, b := gen.Draw(t, "a"), gen.Draw(t, "b")
		if (derive(a) == derive(b)) != (a == b) {
			t.Fatalf("%+v and %+v: %s, %s", a, b, derive(a), derive(b))
		}
		if len(derive(a)) != 43 {
			t.Fatalf("token %q", derive(a))
		}
	})
}

// A change here would break every link that waits in somebody's mailbox.
func TestDerivedTokenStaysTheSameAcrossReleases(t *testing.T) {
	row := uuid.MustParse("01890a5d-ac96-774b-bcce-b302099a8057")
	if got, want := DerivedToken(bytes.Repeat([]byte{7}, 32), "invitation", row, 1), "0U3b0fHUXwm2owLRBqfdVBu9CdlJWxF7wzstOgEpBr8"; got != want {
		t.Errorf("DerivedToken = %s, want %s", got, want)
	}
}
