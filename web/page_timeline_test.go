package web

import (
	"strconv"
	"strings"
	"testing"

	"tegata/verify"
	"tegata/web/i18n"
)

// part reads a position such as 12.50%.
func part(t *testing.T, s string) float64 {
	t.Helper()
	x, err := strconv.ParseFloat(strings.TrimSuffix(s, "%"), 64)
	if err != nil || !strings.HasSuffix(s, "%") || x < 0 || x > 100 {
		t.Fatalf("position %q", s)
	}
	return x
}

func TestTimeline(t *testing.T) {
	for _, c := range []struct {
		scene string
		rows  string // kind, and + where it is open, - where it has ended
	}{
		{"label treated as compliant", "label support accord+"},
		{"label revoked", "label- support accord+"},
		{"label expired", "label- support accord+"},
		{"label at home", "label support"},
		{"declaration eligible", "declaration support accord+"},
	} {
		view := sceneNamed(t, c.scene).page(t, i18n.English).Timeline
		if view == nil {
			t.Errorf("%s: no timeline", c.scene)
			continue
		}
		var rows []string
		part(t, view.Asked.X)
		for _, r := range view.Rows {
			name := r.Kind
			end := part(t, r.X) + part(t, r.Width)
			switch {
			case r.Open:
				name += "+"
				if end < 99.98 {
					t.Errorf("%s: %s is open and ends at %.2f%%", c.scene, r.Kind, end)
				}
			case r.Ended:
				name += "-"
			}
			if !strings.Contains(view.Alt, r.Name+": "+r.Sentence) {
				t.Errorf("%s: %q does not say %q", c.scene, view.Alt, r.Sentence)
			}
			rows = append(rows, name)
		}
		if got := strings.Join(rows, " "); got != c.rows {
			t.Errorf("%s: got rows %s, want %s", c.scene, got, c.rows)
		}
		last := -1.0
		for _, tick := range view.Ticks {
			x := part(t, tick.X)
			if x <= last {
				t.Errorf("%s: year %s at %.2f%%, after %.2f%%", c.scene, tick.Text, x, last)
			}
			last = x
		}
		if n := len(view.Ticks); n == 0 || n > yearsMost+1 {
			t.Errorf("%s: %d years are marked", c.scene, n)
		}
	}
	if p := sceneNamed(t, "unknown").page(t, i18n.English); p.Timeline != nil {
		t.Errorf("of an unknown code: got %+v", p.Timeline)
	}
}

// A day is as far from the day before wherever it stands.
func TestScale(t *testing.T) {
	from, to := verify.Date{Year: 2026, Month: 1, Day: 1}, verify.Date{Year: 2036, Month: 2, Day: 29}
	s := newScale(from, to)
	step := s.at(from.AddDays(1)) - s.at(from)
	last := s.at(from)
	for d := from.AddDays(1); !to.Before(d); d = d.AddDays(1) {
		x := s.at(d)
		if diff := x - last - step; diff > 1e-9 || diff < -1e-9 || x <= 0 || x >= 1 {
			t.Fatalf("%s at %f, the day before at %f", d, x, last)
		}
		last = x
	}
}
