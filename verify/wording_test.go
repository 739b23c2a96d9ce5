package verify

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Whatever was said and asked, a verdict put together from its wording is what
// encoding/json makes of it.
func TestWording(t *testing.T) {
	base := open(t)
	texts := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "WX-100", `a"b\c`, "<&>", "\u2028\x7f\x00", "青葉", "\xff", `,"validity":`}))
	instants := rapid.Custom(func(r *rapid.T) time.Time {
		return instant(t, "1900-01-01T00:00:00Z").Add(time.Duration(rapid.Int64Range(0, 290*365*24*3600).Draw(r, "s"))*time.Second + time.Duration(rapid.SampledFrom([]int{0, 1, 120_000_000}).Draw(r, "ns")))
	})
	rapid.Check(t, func(r *rapid.T) {
		d := randomHistory(t, r, base)
		f := d.facts(rapid.SampledFrom([]Code{aoba, thames, third, "000000000012"}).Draw(r, "asked"), d.entries[len(d.entries)-1].Logged.Format(time.RFC3339))
		f.Log.Origin = texts.Draw(r, "origin")
		if rapid.Bool().Draw(r, "folded") {
			f = f.Fold()
		}
		for range 3 { // from what is kept too
			q := Question{
				In: Jurisdiction(rapid.SampledFrom([]string{"", "GB", "GB-NIR", "JP", `"`}).Draw(r, "in")),
				At: instants.Draw(r, "at"),
			}
			if rapid.Bool().Draw(r, "then") {
				q.Known = Known{rapid.Int64Range(0, f.Log.Size).Draw(r, "known"), instants.Draw(r, "known at")}
			}
			v := Judge(f, q)
			v.Match = randomMatch(r, texts)
			for _, html := range []bool{false, true} {
				got := "{" + string(f.Wording(&v, html).Append(nil, &v)) + "}"
				if want := string(jsonOf(v, html)); got != want {
					r.Fatalf("html %t:\n got %s\nwant %s", html, got, want)
				}
			}
		}
	})
}

func randomMatch(r *rapid.T, texts *rapid.Generator[string]) *Match {
	var m Match
	if rapid.Bool().Draw(r, "by model") {
		m.Model = &ModelMatch{texts.Draw(r, "model"), rapid.Bool().Draw(r, "covered"), rapid.SliceOfN(texts, 0, 3).Draw(r, "near")}
	}
	if rapid.Bool().Draw(r, "by item") {
		m.GTIN = &GTINMatch{texts.Draw(r, "item"), rapid.Bool().Draw(r, "covered")}
	}
	if m == (Match{}) && rapid.Bool().Draw(r, "none") {
		return nil
	}
	return &m
}

// What others may write into a record cannot end a member of it.
func TestWordingOfNames(t *testing.T) {
	d := open(t)
	d.issue(func(l *Label) {
		l.Product.Name.EN = `","question":{},"validity":{},"recognition":{},"log":{}}`
		l.Product.Brand = "A & B <b>"
	})
	f := d.facts(aoba, "2026-11-23T10:00:00Z").Fold()
	v := Judge(f, Question{In: InGB})
	for _, html := range []bool{false, true} {
		got := "{" + string(f.Wording(&v, html).Append(nil, &v)) + "}"
		if want := string(jsonOf(v, html)); got != want || strings.Contains(got, "&") == html {
			t.Errorf("html %t:\n got %s\nwant %s", html, got, want)
		}
		var again Verdict
		if err := json.Unmarshal([]byte(got), &again); err != nil || again.Product.Name != v.Product.Name {
			t.Errorf("html %t: got %+v, %v", html, again.Product, err)
		}
	}
}

// Of folded facts a wording of usual size is made once for all who ask the same, and a
// large one is not kept; nor, however many instants are asked about, more than the last.
func TestWordingKept(t *testing.T) {
	for _, c := range []struct {
		models int
		kept   bool
	}{{14, true}, {400, false}} {
		d := open(t)
		d.issue(func(l *Label) {
			l.Product.Models = nil
			for n := range c.models {
				l.Product.Models = append(l.Product.Models, Model{Model: "WX-" + strconv.Itoa(n)})
			}
		})
		f := d.facts(aoba, "2026-11-23T10:00:00Z").Fold()
		wording := func(day string, html bool) *Wording {
			v := Judge(f, Question{In: InGB, At: instant(t, day+"T00:00:00Z")})
			return f.Wording(&v, html)
		}
		for _, html := range []bool{false, true} {
			first := wording("2026-11-24", html)
			if got := wording("2026-11-24", html) == first; got != c.kept {
				t.Errorf("of %d bytes: kept is %t, want %t", first.Len(), got, c.kept)
			}
			wording("2035-01-01", html)
			if wording("2026-11-24", html) == first {
				t.Errorf("of %d bytes: two are kept", first.Len())
			}
		}
		if wording("2026-11-24", true) == wording("2026-11-24", false) {
			t.Error("one wording, plain and escaped")
		}
	}
}
