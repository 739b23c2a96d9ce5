package observer

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tegata/registry/registrytest"
	"tegata/verify"
)

// A traffic is what hosts see of an observer, in simulated time.
type traffic struct {
	mu      sync.Mutex
	visits  map[string][]time.Time // by address
	hosts   map[string]time.Time   // when the last visit to a host ended
	now     map[string]int         // visits to a host at this moment
	most    int                    // visits at one time, at the most
	minute  map[int64]int          // visits begun in each minute
	broken  []string
	answers time.Duration // how long a visit takes
}

func newTraffic() *traffic {
	return &traffic{visits: map[string][]time.Time{}, hosts: map[string]time.Time{}, now: map[string]int{}, minute: map[int64]int{}, answers: 2 * time.Second}
}

func (k *traffic) look(_ context.Context, address string, _ *Visit) Visit {
	h, now := hostName(address), time.Now()
	k.mu.Lock()
	if last, seen := k.hosts[h]; seen && now.Sub(last) < hostRest {
		k.broken = append(k.broken, fmt.Sprintf("%s %v after the last visit to its host", address, now.Sub(last)))
	}
	if k.now[h]++; k.now[h] > 1 {
		k.broken = append(k.broken, "two visits to "+h+" at one time")
	}
	all := 0
	for _, n := range k.now {
		all += n
	}
	k.most = max(k.most, all)
	k.minute[now.Unix()/60]++
	k.visits[address] = append(k.visits[address], now)
	k.mu.Unlock()
	time.Sleep(k.answers)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.now[h]--
	k.hosts[h] = time.Now()
	return Visit{At: now, Status: 200, SHA256: digestOf([]byte(address))}
}

// round begins the observer's work in a folder, for the addresses, which are those
// of codes that nothing is said about: what is visited is what is tested.
func (k *traffic) round(t *testing.T, o *Observer, addresses []string) *round {
	t.Helper()
	memories, err := openMemories(filepath.Join(o.Folder, "observer.json"), &o.compared)
	if err != nil {
		t.Fatal(err)
	}
	r := &round{Observer: o, memories: memories, schedule: newSchedule(), codes: map[string]map[verify.Code]bool{}, at: map[verify.Code][]string{}, found: make(chan found)}
	r.begun, r.heard = o.now(), o.Registry.Head().Size
	for i, a := range addresses {
		r.watch(a, registrytest.Code(int64(i)), false, o.now())
	}
	return r
}

// running returns a kit whose registry's clock goes on from the first day of the
// story, and that clock.
func running(t *testing.T) (*registrytest.Kit, func() time.Time) {
	t.Helper()
	kit := registrytest.New(t)
	kit.Begin(t)
	from, start := kit.Clock.Now(), time.Now()
	kit.Config.Now = func() time.Time { return from.Add(time.Since(start)) }
	kit.Reopen(t)
	return kit, kit.Config.Now
}

// TestTenThousand: 10,000 declarations on 500 hosts are each seen once a day, no
// host is visited more often than it should be, and an observer that begins again
// goes on where it was.
func TestTenThousand(t *testing.T) {
	var addresses []string
	for i := range 10_000 {
		addresses = append(addresses, fmt.Sprintf("https://h%d.example/soc/%d.pdf", i%500, i))
	}
	synctest.Test(t, func(t *testing.T) {
		kit, now := running(t)
		traffic := newTraffic()
		begin := func() (*Observer, func()) {
			o, err := New(Config{Registry: kit.Registry, Folder: filepath.Dir(kit.Path), Now: now, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
			if err != nil {
				t.Fatal(err)
			}
			o.look = traffic.look
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error)
			r := traffic.round(t, o, addresses)
			go func() { ended <- r.run(ctx) }()
			return o, func() {
				cancel()
				if err := <-ended; err != nil {
					t.Error(err)
				}
			}
		}
		start := time.Now()
		_, stop := begin()
		time.Sleep(60 * time.Hour)
		stop()
		stopped := time.Now()
		for _, a := range addresses {
			last := start.Add(-23 * time.Hour) // the first visits are spread over an hour
			for _, at := range append(traffic.visits[a], stopped) {
				if at.Sub(last) > 24*time.Hour+10*time.Minute { // it may have to wait for others at its host
					t.Fatalf("%s: got no visit for %v", a, at.Sub(last))
				}
				last = at
			}
		}
		if n := len(traffic.visits[addresses[0]]); n > 4 {
			t.Errorf("got %d visits to one address in 60 hours", n)
		}

		// A short pause: what was visited a while ago is not visited now.
		traffic.minute = map[int64]int{}
		_, stop = begin()
		time.Sleep(time.Hour)
		stop()
		begun := 0
		for _, n := range traffic.minute {
			begun += n
		}
		if begun > 1500 { // an hour's share is about 440
			t.Errorf("got %d visits in the hour after it began again", begun)
		}

		// A long one: all are overdue, and none of them comes at once.
		time.Sleep(5 * 24 * time.Hour)
		traffic.minute = map[int64]int{}
		_, stop = begin()
		time.Sleep(2 * time.Hour)
		stop()
		for minute, n := range traffic.minute {
			if n > 10_000/20 {
				t.Errorf("got %d visits in minute %d after a long pause", n, minute)
			}
		}
		for _, a := range addresses {
			v := traffic.visits[a]
			if time.Since(v[len(v)-1]) > 2*time.Hour {
				t.Fatalf("%s: got no visit in the two hours after a long pause", a)
			}
		}
		for _, b := range traffic.broken[:min(len(traffic.broken), 5)] {
			t.Error(b)
		}
		if traffic.most > workers {
			t.Errorf("got %d visits at one time, want %d at the most", traffic.most, workers)
		}
	})
}
