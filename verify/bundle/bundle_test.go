package bundle_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
	"tegata/verify/tlog"
)

// told is a kit whose registry has heard the whole story.
func told(tb testing.TB) *registrytest.Kit {
	k := registrytest.New(tb)
	k.Play(tb, time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC))
	return k
}

func codes(tb testing.TB, k *registrytest.Kit) []verify.Code {
	tb.Helper()
	codes, err := k.Registry.Codes(context.Background(), "", 1000)
	if err != nil {
		tb.Fatal(err)
	}
	return codes
}

// nowhere is a code that no log here has.
const nowhere verify.Code = "000000000012"

// same compares the two ways to the facts about a code: what they hold, and what
// they answer.
func same(t *testing.T, k *registrytest.Kit, code verify.Code) {
	t.Helper()
	want, err := k.Registry.Lookup(context.Background(), code)
	if err != nil {
		t.Fatal(err)
	}
	got, err := bundle.Open(k.Bundle(t, code), code, k.Trust(t))
	if err != nil {
		t.Fatalf("%s: %v", code, err)
	}
	var said []verify.Entry
	for _, list := range append(append(slices.Clone(want.Basis), want.Related...), want.Entries) {
		said = append(said, list...)
	}
	behind := func(g *verify.Governance) []verify.Entry { return g.Behind(said) }
	if d := cmp.Diff(want, got, cmp.Transformer("behind", behind), cmpopts.IgnoreUnexported(verify.Facts{})); d != "" {
		t.Errorf("%s (-lookup +bundle):\n%s", code, d)
	}
	for _, in := range []verify.Jurisdiction{"", verify.InGB, verify.InGBNIR, verify.InJP} {
		for _, days := range []int{-900, -200, -30, 0, 30, 400, 4000} {
			for _, size := range []int64{0, want.Log.Size / 3, want.Log.Size / 2} {
				q := verify.Question{In: in, At: want.Log.Time.AddDate(0, 0, days)}
				if size > 0 {
					if q.Known, err = k.Registry.KnownAt(size); err != nil {
						t.Fatal(err)
					}
				}
				if d := cmp.Diff(verify.Judge(want, q), verify.Judge(got, q)); d != "" {
					t.Errorf("%s %+v (-lookup +bundle):\n%s", code, q, d)
				}
			}
		}
	}
}

func TestOpenStory(t *testing.T) {
	k := told(t)
	for _, code := range append(codes(t, k), nowhere) {
		same(t, k, code)
	}
}

// TestOpenHistories: for random histories, the facts of a bundle are those of a
// look-up.
func TestOpenHistories(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	for n := range uint64(3) {
		k := registrytest.New(t)
		k.Begin(t)
		h := registrytest.NewHistory(k, seed+n)
		for i := range 120 {
			_, err := k.Registry.Append(context.Background(), h.Next(t))
			var refusal *registry.Refusal
			if err != nil && !errors.As(err, &refusal) && !errors.Is(err, envelope.ErrKey) {
				t.Fatalf("seed %d: %v", seed+n, err)
			}
			if i%30 == 29 {
				for _, code := range append(codes(t, k), nowhere) {
					same(t, k, code)
				}
			}
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed+n)
		}
	}
}

// A bundle of which any byte is another is refused, wherever it is.
func TestOpenEveryByte(t *testing.T) {
	k := told(t)
	trust := k.Trust(t)
	for _, code := range []verify.Code{based(t, k), nowhere} {
		data := k.Bundle(t, code)
		if _, err := bundle.Open(data, code, trust); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d bytes", code, len(data))
		for i := range data {
			bit := byte(1) << (i % 7) // its text stays ASCII
			data[i] ^= bit
			if _, err := bundle.Open(data, code, trust); err == nil {
				t.Errorf("%s: byte %d as %q is taken: …%s…", code, i, data[i], data[max(0, i-20):min(len(data), i+20)])
			}
			data[i] ^= bit
		}
		for _, cut := range []int{1, 2, len(data) / 2, len(data) - 1} {
			if _, err := bundle.Open(data[:len(data)-cut], code, trust); err == nil {
				t.Errorf("%s: without its last %d bytes it is taken", code, cut)
			}
		}
	}
}

// based is a label that rests on a declaration, so that its bundle has a part of
// every kind.
func based(tb testing.TB, k *registrytest.Kit) verify.Code {
	for _, c := range codes(tb, k) {
		f, err := k.Registry.Lookup(context.Background(), c)
		if err != nil {
			tb.Fatal(err)
		}
		if len(f.Basis) > 0 && len(f.Basis[0]) > 0 {
			return c
		}
	}
	tb.Fatal("no label of the story rests on a declaration")
	return ""
}

// parts takes a bundle apart, changes it and puts it together again.
func parts(tb testing.TB, data []byte, change func(*bundle.Bundle)) []byte {
	tb.Helper()
	var b bundle.Bundle
	if err := json.Unmarshal(data, &b); err != nil {
		tb.Fatal(err)
	}
	change(&b)
	return b.Marshal()
}

func TestOpenLeftOut(t *testing.T) {
	k := told(t)
	code := based(t, k)
	data := k.Bundle(t, code)
	var n int
	parts(t, data, func(b *bundle.Bundle) { n = len(b.Entries) })
	for i := range n {
		cut := parts(t, data, func(b *bundle.Bundle) { b.Entries = slices.Delete(b.Entries, i, i+1) })
		if _, err := bundle.Open(cut, code, k.Trust(t)); !errors.Is(err, bundle.ErrUntrusted) || !strings.Contains(err.Error(), "left out") {
			t.Errorf("without its entry %d of %d: got %v, want that it is left out", i, n, err)
		}
	}
}

// lie is a bundle whose manifest the registry signed over something else than
// what its log holds: the answer key is stolen, or its owner lies.
func lie(tb testing.TB, k *registrytest.Kit, data []byte, change func(*bundle.Manifest, *bundle.Bundle)) []byte {
	return parts(tb, data, func(b *bundle.Bundle) {
		e, err := envelope.OpenAs(envelope.Manifest, []byte(b.Manifest))
		if err != nil {
			tb.Fatal(err)
		}
		var m bundle.Manifest
		if err := json.Unmarshal(e.Payload, &m); err != nil {
			tb.Fatal(err)
		}
		change(&m, b)
		payload, err := json.Marshal(m)
		if err != nil {
			tb.Fatal(err)
		}
		if b.Manifest, err = k.Config.Answer.SealAs(envelope.Manifest, payload); err != nil {
			tb.Fatal(err)
		}
	})
}

func TestOpenRefuses(t *testing.T) {
	k, other := told(t), told(t)
	foreign := other.Trust(t)
	code := based(t, k)
	second := codes(t, k)[0]
	if second == code {
		second = codes(t, k)[1]
	}
	whole := k.Bundle(t, code)
	drop := func(list *[]int64) { *list = (*list)[:len(*list)-1] }
	for _, c := range []struct {
		name  string
		data  func() []byte
		code  verify.Code
		trust func(*bundle.Trust)
		want  error
		says  string
	}{
		{name: "as it is"},
		{name: "of another code", code: second, want: bundle.ErrUntrusted, says: "says nothing of"},
		{name: "empty", data: func() []byte { return nil }, want: envelope.ErrMalformed},
		{name: "another format", data: func() []byte {
			return []byte(strings.Replace(string(whole), "tegata-bundle/v1", "tegata-bundle/v2", 1))
		}, want: envelope.ErrMalformed, says: "tegata-bundle/v1"},
		{name: "a line end more", data: func() []byte { return append(slices.Clone(whole), '\n') }, want: envelope.ErrMalformed, says: "spelt"},
		{name: "of another registry", data: func() []byte { return other.Bundle(t, code) }, want: bundle.ErrUntrusted, says: "no answer key"},
		{name: "another answer key", trust: func(t *bundle.Trust) { t.AnswerKeys = foreign.AnswerKeys }, want: bundle.ErrUntrusted, says: "no answer key"},
		{name: "another log key", trust: func(t *bundle.Trust) { t.LogKeys = foreign.LogKeys }, want: tlog.ErrSignature, says: "checkpoint"},
		{name: "another cosigner key", trust: func(t *bundle.Trust) { t.CosignerKeys = foreign.CosignerKeys }, want: bundle.ErrUntrusted, says: "not dated"},
		{name: "another entry 0", trust: func(t *bundle.Trust) { t.Entry0 = foreign.Entry0 }, want: bundle.ErrUntrusted, says: "another log"},
		{name: "another origin", trust: func(t *bundle.Trust) { t.Origin = "other.example" }, want: bundle.ErrUntrusted, says: "issued by"},
		{name: "no witness saw it", trust: func(t *bundle.Trust) {
			t.Witnesses, t.Quorum = []tlog.CosignerKey{other.Config.Cosigner.Key()}, 1
		}, want: bundle.ErrUntrusted, says: "0 witnesses"},
		{name: "answer key given up before", trust: func(t *bundle.Trust) { t.AnswerKeys[0].Until = k.Clock.Now().Add(-time.Hour) }, want: bundle.ErrUntrusted, says: "given up"},
		{name: "answer key given up after", trust: func(t *bundle.Trust) { t.AnswerKeys[0].Until = k.Clock.Now() }},
		{name: "log key given up before", trust: func(t *bundle.Trust) { t.LogKeys[0].Until = k.Clock.Now().Add(-time.Hour) }, want: bundle.ErrUntrusted, says: "given up"},
		{name: "cosigner key given up before", trust: func(t *bundle.Trust) { t.CosignerKeys[0].Until = k.Clock.Now().Add(-time.Hour) }, want: bundle.ErrUntrusted, says: "not dated"},
		{name: "a key of a party left out by the registry", data: func() []byte {
			return lie(t, k, whole, func(m *bundle.Manifest, b *bundle.Bundle) {
				gone := m.Governance[1]
				m.Governance = slices.Delete(m.Governance, 1, 2)
				b.Entries = slices.DeleteFunc(b.Entries, func(e bundle.Included) bool { return e.Index == gone })
			})
		}, says: "entry"},
		{name: "a basis not named", data: func() []byte {
			return lie(t, k, whole, func(m *bundle.Manifest, b *bundle.Bundle) { m.Basis = [][]int64{} })
		}, want: bundle.ErrUntrusted},
		{name: "an entry named and not held", data: func() []byte {
			return lie(t, k, whole, func(m *bundle.Manifest, b *bundle.Bundle) {
				n := m.Log.Size - 1
				for slices.Contains(m.All(), n) {
					n--
				}
				m.Entries = append(m.Entries, n)
			})
		}, want: bundle.ErrUntrusted, says: "left out"},
		{name: "an entry held and not named", data: func() []byte {
			return lie(t, k, whole, func(m *bundle.Manifest, b *bundle.Bundle) { drop(&m.Entries) })
		}, want: bundle.ErrUntrusted, says: "other entries"},
		{name: "an entry named twice", data: func() []byte {
			return lie(t, k, whole, func(m *bundle.Manifest, b *bundle.Bundle) { m.Entries = append(m.Entries, m.Entries[0]) })
		}, want: bundle.ErrUntrusted, says: "another manifest"},
		{name: "time before an entry", data: func() []byte {
			return lie(t, k, whole, func(m *bundle.Manifest, b *bundle.Bundle) {
				m.Log.Time = m.Log.Time.AddDate(-4, 0, 0)
				m.IssuedAt = m.Log.Time.Unix()
			})
		}, want: bundle.ErrUntrusted, says: "after the time"},
		{name: "an old head passed off as the present one", data: func() []byte {
			return lie(t, k, whole, func(m *bundle.Manifest, b *bundle.Bundle) {
				m.Log.Time = m.Log.Time.AddDate(0, 1, 0)
				m.IssuedAt = m.Log.Time.Unix()
			})
		}, want: bundle.ErrUntrusted, says: "was dated last"},
		{name: "iat another than the time", data: func() []byte {
			return lie(t, k, whole, func(m *bundle.Manifest, b *bundle.Bundle) { m.IssuedAt++ })
		}, want: bundle.ErrUntrusted, says: "another manifest"},
		{name: "another head", data: func() []byte {
			return lie(t, k, whole, func(m *bundle.Manifest, b *bundle.Bundle) { m.Log.Size-- })
		}, want: bundle.ErrUntrusted, says: "different heads"},
		{name: "another checkpoint", data: func() []byte {
			return lie(t, k, whole, func(m *bundle.Manifest, b *bundle.Bundle) {
				m.Checkpoint = strings.Repeat("0", 64)
			})
		}, want: bundle.ErrUntrusted, says: "another checkpoint"},
	} {
		data, trust, about := whole, k.Trust(t), code
		if c.data != nil {
			data = c.data()
		}
		if c.code != "" {
			about = c.code
		}
		if c.trust != nil {
			c.trust(&trust)
		}
		facts, err := bundle.Open(data, about, trust)
		switch {
		case c.want == nil && c.says == "":
			if err != nil || len(facts.Entries) == 0 {
				t.Errorf("%s: got %d entries, %v", c.name, len(facts.Entries), err)
			}
		case err == nil || c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says):
			t.Errorf("%s: got %v, want %v with %q", c.name, err, c.want, c.says)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	k := told(b)
	code, trust := based(b, k), k.Trust(b)
	data := k.Bundle(b, code)
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := bundle.Open(data, code, trust); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	k := told(f)
	code, trust := based(f, k), k.Trust(f)
	whole := k.Bundle(f, code)
	f.Add(whole)
	f.Add(k.Bundle(f, nowhere))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := bundle.Open(data, code, trust); err == nil && string(data) != string(whole) {
			t.Errorf("taken: %q", data)
		}
	})
}
