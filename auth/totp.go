// Codes of authenticator apps: RFC 6238 with SHA-1, six digits and 30 seconds, which every app understands.

package auth

import (
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/boombuler/barcode/qr"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
)

const (
	totpPeriod      = 30 // seconds
	totpSecretBytes = 20 // RFC 4226, section 4, requirement 6: 160 bits recommended
	totpDigits      = 6
)

// Enrolment is a new authenticator secret, not yet proven by a code.
type Enrolment struct {
	// Secret is base32 without padding; store it sealed.
	Secret string
	// URI is the otpauth address that the QR code holds.
	URI string
}

// NewEnrolment makes a secret for account (an email address) at issuer (the organization's name, shown by the app).
func NewEnrolment(random io.Reader, issuer, account string) (Enrolment, error) {
	var raw [totpSecretBytes]byte
	if _, err := io.ReadFull(random, raw[:]); err != nil {
		return Enrolment{}, fmt.Errorf("read randomness: %w", err)
	}
	return EnrolmentOf(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw[:]), issuer, account), nil
}

// EnrolmentOf is the enrolment of a secret that NewEnrolment made before, for showing it again.
func EnrolmentOf(secret, issuer, account string) Enrolment {
	// The colon parts issuer from account in the address, and apps split at the first one.
	issuer, account = strings.ReplaceAll(issuer, ":", " "), strings.ReplaceAll(account, ":", " ")
	query := url.Values{
		"secret": {secret}, "issuer": {issuer},
		"algorithm": {"SHA1"}, "digits": {strconv.Itoa(totpDigits)}, "period": {strconv.Itoa(totpPeriod)},
	}
	return Enrolment{
		Secret: secret,
		// The library's own address leaves & as it is and loses the rest of the name. Apps show a + for a space as it
		// stands, so it has to be %20.
		URI: "otpauth://totp/" + url.PathEscape(issuer) + ":" + url.PathEscape(account) +
			"?" + strings.ReplaceAll(query.Encode(), "+", "%20"),
	}
}

// Typed is the secret in groups of four, for typing by hand.
func (e Enrolment) Typed() string {
	var groups []string
	for rest := e.Secret; rest != ""; {
		n := min(4, len(rest))
		groups, rest = append(groups, rest[:n]), rest[n:]
	}
	return strings.Join(groups, " ")
}

// SVG draws the QR code as a picture that stays sharp at any size: black on white whatever the page's colours, since
// many cameras can't read an inverted code. It has no script and no style, so it may be put into a page as it is.
func (e Enrolment) SVG() (string, error) {
	code, err := qr.Encode(e.URI, qr.M, qr.Auto)
	if err != nil {
		return "", fmt.Errorf("draw the QR code: %w", err)
	}
	const quiet = 4 // modules of margin that the standard (ISO/IEC 18004) asks for
	size := code.Bounds().Dx()
	var path strings.Builder
	for y := range size {
		for x := 0; x < size; x++ {
			start := x
			for x < size && dark(code.At(x, y)) {
				x++
			}
			if x > start {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", start+quiet, y+quiet, x-start, x-start)
			}
		}
	}
	full := size + 2*quiet
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]d %[1]d" role="img" `+
		`aria-label="QR code for your authenticator app" shape-rendering="crispEdges">`+
		`<rect width="%[1]d" height="%[1]d" fill="#fff"/><path d="%[2]s" fill="#000"/></svg>`, full, path.String()), nil
}

func dark(c interface{ RGBA() (r, g, b, a uint32) }) bool {
	r, _, _, _ := c.RGBA()
	return r < 0x8000
}

// Step tells whether code is right for secret at now, one step (30 s) early or late allowed, and which step it belongs
// to. The caller must accept each step only once (RFC 6238, section 5.2): store it where it is greater than the last one.
// Spaces in the code are fine. A secret that can't be read matches nothing.
func Step(code, secret string, now time.Time) (step int64, ok bool) {
	code = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, code)
	if _, err := strconv.ParseUint(code, 10, 32); err != nil || len(code) != totpDigits {
		return 0, false
	}
	at := now.Unix() / totpPeriod
	// Every step is tried even after a match, so that time doesn't tell which one it was. Later ones win: a step that
	// was used must not hide a newer one with, by chance, the same code.
	for _, candidate := range []int64{at - 1, at, at + 1} {
		if candidate < 0 {
			continue
		}
		want, err := hotp.GenerateCodeCustom(secret, uint64(candidate),
			hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err != nil {
			return 0, false
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			step, ok = candidate, true
		}
	}
	return step, ok
}
