package registry_test

import (
	"testing"
	"time"

	"tegata/registry/registrytest"
	"tegata/verify"
)

// TestKeptFacts: what is kept of a code is never older than the log, and what
// changes with the clock alone changes.
func TestKeptFacts(t *testing.T) {
	k := registrytest.New(t)
	k.Play(t, time.Date(2026, 6, 2, 0, 0, 0, 0, time.UTC))
	ask := func(code verify.Code) verify.Verdict {
		t.Helper()
		return verify.Judge(lookup(t, k.Registry, code), verify.Question{})
	}
	for range 2 {
		if v := ask(router); v.Validity.Status != verify.StatusValid {
			t.Fatalf("got %s, want valid", v.Validity.Status)
		}
		if v := ask(declaration); v.Recognition.Outcome != verify.EligibleForSimplified {
			t.Fatalf("seen open 20 days ago: got %s", v.Recognition.Outcome)
		}
	}

	// Nothing is said, and the observation grows old.
	k.Clock.Set(time.Date(2026, 6, 30, 0, 0, 0, 0, time.UTC))
	if v := ask(declaration); v.Recognition.Outcome != verify.Undetermined || !v.Log.Time.Equal(k.Clock.Now()) {
		t.Errorf("seen open 48 days ago: got %s as of %s, want undetermined now", v.Recognition.Outcome, v.Log.Time)
	}

	// Something is said.
	k.Append(t, k.Say(t, verify.LabelStatus, router, func(m map[string]any) {
		m["status"], m["from"] = "revoked", "2026-06-30"
	}))
	if v := ask(router); v.Validity.Status != verify.StatusRevoked || v.Log.Size != k.Registry.Head().Size {
		t.Errorf("after a revocation: got %s at size %d", v.Validity.Status, v.Log.Size)
	}
}
