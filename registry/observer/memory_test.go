package observer

import (
	"strings"
	"testing"
	"time"

	"tegata/registry/registrytest"
	"tegata/verify"
)

// TestDoubt: how long each finding must last, in hours after the first; where it is
// believed and could not be entered, it is believed at the next visit too.
func TestDoubt(t *testing.T) {
	code, start := registrytest.Code(7), time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
	found := func(s verify.Seen, why verify.SeenReason) verify.Observed {
		return verify.Observed{Seen: s, Reason: why}
	}
	missing, other := found(gone, verify.GoneByStatus), found(changed, "")
	away, expired := found(gone, verify.GoneByUnreached), found(gone, verify.GoneByCertificate)
	type visit struct {
		hour  int
		found verify.Observed
		again int // hour; 0: it is believed
	}
	for name, c := range map[string]struct {
		reached int // hour at which somebody answered last
		visits  []visit
	}{
		"missing":               {0, []visit{{0, missing, 6}, {5, missing, 6}, {6, missing, 0}, {7, missing, 0}}},
		"changed":               {0, []visit{{0, other, 1}, {1, other, 0}, {2, other, 0}}},
		"open between":          {0, []visit{{0, missing, 6}, {1, found(open, ""), 0}, {6, missing, 12}}},
		"missing, then another": {0, []visit{{0, missing, 6}, {6, other, 0}}},
		"another, then missing": {0, []visit{{0, other, 1}, {1, missing, 7}, {7, missing, 0}}},
		"no answer":             {1, []visit{{0, away, 24}, {24, away, 0}}},
		"no answer at all":      {0, []visit{{0, away, 24}, {24, away, 25}, {25, away, 26}}},
		"no valid certificate":  {0, []visit{{0, expired, 24}, {24, expired, 25}}},
		"one certificate":       {1, []visit{{0, expired, 24}, {24, expired, 0}}},
	} {
		m := memory{}
		before := &verify.Sighting{Observation: verify.Observation{Observed: found(open, "")}}
		for _, v := range c.visits {
			hour := func(n int) time.Time { return start.Add(time.Duration(n) * time.Hour) }
			want := time.Time{}
			if v.again > 0 {
				want = hour(v.again)
			}
			if got := m.doubt(code, v.found, before, hour(v.hour), hour(c.reached)); !got.Equal(want) {
				t.Errorf("%s, hour %d: got %v, want %v", name, v.hour, got, want)
			}
		}
	}
}

// TestValidators: what a server calls the state of a document is remembered where
// it is short and can be said to it again.
func TestValidators(t *testing.T) {
	for tag, want := range map[string]string{`W/"a b"`: `W/"a b"`, `"` + strings.Repeat("a", validatorMost): "", "\"\x01\"": "", `"é"`: "", "": ""} {
		m := memory{}
		m.remember(&Visit{SHA256: asDeclared.SHA256, tag: tag, modified: tag}, time.Now())
		if m.Tag != want || m.Modified != want {
			t.Errorf("%.20q: got %q, %q", tag, m.Tag, m.Modified)
		}
	}
}
