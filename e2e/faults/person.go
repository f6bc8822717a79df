package faults

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/google/uuid"
)

// person is somebody at work: a contact who pays, or a member of staff. What
// they do comes from their own randomness, so that a seed makes the same people.
type person struct {
	place
	shop  *Shop
	login Login
	rng   *rand.Rand
	base  string // of the addresses that they may ask
}

func (s *Shop) person(at place, login Login, rng *rand.Rand) person {
	side := "portal"
	if login.side == "staff" {
		side = "console"
	}
	return person{place: at, shop: s, login: login, rng: rng, base: "http://product/api/" + s.Slug + "/" + side}
}

// reply is an answer, read.
type reply struct {
	status int
	body   []byte
}

func (r reply) good() bool { return r.status >= 200 && r.status < 300 }

func (r reply) into(v any) bool { return r.good() && json.Unmarshal(r.body, v) == nil }

// patience is how often the same is sent again under the same key while nothing
// definite is answered.
const patience = 6

// ask sends a request until the answer is definite, or the person gives up. What
// is sent again has the same key, as from a page that is reloaded. Now and then a
// button is pressed twice.
func (p *person) ask(method, path string, body any) reply {
	key := p.key()
	if method != http.MethodGet && p.rng.IntN(8) == 0 {
		p.Note("people: pressed twice")
		var first, second reply
		p.Together(
			func() { first = p.insist(method, path, key, body) },
			func() { second = p.insist(method, path, key, body) },
		)
		if first.good() || !second.good() {
			return first
		}
		return second
	}
	return p.insist(method, path, key, body)
}

func (p *person) insist(method, path, key string, body any) reply {
	var answer reply
	for try := range patience {
		answer = p.send(method, path, key, body)
		// 202 is an answer: it is under way, and its address will tell.
		if answer.status != 0 && answer.status < http.StatusInternalServerError {
			return answer
		}
		p.Sleep(time.Duration(300+200*try) * time.Millisecond)
	}
	p.Note("people: gave up waiting for an answer")
	return answer
}

// send sends a request once; a status of 0 is no answer.
func (p *person) send(method, path, key string, body any) reply {
	var reader io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			panic(err) // it is made of plain fields
		}
		reader = bytes.NewReader(text)
	}
	request, err := http.NewRequest(method, p.base+path, reader)
	if err != nil {
		panic(err) // the address is ours
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	request.Header.Set("Idempotency-Key", key)
	request.AddCookie(p.login.cookie)
	response, err := p.Do(request)
	if err != nil {
		return reply{}
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return reply{}
	}
	return reply{response.StatusCode, text}
}

// key is a new Idempotency-Key, as a drawn form carries one.
func (p *person) key() string {
	return fmt.Sprintf("%s-%016x", p.login.ID, p.rng.Uint64())
}

// pause lets up to d pass.
func (p *person) pause(d time.Duration) { p.Sleep(time.Duration(p.rng.Int64N(int64(d)) + 1)) }

// chance is true in one of n cases.
func (p *person) chance(n int) bool { return p.rng.IntN(n) == 0 }

func pick[T any](p *person, from []T) T { return from[p.rng.IntN(len(from))] }

// id is a body with an ID in it.
type id struct {
	ID uuid.UUID `json:"id"`
}
