package api

import "testing"

func TestValidationIsToldInWordsForPeople(t *testing.T) {
	for library, want := range map[string]string{
		"expected required property name to be present":   "Please fill this in.",
		"expected length >= 1":                            "Please fill this in.",
		"expected length >= 12":                           "Use at least 12 characters.",
		"expected length <= 200":                          "Use at most 200 characters.",
		"expected array length >= 1":                      "Add at least one.",
		"expected number <= 9.9999999999e+10":             "Enter 99999999999 or less.",
		"expected number >= 1":                            "Enter 1 or more.",
		"expected integer":                                "Enter a whole number.",
		"expected string":                                 "Send this as a string.",
		"expected array":                                  "Send this as an array.",
		`expected value to be one of "card, bank_debit"`:  "Choose one of: card, bank_debit.",
		`expected value to be one of ", date, -date"`:     "Choose one of: date, -date.",
		"expected string to be RFC 3339 date":             "Enter a date, such as 2026-11-22.",
		"expected string to be RFC 4122 uuid: too short":  "Choose one of those that there are.",
		"expected string to be a number such as 1 or 2.5": "Enter a number such as 1 or 2.5.",
		"unexpected property":                             "There is no such field.",
		"":                                                "This can't be taken.",
	} {
		if got := sentence(library); got != want {
			t.Errorf("%q: %q, want %q", library, got, want)
		}
	}
}
