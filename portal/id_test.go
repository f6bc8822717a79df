package portal

import (
	"encoding/hex"
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

func TestDerivedIDIsStable(t *testing.T) {
	// Kept for ever: rows in the database bear such IDs.
	for want, got := range map[string]uuid.UUID{
		"363c7e77-2cc2-868d-b53a-2dad24e80a1d": DerivedID("payment", "key"),
		"eae5b1a5-712a-8943-8db0-3384b0c76ca6": BeginID(someOrg, someCustomer, "pay", "key"),
	} {
		if got.String() != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestDerivedIDIsAVersion8UUID(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOf(rapid.String()).Draw(t, "parts")
		id := DerivedID(parts...)
		if id.Version() != 8 || id.Variant() != uuid.RFC4122 {
			t.Fatalf("%s has version %d and variant %s", id, id.Version(), id.Variant())
		}
		if DerivedID(parts...) != id {
			t.Fatal("the same parts gave another ID")
		}
		raw := make([][]byte, len(parts))
		for i, p := range parts {
			raw[i] = []byte(p)
		}
		if DerivedID(raw...) != id {
			t.Fatal("bytes gave another ID than text")
		}
	})
}

func TestDerivedIDTellsListsOfPartsApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		short := rapid.SliceOfN(rapid.StringN(0, 3, -1), 0, 4)
		a, b := short.Draw(t, "a"), short.Draw(t, "b")
		if same := DerivedID(a...) == DerivedID(b...); same != slices.Equal(a, b) {
			t.Fatalf("%q and %q: same ID %v", a, b, same)
		}
	})
	if DerivedID("ab", "c") == DerivedID("a", "bc") {
		t.Error("parts run together")
	}
}

func TestBeginIDDependsOnEveryPart(t *testing.T) {
	id := BeginID(someOrg, someCustomer, "pay", "key")
	for name, other := range map[string]uuid.UUID{
		"organization": BeginID(someCustomer, someCustomer, "pay", "key"),
		"caller":       BeginID(someOrg, someOrg, "pay", "key"),
		"operation":    BeginID(someOrg, someCustomer, "forward", "key"),
		"key":          BeginID(someOrg, someCustomer, "pay", "other"),
	} {
		if other == id {
			t.Errorf("another %s gave the same ID", name)
		}
	}
}

func TestRequestHashIgnoresTheOrderOfKeys(t *testing.T) {
	hash := func(v any) string {
		sum, err := RequestHash(v)
		if err != nil {
			t.Fatal(err)
		}
		return hex.EncodeToString(sum)
	}
	same := hash(json.RawMessage(`{"a": 1, "b": {"d": [1, 2], "c": "x<y"}}`))
	if got := hash(json.RawMessage(`{"b":{"c":"x\u003cy","d":[1,2]},"a":1}`)); got != same {
		t.Errorf("got %s, want %s", got, same)
	}
	if got := hash(map[string]any{"b": map[string]any{"c": "x<y", "d": []int{1, 2}}, "a": 1}); got != same {
		t.Errorf("got %s, want %s", got, same)
	}
	for _, other := range []string{
		`{"a":2,"b":{"c":"x<y","d":[1,2]}}`, `{"a":1,"b":{"c":"x<y","d":[2,1]}}`, `{"a":"1","b":{"c":"x<y","d":[1,2]}}`,
	} {
		if hash(json.RawMessage(other)) == same {
			t.Errorf("%s has the same hash", other)
		}
	}
	// Beyond 2^53, where doubles stop telling integers apart.
	if hash(json.RawMessage(`9007199254740993`)) == hash(json.RawMessage(`9007199254740992`)) {
		t.Error("large numbers run together")
	}
}

func TestRequestHashRefusesWhatJSONCantHold(t *testing.T) {
	if _, err := RequestHash(math.NaN()); err == nil {
		t.Error("NaN was hashed")
	}
	if _, err := DecideID(someCustomer, "accept", "key", math.Inf(1)); err == nil {
		t.Error("infinity was hashed")
	}
}

// N1
func TestNoAfterYesIsAnotherDecision(t *testing.T) {
	decide := func(caller uuid.UUID, operation, key string, request any) string {
		id, err := DecideID(caller, operation, key, request)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	yes := decide(someCustomer, "decide", "key", map[string]bool{"accept": true})
	if len(yes) != 64 {
		t.Errorf("got %q", yes)
	}
	if again := decide(someCustomer, "decide", "key", map[string]bool{"accept": true}); again != yes {
		t.Error("sent again, it is another decision")
	}
	for name, other := range map[string]string{
		"request":   decide(someCustomer, "decide", "key", map[string]bool{"accept": false}),
		"caller":    decide(someOrg, "decide", "key", map[string]bool{"accept": true}),
		"operation": decide(someCustomer, "cancel", "key", map[string]bool{"accept": true}),
		"key":       decide(someCustomer, "decide", "other", map[string]bool{"accept": true}),
	} {
		if other == yes {
			t.Errorf("another %s is the same decision", name)
		}
	}
}
