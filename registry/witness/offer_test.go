package witness

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	theirlog "github.com/transparency-dev/formats/log"
	theirnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"tegata/registry/registrytest"
	"tegata/verify"
)

func TestOffers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTrial(t)
		one, two := honest(t, tr.kit, "one.example"), honest(t, tr.kit, "two.example")
		tr.begin(t, one, two)
		synctest.Wait()
		if got := tr.lines(t); len(got) != 2 {
			t.Errorf("at once: got %v, want two", got)
		}
		one.times()

		// Nothing grows: asked once a minute, and never staler than that.
		for range 10 * 60 {
			time.Sleep(time.Second)
			synctest.Wait()
			for name, age := range tr.lines(t) {
				if age > renewAfter+time.Second {
					t.Errorf("%s said it %v ago", name, age)
				}
			}
		}
		if n := one.times(); n < 9 || n > 10 {
			t.Errorf("asked %d times in ten minutes, want 9 or 10", n)
		}

		// Fifty statements within a second are one offer, a second later at most.
		for i := range int64(5) {
			tr.enter(t, 10*i, 10)
			time.Sleep(100 * time.Millisecond)
		}
		time.Sleep(restFor)
		synctest.Wait()
		if got := tr.lines(t); len(got) != 2 {
			t.Errorf("got %v, want both", got)
		}
		if n := one.times(); n < 1 || n > 2 {
			t.Errorf("asked %d times about fifty statements, want once or twice", n)
		}
		for _, c := range tr.kit.Registry.Cosigned() {
			if c.Size != tr.kit.Registry.Head().Size || time.Since(c.Time) > 3*time.Second {
				t.Errorf("got %+v of a log of %d", c, tr.kit.Registry.Head().Size)
			}
		}
		tr.end()
		if strings.Contains(tr.said.String(), "level=WARN") || strings.Count(tr.said.String(), "witness cosigns") != 2 {
			t.Errorf("it said %s", tr.said)
		}
	})
}

// TestOffersAfterRestart has a registry that is opened again ask witnesses that
// remember, and witnesses that came back while it was there.
func TestOffersAfterRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTrial(t)
		p := honest(t, tr.kit, "one.example")
		works, up := p.handler, atomic.Bool{}
		p.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if up.Load() {
				works.ServeHTTP(w, r)
			} else {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		})
		tr.begin(t, p)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if got := tr.lines(t); len(got) != 0 {
			t.Errorf("got %v of a witness that is down", got)
		}
		up.Store(true)
		time.Sleep(10 * time.Second) // the back-off is 8 s by then
		synctest.Wait()
		if got := tr.lines(t); len(got) != 1 {
			t.Errorf("got %v after it came back", got)
		}
		tr.end()

		tr.kit.Config.Witnesses = nil
		tr.enter(t, 1, 3)
		tr.begin(t, p)
		synctest.Wait()
		if got := tr.lines(t); len(got) != 1 {
			t.Errorf("got %v after the registry came back", got)
		}
		tr.end()
	})
}

// TestBackOff counts how often a witness is asked who always fails.
func TestBackOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTrial(t)
		p := newPeer("down.example")
		p.handler = http.NotFoundHandler()
		tr.begin(t, p)
		time.Sleep(time.Hour)
		// After 1, 2, 4 … 256 seconds, which is 511, and then every 300.
		if n, want := p.times(), 1+9+(3600-511)/300; n != want {
			t.Errorf("asked %d times in an hour, want %d", n, want)
		}
		tr.end()
		if !strings.Contains(tr.said.String(), "does not watch this log") {
			t.Errorf("it said %s", tr.said)
		}
	})
	for _, c := range []struct {
		failed int
		want   time.Duration
	}{{1, time.Second}, {2, 2 * time.Second}, {9, 256 * time.Second}, {10, backOffMost}, {1 << 40, backOffMost}} {
		if got := backOff(c.failed); got != c.want {
			t.Errorf("after %d: got %v, want %v", c.failed, got, c.want)
		}
	}
}

// TestLoopback has two real witnesses on real connections, and other people's
// code open what is published.
func TestLoopback(t *testing.T) {
	k := registrytest.New(t)
	one, two := honest(t, k, "one.example"), honest(t, k, "two.example")
	verifiers := []note.Verifier{}
	var witnesses []Witness
	for _, p := range []*peer{one, two} {
		s := httptest.NewServer(p)
		defer s.Close()
		witnesses = append(witnesses, must(Parse(p.Key.String()+" "+s.URL+"/")))
		k.Config.Witnesses = append(k.Config.Witnesses, p.Key)
		verifiers = append(verifiers, must(theirnote.NewVerifierForCosignatureV1(p.Key.String())))
	}
	k.Begin(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		(&Offers{Registry: k.Registry, Witnesses: witnesses, Log: slog.New(slog.DiscardHandler)}).Run(ctx)
		close(done)
	}()
	for _, grow := range []bool{false, true} {
		if grow {
			k.Append(t, k.Say(t, verify.LabelIssued, registrytest.Code(1), nil))
		}
		for until := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
			b, err := k.Registry.Checkpoint()
			if err != nil {
				t.Fatal(err)
			}
			got, _, n, err := theirlog.ParseCheckpoint(b, registrytest.Origin, must(note.NewVerifier(k.Registry.LogKey().String())), verifiers...)
			if err != nil {
				t.Fatal(err)
			}
			if len(n.Sigs) == 3 && got.Size == uint64(k.Registry.Head().Size) {
				break
			}
			if time.Now().After(until) {
				t.Fatalf("after ten seconds only\n%s", b)
			}
		}
	}
	cancel()
	<-done
}
