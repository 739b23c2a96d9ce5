package witness

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tegata/verify/tlog"
)

const origin = "labels.example"

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func key(name string) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed([]byte(fmt.Sprintf("%-32s", name))[:32])
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// A history is a log that signs whatever it is told to.
type history struct {
	signer *tlog.LogSigner
	stored []tlog.Hash
	size   int64
}

func newHistory(name string) *history {
	return &history{signer: must(tlog.NewLogSigner(name, key(name)))}
}

func (h *history) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, n := range indexes {
		out[i] = h.stored[n]
	}
	return out, nil
}

// with returns the history that follows h once the entries are in it.
func (h *history) with(entries ...string) *history {
	next := &history{h.signer, slices.Clone(h.stored), h.size}
	for _, e := range entries {
		next.stored = append(next.stored, must(tlog.StoredHashes(next.size, tlog.LeafHash([]byte(e)), next))...)
		next.size++
	}
	return next
}

func (h *history) head() tlog.Checkpoint {
	return tlog.Checkpoint{Origin: h.signer.Key().Name(), Size: h.size, Root: must(tlog.TreeHash(h.size, h))}
}

func (h *history) checkpoint() []byte { return must(tlog.Sign(h.head(), h.signer)) }

// from is the request with which the log offers its head to who knows old
// entries of it.
func (h *history) from(old int64) request {
	return request{old: old, proof: must(tlog.Consistency(h.size, old, h)), checkpoint: h.checkpoint()}
}

// A bench is a witness with a folder of its own.
type bench struct {
	*Server
	config Config
	said   *bytes.Buffer // its log
}

func cosigner() *tlog.Cosigner { return must(tlog.NewCosigner("witness.example/w1", key("witness"))) }

func newBench(t testing.TB, logs ...tlog.LogKey) *bench {
	t.Helper()
	said := new(bytes.Buffer)
	b := &bench{said: said, config: Config{
		Cosigner: cosigner(), Logs: logs, Folder: filepath.Join(t.TempDir(), "witness [1]"),
		Now: func() time.Time { return noon }, Log: slog.New(slog.NewTextHandler(said, nil)),
	}}
	b.open(t)
	t.Cleanup(func() { b.Close() })
	return b
}

func (b *bench) open(t testing.TB) {
	t.Helper()
	s, err := Open(b.config)
	if err != nil {
		t.Fatal(err)
	}
	b.Server = s
}

// reopen closes the folder and reads it again.
func (b *bench) reopen(t testing.TB) {
	t.Helper()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	b.open(t)
}

func (b *bench) post(body []byte) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	b.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/add-checkpoint", bytes.NewReader(body)))
	return w
}

// want posts a request and checks the answer's status and, where it is given,
// the beginning of its text.
func (b *bench) want(t testing.TB, what string, q request, status int, text string) {
	t.Helper()
	w := b.post(q.marshal())
	if w.Code != status || !strings.HasPrefix(w.Body.String(), text) {
		t.Errorf("%s: got %d %q, want %d %q", what, w.Code, w.Body, status, text)
	}
	if kind, size := w.Header().Get("Content-Type"), status == http.StatusConflict && text != "another"; (kind == sizeType) != size {
		t.Errorf("%s: got type %q", what, kind)
	}
}

// wantConflicts checks which conflicts are kept, in any order.
func (b *bench) wantConflicts(t testing.TB, want ...conflict) {
	t.Helper()
	var got []conflict
	for _, name := range must(b.store.names("conflict-")) {
		var c conflict
		if err := json.Unmarshal(must(b.store.read(name)), &c); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		got = append(got, c)
	}
	if len(got) != len(want) {
		t.Errorf("got %d conflicts, want %d: %+v", len(got), len(want), got)
	}
	for _, w := range want {
		if !slices.ContainsFunc(got, func(c conflict) bool {
			return c.Log == w.Log && c.What == w.What && strings.HasPrefix(c.Kept, w.Kept) && c.Offered == w.Offered && c.Old == w.Old && c.Time.Equal(noon)
		}) {
			t.Errorf("got %+v, want %+v", got, w)
		}
	}
}
