package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/encoding/protojson"
)

// ask sends payloads to the codec as a page of that origin would.
func ask(t *testing.T, h http.Handler, method, path, origin string, payloads ...*commonpb.Payload) (*http.Response, []*commonpb.Payload) {
	t.Helper()
	body, err := protojson.Marshal(&commonpb.Payloads{Payloads: payloads})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), method, path, bytes.NewReader(body))
	if origin != "" {
		r.Header.Set("Origin", origin)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var out commonpb.Payloads
	if w.Code == http.StatusOK {
		if err := protojson.Unmarshal(w.Body.Bytes(), &out); err != nil {
			t.Fatal(err)
		}
	}
	return w.Result(), out.GetPayloads()
}

func TestOperatorsReadAndWriteEncryptedPayloadsInTemporalUI(t *testing.T) {
	service := compose(t).Services["codec"]
	codec, err := payloadFlags{PayloadKeys: *service.Environment["PAYLOAD_KEYS"]}.codec()
	if err != nil {
		t.Fatal(err)
	}
	const ui = "http://localhost:8233"
	if got := *service.Environment["TEMPORAL_UI_URL"]; got != ui {
		t.Errorf("Compose's UI is at %q", got)
	}
	h, err := codecHandler(codec, ui+"/namespaces")
	if err != nil {
		t.Fatal(err)
	}
	plain, err := converter.GetDefaultDataConverter().ToPayload(map[string]string{"by": "Omar"})
	if err != nil {
		t.Fatal(err)
	}
	answer, sealed := ask(t, h, http.MethodPost, "/encode", ui, plain)
	if answer.StatusCode != http.StatusOK || len(sealed) != 1 || bytes.Contains(sealed[0].GetData(), []byte("Omar")) {
		t.Fatalf("encoded %d %v", answer.StatusCode, sealed)
	}
	if got := answer.Header.Get("Access-Control-Allow-Origin"); got != ui {
		t.Errorf("allowed %q", got)
	}
	// From the command line, without a browser; a payload that was never encrypted comes back as it is.
	answer, opened := ask(t, h, http.MethodPost, "/decode", "", sealed[0], plain)
	if answer.StatusCode != http.StatusOK || len(opened) != 2 || !strings.Contains(string(opened[0].GetData()), "Omar") || !bytes.Equal(opened[1].GetData(), plain.GetData()) {
		t.Fatalf("decoded %d %v", answer.StatusCode, opened)
	}
	if answer, _ := ask(t, h, http.MethodOptions, "/decode", ui); answer.StatusCode != http.StatusNoContent || answer.Header.Get("Access-Control-Allow-Headers") == "" {
		t.Errorf("preflight answered %d", answer.StatusCode)
	}
	for _, method := range []string{http.MethodPost, http.MethodOptions} {
		answer, opened := ask(t, h, method, "/decode", "https://elsewhere.example", sealed[0])
		if answer.StatusCode != http.StatusForbidden || opened != nil || answer.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s from another site answered %d %v", method, answer.StatusCode, opened)
		}
	}
	sealed[0].Data[20] ^= 1
	if answer, _ := ask(t, h, http.MethodPost, "/decode", ui, sealed[0]); answer.StatusCode != http.StatusBadRequest {
		t.Errorf("a payload that was tampered with answered %d", answer.StatusCode)
	}
	if _, err := codecHandler(codec, "localhost"); err == nil {
		t.Error("an address without a host is taken")
	}
}
