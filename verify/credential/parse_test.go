package credential

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"tegata/verify"
	"tegata/verify/envelope"
	"tegata/verify/status"
)

// written is the credential of the story's label, at place 9 of list 3.
func written(t testing.TB) []byte {
	t.Helper()
	r := record(t, "label.issued", nil)
	c, err := New(r, &verify.Governance{}, at(t, "2026-06-01T00:00:00Z"), here)
	if err != nil {
		t.Fatal(err)
	}
	c.Status = here.Entries(3*status.ListSize + 9)
	return c.Payload()
}

func TestParse(t *testing.T) {
	c, err := Parse(written(t))
	if err != nil {
		t.Fatal(err)
	}
	if place, err := c.Place(); err != nil || place != 3*status.ListSize+9 || c.Scheme() != verify.JCSTAR {
		t.Errorf("got place %d of %s, %v", place, c.Scheme(), err)
	}
	for _, tt := range []struct {
		name   string
		change func(m map[string]any)
		why    string
	}{
		{"another version", func(m map[string]any) {
			m["@context"] = []any{contextW3C, "https://test.uncefact.org/vocabulary/untp/dcc/0.7.0/"}
		}, "@context"},
		{"no contexts", func(m map[string]any) { delete(m, "@context") }, "@context"},
		{"another type", func(m map[string]any) { m["type"] = []any{"VerifiableCredential"} }, "type"},
		{"another issuer", func(m map[string]any) { m["issuer"].(map[string]any)["id"] = "https://labels.example" }, "issuer.id"},
		{"a member more", func(m map[string]any) { m["proof"] = map[string]any{} }, "/proof"},
		{"no day", func(m map[string]any) { delete(m, "validUntil") }, "validUntil"},
		{"turned days", func(m map[string]any) { m["validUntil"] = m["validFrom"] }, "validUntil"},
		{"not signed when", func(m map[string]any) { delete(m, "iat") }, "iat"},
		{"no status", func(m map[string]any) { delete(m, "credentialStatus") }, "credentialStatus"},
		{"one status", func(m map[string]any) { m["credentialStatus"] = m["credentialStatus"].([]any)[:1] }, "credentialStatus"},
		{"two places", func(m map[string]any) { m["credentialStatus"].([]any)[1].(map[string]any)["statusListIndex"] = "10" }, "credentialStatus"},
		{"no place", func(m map[string]any) {
			m["credentialStatus"].([]any)[0].(map[string]any)["statusListIndex"] = "1048576"
		}, "credentialStatus"},
		{"another spelling", func(m map[string]any) { m["credentialStatus"].([]any)[0].(map[string]any)["statusListIndex"] = "09" }, "credentialStatus"},
		{"no list", func(m map[string]any) {
			m["credentialStatus"].([]any)[0].(map[string]any)["statusListCredential"] = "https://labels.example/status/x/revocation"
		}, "credentialStatus"},
		{"nothing attested", func(m map[string]any) { m["credentialSubject"] = map[string]any{} }, "credentialSubject"},
	} {
		var m map[string]any
		if err := json.Unmarshal(written(t), &m); err != nil {
			t.Fatal(err)
		}
		tt.change(m)
		text, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Parse(text); !errors.Is(err, envelope.ErrMalformed) || !strings.Contains(err.Error(), tt.why) {
			t.Errorf("%s: got %v, want %v with %s", tt.name, err, envelope.ErrMalformed, tt.why)
		}
	}
}

// FuzzParse: what is read has a place and days, and is written the same again;
// all else is malformed.
func FuzzParse(f *testing.F) {
	f.Add(written(f))
	f.Add([]byte(`{"@context":[],"credentialStatus":[{"statusListIndex":"-1"}]}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		c, err := Parse(payload)
		if err != nil {
			if !errors.Is(err, envelope.ErrMalformed) {
				t.Errorf("got %v, want %v", err, envelope.ErrMalformed)
			}
			return
		}
		again, err := Parse(c.Payload())
		if err != nil || string(again.Payload()) != string(c.Payload()) {
			t.Errorf("%s: read again: %v", payload, err)
		}
		if place, err := c.Place(); err != nil || place < 0 {
			t.Errorf("%s: place %d, %v", payload, place, err)
		}
	})
}
