package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tegata/cmd/labeld/folder"
	"tegata/registry"
	"tegata/registry/sequencer"
	"tegata/registry/sequencer/remote"
	"tegata/verify/bundle"
	"tegata/verify/keys"
)

// registries opens the registry of the folder, where it has one, and a mirror of
// every other that is followed.
func (s *serving) registries(ctx context.Context, log *slog.Logger) (all []*registry.Registry, err error) {
	d := folder.Folder(s.data)
	if d.Begun() || len(s.follow) == 0 {
		c, err := d.Config()
		if err != nil {
			return nil, err
		}
		if c.Witnesses, err = witnesses(s.asked, c.Cosigner.Key()); err != nil {
			return nil, err
		}
		c.Now = now
		c.Reserve, c.Answered, c.Committed = s.reserve<<20, s.site.Metrics.Answered, s.site.Metrics.Committed
		c.Unsigned = func(err error) {
			if err != nil {
				log.Error("a key of the registry does not sign: nothing is entered, all is read", "error", err)
			} else {
				log.Info("the key signs again")
			}
		}
		r, err := s.own(ctx, d, c, log)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	} else if len(s.asked) > 0 || s.seen.key != "" {
		return nil, fmt.Errorf("%s has no registry of its own: -witness and -observer are for the one that keeps the log", d)
	}
	if all, err = s.mirrors(ctx, all, log); err != nil {
		return nil, errors.Join(err, closeAll(all))
	}
	return all, nil
}

// origins names the logs of registries.
func origins(all []*registry.Registry) string {
	var names []string
	for _, r := range all {
		name := r.Origin()
		if r.Mirror() {
			name = "a mirror of " + name
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// mirrors opens, behind those that are open, a mirror of every registry that is
// followed, in their order, and makes those that are not there. It waits until each
// has all that its log has; one whose log cannot be reached goes on with what it has,
// and is refused where it has nothing.
func (s *serving) mirrors(ctx context.Context, all []*registry.Registry, log *slog.Logger) ([]*registry.Registry, error) {
	d := folder.Folder(s.data)
	for i, from := range s.follow {
		t, err := readTrust(s.trust[i])
		if err != nil {
			return all, err
		}
		same := func(r *registry.Registry) bool { return r.Origin() == t.Origin }
		if slices.ContainsFunc(all, same) {
			return all, fmt.Errorf("-follow %s: the log %s is followed already, or kept here", from, t.Origin)
		}
		r, err := s.mirrorOf(ctx, d.Mirror(t.Origin), from, t, log.With("follows", from, "log", t.Origin))
		if err != nil {
			return all, fmt.Errorf("-follow %s: %w", from, err)
		}
		all = append(all, r)
	}
	return all, nil
}

func closeAll(all []*registry.Registry) (err error) {
	for _, r := range all {
		err = errors.Join(err, r.Close())
	}
	return err
}

// mirrorOf opens one mirror.
func (s *serving) mirrorOf(ctx context.Context, d folder.Folder, from string, t bundle.Trust, log *slog.Logger) (*registry.Registry, error) {
	if err := os.MkdirAll(string(d), 0o700); err != nil {
		return nil, err
	}
	if err := keys.New(d.Key(bundle.AnswerPurpose)); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	c, err := d.Mirroring(from, t)
	if err != nil {
		return nil, err
	}
	t, c.Reserve = c.Original.Trust(), s.reserve<<20
	c.Sequencer = remote.New(remote.Config{URL: from, Trust: t, Every: s.every, Took: func(t bundle.Trust, all []bundle.HandOver) error {
		if err := folder.WriteDurably(d.HandOvers(), bundle.MarshalHandOvers(all)); err != nil {
			return err
		}
		c.Original.Take(t, all)
		log.Info("a key of the log was handed over, and is followed", "handovers", len(all))
		return nil
	}})
	joining, give := context.WithCancelCause(ctx)
	defer give(nil)
	c.Noticed = func(f registry.Following) {
		noticed(d, f, log)
		if f.Failed != nil && f.Size == 0 {
			give(fmt.Errorf("nothing of its log is here yet: %w", f.Failed))
		}
	}
	r, err := registry.Join(joining, d.Registry(), c)
	if err != nil && ctx.Err() == nil && joining.Err() != nil {
		err = context.Cause(joining)
	}
	return r, err
}

// noticed tells how a mirror stands, and keeps proof where it has some.
func noticed(d folder.Folder, f registry.Following, log *slog.Logger) {
	switch {
	case f.Stopped != nil:
		log.Error("mirror stopped at the last good state: look into it with the operator of that registry; it is begun again when this server is", "entries", f.Size, "error", f.Stopped)
		if err := keepConflict(d, f.Stopped); err != nil {
			log.Error("the two heads cannot be kept", "error", err)
		}
	case f.Failed != nil:
		log.Warn("mirror hears nothing, and answers from what it has", "entries", f.Size, "error", f.Failed)
	default:
		log.Info("mirror hears again", "entries", f.Size)
	}
}

// keepConflict keeps, beside a mirror that has stopped, two signed heads that do not
// go together, where that is why: whoever sees both knows that there are two
// histories.
func keepConflict(d folder.Folder, stopped error) error {
	var fault *sequencer.Fault
	if !errors.As(stopped, &fault) || fault.Kept == nil || fault.Offered == nil {
		return nil
	}
	data, err := json.MarshalIndent(struct {
		Reason  sequencer.Reason `json:"reason"`
		What    string           `json:"what"`
		Kept    string           `json:"kept"` // was there first
		Offered string           `json:"offered"`
	}{fault.Reason, fault.What, string(fault.Kept), string(fault.Offered)}, "", "  ")
	if err != nil {
		return err
	}
	sum := sha256.Sum256(fault.Offered)
	return folder.WriteDurably(filepath.Join(string(d), fmt.Sprintf("conflict-%s-%x.json", fault.Reason, sum[:4])), append(data, '\n'))
}

// readTrust reads a trust file.
func readTrust(name string) (bundle.Trust, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return bundle.Trust{}, err
	}
	t, err := bundle.ParseTrust(text)
	if err != nil {
		return t, fmt.Errorf("%s: %w", name, err)
	}
	return t, nil
}
