package verify

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Each case starts from the story's label and declaration, adds what before
// says, and tries one more statement.
func TestRecordOrder(t *testing.T) {
	no := false
	recall := &Taken{Measure: "UK-1", Territory: TerritoryGB, Ground: HealthOrSafety, Notice: RecallNotice, Effect: Bars, From: day(t, "2026-10-01")}
	withheld := &Withheld{From: day(t, "2026-11-01"), Commitment: "f67e040bbd3da8a8d7dd9b4bceda19b74ad99340b8472e538aa8aefe3c3a959d"}
	support := func(end string) *SupportExtended {
		return &SupportExtended{Support{Text: Text{EN: "Until then"}, End: day(t, end)}}
	}
	revoked := func(d *diary) { d.status("2026-08-01T00:00:00Z", StandsRevoked, "2026-08-10") }
	withdrawn := func(d *diary) {
		d.say("thames-iot", "2026-08-01T00:00:00Z", thames, &Withdrawn{From: day(t, "2026-09-01")})
	}
	for _, c := range []struct {
		name   string
		before func(*diary)
		by     PartyID
		made   string
		code   Code
		body   Body
		want   string
	}{
		{"a code of which nothing was said", nil, "ipa", "2026-07-01T00:00:00Z", third, &Extended{day(t, "2030-03-31")}, "code: code_unknown"},
		{"a code used by a label", nil, "ipa", "2026-07-01T00:00:00Z", aoba, specimenOf(t, LabelIssued).Body, "code: code_used"},
		{"a code used by a declaration", nil, "ipa", "2026-07-01T00:00:00Z", thames, specimenOf(t, LabelIssued).Body, "by: owner thames-iot; code: code_used"},
		{"the label's words about a declaration", nil, "ipa", "2026-07-01T00:00:00Z", thames, &Practised{day(t, "2026-07-01"), &no, &no, ""}, "by: owner thames-iot; code: other_scheme psti"},
		{"the declaration's words about a label", nil, "watcher", "2026-07-01T00:00:00Z", aoba, &Observed{URL: "https://aoba.example/", Seen: SeenGone}, "code: other_scheme jc-star"},
		{"made before what the same party said last", nil, "ipa", "2026-03-31T23:59:59Z", aoba, &Extended{day(t, "2028-04-30")}, "made: made_before 2026-04-01T00:00:00Z"},
		{"made at the same second", nil, "ipa", "2026-04-01T00:00:00Z", aoba, &Extended{day(t, "2028-04-30")}, ""},
		{"another party said something later", func(d *diary) { d.say("opss", "2026-10-01T00:00:00Z", aoba, recall) }, "ipa", "2026-09-01T00:00:00Z", aoba, &Extended{day(t, "2028-04-30")}, ""},

		{"extended by two years", nil, "ipa", "2028-02-01T00:00:00Z", aoba, &Extended{day(t, "2030-03-31")}, ""},
		{"extended by a day more", nil, "ipa", "2028-02-01T00:00:00Z", aoba, &Extended{day(t, "2030-04-01")}, "expires: label_term 2030-03-31"},
		{"extended to the same day", nil, "ipa", "2028-02-01T00:00:00Z", aoba, &Extended{day(t, "2028-03-31")}, "expires: not_later 2028-03-31"},
		{"extended by a day", nil, "ipa", "2028-02-01T00:00:00Z", aoba, &Extended{day(t, "2028-04-01")}, ""},
		{"extended when it is over", nil, "ipa", "2028-06-01T00:00:00Z", aoba, &Extended{day(t, "2030-03-31")}, ""},
		{"extended again", func(d *diary) { d.say("ipa", "2028-02-01T00:00:00Z", aoba, &Extended{day(t, "2030-03-31")}) }, "ipa", "2028-03-01T00:00:00Z", aoba, &Extended{day(t, "2032-04-01")}, "expires: label_term 2032-03-31"},
		{"extended when it will be revoked", revoked, "ipa", "2026-08-01T00:00:00Z", aoba, &Extended{day(t, "2030-03-31")}, "code: final revoked 2026-08-10"},
		{"amended before it is revoked", revoked, "ipa", "2026-08-01T00:00:00Z", aoba, &Amended{Page: "https://labels.example/7"}, ""},
		{"amended when it is revoked", revoked, "ipa", "2026-08-09T15:00:00Z", aoba, &Amended{Page: "https://labels.example/7"}, "code: final revoked 2026-08-10"},
		{"a status before it is revoked", revoked, "ipa", "2026-08-01T00:00:00Z", aoba, &StatusSaid{Status: StandsSuspended, From: day(t, "2026-08-09")}, ""},
		{"a status when it is revoked", revoked, "ipa", "2026-08-01T00:00:00Z", aoba, &StatusSaid{Status: StandsValid, From: day(t, "2026-08-10")}, "code: final revoked 2026-08-10"},
		{"a status after a suspension", func(d *diary) { d.status("2026-08-01T00:00:00Z", StandsSuspended, "2026-08-01") }, "ipa", "2026-08-02T00:00:00Z", aoba, &StatusSaid{Status: StandsValid, From: day(t, "2026-08-02")}, ""},
		{"a correction of what nobody said", revoked, "ipa", "2026-08-01T00:00:00Z", aoba, &StatusSaid{Status: StandsValid, From: day(t, "2026-08-10"), Corrects: "0199f0c2-6d5e-7c3a-9a51-3f0b6a1c2d3e"}, "corrects: nothing_to_correct 0199f0c2-6d5e-7c3a-9a51-3f0b6a1c2d3e"},
		{"a practice when it is revoked", revoked, "ipa", "2026-09-01T00:00:00Z", aoba, &Practised{day(t, "2026-09-01"), &no, &no, ""}, ""},

		{"support to the same day", nil, "thames-iot", "2026-06-01T00:00:00Z", thames, support("2031-05-30"), "support.end: sch1_3_6 2031-05-30"},
		{"support shortened", nil, "thames-iot", "2026-06-01T00:00:00Z", thames, support("2030-05-30"), "support.end: sch1_3_6 2031-05-30"},
		{"support extended", nil, "thames-iot", "2026-06-01T00:00:00Z", thames, support("2031-05-31"), ""},
		{"support extended when it will be withdrawn", withdrawn, "thames-iot", "2026-08-01T00:00:00Z", thames, support("2031-05-31"), "code: final withdrawn 2026-09-01"},
		{"amended before it is withdrawn", withdrawn, "thames-iot", "2026-08-01T00:00:00Z", thames, &LinkAmended{Contact: &Contact{Email: "a@thames.example"}}, ""},
		{"amended when it is withdrawn", withdrawn, "thames-iot", "2026-08-31T23:00:00Z", thames, &LinkAmended{Contact: &Contact{Email: "a@thames.example"}}, "code: final withdrawn 2026-09-01"},
		{"withdrawn twice", withdrawn, "thames-iot", "2026-08-01T00:00:00Z", thames, &Withdrawn{From: day(t, "2026-10-01")}, "code: final withdrawn 2026-09-01"},
		{"observed when it is withdrawn", withdrawn, "watcher", "2026-10-01T00:00:00Z", thames, &Observed{URL: "https://thames.example/psti/soc-tc2.pdf", Seen: SeenGone}, ""},

		{"a measure's number twice", func(d *diary) { d.say("opss", "2026-10-01T00:00:00Z", aoba, recall) }, "opss", "2026-10-02T00:00:00Z", aoba, recall, "measure: measure_used UK-1"},
		{"a measure's number of another party", func(d *diary) { d.say("opss", "2026-10-01T00:00:00Z", aoba, recall) }, "dsit", "2026-10-02T00:00:00Z", aoba, recall, ""},
		{"a measure lifted that was not taken", nil, "opss", "2026-10-02T00:00:00Z", aoba, &Lifted{"UK-1", day(t, "2026-10-02")}, "measure: no_measure UK-1"},
		{"a measure lifted before it began", func(d *diary) { d.say("opss", "2026-10-01T00:00:00Z", aoba, recall) }, "opss", "2026-10-02T00:00:00Z", aoba, &Lifted{"UK-1", day(t, "2026-09-30")}, "from: not_earlier 2026-10-01"},
		{"a measure lifted on its first day", func(d *diary) { d.say("opss", "2026-10-01T00:00:00Z", aoba, recall) }, "opss", "2026-10-02T00:00:00Z", aoba, &Lifted{"UK-1", day(t, "2026-10-01")}, ""},
		{"a measure lifted twice", func(d *diary) {
			d.say("opss", "2026-10-01T00:00:00Z", aoba, recall)
			d.say("opss", "2026-10-02T00:00:00Z", aoba, &Lifted{"UK-1", day(t, "2026-10-02")})
		}, "opss", "2026-10-03T00:00:00Z", aoba, &Lifted{"UK-1", day(t, "2026-10-03")}, "measure: no_measure UK-1"},
		{"withheld twice", func(d *diary) { d.say("dsit", "2026-11-01T00:00:00Z", aoba, withheld) }, "dsit", "2026-11-02T00:00:00Z", aoba, withheld, "kind: is_withheld"},
		{"withheld by its own side", nil, "dsit", "2026-11-02T00:00:00Z", thames, withheld, "by: side JP"},
		{"restored and not withheld", nil, "dsit", "2026-11-02T00:00:00Z", aoba, &Restored{day(t, "2026-11-02")}, "kind: not_withheld"},
		{"restored before it was withheld", func(d *diary) { d.say("dsit", "2026-11-01T00:00:00Z", aoba, withheld) }, "dsit", "2026-11-02T00:00:00Z", aoba, &Restored{day(t, "2026-10-31")}, "from: not_earlier 2026-11-01"},
		{"withheld again", func(d *diary) {
			d.say("dsit", "2026-11-01T00:00:00Z", aoba, withheld)
			d.say("dsit", "2026-11-02T00:00:00Z", aoba, &Restored{day(t, "2026-11-02")})
		}, "dsit", "2026-11-03T00:00:00Z", aoba, withheld, ""},

		{"several reasons at once", revoked, "ipa", "2026-07-31T00:00:00Z", aoba, &Extended{day(t, "2028-03-31")}, "code: final revoked 2026-08-10; expires: not_later 2028-03-31; made: made_before 2026-08-01T00:00:00Z"},
	} {
		d := open(t)
		d.issue(nil)
		d.publish(nil)
		if c.before != nil {
			c.before(d)
		}
		if got := lines(d.try(c.by, c.made, c.code, c.body), true); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// Another issuer and another maker have the role, and still may not.
func TestRecordHasOneOwner(t *testing.T) {
	d := open(t)
	d.issue(nil)
	d.publish(nil)
	for id, role := range map[PartyID]Role{"ipa-2": Issuer, "severn": Maker} {
		key := demoKey(byte(len(id)))
		d.say("operator", "2026-06-01T00:00:00Z", "", &Enrolled{Party{id, Text{EN: "Another"}, role, JP, []JWK{key}, instant(t, "2026-06-01T00:00:00Z")}})
		d.keys[id] = key.Thumbprint()
	}
	if got, want := lines(d.try("ipa-2", "2026-07-01T00:00:00Z", aoba, &Extended{day(t, "2030-03-31")}), true), "by: owner ipa"; got != want {
		t.Errorf("another issuer: got %q, want %q", got, want)
	}
	if got, want := lines(d.try("severn", "2026-07-01T00:00:00Z", thames, &Withdrawn{From: day(t, "2026-07-01")}), true), "by: owner thames-iot"; got != want {
		t.Errorf("another maker: got %q, want %q", got, want)
	}
}

// What a registry should never have entered does not count when it is folded:
// a key in another's name, a role that may not, an owner of something else, a
// first statement that is missing.
func TestFoldLeavesOutWhatMayNot(t *testing.T) {
	d := open(t)
	d.issue(nil)
	d.publish(nil)
	revoke := d.statement("ipa", "2026-07-01T00:00:00Z", aoba, &StatusSaid{Status: StandsRevoked, From: day(t, "2026-07-01")})
	borrowed := d.entry(revoke)
	borrowed.Key = d.keys["watcher"]
	byMaker := revoke
	byMaker.By = "thames-iot"
	follower := revoke
	follower.Code = third
	strange := revoke
	strange.Kind, strange.Body, strange.Code = future, nil, third
	for name, e := range map[string]Entry{
		"a key in another's name":                        borrowed,
		"a role that may not":                            d.entry(byMaker),
		"a code without a first":                         d.entry(follower),
		"a kind nobody knows, of a code without a first": d.entry(strange),
	} {
		with := d.clone()
		with.append(e)
		r := with.record(e.Code)
		if last := r.History[len(r.History)-1]; last.Counts != CannotFollow {
			t.Errorf("%s: got %s, want %s", name, last.Counts, CannotFollow)
		}
		want := map[Code]Status{aoba: StatusValid, third: StatusUnknown}[e.Code]
		if v := Judge(with.facts(e.Code, "2026-11-23T00:00:00Z"), Question{}); v.Validity.Status != want {
			t.Errorf("%s: got %s, want %s", name, v.Validity.Status, want)
		}
	}
	enrol := d.statement("operator", "2026-07-01T00:00:00Z", "", &Enrolled{Party{"ipa-2", Text{EN: "False issuer"}, Issuer, JP, []JWK{demoKey(3)}, instant(t, "2026-07-01T00:00:00Z")}})
	borrowed = d.entry(enrol)
	borrowed.Key = d.keys["watcher"]
	d.append(borrowed)
	enrol.By = "thames-iot"
	d.append(d.entry(enrol))
	if _, enrolled := d.governance.Party("ipa-2"); enrolled {
		t.Error("a party was enrolled by a party that is not the operator")
	}
	if _, enrolled := FoldGovernance(d.governance.Entries()).Party("ipa-2"); enrolled {
		t.Error("a party was enrolled by a party that is not the operator, when folded")
	}
}

func TestRecordAt(t *testing.T) {
	d := tell(t, nil)
	label, declaration := d.record(aoba), d.record(thames)
	at := func(s string) time.Time { return instant(t, s) }
	for _, c := range []struct{ name, got, want string }{
		{"contact before it is amended", label.LabelAt(at("2026-05-31T23:59:59Z")).Contact.Vulnerability, "https://aoba.example/security"},
		{"contact when it is amended", label.LabelAt(at("2026-06-01T00:00:00Z")).Contact.Vulnerability, "https://aoba.example/report"},
		{"last day before it is extended", label.LabelAt(at("2028-01-31T23:59:59Z")).Expires.String(), "2028-03-31"},
		{"last day when it is extended", label.Ends(at("2028-02-01T00:00:00Z")).String(), "2030-03-31"},
		{"support of a label", label.SupportAt(at("2028-02-01T00:00:00Z")).End.String(), "2031-03-31"},
		{"support before it is extended", declaration.SupportAt(at("2028-04-30T23:59:59Z")).End.String(), "2031-05-30"},
		{"support when it is extended", declaration.SupportAt(at("2028-05-01T00:00:00Z")).End.String(), "2033-05-30"},
		{"support at first supply", declaration.DeclarationAt(at("2028-05-01T00:00:00Z")).Support.End.String(), "2031-05-30"},
		{"address before it is amended", declaration.DeclarationAt(at("2028-05-01T23:59:59Z")).URL, "https://thames.example/psti/soc-tc2.pdf"},
		{"address when it is amended", declaration.DeclarationAt(at("2028-05-02T00:00:00Z")).URL, "https://thames.example/psti/soc-tc2-v2.pdf"},
		{"reason before", label.Reason(at("2029-01-14T14:59:59Z")).EN, ""},
		{"reason when it is revoked", label.Reason(at("2029-01-14T15:00:00Z")).EN, "Surveillance found S1.1-02 not met"},
		{"reason long after it is revoked", label.Reason(at("2031-01-01T00:00:00Z")).EN, "Surveillance found S1.1-02 not met"},
		{"reason when it is withdrawn", declaration.Reason(at("2029-04-30T23:00:00Z")).EN, "Product discontinued"},
		{"kept for ten years", declaration.Declaration.retention().String(), "2036-05-11"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, c.got, c.want)
		}
	}
	for at, want := range map[string]int{"2026-09-30T22:59:59Z": 0, "2026-09-30T23:00:00Z": 1, "2026-11-30T23:59:59Z": 1, "2026-12-01T00:00:00Z": 0} {
		if got := len(label.MeasuresAt(instant(t, at))); got != want {
			t.Errorf("measures at %s: got %d, want %d", at, got, want)
		}
	}
}

// An amendment replaces what it names and nothing else.
func TestAmendments(t *testing.T) {
	d := open(t)
	d.issue(nil)
	d.publish(nil)
	holder, name := Firm{Name: Text{EN: "Wakaba K.K."}, Address: "2 Aoba"}, Text{EN: "Router"}
	support, contact := Support{Text: Text{EN: "Until 2032"}, End: day(t, "2032-01-01")}, Contact{Email: "a@wakaba.example"}
	models := []Model{{Model: "WX-101"}}
	d.say("ipa", "2026-06-01T00:00:00Z", aoba, &Amended{&holder, models, &name, "https://labels.example/new", &support, &contact})
	r := d.record(aoba)
	want := r.LabelAt(instant(t, "2026-05-31T23:59:59Z"))
	want.Holder, want.Product.Models, want.Product.Name, want.Page, want.Support, want.Contact = holder, models, name, "https://labels.example/new", support, contact
	if diff := cmp.Diff(want, r.LabelAt(instant(t, "2026-06-01T00:00:00Z"))); diff != "" {
		t.Errorf("label (-want +got):\n%s", diff)
	}
	translations := []Translation{{Language: "de", URL: "https://thames.example/de", SHA256: "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"}}
	d.say("thames-iot", "2026-06-01T00:00:00Z", thames, &LinkAmended{Translations: translations, Contact: &contact, Models: models})
	r = d.record(thames)
	declaration := r.DeclarationAt(instant(t, "2026-05-31T23:59:59Z"))
	declaration.Translations, declaration.Contact, declaration.Product.Models = translations, contact, models
	if diff := cmp.Diff(declaration, r.DeclarationAt(instant(t, "2026-06-01T00:00:00Z"))); diff != "" {
		t.Errorf("declaration (-want +got):\n%s", diff)
	}
}

// Apply does not change the record it follows, whatever it applies.
func TestApplyChangesNothing(t *testing.T) {
	d := open(t)
	d.issue(nil)
	d.say("opss", "2026-05-01T00:00:00Z", aoba, &Taken{Measure: "M-1", Territory: TerritoryGB, Ground: LawsNotMet, Notice: OtherNotice, Effect: Bars, From: day(t, "2026-05-01")})
	d.say("dsit", "2026-05-01T00:00:00Z", aoba, &Withheld{day(t, "2026-05-01"), "f67e040bbd3da8a8d7dd9b4bceda19b74ad99340b8472e538aa8aefe3c3a959d"})
	id := d.status("2026-06-01T00:00:00Z", StandsRevoked, "2026-06-01")
	for _, c := range []struct {
		by   PartyID
		body Body
	}{
		{"ipa", &StatusSaid{Status: StandsValid, From: day(t, "2026-06-01"), Corrects: id}},
		{"opss", &Lifted{"M-1", day(t, "2026-07-01")}},
		{"dsit", &Restored{day(t, "2026-07-01")}},
	} {
		before := d.record(aoba)
		next, faults := before.Apply(d.entry(d.statement(c.by, "2026-07-01T00:00:00Z", aoba, c.body)))
		if len(faults) > 0 || len(next.History) != len(before.History)+1 {
			t.Fatalf("%T: got %d statements, %v", c.body, len(next.History), faults)
		}
		if diff := cmp.Diff(d.record(aoba), before, everything); diff != "" {
			t.Errorf("%T (-was +is):\n%s", c.body, diff)
		}
	}
}
