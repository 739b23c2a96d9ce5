package status

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"tegata/verify/envelope"
)

// issued is when the lists of these tests were.
var issued = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// aList is list 0 with these places.
func aList(places map[int64]Status) List {
	l := NewList(places)
	l.Issuer, l.Sub = "labels.example", Address("https://labels.example", 0)
	l.Issued, l.Expires, l.TTL = issued, issued.Add(12*time.Hour), 5*time.Minute
	return l
}

// The two worked examples of the draft (section 4.1): what they are packed and
// compressed to is unpacked to what they say.
func TestVectors(t *testing.T) {
	for _, v := range []struct {
		bits       int64
		compressed string
		packed     []byte
		values     []byte
	}{
		{1, "78dadbb918000217015d", []byte{0xb9, 0xa3}, []byte{1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1}},
		{2, "78da3be9f2130003df0207", []byte{0xc9, 0x44, 0xf9}, []byte{1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3}},
	} {
		compressed, err := hex.DecodeString(v.compressed)
		if err != nil {
			t.Fatal(err)
		}
		packed, err := inflate(base64.RawURLEncoding.EncodeToString(compressed), len(v.packed))
		if err != nil || !bytes.Equal(packed, v.packed) {
			t.Errorf("got %x, %v, want %x", packed, err, v.packed)
			continue
		}
		for i, want := range v.values {
			if got := value(packed, v.bits, int64(i)); got != want {
				t.Errorf("%d bits: at %d got %d, want %d", v.bits, i, got, want)
			}
		}
	}
	l := NewList(map[int64]Status{0: 1, 1: 2, 3: 3, 5: 1, 7: 1, 8: 1, 9: 2, 10: 3, 11: 3})
	if !bytes.Equal(l.packed[:4], []byte{0xc9, 0x44, 0xf9, 0}) {
		t.Errorf("got %x, want c944f900", l.packed[:4])
	}
}

// What is written is read again, every place of it.
func TestListAgain(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 10_000, 700_000} {
		places := map[int64]Status{0: Invalid, ListSize - 1: AskOnline}
		for range n {
			places[rng.Int64N(ListSize)] = Status(1 + rng.IntN(3))
		}
		want := aList(places)
		payload := want.Payload()
		got, err := ParseList(payload)
		if err != nil {
			t.Fatal(err)
		}
		if got.Issuer != want.Issuer || got.Sub != want.Sub || !got.Issued.Equal(want.Issued) || !got.Expires.Equal(want.Expires) || got.TTL != want.TTL {
			t.Errorf("got %s %s %s %s %s", got.Issuer, got.Sub, got.Issued, got.Expires, got.TTL)
		}
		for i := range int64(ListSize) {
			if got.At(i) != places[i] {
				t.Fatalf("%d places: at %d got %d, want %d", n, i, got.At(i), places[i])
			}
		}
		if !bytes.Equal(got.Payload(), payload) {
			t.Errorf("%d places: not the same again", n)
		}
		signer, err := envelope.NewSigner()
		if err != nil {
			t.Fatal(err)
		}
		token, err := signer.SealAs(envelope.StatusList, payload)
		if err != nil {
			t.Fatalf("%d places: %v", n, err)
		}
		t.Logf("%d places make a token of %d bytes", n, len(token))
	}
}

// deflated is the lst of some bytes.
func deflated(b []byte) string {
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	w.Write(b)
	w.Close()
	return base64.RawURLEncoding.EncodeToString(out.Bytes())
}

func TestParseListRefuses(t *testing.T) {
	valid := aList(map[int64]Status{4711: Invalid}).Payload()
	if _, err := ParseList(valid); err != nil {
		t.Fatal(err)
	}
	set := func(name string, to any) func(m map[string]any) {
		return func(m map[string]any) {
			if inner, found := strings.CutPrefix(name, "status_list."); found {
				m = m["status_list"].(map[string]any)
				name = inner
			}
			if to == nil {
				delete(m, name)
			} else {
				m[name] = to
			}
		}
	}
	lst := func(change func([]byte) []byte) func(m map[string]any) {
		return func(m map[string]any) {
			l := m["status_list"].(map[string]any)
			b, err := base64.RawURLEncoding.DecodeString(l["lst"].(string))
			if err != nil {
				t.Fatal(err)
			}
			l["lst"] = base64.RawURLEncoding.EncodeToString(change(slices.Clone(b)))
		}
	}
	const size = ListSize * bits / 8
	for _, tt := range []struct {
		name   string
		change func(m map[string]any)
		want   []string
	}{
		{"iss missing", set("iss", nil), []string{"iss"}},
		{"iss empty", set("iss", ""), []string{"iss"}},
		{"iss a number", set("iss", 1), []string{"/iss"}},
		{"sub missing", set("sub", nil), []string{"sub"}},
		{"sub of another place", set("sub", "https://labels.example/statuslists/0"), []string{"sub"}},
		{"sub without number", set("sub", "https://labels.example/status/"), []string{"sub"}},
		{"sub with a zero too many", set("sub", "https://labels.example/status/00"), []string{"sub"}},
		{"sub below zero", set("sub", "https://labels.example/status/-1"), []string{"sub"}},
		{"sub escaped", set("sub", "https://labels.example/status/%30"), []string{"sub"}},
		{"sub with a query", set("sub", "https://labels.example/status/0?time=1"), []string{"sub"}},
		{"sub with a fragment", set("sub", "https://labels.example/status/0#"), []string{"sub"}},
		{"sub with a user", set("sub", "https://x@labels.example/status/0"), []string{"sub"}},
		{"sub without host", set("sub", "https:///status/0"), []string{"sub"}},
		{"sub without scheme", set("sub", "labels.example/status/0"), []string{"sub"}},
		{"sub of another scheme", set("sub", "ftp://labels.example/status/0"), []string{"sub"}},
		{"sub not an address", set("sub", "https://labels.example:x/status/0"), []string{"sub"}},
		{"iat missing", set("iat", nil), []string{"iat"}},
		{"iat a fraction", set("iat", 1.5), []string{"/iat"}},
		{"iat a text", set("iat", "1795392000"), []string{"/iat"}},
		{"iat past the years", set("iat", 253402300800), []string{"iat", "exp"}},
		{"exp missing", set("exp", nil), []string{"exp"}},
		{"exp more than a day later", set("exp", issued.Add(24*time.Hour).Unix()+1), []string{"exp: more than"}},
		{"exp at iat", set("exp", issued.Unix()), []string{"exp"}},
		{"exp past the years", set("exp", 253402300800), []string{"exp"}},
		{"ttl missing", set("ttl", nil), []string{"ttl"}},
		{"ttl zero", set("ttl", 0), []string{"ttl"}},
		{"ttl below zero", set("ttl", -300), []string{"ttl"}},
		{"status_list missing", set("status_list", nil), []string{"status_list.bits", "status_list.lst"}},
		{"status_list a text", set("status_list", "eNo"), []string{"/status_list"}},
		{"one bit", set("status_list.bits", 1), []string{"status_list.bits: 1"}},
		{"three bits", set("status_list.bits", 3), []string{"status_list.bits: 3"}},
		{"lst missing", set("status_list.lst", nil), []string{"status_list.lst"}},
		{"lst with padding", set("status_list.lst", "eNo="), []string{"status_list.lst: not the one base64url"}},
		{"lst with a line end", set("status_list.lst", deflated(make([]byte, size))+"\n"), []string{"status_list.lst: not the one base64url"}},
		{"lst of no compressed bytes", set("status_list.lst", ""), []string{"status_list.lst: unexpected EOF"}},
		{"lst a byte short", set("status_list.lst", deflated(make([]byte, size-1))), []string{"status_list.lst: after 262143 of 262144 bytes"}},
		{"lst a byte long", set("status_list.lst", deflated(make([]byte, size+1))), []string{"status_list.lst: more than 262144"}},
		{"lst much too long", set("status_list.lst", deflated(make([]byte, 100<<20))), []string{"status_list.lst: more than 262144"}},
		{"lst cut off", lst(func(b []byte) []byte { return b[:len(b)-1] }), []string{"status_list.lst: unexpected EOF"}},
		{"lst with another checksum", lst(func(b []byte) []byte { b[len(b)-1] ^= 1; return b }), []string{"status_list.lst: zlib: invalid checksum"}},
		{"lst with a byte after it", lst(func(b []byte) []byte { return append(b, 0) }), []string{"status_list.lst: 1 bytes follow"}},
		{"lst by gzip", lst(func(b []byte) []byte { return append([]byte{0x1f, 0x8b}, b...) }), []string{"status_list.lst: zlib: invalid header"}},
		{"a claim more", set("nbf", issued.Unix()), []string{`unknown object member name at "/nbf"`}},
		{"a member more", set("status_list.size", 1), []string{`unknown object member name at "/status_list/size"`}},
		{"all at once", func(m map[string]any) {
			clear(m)
		}, []string{"iss", "sub", "iat", "exp", "ttl", "status_list.bits", "status_list.lst"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var m map[string]any
			d := json.NewDecoder(bytes.NewReader(valid))
			d.UseNumber()
			if err := d.Decode(&m); err != nil {
				t.Fatal(err)
			}
			tt.change(m)
			payload, err := json.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			l, err := ParseList(payload)
			if !errors.Is(err, envelope.ErrMalformed) {
				t.Fatalf("got %v, want malformed", err)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %q in it", err, want)
				}
			}
			if n := strings.Count(err.Error(), "; ") + 1; n != len(tt.want) {
				t.Errorf("got %d faults, want %d: %v", n, len(tt.want), err)
			}
			if l.packed != nil || l.Sub != "" {
				t.Error("got a list beside the error")
			}
		})
	}
	twice := bytes.Replace(valid, []byte(`"iat"`), []byte(`"iat":1,"iat"`), 1)
	for _, payload := range []string{"", "null", "[]", string(valid) + "{}", string(twice)} {
		if _, err := ParseList([]byte(payload)); !errors.Is(err, envelope.ErrMalformed) {
			t.Errorf("%.60q: got %v, want malformed", payload, err)
		}
	}
	// The draft allows an address of the aggregation.
	if _, err := ParseList(bytes.Replace(valid, []byte(`"bits"`), []byte(`"aggregation_uri":"https://labels.example/status","bits"`), 1)); err != nil {
		t.Errorf("with aggregation_uri: %v", err)
	}
}

func FuzzParseList(f *testing.F) {
	f.Add(aList(map[int64]Status{4711: Invalid, 0: AskOnline}).Payload())
	f.Add([]byte(`{"iss":"a","sub":"http://a/status/0","iat":1,"exp":2,"ttl":1,"status_list":{"bits":2,"lst":"eNrbuRgAAhcBXQ"}}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		l, err := ParseList(payload)
		if err != nil {
			if !errors.Is(err, envelope.ErrMalformed) {
				t.Errorf("got %v, want malformed", err)
			}
			return
		}
		again, err := ParseList(l.Payload())
		if err != nil || again.Sub != l.Sub || again.Issuer != l.Issuer || !again.Issued.Equal(l.Issued) || !again.Expires.Equal(l.Expires) || again.TTL != l.TTL || !bytes.Equal(again.packed, l.packed) {
			t.Errorf("%s reads otherwise again: %v", l.Sub, err)
		}
	})
}
