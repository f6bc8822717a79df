package stripesim

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"time"
)

// keyLife is how long Stripe keeps an idempotency key at least; it is pruned
// after that. https://docs.stripe.com/api/idempotent_requests
const keyLife = 24 * time.Hour

// savedAnswer is what a key was answered with the first time.
type savedAnswer struct {
	Key    string    `json:"key"`
	Path   string    `json:"path"`
	Hash   string    `json:"hash"` // of the parameters
	Status int       `json:"status"`
	Body   []byte    `json:"body"`
	At     time.Time `json:"at"` // by the clock of what waits
}

func (*savedAnswer) kind() string  { return "answer" }
func (a *savedAnswer) key() string { return a.Key }

func hashOf(values url.Values) string {
	sum := sha256.Sum256([]byte(values.Encode()))
	return hex.EncodeToString(sum[:])
}

// saved finds the answer that a key already has, or says why it may not be used
// for this request.
func (t *tx) saved(key, path, hash string) (*savedAnswer, *problem) {
	a, ok := get[*savedAnswer](t, key)
	if !ok {
		return nil, nil
	}
	if t.s.clock().Sub(a.At) >= keyLife {
		t.drop(a)
		return nil, nil
	}
	if a.Path != path {
		return nil, misused("Keys for idempotent requests can only be used for the same endpoint they were first used for ('%s' vs '%s'). Try using a key other than '%s' if you meant to execute a different request.", path, a.Path, key)
	}
	if a.Hash != hash {
		return nil, misused("Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '%s' if you meant to execute a different request.", key)
	}
	return a, nil
}

// prune forgets keys that are past their life. The caller holds the lock.
func (s *Sim) prune() {
	for _, account := range s.accountsNamed() {
		t := &tx{s: s, account: account}
		for _, a := range list(t, func(a *savedAnswer) bool { return s.clock().Sub(a.At) >= keyLife }) {
			t.drop(a)
		}
		t.commit()
	}
}

// misused is a key that comes back with another request.
func misused(format string, args ...any) *problem {
	p := invalid("", "", format, args...)
	p.kind = "idempotency_error"
	return p
}

// keyInUse is a key that another request is being executed with.
func keyInUse(key string) *problem {
	return &problem{
		status:  409,
		kind:    "idempotency_error",
		code:    "idempotency_key_in_use",
		message: "There is currently another in-progress request using this Idempotent Key (" + key + "). Please wait for that request to finish before trying again.",
		unsaved: true,
	}
}
