package registry_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/registry/sequencer"
	"tegata/registry/sequencer/sequencertest"
	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/tlog"
)

// origin makes a registry that enters statements one by one, and returns what it
// entered.
func origin(t *testing.T) (*registrytest.Kit, []sequencer.Batch) {
	t.Helper()
	m := sequencertest.NewMemory()
	k := registrytest.New(t)
	k.Config.Sequencer = m
	k.Begin(t)
	for i := range 6 {
		k.Append(t, k.Say(t, verify.LabelIssued, registrytest.Code(int64(i)), nil))
	}
	return k, m.Batches()
}

// following joins a node to an order in which these batches are.
func following(t *testing.T, k *registrytest.Kit, path string, batches ...sequencer.Batch) (*registry.Registry, *sequencertest.Memory, error) {
	t.Helper()
	m := sequencertest.NewMemory()
	for _, b := range batches {
		m.Give(b)
	}
	c := k.Config
	c.Sequencer = m
	r, err := registry.Join(context.Background(), path, c)
	if err == nil {
		t.Cleanup(func() { r.Close() })
	}
	return r, m, err
}

// stopped waits until a registry follows nobody any more, and says why.
func stopped(t *testing.T, r *registry.Registry) *sequencer.Fault {
	t.Helper()
	for {
		if f := r.Following(); f.Stopped != nil {
			var fault *sequencer.Fault
			if !errors.As(f.Stopped, &fault) {
				t.Fatalf("stopped: %v, want a fault", f.Stopped)
			}
			return fault
		}
		time.Sleep(time.Millisecond)
	}
}

// relogged returns an entry as if it had been logged a minute later.
func relogged(t *testing.T, raw []byte) []byte {
	t.Helper()
	e, err := tlog.ParseEntry(raw)
	if err != nil {
		t.Fatal(err)
	}
	e.Logged = e.Logged.Add(time.Minute)
	return e.Marshal()
}

// signed returns a checkpoint of the log, signed and dated by the kit.
func signed(t *testing.T, k *registrytest.Kit, head tlog.Checkpoint) []byte {
	t.Helper()
	b, err := tlog.Sign(head, k.Config.Log)
	if err == nil {
		b, err = tlog.Cosign(b, k.Config.Cosigner, k.Clock.Now())
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestFollowLiar gives a node one batch that is not what it should be.
func TestFollowLiar(t *testing.T) {
	k, good := origin(t)
	other := registrytest.New(t)
	other.Signers = k.Signers
	at := len(good) - 3 // this one is spoilt
	head, err := tlog.ParseCheckpoint(string(bytes.SplitN(good[at].Head, []byte("\n\n"), 2)[0]) + "\n")
	if err != nil {
		t.Fatal(err)
	}
	said := func(by verify.PartyID, kind verify.Kind) []byte {
		token := k.Seal(t, by, k.Make(t, kind, registrytest.Code(77), nil))
		return tlog.Entry{Logged: k.Clock.Now(), Status: 99, Token: string(token)}.Marshal()
	}
	for _, c := range []struct {
		name  string
		want  sequencer.Reason
		spoil func(b *sequencer.Batch)
	}{
		{"logged at another time", sequencer.Altered, func(b *sequencer.Batch) { b.Entries[0] = relogged(t, b.Entries[0]) }},
		{"logged before the one before", sequencer.Unlawful, func(b *sequencer.Batch) {
			e, _ := tlog.ParseEntry(b.Entries[0])
			e.Logged = e.Logged.Add(-time.Hour)
			b.Entries[0] = e.Marshal()
		}},
		{"another signature", sequencer.Unlawful, func(b *sequencer.Batch) {
			e, _ := tlog.ParseEntry(b.Entries[0])
			e.Token = e.Token[:len(e.Token)-8] + "AAAAAAAA"
			b.Entries[0] = e.Marshal()
		}},
		{"entered twice", sequencer.Unlawful, func(b *sequencer.Batch) { b.Entries[0] = good[at-1].Entries[0] }},
		{"by a party that may not", sequencer.Unlawful, func(b *sequencer.Batch) { b.Entries[0] = said("maker", verify.LabelIssued) }},
		{"not an entry", sequencer.Malformed, func(b *sequencer.Batch) { b.Entries[0] = []byte("tegata-entry/v1\n") }},
		{"an entry too many", sequencer.Missing, func(b *sequencer.Batch) { b.Entries = append(b.Entries, good[at+1].Entries[0]) }},
		{"begins too late", sequencer.Missing, func(b *sequencer.Batch) { b.First++ }},
		{"head of another log key", sequencer.Unsigned, func(b *sequencer.Batch) { b.Head = signed(t, other, head) }},
		{"head not dated", sequencer.Unsigned, func(b *sequencer.Batch) { b.Head, _ = tlog.Sign(head, k.Config.Log) }},
		{"head of another root", sequencer.Altered, func(b *sequencer.Batch) {
			forged := head
			forged.Root[3] ^= 1
			b.Head = signed(t, k, forged)
		}},
		{"not a head", sequencer.Malformed, func(b *sequencer.Batch) { b.Head = []byte("labels.example\n") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			bad := good[at]
			bad.Entries = slices.Clone(bad.Entries)
			c.spoil(&bad)
			path := filepath.Join(t.TempDir(), "registry.db")
			r, m, err := following(t, k, path, good[:at]...)
			if err != nil {
				t.Fatal(err)
			}
			m.Give(bad)
			fault := stopped(t, r)
			if fault.Reason != c.want || fault.Size != good[at].First {
				t.Errorf("stopped: %v (%s at %d), want %s at %d", fault, fault.Reason, fault.Size, c.want, good[at].First)
			}
			if r.Head().Size != good[at].First {
				t.Errorf("it shows %d entries, want the last good %d", r.Head().Size, good[at].First)
			}
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
			again, _, err := following(t, k, path, good...)
			if err != nil || again.Head().Size != good[len(good)-1].Size() {
				t.Fatalf("with the right ones it does not go on: %v", err)
			}
		})
	}
}

// TestFollowAhead gives a node entries whose head comes later: nobody is shown
// them before, also where the node is stopped in between.
func TestFollowAhead(t *testing.T) {
	k, good := origin(t)
	last := good[len(good)-1]
	parts := []sequencer.Batch{{First: 0, Known: last.Size()}, {Known: last.Size()}, {Known: last.Size()}}
	for i, b := range good {
		p := &parts[i*len(parts)/len(good)]
		if len(p.Entries) == 0 {
			p.First = b.First
		}
		p.Entries = append(p.Entries, b.Entries...)
	}
	for upTo := range parts {
		path := filepath.Join(t.TempDir(), "registry.db")
		ctx, cancel := context.WithCancel(context.Background())
		c := k.Config
		m := sequencertest.NewMemory()
		c.Sequencer = m
		for _, p := range parts[:upTo] {
			m.Give(p)
		}
		time.AfterFunc(300*time.Millisecond, cancel)
		if r, err := registry.Join(ctx, path, c); err == nil {
			r.Close()
			t.Fatalf("%d parts and no head: it is shown", upTo)
		}
		if r, err := registry.Open(path, k.Config); err == nil {
			r.Close()
			t.Fatalf("%d parts and no head: it can be opened", upTo)
		}
		whole := parts[2]
		whole.Head = last.Head
		r, _, err := following(t, k, path, parts[0], parts[1], whole)
		if err != nil {
			t.Fatalf("after %d parts: %v", upTo, err)
		}
		if got, want := r.Head(), k.Registry.Head(); got != want {
			t.Errorf("after %d parts: head %v, want %v", upTo, got, want)
		}
		report, err := r.Audit(context.Background(), nil)
		if err != nil || len(report.Faults) > 0 {
			t.Errorf("after %d parts: %v %v", upTo, report.Faults, err)
		}
	}
}

// TestDecideAhead holds that who is in the midst of copying what was entered does not
// go on by itself.
func TestDecideAhead(t *testing.T) {
	k, good := origin(t)
	k.Config.Order = "memory"
	part := good[len(good)-2]
	part.Head = nil
	path := filepath.Join(t.TempDir(), "registry.db")
	r, m, err := following(t, k, path, good[:len(good)-2]...)
	if err != nil {
		t.Fatal(err)
	}
	m.Give(part)
	for r.Following().Size < part.Size() {
		time.Sleep(time.Millisecond)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	alone := k.Config
	alone.Order, alone.Sequencer = "", nil
	if r, err = registry.Open(path, alone); err != nil {
		t.Fatal(err)
	}
	if err := r.Decide(""); !errors.Is(err, registry.ErrOrder) {
		t.Errorf("with entries ahead of the head: got %v", err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if r, _, err = following(t, k, path, good...); err != nil {
		t.Fatal(err)
	}
	if err := r.Decide(""); err != nil {
		t.Errorf("once it has caught up: %v", err)
	}
}

// TestJoinCutShort begins a copy again that was killed while its file was made.
func TestJoinCutShort(t *testing.T) {
	k, good := origin(t)
	path := filepath.Join(t.TempDir(), "registry.db")
	if err := os.WriteFile(path+".new", make([]byte, 100), 0o600); err != nil {
		t.Fatal(err)
	}
	r, _, err := following(t, k, path, good...)
	if err != nil || r.Head() != k.Registry.Head() {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(path + ".*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}

	// Where it cannot be made nothing is there either.
	if _, _, err := following(t, k, filepath.Join(t.TempDir(), "none", "registry.db"), good...); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("in no folder: got %v", err)
	}
}

// TestMirrorReadOnly holds that a mirror enters nothing, and says who does.
func TestMirrorReadOnly(t *testing.T) {
	k, good := origin(t)
	trust := k.Trust(t)
	trust.Witnesses = []tlog.CosignerKey{registrytest.New(t).Config.Cosigner.Key()} // as its operator chose
	m := sequencertest.NewMemory()
	for _, b := range good {
		m.Give(b)
	}
	r, err := registry.Join(context.Background(), filepath.Join(t.TempDir(), "registry.db"), registry.Config{
		Original: registry.NewOriginal("https://labels.example", trust), Answer: k.Signer(t, "mirror"), Now: k.Clock.Now, Sequencer: m})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	dated := k.Clock.Now()
	k.Clock.Set(dated.Add(time.Hour))
	var no *sequencer.ReadOnly
	if _, err := r.Append(context.Background(), k.Say(t, verify.LabelIssued, registrytest.Code(99), nil)); !errors.As(err, &no) || no.Origin != "https://labels.example" {
		t.Errorf("error %v, want where statements are entered", err)
	}
	if got := r.Head(); got.Size != good[len(good)-1].Size() || !got.Time.Equal(dated) {
		t.Errorf("head %v, want that of the origin, as it was dated", got)
	}
	signed, err := r.Checkpoint()
	if err != nil || !bytes.Equal(signed, good[len(good)-1].Head) {
		t.Errorf("checkpoint %s, %v", signed, err)
	}
	own, err := r.Trust()
	if err != nil || len(own.Witnesses) > 0 || own.Entry0 != trust.Entry0 || own.AnswerKeys[0].Key != r.Answer().Key().JWK() {
		t.Errorf("trust file %v, %v", own, err)
	}
}

// TestMirrorAsksMore opens a mirror with a trust file that asks for more witnesses
// than its head has: the file is not called damaged.
func TestMirrorAsksMore(t *testing.T) {
	k, good := origin(t)
	trust := k.Trust(t)
	path := filepath.Join(t.TempDir(), "registry.db")
	join := func() error {
		m := sequencertest.NewMemory()
		for _, b := range good {
			m.Give(b)
		}
		r, err := registry.Join(context.Background(), path, registry.Config{
			Original: registry.NewOriginal("https://labels.example", trust), Answer: k.Signer(t, "mirror"), Now: k.Clock.Now, Sequencer: m})
		if err == nil {
			err = r.Close()
		}
		return err
	}
	if err := join(); err != nil {
		t.Fatal(err)
	}
	witness, err := tlog.NewCosigner("witness.example", ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
	if err != nil {
		t.Fatal(err)
	}
	trust.Witnesses, trust.Quorum = []tlog.CosignerKey{witness.Key()}, 1
	if err := join(); !errors.Is(err, bundle.ErrQuorum) || errors.Is(err, registry.ErrDamaged) {
		t.Errorf("got %v", err)
	}
}

// TestFollowFork gives a node entries of a log that is not the one it has: nothing
// of them is entered.
func TestFollowFork(t *testing.T) {
	k, good := origin(t)
	at := len(good) - 2
	for name, before := range map[string]tlog.Hash{"as it is": headRoot(t, good[at-1].Head), "another root": {1}} {
		r, m, err := following(t, k, filepath.Join(t.TempDir(), "registry.db"), good[:at]...)
		if err != nil {
			t.Fatal(err)
		}
		next := good[at]
		next.Before = before
		m.Give(next)
		if name == "as it is" {
			for r.Head().Size < next.Size() {
				time.Sleep(time.Millisecond)
			}
			continue
		}
		if fault := stopped(t, r); fault.Reason != sequencer.Forked || r.Following().Size != next.First {
			t.Errorf("%s: stopped: %v, with %d entries", name, fault, r.Following().Size)
		}
	}
}

// headRoot returns the root that a checkpoint names.
func headRoot(t *testing.T, signed []byte) tlog.Hash {
	t.Helper()
	head, err := tlog.ParseCheckpoint(string(bytes.SplitN(signed, []byte("\n\n"), 2)[0]) + "\n")
	if err != nil {
		t.Fatal(err)
	}
	return head.Root
}
