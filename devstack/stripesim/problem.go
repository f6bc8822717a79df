package stripesim

import (
	"fmt"
	"iter"
	"maps"
)

// doc is a JSON object as it is answered.
type doc = map[string]any

// problem is an answer that is an error, as
// https://docs.stripe.com/api/errors describes it.
type problem struct {
	status      int
	kind        string // card_error, invalid_request_error, ...
	code        string
	declineCode string
	message     string
	param       string
	charge      string
	intent      doc
	setup       doc
	method      doc
	// unsaved: the request was refused before it was acted on, so Stripe
	// keeps no answer for its idempotency key.
	unsaved bool
}

func (p *problem) doc() doc {
	e := doc{"type": p.kind, "message": p.message}
	for name, v := range map[string]string{
		"code":         p.code,
		"decline_code": p.declineCode,
		"param":        p.param,
		"charge":       p.charge,
	} {
		if v != "" {
			e[name] = v
		}
	}
	for name, v := range map[string]doc{
		"payment_intent": p.intent,
		"setup_intent":   p.setup,
		"payment_method": p.method,
	} {
		if v != nil {
			e[name] = v
		}
	}
	if p.code != "" {
		e["doc_url"] = "https://stripe.com/docs/error-codes/" + p.code
	}
	return doc{"error": e}
}

// invalid is a parameter that fails validation.
func invalid(param, code, format string, args ...any) *problem {
	return &problem{
		status:  400,
		kind:    "invalid_request_error",
		code:    code,
		message: fmt.Sprintf(format, args...),
		param:   param,
		unsaved: true,
	}
}

// missing is a parameter that is required and absent.
func missing(param string) *problem {
	return invalid(param, "parameter_missing", "Missing required param: %s.", param)
}

// refused is a request that was acted on, and that the state doesn't allow.
func refused(code, format string, args ...any) *problem {
	return &problem{
		status:  400,
		kind:    "invalid_request_error",
		code:    code,
		message: fmt.Sprintf(format, args...),
	}
}

// absent is an object that the path names and the account doesn't have.
func absent(noun, id string) *problem {
	p := noSuch("id", noun, id)
	p.status = 404
	return p
}

// noSuch is an object that a parameter names and the account doesn't have.
func noSuch(param, noun, id string) *problem {
	return invalid(param, "resource_missing", "No such %s: '%s'", noun, id)
}

func mapKeys[V any](m map[string]V) iter.Seq[string] { return maps.Keys(m) }

// orNull is how Stripe writes a field that has no value.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// unixOrNull is a time, or null.
func unixOrNull(seconds int64) any {
	if seconds == 0 {
		return nil
	}
	return seconds
}
