package witness

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	theirlog "github.com/transparency-dev/formats/log"
	theirnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"tegata/verify/tlog"
)

// TestCosigns has other people's code open what the witness adds.
func TestCosigns(t *testing.T) {
	h := newHistory(origin).with("a", "b", "c")
	b := newBench(t, h.signer.Key(), newHistory("other.example").signer.Key())
	for _, q := range []request{h.from(0), h.from(3), h.with("d", "e").from(3)} {
		w := b.post(q.marshal())
		if w.Code != http.StatusOK {
			t.Fatalf("got %d %q", w.Code, w.Body)
		}
		theirs, err := theirnote.NewVerifierForCosignatureV1(b.config.Cosigner.Key().String())
		if err != nil {
			t.Fatal(err)
		}
		// The client may put the lines under the checkpoint and open that.
		got, _, n, err := theirlog.ParseCheckpoint(append(slices.Clone(q.checkpoint), w.Body.Bytes()...), origin,
			must(note.NewVerifier(h.signer.Key().String())), theirs)
		if err != nil {
			t.Fatal(err)
		}
		at, err := theirnote.CoSigV1Timestamp(n.Sigs[1])
		if err != nil || len(n.Sigs) != 2 || !at.Equal(noon) || got.Size < 3 {
			t.Errorf("got %+v, %v at %v", got, n.Sigs, at)
		}
	}
	b.wantConflicts(t)
}

func TestRefuses(t *testing.T) {
	h := newHistory(origin).with("a", "b", "c")
	longer, fork := h.with("d", "e"), newHistory(origin).with("a", "b", "x")
	other := newHistory("other.example").with("a", "b", "c")
	unknown := newHistory("unknown.example").with("a")
	impostor := &history{must(tlog.NewLogSigner(origin, key("impostor"))), longer.stored, longer.size}
	changed := func(q request, change func(*request)) request { change(&q); return q }
	for _, c := range []struct {
		what   string
		q      request
		status int
		text   string
		keeps  conflictKind
	}{
		{"the same again", h.from(3), 200, "— witness.example/w1 ", ""},
		{"longer", longer.from(3), 200, "— witness.example/w1 ", ""},
		{"a log not watched", unknown.from(0), 404, "the log", ""},
		{"signed by another key", impostor.from(3), 403, "signature does not hold", ""},
		{"not signed", changed(longer.from(3), func(q *request) {
			q.checkpoint = append([]byte(longer.head().Marshal()), "\n— x AAAAAAAA\n"...)
		}), 403, "", ""},
		{"signed for another log", changed(longer.from(3), func(q *request) {
			q.checkpoint = bytes.Replace(q.checkpoint, []byte(origin+"\n"), []byte("other.example\n"), 1)
		}), 403, "", ""},
		{"no signature line", changed(longer.from(3), func(q *request) { q.checkpoint = []byte(longer.head().Marshal()) }), 400, "malformed", ""},
		{"old above the checkpoint's", changed(h.from(3), func(q *request) { q.old = 4 }), 400, "a proof from 4", ""},
		{"from nothing", longer.from(0), 409, "3\n", ""},
		{"from less", longer.from(2), 409, "3\n", ""},
		{"from more", longer.with("f").from(5), 409, "3\n", ""},
		{"a shorter past", newHistory(origin).with("a", "b").from(0), 409, "3\n", ""},
		{"a shorter past of another history", newHistory(origin).with("a", "x").from(2), 409, "3\n", ""},
		{"another tree of this size", fork.from(3), 409, "another", forked},
		{"another tree of this size, from nothing", fork.from(0), 409, "3\n", forked},
		{"a longer tree of another history", fork.with("d").from(3), 422, "proof does not hold", unproved},
		{"a proof cut off", changed(longer.from(3), func(q *request) { q.proof = q.proof[1:] }), 422, "proof does not hold", unproved},
		{"a proof with a hash too many", changed(longer.from(3), func(q *request) { q.proof = append(q.proof, q.proof[0]) }), 422, "proof does not hold", unproved},
		{"no proof", changed(longer.from(3), func(q *request) { q.proof = nil }), 422, "proof does not hold", unproved},
		{"a proof where none is needed", changed(h.from(3), func(q *request) { q.proof = longer.from(3).proof }), 422, "proof does not hold", ""},
	} {
		t.Run(c.what, func(t *testing.T) {
			b := newBench(t, h.signer.Key(), other.signer.Key())
			b.want(t, "the first", h.from(0), 200, "— witness.example/w1 ")
			b.want(t, "of the other log", other.from(0), 200, "— witness.example/w1 ")
			for range 2 { // the second time nothing more is kept
				b.want(t, c.what, c.q, c.status, c.text)
				if c.status == 200 && c.what == "longer" {
					break
				}
				if c.keeps == "" {
					b.wantConflicts(t)
				} else {
					b.wantConflicts(t, conflict{Log: origin, What: c.keeps, Kept: string(h.checkpoint()), Offered: string(c.q.checkpoint), Old: c.q.old})
				}
			}
			if loud := strings.Contains(b.said.String(), "level=ERROR"); loud != (c.keeps != "") {
				t.Errorf("it said %s", b.said)
			}
			// Whatever was refused, both histories go on as before, in this process
			// and in the next.
			last, next := int64(3), h.with("d")
			if c.what == "longer" {
				last, next = 5, longer.with("f")
			}
			b.want(t, "afterwards", next.from(last), 200, "— ")
			b.reopen(t)
			b.want(t, "after the next start", next.from(next.size), 200, "— ")
			b.want(t, "of the other log", other.with("d").from(3), 200, "— ")
		})
	}
}

// TestMethods says what the witness answers to requests of another form.
func TestMethods(t *testing.T) {
	h := newHistory(origin).with("a")
	b := newBench(t, h.signer.Key())
	for _, c := range []struct {
		method, path, body string
		want               int
	}{
		{http.MethodGet, "/add-checkpoint", "", 405},
		{http.MethodPost, "/", string(h.from(0).marshal()), 404},
		{http.MethodPost, "/add-checkpoint", "", 400},
		{http.MethodPost, "/add-checkpoint", "old 0\n", 400},
		{http.MethodPost, "/add-checkpoint", string(h.from(0).marshal()) + strings.Repeat("x", requestSize), 413},
		{http.MethodPost, "/add-checkpoint", string(h.from(0).marshal()), 200},
	} {
		w := httptest.NewRecorder()
		b.ServeHTTP(w, httptest.NewRequest(c.method, c.path, strings.NewReader(c.body)))
		if w.Code != c.want {
			t.Errorf("%s %s %.20q: got %d %q, want %d", c.method, c.path, c.body, w.Code, w.Body, c.want)
		}
	}
}

// TestStrangersLines puts as many lines under a checkpoint as can be read: what
// the witness keeps of it can be read too.
func TestStrangersLines(t *testing.T) {
	h := newHistory(origin).with("a")
	b := newBench(t, h.signer.Key())
	q := h.from(0)
	for i := range 99 {
		q.checkpoint = fmt.Appendf(q.checkpoint, "— stranger%d.example AAAAAAAA\n", i)
	}
	b.want(t, "99 lines of strangers", q, 200, "— witness.example/w1 ")
	q.checkpoint = fmt.Appendf(q.checkpoint, "— one-more.example AAAAAAAA\n")
	b.want(t, "too many", q, 400, "malformed")
	b.reopen(t)
	b.want(t, "afterwards", h.with("b").from(1), 200, "— ")
}

// TestHandOver watches a log whose key was changed.
func TestHandOver(t *testing.T) {
	h := newHistory(origin).with("a")
	b := newBench(t, h.signer.Key())
	b.want(t, "by the old key", h.from(0), 200, "— ")
	fresh := &history{must(tlog.NewLogSigner(origin, key("fresh"))), h.stored, h.size}
	b.want(t, "by a key not known", fresh.with("b").from(1), 403, "")

	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	c := b.config
	c.Logs = []tlog.LogKey{fresh.signer.Key()}
	if s, err := Open(c); err == nil || !strings.Contains(err.Error(), "former") {
		t.Errorf("without the former key: got %v, %v, want that it is asked for", s, err)
	}
	b.config.Logs = []tlog.LogKey{fresh.signer.Key(), h.signer.Key()}
	b.open(t)
	b.want(t, "by the new key", fresh.with("b").from(1), 200, "— ")
	b.want(t, "another tree, by the new key", fresh.with("x").from(2), 409, "another")
	b.wantConflicts(t, conflict{Log: origin, What: forked, Kept: string(fresh.with("b").checkpoint()), Offered: string(fresh.with("x").checkpoint()), Old: 2})
}

// TestEvidenceIsBounded has a log sign many trees of one size.
func TestEvidenceIsBounded(t *testing.T) {
	h, other := newHistory(origin).with("a"), newHistory("other.example").with("a")
	b := newBench(t, h.signer.Key(), other.signer.Key())
	b.want(t, "the first", h.from(0), 200, "— ")
	b.want(t, "of the other log", other.from(0), 200, "— ")
	for i := range 2 * evidenceMost {
		if i == evidenceMost/2 {
			b.reopen(t)
		}
		b.want(t, "fork", newHistory(origin).with(fmt.Sprint(i)).from(1), 409, "another")
		b.want(t, "no proof", h.with(fmt.Sprint(i)).with("x").from(2).at(1), 422, "")
	}
	if n := len(must(b.store.names("conflict-"))); n != 2*evidenceMost {
		t.Errorf("got %d files, want %d", n, 2*evidenceMost)
	}
	b.want(t, "fork of the other log", newHistory("other.example").with("x").from(1), 409, "another")
	if n := len(must(b.store.names("conflict-"))); n != 2*evidenceMost+1 {
		t.Errorf("got %d files, want one more", n)
	}
}

func (q request) at(old int64) request { q.old = old; return q }

// TestAtOnce offers two continuations of one tree at once, many times: one of
// them is cosigned.
func TestAtOnce(t *testing.T) {
	h := newHistory(origin).with("a")
	b := newBench(t, h.signer.Key())
	b.config.Log = slog.New(slog.DiscardHandler)
	b.reopen(t)
	b.want(t, "the first", h.from(0), 200, "— ")
	for i := range 50 {
		var all sync.WaitGroup
		var mu sync.Mutex
		var cosigned []*history
		for _, next := range []*history{h.with(fmt.Sprint("left", i)), h.with(fmt.Sprint("right", i)), h.with("l", fmt.Sprint(i))} {
			all.Go(func() {
				w := b.post(next.from(h.size).marshal())
				mu.Lock()
				defer mu.Unlock()
				if w.Code == http.StatusOK {
					cosigned = append(cosigned, next)
				}
			})
		}
		all.Wait()
		if len(cosigned) != 1 {
			t.Fatalf("round %d: %d histories were cosigned, want 1", i, len(cosigned))
		}
		h = cosigned[0]
	}
	b.reopen(t)
	b.want(t, "afterwards", h.with("z").from(h.size), 200, "— ")
}
