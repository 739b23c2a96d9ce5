package remote_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
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

// An origin serves the log of a registry, or what a test makes of it.
type origin struct {
	*registrytest.Kit
	trust bundle.Trust
	url   string

	mu    sync.Mutex
	asked []string                              // paths, in their order
	same  int                                   // how often a checkpoint was had already
	lie   func(path string, body []byte) []byte // nil: as it is; an answer of nil: it is not there
}

func newOrigin(t testing.TB, k *registrytest.Kit) *origin {
	o := &origin{Kit: k, trust: k.Trust(t)}
	server := httptest.NewServer(o)
	t.Cleanup(server.Close)
	o.url = server.URL
	return o
}

// begun is the origin of a log of a few entries.
func begun(t *testing.T) *origin {
	k := registrytest.New(t)
	k.Begin(t)
	return newOrigin(t, k)
}

func (o *origin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asked = append(o.asked, r.URL.Path)
	body, err := o.answer(r.URL.Path)
	if o.lie != nil && err == nil {
		body = o.lie(r.URL.Path, body)
	}
	if err != nil || body == nil {
		http.NotFound(w, r)
		return
	}
	tag := fmt.Sprintf(`"%x"`, tlog.LeafHash(body))
	w.Header().Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		o.same++
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Write(body)
}

func (o *origin) answer(path string) ([]byte, error) {
	switch path {
	case "/checkpoint":
		return o.Registry.Checkpoint()
	case "/api/v1/handovers":
		return bundle.MarshalHandOvers(o.Registry.HandOvers()), nil
	}
	p, err := tlog.ParseTilePath(strings.TrimPrefix(path, "/"))
	if err != nil {
		return nil, err
	}
	return o.Registry.Tile(p)
}

// lying has the origin answer otherwise from now on.
func (o *origin) lying(lie func(path string, body []byte) []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.lie = lie
}

// count tells how often paths with a prefix were asked for.
func (o *origin) count(prefix string) (n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, path := range o.asked {
		if strings.HasPrefix(path, prefix) {
			n++
		}
	}
	return n
}

// config is that of one who follows the origin without a rest.
func (o *origin) config() remote.Config {
	return remote.Config{URL: o.url, Trust: o.trust, Every: time.Millisecond, Now: o.Clock.Now}
}

func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// grow enters so many labels.
func (o *origin) grow(t *testing.T, from, many int64) {
	t.Helper()
	waits := make([]func(context.Context) (registry.Receipt, error), many)
	for n := range many {
		wait, err := o.Registry.Submit(o.Say(t, "label.issued", registrytest.Code(from+n), nil))
		if err != nil {
			t.Fatal(err)
		}
		waits[n] = wait
	}
	for _, wait := range waits {
		if _, err := wait(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// all reads the log from one who follows it, up to a size.
func all(t *testing.T, r *remote.Remote, size int64) (entries [][]byte, head []byte) {
	t.Helper()
	for int64(len(entries)) < size || head == nil {
		b := news(t, r, int64(len(entries)))
		if b.First != int64(len(entries)) {
			t.Fatalf("got entries from %d, want from %d", b.First, len(entries))
		}
		entries, head = append(entries, b.Entries...), b.Head
	}
	return entries, head
}

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

// TestLies: what is not as it should be is a finding that says which, and no entry
// of it is handed on.
func TestLies(t *testing.T) {
	for _, c := range []struct {
		name string
		lie  func(t *testing.T, o *origin) func(path string, body []byte) []byte
		want sequencer.Reason
		says string
	}{
		{"an entry altered", func(*testing.T, *origin) func(string, []byte) []byte {
			return onEntries(func(entries [][]byte) [][]byte {
				last := len(entries) - 1
				entries[last] = bytes.Replace(entries[last], []byte("tegata-entry/v1\n1"), []byte("tegata-entry/v1\n2"), 1)
				return entries
			})
		}, sequencer.Altered, "it is not the one in the tree"},
		{"an entry taken out", func(*testing.T, *origin) func(string, []byte) []byte {
			return onEntries(func(entries [][]byte) [][]byte { return slices.Delete(entries, 1, 2) })
		}, sequencer.Missing, "entries, want"},
		{"two entries in another order", func(*testing.T, *origin) func(string, []byte) []byte {
			return onEntries(func(entries [][]byte) [][]byte {
				entries[len(entries)-1], entries[len(entries)-2] = entries[len(entries)-2], entries[len(entries)-1]
				return entries
			})
		}, sequencer.Altered, "it is not the one in the tree"},
		{"a bundle cut off", func(*testing.T, *origin) func(string, []byte) []byte {
			return on("/tile/entries/", func(b []byte) []byte { return b[:len(b)-1] })
		}, sequencer.Malformed, "cut off"},
		{"entries that are not there", func(*testing.T, *origin) func(string, []byte) []byte {
			return on("/tile/entries/", func([]byte) []byte { return nil })
		}, sequencer.Missing, "and not all of them"},
		{"a hash altered", func(*testing.T, *origin) func(string, []byte) []byte {
			return on("/tile/0/", func(b []byte) []byte { b[len(b)-1]++; return b })
		}, sequencer.Altered, "do not lead to the root"},
		{"a tile of hashes cut off", func(*testing.T, *origin) func(string, []byte) []byte {
			return on("/tile/0/", func(b []byte) []byte { return b[:len(b)-32] })
		}, sequencer.Altered, "bytes, want"},
		{"a checkpoint of another log", func(t *testing.T, o *origin) func(string, []byte) []byte {
			other := registrytest.New(t)
			other.Begin(t)
			signed, err := other.Registry.Checkpoint()
			if err != nil {
				t.Fatal(err)
			}
			return on("/checkpoint", func([]byte) []byte { return signed })
		}, sequencer.Unsigned, "no hand-over"},
		{"a checkpoint that is not dated", func(*testing.T, *origin) func(string, []byte) []byte {
			return on("/checkpoint", func(b []byte) []byte { return b[:bytes.LastIndex(b, []byte("— "))] })
		}, sequencer.Unsigned, "not dated"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := begun(t)
			o.lying(c.lie(t, o))
			r := remote.New(o.config())
			b, err := next(t, r, 0)
			var found *sequencer.Fault
			if !errors.As(err, &found) || found.Reason != c.want || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("got %v, want %s: %q", err, c.want, c.says)
			}
			if len(b.Entries) > 0 {
				t.Errorf("%d entries were handed on", len(b.Entries))
			}
			o.lying(nil) // it was a proxy, and is mended
			if _, err := next(t, r, 0); err != nil {
				t.Errorf("mended: %v", err)
			}
		})
	}
}

// next asks until something is answered: not that there is nothing new, nor that
// there is no answer.
func next(t *testing.T, r *remote.Remote, size int64) (b sequencer.Batch, err error) {
	for ctx := soon(t); ; {
		b, err = r.Next(ctx, size)
		if !errors.Is(err, sequencer.ErrUnavailable) && (err != nil || len(b.Entries) > 0 || b.Head != nil) {
			return b, err
		}
	}
}

// news is next where there is something.
func news(t *testing.T, r *remote.Remote, size int64) sequencer.Batch {
	t.Helper()
	b, err := next(t, r, size)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// on makes a lie about paths with a prefix.
func on(prefix string, lie func([]byte) []byte) func(string, []byte) []byte {
	return func(path string, body []byte) []byte {
		if strings.HasPrefix(path, prefix) {
			return lie(body)
		}
		return body
	}
}

func onEntries(lie func([][]byte) [][]byte) func(string, []byte) []byte {
	return on("/tile/entries/", func(b []byte) []byte {
		entries, err := tlog.ParseBundle(b)
		if err != nil {
			panic(err)
		}
		return tlog.MarshalBundle(lie(entries))
	})
}

// TestForked: a second history is a finding at once, whether its head has as many
// entries as the first, more, or fewer.
func TestForked(t *testing.T) {
	for _, c := range []struct {
		name         string
		first, other int64 // how many labels
	}{{"as many", 3, 3}, {"more", 3, 5}, {"fewer", 5, 3}} {
		t.Run(c.name, func(t *testing.T) {
			o := begun(t)
			other := o.copied(t)
			o.grow(t, 1, c.first)
			size := o.Registry.Head().Size
			r := remote.New(o.config())
			all(t, r, size)
			for n := range c.other {
				other.Append(t, other.Say(t, "label.issued", registrytest.Code(100+n), nil))
			}
			o.mu.Lock()
			o.Registry = other.Registry
			o.mu.Unlock()
			_, err := next(t, r, size)
			var found *sequencer.Fault
			if !errors.As(err, &found) || found.Reason != sequencer.Forked {
				t.Fatalf("got %v, want a fork", err)
			}
			for signed, want := range map[*[]byte]int64{&found.Kept: size, &found.Offered: other.Registry.Head().Size} {
				if head, _, err := o.trust.OpenCheckpoint(*signed); err != nil || head.Size != want {
					t.Errorf("no proof: a head of %d entries, %v, want one of %d", head.Size, err, want)
				}
			}
			if n := o.count("/checkpoint"); n > 10 {
				t.Errorf("it took %d looks", n)
			}
		})
	}
}

// copied returns a copy of the registry as it is, which goes on by itself.
func (o *origin) copied(t *testing.T) *registrytest.Kit {
	t.Helper()
	file, err := os.ReadFile(o.Path)
	if err != nil {
		t.Fatal(err)
	}
	k := *o.Kit
	k.Path = filepath.Join(t.TempDir(), "registry.db")
	if err := os.WriteFile(k.Path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	if k.Registry, err = registry.Open(k.Path, k.Config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Registry.Close() })
	return &k
}

// TestOlder: an old checkpoint may come from a cache, and is borne with; it is
// never taken, and is a finding once nothing else comes.
func TestOlder(t *testing.T) {
	for name, grown := range map[string]int64{"smaller": 2, "dated before": 0} {
		t.Run(name, func(t *testing.T) {
			o := begun(t)
			old, err := o.Registry.Checkpoint()
			if err != nil {
				t.Fatal(err)
			}
			o.Clock.Set(o.Clock.Now().Add(2 * time.Minute))
			o.grow(t, 1, grown)
			size := o.Registry.Head().Size
			r := remote.New(o.config())
			all(t, r, size)

			looks := 0
			o.lying(on("/checkpoint", func(b []byte) []byte {
				if looks++; looks < 50 {
					return old
				}
				return b
			}))
			o.Clock.Set(o.Clock.Now().Add(2 * time.Minute))
			if b := news(t, r, size); bytes.Equal(b.Head, old) {
				t.Fatalf("after a while: got the head %s", b.Head)
			}
			o.lying(on("/checkpoint", func([]byte) []byte { return old }))
			_, err = next(t, r, size)
			var found *sequencer.Fault
			if !errors.As(err, &found) || found.Reason != sequencer.Older {
				t.Fatalf("got %v, want an old copy", err)
			}
		})
	}
}

// TestClockBack: a head that continues the last one is taken, also where the clock
// that dates it went back.
func TestClockBack(t *testing.T) {
	o := begun(t)
	size := o.Registry.Head().Size
	r := remote.New(o.config())
	all(t, r, size)
	made := o.Say(t, "label.issued", registrytest.Code(1), nil)
	o.Clock.Set(o.Clock.Now().Add(-time.Minute))
	o.Append(t, made)
	if b := news(t, r, size); len(b.Entries) != 1 || b.Head == nil {
		t.Errorf("got %d entries, head %q", len(b.Entries), b.Head)
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
