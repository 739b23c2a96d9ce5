package bundle_test

import (
	"crypto/ed25519"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"strconv"
	"strings"

	"tegata/verify"
	"tegata/verify/envelope"
)

// This file makes the vectors of form: codes, keys, statements, envelopes.

func (m *vectorMaker) codes() {
	for _, c := range []struct{ name, text, refused string }{
		{"as it is printed", "7K3M-Q2ZT-9XWE", ""},
		{"as it is stored", "7K3MQ2ZT9XWE", ""},
		{"in small letters with spaces", "7k3m q2zt 9xwe", ""},
		{"hyphens anywhere", "-7K3MQ2-ZT9XWE--", ""},
		{"O read as 0, I and L as 1", "oOoO-oOoO-ooi2", ""},
		{"l read as 1", "OOOO-OOOO-OOl2", ""},
		{"empty", "", "code_length"},
		{"a symbol too few", "7K3M-Q2ZT-9XW", "code_length"},
		{"a symbol too many", "7K3M-Q2ZT-9XWE0", "code_length"},
		{"U is never used", "7K3M-Q2ZT-9XWU", "code_symbol"},
		{"another hyphen", "7K3M\u2010Q2ZT\u20109XWE", "code_symbol"},
		{"full-width digits", "\uff17K3M-Q2ZT-9XWE", "code_symbol"},
		{"dotless i", "0000-0000-00\u01312", "code_symbol"},
		{"a tab", "7K3M\tQ2ZT9XWE", "code_symbol"},
		{"one wrong symbol", "7K3M-Q2ZT-9XWF", "code_check"},
		{"two symbols swapped", "7K3M-Q2ZT-X9WE", "code_check"},
		{"the check symbol wrong", "0000-0000-0013", "code_check"},
	} {
		m.add("codes.json", c.name, &givenCode{c.text}, c.refused)
	}
}

func (m *vectorMaker) keys() {
	const rfc8037 = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
	const rfc7515x, rfc7515y = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
	little := func(n *big.Int) string { // of Ed25519, the low byte first
		b := n.FillBytes(make([]byte, 32))
		for i := range 16 {
			b[i], b[31-i] = b[31-i], b[i]
		}
		return base64.RawURLEncoding.EncodeToString(b)
	}
	p := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))
	order8, _ := new(big.Int).SetString("7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7", 16)
	for _, c := range []struct {
		name    string
		jwk     verify.JWK
		refused string
	}{
		{"Ed25519, RFC 8037 A.3", verify.JWK{Kty: "OKP", Crv: "Ed25519", X: rfc8037}, ""},
		{"P-256, RFC 7515 A.3", verify.JWK{Kty: "EC", Crv: "P-256", X: rfc7515x, Y: rfc7515y}, ""},
		{"a key of the story", m.signer("ipa").Key().JWK(), ""},
		{"another kind", verify.JWK{Kty: "RSA", Crv: "Ed25519", X: rfc8037}, "key"},
		{"another curve", verify.JWK{Kty: "OKP", Crv: "X25519", X: rfc8037}, "key"},
		{"kind and curve do not fit", verify.JWK{Kty: "EC", Crv: "Ed25519", X: rfc8037}, "key"},
		{"Ed25519 with a y", verify.JWK{Kty: "OKP", Crv: "Ed25519", X: rfc8037, Y: rfc7515y}, "key"},
		{"Ed25519, padded", verify.JWK{Kty: "OKP", Crv: "Ed25519", X: rfc8037 + "="}, "key"},
		{"Ed25519, second spelling: a bit that is not used", verify.JWK{Kty: "OKP", Crv: "Ed25519", X: rfc8037[:42] + "p"}, "key"},
		{"Ed25519, a byte short", verify.JWK{Kty: "OKP", Crv: "Ed25519", X: rfc8037[:42]}, "key"},
		{"Ed25519, no point of the curve", verify.JWK{Kty: "OKP", Crv: "Ed25519", X: little(big.NewInt(2))}, "key"},
		{"Ed25519, not below the order of the field", verify.JWK{Kty: "OKP", Crv: "Ed25519", X: little(new(big.Int).Add(p, big.NewInt(3)))}, "key"},
		{"Ed25519, order 1", verify.JWK{Kty: "OKP", Crv: "Ed25519", X: little(big.NewInt(1))}, "key"},
		{"Ed25519, order 2", verify.JWK{Kty: "OKP", Crv: "Ed25519", X: little(new(big.Int).Sub(p, big.NewInt(1)))}, "key"},
		{"Ed25519, order 4", verify.JWK{Kty: "OKP", Crv: "Ed25519", X: little(new(big.Int))}, "key"},
		{"Ed25519, order 8", verify.JWK{Kty: "OKP", Crv: "Ed25519", X: little(order8)}, "key"},
		{"P-256, off the curve", verify.JWK{Kty: "EC", Crv: "P-256", X: rfc7515y, Y: rfc7515x}, "key"},
		{"P-256 without y", verify.JWK{Kty: "EC", Crv: "P-256", X: rfc7515x}, "key"},
	} {
		m.add("keys.json", c.name, &givenKey{c.jwk}, c.refused)
	}
}

// with returns the JSON with the value at a path, such as label.product.0.name,
// replaced; nil takes it out.
func with(object []byte, path string, value any) []byte {
	var tree any
	if err := json.Unmarshal(object, &tree); err != nil {
		panic(err)
	}
	steps := strings.Split(path, ".")
	at := tree
	for _, s := range steps[:len(steps)-1] {
		if list, ok := at.([]any); ok {
			n, err := strconv.Atoi(s)
			if err != nil {
				panic(err)
			}
			at = list[n]
			continue
		}
		at = at.(map[string]any)[s]
	}
	last := at.(map[string]any)
	if last[steps[len(steps)-1]] = value; value == nil {
		delete(last, steps[len(steps)-1])
	}
	return encoded(tree)
}

func (m *vectorMaker) statements() {
	const file = "statements.json"
	told := map[verify.Kind][]byte{}
	for _, l := range m.k.Story(m.t) {
		name := string(l.Head.Kind)
		if told[l.Head.Kind] != nil {
			name += ", " + l.Head.ID
		} else {
			told[l.Head.Kind] = l.Payload
		}
		m.add(file, name, &givenStatement{string(l.Payload)}, "")
	}
	label := string(told[verify.LabelIssued])
	for _, c := range []struct{ name, payload string }{
		{"not JSON", "label.issued"},
		{"an array", "[" + label + "]"},
		{"empty", ""},
		{"cut off", label[:len(label)-1]},
		{"two objects", label + "{}"},
		{"a member twice", strings.Replace(label, `{"by"`, `{"by":"ipa","by"`, 1)},
		{"a member twice, one of them escaped", strings.Replace(label, `{"by"`, `{"\u0062y":"ipa","by"`, 1)},
		{"a member twice, deep inside", strings.Replace(label, `"level":1`, `"level":1,"level":1`, 1)},
		{"half a pair of surrogates", strings.Replace(label, "Aoba Home", `Aoba\ud800Home`, 1)},
		{"a comma at the end", label[:len(label)-1] + ",}"},
		{"a number with a leading zero", strings.Replace(label, `"level":1`, `"level":01`, 1)},
	} {
		if c.payload == label {
			m.t.Fatalf("%s: the payload is as it was", c.name)
		}
		m.add(file, c.name, &givenStatement{c.payload}, "malformed")
	}
	m.add(file, "white space around", &givenStatement{" \n" + label + "\t"}, "")
	for _, c := range faultyStatements {
		payload := told[c.kind]
		for path, value := range c.change {
			payload = with(payload, path, value)
		}
		m.add(file, c.name, &givenStatement{string(payload)}, "faults", c.faults...)
	}
}

// changes are paths and the values put there; nil takes a member out.
type changes map[string]any

var faultyStatements = []struct {
	name   string
	kind   verify.Kind
	change changes
	faults []fault
}{
	{"no members at all but kind", verify.AccordNoticed, changes{"id": nil, "origin": nil, "by": nil, "made": nil, "notice_on": nil, "ends_on": nil},
		[]fault{{"id", "required"}, {"origin", "required"}, {"by", "required"}, {"made", "required"}, {"notice_on", "required"}, {"ends_on", "required"}}},
	{"no kind", verify.LabelExtended, changes{"kind": nil}, []fault{{"kind", "required"}}},
	{"a kind that there is not", verify.LabelExtended, changes{"kind": "label.printed"}, []fault{{"kind", "one_of"}}},
	{"a kind in capitals, and no id", verify.LabelExtended, changes{"kind": "LABEL.EXTENDED", "id": nil}, []fault{{"kind", "one_of"}, {"id", "required"}}},
	{"an unknown member", verify.LabelExtended, changes{"until": "2030-03-31"}, []fault{{"until", "unknown_member"}}},
	{"a member in capitals", verify.LabelExtended, changes{"Code": "7K3MQ2ZT9XWE"}, []fault{{"Code", "unknown_member"}}},
	{"an unknown member deep inside", verify.LabelIssued, changes{"label.product.colour": "red"}, []fault{{"label.product.colour", "unknown_member"}}},
	{"a member of another kind", verify.LabelExtended, changes{"status": "revoked"}, []fault{{"status", "unknown_member"}}},
	{"every common member at fault", verify.LabelExtended,
		changes{"id": "1", "origin": "https://labels.example", "by": "IPA", "made": "2028-02-01", "code": "7K3MQ2ZT9XWF"},
		[]fault{{"code", "code_check"}, {"made", "instant"}, {"id", "uuid"}, {"origin", "name"}, {"by", "name"}}},
	{"made in another zone", verify.LabelExtended, changes{"made": "2028-02-01T09:00:00+09:00"}, []fault{{"made", "instant"}}},
	{"made at a fraction of a second", verify.LabelExtended, changes{"made": "2028-02-01T00:00:00.5Z"}, []fault{{"made", "instant"}}},
	{"an id in capitals", verify.LabelExtended, changes{"id": "0199F0C2-0000-7000-8000-000000000011"}, []fault{{"id", "uuid"}}},
	{"null", verify.LabelExtended, changes{"by": json.RawMessage("null")}, []fault{{"by", "type"}}},
	{"a number for a text", verify.LabelExtended, changes{"by": 7}, []fault{{"by", "type"}}},
	{"code as it is printed", verify.LabelExtended, changes{"code": "7K3M-Q2ZT-9XWE"}, []fault{{"code", "code_symbol"}}},
	{"code in small letters", verify.LabelExtended, changes{"code": "7k3mq2zt9xwe"}, []fault{{"code", "code_symbol"}}},
	{"code too short", verify.LabelExtended, changes{"code": "7K3MQ2ZT9XW"}, []fault{{"code", "code_length"}}},
	{"no code", verify.LabelExtended, changes{"code": nil}, []fault{{"code", "required"}}},
	{"a code where none belongs", verify.AccordNoticed, changes{"code": "7K3MQ2ZT9XWE"}, []fault{{"code", "not_allowed"}}},
	{"no such day", verify.LabelExtended, changes{"expires": "2029-02-29"}, []fault{{"expires", "date"}}},
	{"a level of five stars", verify.LabelIssued, changes{"label.level": 5}, []fault{{"label.level", "range"}}},
	{"a level as a text", verify.LabelIssued, changes{"label.level": "1"}, []fault{{"label.level", "type"}}},
	{"a level and a half", verify.LabelIssued, changes{"label.level": 1.5}, []fault{{"label.level", "type"}}},
	{"a label of more than two years", verify.LabelIssued, changes{"label.expires": "2028-04-02"}, []fault{{"label.expires", "label_term"}}},
	{"a label that ends before it begins", verify.LabelIssued, changes{"label.expires": "2026-03-31"}, []fault{{"label.expires", "period"}}},
	{"a basis that names nothing", verify.LabelIssued, changes{"label.basis.route": "uk_psti_simplified"}, []fault{{"label.basis.declaration", "basis"}}},
	{"no English name", verify.LabelIssued, changes{"label.product.name.en": nil}, []fault{{"label.product.name.en", "english"}}},
	{"no models", verify.LabelIssued, changes{"label.product.models": []any{}}, []fault{{"label.product.models", "empty"}}},
	{"a wrong check digit, and a model too long", verify.LabelIssued,
		changes{"label.product.models": []any{map[string]any{"model": strings.Repeat("X", 101), "gtins": []any{"04912345678905"}}}},
		[]fault{{"label.product.models[0].model", "too_long"}, {"label.product.models[0].gtins[0]", "gtin"}}},
	{"a page that is no address", verify.LabelIssued, changes{"label.page": "javascript:alert(1)"}, []fault{{"label.page", "url"}}},
	{"a control character", verify.LabelIssued, changes{"label.product.brand": "Ao\u0007ba"}, []fault{{"label.product.brand", "text"}}},
	{"a mark that turns the direction", verify.LabelIssued, changes{"label.product.brand": "Ao\u202eba"}, []fault{{"label.product.brand", "text"}}},
	{"a space without width", verify.LabelIssued, changes{"label.product.brand": "Ao\u200bba"}, []fault{{"label.product.brand", "text"}}},
	{"a space at the end", verify.LabelIssued, changes{"label.product.brand": "Aoba "}, []fault{{"label.product.brand", "text"}}},
	{"an empty text", verify.LabelIssued, changes{"label.product.brand": ""}, []fault{{"label.product.brand", "empty"}}},
	{"no traits", verify.LabelIssued, changes{"label.product.traits": nil},
		[]fault{{"label.product.traits.ip", "required"}, {"label.product.traits.market", "required"}, {"label.product.traits.class", "required"}}},
	{"a market that there is not", verify.LabelIssued, changes{"label.product.traits.market": "everybody"}, []fault{{"label.product.traits.market", "one_of"}}},
	{"a statement of compliance without all that Schedule 4 asks", verify.DeclarationPublished,
		changes{"declaration.product.type": nil, "declaration.parties": nil, "declaration.prepared_by_manufacturer": false, "declaration.routes": nil,
			"declaration.support_at_first_supply": nil, "declaration.signatory": nil, "declaration.place": nil, "declaration.issued": nil},
		[]fault{{"declaration.product.type", "sch4_1_1_a"}, {"declaration.parties", "sch4_1_1_b"}, {"declaration.prepared_by_manufacturer", "sch4_1_1_c"},
			{"declaration.routes.passwords", "sch4_1_1_d"}, {"declaration.routes.reporting", "sch4_1_1_d"}, {"declaration.routes.support", "sch4_1_1_d"},
			{"declaration.support_at_first_supply", "sch4_1_1_e"}, {"declaration.signatory.function", "sch4_1_1_f"},
			{"declaration.place", "sch4_1_1_g"}, {"declaration.issued", "sch4_1_1_g"}}},
	{"a digest in capitals", verify.DeclarationPublished, changes{"declaration.sha256": strings.Repeat("AB", 32)}, []fault{{"declaration.sha256", "sha256"}}},
	{"a standard without its version", verify.DeclarationPublished, changes{"declaration.standards.0.version": nil}, []fault{{"declaration.standards[0].version", "sch4_1_2"}}},
	{"an amendment that amends nothing", verify.LabelAmended, changes{"contact": nil}, []fault{{"", "nothing_new"}}},
	{"a status that there is not", verify.LabelStatus, changes{"status": "expired"}, []fault{{"status", "one_of"}}},
	{"a recall that is said to bar nothing", verify.MeasureTaken, changes{"effect": "caution"}, []fault{{"effect", "notice_bars"}}},
	{"a key off its curve, spelt twice", verify.KeyAdded, changes{"key.x": "AB", "key.y": "AB"}, []fault{{"key", "key"}}},
	{"a commitment that is none", verify.RecognitionWithheld, changes{"commitment": "secret", "from": nil}, []fault{{"from", "required"}, {"commitment", "sha256"}}},
}

// envelopeOf signs a header and a payload as they stand.
func (m *vectorMaker) envelopeOf(by, header, payload string) string {
	input := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(payload))
	return input + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(vectorKey(by), []byte(input)))
}

func (m *vectorMaker) envelopes() {
	const typ = "tegata-statement+jws"
	const payload = `{"kind":"label.status","name":{"ja":"青葉"}}`
	ed, p256, stranger := m.signer("ipa").Key(), m.signer(string(es256Party)).Key(), m.signer("stranger").Key()
	add := func(name, token string, k envelope.Key, refused string) {
		m.t.Helper()
		m.add("envelopes.json", name, &givenEnvelope{typ, token, k.JWK()}, refused)
	}
	head := func(alg, more string) string {
		return `{"alg":"` + alg + `","kid":"` + string(ed.ID()) + `","typ":"` + typ + `"` + more + `}`
	}
	good := m.envelopeOf("ipa", head("EdDSA", ""), payload)
	parts := strings.Split(good, ".")
	add("EdDSA", good, ed, "")
	add("Ed25519, the name of RFC 9864", m.envelopeOf("ipa", head("Ed25519", ""), payload), ed, "")
	add("members of the header in another order", m.envelopeOf("ipa", `{"typ":"`+typ+`","kid":"`+string(ed.ID())+`","alg":"EdDSA"}`, payload), ed, "")
	add("white space in header and payload", m.envelopeOf("ipa", strings.ReplaceAll(head("EdDSA", ""), ",", ", "), " "+payload+"\n"), ed, "")

	token := must(m.signer(string(es256Party)).Seal([]byte(payload)))(m.t)
	add("ES256", token, p256, "")
	add("ES256, the other half: the same identity", otherHalf(token), p256, "")

	add("a line end after it", good+"\n", ed, "malformed")
	add("a line end inside", parts[0]+"."+parts[1][:4]+"\n"+parts[1][4:]+"."+parts[2], ed, "malformed")
	add("a space before it", " "+good, ed, "malformed")
	add("two segments", parts[0]+"."+parts[1], ed, "malformed")
	add("four segments", good+".", ed, "malformed")
	add("empty", "", ed, "malformed")
	add("padded base64", parts[0]+"."+parts[1]+"=."+parts[2], ed, "malformed")
	add("base64 of the other alphabet", strings.NewReplacer("-", "+", "_", "/").Replace(m.withBoth(head("EdDSA", ""))), ed, "malformed")
	add("a signature in a second spelling", good[:len(good)-1]+secondSpelling(good[len(good)-1]), ed, "malformed")
	add("a signature of 63 bytes", parts[0]+"."+parts[1]+"."+parts[2][:84], ed, "malformed")
	add("no signature", parts[0]+"."+parts[1]+".", ed, "malformed")
	add("a detached payload", parts[0]+".."+parts[2], ed, "malformed")
	add("alg none", strings.TrimSuffix(m.envelopeOf("ipa", head("none", ""), payload), parts[2]), ed, "malformed")
	add("alg HS256", m.envelopeOf("ipa", head("HS256", ""), payload), ed, "malformed")
	add("another typ", m.envelopeOf("ipa", strings.Replace(head("EdDSA", ""), typ, "JWT", 1), payload), ed, "malformed")
	add("the typ of a verdict", m.envelopeOf("ipa", strings.Replace(head("EdDSA", ""), typ, "tegata-verdict+jwt", 1), payload), ed, "malformed")
	add("no typ", m.envelopeOf("ipa", `{"alg":"EdDSA","kid":"`+string(ed.ID())+`"}`, payload), ed, "malformed")
	add("an unknown member of the header", m.envelopeOf("ipa", head("EdDSA", `,"cty":"json"`), payload), ed, "malformed")
	add("a key in the header", m.envelopeOf("ipa", head("EdDSA", `,"jwk":`+string(encoded(stranger.JWK()))), payload), ed, "malformed")
	add("crit in the header", m.envelopeOf("ipa", head("EdDSA", `,"b64":false,"crit":["b64"]`), payload), ed, "malformed")
	add("a member of the header twice", m.envelopeOf("ipa", head("EdDSA", `,"alg":"EdDSA"`), payload), ed, "malformed")
	add("a kid that is no thumbprint", m.envelopeOf("ipa", strings.Replace(head("EdDSA", ""), string(ed.ID()), "key-1", 1), payload), ed, "malformed")
	add("a payload that is an array", m.envelopeOf("ipa", head("EdDSA", ""), "["+payload+"]"), ed, "malformed")
	add("a member of the payload twice", m.envelopeOf("ipa", head("EdDSA", ""), `{"kind":"a","kind":"b"}`), ed, "malformed")
	add("a member of the payload twice, one of them escaped", m.envelopeOf("ipa", head("EdDSA", ""), `{"kind":"a","\u006bind":"b"}`), ed, "malformed")
	add("invalid UTF-8 in the payload", m.envelopeOf("ipa", head("EdDSA", ""), "{\"kind\":\"\xff\"}"), ed, "malformed")
	add("a byte order mark before the payload", m.envelopeOf("ipa", head("EdDSA", ""), "\ufeff"+payload), ed, "malformed")
	add("over 60 KiB", m.envelopeOf("ipa", head("EdDSA", ""), `{"kind":"`+strings.Repeat("x", 60<<10)+`"}`)[:envelope.MaxSize+1], ed, "malformed")
	add("JSON serialisation", `{"payload":"`+parts[1]+`","protected":"`+parts[0]+`","signature":"`+parts[2]+`"}`, ed, "malformed")

	add("another key", good, stranger, "key")
	add("EdDSA by a P-256 key", m.envelopeOf("ipa", strings.Replace(head("EdDSA", ""), string(ed.ID()), string(p256.ID()), 1), payload), p256, "key")
	add("ES256 by an Ed25519 key", m.envelopeOf("ipa", head("ES256", ""), payload), ed, "key")
	add("an altered payload", parts[0]+"."+base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(payload, "status", "issued", 1)))+"."+parts[2], ed, "signature")
	add("an altered header", base64.RawURLEncoding.EncodeToString([]byte(head("Ed25519", "")))+"."+parts[1]+"."+parts[2], ed, "signature")
	add("signed by a stranger under its name", m.envelopeOf("stranger", head("EdDSA", ""), payload), ed, "signature")
	add("an altered signature", parts[0]+"."+parts[1]+"."+altered(parts[2]), ed, "signature")
	add("ES256, r is 0", zeroR(token), p256, "signature")

	for _, as := range []string{"tegata-verdict+jwt", "tegata-report+jwt", "tegata-manifest+jwt", "statuslist+jwt", "tegata-handover+jws"} {
		token := m.envelopeOf("ipa", strings.Replace(head("EdDSA", ""), typ, as, 1), payload)
		m.add("envelopes.json", "the type "+as, &givenEnvelope{as, token, ed.JWK()}, "")
		m.add("envelopes.json", "a statement taken for the type "+as, &givenEnvelope{as, good, ed.JWK()}, "malformed")
	}
}

// otherHalf is the ES256 token with s replaced by n-s, which is as good.
func otherHalf(token string) string {
	at := strings.LastIndexByte(token, '.') + 1
	b, err := base64.RawURLEncoding.DecodeString(token[at:])
	if err != nil {
		panic(err)
	}
	s := new(big.Int).SetBytes(b[32:])
	s.Sub(elliptic.P256().Params().N, s).FillBytes(b[32:])
	return token[:at] + base64.RawURLEncoding.EncodeToString(b)
}

// zeroR is the ES256 token with r replaced by 0.
func zeroR(token string) string {
	at := strings.LastIndexByte(token, '.') + 1
	b, err := base64.RawURLEncoding.DecodeString(token[at:])
	if err != nil {
		panic(err)
	}
	clear(b[:32])
	return token[:at] + base64.RawURLEncoding.EncodeToString(b)
}

// withBoth is a token in whose spelling there are symbols that the two alphabets
// of base64 have differently.
func (m *vectorMaker) withBoth(header string) string {
	for i := 0; ; i++ {
		if token := m.envelopeOf("ipa", header, `{"n":`+strconv.Itoa(i)+`}`); strings.ContainsAny(token, "-") && strings.ContainsAny(token, "_") {
			return token
		}
	}
}

const base64Symbols = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// secondSpelling is another last symbol of a signature that stands for the same
// bytes: its lower four bits say nothing.
func secondSpelling(last byte) string {
	return string(base64Symbols[strings.IndexByte(base64Symbols, last)^1])
}

// altered is base64url with its first symbol changed.
func altered(s string) string {
	return string(base64Symbols[strings.IndexByte(base64Symbols, s[0])^1]) + s[1:]
}
