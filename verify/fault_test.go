package verify

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Each case takes a statement of the story, which has no fault, and changes one
// member; want is every fault there is then.
func TestParseStatementFaults(t *testing.T) {
	long := func(n int) string { return strings.Repeat("あ", n) }
	item := map[string]any{"model": "WX-300", "gtins": []any{"4912345678904"}}
	for _, c := range []struct {
		name  string
		kind  Kind
		path  string
		value any
		want  string
	}{
		// The head.
		{"no kind", LabelIssued, "kind", absent, "kind: required"},
		{"a kind that is not one", LabelIssued, "kind", "label.printed", "kind: one_of"},
		{"a kind that is no text", LabelIssued, "kind", 7, "kind: one_of"},
		{"no id", LabelIssued, "id", absent, "id: required"},
		{"an id in capitals", LabelIssued, "id", "0199F0C2-6D5E-7C3A-9A51-3F0B6A1C2D3E", "id: uuid"},
		{"an id that is no text", LabelIssued, "id", 7, "id: type string"},
		{"no origin", LabelIssued, "origin", absent, "origin: required"},
		{"an origin with a capital", LabelIssued, "origin", "Labels.example", "origin: name a-z 0-9 . - _ : /"},
		{"nobody", LabelIssued, "by", absent, "by: required"},
		{"a party with a space", LabelIssued, "by", "ip a", "by: name a-z 0-9 -"},
		{"null for a party", LabelIssued, "by", nil, "by: type string"},
		{"never made", LabelIssued, "made", absent, "made: required"},
		{"made on a day", LabelIssued, "made", "2026-04-01", "made: instant 2026-04-01"},
		{"made in another zone", LabelIssued, "made", "2026-04-01T09:00:00+09:00", "made: instant 2026-04-01T09:00:00+09:00"},
		{"made at a number", LabelIssued, "made", 1775001600, "made: instant"},
		{"no code", LabelStatus, "code", absent, "code: required"},
		{"a code with hyphens", LabelStatus, "code", "7K3M-Q2ZT-9XWE", "code: code_symbol -"},
		{"a code misread", LabelStatus, "code", "7K3MQ2ZT9XWF", "code: code_check"},
		{"a code cut short", LabelStatus, "code", "7K3MQ2ZT9XW", "code: code_length 11"},
		{"an empty code", LabelStatus, "code", "", "code: empty"},
		{"a code that is no text", LabelStatus, "code", 7, "code: type string"},
		{"a code where there is none", AccordNoticed, "code", "7K3MQ2ZT9XWE", "code: not_allowed"},

		// Form, at any depth.
		{"a member in other letters", LabelIssued, "Code", "7K3MQ2ZT9XWE", "Code: unknown_member"},
		{"a member of another kind", LabelStatus, "expires", "2030-01-01", "expires: unknown_member"},
		{"an unknown member in the label", LabelIssued, "label.stars", 1, "label.stars: unknown_member"},
		{"an unknown member in a model", LabelIssued, "label.product.models[1].colour", "red", "label.product.models[1].colour: unknown_member"},
		{"a member without a name", LabelIssued, "label.contact.", "x", "label.contact.: unknown_member"},
		{"a third language", LabelIssued, "label.holder.name.fr", "Aoba", "label.holder.name.fr: unknown_member"},
		{"a text for an object", LabelIssued, "label", "x", "label: type object"},
		{"null for an object", LabelIssued, "label.product", nil, "label.product: type object"},
		{"a list for an object", LabelIssued, "label.basis", []any{}, "label.basis: type object"},
		{"an empty object", LabelIssued, "label.support", map[string]any{}, "label.support: empty"},
		{"an object for a list", LabelIssued, "label.product.models", map[string]any{}, "label.product.models: type array"},
		{"an empty list", LabelIssued, "label.product.models", []any{}, "label.product.models: empty"},
		{"null in a list", LabelIssued, "label.product.models[1]", nil, "label.product.models[1]: type object"},
		{"a number in a list of texts", LabelIssued, "label.product.models[0].gtins[0]", 4912345678904, "label.product.models[0].gtins[0]: type string"},
		{"a text for a number", LabelIssued, "label.level", "1", "label.level: type integer"},
		{"a part of a number", LabelIssued, "label.level", 1.5, "label.level: type integer"},
		{"a number too large for any use", LabelIssued, "label.level", 1e30, "label.level: type integer"},
		{"a text for a truth value", LabelIssued, "label.product.traits.ip", "true", "label.product.traits.ip: type boolean"},
		{"null for a truth value", LabelPractice, "psti_listed", nil, "psti_listed: type boolean"},
		{"an empty text", LabelIssued, "label.product.brand", "", "label.product.brand: empty"},
		{"an empty optional text", LabelIssued, "label.page", "", "label.page: empty"},
		{"a tab", LabelIssued, "label.product.brand", "Ao\tba", "label.product.brand: text"},
		{"a line break", LabelIssued, "label.holder.address", "1-1 Aoba\nSendai", "label.holder.address: text"},
		{"a line separator", LabelIssued, "label.product.brand", "Ao\u2028ba", "label.product.brand: text"},
		{"a mark that turns the direction", LabelIssued, "label.product.name.en", "Aoba \u202eretuoR", "label.product.name.en: text"},
		{"an isolate", LabelIssued, "label.product.models[0].model", "WX\u2066-100", "label.product.models[0].model: text"},
		{"a byte that was no UTF-8", LabelIssued, "label.product.brand", "Ao\ufffdba", "label.product.brand: text"},
		{"a space at the end", LabelIssued, "label.product.brand", "Aoba ", "label.product.brand: text"},
		{"a wide space in front", LabelIssued, "label.product.brand", "\u3000Aoba", "label.product.brand: text"},
		{"as long as it may be", LabelIssued, "label.product.brand", long(300), ""},
		{"longer", LabelIssued, "label.product.brand", long(301), "label.product.brand: too_long 300"},
		{"a model as long as it may be", LabelIssued, "label.product.models[0].model", long(100), ""},
		{"a longer model", LabelIssued, "label.product.models[0].model", long(101), "label.product.models[0].model: too_long 100"},
		{"a text as long as it may be", LabelIssued, "label.support.text.en", long(2000), ""},
		{"a longer text", LabelIssued, "label.support.text.en", long(2001), "label.support.text.en: too_long 2000"},

		// Contents.
		{"a number in small letters", LabelIssued, "label.number", "demo-1", "label.number: name 0-9 A-Z -"},
		{"level 0", LabelIssued, "label.level", 0, "label.level: required"},
		{"level 5", LabelIssued, "label.level", 5, "label.level: range 1–4"},
		{"level 4", LabelIssued, "label.level", 4, ""},
		{"no criteria", LabelIssued, "label.criteria", absent, "label.criteria: required"},
		{"a day in British order", LabelIssued, "label.issued", "01/04/2026", "label.issued: date 01/04/2026"},
		{"a day that is none", LabelIssued, "label.issued", "2026-02-29", "label.issued: date 2026-02-29"},
		{"two years and the anniversary", LabelIssued, "label.expires", "2028-04-01", ""},
		{"a day longer than two years", LabelIssued, "label.expires", "2028-04-02", "label.expires: label_term 2028-04-01"},
		{"a label of one day", LabelIssued, "label.expires", "2026-04-01", ""},
		{"over before it begins", LabelIssued, "label.expires", "2026-03-31", "label.expires: period 2026-04-01"},
		{"no route", LabelIssued, "label.basis", absent, "label.basis.route: required"},
		{"a route that is not one", LabelIssued, "label.basis.route", "friend", "label.basis.route: one_of own, uk_psti_simplified, third_party"},
		{"simplified without its declaration", LabelIssued, "label.basis.route", "uk_psti_simplified", "label.basis.declaration: basis uk_psti_simplified"},
		{"third party without its arrangement", LabelIssued, "label.basis.route", "third_party", "label.basis.arrangement: basis third_party"},
		{"own, with a declaration", LabelIssued, "label.basis.declaration", "4HD8RVN1C5PE", "label.basis.declaration: not_allowed"},
		{"own, with an arrangement", LabelIssued, "label.basis.arrangement", "sg-cls", "label.basis.arrangement: not_allowed"},
		{"a holder with a role", LabelIssued, "label.holder.role", "manufacturer", "label.holder.role: not_allowed"},
		{"a holder in Japanese only", LabelIssued, "label.holder.name.en", absent, "label.holder.name.en: english"},
		{"a holder without a name", LabelIssued, "label.holder.name", absent, "label.holder.name: required"},
		{"a holder without an address", LabelIssued, "label.holder.address", absent, "label.holder.address: required"},
		{"a country in full", LabelIssued, "label.holder.country", "Japan", "label.holder.country: name A-Z A-Z"},
		{"no name of the product", LabelIssued, "label.product.name", absent, "label.product.name.en: required"},
		{"no models", LabelIssued, "label.product.models", absent, "label.product.models: required"},
		{"a model without a name", LabelIssued, "label.product.models[0].model", absent, "label.product.models[0].model: required"},
		{"a model twice", LabelIssued, "label.product.models[1].model", "WX-100", "label.product.models[1].model: repeated"},
		{"a trade item of two models, spelled apart", LabelIssued, "label.product.models[1]", item, "label.product.models[1].gtins[0]: repeated"},
		{"a trade item with a wrong check digit", LabelIssued, "label.product.models[0].gtins[0]", "4912345678905", "label.product.models[0].gtins[0]: gtin 4912345678905"},
		{"market not said", LabelIssued, "label.product.traits.market", absent, "label.product.traits.market: required"},
		{"a market that is not one", LabelIssued, "label.product.traits.market", "home", "label.product.traits.market: one_of consumer, industrial, both"},
		{"a class that is not one", LabelIssued, "label.product.traits.class", "toy", "label.product.traits.class: one_of " + list(Classes)},
		{"whether IP is not said", LabelIssued, "label.product.traits.ip", absent, "label.product.traits.ip: required"},
		{"no IP", LabelIssued, "label.product.traits.ip", false, ""},
		{"a precision that is not one", LabelIssued, "label.support.precision", "week", "label.support.precision: one_of day, month, year"},
		{"a qualifier that is not one", LabelIssued, "label.support.qualifier", "about", "label.support.qualifier: one_of exact, at_least"},
		{"an anchor that is not one", LabelIssued, "label.support.anchor", "birth", "label.support.anchor: one_of first_supply, general_availability, end_of_sale, purchase"},
		{"support for longer than anything lasts", LabelIssued, "label.support.duration_months", 1201, "label.support.duration_months: range 0–1200"},
		{"support ends before it begins", LabelIssued, "label.support.anchor_date", "2031-04-01", "label.support.end: period 2031-04-01"},
		{"support in Japanese only", LabelIssued, "label.support.text.en", absent, "label.support.text.en: english"},
		{"nobody to report to", LabelIssued, "label.contact", absent, "label.contact.vulnerability: required"},
		{"mail only", LabelIssued, "label.contact", map[string]any{"email": "psirt@aoba.example"}, ""},
		{"no mail address", LabelIssued, "label.contact.email", "psirt at aoba", "label.contact.email: name name@host"},
		{"an address without a scheme", LabelIssued, "label.page", "labels.example/7", "label.page: url"},
		{"an address with a query", LabelIssued, "label.page", "https://labels.example:8443/p?id=7&x=%20#top", ""},
		{"an address that runs a script", LabelIssued, "label.page", "javascript:alert(1)", "label.page: url"},
		{"an address with a password", LabelIssued, "label.page", "https://a:b@labels.example/", "label.page: url"},
		{"an address with a space", LabelIssued, "label.page", "https://labels.example/a b", "label.page: url"},
		{"no status", LabelStatus, "status", absent, "status: required"},
		{"a status that is not one", LabelStatus, "status", "paused", "status: one_of valid, grace, suspended, lapsed, revoked, withdrawn"},
		{"no first day", LabelStatus, "from", absent, "from: required"},
		{"a reason in Japanese only", LabelStatus, "reason.en", absent, "reason.en: english"},
		{"no reason", LabelStatus, "reason", absent, ""},
		{"corrects what has no id", LabelStatus, "corrects", "the last one", "corrects: uuid"},
		{"an amendment of nothing", LabelAmended, "contact", absent, ": nothing_new holder, models, name, page, support, contact"},
		{"an amendment of what is never amended", LabelAmended, "level", 2, "level: unknown_member"},
		{"an amendment at fault", LabelAmended, "contact", nil, "contact: type object"},
		{"a name amended in Japanese only", LabelAmended, "name", map[string]any{"ja": "青葉"}, "name.en: english"},
		{"a page amended", LabelAmended, "page", "ftp://labels.example/", "page: url"},
		{"no last day", LabelExtended, "expires", absent, "expires: required"},
		{"no last day of support", DeclarationExtended, "support.end", absent, "support.end: required"},
		{"a new address without its digest", DeclarationAmended, "sha256", absent, "sha256: required"},
		{"a new digest without its address", DeclarationAmended, "url", absent, "url: required"},
		{"a new translation without its digest", DeclarationAmended, "translations", []any{map[string]any{"url": "https://thames.example/ja", "language": "ja"}}, "translations[0].sha256: required"},
		{"contents of Schedule 4 amended", DeclarationAmended, "routes", map[string]any{"passwords": "sch1"}, "routes: unknown_member"},
		{"seen open, but not what", DeclarationObserved, "sha256", absent, "sha256: required"},
		{"seen as something else", DeclarationObserved, "seen", "maybe", "seen: one_of open, gone, changed"},
		{"a digest in capitals", DeclarationObserved, "sha256", strings.Repeat("AB", 32), "sha256: sha256"},
		{"an HTTP status that is none", DeclarationObserved, "http_status", 600, "http_status: range 100–599"},
		{"a recall that bars nothing", MeasureTaken, "effect", "caution", "effect: notice_bars bars"},
		{"a territory that is not one", MeasureTaken, "territory", "EU", "territory: one_of JP, GB, GB-NIR, UK"},
		{"a measure told of in Japanese only", MeasureTaken, "text", map[string]any{"ja": "回収"}, "text.en: english"},
		{"a reason of a withdrawal in Japanese only", DeclarationWithdrawn, "reason", map[string]any{"ja": "終売"}, "reason.en: english"},
		{"a notice that is not one", MeasureTaken, "notice", "friendly", "notice: one_of compliance, stop, recall, other"},
		{"an effect that is not one", MeasureTaken, "effect", "some", "effect: one_of bars, caution"},
		{"a ground that is not one", MeasureTaken, "ground", "e", "ground: one_of a, b, c, d"},
		{"a measure without a number", MeasureLifted, "measure", absent, "measure: required"},
		{"no commitment", RecognitionWithheld, "commitment", absent, "commitment: required"},
		{"restored on no day", RecognitionRestored, "from", absent, "from: required"},
		{"ends on the day of the notice", AccordNoticed, "ends_on", "2030-01-10", "ends_on: not_later 2030-01-10"},
		{"corrects a notice that has no id", AccordNoticed, "corrects", "the last one", "corrects: uuid"},
		{"a key of another kind", KeyAdded, "key.crv", "X25519", "key: key OKP Ed25519, EC P-256"},
		{"a key too short", KeyAdded, "key.x", "AAAA", "key: key OKP Ed25519, EC P-256"},
		{"a thumbprint that is none", KeyRetiredKind, "kid", "x", "kid: key RFC 7638"},
		{"a compromise foreseen", KeyRetiredKind, "from", "2026-09-01T00:00:01Z", "from: too_far 2026-09-01T00:00:00Z"},
		{"a compromise of no known time", KeyRetiredKind, "made", absent, "made: required"},
		{"an issuer in the United Kingdom", PartyEnrolled, "party.jurisdiction", "GB", "party.jurisdiction: one_of JP"},
		{"a jurisdiction that is not one", PartyEnrolled, "party.jurisdiction", "FR", "party.jurisdiction: one_of JP, GB"},
		{"a role that is not one", PartyEnrolled, "party.role", "king", "party.role: one_of issuer, maker, participant, authority, observer, operator"},
		{"a party without keys", PartyEnrolled, "party.keys", absent, "party.keys: required"},
		{"a registry of a party that is no operator", RegistryCreated, "party.role", "issuer", "party.jurisdiction: one_of JP; party.role: one_of operator"},
		{"a registry of another party", RegistryCreated, "party.id", "root", "party.id: party operator"},
		{"a registry without a term", RegistryCreated, "accord.term_years", absent, "accord.term_years: range 1–99"},
		{"a registry said by nobody", RegistryCreated, "by", absent, "by: required"},
	} {
		_, faults := ParseStatement(with(t, specimenOf(t, c.kind).payload, c.path, c.value))
		got := lines(faults, true)
		if c.name == "a kind that is not one" || c.name == "a kind that is no text" {
			got = lines(faults, false) // the detail is the list of them all
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// A submission is refused with all its faults, each at its own place: what is
// wrong in one member hides nothing of the next.
func TestParseStatementReportsAll(t *testing.T) {
	payload := specimenOf(t, LabelIssued).payload
	for path, value := range map[string]any{
		"made":                             "yesterday",
		"by":                               5,
		"label.issued":                     "01/04/2026",
		"label.level":                      9,
		"label.holder.name.en":             absent,
		"label.product.models[0].gtins[0]": "1",
		"label.product.models[1].model":    7,
		"label.product.traits.ip":          "yes",
		"label.support.end":                false,
		"label.extra":                      map[string]any{"deep": nil},
		"label.contact.email":              "nobody",
		"trailing":                         true,
	} {
		payload = with(t, payload, path, value)
	}
	_, faults := ParseStatement(payload)
	want := "by: type; label.contact.email: name; label.extra: unknown_member; label.holder.name.en: english; " +
		"label.issued: date; label.level: range; label.product.models[0].gtins[0]: gtin; label.product.models[1].model: type; " +
		"label.product.traits.ip: type; label.support.end: date; made: instant; trailing: unknown_member"
	if got := lines(faults, false); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A fault of one member hides none of another whose name begins the same.
func TestFaultsAt(t *testing.T) {
	var faults noted
	faults.add("label.product", EmptyValue, "")
	faults.add("models[1].model", Required, "")
	faults.add("label.product", EmptyValue, "again")
	if len(faults.Faults) != 2 {
		t.Errorf("got %v, want each once", faults.Faults)
	}
	for field, want := range map[string]bool{
		"label.product": true, "label.product.brand": true, "label.product[0]": true, "label": true, "label.products": false, "label.prod": false,
		"models": true, "models[1]": true, "models[1].model": true, "models[1].gtins": false, "models[10]": false, "mode": false, "": false,
	} {
		if got := faults.at(field); got != want {
			t.Errorf("%q: got %v, want %v", field, got, want)
		}
	}
}

// What is found by the paths noted is what a look at every fault finds.
func TestFaultsAtAny(t *testing.T) {
	inside := func(path, outer string) bool {
		rest, ok := strings.CutPrefix(path, outer)
		return ok && rest != "" && (rest[0] == '.' || rest[0] == '[')
	}
	rapid.Check(t, func(r *rapid.T) {
		path := rapid.StringMatching(`[ab]?([.\[][ab]?){0,4}`)
		var faults noted
		for _, p := range rapid.SliceOf(path).Draw(r, "faults") {
			faults.add(p, Required, "")
		}
		field := path.Draw(r, "field")
		want := slices.ContainsFunc(faults.Faults, func(f Fault) bool { return f.Field == field || inside(f.Field, field) || inside(field, f.Field) })
		if got := faults.at(field); got != want {
			r.Fatalf("%q: got %v, want %v, of %v", field, got, want, faults.Faults)
		}
	})
}

func TestParseStatementIsOneObject(t *testing.T) {
	for _, payload := range []string{"", "[]", `"x"`, "7", "{", `{"kind":"label.issued"`, "\xff"} {
		if _, faults := ParseStatement([]byte(payload)); lines(faults, true) != ": type object" {
			t.Errorf("%q: got %v, want not an object", payload, faults)
		}
	}
	for _, payload := range []string{"null", "{}", `{"kind":null}`} {
		if _, faults := ParseStatement([]byte(payload)); lines(faults, true) != "by: required; id: required; kind: required; made: required; origin: required" {
			t.Errorf("%q: got %v, want all that every statement has", payload, faults)
		}
	}
	// Of a kind that there is not, what all kinds have is checked all the same.
	_, faults := ParseStatement([]byte(`{"kind":"label.blessed","id":"x","origin":"labels.example","by":"ipa","made":"now","code":"7K3MQ2ZT9XWE","odd":1}`))
	if got, want := lines(faults[1:], true), "id: uuid; made: instant now"; faults[0].Rule != NotOneOf || got != want {
		t.Errorf("got %v, and then %q, want %q", faults[0], got, want)
	}
	for _, rest := range []string{"{}", "}", "x", ",", "null"} {
		if _, faults := ParseStatement(append(specimenOf(t, LabelStatus).payload, rest...)); lines(faults, true) != ": type object" {
			t.Errorf("%s after the object: got %v, want not an object", rest, faults)
		}
	}
}

func TestFaultsError(t *testing.T) {
	faults := Faults{{"label.level", OutOfRange, "1–4"}, {"", NothingNew, ""}}
	if got, want := faults.Error(), "label.level: range 1–4; : nothing_new"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
