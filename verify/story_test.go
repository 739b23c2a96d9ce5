package verify

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// everything compares what the package keeps to itself as well.
var everything = cmp.Exporter(func(reflect.Type) bool { return true })

// tell enters the whole story and calls before with each statement, just before
// it is entered.
func tell(t *testing.T, before func(*diary, specimen)) *diary {
	t.Helper()
	d := open(t)
	for _, s := range story(t)[7:] {
		if before != nil {
			before(d, s)
		}
		if faults := d.enter(d.entry(s.Statement)); len(faults) > 0 {
			t.Fatalf("%s: %v", s.name, faults)
		}
	}
	return d
}

func TestStoryEnters(t *testing.T) {
	d := tell(t, nil)
	for code, want := range map[Code]int{aoba: 9, thames: 5, "2WQ6TJX0M3KW": 1, third: 1} {
		r := d.record(code)
		if len(r.History) != want || r.Code != code {
			t.Errorf("%s: got %d statements of %s, want %d", code, len(r.History), r.Code, want)
		}
		for _, s := range r.History {
			if s.Counts != Counted {
				t.Errorf("%s: %s is %s, want counted", code, s.Kind, s.Counts)
			}
		}
	}
}

// What is folded at once is what was folded one by one.
func TestFoldIsApplyAndFollow(t *testing.T) {
	records := map[Code]Record{}
	governance := FoldGovernance(nil)
	d := tell(t, nil)
	for i, e := range d.entries {
		r := records[e.Code]
		next, faults := governance.Admit(r, e)
		if len(faults) > 0 {
			t.Fatalf("%s: %v", e.Kind, faults)
		}
		if e.Code == "" {
			governance = governance.Follow(e)
		} else {
			before := d.clone()
			before.entries = d.entries[:i]
			if diff := cmp.Diff(before.record(e.Code), r, everything); diff != "" {
				t.Errorf("%s changed the record it follows (-want +got):\n%s", e.Kind, diff)
			}
			records[e.Code] = next
		}
		var said []Entry
		for _, e := range d.entries[:i+1] {
			if e.Code == "" {
				said = append(said, e)
			}
		}
		if diff := cmp.Diff(FoldGovernance(said), governance, everything); diff != "" {
			t.Errorf("after %s (-folded +followed):\n%s", e.Kind, diff)
		}
	}
	for code, r := range records {
		if diff := cmp.Diff(d.record(code), r, everything); diff != "" {
			t.Errorf("%s (-folded +applied):\n%s", code, diff)
		}
	}
}

// Whatever a statement of the story is, it is not entered in another log, by
// another key, too late, or ahead of its time.
func TestStoryRefused(t *testing.T) {
	tell(t, func(d *diary, s specimen) {
		for _, c := range []struct {
			name   string
			change func(*Entry)
			want   string
		}{
			{"another origin", func(e *Entry) { e.Origin = "other.example" }, "origin: origin labels.example"},
			{"thirty days late", func(e *Entry) { e.Logged = e.Made.Add(30 * 24 * time.Hour) }, ""},
			{"later", func(e *Entry) { e.Logged = e.Made.Add(30*24*time.Hour + time.Millisecond) }, "made: made_late " + s.Made.Add(30*24*time.Hour).Format(time.RFC3339)},
			{"five minutes ahead", func(e *Entry) { e.Logged = e.Made.Add(-5 * time.Minute) }, ""},
			{"further ahead", func(e *Entry) { e.Logged = e.Made.Add(-5*time.Minute - time.Millisecond) }, "made: made_ahead " + s.Made.Add(-5*time.Minute-time.Millisecond).Format(time.RFC3339)},
			{"another key", func(e *Entry) { e.Key = d.keys[stranger(s.By)] }, "by: party " + string(stranger(s.By))},
			{"a key nobody has", func(e *Entry) { e.Key = demoKey(9).Thumbprint() }, "by: party"},
		} {
			e := d.entry(s.Statement)
			c.change(&e)
			_, faults := d.governance.Admit(d.record(e.Code), e)
			if got := lines(faults, true); got != c.want {
				t.Errorf("%s, %s: got %q, want %q", s.name, c.name, got, c.want)
			}
		}
	})
}

func stranger(by PartyID) PartyID {
	if by == "watcher" {
		return "meti"
	}
	return "watcher"
}

// Nobody writes in another's place: whoever else says a statement of the story
// with a key of its own is told why it may not.
func TestStoryByAnother(t *testing.T) {
	may := []string{
		"declaration.observed by operator", // whose watcher it is
		"key.retired by ipa",               // its own key
		"key.added by operator",            // recovery
		"accord.noticed by dsit",           // either Participant: MoC 11(3)
	}
	why := map[string]string{
		"key.added":                    "party: owner ipa",
		"key.retired":                  "party: owner ipa",
		"measure.taken by meti":        "territory: territory JP",
		"measure.taken by dsit":        "",
		"measure.lifted by meti":       "measure: no_measure UK-2026-17",
		"measure.lifted by dsit":       "measure: no_measure UK-2026-17",
		"recognition.withheld by meti": "by: side GB",
		"recognition.restored by meti": "by: side GB",
	}
	tell(t, func(d *diary, s specimen) {
		for by := range d.keys {
			if by == s.By {
				continue
			}
			other := s.Statement
			other.By = by
			_, faults := d.governance.Admit(d.record(s.Code), d.entry(other))
			want, special := why[string(s.Kind)+" by "+string(by)]
			if !special {
				want, special = why[string(s.Kind)]
			}
			if !special {
				want = "by: role " + list(kinds[s.Kind].roles)
			}
			if slices.Contains(may, string(s.Kind)+" by "+string(by)) {
				want = ""
			}
			if got := lines(faults, true); want == "" && got != "" || !strings.Contains(got, want) {
				t.Errorf("%s by %s: got %q, want %q", s.name, by, got, want)
			}
		}
	})
}
