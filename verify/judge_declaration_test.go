package verify

import "testing"

// A declarationCase is the story's declaration, observed open on 20 October
// 2026, changed in one thing, and asked about in Japan on 1 November 2026
// unless it says otherwise; the head is of 23 November 2026.
type declarationCase struct {
	name        string
	declaration func(*Declaration)
	then        func(*diary)
	in          Jurisdiction
	at          string
	want        expected
}

func declarationCases(t *testing.T) []declarationCase {
	no := false
	here := func(status Status, outcome Outcome, unmet string) expected {
		return expected{status, outcome, outcome, "", unmet}
	}
	eligible := here(StatusValid, EligibleForSimplified, "")
	class := func(c Class) func(*Declaration) { return func(d *Declaration) { d.Product.Traits.Class = c } }
	measure := func(by PartyID, in Territory, ground Ground, effect Effect) func(*diary) {
		return func(d *diary) {
			d.say(by, "2026-10-21T00:00:00Z", thames, &Taken{Measure: "M-1", Territory: in, Ground: ground, Notice: OtherNotice, Effect: effect, From: day(t, "2026-10-21")})
		}
	}
	withheld := func(d *diary) {
		d.say("meti", "2026-10-21T00:00:00Z", thames, &Withheld{day(t, "2026-10-21"), "f67e040bbd3da8a8d7dd9b4bceda19b74ad99340b8472e538aa8aefe3c3a959d"})
	}
	notified := func(d *diary) {
		d.say("meti", "2026-10-21T00:00:00Z", "", &Noticed{NoticeOn: day(t, "2026-10-21"), EndsOn: day(t, "2026-10-28")})
	}
	seen := func(seen Seen) func(*diary) {
		return func(d *diary) { d.observe("2026-10-25T00:00:00Z", seen) }
	}
	moved := func(d *diary) {
		d.say("thames-iot", "2026-10-25T00:00:00Z", thames, &LinkAmended{URL: "https://thames.example/new", SHA256: "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752", Language: "en"})
	}
	return []declarationCase{
		{"a declaration in good standing: MoC 3(2)(a)", nil, nil, "", "", eligible},

		{"last second before its first day, in London", nil, nil, "", "2026-05-11T22:59:59Z", here(StatusNotYet, NotRecognised, "accord-valid: no, accord-open: ?")},
		{"first second of its first day", nil, nil, "", "2026-05-11T23:00:00Z", here(StatusValid, Undetermined, "accord-open: ?")},
		{"last second of its support period, in London: MoC 2(8)", func(d *Declaration) { d.Support = Support{Text: Text{EN: "short"}, End: day(t, "2026-10-31")} }, nil, "", "2026-10-31T23:59:59Z", eligible},
		{"first second after it", func(d *Declaration) { d.Support = Support{Text: Text{EN: "short"}, End: day(t, "2026-10-31")} }, nil, "", "2026-11-01T00:00:00Z", here(StatusExpired, NotRecognised, "accord-valid: no")},
		{"withdrawn", nil, func(d *diary) {
			d.say("thames-iot", "2026-10-21T00:00:00Z", thames, &Withdrawn{From: day(t, "2026-10-21")})
		}, "", "", here(StatusWithdrawn, NotRecognised, "accord-valid: no")},
		{"withdrawn: the last second before, in London", nil, func(d *diary) {
			d.say("thames-iot", "2026-10-21T00:00:00Z", thames, &Withdrawn{From: day(t, "2027-07-01")})
		}, "", "2027-06-30T22:59:59Z", eligible},
		{"withdrawn: the first second", nil, func(d *diary) {
			d.say("thames-iot", "2026-10-21T00:00:00Z", thames, &Withdrawn{From: day(t, "2027-07-01")})
		}, "", "2027-06-30T23:00:00Z", here(StatusWithdrawn, NotRecognised, "accord-valid: no")},
		{"signed with a stolen key", nil, func(d *diary) {
			d.say("operator", "2026-10-21T00:00:00Z", "", &RetiredKey{"thames-iot", d.keys["thames-iot"], instant(t, "2026-05-01T00:00:00Z"), true})
		}, "", "", here(StatusUntrusted, NotRecognised, "accord-valid: no")},
		{"no end date: reg 2, Sch 4(e)", func(d *Declaration) { d.Support = Support{Text: Text{EN: "until I get bored"}} }, nil, "", "", here(StatusValid, NotRecognised, "accord-support-end: no")},
		{"something was said that nobody understands", nil, func(d *diary) {
			d.append(Entry{Index: int64(len(d.entries)), Logged: instant(t, "2026-10-21T00:00:00Z"), Key: d.keys["thames-iot"], Statement: Statement{Head: Head{Kind: future, By: "thames-iot", Code: thames}}})
		}, "", "", here(StatusValid, Undetermined, "accord-understood: ?")},

		{"one route through Singapore: MoC 3(3)", func(d *Declaration) { d.Routes.Support = BySGCLS }, nil, "", "", here(StatusValid, NotRecognised, "accord-third-party: no")},
		{"one route through Japan: nothing to recognise", func(d *Declaration) { d.Routes.Reporting = ByJCSTAR }, nil, "", "", here(StatusValid, NotApplicable, "accord-own-label: no")},
		{"another version of the standard: Sch 2 Condition A", func(d *Declaration) { d.Standards[0].Version = "V3.1.3" }, nil, "", "", here(StatusValid, Undetermined, "accord-standard: ?")},
		{"another date of the standard", func(d *Declaration) { d.Standards[0].Date = day(t, "2020-06-20") }, nil, "", "", here(StatusValid, Undetermined, "accord-standard: ?")},
		{"no standard, by Schedule 1 alone", func(d *Declaration) { d.Routes.Passwords, d.Standards = BySchedule1, nil }, nil, "", "", eligible},

		{"gone from the web: MoC 3(2)(a)", nil, seen(SeenGone), "", "", here(StatusValid, NotRecognised, "accord-open: no")},
		{"changed on the web", nil, seen(SeenChanged), "", "", here(StatusValid, Undetermined, "accord-open: ?")},
		{"gone, and open again", nil, func(d *diary) { seen(SeenGone)(d); d.observe("2026-10-26T00:00:00Z", SeenOpen) }, "", "", eligible},
		{"moved, and not observed there", nil, moved, "", "", here(StatusValid, Undetermined, "accord-open: ?")},
		{"not moved, another contact", nil, func(d *diary) {
			d.say("thames-iot", "2026-10-25T00:00:00Z", thames, &LinkAmended{Contact: &Contact{Email: "psirt@thames.example"}})
		}, "", "", eligible},
		{"moved, of a day before", nil, moved, "", "2026-10-24T23:59:59Z", eligible},
		{"moved, and observed there", nil, func(d *diary) {
			moved(d)
			d.say("operator", "2026-10-26T00:00:00Z", thames, &Observed{URL: "https://thames.example/new", Seen: SeenOpen, SHA256: "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"})
		}, "", "", eligible},
		{"before it was observed", nil, nil, "", "2026-10-19T23:59:59Z", here(StatusValid, Undetermined, "accord-open: ?")},
		{"when it was observed", nil, nil, "", "2026-10-20T00:00:00Z", eligible},
		{"a translation gone matters not", nil, func(d *diary) {
			d.say("watcher", "2026-10-26T00:00:00Z", thames, &Observed{URL: "https://thames.example/psti/soc-tc2-ja.pdf", Seen: SeenGone})
		}, "", "", eligible},

		{"industrial: s 54", func(d *Declaration) { d.Product.Traits.Market = Industrial }, nil, "", "", here(StatusValid, NotApplicable, "accord-scope-uk: no")},
		{"a smartphone: MoC 2(4)", class(Smartphone), nil, "", "", here(StatusValid, NotApplicable, "accord-scope-jp: no")},
		{"a charge point: Sch 3 para 2", class(EVChargePoint), nil, "", "", here(StatusValid, NotApplicable, "accord-scope-uk: no, accord-scope-jp: ?")},
		{"a car: in scope in Northern Ireland alone", class(Vehicle), nil, "", "", here(StatusValid, Undetermined, "accord-scope-uk: ?, accord-scope-jp: ?")},
		{"no IP", func(d *Declaration) { d.Product.Traits.IP = &no }, nil, "", "", here(StatusValid, NotApplicable, "accord-scope-uk: ?, accord-scope-jp: no")},

		{"notice given: last second, in Tokyo: MoC 11(3)", nil, notified, "", "2026-10-27T14:59:59Z", eligible},
		{"notice given: ended", nil, notified, "", "2026-10-27T15:00:00Z", here(StatusValid, NotRecognised, "accord-in-force: no")},
		{"withheld: MoC 3, no reason", nil, withheld, "", "", here(StatusValid, Unavailable, "accord-available: no")},
		{"a measure there: MoC 10(2)", nil, measure("meti", TerritoryJP, NationalSecurity, Bars), "", "", here(StatusValid, NotRecognised, "accord-measure-there: no")},
		{"a caution there", nil, measure("meti", TerritoryJP, NationalSecurity, Cautions), "", "", eligible},
		{"a measure at home on ground (d)", nil, measure("opss", TerritoryGBNIR, Requirements, Bars), "", "", here(StatusValid, NotRecognised, "accord-measure-home: no")},
		{"a measure at home on another ground", nil, measure("opss", TerritoryUK, LawsNotMet, Bars), "", "", eligible},

		{"at home, in Great Britain", nil, nil, InGB, "", expected{StatusValid, AtHome, "", "", ""}},
		{"at home, in Northern Ireland", nil, nil, InGBNIR, "", expected{StatusValid, AtHome, "", "", ""}},
	}
}

func (c declarationCase) judge(t *testing.T) Verdict {
	d := open(t)
	d.publish(c.declaration)
	d.observe("2026-10-20T00:00:00Z", SeenOpen)
	if c.then != nil {
		c.then(d)
	}
	at := c.at
	if at == "" {
		at = "2026-11-01T00:00:00Z"
	}
	return Judge(d.facts(thames, "2026-11-23T00:00:00Z"), Question{In: c.in, At: instant(t, at)})
}

func TestJudgeDeclaration(t *testing.T) {
	for _, c := range declarationCases(t) {
		if got := summary(c.judge(t)); got != c.want {
			t.Errorf("%s:\n got %+v\nwant %+v", c.name, got, c.want)
		}
	}
}

// An observation is relied on for 45 days, counted to the earlier of the
// instant asked about and the head.
func TestObservationGrowsOld(t *testing.T) {
	d := open(t)
	d.publish(nil)
	d.observe("2026-10-20T00:00:00Z", SeenOpen)
	for _, c := range []struct {
		name, at, head string
		want           Outcome
	}{
		{"45 days", "2026-12-04T00:00:00Z", "2027-01-01T00:00:00Z", EligibleForSimplified},
		{"a second more", "2026-12-04T00:00:01Z", "2027-01-01T00:00:00Z", Undetermined},
		{"asked of a later day, 45 days to the head", "2027-06-01T00:00:00Z", "2026-12-04T00:00:00Z", EligibleForSimplified},
		{"a second more to the head", "2027-06-01T00:00:00Z", "2026-12-04T00:00:01Z", Undetermined},
		{"asked of an earlier day, the head long after", "2026-11-01T00:00:00Z", "2029-01-01T00:00:00Z", EligibleForSimplified},
	} {
		v := Judge(d.facts(thames, c.head), Question{At: instant(t, c.at)})
		if got := v.Recognition.Outcome; got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
	fresh := Judge(d.facts(thames, "2026-11-01T00:00:00Z"), Question{})
	if got, want := fresh.NextChange, instant(t, "2026-12-04T00:00:01Z"); !got.Equal(want) {
		t.Errorf("next change: got %v, want %v, when the observation is too old", got, want)
	}
	if got, want := fresh.Recognition.Until, instant(t, "2031-05-30T23:00:00Z"); !got.Equal(want) {
		t.Errorf("until: got %v, want %v: what was seen is seen", got, want)
	}
}
