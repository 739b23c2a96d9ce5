package whatif

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tegata/verify"
	"tegata/web/i18n"
)

// Only what changes is told, once for places that are told the same of: not what
// is not met already, and of two courses why the imagined one turns.
func TestTell(t *testing.T) {
	bad := func(rules ...verify.RuleID) (all []Reason) {
		for _, r := range rules {
			all = append(all, Reason{verify.AccordLayer, verify.Reason{Rule: r, Met: verify.No}})
		}
		return all
	}
	day := func(n int) time.Time { return time.Date(2027, 1, n, 0, 0, 0, 0, time.UTC) }
	now := func(b ...verify.RuleID) Span {
		return Span{day(1), verify.StatusValid, verify.NotRecognised, "", "", bad(b...)}
	}
	ends := func(n int) Span {
		return Span{day(n), verify.StatusExpired, verify.NotRecognised, "", "", bad("label-accord-valid")}
	}
	for _, c := range []struct {
		name   string
		places []Place
		want   string
	}{
		{"nothing is imagined", []Place{
			{verify.InGB, []Span{now("label-accord-open"), ends(5)}, nil},
			{verify.InGBNIR, []Span{now("label-accord-open", "label-accord-scope"), ends(5)}, nil},
			{verify.InJP, []Span{now(), ends(6)}, nil},
		}, "GB GB-NIR: now 0 1; JP: now 0 1"},
		{"extended", []Place{{verify.InGB, []Span{now("a"), ends(5)}, []Span{now("a"), ends(9)}}}, "GB: then 0 1 now 0 0"},
		{"at once", []Place{{verify.InGB, []Span{now("a")}, []Span{now("a", "b")}}}, "GB: then 1 now 0"},
		{"nothing changes", []Place{
			{verify.InGB, []Span{now("a"), ends(5)}, []Span{now("a"), ends(5)}},
			{verify.InGBNIR, []Span{now(), ends(5)}, []Span{now(), ends(8)}},
		}, "GB: same now 0 1; GB-NIR: then 0 1 now 0 0"},
		{"another's answer", []Place{{verify.InGB, nil, []Span{now("a")}}, {verify.InGBNIR, nil, nil}}, "GB: then 1 now; GB-NIR: now"},
	} {
		a := Answer{Places: c.places}
		var got []string
		for _, told := range a.Tell(i18n.English) {
			s := strings.Trim(fmt.Sprint(told.In), "[]") + ":"
			if told.Same {
				s += " same"
			}
			count := func(name string, lines []Line) {
				s += " " + name
				for _, l := range lines {
					s += fmt.Sprint(" ", len(l.Because))
				}
			}
			if len(told.Then) > 0 {
				count("then", told.Then)
			}
			count("now", told.Now)
			got = append(got, s)
		}
		if got := strings.Join(got, "; "); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}
