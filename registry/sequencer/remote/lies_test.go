package remote_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/registry/sequencer"
	"tegata/registry/sequencer/remote"
	"tegata/verify/tlog"
)

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
