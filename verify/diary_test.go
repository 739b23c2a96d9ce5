package verify

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"
)

const (
	aoba   Code = "7K3MQ2ZT9XWE" // the story's label
	thames Code = "4HD8RVN1C5PE" // the story's declaration
	third  Code = "000000000012"
	future Kind = "label.future" // a kind of a later program
)

// A diary is a log in the making: statements are admitted and entered as a
// registry does it, each logged when it is made.
type diary struct {
	t          testing.TB
	governance *Governance
	entries    []Entry
	keys       map[PartyID]KeyID // with which each party signs now
}

// open begins a diary with the story's registry and its six parties.
func open(t testing.TB) *diary {
	t.Helper()
	d := &diary{t: t, governance: FoldGovernance(nil), keys: map[PartyID]KeyID{}}
	for _, s := range story(t, RegistryCreated, PartyEnrolled) {
		switch b := s.Body.(type) {
		case *Created:
			d.keys[b.Party.ID] = b.Party.Keys[0].Thumbprint()
		case *Enrolled:
			d.keys[b.Party.ID] = b.Party.Keys[0].Thumbprint()
		}
		if faults := d.enter(d.entry(s.Statement)); len(faults) > 0 {
			t.Fatalf("%s: %v", s.name, faults)
		}
	}
	return d
}

// clone returns a diary that goes on from here on its own.
func (d *diary) clone() *diary {
	return &diary{d.t, d.governance, slices.Clip(d.entries), d.keys}
}

// entry is s as it is logged when it is made, signed with its party's key.
func (d *diary) entry(s Statement) Entry {
	return Entry{Index: int64(len(d.entries)), Logged: s.Made, Key: d.keys[s.By], Statement: s}
}

// enter admits e and enters it, or says why not.
func (d *diary) enter(e Entry) Faults {
	d.t.Helper()
	if _, faults := d.governance.Admit(d.record(e.Code), e); len(faults) > 0 {
		return faults
	}
	d.append(e)
	return nil
}

// append enters e unasked.
func (d *diary) append(e Entry) {
	d.entries = append(d.entries, e)
	if !e.Kind.AboutCode() && e.Kind.Known() {
		d.governance = d.governance.Follow(e)
	}
}

func (d *diary) statement(by PartyID, made string, code Code, body Body) Statement {
	d.t.Helper()
	id := fmt.Sprintf("0199f0c2-0000-7000-9000-%012x", len(d.entries))
	s := Statement{Head{kindOf(body), id, "labels.example", by, instant(d.t, made), code}, body}
	payload, err := json.Marshal(s)
	if err != nil {
		d.t.Fatal(err)
	}
	s, faults := ParseStatement(payload)
	if len(faults) > 0 {
		d.t.Fatalf("%s: %v", payload, faults)
	}
	return s
}

// try has a party say body about code, or about none.
func (d *diary) try(by PartyID, made string, code Code, body Body) Faults {
	d.t.Helper()
	return d.enter(d.entry(d.statement(by, made, code, body)))
}

// say is try for what may be said. It returns the statement's id.
func (d *diary) say(by PartyID, made string, code Code, body Body) string {
	d.t.Helper()
	s := d.statement(by, made, code, body)
	if n := len(d.entries); n > 0 && s.Made.Before(d.entries[n-1].Logged) {
		d.t.Fatalf("%s by %s, made %s: a log does not go back", s.Kind, by, made)
	}
	if faults := d.enter(d.entry(s)); len(faults) > 0 {
		d.t.Fatalf("%s by %s: %v", s.Kind, by, faults)
	}
	return s.ID
}

// issue enters the story's label, changed.
func (d *diary) issue(change func(*Label)) {
	d.t.Helper()
	s := specimenOf(d.t, LabelIssued).Statement
	if change != nil {
		change(&s.Body.(*Issued).Label)
	}
	d.say("ipa", s.Made.Format(time.RFC3339), s.Code, s.Body)
}

// publish enters the story's declaration, changed.
func (d *diary) publish(change func(*Declaration)) {
	d.t.Helper()
	s := specimenOf(d.t, DeclarationPublished).Statement
	if change != nil {
		change(&s.Body.(*Published).Declaration)
	}
	d.say("thames-iot", s.Made.Format(time.RFC3339), s.Code, s.Body)
}

// status has the issuer say how the label stands.
func (d *diary) status(made string, status Standing, from string) string {
	d.t.Helper()
	return d.say("ipa", made, aoba, &StatusSaid{Status: status, From: day(d.t, from)})
}

// observe has the watcher say what it saw at the declaration's first address.
func (d *diary) observe(made string, seen Seen) {
	d.t.Helper()
	o := Observed{URL: "https://thames.example/psti/soc-tc2.pdf", Seen: seen}
	switch seen {
	case SeenOpen:
		o.SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
	case SeenChanged:
		o.SHA256 = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"
	}
	d.say("watcher", made, thames, &o)
}

func (d *diary) about(code Code) []Entry {
	var entries []Entry
	for _, e := range d.entries {
		if e.Code == code && code != "" {
			entries = append(entries, e)
		}
	}
	return entries
}

func (d *diary) record(code Code) Record { return FoldRecord(d.about(code), d.governance) }

// facts are all that is known about code where the head is of that instant.
func (d *diary) facts(code Code, head string) Facts {
	d.t.Helper()
	f := Facts{Code: code, Governance: d.governance, Entries: d.about(code)}
	f.Log = Log{Origin: "labels.example", Size: int64(len(d.entries)), Time: instant(d.t, head)}
	for _, e := range f.Entries {
		if b, ok := e.Body.(*Issued); ok && b.Label.Basis.Declaration != "" {
			f.Basis = append(f.Basis, d.about(b.Label.Basis.Declaration))
		}
	}
	return f
}

func kindOf(body Body) Kind {
	for kind, k := range kinds {
		if reflect.TypeOf(k.body()) == reflect.TypeOf(body) {
			return kind
		}
	}
	panic(fmt.Sprintf("no kind has the body %T", body))
}

// demoKey is a well-formed key, another for every n.
func demoKey(n byte) JWK {
	return JWK{Kty: "OKP", Crv: "Ed25519", X: base64.RawURLEncoding.EncodeToString(slices.Repeat([]byte{n}, 32))}
}
