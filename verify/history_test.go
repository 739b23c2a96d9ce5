package verify

import (
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A historian writes a diary of whatever may be said, and some that may not,
// drawn at random: a label that rests on a declaration, and what follows.
type historian struct {
	*diary
	r      *rapid.T
	now    time.Time
	status []string // ids of what was said of the label's status
	keys   byte     // made so far
}

func randomHistory(t *testing.T, r *rapid.T, base *diary) *diary {
	d := base.clone()
	d.keys = map[PartyID]KeyID{}
	for party, key := range base.keys {
		d.keys[party] = key
	}
	h := &historian{diary: d, r: r, now: instant(t, "2026-04-01T00:00:00Z"), keys: 10}
	label := specimenOf(t, LabelIssued).Statement
	l := &label.Body.(*Issued).Label
	l.Level = rapid.SampledFrom([]int{1, 1, 1, 2}).Draw(r, "level")
	l.Basis = rapid.SampledFrom([]Basis{{Route: OwnProcedure}, {Route: Simplified, Declaration: thames}, {Route: ThirdParty, Arrangement: "sg-cls"}}).Draw(r, "basis")
	h.traits(&l.Product.Traits)
	declaration := specimenOf(t, DeclarationPublished).Statement
	p := &declaration.Body.(*Published).Declaration
	p.Issued = day(t, "2026-03-01")
	p.Routes.Support = rapid.SampledFrom([]DeclaredRoute{BySchedule1, BySchedule1, BySGCLS, ByJCSTAR}).Draw(r, "route")
	if rapid.Bool().Draw(r, "without end") {
		p.Support.End = Date{}
	} else {
		p.Support.End = h.day("support end")
	}
	p.Support.AnchorDate = Date{}
	h.traits(&p.Product.Traits)
	h.attempt("ipa", aoba, label.Body)
	h.attempt("thames-iot", thames, declaration.Body)
	for range rapid.IntRange(0, 14).Draw(r, "statements") {
		h.now = h.now.Add(time.Duration(rapid.Int64Range(0, 200*24*3600).Draw(r, "pause")) * time.Second)
		h.next()
	}
	return d
}

func (h *historian) traits(traits *Traits) {
	truth := rapid.SampledFrom([]*bool{nil, new(bool), func() *bool { b := true; return &b }()})
	traits.NIEULaw = truth.Draw(h.r, "EU law")
	traits.Market = rapid.SampledFrom([]Market{Consumer, Consumer, BothSold, Industrial}).Draw(h.r, "market")
	traits.Class = rapid.SampledFrom(append([]Class{General, General, General}, Classes...)).Draw(h.r, "class")
}

// day draws a day from two months before now to two years after.
func (h *historian) day(what string) Date {
	return DateOf(h.now, time.UTC).AddDays(rapid.IntRange(-60, 730).Draw(h.r, what))
}

// attempt has a party say body now, if it may.
func (h *historian) attempt(by PartyID, code Code, body Body) {
	s := Statement{Head{kindOf(body), "0199f0c2-0000-7000-9000-" + strconv.Itoa(100000000000+len(h.entries)), "labels.example", by, h.now, code}, body}
	if len(h.enter(h.entry(s))) == 0 && s.Kind == LabelStatus {
		h.status = append(h.status, s.ID)
	}
}

func (h *historian) next() {
	yes := true
	code := rapid.SampledFrom([]Code{aoba, thames}).Draw(h.r, "code")
	side := rapid.SampledFrom([]PartyID{"meti", "dsit"}).Draw(h.r, "side")
	address := rapid.SampledFrom([]string{"https://thames.example/psti/soc-tc2.pdf", "https://thames.example/b"}).Draw(h.r, "address")
	number := rapid.SampledFrom([]string{"M-1", "M-2"}).Draw(h.r, "number")
	digest := "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"
	switch rapid.IntRange(0, 15).Draw(h.r, "what") {
	case 0, 1:
		b := &StatusSaid{Status: rapid.SampledFrom([]Standing{StandsValid, StandsGrace, StandsSuspended, StandsLapsed, StandsRevoked, StandsWithdrawn}).Draw(h.r, "status"), From: h.day("from")}
		if len(h.status) > 0 && rapid.Bool().Draw(h.r, "corrects") {
			b.Corrects = rapid.SampledFrom(h.status).Draw(h.r, "corrected")
		}
		h.attempt("ipa", aoba, b)
	case 2:
		h.attempt("ipa", aoba, &Extended{h.day("expires")})
	case 3:
		h.attempt("ipa", aoba, &Amended{Page: "https://labels.example/" + number})
	case 4:
		h.attempt("ipa", aoba, &Practised{h.day("from"), &yes, &yes, ""})
	case 5, 6:
		h.attempt("watcher", thames, &Observed{URL: address, Seen: rapid.SampledFrom([]Seen{SeenOpen, SeenOpen, SeenGone, SeenChanged}).Draw(h.r, "seen"), SHA256: digest})
	case 7:
		territory := TerritoryJP
		if side == "dsit" {
			territory = rapid.SampledFrom([]Territory{TerritoryGB, TerritoryGBNIR, TerritoryUK}).Draw(h.r, "territory")
		}
		h.attempt(side, code, &Taken{Measure: number, Territory: territory, Ground: rapid.SampledFrom([]Ground{HealthOrSafety, Requirements}).Draw(h.r, "ground"),
			Notice: OtherNotice, Effect: rapid.SampledFrom([]Effect{Bars, Cautions}).Draw(h.r, "effect"), From: h.day("from")})
	case 8:
		h.attempt(side, code, &Lifted{number, h.day("from")})
	case 9:
		h.attempt(side, code, &Withheld{h.day("from"), digest})
	case 10:
		h.attempt(side, code, &Restored{h.day("from")})
	case 11:
		h.attempt("thames-iot", thames, &LinkAmended{URL: address, SHA256: digest, Language: "en"})
	case 12:
		if rapid.Bool().Draw(h.r, "withdrawn") {
			h.attempt("thames-iot", thames, &Withdrawn{From: h.day("from")})
		} else {
			h.attempt("thames-iot", thames, &SupportExtended{Support{End: h.day("end")}})
		}
	case 13:
		h.attempt(side, "", &Noticed{NoticeOn: h.day("notice on"), EndsOn: h.day("ends on")})
	case 14:
		h.rotate(rapid.SampledFrom([]PartyID{"ipa", "thames-iot", "dsit"}).Draw(h.r, "whose key"))
	case 15:
		h.append(Entry{Index: int64(len(h.entries)), Logged: h.now, Key: h.diary.keys["ipa"], Statement: Statement{Head: Head{Kind: future, By: "ipa", Code: code, Made: h.now}}})
	}
}

// rotate gives a party a new key, says that the old one was stolen, and seals
// what may have to be sealed again.
func (h *historian) rotate(party PartyID) {
	key := demoKey(h.keys)
	h.keys++
	h.attempt(party, "", &AddedKey{party, key, h.now})
	old := h.diary.keys[party]
	h.diary.keys[party] = key.Thumbprint()
	stolen := h.now.Add(-time.Duration(rapid.IntRange(0, 400).Draw(h.r, "days")) * 24 * time.Hour)
	h.attempt("operator", "", &RetiredKey{party, old, stolen, true})
	if _, known := h.governance.keys[key.Thumbprint()]; !known {
		// The theft was before the new key: the operator has to help.
		h.attempt("operator", "", &AddedKey{party, key, h.now})
		h.now = h.now.Add(recoveryDelay)
	}
	h.attempt("ipa", aoba, specimenOf(h.t, LabelIssued).Body)
	h.attempt("thames-iot", thames, specimenOf(h.t, DeclarationPublished).Body)
}
