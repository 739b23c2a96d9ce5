package web

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tegata/verify"
	"tegata/web/i18n"
)

// openDeclaration is the story's declaration, seen open three weeks before.
var openDeclaration = scene{name: "declaration open", code: declaration, at: "2026-06-02T00:00:00Z", in: verify.InJP}

// applicationOf is the pack of the story's declaration, changed.
func applicationOf(t *testing.T, change func(*verify.Declaration)) applicationBody {
	t.Helper()
	s := openDeclaration
	s.change = declared(change)
	f := s.facts(t)
	v := verify.Judge(f, verify.Question{In: s.in, At: instant(t, s.at)})
	if p := notEligible(&v); p != nil {
		t.Fatalf("refused: %s, %v", p.code, p.reasons)
	}
	return newApplicationBody(f.Record(verify.Known{}), v)
}

// strangeDeclaration has everything too long, too foreign, or not there.
func strangeDeclaration(d *verify.Declaration) {
	d.Language, d.Translations = "cy", nil
	d.Product.Name = verify.Text{EN: `"><script>alert(1)</script>` + strings.Repeat("Überlänge", 100)}
	d.Product.Models = nil
	for i := range 200 {
		d.Product.Models = append(d.Product.Models, verify.Model{Model: fmt.Sprintf("<b>%d", i)})
	}
	d.Signatory.Name = ""
	d.Support.Qualifier = verify.AtLeast
}

// TestApplicationCriteria: every criterion of ★1 is either answered by the
// statement or still to be declared, and none is both. A title from memory is
// shown to nobody.
func TestApplicationCriteria(t *testing.T) {
	a := applicationOf(t, func(*verify.Declaration) {})
	if len(a.Covered) != 3 || len(a.Remaining) != 13 {
		t.Fatalf("got %d and %d criteria, want 3 and 13", len(a.Covered), len(a.Remaining))
	}
	for i, want := range []struct {
		id, ref string
		route   verify.DeclaredRoute
	}{
		{"S1.1-02", "Sch 1 para 1", verify.ByETSI},
		{"S1.1-05", "Sch 1 para 2", verify.BySchedule1},
		{"S1.1-16", "Sch 1 para 3", verify.BySchedule1},
	} {
		c := a.Covered[i]
		if c.Criterion != want.id || c.Requirement != (verify.Cite{Source: verify.SI20231007, Ref: want.ref}) || c.Route != want.route || c.Title.IsZero() {
			t.Errorf("got %+v, want %+v", c, want)
		}
	}
	var all []string
	for _, c := range a.Covered {
		all = append(all, c.Criterion)
	}
	for _, c := range a.Remaining {
		all = append(all, c.Criterion)
		if unread := c.Criterion >= "S1.1-07"; c.Title.IsZero() != unread || c.Answer+c.Reason+c.Evidence != "" {
			t.Errorf("got %+v, want a title only where one was read, and nothing filled in", c)
		}
	}
	slices.Sort(all)
	for i, id := range slices.Compact(all) {
		if want := fmt.Sprintf("S1.1-%02d", i+1); id != want {
			t.Errorf("got criterion %s, want %s", id, want)
		}
	}
}

// TestApplicationAsSigned: the contents of Schedule 4 stay as they were signed;
// where the document is, and until when it is supported, are told as of now.
func TestApplicationAsSigned(t *testing.T) {
	s := openDeclaration
	s.at = "2028-05-20T00:00:00Z"
	moved := "https://thames.example/psti/soc-tc2-v2.pdf"
	s.change = said("watcher", declaration, verify.DeclarationObserved, "2028-05-19T00:00:00Z",
		&verify.Observed{URL: moved, Seen: verify.SeenOpen, SHA256: strings.Repeat("0", 64)})
	f := s.facts(t)
	v := verify.Judge(f, verify.Question{In: s.in, At: instant(t, s.at)})
	a := newApplicationBody(f.Record(verify.Known{}), v)
	if a.Outcome != verify.EligibleForSimplified {
		t.Fatalf("got %s: %+v", a.Outcome, a.Reasons)
	}
	signed := f.Record(verify.Known{}).Declaration
	if got, want := fmt.Sprint(a.Schedule4), fmt.Sprint(schedule4Body{signed.Product, signed.Parties, true, signed.Routes, signed.Standards, signed.Support, signed.Signatory, placeAndDay{"London", signed.Issued}}); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if a.Schedule4.E.End.String() != "2031-05-30" || a.SupportNow == nil || a.SupportNow.End.String() != "2033-05-30" {
		t.Errorf("got support %v and now %v, want that of first supply and the extended one", a.Schedule4.E, a.SupportNow)
	}
	if a.Statement.URL != moved || a.Statement.Seen != verify.SeenOpen {
		t.Errorf("got %+v, want the present address, seen open", a.Statement)
	}
	if a.Entry != f.Entries[0].Index {
		t.Errorf("got entry %d, want %d", a.Entry, f.Entries[0].Index)
	}
}

// TestApplicationEnglish: where nothing is in English, that is said (MoC 4(4)).
func TestApplicationEnglish(t *testing.T) {
	for _, c := range []struct {
		language    string
		translation string
		want        bool
	}{{"en", "", true}, {"en-GB", "", true}, {"EN-gb", "", true}, {"cy", "", false}, {"ja", "en", true}, {"ja", "ja", false}, {"enm", "", false}} {
		a := applicationOf(t, func(d *verify.Declaration) {
			d.Language = c.language
			d.Translations = nil
			if c.translation != "" {
				d.Translations = []verify.Translation{{Language: c.translation, URL: "https://thames.example/t", SHA256: d.SHA256}}
			}
		})
		if a.English != c.want {
			t.Errorf("%s, translated into %q: got %t, want %t", c.language, c.translation, a.English, c.want)
		}
		p := newApplicationPage(basePage{Lang: i18n.Japanese}, a)
		if p.NoEnglish == c.want {
			t.Errorf("%s: the page says %t", c.language, p.NoEnglish)
		}
	}
}

// TestNotEligible: every outcome but one is refused, with the accord's own
// reasons; of what is withheld only the generic one is told.
func TestNotEligible(t *testing.T) {
	seen := map[verify.Outcome]bool{}
	for _, s := range append(slices.Clone(scenes), openDeclaration) {
		f := s.facts(t)
		v := verify.Judge(f, verify.Question{In: verify.InJP, At: instant(t, s.at)})
		p := notEligible(&v)
		o := v.Recognition.Outcome
		seen[o] = true
		if (p == nil) != (o == verify.EligibleForSimplified) {
			t.Errorf("%s: got %v of %s", s.name, p, o)
		}
		if p == nil || p.code != problemNotEligible {
			continue
		}
		body, err := json.Marshal(p.body(i18n.English, ""))
		if err != nil {
			t.Fatal(err)
		}
		if want := v.Recognition.Layers.Accord.Reasons; o != verify.Unavailable && !slices.Equal(p.reasons, want) {
			t.Errorf("%s: got %v, want %v", s.name, p.reasons, want)
		}
		if !strings.Contains(string(body), `"outcome":"`+string(o)+`"`) || !strings.Contains(string(body), `"message":"`) {
			t.Errorf("%s: got %s, want its outcome and sentences", s.name, body)
		}
		only := []verify.Reason{{Rule: "declaration-accord-available", Cite: verify.Cite{Source: verify.MoC, Ref: "3"}, Met: verify.No}}
		if o == verify.Unavailable && !slices.Equal(p.reasons, only) {
			t.Errorf("%s: got %v, want the generic reason alone", s.name, p.reasons)
		}
	}
	for _, o := range []verify.Outcome{verify.EligibleForSimplified, verify.AtHome, verify.UnknownHere, verify.Undetermined, verify.NotRecognised, verify.Unavailable} {
		if !seen[o] {
			t.Errorf("no scene is %s", o)
		}
	}
}
