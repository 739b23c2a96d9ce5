package status

import (
	"testing"
	"time"

	"tegata/verify"
)

// Each case starts from a label in good standing, a list of two hours ago, and
// changes one thing.
func TestCheck(t *testing.T) {
	at := func(s string) time.Time {
		t.Helper()
		when, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	listed := func(s Status) *List {
		l := aList(map[int64]Status{4711: s})
		return &l
	}
	later := func(l *List, by time.Duration) *List {
		l.Issued, l.Expires = l.Issued.Add(by), l.Expires.Add(by)
		return l
	}
	const now = "2026-11-23T12:00:00Z"
	until := aToken(nil).Expires
	psti := func(t *Token) { t.Number, t.By = "", "acme" }
	for _, tt := range []struct {
		name   string
		change func(*Token)
		list   *List
		now    string
		want   Reading
	}{
		{"in good standing", nil, listed(Valid), now, Reading{ReadValid, "ipa", until, ReadValid, issued}},
		{"revoked, withdrawn or lapsed", nil, listed(Invalid), now, Reading{ReadInvalid, "ipa", until, ReadInvalid, issued}},
		{"suspended", nil, listed(Suspended), now, Reading{ReadSuspended, "ipa", until, ReadSuspended, issued}},
		{"in grace, or by a compromised key", nil, listed(AskOnline), now, Reading{ReadAskOnline, "ipa", until, ReadAskOnline, issued}},
		{"no list", nil, nil, now, Reading{ReadNotListed, "ipa", until, "", time.Time{}}},
		{"another list", func(t *Token) { t.Status += ListSize }, listed(Invalid), now, Reading{ReadNotListed, "ipa", until, "", time.Time{}}},
		{"a list without address", nil, func() *List { l := listed(Valid); l.Sub = ""; return l }(), now, Reading{ReadNotListed, "ipa", until, "", time.Time{}}},
		{"second list", func(t *Token) { t.Status += ListSize }, func() *List { l := listed(Invalid); l.Sub = Address("https://labels.example", 1); return l }(), now,
			Reading{ReadInvalid, "ipa", until, ReadInvalid, issued}},
		{"another place", func(t *Token) { t.Status++ }, listed(Invalid), now, Reading{ReadValid, "ipa", until, ReadValid, issued}},

		{"last second of the list", nil, listed(Valid), "2026-11-23T21:59:59Z", Reading{ReadValid, "ipa", until, ReadValid, issued}},
		{"the list's exp", nil, listed(Valid), "2026-11-23T22:00:00Z", Reading{ReadNotConfirmed, "ipa", until, ReadValid, issued}},
		{"past it, suspended then", nil, listed(Suspended), "2026-11-23T22:00:00Z", Reading{ReadNotConfirmed, "ipa", until, ReadSuspended, issued}},
		{"past it, to be asked about then", nil, listed(AskOnline), "2026-11-23T22:00:00Z", Reading{ReadNotConfirmed, "ipa", until, ReadAskOnline, issued}},
		{"past it, invalid then: that is final", nil, listed(Invalid), "2027-11-23T22:00:00Z", Reading{ReadInvalid, "ipa", until, ReadInvalid, issued}},

		{"last second of the last day, in Tokyo", nil, later(listed(Valid), issuedUntil("2028-03-31T14:00:00Z")), "2028-03-31T14:59:59Z",
			Reading{ReadValid, "ipa", until, ReadValid, at("2028-03-31T14:00:00Z")}},
		{"first second after it", nil, later(listed(Valid), issuedUntil("2028-03-31T14:00:00Z")), "2028-03-31T15:00:00Z",
			Reading{ReadPast, "ipa", until, ReadValid, at("2028-03-31T14:00:00Z")}},
		{"after it, suspended", nil, later(listed(Suspended), issuedUntil("2028-03-31T14:00:00Z")), "2028-03-31T15:00:00Z",
			Reading{ReadPast, "ipa", until, ReadSuspended, at("2028-03-31T14:00:00Z")}},
		{"after it, invalid", nil, later(listed(Invalid), issuedUntil("2028-03-31T14:00:00Z")), "2028-03-31T15:00:00Z",
			Reading{ReadInvalid, "ipa", until, ReadInvalid, at("2028-03-31T14:00:00Z")}},
		{"after it, no list", nil, nil, "2028-03-31T15:00:00Z", Reading{ReadPast, "ipa", until, "", time.Time{}}},
		{"after it, an old list", nil, listed(Valid), "2028-03-31T15:00:00Z", Reading{ReadPast, "ipa", until, ReadValid, issued}},

		// 31 March 2028 is in British summer time.
		{"last second of the last day, in London", psti, later(listed(Valid), issuedUntil("2028-03-31T14:00:00Z")), "2028-03-31T22:59:59Z",
			Reading{ReadValid, "acme", until, ReadValid, at("2028-03-31T14:00:00Z")}},
		{"first second after it in London", psti, later(listed(Valid), issuedUntil("2028-03-31T14:00:00Z")), "2028-03-31T23:00:00Z",
			Reading{ReadPast, "acme", until, ReadValid, at("2028-03-31T14:00:00Z")}},

		{"a clock behind the list", nil, listed(Valid), "2020-01-01T00:00:00Z", Reading{ReadValid, "ipa", until, ReadValid, issued}},
		{"a clock behind the list, which is after the last day", nil, later(listed(Valid), issuedUntil("2028-03-31T15:00:00Z")), "2020-01-01T00:00:00Z",
			Reading{ReadPast, "ipa", until, ReadValid, at("2028-03-31T15:00:00Z")}},

		{"without a last day", func(t *Token) { t.Expires = verify.Date{} }, listed(Valid), now, Reading{ReadAskOnline, "ipa", verify.Date{}, ReadValid, issued}},
		{"without a last day, old list", func(t *Token) { t.Expires = verify.Date{} }, listed(Valid), "2026-11-23T22:00:00Z", Reading{ReadNotConfirmed, "ipa", verify.Date{}, ReadValid, issued}},
		{"without a last day, suspended", func(t *Token) { t.Expires = verify.Date{} }, listed(Suspended), now, Reading{ReadSuspended, "ipa", verify.Date{}, ReadSuspended, issued}},
		{"without a last day, no list", func(t *Token) { t.Expires = verify.Date{} }, nil, "9999-11-23T22:00:00Z", Reading{ReadNotListed, "ipa", verify.Date{}, "", time.Time{}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Check(aToken(tt.change), tt.list, at(tt.now)); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

// issuedUntil is how much later than the lists of these tests an instant is.
func issuedUntil(s string) time.Duration {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t.Sub(issued)
}

// Whatever a list says, and however old it is, only one thing reads valid: a last
// day that is printed and not over, in a list that is not too old and says so.
func TestNothingElseIsValid(t *testing.T) {
	for _, s := range []Status{Valid, Invalid, Suspended, AskOnline} {
		for _, hours := range []int{-1, 0, 1, 11, 12, 13, 10_000, 20_000} {
			for _, expires := range []verify.Date{{}, {Year: 2026, Month: 11, Day: 22}, {Year: 2026, Month: 11, Day: 23}, {Year: 2028, Month: 3, Day: 31}} {
				l := aList(map[int64]Status{4711: s})
				now := issued.Add(time.Duration(hours) * time.Hour)
				token := aToken(func(t *Token) { t.Expires = expires })
				seen := now
				if seen.Before(issued) {
					seen = issued
				}
				want := s == Valid && hours < 12 && !expires.IsZero() && seen.Before(expires.End(verify.Tokyo))
				if r := Check(token, &l, now); (r.Outcome == ReadValid) != want {
					t.Errorf("%d after %d hours, until %s: got %s", s, hours, expires, r.Outcome)
				}
				if r := Check(token, nil, now); r.Outcome != ReadNotListed && r.Outcome != ReadPast {
					t.Errorf("without a list: got %s", r.Outcome)
				}
			}
		}
	}
}
