// Which passwords may be chosen. Length, and nothing that guessing programs try first; no rules about kinds of characters
// (NIST SP 800-63B, section 5.1.1.2).

package auth

import (
	_ "embed"
	"strings"
	"unicode"
	"unicode/utf8"

	"countersign/portal"
)

const (
	// MinPassword and MaxPassword are the lengths a password may have, in characters (runes), not bytes.
	MinPassword = 12
	MaxPassword = 128
)

// PasswordRules says the rules to the person who chooses.
const PasswordRules = "At least 12 characters. Three or four unrelated words do well. Common passwords, your email " +
	"address and simple patterns are refused."

// commonPasswords are the words that people make passwords of, one a line, in lower case. A list of whole passwords
// would be far longer and miss "Dragon2031!": CheckRules looks for these words behind digits, symbols and look-alikes.
//
//go:embed common_passwords.txt
var commonPasswords string

var commonWords, longestCommonWord = func() (map[string]bool, int) {
	words, longest := make(map[string]bool), 0
	for word := range strings.Lines(commonPasswords) {
		word = strings.TrimSpace(word)
		words[word] = true
		longest = max(longest, utf8.RuneCountInString(word))
	}
	return words, longest
}()

// CheckRules returns nil when password may be chosen by the person with that email address at the organization of that
// name (either may be empty), else a *portal.Error with a field error on "password" that says what to do.
func CheckRules(password, email, name string) error {
	if message := weakness(canonical(password), email, name); message != "" {
		return portal.Invalid("Please choose another password.", portal.Field("password", "%s", message))
	}
	return nil
}

func weakness(password, email, name string) string {
	length := utf8.RuneCountInString(password)
	folded := []rune(strings.ToLower(password))
	switch {
	case !utf8.ValidString(password):
		return "This password has characters that can't be read. Type it again."
	case length < MinPassword:
		return "Use at least 12 characters."
	case length > MaxPassword:
		return "Use at most 128 characters."
	case period(folded) < MinPassword, surprises(folded) <= 4:
		return "This is a simple pattern that is guessed first. Use unrelated words instead."
	case containsAddress(password, email):
		return "Leave your email address out of your password."
	case isName(password, name):
		return "Choose something other than the company's name."
	case isCommon(folded):
		return "This is one of the passwords that are guessed first. Use three or four unrelated words."
	}
	return ""
}

// period is the length of the shortest piece that gives s when it is repeated, the last time perhaps in part; the
// length of s when there is none.
func period(s []rune) int {
	for p := 1; p <= len(s)/2; p++ {
		same := true
		for i := p; i < len(s) && same; i++ {
			same = s[i] == s[i-p]
		}
		if same {
			return p
		}
	}
	return len(s)
}

// surprises counts the characters that don't follow from the one before by a step along the alphabet, the digits or
// the keyboard.
func surprises(s []rune) int {
	n := 0
	for i, r := range s {
		if i == 0 || !follows(s[i-1], r) {
			n++
		}
	}
	return n
}

// keyboardRuns are the rows and the columns of a keyboard.
var keyboardRuns = []string{
	"1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "!@#$%^&*()_+", "qwertzuiop", "azertyuiop", "yxcvbnm",
	"1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "8ik,", "9ol.", "0p;/",
}

func follows(before, r rune) bool {
	if d := r - before; d >= -1 && d <= 1 {
		return true
	}
	for _, run := range keyboardRuns {
		i, j := strings.IndexRune(run, before), strings.IndexRune(run, r)
		if i >= 0 && j >= 0 && (i-j == 1 || j-i == 1) {
			return true
		}
	}
	return false
}

func containsAddress(password, email string) bool {
	local, _, _ := strings.Cut(email, "@")
	local, _, _ = strings.Cut(local, "+")
	local = alphanumeric(local)
	// Shorter ones would forbid ordinary words to everyone called Jo.
	return utf8.RuneCountInString(local) >= 4 && strings.Contains(alphanumeric(password), local)
}

func isName(password, name string) bool {
	name = alphanumeric(name)
	rest, ok := strings.CutPrefix(alphanumeric(password), name)
	return ok && name != "" && strings.Trim(rest, "0123456789") == ""
}

func alphanumeric(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// lookAlikes are the characters written for letters; 1 stands for both l and i, hence two tables.
var lookAlikes = []*strings.Replacer{
	strings.NewReplacer("@", "a", "4", "a", "8", "b", "3", "e", "6", "g", "9", "g", "1", "l", "!", "i", "0", "o", "$", "s", "5", "s", "7", "t", "+", "t", "2", "z"),
	strings.NewReplacer("@", "a", "4", "a", "8", "b", "3", "e", "6", "g", "9", "g", "1", "i", "!", "l", "0", "o", "$", "s", "5", "s", "7", "t", "+", "t", "2", "z"),
	strings.NewReplacer(),
}

// isCommon tells whether password (in lower case) is no more than two common words, perhaps spelled with look-alikes,
// with something short or predictable around and between them.
func isCommon(password []rune) bool {
	whole := string(password)
	notLetter := func(r rune) bool { return !unicode.IsLetter(r) }
	for _, core := range []string{whole, strings.TrimRightFunc(whole, notLetter), strings.TrimFunc(whole, notLetter)} {
		before, after, _ := strings.Cut(whole, core)
		for _, table := range lookAlikes {
			around := []rune(before + after)
			var letters []rune
			for _, r := range table.Replace(core) {
				if unicode.IsLetter(r) {
					letters = append(letters, r)
				} else {
					around = append(around, r)
				}
			}
			if surprises(around) <= 6 && madeOfCommonWords(letters) {
				return true
			}
		}
	}
	return false
}

// madeOfCommonWords tells whether s is at most two common words one after the other; words of up to three letters
// don't count ("iloveyou", "letmein").
func madeOfCommonWords(s []rune) bool {
	const impossible = 3
	fewest := make([]int, len(s)+1) // fewest[i]: how few words make s[:i]
	for end := 1; end <= len(s); end++ {
		fewest[end] = impossible
		for start := max(0, end-longestCommonWord); start < end; start++ {
			if !commonWords[string(s[start:end])] {
				continue
			}
			words := fewest[start]
			if end-start > 3 {
				words++
			}
			fewest[end] = min(fewest[end], words)
		}
	}
	return len(s) > 0 && fewest[len(s)] < impossible
}
