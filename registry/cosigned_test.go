package registry_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify/tlog"
)

func witnessKey(tb testing.TB, name string) *tlog.Cosigner {
	tb.Helper()
	c, err := tlog.NewCosigner(name, ed25519.NewKeyFromSeed(bytes.Repeat([]byte(name)[:1], 32)))
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// witnessed makes a registry with two witnesses.
func witnessed(tb testing.TB) (k *registrytest.Kit, one, two *tlog.Cosigner) {
	tb.Helper()
	k = registrytest.New(tb)
	one, two = witnessKey(tb, "one.example"), witnessKey(tb, "two.example")
	k.Config.Witnesses = []tlog.CosignerKey{one.Key(), two.Key()}
	k.Begin(tb)
	return k, one, two
}

func published(tb testing.TB, k *registrytest.Kit) []byte {
	tb.Helper()
	b, err := k.Registry.Checkpoint()
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func under(tb testing.TB, b []byte, by *tlog.Cosigner, at time.Time) []byte {
	tb.Helper()
	b, err := tlog.Cosign(b, by, at)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// wantLines checks who is under the published checkpoint, and since when:
// "name second" of each in the order of names, the registry itself left out.
func wantLines(tb testing.TB, k *registrytest.Kit, want ...tlog.Cosignature) {
	tb.Helper()
	b := published(tb, k)
	head, lines, err := tlog.OpenCheckpoint(b, k.Registry.LogKey(), k.Config.Witnesses...)
	if err != nil || head.Size != k.Registry.Head().Size {
		tb.Fatalf("checkpoint: %+v, %v", head, err)
	}
	slices.SortFunc(lines, func(a, b tlog.Cosignature) int { return strings.Compare(a.By.Name(), b.By.Name()) })
	if !slices.Equal(lines, want) {
		tb.Errorf("got %v, want %v", lines, want)
	}
	if n := strings.Count(string(b), "\n— "); n != 2+len(want) {
		tb.Errorf("got %d lines, want the log's, the registry's and %d:\n%s", n, len(want), b)
	}
}

func TestAddCosignature(t *testing.T) {
	k, one, two := witnessed(t)
	now := k.Clock.Now()
	add := func(b []byte, by *tlog.Cosigner) {
		t.Helper()
		if err := k.Registry.AddCosignature(b, by.Key()); err != nil {
			t.Error(err)
		}
	}
	wantCosigned := func(want ...registry.Cosigned) {
		t.Helper()
		if got := k.Registry.Cosigned(); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	size := k.Registry.Head().Size
	wantCosigned(registry.Cosigned{By: one.Key()}, registry.Cosigned{By: two.Key()})

	first := published(t, k)
	add(under(t, first, one, now), one)
	add(under(t, first, two, now), two)
	wantLines(t, k, tlog.Cosignature{By: one.Key(), Time: now}, tlog.Cosignature{By: two.Key(), Time: now})

	// Dated anew, the lines stay; a newer one takes the place of its elder, and an
	// older one does not.
	k.Clock.Set(now.Add(2 * time.Minute))
	later := published(t, k)
	if _, own, err := tlog.OpenCheckpoint(later, k.Registry.LogKey(), k.Registry.CosignerKey()); err != nil || !own[0].Time.Equal(now.Add(2*time.Minute)) {
		t.Errorf("got %v, %v, want it dated anew", own, err)
	}
	add(under(t, later, one, now.Add(2*time.Minute)), one)
	add(under(t, first, one, now.Add(time.Minute)), one)
	wantLines(t, k, tlog.Cosignature{By: one.Key(), Time: now.Add(2 * time.Minute)}, tlog.Cosignature{By: two.Key(), Time: now})
	wantCosigned(registry.Cosigned{By: one.Key(), Size: size, Time: now.Add(2 * time.Minute)}, registry.Cosigned{By: two.Key(), Size: size, Time: now})

	// When the log grows they are of the past, and a late word stays there.
	k.Append(t, labels(t, k, 0, 1)[0])
	wantLines(t, k)
	add(under(t, first, two, now.Add(3*time.Minute)), two)
	wantLines(t, k)
	wantCosigned(registry.Cosigned{By: one.Key(), Size: size, Time: now.Add(2 * time.Minute)}, registry.Cosigned{By: two.Key(), Size: size, Time: now.Add(3 * time.Minute)})

	add(under(t, published(t, k), one, now.Add(time.Minute)), one)
	wantLines(t, k, tlog.Cosignature{By: one.Key(), Time: now.Add(time.Minute)})
	wantCosigned(registry.Cosigned{By: one.Key(), Size: size + 1, Time: now.Add(time.Minute)}, registry.Cosigned{By: two.Key(), Size: size, Time: now.Add(3 * time.Minute)})
	add(under(t, first, one, now.Add(4*time.Minute)), one) // a word of the past, said late
	wantCosigned(registry.Cosigned{By: one.Key(), Size: size + 1, Time: now.Add(time.Minute)}, registry.Cosigned{By: two.Key(), Size: size, Time: now.Add(3 * time.Minute)})

	k.Reopen(t)
	wantLines(t, k)
	wantCosigned(registry.Cosigned{By: one.Key()}, registry.Cosigned{By: two.Key()})
}

// TestAddCosignatureRefuses starts from a good one and changes one thing.
func TestAddCosignatureRefuses(t *testing.T) {
	k, one, two := witnessed(t)
	now, here := k.Clock.Now(), published(t, k)
	stranger := witnessKey(t, "stranger.example")
	impostor, err := tlog.NewCosigner("one.example", ed25519.NewKeyFromSeed(bytes.Repeat([]byte{9}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	head := k.Registry.Head()
	sign := func(c tlog.Checkpoint, by *tlog.LogSigner) []byte {
		b, err := tlog.Sign(c, by)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	elsewhere, err := tlog.NewLogSigner("other.example", ed25519.NewKeyFromSeed(bytes.Repeat([]byte{8}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	other := tlog.LeafHash(nil)
	spoilt := under(t, here, one, now)
	i := bytes.LastIndex(spoilt, []byte("— one.example ")) + len("— one.example ") + 30
	spoilt[i] = 'A' + (spoilt[i]-'A'+1)%26
	for _, c := range []struct {
		what   string
		signed []byte
		by     tlog.CosignerKey
		want   error
	}{
		{"nobody's", here, one.Key(), tlog.ErrSignature},
		{"of another witness", under(t, here, two, now), one.Key(), tlog.ErrSignature},
		{"of another key of that name", under(t, here, impostor, now), one.Key(), tlog.ErrSignature},
		{"spoilt", spoilt, one.Key(), tlog.ErrSignature},
		{"of another log", under(t, sign(tlog.Checkpoint{Origin: "other.example", Size: head.Size, Root: tlog.Hash(head.Root)}, elsewhere), one, now), one.Key(), tlog.ErrSignature},
		{"of another tree of this size", under(t, sign(tlog.Checkpoint{Origin: head.Origin, Size: head.Size, Root: other}, k.Config.Log), one, now), one.Key(), tlog.ErrSignature},
		{"of a larger tree", under(t, sign(tlog.Checkpoint{Origin: head.Origin, Size: head.Size + 1, Root: other}, k.Config.Log), one, now), one.Key(), tlog.ErrSignature},
		{"of tomorrow", under(t, here, one, now.AddDate(0, 0, 1)), one.Key(), tlog.ErrSignature},
		{"not a checkpoint", []byte("no"), one.Key(), tlog.ErrMalformed},
		{"of a stranger", under(t, here, stranger, now), stranger.Key(), nil},
	} {
		if err := k.Registry.AddCosignature(c.signed, c.by); err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.what, err, c.want)
		}
		wantLines(t, k)
		if got := k.Registry.Cosigned(); got[0].Size != 0 || got[1].Size != 0 {
			t.Errorf("%s: got %v, want that nobody said anything", c.what, got)
		}
	}
	if err := k.Registry.AddCosignature(under(t, here, one, now.Add(4*time.Minute)), one.Key()); err != nil {
		t.Errorf("of a clock a little ahead: %v", err)
	}
}

// repeat has everything done at once and over and over, until stop returns.
func repeat(stop func(), each ...func()) {
	done := make(chan struct{})
	var all sync.WaitGroup
	for _, f := range each {
		all.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					f()
				}
			}
		})
	}
	stop()
	close(done)
	all.Wait()
}

// TestCosignedConcurrently has witnesses speak while statements are entered, and
// then while the checkpoint is dated anew: what is published is always whole and
// never of the past, its date does not stay behind, and no line is lost.
func TestCosignedConcurrently(t *testing.T) {
	k, one, two := witnessed(t)
	tokens := labels(t, k, 0, 60)
	speak := func(by *tlog.Cosigner) func() {
		return func() {
			b, err := k.Registry.Checkpoint()
			if err == nil {
				b, err = tlog.Cosign(b, by, k.Clock.Now())
			}
			if err == nil {
				err = k.Registry.AddCosignature(b, by.Key())
			}
			if err != nil {
				t.Error(err)
			}
		}
	}
	open := func() (tlog.Checkpoint, []tlog.Cosignature) {
		b, err := k.Registry.Checkpoint()
		if err != nil {
			t.Error(err)
		}
		head, lines, err := tlog.OpenCheckpoint(b, k.Registry.LogKey(), append([]tlog.CosignerKey{k.Registry.CosignerKey()}, k.Config.Witnesses...)...)
		if err != nil {
			t.Error(err)
		}
		return head, lines
	}
	var size int64
	repeat(func() { appendAll(t, k.Registry, tokens) }, speak(one), speak(two), func() {
		head, _ := open()
		if head.Size < size {
			t.Errorf("got %d entries after %d", head.Size, size)
		}
		size = head.Size
	})
	if got, want := k.Registry.Head().Size, int64(7+len(tokens)); got != want {
		t.Errorf("got a log of %d, want %d", got, want)
	}

	speak(one)()
	speak(two)()
	rounds := 0
	repeat(func() { time.Sleep(100 * time.Millisecond) }, speak(one), speak(two), func() {
		now := k.Clock.Now().Add(61 * time.Second)
		k.Clock.Set(now)
		_, lines := open()
		i := slices.IndexFunc(lines, func(c tlog.Cosignature) bool { return c.By == k.Registry.CosignerKey() })
		if i < 0 || lines[i].Time.Before(now) || len(lines) != 3 {
			t.Errorf("at %v got %v, want it dated then, and two witnesses", now, lines)
		}
		rounds++
	})
	if rounds == 0 {
		t.Error("nothing was dated anew")
	}
	k.CheckLog(t)
}
