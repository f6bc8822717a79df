package auth

import (
	"bytes"
	"crypto/rand"
	"encoding/base32"
	"encoding/xml"
	"errors"
	"image"
	"image/color"
	"io"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/boombuler/barcode/qr"
)

var rfcSecret = base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString([]byte("12345678901234567890"))

// The last six digits of the codes in RFC 6238, appendix B (SHA-1).
var rfcCodes = map[int64]string{
	59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
}

func TestStepAcceptsTheCodesOfRFC6238(t *testing.T) { // R60
	for at, code := range rfcCodes {
		step, ok := Step(code, rfcSecret, time.Unix(at, 0))
		if !ok || step != at/30 {
			t.Errorf("at %d, code %s: step %d, %t; want step %d", at, code, step, ok, at/30)
		}
	}
}

func TestStepAllowsOneStepEitherWay(t *testing.T) {
	const at, code = 1111111111, "050471" // step 37037037 begins at 1111111110
	for now, want := range map[int64]bool{
		at - 32: false, at - 31: true, at - 1: true, at: true, at + 28: true, at + 29: true, at + 58: true, at + 59: false,
	} {
		step, ok := Step(code, rfcSecret, time.Unix(now, 0))
		if ok != want {
			t.Errorf("%+d s: accepted %t, want %t", now-at, ok, want)
		}
		if ok && step != at/30 {
			t.Errorf("%+d s: step %d, want the code's own %d", now-at, step, int64(at/30))
		}
	}
}

func TestStepRefusesWhatIsNoCode(t *testing.T) {
	now := time.Unix(59, 0)
	for _, code := range []string{"", "28708", "2870820", "-87082", "+87082", "28708a", "２８７０８２", "287083"} {
		if _, ok := Step(code, rfcSecret, now); ok {
			t.Errorf("%q was accepted", code)
		}
	}
	if _, ok := Step(" 287 082\n", rfcSecret, now); !ok {
		t.Error("spaces in a code were not forgiven")
	}
	if _, ok := Step("287082", "not base32!", now); ok {
		t.Error("an unreadable secret matched")
	}
	if _, ok := Step("755224", rfcSecret, time.Unix(0, 0)); !ok { // RFC 4226, count 0
		t.Error("the first step has no code")
	}
}

func TestEnrolmentIsReadByAnAuthenticator(t *testing.T) { // R60
	e, err := NewEnrolment(rand.Reader, "Bright: Studio & Co", "ann@example.com")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(e.URI)
	if err != nil {
		t.Fatal(err)
	}
	if u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/Bright  Studio & Co:ann@example.com" {
		t.Errorf("address is %s", e.URI)
	}
	q := u.Query()
	if q.Get("secret") != e.Secret || q.Get("issuer") != "Bright  Studio & Co" || q.Get("digits") != "6" || q.Get("period") != "30" {
		t.Errorf("parameters are %v", q)
	}
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(e.Secret)
	if err != nil || len(raw) != 20 {
		t.Errorf("secret %q holds %d bytes, %v", e.Secret, len(raw), err)
	}
	if typed := e.Typed(); strings.ReplaceAll(typed, " ", "") != e.Secret || len(strings.Fields(typed)) != 8 {
		t.Errorf("for typing: %q", typed)
	}
}

func TestSVGDrawsEveryModuleOfTheCode(t *testing.T) { // R60
	e, err := NewEnrolment(bytes.NewReader(bytes.Repeat([]byte{9}, 20)), "Bright", "ann@example.com")
	if err != nil {
		t.Fatal(err)
	}
	svg, err := e.SVG()
	if err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(strings.NewReader(svg)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
	}
	want, err := qr.Encode(e.URI, qr.M, qr.Auto)
	if err != nil {
		t.Fatal(err)
	}
	size := want.Bounds().Dx()
	got := image.NewGray(image.Rect(0, 0, size+8, size+8))
	for i := range got.Pix {
		got.Pix[i] = 255
	}
	for _, run := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-\d+z`).FindAllStringSubmatch(svg, -1) {
		x, _ := strconv.Atoi(run[1])
		y, _ := strconv.Atoi(run[2])
		n, _ := strconv.Atoi(run[3])
		for i := range n {
			got.SetGray(x+i, y, color.Gray{})
		}
	}
	for y := range size {
		for x := range size {
			if dark(got.At(x+4, y+4)) != dark(want.At(x, y)) {
				t.Fatalf("module %d,%d is wrong", x, y)
			}
		}
	}
}
