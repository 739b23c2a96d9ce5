package main

import (
	"context"
	"testing"
	"time"

	"tegata/registry"
	"tegata/verify"
	"tegata/verify/envelope"
)

// TestDemo makes the demo's registry and requires that its records together
// show every status and every outcome there is.
func TestDemo(t *testing.T) {
	r, err := newDemo(context.Background(), folder(t.TempDir()), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	statuses, outcomes := map[verify.Status]int{}, map[verify.Outcome]int{}
	codes := demoCodes(t, r)
	codes["000000000012"] = true
	for code := range codes {
		f, err := r.Lookup(context.Background(), code)
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range verify.Jurisdictions {
			v := verify.Judge(f, verify.Question{In: in})
			statuses[v.Validity.Status]++
			outcomes[v.Recognition.Outcome]++
		}
	}
	if len(codes) < 41 {
		t.Errorf("got %d records, want at least 40", len(codes)-1)
	}
	for _, s := range verify.Statuses {
		if statuses[s] == 0 {
			t.Errorf("no record is %s", s)
		}
	}
	for _, o := range verify.Outcomes {
		if outcomes[o] == 0 {
			t.Errorf("no record shows %s", o)
		}
	}
	report, err := r.Audit(context.Background(), nil)
	if err != nil || len(report.Faults) > 0 {
		t.Errorf("audit: %v, %v", report.Faults, err)
	}
}

// demoCodes lists the codes that something was said about.
func demoCodes(t *testing.T, r *registry.Registry) map[verify.Code]bool {
	t.Helper()
	codes := map[verify.Code]bool{}
	for index := range r.Head().Size {
		token, err := r.Envelope(index)
		if err != nil {
			t.Fatal(err)
		}
		_, payload, err := envelope.OpenLogged(token)
		if err != nil {
			t.Fatal(err)
		}
		s, err := verify.DecodeStatement(payload)
		if err != nil {
			t.Fatal(err)
		}
		if s.Code != "" {
			codes[s.Code] = true
		}
	}
	return codes
}
