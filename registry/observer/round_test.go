package observer

import (
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tegata/registry/registrytest"
	"tegata/verify"
)

// TestFollowReachesFar: a statement that changes more answers than are told of at
// one time is heard in parts, to the end.
func TestFollowReachesFar(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	stolen := k.Clock.Now().Format(time.RFC3339)
	k.Shelf(t, 2100)
	k.Append(t, k.Seal(t, "operator", k.Make(t, verify.KeyRetiredKind, "", func(m map[string]any) {
		m["by"], m["party"], m["from"], m["kid"], m["compromised"] = "operator", "ipa", stolen, k.Signer(t, "ipa").Key().ID(), true
	})))
	o, err := New(Config{Registry: k.Registry, Folder: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	r := newTraffic().round(t, o, nil)
	r.heard = 0
	parts := false
	for range 20 {
		r.followSome(t.Context())
		parts = parts || r.part != ""
	}
	if size := k.Registry.Head().Size; r.heard != size || !parts {
		t.Errorf("got %d entries of %d heard, in parts: %v", r.heard, size, parts)
	}
}

// TestAmendedMeanwhile: what is said of a link while it is visited has it visited
// again at once.
func TestAmendedMeanwhile(t *testing.T) {
	code := registrytest.Code(7)
	observing(t, func(k *registrytest.Kit, w *stageWeb, begin func() func()) {
		w.set(makerURL, asDeclared)
		stop := begin()
		time.Sleep(time.Minute)
		w.during = func() {
			time.Sleep(time.Minute)
			amend(t, k, code, otherBytes.SHA256)
			time.Sleep(time.Minute) // the observer hears of it
		}
		publish(t, k, code, makerURL)
		time.Sleep(5 * time.Minute)
		stop()
		w.mu.Lock()
		defer w.mu.Unlock()
		if n := w.visits[makerURL]; n != 2 {
			t.Errorf("got %d visits, want one more for what was said during the first", n)
		}
	})
}

// TestForgottenMeanwhile: of a declaration that is withdrawn while it is visited
// nothing is remembered; nor is what an observer before it left behind.
func TestForgottenMeanwhile(t *testing.T) {
	code := registrytest.Code(7)
	observing(t, func(k *registrytest.Kit, w *stageWeb, begin func() func()) {
		folder := filepath.Dir(k.Path)
		left, state := filepath.Join(folder, "visit-1"), filepath.Join(folder, "observer.json")
		for path, text := range map[string]string{left: "bytes", state: `{"addresses":{"https://gone.example/":{"due":"2026-01-01T00:00:00Z"}}}`} {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		w.set(makerURL, asDeclared)
		stop := begin()
		time.Sleep(time.Minute)
		w.during = func() {
			k.Clock.Set(k.Config.Now())
			k.Append(t, k.Say(t, verify.DeclarationWithdrawn, code, func(m map[string]any) { m["from"] = verify.DateOf(k.Config.Now(), verify.London).String() }))
			time.Sleep(time.Minute)
		}
		publish(t, k, code, makerURL)
		time.Sleep(5 * time.Minute)
		stop()
		text, err := os.ReadFile(state)
		if want := `{"addresses":{},"documents":null}`; err != nil || string(text) != want {
			t.Errorf("got %s, %v, want %s", text, err, want)
		}
		if _, err := os.Stat(left); !os.IsNotExist(err) {
			t.Errorf("got %v, want no file of a visit left", err)
		}
		expect(t, "withdrawn", seen(t, k, code))
	})
}

// TestNoRoom: while the disk is nearly full nobody is visited.
func TestNoRoom(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	for reserve, want := range map[int64]int{math.MaxInt64: 0, 1: 1} {
		k.Config.Reserve = reserve
		k.Reopen(t)
		o, err := New(Config{Registry: k.Registry, Folder: t.TempDir(), Now: k.Clock.Now, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		web := newTraffic()
		o.look = web.look
		r := web.round(t, o, []string{makerURL})
		k.Clock.Set(k.Clock.Now().Add(o.Every))
		if wait := r.start(t.Context()); wait <= 0 || wait > followAfter {
			t.Errorf("it waits for %v", wait)
		}
		if r.busy != want {
			t.Errorf("with %d bytes to be left free: got %d visits, want %d", reserve, r.busy, want)
		}
		for range r.busy {
			<-r.found
		}
	}
}
