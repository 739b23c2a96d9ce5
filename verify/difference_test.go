package verify

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Each case tells the story's label and declaration, and asks twice: at one
// instant and at another, of all that is known or of the log's first entries.
func TestDifferences(t *testing.T) {
	recall := &Taken{Measure: "UK-1", Territory: TerritoryUK, Ground: HealthOrSafety, Notice: RecallNotice, Effect: Bars, From: day(t, "2026-08-10")}
	const before, after = "2026-08-01T00:00:00Z", "2026-09-01T00:00:00Z"
	for _, c := range []struct {
		name    string
		code    Code
		tell    func(*diary)
		was, is string // instants
		known   bool   // only the first knows all; the second does not know what tell tells
		want    string
	}{
		{name: "nothing", code: aoba, was: before, is: after},
		{name: "revoked", code: aoba, was: before, is: after, tell: func(d *diary) { d.status("2026-08-05T00:00:00Z", StandsRevoked, "2026-08-10") },
			want: `status valid revoked
outcome treated_as_compliant not_recognised
since 2026-04-01 2026-08-10
until 2026-08-09 -
outcome_from 2026-03-31T15:00:00Z 2026-08-09T15:00:00Z
outcome_until 2026-08-09T15:00:00Z -
layer accord treated_as_compliant not_recognised
rule label-accord-valid yes no
layer statute treated_as_compliant not_recognised
rule label-statute-security yes no
rule label-statute-statement yes no
began label.status 0 2026-08-09T15:00:00Z`},
		{name: "revoked, as nobody knew then", code: aoba, was: after, is: after, known: true, tell: func(d *diary) { d.status("2026-08-05T00:00:00Z", StandsRevoked, "2026-08-10") },
			want: `status valid revoked
outcome treated_as_compliant not_recognised
since 2026-04-01 2026-08-10
outcome_from 2026-03-31T15:00:00Z 2026-08-09T15:00:00Z
outcome_until 2028-03-31T15:00:00Z -
layer accord treated_as_compliant not_recognised
rule label-accord-valid yes no
layer statute treated_as_compliant not_recognised
rule label-statute-security yes no
rule label-statute-statement yes no
entered label.status 0 2026-08-09T15:00:00Z`},
		{name: "nothing was known then", code: third, was: after, is: after, known: true, tell: func(d *diary) {
			d.say("ipa", "2026-08-05T00:00:00Z", third, &Issued{thirdParty(t)})
		}, want: `status unknown valid
outcome unknown layers_differ
entered label.issued 0 2026-06-30T15:00:00Z`},
		{name: "expired, by time alone", code: aoba, was: "2028-03-31T14:59:59Z", is: "2028-03-31T15:00:00Z",
			want: `status valid expired
outcome treated_as_compliant not_recognised
since 2026-04-01 2028-04-01
outcome_from 2026-03-31T15:00:00Z 2028-03-31T15:00:00Z
outcome_until 2028-03-31T15:00:00Z -
layer accord treated_as_compliant not_recognised
rule label-accord-valid yes no
layer statute treated_as_compliant not_recognised
rule label-statute-security yes no
rule label-statute-statement yes no`},
		{name: "models and contact", code: aoba, was: before, is: after, tell: func(d *diary) {
			d.say("ipa", "2026-08-05T00:00:00Z", aoba, &Amended{Models: []Model{{Model: "WX-100", GTINs: []string{"04912345678904"}}, {Model: "WX-300"}}, Contact: &Contact{Email: "a@aoba.example"}})
		}, want: `model WX-100N {WX-100N []} -
model WX-300 - {WX-300 []}
contact {https://aoba.example/security psirt@aoba.example} { a@aoba.example}
began label.amended 0 2026-08-05T00:00:00Z`},
		{name: "extended", code: aoba, was: before, is: after, tell: func(d *diary) { d.say("ipa", "2026-08-05T00:00:00Z", aoba, &Extended{day(t, "2028-04-30")}) },
			want: `last_day 2028-03-31 2028-04-30
until 2028-04-30 -
began label.extended 0 2026-08-05T00:00:00Z`},
		{name: "a measure, and what lifts it", code: aoba, was: "2026-08-15T00:00:00Z", is: after, tell: func(d *diary) {
			d.say("opss", "2026-08-05T00:00:00Z", aoba, recall)
			d.say("opss", "2026-08-20T00:00:00Z", aoba, &Lifted{Measure: "UK-1", From: day(t, "2026-08-21")})
		}, want: `outcome not_recognised treated_as_compliant
outcome_from 2026-08-09T23:00:00Z 2026-08-20T23:00:00Z
outcome_until 2026-08-20T23:00:00Z 2028-03-31T15:00:00Z
layer accord not_recognised treated_as_compliant
rule label-accord-measure-there no yes
layer statute not_recognised treated_as_compliant
rule label-statute-notice no yes
measure UK-1 (opss) recall -
began measure.lifted 1 2026-08-20T23:00:00Z`},
		{name: "an observation that grew old", code: thames, was: "2026-06-20T00:00:00Z", is: after, tell: func(d *diary) { d.observe("2026-05-13T00:00:00Z", SeenOpen) },
			want: `outcome eligible_for_simplified_application undetermined
outcome_from 2026-05-13T00:00:00Z 2026-06-27T00:00:01Z
outcome_until 2026-06-27T00:00:01Z 2031-05-30T23:00:00Z
layer accord eligible_for_simplified_application undetermined
rule declaration-accord-open yes unknown`},
		{name: "a document that is gone", code: thames, was: "2026-08-05T00:00:00Z", is: after, tell: func(d *diary) {
			d.observe("2026-08-04T00:00:00Z", SeenOpen)
			d.observe("2026-08-20T00:00:00Z", SeenGone)
		}, want: `outcome eligible_for_simplified_application not_recognised
outcome_from 2026-08-04T00:00:00Z 2026-08-20T00:00:00Z
outcome_until 2026-08-20T00:00:00Z -
layer accord eligible_for_simplified_application not_recognised
rule declaration-accord-open yes no
document https://thames.example/psti/soc-tc2.pdf (4HD8-RVN1-C5PE) open gone
began declaration.observed 1 2026-08-20T00:00:00Z`},
		{name: "notice on the Memorandum", code: aoba, was: after, is: after, known: true, tell: func(d *diary) {
			d.say("dsit", "2026-08-20T00:00:00Z", "", &Noticed{NoticeOn: day(t, "2026-08-20"), EndsOn: day(t, "2026-08-25")})
		}, want: `outcome treated_as_compliant layers_differ
outcome_from 2026-03-31T15:00:00Z 2026-08-24T23:00:00Z
layer accord treated_as_compliant not_recognised
rule label-accord-in-force yes no
flag ends_on - ends_on
flag short_notice - short_notice
accord_ends - 2026-08-25
entered accord.noticed 0 2026-08-24T23:00:00Z`},
		{name: "revoked with a stolen key: what does not count began nothing", code: aoba, was: before, is: after, tell: func(d *diary) {
			d.status("2026-08-05T00:00:00Z", StandsRevoked, "2026-08-10")
			compromised(d, "2026-08-20T00:00:00Z", d.keys["ipa"], "2026-08-02T00:00:00Z")
		}, want: "began key.retired 1 2026-08-02T00:00:00Z"},
		{name: "revoked, and struck out", code: aoba, was: before, is: after, tell: func(d *diary) {
			id := d.status("2026-08-05T00:00:00Z", StandsRevoked, "2026-08-10")
			d.say("ipa", "2026-08-20T00:00:00Z", aoba, &StatusSaid{Status: StandsSuspended, From: day(t, "2026-08-10"), Corrects: id})
		}, want: `status valid suspended
outcome treated_as_compliant not_recognised
since 2026-04-01 2026-08-10
until 2026-08-09 -
outcome_from 2026-03-31T15:00:00Z 2026-08-09T15:00:00Z
outcome_until 2026-08-09T15:00:00Z -
layer accord treated_as_compliant not_recognised
rule label-accord-valid yes no
layer statute treated_as_compliant not_recognised
rule label-statute-security yes no
rule label-statute-statement yes no
began label.status 1 2026-08-09T15:00:00Z`},
		{name: "recognition withheld", code: aoba, was: before, is: after, tell: func(d *diary) {
			d.say("dsit", "2026-08-20T00:00:00Z", aoba, &Withheld{From: day(t, "2026-08-21"), Commitment: strings.Repeat("0", 64)})
		}, want: `outcome treated_as_compliant layers_differ
outcome_until 2026-08-20T23:00:00Z 2028-03-31T15:00:00Z
outcome_from 2026-03-31T15:00:00Z 2026-08-20T23:00:00Z
layer accord treated_as_compliant unavailable
rule label-accord-available yes no
began recognition.withheld 0 2026-08-20T23:00:00Z`},
	} {
		d := open(t)
		d.issue(nil)
		d.publish(func(p *Declaration) { p.Translations = nil })
		begin := int64(len(d.entries))
		if c.tell != nil {
			c.tell(d)
		}
		f := d.facts(c.code, "2028-04-01T00:00:00Z")
		f.Log.Time = instant(t, c.is)
		q := func(at string, size int64) Question { return Question{At: instant(t, at), Known: Known{Size: size}} }
		first, second := q(c.was, f.Log.Size), q(c.is, f.Log.Size)
		if c.known {
			first.Known.Size = begin
		}
		was, is := Judge(f, first), Judge(f, second)
		var lines []string
		for _, x := range Differences(&was, &is) {
			lines = append(lines, x.line())
		}
		for _, s := range f.Between(was.Question, is.Question) {
			lines = append(lines, fmt.Sprintf("%s %s %d %s", s.How, s.Kind, s.Index-begin, s.From.Format(time.RFC3339)))
		}
		if got, want := sorted(lines), sorted(strings.Split(c.want, "\n")); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, got, want)
		}
	}
}

// sorted joins lines in the order of their letters: which comes first is for the
// reader's ease.
func sorted(lines []string) string {
	slices.Sort(lines)
	return strings.Join(slices.DeleteFunc(lines, func(s string) bool { return s == "" }), "\n")
}

// thirdParty is the story's label through a third party.
func thirdParty(t *testing.T) Label {
	t.Helper()
	l := simplifiedLabel(t).Label
	l.Basis = Basis{Route: ThirdParty, Arrangement: "sg-cls"}
	return l
}

// line writes a difference in a line.
func (d Difference) line() string {
	value := func(v any) string {
		switch v := v.(type) {
		case nil:
			return "-"
		case time.Time:
			return v.Format(time.RFC3339)
		case MeasureInForce:
			return string(v.Notice)
		case Document:
			return string(v.Seen)
		}
		return fmt.Sprint(v)
	}
	name := string(d.Fact)
	if d.Of != "" {
		name += " " + d.Of
	}
	return name + " " + value(d.Was) + " " + value(d.Is)
}

// Whatever was said, two verdicts that differ in more than when they were asked
// for differ in a fact that is listed; the list read backwards is that of the
// verdicts exchanged; and what is not known to one of two questions came between.
func TestDifferencesComplete(t *testing.T) {
	base := open(t)
	rapid.Check(t, func(r *rapid.T) {
		d := randomHistory(t, r, base)
		code := rapid.SampledFrom([]Code{aoba, thames}).Draw(r, "asked")
		f := d.facts(code, d.entries[len(d.entries)-1].Logged.Add(time.Hour).Format(time.RFC3339))
		if code != thames {
			f.Related = [][]Entry{d.about(thames)}
		}
		in := rapid.SampledFrom([]Jurisdiction{"", InGB, InGBNIR, InJP}).Draw(r, "in")
		ask := func(name string) Verdict {
			size := rapid.Int64Range(1, f.Log.Size).Draw(r, name+" size")
			at := instant(t, "2026-03-01T00:00:00Z").Add(time.Duration(rapid.Int64Range(0, 5*365*24*3600).Draw(r, name+" at")) * time.Second)
			return Judge(f, Question{In: in, At: at, Known: Known{Size: size}})
		}
		was, is := ask("was"), ask("is")
		found, back := Differences(&was, &is), Differences(&is, &was)
		same := cmp.Diff(bare(was), bare(is))
		if known := was.Product != nil && is.Product != nil; (len(found) == 0) != (same == "") && known {
			r.Fatalf("got the differences %v of verdicts that differ so (-was +is):\n%s", found, same)
		}
		turned := map[string]bool{}
		for _, x := range back {
			x.Was, x.Is = x.Is, x.Was
			turned[x.line()] = true
		}
		for _, x := range found {
			if !turned[x.line()] {
				r.Fatalf("%s: not found when the verdicts are exchanged: %v", x.line(), back)
			}
		}
		steps := f.Between(was.Question, is.Question)
		for _, e := range f.Entries {
			i := slices.IndexFunc(steps, func(s Step) bool { return s.Index == e.Index })
			if entered := i >= 0 && steps[i].How == StepEntered; entered != (was.Question.Known.Includes(e) != is.Question.Known.Includes(e)) {
				r.Fatalf("entry %d: got entered between %v", e.Index, entered)
			}
			if i >= 0 && (steps[i].Counts == "" || steps[i].How == StepBegan && steps[i].Counts != Counted) {
				r.Fatalf("entry %d: got %s between, %s", e.Index, steps[i].How, steps[i].Counts)
			}
		}
	})
}

// bare is a verdict without what says when it was asked for, and without what
// follows from the outcome.
func bare(v Verdict) Verdict {
	v.Question, v.Log, v.NextChange, v.Caveats = Question{}, Log{}, time.Time{}, nil
	if v.Validity.Until == v.LastDay() {
		v.Validity.Until = Date{}
	}
	return v
}
