package verify

import (
	"slices"
	"strings"
	"testing"
)

// An expected is what a verdict must say: how it stands, what it counts for,
// and every condition that is not met ("rule: no") or not known ("rule: ?").
type expected struct {
	status   Status
	headline Outcome
	accord   Outcome
	statute  Outcome
	unmet    string
}

// summary of a verdict, its unmet conditions without the prefix of their scheme.
func summary(v Verdict) expected {
	e := expected{status: v.Validity.Status, headline: v.Recognition.Outcome}
	var unmet []string
	note := func(l *LayerAnswer) Outcome {
		if l == nil {
			return ""
		}
		for _, r := range l.Reasons {
			_, rule, _ := strings.Cut(string(r.Rule), "-")
			switch r.Met {
			case No:
				unmet = append(unmet, rule+": no")
			case NotKnown:
				unmet = append(unmet, rule+": ?")
			}
		}
		return l.Outcome
	}
	e.accord, e.statute = note(v.Recognition.Layers.Accord), note(v.Recognition.Layers.Statute)
	e.unmet = strings.Join(unmet, ", ")
	return e
}

// same is the answer of a label on which both layers agree.
func same(status Status, outcome Outcome, unmet string) expected {
	return expected{status, outcome, outcome, outcome, unmet}
}

// differ is the answer of a label on which they do not.
func differ(status Status, accord, statute Outcome, unmet string) expected {
	return expected{status, LayersDiffer, accord, statute, unmet}
}

const (
	invalid = "accord-valid: no, statute-security: no, statute-statement: no"
	inGrace = "accord-valid: ?, statute-security: ?, statute-statement: ?"
)

// A labelCase is the story's label, changed in one thing before it is issued or
// by one thing said later, and asked about in Great Britain on 1 November 2026
// unless it says otherwise.
type labelCase struct {
	name  string
	label func(*Label)
	then  func(*diary)
	in    Jurisdiction
	at    string
	want  expected
}

func labelCases(t *testing.T) []labelCase {
	yes, no := true, false
	class := func(c Class) func(*Label) { return func(l *Label) { l.Product.Traits.Class = c } }
	status := func(s Standing, from string) func(*diary) {
		return func(d *diary) { d.status("2026-06-01T00:00:00Z", s, from) }
	}
	measure := func(by PartyID, in Territory, ground Ground, effect Effect) func(*diary) {
		return func(d *diary) {
			d.say(by, "2026-10-01T00:00:00Z", aoba, &Taken{Measure: "M-1", Territory: in, Ground: ground, Notice: OtherNotice, Effect: effect, From: day(t, "2026-10-01")})
		}
	}
	withheld := func(d *diary) {
		d.say("dsit", "2026-10-01T00:00:00Z", aoba, &Withheld{day(t, "2026-10-01"), "f67e040bbd3da8a8d7dd9b4bceda19b74ad99340b8472e538aa8aefe3c3a959d"})
	}
	notified := func(d *diary) {
		d.say("dsit", "2026-06-01T00:00:00Z", "", &Noticed{NoticeOn: day(t, "2026-06-01"), EndsOn: day(t, "2026-10-01")})
	}
	simplified := func(l *Label) { l.Basis = Basis{Route: Simplified, Declaration: thames} }
	thirdParty := func(l *Label) { l.Basis = Basis{Route: ThirdParty, Arrangement: "sg-cls"} }
	early := func(l *Label) { l.Issued, l.Expires = day(t, "2025-11-01"), day(t, "2027-10-31") }
	stillTreated := same(StatusValid, TreatedAsCompliant, "")
	return []labelCase{
		{"a label in good standing: MoC 3(2)(b), Condition B", nil, nil, "", "", stillTreated},

		{"last second before its first day, in Tokyo", nil, nil, "", "2026-03-31T14:59:59Z", same(StatusNotYet, NotRecognised, invalid)},
		{"first second of its first day", nil, nil, "", "2026-03-31T15:00:00Z", stillTreated},
		{"last second of its last day, in Tokyo", nil, nil, "", "2028-03-31T14:59:59Z", stillTreated},
		{"first second after it: has expired", nil, nil, "", "2028-03-31T15:00:00Z", same(StatusExpired, NotRecognised, invalid)},
		{"suspended", nil, status(StandsSuspended, "2026-06-01"), "", "", same(StatusSuspended, NotRecognised, invalid)},
		{"grace: its meaning is not published", nil, status(StandsGrace, "2026-06-01"), "", "", same(StatusGrace, Undetermined, inGrace)},
		{"lapsed", nil, status(StandsLapsed, "2026-06-01"), "", "", same(StatusLapsed, NotRecognised, invalid)},
		{"revoked", nil, status(StandsRevoked, "2026-06-01"), "", "", same(StatusRevoked, NotRecognised, invalid)},
		{"withdrawn", nil, status(StandsWithdrawn, "2026-06-01"), "", "", same(StatusWithdrawn, NotRecognised, invalid)},
		{"said to be valid", nil, status(StandsValid, "2026-06-01"), "", "", stillTreated},
		{"revoked from a later day: the last second before", nil, status(StandsRevoked, "2026-11-02"), "", "2026-11-01T14:59:59Z", stillTreated},
		{"revoked from a later day: the first second", nil, status(StandsRevoked, "2026-11-02"), "", "2026-11-01T15:00:00Z", same(StatusRevoked, NotRecognised, invalid)},
		{"in grace when it is over: expired", nil, status(StandsGrace, "2026-06-01"), "", "2028-04-01T00:00:00Z", same(StatusExpired, NotRecognised, invalid)},
		{"revoked when it is over: revoked", nil, status(StandsRevoked, "2026-06-01"), "", "2028-04-01T00:00:00Z", same(StatusRevoked, NotRecognised, invalid)},
		{"extended in time", nil, func(d *diary) { d.say("ipa", "2028-02-01T00:00:00Z", aoba, &Extended{day(t, "2030-03-31")}) }, "", "2028-04-01T00:00:00Z", stillTreated},
		{"its first statement is signed with a stolen key", nil, func(d *diary) {
			compromised(d, "2026-06-01T00:00:00Z", d.keys["ipa"], "2026-03-01T00:00:00Z")
		}, "", "", same(StatusUntrusted, NotRecognised, invalid)},
		{"something was said that nobody understands", nil, func(d *diary) {
			d.append(Entry{Index: int64(len(d.entries)), Logged: instant(t, "2026-06-01T00:00:00Z"), Key: d.keys["ipa"], Statement: Statement{Head: Head{Kind: future, By: "ipa", Code: aoba}}})
		}, "", "", same(StatusValid, Undetermined, "accord-understood: ?, statute-understood: ?")},

		{"level 2: MoC 2(5), reg 3", func(l *Label) { l.Level = 2 }, nil, "", "", same(StatusValid, NotRecognised, "accord-level: no, statute-level: no")},
		{"a later revision of the criteria: reg 3", func(l *Label) { l.Criteria = "JST-CR-01-01-2026R1" }, nil, "", "", differ(StatusValid, TreatedAsCompliant, Undetermined, "statute-criteria: ?")},
		{"through a third party: MoC 3(3), the statute does not ask", thirdParty, nil, "", "", differ(StatusValid, NotRecognised, TreatedAsCompliant, "accord-third-party: no")},

		{"on a declaration that stands", simplified, nil, "", "", stillTreated},
		{"on a declaration that is not online any more", simplified, func(d *diary) { d.observe("2026-06-01T00:00:00Z", SeenGone) }, "", "", stillTreated},
		{"on a declaration withdrawn", simplified, func(d *diary) {
			d.say("thames-iot", "2026-06-01T00:00:00Z", thames, &Withdrawn{From: day(t, "2026-06-01")})
		}, "", "", differ(StatusValid, NotRecognised, TreatedAsCompliant, "accord-basis: no")},
		{"on a declaration nobody knows", func(l *Label) { l.Basis = Basis{Route: Simplified, Declaration: third} }, nil, "", "", differ(StatusValid, Undetermined, TreatedAsCompliant, "accord-basis: ?")},
		{"on what is no declaration", func(l *Label) { l.Basis = Basis{Route: Simplified, Declaration: aoba} }, nil, "", "", differ(StatusValid, Undetermined, TreatedAsCompliant, "accord-basis: ?")},

		{"industrial: s 54", func(l *Label) { l.Product.Traits.Market = Industrial }, nil, "", "", same(StatusValid, NotApplicable, "accord-scope-uk: no, statute-scope: no")},
		{"a smartphone: MoC 2(4)", class(Smartphone), nil, "", "", differ(StatusValid, NotApplicable, TreatedAsCompliant, "accord-scope-jp: no")},
		{"a computer: MoC 2(4), Sch 3 para 5", class(Computer), nil, "", "", same(StatusValid, NotApplicable, "accord-scope-jp: no, accord-scope-uk: no, statute-scope: no")},
		{"a charge point: Sch 3 para 2", class(EVChargePoint), nil, "", "", same(StatusValid, NotApplicable, "accord-scope-uk: no, statute-scope: no")},
		{"no IP: MoC 2(4), s 5", func(l *Label) { l.Product.Traits.IP = &no }, nil, "", "", differ(StatusValid, NotApplicable, Undetermined, "accord-scope-jp: no, accord-scope-uk: ?, statute-scope: ?")},
		{"Northern Ireland, whether EU law applies not known: Sch 3 para 1", nil, nil, InGBNIR, "", same(StatusValid, Undetermined, "accord-scope-uk: ?, statute-scope: ?")},
		{"Northern Ireland, EU law applies", func(l *Label) { l.Product.Traits.NIEULaw = &yes }, nil, InGBNIR, "", same(StatusValid, NotApplicable, "accord-scope-uk: no, statute-scope: no")},
		{"Northern Ireland, EU law does not apply", func(l *Label) { l.Product.Traits.NIEULaw = &no }, nil, InGBNIR, "", stillTreated},

		{"before the statute", early, nil, "", "2025-12-03T23:59:59Z", same(StatusValid, NotRecognised, "accord-in-force: no, statute-in-force: no")},
		{"the statute is in force, the Memorandum not yet", early, nil, "", "2025-12-04T00:00:00Z", differ(StatusValid, NotRecognised, TreatedAsCompliant, "accord-in-force: no")},
		{"last second of that", early, nil, "", "2025-12-31T23:59:59Z", differ(StatusValid, NotRecognised, TreatedAsCompliant, "accord-in-force: no")},
		{"both are in force", early, nil, "", "2026-01-01T00:00:00Z", stillTreated},
		{"renewed for another term: MoC 11(2)", nil, func(d *diary) { d.say("ipa", "2028-02-01T00:00:00Z", aoba, &Extended{day(t, "2030-03-31")}) }, "", "2029-01-01T00:00:00Z", stillTreated},
		{"notice given: last second, in London: MoC 11(3)", nil, notified, "", "2026-09-30T22:59:59Z", stillTreated},
		{"notice given: ended; the statute stays", nil, notified, "", "2026-09-30T23:00:00Z", differ(StatusValid, NotRecognised, TreatedAsCompliant, "accord-in-force: no")},

		{"withheld: MoC 3, no reason", nil, withheld, "", "", differ(StatusValid, Unavailable, TreatedAsCompliant, "accord-available: no")},
		{"withheld: the last second before, in London", nil, withheld, "", "2026-09-30T22:59:59Z", stillTreated},
		{"withheld, then restored", nil, func(d *diary) {
			withheld(d)
			d.say("dsit", "2026-10-20T00:00:00Z", aoba, &Restored{day(t, "2026-10-20")})
		}, "", "", stillTreated},
		{"a measure there: MoC 10(2), ss 28 to 30", nil, measure("opss", TerritoryGB, HealthOrSafety, Bars), "", "", same(StatusValid, NotRecognised, "accord-measure-there: no, statute-notice: no")},
		{"a measure there: the last second before, in London", nil, measure("opss", TerritoryGB, HealthOrSafety, Bars), "", "2026-09-30T22:59:59Z", stillTreated},
		{"a measure there, in the whole Kingdom", nil, measure("dsit", TerritoryUK, NationalSecurity, Bars), "", "", same(StatusValid, NotRecognised, "accord-measure-there: no, statute-notice: no")},
		{"a measure in Northern Ireland alone", nil, measure("opss", TerritoryGBNIR, HealthOrSafety, Bars), "", "", stillTreated},
		{"a measure in Great Britain alone, asked in Northern Ireland", func(l *Label) { l.Product.Traits.NIEULaw = &no }, measure("opss", TerritoryGB, HealthOrSafety, Bars), InGBNIR, "", stillTreated},
		{"a caution there", nil, measure("opss", TerritoryUK, LawsNotMet, Cautions), "", "", stillTreated},
		{"a measure at home on ground (d): MoC 10(2)(d)", nil, measure("meti", TerritoryJP, Requirements, Bars), "", "", differ(StatusValid, NotRecognised, TreatedAsCompliant, "accord-measure-home: no")},
		{"a measure at home on another ground", nil, measure("meti", TerritoryJP, HealthOrSafety, Bars), "", "", stillTreated},
		{"a caution at home on ground (d)", nil, measure("meti", TerritoryJP, Requirements, Cautions), "", "", stillTreated},
		{"a measure lifted", nil, func(d *diary) {
			measure("opss", TerritoryGB, HealthOrSafety, Bars)(d)
			d.say("opss", "2026-10-20T00:00:00Z", aoba, &Lifted{"M-1", day(t, "2026-10-20")})
		}, "", "", stillTreated},

		{"withheld, and through a third party: not recognised is said first", thirdParty, withheld, "", "", differ(StatusValid, NotRecognised, TreatedAsCompliant, "accord-third-party: no, accord-available: no")},
		{"withheld, and in grace: unavailable is said first", nil, func(d *diary) { status(StandsGrace, "2026-06-01")(d); withheld(d) }, "", "", differ(StatusGrace, Unavailable, Undetermined, "accord-valid: ?, accord-available: no, statute-security: ?, statute-statement: ?")},
		{"revoked, and industrial: not applicable is said first", func(l *Label) { l.Product.Traits.Market = Industrial }, status(StandsRevoked, "2026-06-01"), "", "", same(StatusRevoked, NotApplicable, "accord-valid: no, accord-scope-uk: no, statute-security: no, statute-statement: no, statute-scope: no")},

		{"at home", nil, nil, InJP, "", expected{StatusValid, AtHome, "", "", ""}},
		{"at home, whatever the validity", nil, status(StandsRevoked, "2026-06-01"), InJP, "", expected{StatusRevoked, AtHome, "", "", ""}},
	}
}

func (c labelCase) judge(t *testing.T) Verdict {
	d := open(t)
	d.issue(c.label)
	d.publish(nil)
	if c.then != nil {
		c.then(d)
	}
	at := c.at
	if at == "" {
		at = "2026-11-01T00:00:00Z"
	}
	return Judge(d.facts(aoba, "2030-01-01T00:00:00Z"), Question{In: c.in, At: instant(t, at)})
}

func TestJudgeLabel(t *testing.T) {
	for _, c := range labelCases(t) {
		if got := summary(c.judge(t)); got != c.want {
			t.Errorf("%s:\n got %+v\nwant %+v", c.name, got, c.want)
		}
	}
}

// Between them, the cases show every status, every outcome, and every rule both
// met and not.
func TestJudgeCasesAreComplete(t *testing.T) {
	statuses, outcomes, rules := map[Status]bool{}, map[Outcome]bool{}, map[string]bool{}
	note := func(v Verdict) {
		statuses[v.Validity.Status], outcomes[v.Recognition.Outcome] = true, true
		for _, l := range []*LayerAnswer{v.Recognition.Layers.Accord, v.Recognition.Layers.Statute} {
			if l == nil {
				continue
			}
			for _, r := range l.Reasons {
				rules[string(r.Rule)+" met "+map[bool]string{true: "yes", false: "otherwise"}[r.Met == Yes]] = true
			}
		}
	}
	for _, c := range labelCases(t) {
		note(c.judge(t))
	}
	for _, c := range declarationCases(t) {
		note(c.judge(t))
	}
	note(Judge(open(t).facts(aoba, "2030-01-01T00:00:00Z"), Question{}))
	for _, s := range Statuses {
		if !statuses[s] {
			t.Errorf("no case is %s", s)
		}
	}
	for _, o := range Outcomes {
		if !outcomes[o] {
			t.Errorf("no case is %s", o)
		}
	}
	for _, r := range Rules {
		for _, met := range []string{" met yes", " met otherwise"} {
			if !rules[string(r.ID)+met] {
				t.Errorf("no case has %s%s", r.ID, met)
			}
		}
	}
}

// Every rule has a name of its own, a sentence it stands on, and an outcome
// that a rule can have.
func TestRules(t *testing.T) {
	seen := map[RuleID]bool{}
	for _, r := range Rules {
		if seen[r.ID] {
			t.Errorf("%s: twice", r.ID)
		}
		seen[r.ID] = true
		if r.Cite.Source == "" || r.Cite.Ref == "" {
			t.Errorf("%s: no citation", r.ID)
		}
		if !slices.Contains(severity, r.Fails) {
			t.Errorf("%s: fails as %s", r.ID, r.Fails)
		}
	}
	for _, s := range []Scheme{JCSTAR, PSTI} {
		if n := len(rulesOf(s)); n > maxRules {
			t.Errorf("%s: got %d rules, want at most %d", s, n, maxRules)
		}
	}
	if got, want := len(seen), len(labelAccord)+len(labelStatute)+len(declarationAccord); got != want {
		t.Errorf("got %d rules, want %d", got, want)
	}
}
