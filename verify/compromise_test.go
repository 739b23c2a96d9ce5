package verify

import "testing"

// compromised has the operator say that a key of ipa was stolen.
func compromised(d *diary, made string, key KeyID, from string) {
	d.t.Helper()
	d.say("operator", made, "", &RetiredKey{"ipa", key, instant(d.t, from), true})
}

func counting(r Record) (all []Counting) {
	for _, s := range r.History {
		all = append(all, s.Counts)
	}
	return all
}

// A follow-up signed with a stolen key is left out, from the theft on; what it
// changed is as it was, and the record stays trusted.
func TestCompromisedFollowUps(t *testing.T) {
	for _, c := range []struct {
		name, from string
		status     Status
		counts     Counting
	}{
		{"stolen when it was logged", "2026-06-01T00:00:00Z", StatusValid, LeftOut},
		{"stolen long before", "2026-04-02T00:00:00Z", StatusValid, LeftOut},
		{"stolen after it was logged", "2026-06-01T00:00:01Z", StatusRevoked, Counted},
	} {
		d := open(t)
		d.issue(nil)
		d.status("2026-06-01T00:00:00Z", StandsRevoked, "2026-06-01")
		compromised(d, "2026-07-01T00:00:00Z", d.keys["ipa"], c.from)
		r := d.record(aoba)
		if got := r.Status(instant(t, "2026-11-23T00:00:00Z")); got != c.status || r.Untrusted {
			t.Errorf("%s: got %s, untrusted %v, want %s", c.name, got, r.Untrusted, c.status)
		}
		if got := counting(r); len(got) != 2 || got[0] != Counted || got[1] != c.counts {
			t.Errorf("%s: got %v, want counted, %s", c.name, got, c.counts)
		}
	}
}

// A first statement signed with a stolen key makes the record untrusted until
// its issuer seals the same number and code again with a good key.
func TestCompromisedFirstStatement(t *testing.T) {
	d := open(t)
	d.say("ipa", "2026-03-01T00:00:00Z", "", &AddedKey{"ipa", demoKey(2), instant(t, "2026-03-01T00:00:00Z")})
	good := demoKey(2).Thumbprint()
	d.issue(nil)
	stolen := d.keys["ipa"]
	d.say("ipa", "2026-05-01T00:00:00Z", aoba, &Amended{Page: "https://labels.example/thief"})
	d.keys["ipa"] = good
	d.say("ipa", "2026-05-02T00:00:00Z", aoba, &Amended{Page: "https://labels.example/good"})
	compromised(d, "2026-07-01T00:00:00Z", stolen, "2026-03-15T00:00:00Z")

	at := instant(t, "2026-11-23T00:00:00Z")
	r := d.record(aoba)
	if got := r.Status(at); got != StatusUntrusted {
		t.Errorf("compromised: got %s, want untrusted", got)
	}
	if got := counting(r); got[0] != LeftOut || got[1] != LeftOut || got[2] != Counted {
		t.Errorf("compromised: got %v, want left_out, left_out, counted", got)
	}

	again := func(change func(*Label)) Faults {
		s := specimenOf(t, LabelIssued).Statement
		change(&s.Body.(*Issued).Label)
		return d.try("ipa", "2026-07-02T00:00:00Z", aoba, s.Body)
	}
	if got, want := lines(again(func(l *Label) { l.Number = "DEMO-2" }), true), "label.number: number_changed DEMO-2026-000123"; got != want {
		t.Errorf("sealed again with another number: got %q, want %q", got, want)
	}
	if got, want := lines(d.try("ipa", "2026-07-02T00:00:00Z", aoba, specimenOf(t, DeclarationPublished).Body), true), "by: role maker; code: other_scheme jc-star"; got != want {
		t.Errorf("sealed again as a declaration: got %q, want %q", got, want)
	}
	if faults := again(func(l *Label) { l.Expires = day(t, "2028-02-29") }); len(faults) > 0 {
		t.Fatalf("sealed again: %v", faults)
	}
	r = d.record(aoba)
	if got := r.Status(at); got != StatusValid {
		t.Errorf("sealed again: got %s, want valid", got)
	}
	if got := r.LabelAt(at); got.Page != "https://labels.example/good" || got.Expires.String() != "2028-02-29" {
		t.Errorf("sealed again: got %s until %s, want what the good key said", got.Page, got.Expires)
	}
	if got := lines(again(func(*Label) {}), true); got != "code: code_used" {
		t.Errorf("sealed a third time: got %q, want code_used", got)
	}
}

// An extension made with a good key while the first statement was untrusted
// outlives the seal that takes its place.
func TestExtensionOutlivesNewSeal(t *testing.T) {
	d := open(t)
	d.say("ipa", "2026-03-01T00:00:00Z", "", &AddedKey{"ipa", demoKey(2), instant(t, "2026-03-01T00:00:00Z")})
	d.issue(nil)
	stolen := d.keys["ipa"]
	d.keys["ipa"] = demoKey(2).Thumbprint()
	d.say("ipa", "2028-02-01T00:00:00Z", aoba, &Extended{day(t, "2030-03-31")})
	compromised(d, "2028-03-01T00:00:00Z", stolen, "2026-03-15T00:00:00Z")
	d.say("ipa", "2028-03-02T00:00:00Z", aoba, specimenOf(t, LabelIssued).Body)
	r := d.record(aoba)
	for at, want := range map[string]string{"2028-01-31T23:59:59Z": "2028-03-31", "2028-02-01T00:00:00Z": "2030-03-31"} {
		if got := r.Ends(instant(t, at)).String(); got != want {
			t.Errorf("last day at %s: got %s, want %s", at, got, want)
		}
	}
}

// What a stolen key said in the name of its party does not bind it.
func TestThiefSetsNoClock(t *testing.T) {
	d := open(t)
	d.say("ipa", "2026-03-01T00:00:00Z", "", &AddedKey{"ipa", demoKey(2), instant(t, "2026-03-01T00:00:00Z")})
	d.issue(nil)
	stolen := d.keys["ipa"]
	thief := d.entry(extend(d, "2026-05-01T00:05:00Z", "2028-04-30"))
	thief.Logged = instant(t, "2026-05-01T00:00:00Z")
	if faults := d.enter(thief); len(faults) > 0 {
		t.Fatal(faults)
	}
	thief = d.entry(d.statement("ipa", "2026-05-01T00:05:00Z", "", &AddedKey{"ipa", demoKey(4), instant(t, "2026-05-01T00:00:00Z")}))
	thief.Logged = instant(t, "2026-05-01T00:00:00Z")
	if faults := d.enter(thief); len(faults) > 0 {
		t.Fatal(faults)
	}
	compromised(d, "2026-05-01T00:01:00Z", stolen, "2026-04-30T00:00:00Z")
	d.keys["ipa"] = demoKey(2).Thumbprint()
	d.say("ipa", "2026-05-01T00:02:00Z", aoba, &Extended{day(t, "2028-04-30")})
	d.say("ipa", "2026-05-01T00:02:00Z", "", &AddedKey{"ipa", demoKey(5), instant(t, "2026-05-01T00:00:00Z")})
}

// What a stolen key said of other keys does not count, and what rests on it
// falls with it; what it said of itself does.
func TestCompromisedKeySpeaksOfKeys(t *testing.T) {
	first, second, thief := KeyID(""), demoKey(2).Thumbprint(), demoKey(3).Thumbprint()
	begin := func() *diary {
		d := open(t)
		first = d.keys["ipa"]
		d.say("ipa", "2026-03-01T00:00:00Z", "", &AddedKey{"ipa", demoKey(2), instant(t, "2026-03-01T00:00:00Z")})
		d.issue(nil)
		return d
	}
	trusts := func(d *diary, key KeyID) bool {
		return d.governance.Trusted(Entry{Key: key, Logged: instant(t, "2026-06-01T00:00:00Z")})
	}

	d := begin()
	d.say("ipa", "2026-05-01T00:00:00Z", "", &AddedKey{"ipa", demoKey(3), instant(t, "2026-05-01T00:00:00Z")})
	d.keys["ipa"] = thief
	d.status("2026-05-02T00:00:00Z", StandsRevoked, "2026-05-02")
	d.say("ipa", "2026-05-03T00:00:00Z", "", &AddedKey{"ipa", demoKey(4), instant(t, "2026-05-03T00:00:00Z")})
	compromised(d, "2026-05-04T00:00:00Z", first, "2026-04-30T00:00:00Z")
	if trusts(d, thief) || trusts(d, demoKey(4).Thumbprint()) || !trusts(d, second) {
		t.Error("added by a stolen key: it and what it added are not trusted, the other key is")
	}
	r := d.record(aoba)
	if got := r.Status(instant(t, "2026-11-23T00:00:00Z")); got != StatusValid {
		t.Errorf("revoked by a key that a stolen key added: got %s, want valid", got)
	}

	d = begin()
	d.say("ipa", "2026-05-01T00:00:00Z", "", &RetiredKey{"ipa", second, instant(t, "2026-03-01T00:00:00Z"), true})
	if trusts(d, second) {
		t.Error("accused by a key in force: got trusted")
	}
	compromised(d, "2026-05-04T00:00:00Z", first, "2026-04-30T00:00:00Z")
	if !trusts(d, second) || trusts(d, first) {
		t.Error("accused by a stolen key: the other key is trusted again, the stolen one is not")
	}

	d = begin()
	backdated := &RetiredKey{"ipa", first, instant(t, "2026-04-30T00:00:00Z"), true}
	if got, want := lines(d.try("ipa", "2026-05-01T00:00:00Z", "", backdated), true), "from: not_earlier 2026-05-01T00:00:00Z"; got != want {
		t.Errorf("a key that says of itself that it was stolen before: got %q, want %q", got, want)
	}
	d.say("ipa", "2026-05-01T00:00:00Z", "", &RetiredKey{"ipa", first, instant(t, "2026-05-01T00:00:00Z"), true})
	if trusts(d, first) {
		t.Error("a key that says of itself that it was stolen: got trusted")
	}
	if got, want := lines(d.try("ipa", "2026-05-02T00:00:00Z", aoba, &Extended{day(t, "2028-04-30")}), true), "kid: key_retired 2026-05-01T00:00:00Z"; got != want {
		t.Errorf("and signs on: got %q, want %q", got, want)
	}
}

// A false party that a stolen operator key enrolled falls with it.
func TestCompromisedOperator(t *testing.T) {
	d := open(t)
	d.say("operator", "2026-02-01T00:00:00Z", "", &AddedKey{"operator", demoKey(6), instant(t, "2026-02-01T00:00:00Z")})
	stolen := d.keys["operator"]
	d.say("operator", "2026-03-01T00:00:00Z", "", &Enrolled{Party{"ipa-2", Text{EN: "False issuer"}, Issuer, JP, []JWK{demoKey(7)}, instant(t, "2026-03-01T00:00:00Z")}})
	d.keys["ipa-2"] = demoKey(7).Thumbprint()
	d.say("ipa-2", "2026-04-01T00:00:00Z", aoba, specimenOf(t, LabelIssued).Body)
	d.keys["operator"] = demoKey(6).Thumbprint()
	d.say("operator", "2026-05-01T00:00:00Z", "", &RetiredKey{"operator", stolen, instant(t, "2026-02-15T00:00:00Z"), true})
	if _, enrolled := d.governance.Party("ipa-2"); enrolled {
		t.Error("the false party is enrolled still")
	}
	if _, enrolled := d.governance.Party("ipa"); !enrolled {
		t.Error("a party enrolled before the theft is not")
	}
	r := d.record(aoba)
	if got := r.Status(instant(t, "2026-11-23T00:00:00Z")); got != StatusUntrusted {
		t.Errorf("a label of the false party: got %s, want untrusted", got)
	}
}
