package verify

import (
	"sync/atomic"
	"testing"
)

// A record of three statements, its facts folded: what a till asks for each
// product on its shelf.
func BenchmarkJudge(b *testing.B) {
	d := open(b)
	d.issue(nil)
	yes := true
	d.say("ipa", "2026-04-10T00:00:00Z", aoba, &Practised{day(b, "2026-04-10"), &yes, &yes, ""})
	d.say("ipa", "2026-06-01T00:00:00Z", aoba, &Amended{Contact: &Contact{Email: "psirt@aoba.example"}})
	f := d.facts(aoba, "2026-11-23T10:00:00Z")
	q := Question{In: InGB, At: instant(b, "2026-11-23T10:00:00Z")}
	judge := func(f Facts) func(*testing.B) {
		return func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if v := Judge(f, q); v.Recognition.Outcome != TreatedAsCompliant {
					b.Fatal(v.Recognition.Outcome)
				}
			}
		}
	}
	b.Run("asked again", judge(f.Fold())) // of facts that were asked before
	folded := f.Fold()
	b.Run("asked first", func(b *testing.B) { // of folded facts, nothing kept
		b.ReportAllocs()
		for b.Loop() {
			folded.folded.lines = new([3]atomic.Pointer[timeline])
			if v := Judge(folded, q); v.Recognition.Outcome != TreatedAsCompliant {
				b.Fatal(v.Recognition.Outcome)
			}
		}
	})
	b.Run("asked once", judge(f)) // folding included
}

func BenchmarkParseStatement(b *testing.B) {
	payload := specimenOf(b, LabelIssued).payload
	b.ReportAllocs()
	for b.Loop() {
		if _, faults := ParseStatement(payload); len(faults) > 0 {
			b.Fatal(faults)
		}
	}
}

// As many faults as a statement has room for.
func BenchmarkManyFaults(b *testing.B) {
	many := make([]any, 10000)
	for i := range many {
		many[i] = "x"
	}
	payload := with(b, specimenOf(b, LabelIssued).payload, "label.product.models[0].gtins", many)
	b.ReportAllocs()
	for b.Loop() {
		if _, faults := ParseStatement(payload); len(faults) != len(many) {
			b.Fatalf("%d faults, want %d", len(faults), len(many))
		}
	}
}
