package observer

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify"
)

// A stageWeb answers visits as it is told to, in simulated time.
type stageWeb struct {
	mu     sync.Mutex
	found  map[string]Visit // by address
	visits map[string]int
	during func() // happens during the next visit
}

func (w *stageWeb) set(address string, v Visit) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.found[address] = v
}

func (w *stageWeb) visited(address string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.visits[address]
}

func (w *stageWeb) look(_ context.Context, address string, _ *Visit) Visit {
	w.mu.Lock()
	w.visits[address]++
	v, during := w.found[address], w.during
	v.At, w.during = time.Now(), nil
	w.mu.Unlock()
	if during != nil {
		during()
	}
	return v
}

var (
	asDeclared = Visit{Status: 200, Media: mediaPDF, SHA256: digestOf(document)}
	otherBytes = Visit{Status: 200, Media: mediaPDF, SHA256: digestOf([]byte("other"))}
	notFound   = Visit{Status: 404}
	noAnswer   = Visit{Fault: verify.GoneByUnreached}
)

const (
	makerURL = "https://maker.example/soc.pdf"
	otherURL = "https://other.example/soc.pdf"
)

// observing plays test with an observer at work, in simulated time.
func observing(t *testing.T, test func(k *registrytest.Kit, w *stageWeb, begin func() (stop func()))) {
	synctest.Test(t, func(t *testing.T) {
		k, now := running(t)
		w := &stageWeb{found: map[string]Visit{}, visits: map[string]int{}}
		begin := func() func() {
			o, err := New(Config{Registry: k.Registry, Signer: k.Signer(t, "watcher"), Folder: filepath.Dir(k.Path), Now: now, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
			if err != nil {
				t.Fatal(err)
			}
			o.look = w.look
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error)
			go func() { ended <- o.Run(ctx) }()
			return func() {
				cancel()
				if err := <-ended; err != nil {
					t.Error(err)
				}
			}
		}
		test(k, w, begin)
	})
}

// publish publishes a declaration at the address, now.
func publish(t *testing.T, k *registrytest.Kit, code verify.Code, url string) {
	t.Helper()
	now := k.Config.Now()
	k.Clock.Set(now)
	k.Append(t, k.Say(t, verify.DeclarationPublished, code, func(m map[string]any) {
		d := m["declaration"].(map[string]any)
		d["url"], d["sha256"] = url, digestOf(document)
		delete(d, "translations")
		delete(d["product"].(map[string]any), "gtins")
	}))
}

// amend declares other bytes at the maker's address, now.
func amend(t *testing.T, k *registrytest.Kit, code verify.Code, digest string) {
	t.Helper()
	k.Clock.Set(k.Config.Now())
	k.Append(t, k.Say(t, verify.DeclarationAmended, code, func(m map[string]any) {
		for name := range m {
			if name == "translations" || name == "models" || name == "contact" {
				delete(m, name)
			}
		}
		m["url"], m["sha256"], m["language"] = makerURL, digest, "en"
	}))
}

// seen lists what the observer said of a code, in the order of the log.
func seen(t *testing.T, k *registrytest.Kit, code verify.Code) (all []verify.Observed) {
	t.Helper()
	f, err := k.Registry.Lookup(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range f.Entries {
		if o, ok := e.Body.(*verify.Observed); ok {
			all = append(all, *o)
		}
	}
	return all
}

func expect(t *testing.T, what string, got []verify.Observed, want ...verify.Seen) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: got %d observations %+v, want %v", what, len(got), got, want)
	}
	for i := range want {
		if got[i].Seen != want[i] {
			t.Fatalf("%s: observation %d: got %s, want %s", what, i, got[i].Seen, want[i])
		}
	}
}

const open, gone, changed = verify.SeenOpen, verify.SeenGone, verify.SeenChanged

// TestObserver: what is found is said at once where it is good news, and where it
// is not, once it has lasted; a page that is missing for an hour is not gone.
func TestObserver(t *testing.T) {
	code := registrytest.Code(7)
	observing(t, func(k *registrytest.Kit, w *stageWeb, begin func() func()) {
		w.set(makerURL, asDeclared)
		stop := begin()
		time.Sleep(time.Minute)
		publish(t, k, code, makerURL)
		time.Sleep(time.Minute)
		expect(t, "a minute after publication", seen(t, k, code), open)
		time.Sleep(10 * 24 * time.Hour)
		expect(t, "ten days on", seen(t, k, code), open)
		if n := w.visited(makerURL); n < 11 || n > 13 {
			t.Errorf("got %d visits in ten days", n)
		}
		time.Sleep(20 * 24 * time.Hour)
		expect(t, "thirty days on", seen(t, k, code), open, open)

		w.set(makerURL, notFound) // until a visit has found it so, and then for an hour
		for n := w.visited(makerURL); w.visited(makerURL) == n; {
			time.Sleep(time.Minute)
		}
		time.Sleep(time.Hour)
		w.set(makerURL, asDeclared)
		time.Sleep(48 * time.Hour)
		expect(t, "missing for an hour", seen(t, k, code), open, open)

		w.set(makerURL, notFound)
		time.Sleep(30*time.Hour + time.Hour)
		got := seen(t, k, code)
		expect(t, "missing for more than a day", got, open, open, gone)
		if last := got[2]; last.HTTPStatus != 404 || last.Reason != verify.GoneByStatus || last.SHA256 != "" {
			t.Errorf("got %+v, want the status and the reason", last)
		}

		w.set(makerURL, asDeclared)
		time.Sleep(25 * time.Hour)
		expect(t, "back again", seen(t, k, code), open, open, gone, open)

		w.set(makerURL, otherBytes)
		time.Sleep(26 * time.Hour)
		got = seen(t, k, code)
		expect(t, "other bytes", got, open, open, gone, open, changed)
		if got[4].SHA256 != otherBytes.SHA256 {
			t.Errorf("got %+v, want the digest of what was found", got[4])
		}

		// Its maker declares what is there: nothing has to be found anew, and the
		// observer looks at once all the same.
		n := w.visited(makerURL)
		amend(t, k, code, otherBytes.SHA256)
		time.Sleep(time.Minute)
		if w.visited(makerURL) != n+1 {
			t.Errorf("got %d visits in the minute after the amendment, want one", w.visited(makerURL)-n)
		}
		stop()
		k.CheckLog(t)
	})
}

// TestObserverCutOff: that nobody answers is not said of a document while nobody
// answers at all: it may be the observer who is cut off.
func TestObserverCutOff(t *testing.T) {
	one, two := registrytest.Code(7), registrytest.Code(8)
	observing(t, func(k *registrytest.Kit, w *stageWeb, begin func() func()) {
		w.set(makerURL, asDeclared)
		w.set(otherURL, asDeclared)
		stop := begin()
		publish(t, k, one, makerURL)
		publish(t, k, two, otherURL)
		time.Sleep(time.Minute)
		w.set(makerURL, noAnswer)
		w.set(otherURL, noAnswer)
		time.Sleep(5 * 24 * time.Hour)
		expect(t, "nobody answers", append(seen(t, k, one), seen(t, k, two)...), open, open)
		w.set(otherURL, asDeclared)
		time.Sleep(3 * 24 * time.Hour)
		expect(t, "the other answers again", seen(t, k, one), open, gone)
		expect(t, "the other", seen(t, k, two), open)
		stop()
	})
}

// TestObserverBegunAgain: what was in doubt when it was stopped is believed when it
// has lasted, and what it said is not said again.
func TestObserverBegunAgain(t *testing.T) {
	code := registrytest.Code(7)
	observing(t, func(k *registrytest.Kit, w *stageWeb, begin func() func()) {
		w.set(makerURL, asDeclared)
		stop := begin()
		publish(t, k, code, makerURL)
		time.Sleep(time.Minute)
		w.set(makerURL, notFound)
		for n := w.visited(makerURL); w.visited(makerURL) == n; {
			time.Sleep(time.Minute)
		}
		stop()
		time.Sleep(7 * time.Hour)
		stop = begin()
		time.Sleep(90 * time.Minute)
		expect(t, "begun again", seen(t, k, code), open, gone)
		stop()
		stop = begin()
		time.Sleep(20 * time.Hour)
		expect(t, "and again", seen(t, k, code), open, gone)
		stop()
	})
}

// TestObserverWithdrawn: nobody visits what its maker has withdrawn.
func TestObserverWithdrawn(t *testing.T) {
	code := registrytest.Code(7)
	observing(t, func(k *registrytest.Kit, w *stageWeb, begin func() func()) {
		w.set(makerURL, asDeclared)
		stop := begin()
		publish(t, k, code, makerURL)
		time.Sleep(time.Minute)
		k.Clock.Set(k.Config.Now())
		k.Append(t, k.Say(t, verify.DeclarationWithdrawn, code, func(m map[string]any) { m["from"] = verify.DateOf(k.Config.Now(), verify.London).String() }))
		time.Sleep(time.Minute)
		n := w.visited(makerURL)
		time.Sleep(10 * 24 * time.Hour)
		if w.visited(makerURL) != n {
			t.Errorf("got %d visits to what was withdrawn", w.visited(makerURL)-n)
		}
		stop()
	})
}

// TestNewWantsAnObserver: the key of another role is refused, that of the operator
// above all.
func TestNewWantsAnObserver(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	stranger, err := k.Stranger()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []verify.PartyID{"operator", "thames-iot", "opss"} {
		if _, err := New(Config{Registry: k.Registry, Signer: k.Signer(t, s)}); err == nil {
			t.Errorf("%s: got an observer", s)
		}
	}
	if _, err := New(Config{Registry: k.Registry, Signer: stranger}); err == nil {
		t.Error("got an observer with a key that nobody enrolled")
	}
	if _, err := New(Config{Registry: k.Registry, Signer: k.Signer(t, "watcher")}); err != nil {
		t.Error(err)
	}
}

// TestLook: one declaration is looked at out of turn. What is as declared is said,
// once; what is not must last, and nothing is said.
func TestLook(t *testing.T) {
	code := registrytest.Code(7)
	synctest.Test(t, func(t *testing.T) {
		k, now := running(t)
		w := &stageWeb{found: map[string]Visit{makerURL: asDeclared}, visits: map[string]int{}}
		o, err := New(Config{Registry: k.Registry, Signer: k.Signer(t, "watcher"), Now: now, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		o.look = w.look
		if _, err := o.Look(t.Context(), code); !errors.Is(err, registry.ErrNotFound) {
			t.Errorf("got %v, want no such declaration", err)
		}
		publish(t, k, code, makerURL)
		for i, want := range []Looked{{Said: true}, {}} {
			time.Sleep(time.Second)
			got, err := o.Look(t.Context(), code)
			if err != nil || len(got) != 1 || got[0].Said != want.Said || got[0].Found.Seen != open {
				t.Errorf("%d: got %+v, %v", i, got, err)
			}
		}
		w.set(makerURL, notFound)
		got, err := o.Look(t.Context(), code)
		if err != nil || got[0].Said || got[0].Found.Seen != gone || got[0].Wait != goneFor {
			t.Errorf("got %+v, %v, want it to have to last", got, err)
		}
		expect(t, "said", seen(t, k, code), open)
		if got := o.LookAt(t.Context(), makerURL); got.Found.Seen != gone || got.Found.HTTPStatus != 404 {
			t.Errorf("got %+v", got)
		}
	})
}
