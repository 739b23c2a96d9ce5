package verify

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A lookedAt is what the test's own model remembers of one thing that was said
// about the main link: an observation, or what is declared from then on.
type lookedAt struct {
	index    int64
	made     time.Time
	declared string // digest; empty in an observation
	url      string
	seen     Seen
	digest   string
}

// TestObservations holds the rule of MoC 3(2)(a) against a model folded by hand,
// for random sequences of observations and amendments, asked of random instants
// as known at random states of the log.
func TestObservations(t *testing.T) {
	base := open(t)
	urls := []string{"https://thames.example/a", "https://thames.example/b"}
	digest := func(n int) string { return fmt.Sprintf("%064x", n+1) }
	rapid.Check(t, func(r *rapid.T) {
		d := base.clone()
		start := instant(t, "2026-05-12T09:00:00Z")
		d.publish(func(p *Declaration) { p.URL, p.SHA256 = urls[0], digest(0) })
		told := []lookedAt{{int64(len(d.entries)) - 1, start, digest(0), urls[0], "", ""}}
		at := start
		for range rapid.IntRange(0, 12).Draw(r, "statements") {
			at = at.Add(time.Duration(rapid.IntRange(1, 30*24).Draw(r, "hours")) * time.Hour)
			made := at.Format(time.RFC3339)
			l := lookedAt{index: int64(len(d.entries)), made: at, url: rapid.SampledFrom(urls).Draw(r, "url")}
			if rapid.IntRange(0, 3).Draw(r, "amends") == 0 {
				l.declared = digest(rapid.IntRange(0, 2).Draw(r, "declared"))
				d.say("thames-iot", made, thames, &LinkAmended{URL: l.url, SHA256: l.declared, Language: "en"})
			} else {
				l.seen = rapid.SampledFrom([]Seen{SeenOpen, SeenChanged, SeenGone}).Draw(r, "seen")
				o := &Observed{URL: l.url, Seen: l.seen}
				if l.seen != SeenGone {
					l.digest = digest(rapid.IntRange(0, 2).Draw(r, "digest"))
					o.SHA256 = l.digest
				}
				d.say("watcher", made, thames, o)
			}
			told = append(told, l)
		}
		head := at.Add(time.Duration(rapid.IntRange(0, 60*24).Draw(r, "head")) * time.Hour)
		f := d.facts(thames, head.Format(time.RFC3339))
		for range 6 {
			q := Question{In: InJP, At: start.Add(time.Duration(rapid.IntRange(0, int(head.Sub(start)/time.Hour)+24).Draw(r, "at")) * time.Hour)}
			q.Known = Known{Size: told[0].index + 1 + int64(rapid.IntRange(0, len(told)-1).Draw(r, "known"))}
			i := slices.IndexFunc(told, func(l lookedAt) bool { return l.index >= q.Known.Size })
			q.Known.Time = head
			if i > 0 {
				q.Known.Time = told[i].made.Add(-time.Second)
			}
			want := modelOpen(told, q)
			got := NotKnown
			for _, reason := range Judge(f, q).Recognition.Layers.Accord.Reasons {
				if reason.Rule == "declaration-accord-open" {
					got = reason.Met
				}
			}
			if got != want {
				r.Fatalf("at %v, known %d: got %s, want %s: %+v", q.At, q.Known.Size, got, want, told)
			}
		}
	})
}

// modelOpen is the test's own reading of "open to the public online", without
// the records of the program.
func modelOpen(told []lookedAt, q Question) Met {
	seenBy := q.At
	if q.Known.Time.Before(seenBy) {
		seenBy = q.Known.Time
	}
	var declared, last lookedAt
	for _, l := range told {
		if l.index < q.Known.Size && l.declared != "" && !l.made.After(q.At) && (l.url != declared.url || l.declared != declared.declared) {
			declared = l
		}
	}
	if declared.url == "" {
		declared = told[0] // asked of before it was published
	}
	for _, l := range told {
		if l.index < q.Known.Size && l.declared == "" && l.url == declared.url && !l.made.After(seenBy) {
			last = l
		}
	}
	switch {
	case last.url == "", seenBy.Sub(last.made) > 45*24*time.Hour:
		return NotKnown
	case last.seen == SeenGone:
		return No
	case last.digest == declared.declared:
		return Yes
	case last.seen == SeenOpen && !last.made.Before(declared.made):
		return Yes // the watcher's word: the text of a page is as it was
	}
	return NotKnown
}

// TestSighting: since when a document is changed or gone is told from the first
// time it was found so, without anything else in between.
func TestSighting(t *testing.T) {
	d := open(t).clone()
	d.publish(nil)
	for _, o := range []struct {
		made string
		seen Seen
	}{{"2026-06-01T00:00:00Z", SeenChanged}, {"2026-06-02T00:00:00Z", SeenOpen}, {"2026-06-03T00:00:00Z", SeenChanged},
		{"2026-06-04T00:00:00Z", SeenChanged}, {"2026-06-05T00:00:00Z", SeenGone}} {
		d.observe(o.made, o.seen)
	}
	rec := d.record(thames)
	for _, c := range []struct{ at, since string }{
		{"2026-06-01T12:00:00Z", "2026-06-01T00:00:00Z"}, {"2026-06-03T00:00:00Z", "2026-06-03T00:00:00Z"},
		{"2026-06-04T12:00:00Z", "2026-06-03T00:00:00Z"}, {"2026-06-06T00:00:00Z", "2026-06-05T00:00:00Z"},
	} {
		at := instant(t, c.at)
		s, ok := rec.Observed(rec.LinksAt(at)[0], at)
		if !ok || !s.Since.Equal(instant(t, c.since)) {
			t.Errorf("at %s: got %v since %v, want since %s", c.at, s.Seen, s.Since, c.since)
		}
	}
}
