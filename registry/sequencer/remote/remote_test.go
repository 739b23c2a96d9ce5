package remote_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/registry/sequencer"
	"tegata/registry/sequencer/remote"
	"tegata/registry/sequencer/sequencertest"
	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
	"tegata/verify/tlog"
)

// TestNext: what is handed on is the log as it stands, in parts that are not too
// large, of which the last has the head; then what follows, and the head dated
// anew.
func TestNext(t *testing.T) {
	o := begun(t)
	o.grow(t, 1, 600)
	size := o.Registry.Head().Size
	r := remote.New(o.config())
	entries, head := all(t, r, size)
	signed, err := o.Registry.Checkpoint()
	if err != nil || !bytes.Equal(head, signed) {
		t.Errorf("got the head %s, want %s (%v)", head, signed, err)
	}
	for i, e := range entries {
		want, err := o.Registry.Tile(tlog.TilePath{Level: 0, Index: int64(i) / tlog.TileWidth, Width: i%tlog.TileWidth + 1})
		leaf := tlog.LeafHash(e)
		if err != nil || !bytes.HasSuffix(want, leaf[:]) {
			t.Fatalf("entry %d is another: %v", i, err)
		}
	}
	if n := o.count("/tile/entries/"); n != 3 {
		t.Errorf("bundles of entries were asked for %d times, want 3", n)
	}

	o.grow(t, 1001, 1)
	b := news(t, r, size)
	if b.First != size || len(b.Entries) != 1 || b.Head == nil || b.Before == (tlog.Hash{}) {
		t.Fatalf("got %d entries from %d", len(b.Entries), b.First)
	}
	o.Clock.Set(o.Clock.Now().Add(2 * time.Minute))
	b = news(t, r, size+1)
	if len(b.Entries) != 0 || b.Head == nil || bytes.Equal(b.Head, signed) {
		t.Fatalf("dated anew: got %d entries, head %q", len(b.Entries), b.Head)
	}
}

// TestUnchanged: a checkpoint that is had is asked for by its tag, and nothing else.
func TestUnchanged(t *testing.T) {
	o := begun(t)
	size := o.Registry.Head().Size
	r := remote.New(o.config())
	all(t, r, size)
	tiles := o.count("/tile/")
	for range 5 {
		b, err := r.Next(soon(t), size)
		if err != nil || b.First != size || len(b.Entries) > 0 || b.Head != nil {
			t.Fatalf("got %v, %v, want that there is nothing new", b, err)
		}
	}
	if n := o.count("/tile/") - tiles; n != 0 || o.same != 5 {
		t.Errorf("%d tiles were asked for, and %d checkpoints were the same, want 0 and 5", n, o.same)
	}
}

// TestUnavailable: what cannot be had, or not read, or is not yet witnessed, is no
// finding, and is asked for again, later each time.
func TestUnavailable(t *testing.T) {
	o := begun(t)
	witness, err := tlog.NewCosigner("witness.example", ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
	if err != nil {
		t.Fatal(err)
	}
	quorum := o.config()
	quorum.Trust.Witnesses, quorum.Trust.Quorum = []tlog.CosignerKey{witness.Key()}, 1
	ahead := o.config()
	ahead.Now = func() time.Time { return o.Clock.Now().Add(-time.Hour) }
	for _, c := range []struct {
		name   string
		config remote.Config
		answer func(w http.ResponseWriter, r *http.Request)
		says   string
	}{
		{"a failing server", o.config(), func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, "502"},
		{"somebody else", o.config(), func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<p>Log in</p>") }, "malformed"},
		{"moved", o.config(), func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, o.url+"/checkpoint", http.StatusMovedPermanently)
		}, "follow that registry by its own address"},
		{"without end", o.config(), func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, 1<<20)) }, "longer than"},
		{"not witnessed yet", quorum, o.ServeHTTP, "too few witnesses"},
		{"clocks apart", ahead, o.ServeHTTP, "one of the clocks is wrong"},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(c.answer))
			defer server.Close()
			c.config.URL = server.URL
			b, err := remote.New(c.config).Next(soon(t), 0)
			if !errors.Is(err, sequencer.ErrUnavailable) || !strings.Contains(err.Error(), c.says) || b.Head != nil {
				t.Errorf("got %v, want %q", err, c.says)
			}
		})
	}
}

// TestHandOver: a new log key is taken where the former one and the operator say
// so, once that is kept; a key that nobody handed over is a finding.
func TestHandOver(t *testing.T) {
	private := func(n byte) ed25519.PrivateKey {
		return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
	}
	signer := func(n byte) *tlog.LogSigner {
		s, err := tlog.NewLogSigner(registrytest.Origin, private(n))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	public := func(n byte) verify.JWK {
		s, err := envelope.SignerFrom(private(n))
		if err != nil {
			t.Fatal(err)
		}
		return s.Key().JWK()
	}
	k := registrytest.New(t)
	k.Config.Log = signer(1)
	k.Begin(t)
	o := newOrigin(t, k)
	size := o.Registry.Head().Size
	var kept bundle.Trust
	config := o.config()
	full := errors.New("the disk is full")
	config.Took = func(trust bundle.Trust, all []bundle.HandOver) error {
		if len(all) != 1 {
			t.Errorf("%d hand-overs", len(all))
		}
		kept = trust
		return full
	}
	r := remote.New(config)
	all(t, r, size)

	old, err := envelope.SignerFrom(private(1))
	if err != nil {
		t.Fatal(err)
	}
	at := k.Clock.Now().Add(2 * time.Minute)
	k.Clock.Set(at)
	h, err := bundle.SealHandOver(bundle.HandOver{Origin: registrytest.Origin, What: bundle.LogPurpose, Old: public(1), New: public(2), At: at}, old, k.Signer(t, "operator"))
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Registry.Close(); err != nil {
		t.Fatal(err)
	}
	to := k.Config
	to.Log = signer(2)
	if err := registry.Rekey(k.Path, k.Config, func(bundle.Trust, time.Time) (registry.Config, error) { return to, nil }); err != nil {
		t.Fatal(err)
	}
	k.Config = to
	k.Config.HandOvers = []bundle.HandOver{h}
	if k.Registry, err = registry.Open(k.Path, k.Config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Registry.Close() })
	k.Clock.Set(at.Add(2 * time.Minute))

	if _, err := r.Next(soon(t), size); !errors.Is(err, sequencer.ErrUnavailable) || !errors.Is(err, full) {
		t.Errorf("not kept: got %v", err)
	}
	full = nil
	b := news(t, r, size)
	if kept.LogKeys[0].Key != signer(2).Key() {
		t.Fatalf("handed over: kept %v", kept.LogKeys)
	}
	if _, _, err := kept.OpenCheckpoint(b.Head); err != nil {
		t.Error(err)
	}

	// Without the hand-over it is another log.
	o.lying(on("/api/v1/handovers", func([]byte) []byte { return bundle.MarshalHandOvers(nil) }))
	_, err = next(t, remote.New(config), size)
	var found *sequencer.Fault
	if !errors.As(err, &found) || found.Reason != sequencer.Unsigned {
		t.Errorf("a key that nobody handed over: got %v", err)
	}
}

// TestMirrors holds mirrors to what nodes that share an order are held to.
func TestMirrors(t *testing.T) {
	sequencertest.Follow(t, func(t testing.TB, k *registrytest.Kit) registry.Config {
		o := newOrigin(t, k)
		return registry.Config{Original: registry.NewOriginal(o.url, o.trust), Sequencer: remote.New(o.config())}
	})
}

// TestAppend: statements go to the registry that is followed.
func TestAppend(t *testing.T) {
	r := remote.New(remote.Config{URL: "https://labels.example"})
	var elsewhere *sequencer.ReadOnly
	if err := r.Append(t.Context(), sequencer.Batch{}); !errors.As(err, &elsewhere) || elsewhere.Origin != "https://labels.example" {
		t.Errorf("got %v", err)
	}
}

// TestParse: an address is that of a registry.
func TestParse(t *testing.T) {
	for address, want := range map[string]string{
		"https://labels.example": "https://labels.example", "http://127.0.0.1:8080/": "http://127.0.0.1:8080",
		"https://labels.example/mirrors/fables.example": "https://labels.example/mirrors/fables.example",
		"labels.example": "", "ftp://labels.example": "", "https://": "", "https://a@labels.example": "",
		"https://labels.example?x": "", "https://labels.example#x": "", "https://labels.example?": "",
	} {
		if got, err := remote.Parse(address); got != want || (err == nil) != (want != "") {
			t.Errorf("%s: got %q, %v, want %q", address, got, err, want)
		}
	}
}
