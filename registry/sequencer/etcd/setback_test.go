//go:build linux

package etcd_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/registry/sequencer"
	"tegata/registry/sequencer/etcd/etcdtest"
	"tegata/registry/sequencer/sequencertest"
	"tegata/verify"
)

// TestSetBack sets a cluster back to what it was some entries ago, as when it is
// restored from an old snapshot. A node that has more enters nothing and says why,
// also once others have gone on from there and the log is another.
func TestSetBack(t *testing.T) {
	t.Parallel()
	dir, was := t.TempDir(), filepath.Join(t.TempDir(), "was")
	one, err := etcdtest.Start(dir, 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := one.Close(); err != nil {
			t.Error(err)
		}
	})
	to, m := target(t, one), one.Members[0]
	n := sequencertest.New(t, func(tb testing.TB) sequencer.Sequencer { return open(tb, to) })
	first, path := n.Kit.Registry, n.Kit.Path
	label := func(r *registry.Registry, code int64) error {
		_, err := r.Append(context.Background(), n.Kit.Say(t, verify.LabelIssued, registrytest.Code(code), nil))
		return err
	}
	if err := label(first, 1); err != nil {
		t.Fatal(err)
	}
	m.Stop()
	if err := os.CopyFS(was, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	started(t, m)
	for code := range int64(3) {
		if err := label(first, 10+code); err != nil {
			t.Fatal(err)
		}
	}
	signed := first.Head()
	m.Stop()
	if err := errors.Join(os.RemoveAll(dir), os.CopyFS(dir, os.DirFS(was))); err != nil {
		t.Fatal(err)
	}
	started(t, m)
	refuses := func(r *registry.Registry, want sequencer.Reason) {
		t.Helper()
		err := label(r, 20)
		for errors.Is(err, sequencer.ErrUnavailable) { // what it heard last is not looked at yet
			err = label(r, 20)
		}
		checkError(t, "a node that has more", err, want)
		checkError(t, "a node that has more", r.Following().Stopped, want)
		if got := r.Head(); got.Size != signed.Size || got.Root != signed.Root {
			t.Errorf("it shows %d entries and the root %s, want %d and %s", got.Size, got.Root, signed.Size, signed.Root)
		}
	}
	refuses(first, sequencer.Older)

	// Another node goes on, with as many entries as the first has and others.
	second := n.Join(t)
	for code := range int64(3) {
		if err := label(second, 30+code); err != nil {
			t.Fatal(err)
		}
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	c := n.Kit.Config
	c.Sequencer = open(t, to)
	first, err = registry.Join(t.Context(), path, c)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	refuses(first, sequencer.Forked)
	if f := second.Following(); f.Stopped != nil {
		t.Errorf("the other node stopped: %v", f.Stopped)
	}
}
