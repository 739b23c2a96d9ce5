package verify

import "testing"

// A log that was kept as it should be is entered again whole.
func TestReplayStory(t *testing.T) {
	d := tell(t, nil)
	p := NewReplay()
	for _, e := range d.entries {
		if key, ok := p.Key(e); !ok || key.Thumbprint() != e.Key {
			t.Errorf("%s: got key %v, %v, want the one that signed it", e.Kind, key, ok)
		}
		if faults := p.Enter(e); len(faults) > 0 {
			t.Fatalf("%s: %v", e.Kind, faults)
		}
	}
	about, err := p.About(aoba)
	if err != nil || len(p.Codes()) != 4 || len(about) != 9 {
		t.Errorf("got %d codes, %d entries of one, %v, want 4 and 9", len(p.Codes()), len(about), err)
	}
	if got, want := len(p.Governance().Entries()), len(d.governance.Entries()); got != want {
		t.Errorf("governance of %d entries, want %d", got, want)
	}
}

func TestReplayRefuses(t *testing.T) {
	d := open(t)
	d.issue(nil)
	d.publish(nil)
	label := specimenOf(t, LabelIssued).Statement
	next := d.entry(d.statement("ipa", "2026-06-01T00:00:00Z", third, label.Body))
	next.Body.(*Issued).Label.Number = "DEMO-2"
	for _, c := range []struct {
		name   string
		change func(*Entry)
		want   string
	}{
		{"as it should be", func(*Entry) {}, ""},
		{"a kind added later", func(e *Entry) { e.Kind, e.Body = future, nil }, ""},
		{"an index left out", func(e *Entry) { e.Index++ }, "logged: not_earlier 2026-05-12T09:00:00Z"},
		{"an index again", func(e *Entry) { e.Index-- }, "logged: not_earlier 2026-05-12T09:00:00Z"},
		{"logged before the last one", func(e *Entry) { e.Logged = instant(t, "2026-05-12T08:59:59.999Z") }, "logged: not_earlier 2026-05-12T09:00:00Z"},
		{"an id again", func(e *Entry) { e.ID = d.entries[7].ID }, "id: id_used"},
		{"a number again", func(e *Entry) { e.Body = label.Body }, "label.number: number_used DEMO-2026-000123"},
		{"another's key", func(e *Entry) { e.Key = d.keys["meti"] }, "by: party meti"},
		{"another's role", func(e *Entry) { e.By, e.Key = "meti", d.keys["meti"] }, "by: role issuer"},
		{"a code again", func(e *Entry) { e.Code = aoba }, "code: code_used"},
	} {
		p := NewReplay()
		for _, e := range d.entries {
			if faults := p.Enter(e); len(faults) > 0 {
				t.Fatal(faults)
			}
		}
		e := next
		c.change(&e)
		if got := lines(p.Enter(e), true); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	p := NewReplay()
	if _, ok := p.Key(next); ok {
		t.Error("a key of an empty log")
	}
	first := d.entries[0]
	first.Key = d.keys["ipa"]
	if _, ok := p.Key(first); ok {
		t.Error("a key that entry 0 does not name")
	}
}

// An excerpt may leave entries out, and still goes forwards only.
func TestExcerpt(t *testing.T) {
	d := tell(t, nil)
	p := NewExcerpt()
	last := int64(-1)
	for _, e := range d.entries {
		if e.Code != "" && e.Code != aoba {
			continue
		}
		if faults := p.Enter(e); len(faults) > 0 {
			t.Fatalf("%s: %v", e.Kind, faults)
		}
		if faults := p.Enter(e); len(faults) == 0 {
			t.Errorf("entry %d was taken twice", e.Index)
		}
		last = e.Index
	}
	if about, _ := p.About(aoba); len(p.Codes()) != 1 || len(about) != 9 || last < 9 {
		t.Errorf("got %d codes, %d entries of one", len(p.Codes()), len(about))
	}
}

// Folded alone, what stands behind some entries says of their parties what the
// whole does, and of others nothing.
func TestBehind(t *testing.T) {
	d := tell(t, nil)
	for _, e := range d.entries {
		said := []Entry{e}
		part := FoldGovernance(d.governance.Behind(said))
		if part.Trusted(e) != d.governance.Trusted(e) {
			t.Errorf("entry %d: trusted %v by what stands behind it", e.Index, part.Trusted(e))
		}
		got, ok := part.Party(e.By)
		want, enrolled := d.governance.Party(e.By)
		if ok != enrolled || got.Name != want.Name {
			t.Errorf("entry %d: its party is %+v, want %+v", e.Index, got, want)
		}
	}
	if all, one := len(d.governance.Entries()), len(d.governance.Behind(nil)); one == 0 || one >= all {
		t.Errorf("behind nothing stand %d of %d entries", one, all)
	}
}
