package demo

import (
	"testing"
	"time"

	"tegata/cmd/labeld/folder"
	"tegata/verify"
)

// TestDemo makes the demo's registry and requires that its records together
// show every status and every outcome there is.
func TestDemo(t *testing.T) {
	r, err := New(t.Context(), folder.Folder(t.TempDir()), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	statuses, outcomes := map[verify.Status]int{}, map[verify.Outcome]int{}
	codes, err := r.Codes(t.Context(), "", 1000)
	if err != nil || len(codes) < 40 {
		t.Fatalf("got %d records, %v, want at least 40", len(codes), err)
	}
	for _, code := range append(codes, Tour[len(Tour)-1].Code) {
		f, err := r.Lookup(t.Context(), code)
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range verify.Jurisdictions {
			v := verify.Judge(f, verify.Question{In: in})
			statuses[v.Validity.Status]++
			outcomes[v.Recognition.Outcome]++
		}
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
	report, err := r.Audit(t.Context(), nil)
	if err != nil || len(report.Faults) > 0 {
		t.Errorf("audit: %v, %v", report.Faults, err)
	}
}
