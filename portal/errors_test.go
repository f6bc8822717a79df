package portal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"testing"
	"time"
)

func TestErrorsAreToldApartByCode(t *testing.T) {
	for _, test := range []struct {
		err  *Error
		code Code
	}{
		{Invalid("Wrong."), CodeInvalid},
		{Unauthenticated("Who?"), CodeUnauthenticated},
		{Forbidden("No."), CodeForbidden},
		{NotFound("invoice"), CodeNotFound},
		{Conflict("Already %s.", "paid"), CodeConflict},
		{Stale("estimate"), CodeStale},
		{KeyReused(), CodeKeyReused},
		{Unavailable("Later.", time.Second), CodeUnavailable},
		{TooMany("Slower.", time.Minute), CodeTooMany},
		{Internal(), CodeInternal},
		{NotConfirmed(time.Second), CodeNotConfirmed},
		{Gone("This link was used on %s.", "Monday"), CodeGone},
	} {
		wrapped := fmt.Errorf("accept estimate: %w", test.err)
		if CodeOf(wrapped) != test.code {
			t.Errorf("%v has code %s, want %s", test.err, CodeOf(wrapped), test.code)
		}
		if !errors.Is(wrapped, &Error{Code: test.code}) || errors.Is(wrapped, &Error{Code: "another"}) || errors.Is(wrapped, io.EOF) {
			t.Errorf("%v isn't itself", test.err)
		}
		if test.err.Message == "" {
			t.Errorf("%s has no words", test.code)
		}
	}
	if CodeOf(nil) != "" || CodeOf(io.EOF) != CodeInternal {
		t.Error("foreign errors have the wrong code")
	}
}

func TestErrorSaysWhatAndWhere(t *testing.T) {
	for want, err := range map[string]*Error{
		"There is no such invoice.":                                      NotFound("invoice"),
		"This estimate changed. Please read it again before you decide.": Stale("estimate"),
		"Wrong. (a: Too small.; lines[2].quantity: At most 3.)":          Invalid("Wrong.", Field("a", "Too small."), Field("lines[2].quantity", "At most %d.", 3)),
	} {
		if err.Error() != want {
			t.Errorf("got %q, want %q", err.Error(), want)
		}
	}
}

func TestErrorSurvivesJSON(t *testing.T) {
	sent := &Error{Code: CodeTooMany, Message: "Slower.", Fields: []FieldError{Field("a", "b")}, RetryAfter: time.Minute}
	text, err := json.Marshal(sent)
	if err != nil {
		t.Fatal(err)
	}
	var got Error
	if err := json.Unmarshal(text, &got); err != nil || !reflect.DeepEqual(&got, sent) {
		t.Errorf("%s is read %+v, %v", text, got, err)
	}
	if text, err := json.Marshal(Internal()); err != nil || string(text) != `{"code":"internal","message":"Something went wrong on our side. Please try again."}` {
		t.Errorf("got %s, %v", text, err)
	}
}
