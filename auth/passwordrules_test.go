package auth

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"countersign/portal"
)

func TestPasswordsThatMayBeChosen(t *testing.T) { // R15, R55
	for _, password := range []string{
		"a quiet river in spring", "vU3#kq!9Zr_x", "tin kettle walks home", "Grüße aus dem Nebelwald", "ещё один тихий вечер",
		"窓の外に静かな雨が降っています", "zebra-quilt-ninefold-arc", "827#dog!27$58&3", strings.Repeat("vU3#kq!9Zr_x%pW2", 8),
		"jo walks to the lighthouse",
	} {
		if err := CheckRules(password, "jo@example.com", "Bright Studio"); err != nil {
			t.Errorf("%q (%d characters) was refused: %v", password, utf8.RuneCountInString(password), err)
		}
	}
}

func TestPasswordsThatMayNotBeChosen(t *testing.T) { // R15, R55
	for password, why := range map[string]string{
		"":                                 "at least 12",
		"elevenchars":                      "at least 12",
		"日本語のパスワード十一字":                     "", // twelve runes: fine
		"日本語のパスワード十一":                      "at least 12",
		strings.Repeat("vU3#kq!9Zr_x", 11): "at most 128",
		"vU3#kq!9\xffZr_x":                 "can't be read",
		"aaaaaaaaaaaa":                     "simple pattern",
		"abcdefghijkl":                     "simple pattern",
		"987654321098":                     "simple pattern",
		"qwertyuiop12":                     "simple pattern",
		"1qaz2wsx3edc":                     "simple pattern",
		"zxcvbnm,./ZXCV":                   "simple pattern",
		"xk3Lq9xk3Lq9":                     "simple pattern",
		"xk3Lq9mzxk3Lq9mz":                 "simple pattern",
		"password1234":                     "guessed first",
		"P@ssw0rd!2031":                    "guessed first",
		"$uperMan!1234":                    "guessed first",
		"iloveyou1234":                     "guessed first",
		"letmein12345":                     "guessed first",
		"Dragon19871105":                   "guessed first",
		"correcthorsebatterystaple":        "guessed first",
		"Liverpool-Football-1":             "guessed first",
		"2026!Summer-Holiday":              "guessed first",
		"administrator":                    "guessed first",
		"ann.lovelace is my name":          "email address",
		"xx ANN_LOVELACE xx":               "email address",
		"Bright-Studio2026":                "company's name",
		"bright studio":                    "company's name",
	} {
		err := CheckRules(password, "Ann.Lovelace+portal@example.com", "Bright Studio")
		if why == "" {
			if err != nil {
				t.Errorf("%q was refused: %v", password, err)
			}
			continue
		}
		var refused *portal.Error
		if !errors.As(err, &refused) {
			t.Errorf("%q: error is %v", password, err)
			continue
		}
		if refused.Code != portal.CodeInvalid || len(refused.Fields) != 1 || refused.Fields[0].Path != "password" ||
			!strings.Contains(refused.Fields[0].Message, why) {
			t.Errorf("%q: refused with %+v, want %q", password, refused, why)
		}
		if password != "" && strings.Contains(err.Error(), password) {
			t.Errorf("the refusal repeats the password: %v", err)
		}
	}
}

func TestNoCommonWordWithAYearIsAPassword(t *testing.T) {
	for word := range commonWords {
		password := word + strings.Repeat("0", max(0, 8-utf8.RuneCountInString(word))) + "2026"
		if CheckRules(password, "", "") == nil {
			t.Errorf("%q was accepted", password)
		}
		if word != strings.ToLower(word) || strings.TrimSpace(word) == "" {
			t.Errorf("%q in the list can't be found", word)
		}
	}
	if len(commonWords) < 1000 {
		t.Errorf("the list has only %d words", len(commonWords))
	}
}

func TestRandomPasswordsAreAccepted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// Three letters that no keyboard or word joins, with digits between: no composition rule stands in the way.
		words := rapid.SliceOfN(rapid.SampledFrom([]string{"gvx", "bqj", "mzt", "wkh", "pdr", "fyn"}), 5, 12).
			Filter(func(s []string) bool { return period([]rune(strings.Join(s, ""))) >= MinPassword }).Draw(t, "words")
		if err := CheckRules(strings.Join(words, ""), "ann.lovelace@example.com", "Bright"); err != nil {
			t.Fatal(err)
		}
	})
}

func TestAnyPasswordIsJudgedWithoutFailing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		password := rapid.String().Draw(t, "password")
		err := CheckRules(password, rapid.String().Draw(t, "email"), rapid.String().Draw(t, "name"))
		if n := utf8.RuneCountInString(canonical(password)); err == nil && (n < MinPassword || n > MaxPassword) {
			t.Fatalf("%d characters were accepted", n)
		}
	})
}
