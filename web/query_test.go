package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"tegata/verify"
)

func TestParseQuery(t *testing.T) {
	noon := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		text string
		want query
	}{
		{"", query{}},
		{"in=GB-NIR", query{in: verify.InGBNIR}},
		{"at=2026-06-01", query{day: verify.Date{Year: 2026, Month: 6, Day: 1}}},
		{"at=2026-06-01T12:00:00Z", query{at: noon}},
		{"at=2026-06-01T21:00:00%2B09:00", query{at: noon}},
		{"known=7", query{size: 7}},
		{"known=2026-06-01T12:00:00Z", query{then: noon}},
		{"known=2026-06-01", query{until: verify.Date{Year: 2026, Month: 6, Day: 1}}},
		{"model=WX-100&gtin=4912345678904", query{model: "WX-100", gtin: "4912345678904"}},
		{"utm_source=poster", query{}},
	} {
		got, p := parseQuery(asking(test.text))
		if p != nil || got != test.want {
			t.Errorf("parseQuery(%q) = %+v, %v, want %+v", test.text, got, p, test.want)
		}
	}
}

func TestParseQueryRefuses(t *testing.T) {
	for _, test := range []struct {
		text, field string
		rule        verify.FaultRule
	}{
		{"in=UK", "in", verify.NotOneOf},
		{"in=gb", "in", verify.NotOneOf},
		{"at=01/06/2026", "at", faultParamAt},
		{"at=2026-02-30", "at", faultParamAt},
		{"at=0001-01-01T00:00:00Z", "at", faultParamAt},
		{"at=2026-06-01&at=2026-06-02", "at", faultParamTwice},
		{"known=0", "known", faultParamKnown},
		{"known=-1", "known", faultParamKnown},
		{"known=99999999999999999999", "known", faultParamKnown},
		{"known=2026-06-31", "known", faultParamKnown},
		{"gtin=4912345678905", "gtin", verify.NotGTIN},
		{"model=" + strings.Repeat("x", textMost+1), "model", verify.TooLong},
		{"model=%00", "model", verify.BadText},
		{"model=%ff", "model", verify.BadText},
		{"number=%20", "number", verify.BadText},
		{"number=1&number=2", "number", faultParamTwice},
		{"scheme=zz", "scheme", verify.NotOneOf},
		{"known=05", "known", faultParamKnown},
		{"at=2026-06-01T12:00:00,5Z", "at", faultParamAt},
		{"in=%zz", "", faultParamQuery},
		{"in=JP;at=2020-01-01", "", faultParamQuery},
	} {
		_, p := parseQuery(asking(test.text))
		if p == nil || len(p.faults) != 1 || p.faults[0].Field != test.field || p.faults[0].Rule != test.rule {
			t.Errorf("parseQuery(%q) = %v, want the one fault %s: %s", test.text, p, test.field, test.rule)
		}
	}
	_, p := parseQuery(asking("in=FR&at=x&known=x&gtin=x"))
	if p == nil || len(p.faults) != 4 {
		t.Errorf("four faults at once: got %v", p)
	}
}

// asking is a request with those parameters.
func asking(query string) *http.Request {
	return &http.Request{URL: &url.URL{Path: "/", RawQuery: query}}
}

// FuzzParseQuery: a query is read or every fault in it is named; what is read is
// within its limits.
func FuzzParseQuery(f *testing.F) {
	f.Add("in=GB&at=2026-06-01&known=7&model=WX-100&gtin=4912345678904")
	f.Add("at=2026-06-01T12:00:00.5+09:00&known=2026-06-01T12:00:00Z")
	f.Add("at=&at=&in=%00")
	f.Fuzz(func(t *testing.T, text string) {
		q, p := parseQuery(asking(text))
		if p != nil {
			if len(p.faults) == 0 || q != (query{}) {
				t.Errorf("%q: refused with %v and %+v", text, p.faults, q)
			}
			return
		}
		if len(q.model) > textMost || q.size < 0 || !q.at.IsZero() && (q.at.Year() < 1900 || q.at.Year() > 9999) {
			t.Errorf("%q: read as %+v", text, q)
		}
		if q.gtin != "" {
			if _, err := verify.ParseGTIN(q.gtin); err != nil {
				t.Errorf("%q: %v", text, err)
			}
		}
	})
}
