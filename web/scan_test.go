package web_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"
	"time"

	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/envelope"
	"tegata/verify/status"
)

// scanCases are what the scripts of /scan must answer as the program does. The
// names are those that testdata/scan.mjs reads.
type scanCases struct {
	Trust       string      `json:"trust"`
	Fingerprint string      `json:"fingerprint"`
	Checks      []checkCase `json:"checks"`
	Codes       []codeCase  `json:"codes"`
	GTINs       []gtinCase  `json:"gtins"`
	Lists       []openCase  `json:"lists"`
}

type checkCase struct {
	Name  string          `json:"name"`
	Token string          `json:"token"`
	List  string          `json:"list"` // empty: there is none
	Now   int64           `json:"now"`  // milliseconds
	Want  *status.Reading `json:"want"` // null: the token is refused
}

type codeCase struct {
	Text   string           `json:"text"`
	Code   verify.Code      `json:"code"`
	Fault  verify.FaultRule `json:"fault"`
	Detail string           `json:"detail"`
}

type gtinCase struct {
	Text string `json:"text"`
	Good bool   `json:"good"`
}

type openCase struct {
	Token string `json:"token"`
	Good  bool   `json:"good"`
}

// TestScanScripts holds that the scripts of /scan read codes, trade item
// numbers, tokens and status lists, and conclude from them, as the program does:
// the program makes the cases, and the scripts answer them in Node.
func TestScanScripts(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	trust := k.Trust(t)
	c := scanCases{Trust: string(trust.Marshal()), Fingerprint: trust.Fingerprint()}
	c.checks(t, k)
	c.lists(t, k)
	random := rand.New(rand.NewPCG(7, 8))
	c.codes(random)
	c.gtins(random)
	in, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	node := exec.Command("node", "testdata/scan.mjs")
	var stderr bytes.Buffer
	node.Stdin, node.Stderr = bytes.NewReader(in), &stderr
	out, err := node.Output()
	if err != nil {
		t.Fatalf("%v: run: make tools\n%s", err, &stderr)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	for _, line := range lines[:len(lines)-1] {
		t.Error(line)
	}
	want := fmt.Sprintf("%d checks, %d lists, %d codes, %d numbers", len(c.Checks), len(c.Lists), len(c.Codes), len(c.GTINs))
	if last := lines[len(lines)-1]; last != want {
		t.Errorf("it ended with %q, want %q", last, want)
	}
}

// checks are tokens and lists, about every boundary there is, and tokens that are
// refused.
func (c *scanCases) checks(t *testing.T, k *registrytest.Kit) {
	issued := time.Date(2028, 3, 31, 12, 0, 0, 0, time.UTC)
	lists := map[string]*status.List{"none": nil}
	sealed := map[string]string{}
	for name, number := range map[string]int64{"list": 0, "other list": 1} {
		l := status.NewList(map[int64]status.Status{4: status.Invalid, 5: status.Suspended, 6: status.AskOnline, 7: status.Invalid, status.ListSize - 1: status.Suspended})
		l.Issuer, l.Sub = k.Registry.Origin(), status.Address("https://labels.example", number)
		l.Issued, l.Expires, l.TTL = issued, issued.Add(12*time.Hour), 5*time.Minute
		lists[name], sealed[name] = &l, sealList(t, k, l)
	}
	day := verify.Date{Year: 2028, Month: 3, Day: 31}
	summer := verify.Date{Year: 2028, Month: 7, Day: 1} // in London an hour ahead
	for _, token := range []status.Token{
		{Code: registrytest.Code(1), Number: "DEMO-2026-000123", Expires: day, Status: 3, By: "ipa"},
		{Code: registrytest.Code(1), Number: "DEMO-2026-000123", Expires: day, Status: 4, By: "ipa"},
		{Code: registrytest.Code(1), Number: "DEMO-2026-000123", Expires: day, Status: 5, By: "ipa"},
		{Code: registrytest.Code(1), Number: "DEMO-2026-000123", Expires: day, Status: 6, By: "ipa"},
		{Code: registrytest.Code(1), Number: "DEMO-2026-000123", Expires: day.AddDays(-1), Status: 3, By: "ipa"}, // over when the list was issued
		{Code: registrytest.Code(2), Expires: day, Status: 0, By: "aoba-networks"},
		{Code: registrytest.Code(2), Expires: summer, Status: 5, By: "aoba-networks"},
		{Code: registrytest.Code(2), Status: status.ListSize - 1, By: "a"},
		{Code: registrytest.Code(2), Status: 0, By: "a"}, // valid, and without a last day
		{Code: registrytest.Code(3), Number: "1", Expires: day, Status: status.ListSize + 5, By: "x-1"},
		{Code: registrytest.Code(3), Number: "1", Expires: day, Status: 1<<53 - 1, By: "x-1"},
	} {
		short, err := token.Seal(k.Registry.Answer())
		if err != nil {
			t.Fatal(err)
		}
		instants := []time.Time{issued.Add(-48 * time.Hour), issued, issued.Add(12 * time.Hour)}
		for _, d := range []verify.Date{day, summer} {
			for _, zone := range []verify.Country{"JP", "GB"} {
				instants = append(instants, d.End(zone.Zone()))
			}
		}
		for name, list := range lists {
			for _, at := range instants {
				for _, now := range []time.Time{at.Add(-time.Millisecond), at} {
					want := status.Check(token, list, now)
					c.Checks = append(c.Checks, checkCase{fmt.Sprintf("%s with %s at %s", token.Payload(), name, now), short, sealed[name], now.UnixMilli(), &want})
				}
			}
		}
		c.refused(t, k, short)
	}
	for _, payload := range []string{
		`["7K3MQ2ZT9XWE","",0,0,"ipa"]`, `["7K3MQ2ZT9XWE","",20280229,0,"ipa"]`, `["7K3MQ2ZT9XWE","",19000101,0,"ipa"]`, // good
		`["7K3MQ2ZT9XWF","",0,0,"ipa"]`, `["7k3mq2zt9xwe","",0,0,"ipa"]`, `["","",0,0,"ipa"]`,
		`["7K3MQ2ZT9XWE","",20280230,0,"ipa"]`, `["7K3MQ2ZT9XWE","",18991231,0,"ipa"]`, `["7K3MQ2ZT9XWE","",2028033,0,"ipa"]`,
		`["7K3MQ2ZT9XWE","",20281301,0,"ipa"]`, `["7K3MQ2ZT9XWE","",20280000,0,"ipa"]`, `["7K3MQ2ZT9XWE","","20280331",0,"ipa"]`,
		`["7K3MQ2ZT9XWE","",0,-1,"ipa"]`, `["7K3MQ2ZT9XWE","",0,9007199254740992,"ipa"]`, `["7K3MQ2ZT9XWE","",0,1.0,"ipa"]`,
		`["7K3MQ2ZT9XWE","",0,0,""]`, `["7K3MQ2ZT9XWE","",0,0,"Ipa"]`, `["7K3MQ2ZT9XWE","",0,0,"ipa-"]`, `["7K3MQ2ZT9XWE","",0,0]`,
		`["7K3MQ2ZT9XWE","",0,0,"ipa",1]`, `["7K3MQ2ZT9XWE", "",0,0,"ipa"]`, `["7K3MQ2ZT9XWE","a",0,0,"ipa"]`, `["7K3MQ2ZT9XWE",null,0,0,"ipa"]`,
		`["\u0037K3MQ2ZT9XWE","",0,0,"ipa"]`, `[]`,
	} {
		short, err := k.Registry.Answer().SealShort([]byte(payload))
		if err != nil {
			t.Fatalf("%s: %v", payload, err)
		}
		check := checkCase{Name: payload, Token: short, Now: issued.UnixMilli()}
		if token, err := status.OpenToken([]byte(short), k.Registry.Answer().Key()); err == nil {
			want := status.Check(token, nil, issued)
			check.Want = &want
		}
		c.Checks = append(c.Checks, check)
	}
}

// refused adds the token with each of its characters changed, one of a stranger,
// and one with something after it.
func (c *scanCases) refused(t *testing.T, k *registrytest.Kit, short string) {
	stranger, err := k.Stranger()
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := stranger.SealShort([]byte(`["7K3MQ2ZT9XWE","",0,0,"ipa"]`))
	if err != nil {
		t.Fatal(err)
	}
	bad := []string{foreign, short + "\n", short + ".", short + "A", ""}
	for i := range short {
		other := byte('A')
		if short[i] == other {
			other = 'B'
		}
		bad = append(bad, short[:i]+string(other)+short[i+1:])
	}
	for _, token := range bad {
		if _, err := status.OpenToken([]byte(token), k.Registry.Answer().Key()); err == nil {
			t.Fatalf("%q: opened, want it refused", token)
		}
		c.Checks = append(c.Checks, checkCase{Name: "changed: " + token, Token: token})
	}
}

func sealList(t *testing.T, k *registrytest.Kit, l status.List) string {
	t.Helper()
	token, err := k.Registry.Answer().SealAs(envelope.StatusList, l.Payload())
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// lists are status lists, good and changed, each as the program takes it.
func (c *scanCases) lists(t *testing.T, k *registrytest.Kit) {
	l := status.NewList(map[int64]status.Status{9: status.Invalid})
	l.Issuer, l.Sub = k.Registry.Origin(), "https://labels.example/status/7"
	l.Issued = time.Date(2028, 3, 31, 12, 0, 0, 0, time.UTC)
	l.Expires, l.TTL = l.Issued.Add(time.Hour), time.Minute
	payload := string(l.Payload())
	tokens := []string{sealList(t, k, l)}
	for i := 0; i < len(tokens[0]); i += 7 {
		other := "A"
		if tokens[0][i] == 'A' {
			other = "B"
		}
		tokens = append(tokens, tokens[0][:i]+other+tokens[0][i+1:])
	}
	for _, change := range [][2]string{
		{`"bits":2`, `"bits":1`}, {`"iss":"`, `"iss":"x`}, {`/status/7`, `/status/07`}, {`/status/7`, `/status/-1`}, {`/status/7`, `/status/7?`},
		{`https:`, `ftp:`}, {`"ttl":60`, `"ttl":0`}, {`"ttl":60`, `"ttl":-1`}, {`"ttl":60`, `"ttl":1.5`}, {`"exp":`, `"exp":-`}, {`"iat":1`, `"iat":3`}, {`"exp":18`, `"exp":19`}, {`"lst":"`, `"lst":"AA`},
		{l.Sub, "http://127.0.0.1:8080/status/0"},
	} {
		changed := strings.Replace(payload, change[0], change[1], 1)
		if changed == payload {
			t.Fatalf("%s: not in %s", change[0], payload)
		}
		token, err := k.Registry.Answer().SealAs(envelope.StatusList, []byte(changed))
		if err != nil {
			t.Fatal(err)
		}
		tokens = append(tokens, token)
	}
	trust := k.Trust(t)
	good := 0
	for _, token := range tokens {
		payload, _, err := trust.OpenAnswer(envelope.StatusList, []byte(token))
		if err == nil {
			_, err = status.ParseList(payload)
		}
		if err == nil {
			good++
		}
		c.Lists = append(c.Lists, openCase{token, err == nil})
	}
	if good != 2 {
		t.Fatalf("got %d good lists, want 2", good)
	}
}

// codes are codes as people type them, and nearly.
func (c *scanCases) codes(random *rand.Rand) {
	const typed = "0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghijklmnopqrstuvwxyzILOU- !ſK登"
	symbols := []rune(typed)
	texts := []string{"", "7K3M-Q2ZT-9XWE", "7k3m q2zt 9xwe", "OOOO-0000-OOI2", "000000000012", "4912345678904", "7K3MQ2ZT9XWE ", "é"}
	for range 4000 {
		text := []rune(registrytest.Code(random.Int64N(1 << 55)).Printed())
		for range random.IntN(3) {
			i := random.IntN(len(text))
			switch random.IntN(3) {
			case 0:
				text[i] = symbols[random.IntN(len(symbols))]
			case 1:
				text = append(text[:i], text[i+1:]...)
			default:
				text = append(text[:i], append([]rune{symbols[random.IntN(len(symbols))]}, text[i:]...)...)
			}
		}
		texts = append(texts, string(text))
	}
	for _, text := range texts {
		code, err := verify.ParseCode(text)
		one := codeCase{Text: text, Code: code}
		if e, ok := err.(*verify.CodeError); ok {
			one.Fault, one.Detail = e.Rule, e.Detail()
		}
		c.Codes = append(c.Codes, one)
	}
}

// gtins are trade item numbers, every tenth with a check digit that fits.
func (c *scanCases) gtins(random *rand.Rand) {
	texts := []string{"", "4912345678904", "04912345678904", "491234567890a", " 4912345678904", "４９１２３４５６７８９０４"}
	for range 2000 {
		text := make([]byte, 7+random.IntN(9))
		for i := range text {
			text[i] = byte('0' + random.IntN(10))
		}
		texts = append(texts, string(text))
	}
	for _, text := range texts {
		_, err := verify.ParseGTIN(text)
		c.GTINs = append(c.GTINs, gtinCase{text, err == nil})
	}
}
