package verify

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What is not asked is filled in and named.
func TestJudgeFillsIn(t *testing.T) {
	d := open(t)
	d.issue(nil)
	d.publish(nil)
	head := instant(t, "2026-11-23T10:00:00Z")
	for code, want := range map[Code]Jurisdiction{aoba: InGB, thames: InJP, third: ""} {
		f := d.facts(code, "2026-11-23T10:00:00Z")
		v := Judge(f, Question{})
		if diff := cmp.Diff(Question{want, head, Known{Size: 9}}, v.Question); diff != "" {
			t.Errorf("%s (-want +got):\n%s", code, diff)
		}
		if v.Code != code || v.Log != f.Log {
			t.Errorf("%s: got %s at %v, want the code and head of the facts", code, v.Code, v.Log)
		}
	}
}

// Unknown means not in this registry; there is nothing else to say.
func TestJudgeUnknown(t *testing.T) {
	for name, f := range map[string]Facts{
		"a registry without the code": open(t).facts(third, "2026-11-23T10:00:00Z"),
		"no registry at all":          {},
	} {
		v := Judge(f, Question{In: InGB, At: instant(t, "2026-11-01T00:00:00Z")})
		if got := summary(v); got != (expected{status: StatusUnknown, headline: UnknownHere}) {
			t.Errorf("%s: got %+v, want unknown and no layers", name, got)
		}
		if v.Scheme != "" || v.Product != nil || v.Measures == nil || v.Flags == nil || !v.NextChange.IsZero() {
			t.Errorf("%s: got %+v, want nothing but the question", name, v)
		}
	}
}

// A question asked from a place that is none still has one answer.
func TestJudgeElsewhere(t *testing.T) {
	d := open(t)
	d.issue(nil)
	v := Judge(d.facts(aoba, "2026-11-23T10:00:00Z"), Question{In: "FR"})
	if v.Recognition.Outcome == "" || v.Recognition.Layers.Accord == nil {
		t.Errorf("got %+v, want an answer", v.Recognition)
	}
}

func TestCaveatsAndFlags(t *testing.T) {
	abroad := []Caveat{NotBinding, OtherLaw, MinimumLevel}
	withdraw := func(on, ends string) func(*diary) {
		return func(d *diary) {
			d.say("meti", "2026-10-01T00:00:00Z", "", &Noticed{NoticeOn: day(t, on), EndsOn: day(t, ends)})
		}
	}
	for _, c := range []struct {
		name    string
		code    Code
		label   func(*Label)
		then    func(*diary)
		in      Jurisdiction
		caveats []Caveat
		flags   []Flag
	}{
		{"treated as compliant", aoba, nil, nil, "", abroad, []Flag{}},
		{"one layer alone says so", aoba, func(l *Label) { l.Basis = Basis{Route: ThirdParty, Arrangement: "sg-cls"} }, nil, "", abroad, []Flag{}},
		{"neither says so", aoba, func(l *Label) { l.Level = 2 }, nil, "", nil, []Flag{}},
		{"at home", aoba, nil, nil, InJP, nil, []Flag{}},
		{"eligible", thames, nil, nil, "", []Caveat{NotBinding, OtherLaw, NoLabel, RemainingCriteria}, []Flag{}},
		{"a circle", aoba, func(l *Label) { l.Basis = Basis{Route: Simplified, Declaration: thames} }, nil, "", abroad, []Flag{CircularBasis}},
		{"six months' notice", aoba, nil, withdraw("2026-10-01", "2027-04-01"), "", abroad, []Flag{EndsOn}},
		{"less", aoba, nil, withdraw("2026-10-01", "2027-03-31"), "", abroad, []Flag{EndsOn, ShortNotice}},
	} {
		d := open(t)
		d.issue(c.label)
		d.publish(nil)
		if c.then != nil {
			c.then(d)
		}
		d.observe("2026-10-20T00:00:00Z", SeenOpen)
		v := Judge(d.facts(c.code, "2026-11-01T00:00:00Z"), Question{In: c.in})
		if !slices.Equal(v.Caveats, c.caveats) || !slices.Equal(v.Flags, c.flags) {
			t.Errorf("%s: got %v, %v, want %v, %v", c.name, v.Caveats, v.Flags, c.caveats, c.flags)
		}
	}
}

// What is shown beside the answer: every measure in force, barring or not; the
// list of practice; the addresses of the declarations and what was seen there.
func TestVerdictShows(t *testing.T) {
	yes, no := true, false
	d := open(t)
	d.issue(func(l *Label) { l.Basis = Basis{Route: Simplified, Declaration: thames} })
	d.publish(nil)
	f := d.facts(aoba, "2026-11-01T00:00:00Z")
	if got := Judge(f, Question{}).Recognition.Layers.Practice; got == nil || *got != (Practice{}) {
		t.Errorf("practice of which nothing was said: got %+v, want nothing known", got)
	}
	d.say("ipa", "2026-06-01T00:00:00Z", aoba, &Practised{day(t, "2026-06-01"), &yes, &no, "https://labels.example/psti/7"})
	d.say("ipa", "2026-06-02T00:00:00Z", aoba, &Practised{day(t, "2026-12-01"), &no, &no, ""})
	for i, effect := range []Effect{Cautions, Bars} {
		d.say("opss", "2026-06-03T00:00:00Z", aoba, &Taken{Measure: string(rune('A' + i)), Territory: TerritoryGBNIR, Ground: LawsNotMet, Notice: ComplianceNotice, Effect: effect, From: day(t, "2026-06-03")})
	}
	d.observe("2026-10-20T00:00:00Z", SeenChanged)
	v := Judge(d.facts(aoba, "2026-11-01T00:00:00Z"), Question{})
	if got := v.Recognition.Layers.Practice; *got.PSTIListed != true || *got.EnglishInfo != false || got.Page == "" {
		t.Errorf("practice: got %+v, want listed, without English information", got)
	}
	r := d.record(aoba)
	for at, want := range map[string]bool{"2026-11-30T14:59:59Z": true, "2026-11-30T15:00:00Z": false} {
		if got := *r.practice(instant(t, at)).PSTIListed; got != want {
			t.Errorf("listed at %s: got %v, want %v", at, got, want)
		}
	}
	if len(v.Measures) != 2 || v.Measures[0].Measure != "A" || v.Measures[1].By != "opss" {
		t.Errorf("measures: got %+v, want A and B of opss", v.Measures)
	}
	want := []Document{
		{Code: thames, URL: "https://thames.example/psti/soc-tc2.pdf", Language: "en", SHA256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", Seen: SeenChanged,
			SeenAt: instant(t, "2026-10-20T00:00:00Z"), SeenSince: instant(t, "2026-10-20T00:00:00Z"), SeenSHA256: "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"},
		{Code: thames, URL: "https://thames.example/psti/soc-tc2-ja.pdf", Language: "ja", SHA256: "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"},
	}
	if diff := cmp.Diff(want, v.Declarations); diff != "" {
		t.Errorf("declarations (-want +got):\n%s", diff)
	}
	f = d.facts(aoba, "2026-11-01T00:00:00Z")
	f.Basis, f.Related = nil, [][]Entry{d.about(thames), d.about(thames), nil}
	if diff := cmp.Diff(want, Judge(f, Question{}).Declarations); diff != "" {
		t.Errorf("declarations of the same trade item, once each (-want +got):\n%s", diff)
	}
}

// A verdict is sent as JSON: no member that does not apply, and none that is
// null by accident.
func TestVerdictJSON(t *testing.T) {
	d := open(t)
	d.issue(nil)
	b, err := json.Marshal(Judge(d.facts(aoba, "2026-11-23T10:00:00Z"), Question{}))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Question    map[string]any
		Validity    map[string]any
		Recognition map[string]any
		Measures    []any
		NextChange  string `json:"next_change"`
	}
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ got, want any }{
		{got.Question, map[string]any{"in": "GB", "at": "2026-11-23T10:00:00Z", "known": 8.0}},
		{got.Validity, map[string]any{"status": "valid", "since": "2026-04-01", "until": "2028-03-31"}},
		{got.Recognition["outcome"], "treated_as_compliant"},
		{got.Recognition["since"], "2026-03-31T15:00:00Z"},
		{got.NextChange, "2028-03-31T15:00:00Z"},
		{got.Measures, []any{}},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%s\n(-want +got):\n%s", b, diff)
		}
	}
	for _, k := range []Known{{Size: 7}, {Time: instant(t, "2026-11-23T10:00:00Z")}} {
		b, _ := json.Marshal(k)
		var back Known
		if err := json.Unmarshal(b, &back); err != nil || back != k {
			t.Errorf("%s: got %+v, %v, want %+v", b, back, err, k)
		}
	}
	root := Root{1, 31: 2}
	b, _ = json.Marshal(root)
	var back Root
	if err := json.Unmarshal(b, &back); err != nil || back != root {
		t.Errorf("%s: got %x, %v, want %x", b, back, err, root)
	}
	if err := json.Unmarshal([]byte(`"AAAA"`), &back); err == nil {
		t.Error("a short root: got no error")
	}
}

// Words that are sent are read by other people's programs: they stay.
func TestWordsThatAreSent(t *testing.T) {
	var rules []string
	for _, r := range Rules {
		rules = append(rules, string(r.ID)+" "+string(r.Cite.Source))
	}
	for _, c := range []struct{ name, got, want string }{
		{"statuses", list(Statuses), "unknown, untrusted, revoked, withdrawn, lapsed, expired, suspended, grace, not_yet, valid"},
		{"outcomes", list(Outcomes), "treated_as_compliant, eligible_for_simplified_application, not_applicable, not_recognised, unavailable, undetermined, layers_differ, home, unknown"},
		{"jurisdictions", list(Jurisdictions), "GB, GB-NIR, JP"},
		{"schemes", list([]Scheme{JCSTAR, PSTI}), "jc-star, psti"},
		{"met", list([]Met{Yes, No, NotKnown}), "yes, no, unknown"},
		{"caveats", list([]Caveat{NotBinding, OtherLaw, MinimumLevel, RemainingCriteria, NoLabel}), "moc-8-1, moc-3-2-c, minimum-level, remaining-criteria, no-label"},
		{"flags", list([]Flag{CircularBasis, ShortNotice, EndsOn}), "circular_basis, short_notice, ends_on"},
		{"counting", list([]Counting{Counted, LeftOut, Struck, KindNotKnown, CannotFollow}), "counted, left_out, struck, kind_not_known, cannot_follow"},
		{"rules", list(rules), "label-accord-in-force moc, label-accord-level moc, label-accord-valid moc, label-accord-third-party moc, label-accord-basis moc, " +
			"label-accord-scope-jp moc, label-accord-scope-uk moc, label-accord-available moc, label-accord-measure-there moc, label-accord-measure-home moc, label-accord-understood moc, " +
			"label-statute-in-force si-2025-1267, label-statute-level si-2025-1267, label-statute-criteria si-2025-1267, label-statute-security si-2025-1267, label-statute-statement si-2025-1267, " +
			"label-statute-scope psti-act-2022, label-statute-notice psti-act-2022, label-statute-understood si-2025-1267, " +
			"declaration-accord-in-force moc, declaration-accord-valid moc, declaration-accord-support-end si-2023-1007, declaration-accord-third-party moc, declaration-accord-own-label si-2025-1267, " +
			"declaration-accord-standard si-2023-1007, declaration-accord-open moc, declaration-accord-scope-uk moc, declaration-accord-scope-jp moc, declaration-accord-available moc, " +
			"declaration-accord-measure-there moc, declaration-accord-measure-home moc, declaration-accord-understood moc"},
	} {
		if c.got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, c.got, c.want)
		}
	}
}
