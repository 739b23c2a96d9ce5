package front

import (
	"errors"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// atOnce is how net/http ends what waits.
var atOnce = time.Unix(1, 0)

// TestDeadline: what waits ends at the first look after its deadline. The deadline that
// was asked for last counts, also for what waits already.
func TestDeadline(t *testing.T) {
	const now = -1
	for name, c := range map[string]struct {
		asks []time.Duration // from then on, a second after one another, while it waits; 0: none
		want time.Duration   // when it ends; 0: not in an hour
	}{
		"one":             {[]time.Duration{5 * time.Second}, 5 * time.Second},
		"none":            {[]time.Duration{0}, 0},
		"between looks":   {[]time.Duration{5500 * time.Millisecond}, 5500 * time.Millisecond},
		"later and later": {[]time.Duration{5 * time.Second, 9 * time.Second, 13 * time.Second}, 15 * time.Second},
		"earlier":         {[]time.Duration{time.Hour, 2 * time.Second}, 3 * time.Second},
		"at once":         {[]time.Duration{time.Minute, now}, time.Second},
		"taken back":      {[]time.Duration{5 * time.Second, 0}, 0},
	} {
		for _, way := range []string{"a read", "a read of one byte", "a write"} {
			synctest.Test(t, func(t *testing.T) {
				own, other := net.Pipe()
				n := newListener(nil, 9, 0, nil).admit(own)
				wait, ask, size := n.Read, n.SetReadDeadline, 2
				switch way {
				case "a read of one byte": // rests first
					size = 1
				case "a write":
					wait, ask = n.Write, n.SetWriteDeadline
				}
				began := time.Now()
				var ended error
				var took time.Duration
				go func() {
					_, ended = wait(make([]byte, size))
					took = time.Since(began)
				}()
				for i, after := range c.asks {
					if i > 0 {
						time.Sleep(time.Second)
					}
					synctest.Wait()
					at := map[time.Duration]time.Time{0: {}, now: atOnce}[after]
					if after > 0 {
						at = time.Now().Add(after)
					}
					if err := ask(at); err != nil {
						t.Error(err)
					}
				}
				time.Sleep(time.Hour)
				synctest.Wait()
				switch {
				case c.want == 0 && took > 0:
					t.Errorf("%s, %s: it ended after %v: %v", name, way, took, ended)
				case c.want > 0 && (!errors.Is(ended, os.ErrDeadlineExceeded) || took < c.want || took >= c.want+sweepEvery):
					t.Errorf("%s, %s: it ended after %v: %v, want %v", name, way, took, ended, c.want)
				}
				n.Close()
				other.Close()
				time.Sleep(2 * sweepEvery) // who looks ends after the last connection, or else the test does not
			})
		}
	}
}

// TestDeadlineTakenBack: what comes after a deadline that passed, or that ended what
// waited at once, waits as long as the next one says.
func TestDeadlineTakenBack(t *testing.T) {
	for _, passes := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			own, other := net.Pipe()
			n := newListener(nil, 9, 0, nil).admit(own)
			for range 3 {
				first := atOnce
				if passes {
					first = time.Now()
				}
				n.SetDeadline(first)
				time.Sleep(2 * sweepEvery)
				if _, err := n.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("got %v", err)
				}
				if _, err := n.Write(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("got %v", err)
				}
				n.SetDeadline(time.Now().Add(time.Hour))
				go func() {
					time.Sleep(time.Minute)
					other.Write(make([]byte, 1))
					other.Read(make([]byte, 1))
				}()
				if _, err := n.Read(make([]byte, 1)); err != nil {
					t.Error(err)
				}
				if _, err := n.Write(make([]byte, 1)); err != nil {
					t.Error(err)
				}
			}
			n.Close()
			other.Close()
			time.Sleep(2 * sweepEvery)
		})
	}
}
