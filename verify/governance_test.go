package verify

import (
	"testing"
	"time"
)

// extend is a statement that may follow the story's label and is signed with
// whichever key ipa has.
func extend(d *diary, made, expires string) Statement {
	d.t.Helper()
	return d.statement("ipa", made, aoba, &Extended{day(d.t, expires)})
}

func TestKeysInForce(t *testing.T) {
	const second = byte(2)
	add := func(by PartyID, made, from string) func(*diary) {
		return func(d *diary) {
			d.say(by, made, "", &AddedKey{"ipa", demoKey(second), instant(t, from)})
			d.keys["ipa"] = demoKey(second).Thumbprint()
		}
	}
	retire := func(by PartyID, made, from string) func(*diary) {
		return func(d *diary) {
			d.say(by, made, "", &RetiredKey{Party: "ipa", KeyID: d.keys["ipa"], From: instant(t, from)})
		}
	}
	for _, c := range []struct {
		name   string
		before func(*diary)
		made   string
		logged string
		want   string
	}{
		{"added by the party: at once", add("ipa", "2026-05-01T00:00:00Z", "2026-05-01T00:00:00Z"), "2026-05-01T00:00:00Z", "2026-05-01T00:00:00Z", ""},
		{"added by the party, for later", add("ipa", "2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z"), "2026-05-31T23:59:59Z", "2026-06-01T00:00:00Z", "kid: key_not_yet 2026-06-01T00:00:00Z"},
		{"and then", add("ipa", "2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z"), "2026-06-01T00:00:00Z", "2026-06-01T00:00:00Z", ""},
		{"added by the operator: not for seven days", add("operator", "2026-05-01T00:00:00Z", "2026-05-01T00:00:00Z"), "2026-05-07T23:59:59Z", "2026-05-07T23:59:59.999Z", "kid: key_not_yet 2026-05-08T00:00:00Z"},
		{"then it counts", add("operator", "2026-05-01T00:00:00Z", "2026-05-01T00:00:00Z"), "2026-05-08T00:00:00Z", "2026-05-08T00:00:00Z", ""},
		{"then it counts for what was made before", add("operator", "2026-05-01T00:00:00Z", "2026-05-01T00:00:00Z"), "2026-05-02T00:00:00Z", "2026-05-08T00:00:00Z", ""},
		{"added by the operator, for later than seven days", add("operator", "2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z"), "2026-05-10T00:00:00Z", "2026-05-10T00:00:00Z", "kid: key_not_yet 2026-06-01T00:00:00Z"},
		{"retired: before", retire("ipa", "2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z"), "2026-05-31T00:00:00Z", "2026-05-31T23:59:59.999Z", ""},
		{"retired: from then on", retire("ipa", "2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z"), "2026-05-31T00:00:00Z", "2026-06-01T00:00:00Z", "kid: key_retired 2026-06-01T00:00:00Z"},
		{"retired by the operator: at once", retire("operator", "2026-05-01T00:00:00Z", "2026-05-01T00:00:00Z"), "2026-05-01T00:00:00Z", "2026-05-01T00:00:00Z", "kid: key_retired 2026-05-01T00:00:00Z"},
		{"retired, and earlier after all", func(d *diary) {
			retire("operator", "2026-05-01T00:00:00Z", "2026-07-01T00:00:00Z")(d)
			retire("operator", "2026-05-02T00:00:00Z", "2026-06-01T00:00:00Z")(d)
		}, "2026-06-01T00:00:00Z", "2026-06-01T00:00:00Z", "kid: key_retired 2026-06-01T00:00:00Z"},
	} {
		d := open(t)
		d.issue(nil)
		c.before(d)
		e := d.entry(extend(d, c.made, "2028-04-30"))
		e.Logged = instant(t, c.logged)
		if got := lines(d.enter(e), true); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestGovernanceOrder(t *testing.T) {
	d := open(t)
	ipa := d.keys["ipa"]
	created := specimenOf(t, RegistryCreated)
	watcherKey, _, _ := d.governance.KeyOf(d.keys["watcher"])
	now := instant(t, "2026-05-01T00:00:00Z")
	party := func(id PartyID, keys ...JWK) *Enrolled {
		return &Enrolled{Party{id, Text{EN: "Another"}, Maker, GB, keys, now}}
	}
	for _, c := range []struct {
		name string
		by   PartyID
		body Body
		want string
	}{
		{"a registry begun twice", "operator", created.Body, "kind: registry_begun"},
		{"a party enrolled twice", "operator", party("ipa", demoKey(1)), "party.id: party_in_use ipa"},
		{"a party with the key of another", "operator", party("severn", demoKey(1), watcherKey), "party.keys[1]: key_in_use " + string(watcherKey.Thumbprint())},
		{"a party that enrols itself", "ipa", party("severn", demoKey(1)), "by: role operator"},
		{"a key of another", "ipa", &AddedKey{"ipa", watcherKey, now}, "key: key_in_use " + string(watcherKey.Thumbprint())},
		{"a key for another", "ipa", &AddedKey{"meti", demoKey(1), now}, "party: owner meti"},
		{"a key for nobody", "operator", &AddedKey{"severn", demoKey(1), now}, "party: unknown_party severn"},
		{"the retirement of another's key", "ipa", &RetiredKey{"ipa", d.keys["watcher"], now, false}, "kid: key_unknown"},
		{"the retirement of a key nobody has", "ipa", &RetiredKey{"ipa", demoKey(1).Thumbprint(), now, false}, "kid: key_unknown"},
		{"the retirement of a key of nobody", "operator", &RetiredKey{"severn", ipa, now, false}, "party: unknown_party severn"},
		{"notice by the operator", "operator", &Noticed{NoticeOn: day(t, "2026-05-01"), EndsOn: day(t, "2026-11-01")}, "by: role participant"},
		{"a correction of no notice", "meti", &Noticed{day(t, "2026-05-01"), day(t, "2026-11-01"), created.ID}, "corrects: nothing_to_correct " + created.ID},
		{"a party by the operator", "operator", party("severn", demoKey(1)), ""},
	} {
		if got := lines(d.clone().try(c.by, "2026-05-01T00:00:00Z", "", c.body), true); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	d.say("operator", "2026-05-01T00:00:00Z", "", &RetiredKey{"ipa", ipa, now, false})
	for body, want := range map[RetiredKey]string{
		{"ipa", ipa, now, false}: "kid: key_retired 2026-05-01T00:00:00Z",
		{"ipa", ipa, now, true}:  "", // that it was compromised is news
	} {
		if got := lines(d.clone().try("operator", "2026-05-02T00:00:00Z", "", &body), true); got != want {
			t.Errorf("retired again, compromised %v: got %q, want %q", body.Compromised, got, want)
		}
	}
	d.say("operator", "2026-05-02T00:00:00Z", "", &RetiredKey{"ipa", ipa, now, true})
	for from, want := range map[string]string{"2026-05-02T00:00:00Z": "kid: key_retired 2026-05-01T00:00:00Z", "2026-05-01T00:00:00Z": "kid: key_retired 2026-05-01T00:00:00Z", "2026-04-01T00:00:00Z": ""} {
		if got := lines(d.clone().try("operator", "2026-05-03T00:00:00Z", "", &RetiredKey{"ipa", ipa, instant(t, from), true}), true); got != want {
			t.Errorf("compromised again from %s: got %q, want %q", from, got, want)
		}
	}
	early := d.entry(d.statement("operator", "2026-04-30T00:00:00Z", "", party("severn", demoKey(1))))
	if got, want := lines(d.enter(early), true), "made: made_before 2026-05-02T00:00:00Z"; got != want {
		t.Errorf("made before what the operator said last: got %q, want %q", got, want)
	}
}

func TestRegistryBegins(t *testing.T) {
	created, label := specimenOf(t, RegistryCreated), specimenOf(t, LabelIssued)
	key := created.Body.(*Created).Party.Keys[0].Thumbprint()
	for _, c := range []struct {
		name string
		e    Entry
		want string
	}{
		{"as it should", Entry{0, created.Made, key, created.Statement}, ""},
		{"not as entry 0", Entry{1, created.Made, key, created.Statement}, "kind: registry_new registry.created"},
		{"with another key", Entry{0, created.Made, demoKey(1).Thumbprint(), created.Statement}, "party.keys: key_unknown"},
		{"made too long ago", Entry{0, created.Made.Add(30*24*time.Hour + time.Millisecond), key, created.Statement}, "made: made_late 2026-01-31T00:00:00Z"},
		{"with a label", Entry{0, label.Made, key, label.Statement}, "kind: registry_new registry.created"},
	} {
		if _, faults := FoldGovernance(nil).Admit(Record{}, c.e); lines(faults, true) != c.want {
			t.Errorf("%s: got %q, want %q", c.name, lines(faults, true), c.want)
		}
	}
	var none *Governance
	if _, faults := none.Admit(Record{}, Entry{0, created.Made, key, created.Statement}); len(faults) > 0 {
		t.Errorf("after nothing at all: got %v", faults)
	}
}

// The party may speak from its from on, whatever its key says.
func TestPartyNotYet(t *testing.T) {
	d := open(t)
	d.say("operator", "2026-05-01T00:00:00Z", "", &Enrolled{Party{"severn", Text{EN: "Severn"}, Maker, GB, []JWK{demoKey(1)}, instant(t, "2026-06-01T00:00:00Z")}})
	d.keys["severn"] = demoKey(1).Thumbprint()
	want := "kid: key_not_yet 2026-06-01T00:00:00Z; made: key_not_yet 2026-06-01T00:00:00Z"
	if got := lines(d.try("severn", "2026-05-31T00:00:00Z", third, specimenOf(t, DeclarationPublished).Body), true); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAsOf(t *testing.T) {
	d := tell(t, nil)
	g := d.governance
	second := specimenOf(t, KeyAdded).Body.(*AddedKey).Key.Thumbprint()
	retired := specimenOf(t, KeyRetiredKind)
	for _, c := range []struct {
		name  string
		known Known
		owner PartyID
		ends  bool
	}{
		{"at the head", Known{}, "ipa", true},
		{"by size, before the key", Known{Size: 7}, "", false},
		{"by size, with the key", Known{Size: 8}, "ipa", false},
		{"by time, before the notice", Known{Time: instant(t, "2030-01-09T23:59:59Z")}, "ipa", false},
		{"by time, with the notice", Known{Time: instant(t, "2030-01-10T00:00:00Z")}, "ipa", true},
		{"by both", Known{Size: 7, Time: instant(t, "2030-01-10T00:00:00Z")}, "", false},
	} {
		then := g.AsOf(c.known)
		_, owner, _ := then.KeyOf(second)
		if _, ends := then.Accord.Ending(); owner != c.owner || ends != c.ends {
			t.Errorf("%s: got key of %q, ending %v, want %q, %v", c.name, owner, ends, c.owner, c.ends)
		}
	}
	e := Entry{Index: 5, Logged: retired.Body.(*RetiredKey).From, Key: second}
	if g.Trusted(e) || !g.AsOf(Known{Time: retired.Made.Add(-time.Second)}).Trusted(e) {
		t.Error("a key is trusted until its compromise is known, and not after")
	}
	var none *Governance
	if none.AsOf(Known{}).Begun() {
		t.Error("nothing at all has begun")
	}
}
