package bundle_test

import (
	"context"
	"slices"
	"strings"
	"time"

	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/envelope"
	"tegata/verify/status"
	"tegata/verify/tlog"
)

// This file makes the vectors of status lists, and of the signed QR texts that
// point into them.

// lists makes the vectors of status lists and of the texts that point into them.
func (m *vectorMaker) lists() {
	t, k := m.t, m.k
	answer, stranger := k.Config.Answer, m.signer("stranger")
	seal := func(by *envelope.Signer, payload []byte) string {
		return must(by.SealAs(envelope.StatusList, payload))(t)
	}
	at := func(when time.Time) status.List {
		l := must(k.Registry.StatusList(context.Background(), 0, when))(t)
		l.Issuer, l.Sub = registrytest.Origin, status.Address("https://labels.example", 0)
		return l
	}
	add := func(refused, name string, g *givenList) {
		t.Helper()
		m.add("status-lists.json", name, g, refused)
	}
	// draft-ietf-oauth-status-list-21, section 4.2: 16 values of one bit, and 12 of
	// two; and the list of 2^20 values of two bits of its appendix.
	add("", "the specification's example of one bit", &givenList{Bits: 1, Lst: "eNrbuRgAAhcBXQ"})
	add("", "the specification's example of two bits", &givenList{Bits: 2, Lst: "eNo76fITAAPfAgc"})
	const appendix = "eNrt2zENACEQAEEuoaBABP5VIO01fCjIHTMStt9ovGVIAAAAAABAbiEBAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEB5WwIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAID0ugQAAAAAAAAAAAAAAAAAQG12SgAAAAAAAAAAAAAAAAAAAAAAAAAAAOCSIQEAAAAAAAAAAAAAAAAAAAAAAAD8ExIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAwJEuAQAAAAAAAAAAAAAAAAAAAAAAAMB9SwIAAAAAAAAAAAAAAAAAAACoYUoAAAAAAAAAAAAAAEBqH81gAQw"
	early := time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC)
	now := k.Clock.Now()
	good := at(now)
	payload := good.Payload()
	add("", "the specification's list of 2^20 values, signed here", &givenList{List: seal(answer, with(payload, "status_list.lst", appendix))})
	list, before := seal(answer, payload), seal(answer, at(early).Payload())
	add("", "of the registry, now", &givenList{List: list})
	add("", "of the registry, when nothing stood against anything", &givenList{List: before})
	add("", "aggregation_uri is allowed", &givenList{List: seal(answer, with(payload, "status_list.aggregation_uri", "https://labels.example/lists"))})
	end := strings.LastIndexByte(list, '.') + 1
	add("signature", "an altered signature", &givenList{List: list[:end] + altered(list[end:])})
	add("untrusted", "signed by a stranger", &givenList{List: seal(stranger, payload)})
	add("untrusted", "issued by another", &givenList{List: seal(answer, with(payload, "iss", "other.example"))})
	add("malformed", "a verdict's type", &givenList{List: must(answer.SealAs(envelope.Verdict, payload))(t)})
	for _, c := range []named[[]byte]{
		{"no iat", func(p *[]byte) { *p = with(*p, "iat", nil) }},
		{"no exp", func(p *[]byte) { *p = with(*p, "exp", nil) }},
		{"exp before iat", func(p *[]byte) { *p = with(*p, "exp", 1) }},
		{"no ttl", func(p *[]byte) { *p = with(*p, "ttl", nil) }},
		{"no sub", func(p *[]byte) { *p = with(*p, "sub", nil) }},
		{"sub that is no list", func(p *[]byte) { *p = with(*p, "sub", "https://labels.example/lists/0") }},
		{"a claim that there is not", func(p *[]byte) { *p = with(*p, "jti", "1") }},
		{"one bit", func(p *[]byte) { *p = with(*p, "status_list.bits", 1) }},
		{"too few values: an index in the list is out of range", func(p *[]byte) { *p = with(*p, "status_list.lst", "eNo76fITAAPfAgc") }},
		{"lst padded", func(p *[]byte) { *p = with(*p, "status_list.lst", appendix+"=") }},
		{"lst with a line end in it", func(p *[]byte) { *p = with(*p, "status_list.lst", appendix[:8]+"\n"+appendix[8:]) }},
		{"lst with a wrong checksum", func(p *[]byte) { *p = with(*p, "status_list.lst", appendix[:len(appendix)-2]+"BA") }},
		{"lst cut off", func(p *[]byte) { *p = with(*p, "status_list.lst", appendix[:len(appendix)-8]) }},
		{"lst with more after it", func(p *[]byte) { *p = with(*p, "status_list.lst", appendix+"AAAA") }},
		{"lst of a value too many", func(p *[]byte) { *p = with(*p, "status_list.lst", deflated(status.ListSize/4+1)) }},
		{"lst of 64 MiB", func(p *[]byte) { *p = with(*p, "status_list.lst", deflated(64<<20)) }},
	} {
		p := slices.Clone(payload)
		c.change(&p)
		add("malformed", c.name, &givenList{List: seal(answer, p)})
	}
	m.texts(list, before)
}

func (m *vectorMaker) texts(list, before string) {
	t, k := m.t, m.k
	answer, stranger := k.Config.Answer, m.signer("stranger")
	place := func(code verify.Code) int64 {
		e := must(tlog.ParseEntry(m.entries[m.index(code)]))(t)
		return e.Status
	}
	day := func(s string) verify.Date { return must(verify.ParseDate(s))(t) }
	label := status.Token{Code: star, Number: "DEMO-2026-000123", Expires: day("2028-03-31"), Status: place(star), By: "ipa"}
	declaration := status.Token{Code: declared, Expires: day("2031-05-30"), Status: place(declared), By: "thames-iot"}
	seal := func(by *envelope.Signer, x status.Token) string { return must(x.Seal(by))(t) }
	text := func(code verify.Code, token string) string {
		return "HTTPS://LABELS.EXAMPLE/V/" + string(code) + "#" + token
	}
	good := text(star, seal(answer, label))
	fresh := must(time.Parse(time.RFC3339, "2026-08-01T01:00:00Z"))(t)
	now := k.Clock.Now()
	add := func(refused, name, s, list string, at time.Time, trust members) {
		t.Helper()
		m.add("qr-texts.json", name, &givenText{s, list, at, trust}, refused)
	}
	add("", "valid, by the list", good, before, fresh, nil)
	add("", "no list", good, "", fresh, nil)
	add("", "the last second of the list", good, before, fresh.Add(11*time.Hour-time.Second), nil)
	add("", "past the list's exp: not confirmed", good, before, fresh.Add(11*time.Hour), nil)
	add("", "a clock that stands before the list", good, before, fresh.AddDate(-1, 0, 0), nil)
	add("", "revoked", good, list, now, nil)
	add("", "revoked, by a list that is past its exp: it is final", good, list, now.AddDate(1, 0, 0), nil)

	// Lists of which only the day and this place are made up.
	marked := func(s status.Status, issued time.Time) string {
		l := status.NewList(map[int64]status.Status{label.Status % status.ListSize: s})
		l.Issuer, l.Sub = registrytest.Origin, status.Address("https://labels.example", label.Status/status.ListSize)
		l.Issued, l.Expires, l.TTL = issued, issued.Add(12*time.Hour), 5*time.Minute
		return must(answer.SealAs(envelope.StatusList, l.Payload()))(t)
	}
	add("", "suspended", good, marked(status.Suspended, fresh), fresh, nil)
	add("", "ask online", good, marked(status.AskOnline, fresh), fresh, nil)
	end := time.Date(2028, 3, 31, 15, 0, 0, 0, time.UTC) // of the day printed, in Tokyo
	add("", "the last second of the day printed, in Tokyo", good, marked(status.Valid, end.Add(-time.Hour)), end.Add(-time.Second), nil)
	add("", "past the day printed: it may have been extended", good, marked(status.Valid, end.Add(-time.Hour)), end, nil)
	add("", "past the day printed, by the list, with a clock that stands before it", good, marked(status.Valid, end), end.Add(-time.Hour), nil)
	add("", "past the day printed, and revoked", good, marked(status.Invalid, end.Add(-time.Hour)), end, nil)
	elsewhere := label
	elsewhere.Status += status.ListSize
	add("", "a place in another list than the one at hand", text(star, seal(answer, elsewhere)), before, fresh, nil)
	add("", "a statement of compliance, which has no number", text(declared, seal(answer, declaration)), before, fresh, nil)
	late := time.Date(2031, 5, 30, 23, 0, 0, 0, time.UTC) // midnight in London, in summer
	add("", "the last second of the day printed, in London", text(declared, seal(answer, declaration)), marked(status.Valid, late.Add(-time.Hour)), late.Add(-time.Second), nil)
	add("", "past the day printed, in London", text(declared, seal(answer, declaration)), marked(status.Valid, late.Add(-time.Hour)), late, nil)
	endless := declaration
	endless.Expires = verify.Date{}
	add("", "no last day: ask online", text(declared, seal(answer, endless)), before, fresh, nil)
	add("", "the code as it is printed", strings.Replace(good, string(star), star.Printed(), 1), "", fresh, nil)
	former := replace("answer_keys", []any{map[string]any{"key": stranger.Key().JWK()}, map[string]any{"key": answer.Key().JWK(), "until": "2026-09-01T00:00:00Z"}})
	add("", "by an answer key given up since: what is printed lives on", good, "", fresh, former)

	at := strings.LastIndexByte(good, '.') + 1
	add("signature", "an altered signature", good[:at]+altered(good[at:]), "", fresh, nil)
	other := label
	other.Expires = day("2030-03-31")
	longer := strings.Split(seal(answer, other), ".")
	mine := strings.Split(seal(answer, label), ".")
	add("signature", "a later last day under the same signature", text(star, mine[0]+"."+longer[1]+"."+mine[2]), "", fresh, nil)
	add("key", "signed by a stranger", text(star, seal(stranger, label)), "", fresh, nil)
	add("untrusted", "about another code than the address", text(declared, seal(answer, label)), "", fresh, nil)
	add("code_check", "a code whose check symbol is wrong", text("7K3MQ2ZT9XWF", seal(answer, label)), "", fresh, nil)
	add("malformed", "no token", strings.SplitN(good, "#", 2)[0], "", fresh, nil)
	add("malformed", "another address", strings.Replace(good, "HTTPS://LABELS.EXAMPLE/V/", "HTTPS://LABELS.EXAMPLE/X/", 1), "", fresh, nil)
	add("malformed", "more than 255 characters", strings.Replace(good, "LABELS.EXAMPLE", strings.Repeat("A", 255)+".EXAMPLE", 1), "", fresh, nil)
	add("malformed", "a line end after it", good+"\n", "", fresh, nil)
	id := string(answer.Key().ID())
	raw := func(header, payload string) string { return text(star, m.envelopeOf("answer", header, payload)) }
	short := `{"alg":"EdDSA","kid":"` + id[:6] + `"}`
	add("", "Ed25519, the name of RFC 9864", raw(`{"alg":"Ed25519","kid":"`+id[:6]+`"}`, string(label.Payload())), "", fresh, nil)
	for _, c := range []named[string]{
		{"with typ in the header", func(s *string) { *s = raw(`{"alg":"EdDSA","kid":"`+id[:6]+`","typ":"JWT"}`, string(label.Payload())) }},
		{"with seven characters of the key id", func(s *string) { *s = raw(`{"alg":"EdDSA","kid":"`+id[:7]+`"}`, string(label.Payload())) }},
		{"with the whole key id", func(s *string) { *s = raw(`{"alg":"EdDSA","kid":"`+id+`"}`, string(label.Payload())) }},
		{"alg none", func(s *string) { *s = raw(`{"alg":"none","kid":"`+id[:6]+`"}`, string(label.Payload())) }},
		{"a payload with spaces", func(s *string) { *s = raw(short, strings.ReplaceAll(string(label.Payload()), ",", ", ")) }},
		{"a payload of four", func(s *string) { *s = raw(short, `["7K3MQ2ZT9XWE","DEMO-2026-000123",20280331,4711]`) }},
		{"a payload that is an object", func(s *string) { *s = raw(short, `{"code":"7K3MQ2ZT9XWE"}`) }},
		{"no such day", func(s *string) { *s = raw(short, `["7K3MQ2ZT9XWE","",20280231,4711,"ipa"]`) }},
		{"a place below 0", func(s *string) { *s = raw(short, `["7K3MQ2ZT9XWE","",20280331,-1,"ipa"]`) }},
		{"a place over 2^53-1", func(s *string) { *s = raw(short, `["7K3MQ2ZT9XWE","",20280331,9007199254740992,"ipa"]`) }},
		{"a code in small letters", func(s *string) { *s = raw(short, `["7k3mq2zt9xwe","",20280331,4711,"ipa"]`) }},
		{"a party in capitals", func(s *string) { *s = raw(short, `["7K3MQ2ZT9XWE","",20280331,4711,"IPA"]`) }},
	} {
		var refused string
		c.change(&refused)
		add("malformed", c.name, refused, "", fresh, nil)
	}
}
