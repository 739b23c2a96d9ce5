package web_test

import (
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/credential"
	"tegata/verify/envelope"
	"tegata/verify/status"
	"tegata/web"
)

// TestCredentials: other people's programs verify the credentials of the story,
// find in them what the W3C and UNTP want, and read from the lists how they stand.
func TestCredentials(t *testing.T) {
	k := registrytest.New(t)
	k.Play(t, time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))
	k.Clock.Set(time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC))
	third := registrytest.Code(7)
	k.Append(t, k.Say(t, verify.LabelIssued, third, func(m map[string]any) {
		l := m["label"].(map[string]any)
		l["level"], l["issued"], l["expires"] = 3, "2026-11-01", "2028-10-31"
		l["product"].(map[string]any)["models"] = []any{map[string]any{"model": "Ｘ 1/2?"}}
	}))
	declared := registrytest.Code(8)
	k.Append(t, k.Say(t, verify.DeclarationPublished, declared, nil))
	url := serve(t, k)
	out, err := exec.Command("node", "testdata/credential.mjs", url, "2WQ6TJX0M3KW", string(third), string(declared), "7K3MQ2ZT9XWE", "4HD8RVN1C5PE").CombinedOutput()
	want := `2WQ6TJX0M3KW 200 declaration Self 2026-06-30T15:00:00Z 2028-06-30T15:00:00Z true stands
` + string(third) + ` 200 certification 3rdParty 2026-10-31T15:00:00Z 2028-10-31T15:00:00Z true stands
` + string(declared) + ` 200 declaration Self 2026-05-11T23:00:00Z 2031-05-30T23:00:00Z true stands
7K3MQ2ZT9XWE 409 a measure that bars is in force
4HD8RVN1C5PE 200 declaration Self 2026-05-11T23:00:00Z 2031-05-30T23:00:00Z true stands
`
	if err != nil || string(out) != want {
		t.Errorf("%v: got\n%s\nwant\n%s", err, out, want)
	}
}

func serve(t *testing.T, k *registrytest.Kit) (url string) {
	t.Helper()
	h, err := web.NewHandler(web.Config{Registry: k.Registry, URL: "https://labels.example", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

// A given is a credential that somebody was given.
type given struct {
	code verify.Code
	credential.Credential
}

// TestCredentialsOfHistories plays random histories. A record has a credential
// when its verdict says valid and nothing bars it, and at no other time. Of those
// given out on the way, none reads as good at a time when its record is not valid;
// and every bit is as the status list has it. It goes on until it came to all that it
// is about.
func TestCredentialsOfHistories(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	counts := map[string]int{}
	never := func() (missing []string) {
		for _, what := range []string{"given", "withheld", "revocation", "suspension"} {
			if counts[what] == 0 {
				missing = append(missing, what)
			}
		}
		return missing
	}
	for n := uint64(0); n < 4 || n < 40 && never() != nil; n++ {
		credentialsOfHistory(t, seed+n, counts)
	}
	t.Logf("seed %d: %v", seed, counts)
	if missing := never(); missing != nil {
		t.Errorf("seed %d: it never came to this: %s", seed, missing)
	}
}

func credentialsOfHistory(t *testing.T, seed uint64, counts map[string]int) {
	t.Helper()
	k := registrytest.New(t)
	k.Begin(t)
	url, h := serve(t, k), registrytest.NewHistory(k, seed)
	var out []given
	for range 70 {
		_, err := k.Registry.Append(context.Background(), h.Next(t))
		if refusal := (*registry.Refusal)(nil); err != nil && !errors.As(err, &refusal) && !errors.Is(err, envelope.ErrKey) {
			t.Fatalf("seed %d: %v", seed, err)
		}
		now := k.Clock.Now()
		bits := map[status.Purpose]listed{}
		for _, p := range status.Purposes {
			bits[p] = listBits(t, k, url, p)
		}
		for _, code := range append(h.Labels(), h.Declarations()...) {
			c, given := ask(t, k, url, code, &out)
			f, err := k.Registry.Lookup(context.Background(), code)
			if err != nil {
				t.Fatal(err)
			}
			barred := false
			for _, m := range f.Record(verify.Known{}).MeasuresAt(now) {
				barred = barred || m.Effect == verify.Bars
			}
			v := verify.Judge(f, verify.Question{At: now})
			if want := v.Validity.Status == verify.StatusValid && !barred; given != want {
				t.Errorf("seed %d: %s is %s, barred %v: a credential is given: %v", seed, code, v.Validity.Status, barred, given)
			}
			if given && (c.ValidFrom.After(now) || !c.ValidUntil.After(now)) {
				t.Errorf("seed %d: %s: from %s until %s, given at %s", seed, code, c.ValidFrom, c.ValidUntil, now)
			}
			counts[map[bool]string{true: "given", false: "withheld"}[given]]++
		}
		for _, g := range out {
			good := !now.Before(g.ValidFrom) && now.Before(g.ValidUntil)
			for _, e := range g.Status {
				i, err := strconv.Atoi(e.Index)
				if err != nil || e.List != "https://labels.example/status/0/"+string(e.Purpose) {
					t.Fatalf("seed %d: %+v", seed, e)
				}
				if bits[e.Purpose].set(i) {
					good = false
					counts[string(e.Purpose)]++
				}
			}
			f, err := k.Registry.Lookup(context.Background(), g.code)
			if err != nil {
				t.Fatal(err)
			}
			if s := f.Record(verify.Known{}).Status(now); good && s != verify.StatusValid && s != verify.StatusNotYet {
				t.Errorf("seed %d: a credential of %s reads as good, and it is %s", seed, g.code, s)
			}
		}
	}
	l, err := k.Registry.StatusList(context.Background(), 0, k.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	revoked, suspended := listBits(t, k, url, status.Revocation), listBits(t, k, url, status.Suspension)
	for i := range status.ListSize {
		s := l.At(int64(i))
		if revoked.set(i) != (s == status.Invalid) || suspended.set(i) != (s == status.Suspended || s == status.AskOnline) {
			t.Fatalf("seed %d: place %d stands at %d, and its bits are %v, %v", seed, i, s, revoked.set(i), suspended.set(i))
		}
	}
}

// ask asks for a credential and notes it among those given.
func ask(t *testing.T, k *registrytest.Kit, url string, code verify.Code, out *[]given) (c credential.Credential, ok bool) {
	t.Helper()
	code200, payload := credentialAt(t, k, url+"/api/v1/records/"+string(code)+".vc.jwt")
	if !code200 {
		return c, false
	}
	if err := json.Unmarshal(payload, &c); err != nil {
		t.Fatal(err)
	}
	*out = append(*out, given{code, c})
	return c, true
}

// credentialAt is the payload of the credential at an address, signed by the
// registry, if there is one.
func credentialAt(t *testing.T, k *registrytest.Kit, address string) (ok bool, payload []byte) {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		return false, nil
	}
	e, err := envelope.OpenAs(envelope.Credential, body)
	if err == nil {
		err = e.Verify(k.Registry.Answer().Key())
	}
	if err != nil {
		t.Fatal(err)
	}
	return true, e.Payload
}

// A listed is the bits of a list.
type listed []byte

func (l listed) set(place int) bool { return l[place/8]&(0x80>>(place%8)) != 0 }

// listBits are the bits of list 0 for a purpose.
func listBits(t *testing.T, k *registrytest.Kit, url string, p status.Purpose) listed {
	t.Helper()
	ok, payload := credentialAt(t, k, url+"/status/0/"+string(p))
	var l credential.List
	if err := json.Unmarshal(payload, &l); !ok || err != nil {
		t.Fatal(ok, err)
	}
	z, err := gzip.NewReader(base64.NewDecoder(base64.RawURLEncoding, strings.NewReader(strings.TrimPrefix(l.Subject.Encoded, "u"))))
	if err != nil {
		t.Fatal(err)
	}
	bits, err := io.ReadAll(z)
	if err != nil || len(bits)*8 != status.ListSize {
		t.Fatal(len(bits), err)
	}
	return bits
}
