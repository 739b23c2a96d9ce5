package credential

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"tegata/verify"
	"tegata/verify/status"
)

var here = Registry{URL: "http://127.0.0.1:8080", Origin: "labels.example"}

// record is that of the story's label, or of its declaration, as it begins,
// changed.
func record(t testing.TB, file string, change func(m map[string]any)) *verify.Record {
	t.Helper()
	text, err := os.ReadFile("../testdata/story/" + file + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(m)
	}
	text, err = json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	s, err := verify.DecodeStatement(text)
	if err != nil {
		t.Fatal(err)
	}
	r, faults := verify.Record{}.Apply(verify.Entry{Index: 7, Logged: s.Made, Statement: s})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	return &r
}

func at(t testing.TB, text string) time.Time {
	t.Helper()
	instant, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return instant
}

// A label has a credential from the first instant of its first day to the last of
// its last, in Tokyo, and that is what the credential says.
func TestDays(t *testing.T) {
	r := record(t, "label.issued", nil) // 2026-04-01 to 2028-03-31
	for _, tt := range []struct {
		at    string
		given bool
	}{
		{"2026-03-31T14:59:59Z", false},
		{"2026-03-31T15:00:00Z", true},
		{"2028-03-31T14:59:59Z", true},
		{"2028-03-31T15:00:00Z", false},
	} {
		c, err := New(r, &verify.Governance{}, at(t, tt.at), here)
		if none := (None{}); (err == nil) != tt.given || err != nil && !errors.As(err, &none) {
			t.Errorf("%s: got %v, want one: %v", tt.at, err, tt.given)
		}
		if tt.given && (!c.ValidFrom.Equal(at(t, "2026-03-31T15:00:00Z")) || !c.ValidUntil.Equal(at(t, "2028-03-31T15:00:00Z"))) {
			t.Errorf("got %s until %s", c.ValidFrom, c.ValidUntil)
		}
	}
}

// A declaration whose support period has no end is evidence of nothing.
func TestNoEnd(t *testing.T) {
	r := record(t, "declaration.published", func(m map[string]any) {
		support := m["declaration"].(map[string]any)["support_at_first_supply"].(map[string]any)
		for name := range support {
			if name != "text" {
				delete(support, name)
			}
		}
	})
	var none None
	if err := Check(r, at(t, "2026-06-01T00:00:00Z")); !errors.As(err, &none) || none.Status != verify.StatusValid || !strings.Contains(none.Reason, "no end") {
		t.Errorf("got %v", err)
	}
}

// A declaration is attested to its maker, not to who represents the maker.
func TestManufacturer(t *testing.T) {
	r := record(t, "declaration.published", func(m map[string]any) {
		d := m["declaration"].(map[string]any)
		d["parties"] = append([]any{map[string]any{"role": "authorised_representative", "name": map[string]any{"en": "Agent Ltd"}, "address": "London"}}, d["parties"].([]any)...)
	})
	c, err := New(r, &verify.Governance{}, at(t, "2026-06-01T00:00:00Z"), here)
	if err != nil || c.Subject.IssuedTo.Name != "Thames IoT Ltd" {
		t.Errorf("got %+v, %v", c.Subject.IssuedTo, err)
	}
	r.Declaration.Parties, r.Declaration.Product.Models = nil, nil // no admission would take it
	if c, err = New(r, &verify.Governance{}, at(t, "2026-06-01T00:00:00Z"), here); err != nil || strings.Contains(string(c.Payload()), `"assessedProduct":null`) {
		t.Errorf("got %s, %v", c.Payload(), err)
	}
}

// What a label rests on is told as it is, and nothing more.
func TestLevels(t *testing.T) {
	for level, want := range map[int]string{1: "Self declaration true", 2: "Self declaration true", 3: "3rdParty certification false", 4: "3rdParty certification false"} {
		r := record(t, "label.issued", func(m map[string]any) { m["label"].(map[string]any)["level"] = level })
		c, err := New(r, &verify.Governance{}, at(t, "2026-06-01T00:00:00Z"), here)
		if err != nil {
			t.Fatal(err)
		}
		a := c.Subject
		if got := fmt.Sprint(a.AssessorLevel, " ", a.AttestationType, " ", a.Assessment[0].Auditor != nil); got != want {
			t.Errorf("level %d: got %s, want %s", level, got, want)
		}
		if a.AssessmentLevel != "Unspecified" || a.Assessment[0].Regulation != nil {
			t.Errorf("level %d: got %+v", level, a)
		}
	}
}

func TestNames(t *testing.T) {
	if got := here.DID(); got != "did:web:127.0.0.1%3A8080" {
		t.Errorf("got %s", got)
	}
	entries := here.Entries(2*status.ListSize + 5)
	if len(entries) != 2 || entries[1].List != "http://127.0.0.1:8080/status/2/suspension" || entries[1].Index != "5" || entries[1].ID != entries[1].List+"#5" {
		t.Errorf("got %+v", entries)
	}
}

// A key that was handed over says until when it counted; the present one does not.
func TestDID(t *testing.T) {
	present, former := Key{JWK: verify.JWK{Kty: "OKP", Crv: "Ed25519", X: "AA"}}, Key{JWK: verify.JWK{Kty: "OKP", Crv: "Ed25519", X: "AQ"}}
	former.Until = at(t, "2026-06-01T09:00:00+09:00")
	d := NewDID(here, []Key{present, former})
	text, err := json.Marshal(d.Methods)
	if err != nil || strings.Count(string(text), "expires") != 1 || !strings.Contains(string(text), `"expires":"2026-06-01T00:00:00Z","publicKeyJwk":{"kty":"OKP","crv":"Ed25519","x":"AQ"}`) {
		t.Errorf("got %s, %v", text, err)
	}
	if len(d.Asserts) != 2 || d.Asserts[0] != d.Methods[0].ID || d.Asserts[1] != d.Methods[1].ID || d.Asserts[0] == d.Asserts[1] {
		t.Errorf("got %v", d.Asserts)
	}
}
