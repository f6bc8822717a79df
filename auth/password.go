// Passwords: argon2id hashes in PHC strings, and how many of them may be computed at once.

package auth

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// The cost of one hash: the second of OWASP's equivalent argon2id settings (Password Storage Cheat Sheet), about 20 ms
// of one core and 19 MiB while it runs.
const (
	hashMemory  = 19 * 1024 // KiB
	hashPasses  = 2
	hashThreads = 1
	saltBytes   = 16
	digestBytes = 32
)

// What a stored hash may ask for at most, so that a damaged or planted row can't exhaust the process.
const (
	maxHashMemory  = 256 * 1024 // KiB
	maxHashPasses  = 16
	maxHashThreads = 8
	maxDigestBytes = 64
)

// ErrMalformedHash says that a stored password hash is not an argon2id PHC string within the accepted limits.
var ErrMalformedHash = errors.New("malformed password hash")

// Passwords hashes and checks passwords, a few at a time: each hash holds 19 MiB, so a burst of sign-ins must queue
// rather than take all memory. Use one value for the whole process.
type Passwords struct {
	random io.Reader
	slots  chan struct{}
	nobody phc
}

// Verdict is the answer to "is this the password?".
type Verdict struct {
	// Match is true when the password is the one that was hashed.
	Match bool
	// Rehash is true when the password matched a hash of other than today's cost: hash it again and store that.
	Rehash bool
}

// NewPasswords returns a hasher that takes salts from random and computes at most parallel hashes at once (2 is right
// for most machines). It fails when parallel is not positive or random can't be read.
func NewPasswords(random io.Reader, parallel int) (*Passwords, error) {
	if parallel < 1 {
		return nil, fmt.Errorf("password hashes at once: %d is not positive", parallel)
	}
	// A digest that nobody computed is matched by no password.
	nobody := phc{memory: hashMemory, passes: hashPasses, threads: hashThreads,
		salt: make([]byte, saltBytes), digest: make([]byte, digestBytes)}
	for _, part := range [][]byte{nobody.salt, nobody.digest} {
		if _, err := io.ReadFull(random, part); err != nil {
			return nil, fmt.Errorf("read randomness: %w", err)
		}
	}
	return &Passwords{random: random, slots: make(chan struct{}, parallel), nobody: nobody}, nil
}

// Hash returns the PHC string to store for a password. It waits for its turn until ctx ends.
func (p *Passwords) Hash(ctx context.Context, password string) (string, error) {
	h := phc{memory: hashMemory, passes: hashPasses, threads: hashThreads, salt: make([]byte, saltBytes)}
	if _, err := io.ReadFull(p.random, h.salt); err != nil {
		return "", fmt.Errorf("read randomness: %w", err)
	}
	digest, err := p.compute(ctx, password, h, digestBytes)
	if err != nil {
		return "", err
	}
	h.digest = digest
	return h.String(), nil
}

// Verify tells whether password is the one behind stored, in time that doesn't depend on where they differ. It waits
// for its turn until ctx ends, and fails with ErrMalformedHash when stored can't be read.
func (p *Passwords) Verify(ctx context.Context, password, stored string) (Verdict, error) {
	h, err := parsePHC(stored)
	if err != nil {
		return Verdict{}, err
	}
	return p.verify(ctx, password, h)
}

// VerifyNobody takes as long as Verify and never matches. Call it when the account doesn't exist or has no password,
// so that the time of an answer doesn't tell.
func (p *Passwords) VerifyNobody(ctx context.Context, password string) (Verdict, error) {
	return p.verify(ctx, password, p.nobody)
}

func (p *Passwords) verify(ctx context.Context, password string, h phc) (Verdict, error) {
	digest, err := p.compute(ctx, password, h, len(h.digest))
	if err != nil {
		return Verdict{}, err
	}
	match := subtle.ConstantTimeCompare(digest, h.digest) == 1
	return Verdict{Match: match, Rehash: match && !h.current()}, nil
}

func (p *Passwords) compute(ctx context.Context, password string, h phc, length int) ([]byte, error) {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for a free password hash: %w", ctx.Err())
	}
	defer func() { <-p.slots }()
	return argon2.IDKey([]byte(canonical(password)), h.salt, h.passes, h.memory, h.threads, uint32(length)), nil
}

// canonical is the password as bytes to hash: é typed as one character and as two must be the same password
// (RFC 8265, OpaqueString).
func canonical(password string) string { return norm.NFC.String(password) }

// phc is a stored hash taken apart: $argon2id$v=19$m=19456,t=2,p=1$salt$digest.
type phc struct {
	memory, passes uint32
	threads        uint8
	salt, digest   []byte
}

func (h phc) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.memory, h.passes, h.threads,
		base64.RawStdEncoding.EncodeToString(h.salt), base64.RawStdEncoding.EncodeToString(h.digest))
}

func (h phc) current() bool {
	return h.memory == hashMemory && h.passes == hashPasses && h.threads == hashThreads &&
		len(h.salt) == saltBytes && len(h.digest) == digestBytes
}

func parsePHC(s string) (phc, error) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != "v="+strconv.Itoa(argon2.Version) {
		return phc{}, ErrMalformedHash
	}
	costs := strings.Split(parts[3], ",")
	if len(costs) != 3 {
		return phc{}, ErrMalformedHash
	}
	memory, okM := cost(costs[0], "m=", maxHashMemory)
	passes, okT := cost(costs[1], "t=", maxHashPasses)
	threads, okP := cost(costs[2], "p=", maxHashThreads)
	if !okM || !okT || !okP {
		return phc{}, ErrMalformedHash
	}
	salt, err := base64.RawStdEncoding.Strict().DecodeString(parts[4])
	if err != nil || len(salt) < 8 || len(salt) > maxDigestBytes {
		return phc{}, ErrMalformedHash
	}
	digest, err := base64.RawStdEncoding.Strict().DecodeString(parts[5])
	if err != nil || len(digest) < 16 || len(digest) > maxDigestBytes {
		return phc{}, ErrMalformedHash
	}
	return phc{memory: memory, passes: passes, threads: uint8(threads), salt: salt, digest: digest}, nil
}

func cost(field, name string, limit uint64) (uint32, bool) {
	text, ok := strings.CutPrefix(field, name)
	n, err := strconv.ParseUint(text, 10, 32)
	return uint32(n), ok && err == nil && n >= 1 && n <= limit
}
