package bundle_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
	"tegata/verify/yearly"
)

// yearlySpecimen is the yearly report of the story, which has all kinds of
// statements, under its last head.
func yearlySpecimen(tb testing.TB) map[string]any {
	tb.Helper()
	s := told(tb).Registry.Survey()
	c := yearly.New(verify.Period{From: verify.Date{Year: 2026, Month: 1, Day: 1}, Until: verify.Date{Year: 2026, Month: 12, Day: 31}}, s.Log().Size, s.Governance())
	if err := s.Each(tb.Context(), c.Add); err != nil {
		tb.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(bundle.NewYearly(c.Report(), s.Log()).Payload(), &m); err != nil {
		tb.Fatal(err)
	}
	return m
}

func TestParseYearlyRefuses(t *testing.T) {
	valid := yearlySpecimen(t)
	counts := valid["counts"].([]any)
	// change is the rows with another member in one of them.
	change := func(i int, member string, value any) []any {
		list := append([]any{}, counts...)
		row := map[string]any{}
		for k, v := range list[i].(map[string]any) {
			row[k] = v
		}
		row[member] = value
		list[i] = row
		return list
	}
	standing := 0
	for i, c := range counts {
		if c.(map[string]any)["what"] == "standing" {
			standing = i
			break
		}
	}
	parse := func(b []byte) error { _, err := bundle.ParseYearly(b); return err }
	refuses(t, valid, parse, append(signedBy, []refusal{
		{"from", nil, "from: it is missing"},
		{"from", "2026", "wrong type"},
		{"from", "2027-01-01", "to: 2026-12-31 is before"},
		{"to", nil, "to: it is missing"},
		{"to", "2099-12-31", "was not over"},
		{"known", nil, "known: 0"},
		{"known", 1, ""},
		{"known", 1000, "known: 1000"},
		{"counts", nil, "0 rows"},
		{"counts", counts[1:], "rows, want"},
		{"counts", append(counts[1:], counts[0]), "counts[0]: it is"},
		{"counts", change(3, "count", -1), "counts[3]: -1"},
		{"counts", change(3, "count", 1<<54), "counts[3]: "},
		{"counts", change(3, "by", "unavailable"), "counts[3]: it is"},
		{"counts", change(3, "note", "x"), "unknown"},
		{"counts", change(standing, "count", 99), "labels in GB by the accord are"},
		{"counts", change(standing, "count", 99), "labels in GB-NIR by the statute are"},
		{"counts", change(0, "count", 99), ""},
	}...))
}

// TestYearlyPrivate: nothing in the report of the story, in which recognition is
// withheld and restored, speaks of it.
func TestYearlyPrivate(t *testing.T) {
	for _, c := range yearlySpecimen(t)["counts"].([]any) {
		for _, v := range c.(map[string]any) {
			if v == "unavailable" || v == "recognition.withheld" || v == "recognition.restored" {
				t.Errorf("got a row %v", c)
			}
		}
	}
}

func FuzzParseYearly(f *testing.F) {
	b, err := json.Marshal(yearlySpecimen(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		y, err := bundle.ParseYearly(b)
		if err != nil {
			if !errors.Is(err, envelope.ErrMalformed) {
				t.Fatalf("got %v, want malformed", err)
			}
			return
		}
		again, err := bundle.ParseYearly(y.Payload())
		if err != nil {
			t.Fatalf("accepted, and refused as it was printed: %v", err)
		}
		if d := cmp.Diff(y, again); d != "" {
			t.Errorf("(-first +again):\n%s", d)
		}
	})
}
