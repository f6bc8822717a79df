package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/argon2"
)

func newPasswords(t *testing.T, parallel int) *Passwords {
	t.Helper()
	p, err := NewPasswords(rand.Reader, parallel)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestHashIsVerifiedByTheSamePasswordOnly(t *testing.T) {
	p, ctx := newPasswords(t, 2), context.Background()
	stored, err := p.Hash(ctx, "a quiet river in spring")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(stored, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("stored hash is %q", stored)
	}
	for password, want := range map[string]bool{
		"a quiet river in spring": true, "a quiet river in sprinG": false, "": false, "a quiet river in spring ": false,
	} {
		got, err := p.Verify(ctx, password, stored)
		if err != nil {
			t.Fatal(err)
		}
		if got != (Verdict{Match: want}) {
			t.Errorf("Verify(%q) = %+v, want match %t and no rehash", password, got, want)
		}
	}
	again, err := p.Hash(ctx, "a quiet river in spring")
	if err != nil {
		t.Fatal(err)
	}
	if again == stored {
		t.Error("two hashes of one password share their salt")
	}
}

func TestPasswordsThatLookTheSameAreTheSame(t *testing.T) {
	p, ctx := newPasswords(t, 1), context.Background()
	stored, err := p.Hash(ctx, "cafe\u0301 au lait 77")
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.Verify(ctx, "caf\u00e9 au lait 77", stored)
	if err != nil || !got.Match {
		t.Errorf("Verify = %+v, %v; want a match", got, err)
	}
}

func TestVerifyAsksForARehashOfOtherCosts(t *testing.T) {
	p, ctx := newPasswords(t, 1), context.Background()
	old := phc{memory: 8 * 1024, passes: 1, threads: 1, salt: []byte("0123456789abcdef")}
	old.digest = argon2.IDKey([]byte("an old password"), old.salt, old.passes, old.memory, old.threads, digestBytes)
	right, err := p.Verify(ctx, "an old password", old.String())
	if err != nil || right != (Verdict{Match: true, Rehash: true}) {
		t.Errorf("right password: %+v, %v", right, err)
	}
	wrong, err := p.Verify(ctx, "another password", old.String())
	if err != nil || wrong != (Verdict{}) {
		t.Errorf("wrong password: %+v, %v", wrong, err)
	}
}

func TestMalformedHashesAreRefused(t *testing.T) {
	const salt, digest = "MDEyMzQ1Njc4OWFiY2RlZg", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"
	p := newPasswords(t, 1)
	for name, stored := range map[string]string{
		"empty":              "",
		"another algorithm":  "$argon2i$v=19$m=19456,t=2,p=1$" + salt + "$" + digest,
		"another version":    "$argon2id$v=16$m=19456,t=2,p=1$" + salt + "$" + digest,
		"no digest":          "$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$",
		"too much memory":    "$argon2id$v=19$m=4294967295,t=2,p=1$" + salt + "$" + digest,
		"too many passes":    "$argon2id$v=19$m=19456,t=99,p=1$" + salt + "$" + digest,
		"no thread":          "$argon2id$v=19$m=19456,t=2,p=0$" + salt + "$" + digest,
		"costs in disorder":  "$argon2id$v=19$t=2,m=19456,p=1$" + salt + "$" + digest,
		"salt is not base64": "$argon2id$v=19$m=19456,t=2,p=1$!!!!$" + digest,
		"trailing part":      "$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$" + digest + "$x",
	} {
		if _, err := p.Verify(context.Background(), "x", stored); !errors.Is(err, ErrMalformedHash) {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}

func TestVerifyNobodyNeverMatchesAndCostsTheSame(t *testing.T) {
	p, ctx := newPasswords(t, 1), context.Background()
	if !p.nobody.current() {
		t.Fatalf("the stand-in hash %s has other costs than a real one", p.nobody)
	}
	got, err := p.VerifyNobody(ctx, "")
	if err != nil || got != (Verdict{}) {
		t.Errorf("VerifyNobody = %+v, %v", got, err)
	}
}

func TestNoMoreHashesAtOnceThanAllowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPasswords(t, 2)
		p.slots <- struct{}{}
		p.slots <- struct{}{}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if _, err := p.Hash(ctx, "waits for its turn"); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("a third hash did not wait: %v", err)
		}
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := p.Hash(context.Background(), "waits for its turn"); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		<-p.slots
		wg.Wait()
	})
}

func TestNewPasswordsNeedsASlotAndRandomness(t *testing.T) {
	if _, err := NewPasswords(rand.Reader, 0); err == nil {
		t.Error("no slot was accepted")
	}
	if _, err := NewPasswords(strings.NewReader("short"), 1); err == nil {
		t.Error("an exhausted source of randomness was accepted")
	}
}
