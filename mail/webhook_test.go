package mail

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"testing"
	"time"
)

const webhookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

func header(id, at, signature string) http.Header {
	h := http.Header{}
	h.Set("svix-id", id)
	h.Set("svix-timestamp", at)
	h.Set("svix-signature", signature)
	return h
}

func signature(secret, id, at string, body []byte) string {
	key, err := base64.StdEncoding.DecodeString(secret[len("whsec_"):])
	if err != nil {
		panic(err)
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + at + "." + string(body)))
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// The example of Svix's own documentation, https://docs.svix.com/receiving/verifying-payloads/how-manual.
func TestSignatureIsSvixs(t *testing.T) {
	key, err := base64.StdEncoding.DecodeString(webhookSecret[len("whsec_"):])
	if err != nil {
		t.Fatal(err)
	}
	if !signed([][]byte{key}, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", []byte(`{"test": 2432232314}`),
		"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=") {
		t.Error("the documented signature was refused")
	}
}

func TestVerifiedWebhookIsRead(t *testing.T) { // N9
	now := time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC)
	verify, err := NewVerifier(webhookSecret)
	if err != nil {
		t.Fatal(err)
	}
	body := []byte(`{"type":"email.bounced","created_at":"2026-03-14T08:59:58.5Z","data":{"email_id":"e-1","bounce":{"message":"No such\r\nmailbox","type":"Permanent"}}}`)
	at := strconv.FormatInt(now.Unix(), 10)
	got, err := verify(body, header("msg_1", at, "v1,AAAA v2,xyz "+signature(webhookSecret, "msg_1", at, body)), now)
	if err != nil {
		t.Fatal(err)
	}
	want := Hint{EventID: "msg_1", Type: EventBounced, EmailID: "e-1", At: now.Add(-1500 * time.Millisecond), Reason: "No such mailbox"}
	if got != want {
		t.Errorf("hint is %+v, want %+v", got, want)
	}
}

func TestBadWebhooksAreRefused(t *testing.T) { // N9
	now := time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC)
	other := "whsec_" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{1}, 24))
	verify, err := NewVerifier(webhookSecret)
	if err != nil {
		t.Fatal(err)
	}
	body := []byte(`{"type":"email.sent","created_at":"2026-03-14T09:00:00Z","data":{"email_id":"e-1"}}`)
	stamp := func(d time.Duration) string { return strconv.FormatInt(now.Add(d).Unix(), 10) }
	sign := func(id, at string) http.Header { return header(id, at, signature(webhookSecret, id, at, body)) }
	for name, c := range map[string]struct {
		body   []byte
		header http.Header
		want   error
	}{
		"five minutes old":      {body, sign("m", stamp(-5*time.Minute)), nil},
		"older":                 {body, sign("m", stamp(-5*time.Minute-time.Second)), ErrWebhookTime},
		"five minutes early":    {body, sign("m", stamp(5*time.Minute)), nil},
		"earlier":               {body, sign("m", stamp(5*time.Minute+time.Second)), ErrWebhookTime},
		"no headers":            {body, http.Header{}, ErrSignature},
		"no signature":          {body, header("m", stamp(0), ""), ErrSignature},
		"another secret":        {body, header("m", stamp(0), signature(other, "m", stamp(0), body)), ErrSignature},
		"another version":       {body, header("m", stamp(0), "v2"+signature(webhookSecret, "m", stamp(0), body)[2:]), ErrSignature},
		"another body":          {append([]byte(" "), body...), sign("m", stamp(0)), ErrSignature},
		"another id":            {body, header("n", stamp(0), signature(webhookSecret, "m", stamp(0), body)), ErrSignature},
		"another time":          {body, header("m", stamp(time.Second), signature(webhookSecret, "m", stamp(0), body)), ErrSignature},
		"empty id":              {body, sign("", stamp(0)), ErrSignature},
		"time that isn't one":   {body, sign("m", "soon"), ErrWebhookTime},
		"signature not base64":  {body, header("m", stamp(0), "v1,***"), ErrSignature},
		"empty signature value": {body, header("m", stamp(0), "v1,"), ErrSignature},
	} {
		if _, err := verify(c.body, c.header, now); !errors.Is(err, c.want) {
			t.Errorf("%s: error is %v, want %v", name, err, c.want)
		}
	}
	for _, bad := range [][]byte{[]byte("{"), []byte(`{"data":{}}`)} {
		if _, err := verify(bad, header("m", stamp(0), signature(webhookSecret, "m", stamp(0), bad)), now); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
}

func TestVerifierNeedsARealSecret(t *testing.T) {
	for _, secrets := range [][]string{nil, {""}, {"whsec_"}, {"whsec_!!"}, {"whsec_YWJj"}, {webhookSecret, ""}, {webhookSecret[6:]}} {
		if _, err := NewVerifier(secrets...); err == nil {
			t.Errorf("%q was accepted", secrets)
		}
	}
}

func TestTwoSecretsWhileOneIsReplaced(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	next := "whsec_" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{2}, 24))
	verify, err := NewVerifier(webhookSecret, next)
	if err != nil {
		t.Fatal(err)
	}
	body := []byte(`{"type":"email.sent","data":{}}`)
	for _, secret := range []string{webhookSecret, next} {
		if _, err := verify(body, header("m", "1800000000", signature(secret, "m", "1800000000", body)), now); err != nil {
			t.Error(err)
		}
	}
}
