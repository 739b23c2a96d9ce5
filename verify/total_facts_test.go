package verify

import (
	"slices"
	"testing"
	"time"
)

// traits are the options of a product's traits. What a scheme covers is taken
// from its sources class by class: MoC 2(4), SI 2023/1007 Sch 3.
func traits(of func(*combination) *Traits, labelled bool) [][]option {
	yes, no := true, false
	set := func(change func(*Traits)) func(*combination) { return func(c *combination) { change(of(c)) } }
	class := func(c Class, bars against, in Jurisdiction) option {
		return option{string(c), bars, in, set(func(t *Traits) { t.Class = c })}
	}
	// Of a label that Japan gave out, its scheme is out for what the Memorandum
	// excludes; a declaration is barred by either scheme.
	japan, kingdom := accordOnly, both
	classes := []option{
		{string(General), neither, "", set(func(t *Traits) { t.Class = General })},
		class(Smartphone, japan, ""), class(CellularTablet, japan, ""), class(Under14Computer, japan, ""), class(Computer, japan|kingdom, ""),
		class(EVChargePoint, kingdom, ""), class(Medical, kingdom, ""), class(SmartMeter, kingdom, ""),
	}
	if labelled {
		classes = append(classes, class(Vehicle, kingdom, InGB))
	} else {
		classes = append(classes, class(Vehicle, kingdom, ""))
	}
	return [][]option{
		{{"IP", neither, "", set(func(t *Traits) { t.IP = &yes })}, {"no IP", both, "", set(func(t *Traits) { t.IP = &no })}, {"IP not known", both, "", set(func(t *Traits) { t.IP = nil })}},
		{{"for consumers", neither, "", nil}, {"for both", neither, "", set(func(t *Traits) { t.Market = BothSold })}, {"for industry", both, "", set(func(t *Traits) { t.Market = Industrial })}},
		classes,
		{{"no EU law", neither, "", set(func(t *Traits) { t.NIEULaw = &no })}, {"EU law", both, InGBNIR, set(func(t *Traits) { t.NIEULaw = &yes })}, {"EU law not known", both, InGBNIR, set(func(t *Traits) { t.NIEULaw = nil })}},
	}
}

func saying(body Body) func(*combination) {
	return func(c *combination) { c.said = append(c.said, body) }
}

// shared are the facts that records of both schemes have; home and abroad are
// where they are at home and not.
func shared(t *testing.T) (withheld, understood []option) {
	withheld = []option{{"available", neither, "", nil}, {"withheld", accordOnly, "", saying(&Withheld{From: day(t, "2024-01-01")})}}
	understood = []option{{"understood", neither, "", nil}, {"not understood", both, "", saying(nil)}}
	return withheld, understood
}

func taken(t *testing.T, territory Territory, ground Ground, effect Effect) func(*combination) {
	return saying(&Taken{Measure: "M-1", Territory: territory, Ground: ground, Notice: OtherNotice, Effect: effect, From: day(t, "2024-01-01")})
}

// Every combination of the facts that the rules for labels look at.
func TestLabelsTotal(t *testing.T) {
	s := newStage(t,
		moment{"2025-12-03T23:59:59Z", both},
		moment{"2025-12-04T00:00:00Z", accordOnly},
		moment{"2025-12-31T23:59:59Z", accordOnly},
		moment{"2026-01-01T00:00:00Z", neither},
		moment{"2030-07-09T22:59:59Z", neither},
		moment{"2030-07-09T23:00:00Z", accordOnly})
	no := false
	s.label.Product.Traits.NIEULaw = &no

	label := func(change func(*Label)) func(*combination) { return func(c *combination) { change(&c.label) } }
	status := func(s Standing) option {
		return option{string(s), both, "", saying(&StatusSaid{Status: s, From: day(t, "2024-01-01")})}
	}
	resting := func(bodies ...Body) func(*combination) {
		return func(c *combination) {
			c.label.Basis, c.basis = Basis{Route: Simplified, Declaration: thames}, bodies
		}
	}
	expired, chained := s.text, s.text
	expired.Support.End = day(t, "2024-06-01")
	chained.Routes.Support = BySGCLS
	withheld, understood := shared(t)

	standings := []option{
		{"valid", neither, "", nil},
		{"said to be valid", neither, "", saying(&StatusSaid{Status: StandsValid, From: day(t, "2024-01-01")})},
		{"not yet", both, "", label(func(l *Label) { l.Issued = day(t, "2039-01-01") })},
		{"expired", both, "", label(func(l *Label) { l.Expires = day(t, "2024-06-01") })},
		{"untrusted", both, "", func(c *combination) { c.robbed = true }},
		status(StandsGrace), status(StandsSuspended), status(StandsLapsed), status(StandsRevoked), status(StandsWithdrawn),
	}
	bases := []option{
		{"own procedure", neither, "", nil},
		{"third party", accordOnly, "", label(func(l *Label) { l.Basis = Basis{Route: ThirdParty, Arrangement: "sg-cls"} })},
		{"on a declaration", neither, "", resting(&Published{s.text})},
		{"on one not known", accordOnly, "", resting()},
		{"on one withdrawn", accordOnly, "", resting(&Published{s.text}, &Withdrawn{From: day(t, "2024-02-01")})},
		{"on one that expired", accordOnly, "", resting(&Published{expired})},
		{"on one through Singapore", accordOnly, "", resting(&Published{chained})},
		{"on one not understood", accordOnly, "", resting(&Published{s.text}, nil)},
	}
	everything := [][]option{
		{{"level 1", neither, "", nil}, {"level 2", both, "", label(func(l *Label) { l.Level = 2 })}},
		{{"named criteria", neither, "", nil}, {"later criteria", statuteToo, "", label(func(l *Label) { l.Criteria = "JST-CR-01-01-2026R1" })}},
		standings, bases, withheld, understood,
		{
			{"no measure", neither, "", nil},
			{"stopped in Great Britain", both, InGB, taken(t, TerritoryGB, LawsNotMet, Bars)},
			{"stopped in Northern Ireland", both, InGBNIR, taken(t, TerritoryGBNIR, HealthOrSafety, Bars)},
			{"stopped in the Kingdom", both, "", taken(t, TerritoryUK, Requirements, Bars)},
			{"a caution in the Kingdom", neither, "", taken(t, TerritoryUK, Requirements, Cautions)},
			{"ground (d) at home", accordOnly, "", taken(t, TerritoryJP, Requirements, Bars)},
			{"ground (a) at home", neither, "", taken(t, TerritoryJP, HealthOrSafety, Bars)},
		},
	}
	products := append(traits(func(c *combination) *Traits { return &c.label.Product.Traits }, true), standings, bases[:2])
	for _, facts := range [][][]option{everything, products} {
		judged, positive := s.total(aoba, facts)
		t.Logf("%d answers, %d of them positive in a layer", judged, positive)
		if positive == 0 || positive == judged {
			t.Errorf("got %d positive answers of %d", positive, judged)
		}
	}
}

// Every combination of the facts that the rules for declarations look at.
func TestDeclarationsTotal(t *testing.T) {
	s := newStage(t,
		moment{"2025-12-31T14:59:59Z", accordOnly},
		moment{"2025-12-31T15:00:00Z", neither},
		moment{"2030-07-09T14:59:59Z", neither},
		moment{"2030-07-09T15:00:00Z", accordOnly})

	change := func(change func(*Declaration)) func(*combination) {
		return func(c *combination) { change(&c.declaration) }
	}
	route := func(route DeclaredRoute) func(*combination) {
		return change(func(d *Declaration) { d.Routes.Reporting = route })
	}
	// seen is what was found some time before each moment.
	seen := func(url string, seen Seen, before time.Duration) func(*combination) {
		return func(c *combination) {
			for _, at := range []time.Time{s.instant[1], s.instant[3]} {
				c.said = append(c.said, seenThen{&Observed{URL: url, Seen: seen}, at.Add(-before)})
			}
		}
	}
	withheld, understood := shared(t)
	week, stale := 7*24*time.Hour, 45*24*time.Hour+2*time.Second
	everything := [][]option{
		{
			{"Schedule 1", neither, "", change(func(d *Declaration) { d.Routes.Passwords = BySchedule1 })},
			{"the standard named", neither, "", nil},
			{"another version", accordOnly, "", change(func(d *Declaration) {
				d.Standards = []Standard{{etsiStandard, "V3.1.3", Date{2024, 9, 12}}}
			})},
		},
		{
			{"reporting by Schedule 1", neither, "", nil},
			{"by ISO/IEC 29147", neither, "", change(func(d *Declaration) {
				d.Routes.Reporting, d.Standards = ByISO29147, append(slices.Clip(d.Standards), Standard{isoStandard, "2018", Date{2018, 10, 1}})
			})},
			{"by an earlier ISO/IEC 29147", accordOnly, "", change(func(d *Declaration) {
				d.Routes.Reporting, d.Standards = ByISO29147, append(slices.Clip(d.Standards), Standard{isoStandard, "2014", Date{2014, 2, 15}})
			})},
			{"by Singapore's label", accordOnly, "", route(BySGCLS)},
			{"by Japan's label", accordOnly, "", route(ByJCSTAR)},
		},
		{
			{"an end of support", neither, "", nil},
			{"no end of support", accordOnly, "", change(func(d *Declaration) { d.Support.End = Date{} })},
			{"support is over", accordOnly, "", change(func(d *Declaration) { d.Support.End = day(t, "2024-06-01") })},
		},
		{
			{"valid", neither, "", nil},
			{"not yet", accordOnly, "", change(func(d *Declaration) { d.Issued = day(t, "2039-01-01") })},
			{"withdrawn", accordOnly, "", saying(&Withdrawn{From: day(t, "2024-02-01")})},
			{"untrusted", accordOnly, "", func(c *combination) { c.robbed = true }},
		},
		{
			{"open", neither, "", seen(s.text.URL, SeenOpen, week)},
			{"never observed", accordOnly, "", nil},
			{"open long ago", accordOnly, "", seen(s.text.URL, SeenOpen, stale)},
			{"gone", accordOnly, "", seen(s.text.URL, SeenGone, week)},
			{"changed", accordOnly, "", seen(s.text.URL, SeenChanged, week)},
			{"another address open", accordOnly, "", seen(s.text.Translations[0].URL, SeenOpen, week)},
		},
		withheld, understood,
		{
			{"no measure", neither, "", nil},
			{"stopped in Japan", accordOnly, "", taken(t, TerritoryJP, NationalSecurity, Bars)},
			{"a caution in Japan", neither, "", taken(t, TerritoryJP, NationalSecurity, Cautions)},
			{"ground (d) at home", accordOnly, "", taken(t, TerritoryUK, Requirements, Bars)},
			{"ground (d) in a part of home", accordOnly, "", taken(t, TerritoryGBNIR, Requirements, Bars)},
			{"ground (a) at home", neither, "", taken(t, TerritoryUK, HealthOrSafety, Bars)},
		},
	}
	products := append(traits(func(c *combination) *Traits { return &c.declaration.Product.Traits }, false), everything[2], everything[4])
	for _, facts := range [][][]option{everything, products} {
		judged, positive := s.total(thames, facts)
		t.Logf("%d answers, %d of them positive", judged, positive)
		if positive == 0 || positive == judged {
			t.Errorf("got %d positive answers of %d", positive, judged)
		}
	}
}
