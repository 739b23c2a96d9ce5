package main

import (
	"bufio"
	"bytes"
	"strings"
	"testing"
	"time"

	"tegata/verify"
	"tegata/web/i18n"
)

// verdictOf is a verdict as a registry sends it. Each case says only what it
// changes.
func verdictOf(change func(*verify.Verdict)) verify.Verdict {
	at := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	v := verify.Verdict{
		Code: "7K3MQ2ZT9XWE", Scheme: verify.JCSTAR,
		Product:  &verify.Product{Name: verify.Text{EN: "Router"}, Models: []verify.Model{{Model: "WX-100"}}},
		Label:    &verify.LabelFacts{Level: 1, Issued: verify.Date{Year: 2026, Month: 4, Day: 1}, Expires: verify.Date{Year: 2028, Month: 3, Day: 31}},
		Question: verify.Question{In: verify.InGB, At: at, Known: verify.Known{Size: 18}},
		Validity: verify.Validity{Status: verify.StatusValid, Since: verify.Date{Year: 2026, Month: 4, Day: 1}},
		Log:      verify.Log{Origin: "labels.example", Size: 18, Time: at},
	}
	v.Recognition.Outcome = verify.TreatedAsCompliant
	change(&v)
	return v
}

func TestHeadline(t *testing.T) {
	bar := func(n verify.Notice, in verify.Territory) verify.MeasureInForce {
		return verify.MeasureInForce{Taken: verify.Taken{Measure: "1", Territory: in, Notice: n, Effect: verify.Bars}, By: "opss"}
	}
	for _, c := range []struct {
		name   string
		change func(*verify.Verdict)
		want   string
		good   bool
	}{
		{"good standing", func(v *verify.Verdict) {}, "treated as compliant with the UK", true},
		{"at home", func(v *verify.Verdict) { v.Question.In, v.Recognition.Outcome = verify.InJP, verify.AtHome }, "valid in Japan.", true},
		{"at home, recalled", func(v *verify.Verdict) {
			v.Question.In, v.Recognition.Outcome = verify.InJP, verify.AtHome
			v.Measures = []verify.MeasureInForce{bar(verify.RecallNotice, verify.TerritoryJP)}
		}, "recall notice in Japan", false},
		{"barred elsewhere", func(v *verify.Verdict) {
			v.Measures = []verify.MeasureInForce{bar(verify.StopNotice, verify.TerritoryJP)}
		}, "treated as compliant with the UK", true},
		{"the gravest of several", func(v *verify.Verdict) {
			v.Measures = []verify.MeasureInForce{bar(verify.OtherNotice, verify.TerritoryGB), bar(verify.RecallNotice, verify.TerritoryUK), bar(verify.StopNotice, verify.TerritoryGB)}
		}, "recall notice in the United Kingdom", false},
		{"barred otherwise", func(v *verify.Verdict) {
			v.Measures = []verify.MeasureInForce{bar(verify.OtherNotice, verify.TerritoryGB)}
		}, "measure", false},
		{"another model", func(v *verify.Verdict) { v.Match = &verify.Match{Model: &verify.ModelMatch{Asked: "X"}} }, "does not list the product you asked about (X)", false},
		{"another barcode", func(v *verify.Verdict) {
			v.Match = &verify.Match{Model: &verify.ModelMatch{Asked: "X", Covered: true}, GTIN: &verify.GTINMatch{Asked: "4"}}
		}, "(4)", false},
		{"expired", func(v *verify.Verdict) { v.Validity.Status = verify.StatusExpired }, "expired at the end of 31 March 2028", false},
		{"not yet", func(v *verify.Verdict) { v.Validity.Status = verify.StatusNotYet }, "only from 1 April 2026", false},
		{"revoked", func(v *verify.Verdict) { v.Validity.Status = verify.StatusRevoked }, "revoked with effect from 1 April 2026", false},
		{"undetermined", func(v *verify.Verdict) { v.Recognition.Outcome = verify.Undetermined }, "cannot be determined", false},
		{"layers differ", func(v *verify.Verdict) {
			v.Recognition.Outcome = verify.LayersDiffer
			v.Recognition.Layers = verify.Layers{Accord: &verify.LayerAnswer{Outcome: verify.NotRecognised}, Statute: &verify.LayerAnswer{Outcome: verify.TreatedAsCompliant}}
		}, "“Not recognised” under the Memorandum, “Treated as compliant” under UK law", false},
		{"not here", func(v *verify.Verdict) { v.Recognition.Outcome = verify.UnknownHere }, "not in this registry", false},
		{"not here then", func(v *verify.Verdict) {
			v.Recognition.Outcome, v.Question.Known.Size = verify.UnknownHere, 3
		}, "not yet in this registry", false},
		{"an outcome of a newer registry", func(v *verify.Verdict) { v.Recognition.Outcome = "praised" }, "praised", false},
		{"a status of a newer registry", func(v *verify.Verdict) { v.Validity.Status = "resting" }, "resting", false},
	} {
		v := verdictOf(c.change)
		if got := (words{i18n.English}).headline(&v); !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q in it", c.name, got, c.want)
		}
		if got := good(&v); got != c.good {
			t.Errorf("%s: got good %t, want %t", c.name, got, c.good)
		}
	}
}

// TestAnswerTotal holds that every answer there can be is told in both
// languages, with no place left open.
func TestAnswerTotal(t *testing.T) {
	for _, l := range i18n.Languages {
		for _, scheme := range []verify.Scheme{verify.JCSTAR, verify.PSTI} {
			for _, status := range verify.Statuses {
				for _, outcome := range append(verify.Outcomes, "praised") {
					v := verdictOf(func(v *verify.Verdict) {
						v.Scheme, v.Validity.Status, v.Recognition.Outcome = scheme, status, outcome
						layer := &verify.LayerAnswer{Outcome: outcome}
						for _, r := range verify.Rules {
							layer.Reasons = append(layer.Reasons, verify.Reason{Rule: r.ID, Cite: r.Cite, Met: verify.NotKnown})
						}
						v.Recognition.Layers = verify.Layers{Accord: layer, Statute: layer, Practice: &verify.Practice{}}
						v.Flags = []verify.Flag{verify.CircularBasis, verify.ShortNotice, verify.EndsOn, "new"}
						v.Caveats = []verify.Caveat{verify.NotBinding, verify.OtherLaw, verify.MinimumLevel, verify.RemainingCriteria, verify.NoLabel}
						v.Measures = []verify.MeasureInForce{{Taken: verify.Taken{Measure: "1", Territory: verify.TerritoryUK, Ground: verify.Requirements, Notice: verify.OtherNotice, Effect: verify.Cautions}, By: "opss"}}
					})
					var b bytes.Buffer
					c := &console{out: bufio.NewWriter(&b)}
					c.tell(l, []verify.Verdict{v}, "")
					c.out.Flush()
					if got := b.String(); !strings.HasSuffix(got, "\n") || strings.ContainsAny(got, "{}") || strings.HasPrefix(got, "\n") {
						t.Errorf("%s %s %s %s: got %q", l, scheme, status, outcome, got)
					}
				}
			}
		}
	}
}
