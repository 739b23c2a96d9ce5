package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"tegata/cmd/labeld/audit"
	"tegata/cmd/labeld/folder"
	"tegata/registry"
	"tegata/verify/bundle"
	"tegata/verify/keys"
	"tegata/verify/tlog"
)

// restore makes the folder of a registry from a backup or a kit, and shows that what
// it made is whole before anybody can open it.
func restore(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	var from, data, keys string
	var behind bool
	var with audit.Against
	err = flags("restore", args, stderr, func(f *flag.FlagSet) {
		f.StringVar(&from, "from", "", "the `backup` that labeld backup made, or the folder that labeld export made")
		f.StringVar(&data, "data", "", "the `folder` to make; nothing may be in it")
		f.StringVar(&keys, "keys", "", "`folder` with log.key, cosigner.key and answer.key, where the backup does not hold them; without them it is a mirror")
		f.BoolVar(&behind, "behind", false, "restore also what lacks entries that the checkpoint has; whoever goes on writing it makes a second history")
		with.Flags(f)
	}, "from", "data")
	if err != nil {
		return err
	}
	d := folder.Folder(data)
	work, undo, err := begin(d)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, undo())
		}
	}()
	found, was, err := unpack(ctx, work, from, keys, with, progress(stderr, "entries"))
	if err != nil {
		return err
	}
	if behind && found.Missing > 0 {
		found.Forgive()
	}
	if err := found.Print(stdout); err != nil {
		fmt.Fprintf(stdout, "nothing was restored\n")
		if found.Missing > 0 {
			fmt.Fprintf(stdout, "Where no later backup and no mirror has the %d entries, -behind restores what there is.\n", found.Missing)
		}
		return err
	}
	if err := take(d, work); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "restored %s\n  log    %s\n  size   %d entries\n  dated  %s\n", d, was.head.Origin, found.Size, was.dated.Format(time.RFC3339))
	if was.config.Original != nil {
		fmt.Fprintln(stdout, "The registry's own keys are not here, so it is a mirror, which only reads: labeld serve -follow. With -keys it is the registry.")
	}
	if len(with.Checkpoint) == 0 && len(with.Trust) == 0 {
		fmt.Fprintln(stdout, "It was compared with nothing from elsewhere: whether it is the latest, and the log that others know, -checkpoint and -trust tell.")
	}
	return nil
}

// restoring is the folder inside that of a registry in which it is restored.
const restoring = "restoring"

// begin makes the folder, which must be empty if it is there, and one inside to
// work in. The function returned takes away what it made.
func begin(d folder.Folder) (work folder.Folder, undo func() error, err error) {
	_, err = os.Lstat(string(d))
	made := errors.Is(err, fs.ErrNotExist)
	if err := os.MkdirAll(string(d), 0o700); err != nil {
		return "", nil, err
	}
	there, err := os.ReadDir(string(d))
	if err != nil {
		return "", nil, err
	}
	if len(there) == 1 && there[0].Name() == restoring {
		return "", nil, fmt.Errorf("%s: a restore was cut short there: remove %s", d, filepath.Join(string(d), restoring))
	}
	if len(there) > 0 {
		return "", nil, fmt.Errorf("%s: it is not empty, and a registry is restored where nothing is", d)
	}
	work = folder.Folder(filepath.Join(string(d), restoring))
	if err := os.Mkdir(string(work), 0o700); err != nil {
		return "", nil, err
	}
	return work, func() error {
		err := os.RemoveAll(string(work))
		if made && err == nil {
			err = os.Remove(string(d))
		}
		return err
	}, nil
}

// held is what was in a backup or a kit.
type held struct {
	head   tlog.Checkpoint
	dated  time.Time
	trust  bundle.Trust
	faults []registry.AuditFault
	whole  bool // a registry could be made of it

	at     folder.Folder // where that is
	config registry.Config
}

func (h *held) fault(place, format string, args ...any) {
	h.faults = append(h.faults, registry.AuditFault{Place: place, What: fmt.Sprintf(format, args...)})
}

// unpack makes a registry in a folder from a backup or a kit, opens it, audits it
// and compares it.
func unpack(ctx context.Context, d folder.Folder, from, keys string, with audit.Against, progress func(done, of int64)) (found audit.Found, h held, err error) {
	if isFolder(from) {
		h, err = unpackKit(ctx, d, from, keys, progress)
	} else {
		h, err = unpackBackup(ctx, d, from, keys)
	}
	if err != nil {
		return found, h, err
	}
	if !h.whole {
		found.Faults = h.faults
		return found, h, nil
	}
	found, err = audit.File(ctx, h.at, h.config, with, progress)
	if len(found.Faults) == 0 && (found.Size != h.head.Size || found.Root != h.head.Root) {
		h.fault("checkpoint", "it is of %d entries with the root %s, the registry has %d and %s", h.head.Size, h.head.Root, found.Size, found.Root)
	}
	found.Faults = append(h.faults, found.Faults...)
	return found, h, err
}

// unpackBackup puts what is in a backup into a folder.
func unpackBackup(ctx context.Context, d folder.Folder, from, keys string) (h held, err error) {
	f, err := os.Open(from)
	if err != nil {
		return h, err
	}
	defer f.Close()
	b, err := readBackup(ctx, f, &d)
	if err != nil {
		return h, err
	}
	if h = b.held; !h.whole {
		return h, nil
	}
	if keys == "" && slices.Contains(b.names, inside.Keys()[0]) {
		keys = string(d)
	}
	if err := errors.Join(os.Remove(filepath.Join(string(d), backupTrust)), os.Remove(filepath.Join(string(d), backupCheckpoint))); err != nil {
		return h, err
	}
	if err := keepKeys(d, &h, keys); err != nil {
		return h, err
	}
	if h.at != d {
		err = errors.Join(os.Rename(d.Registry(), h.at.Registry()), os.Remove(d.Origin()))
	}
	return h, err
}

// keepKeys makes the folder that of the registry, with its own keys, or, where there
// are none, that of a mirror, with a new key for its answers.
func keepKeys(d folder.Folder, h *held, keys string) (err error) {
	h.at = d
	if keys == "" {
		return keepMirror(d, h)
	}
	if keys != string(d) {
		for _, name := range inside.Keys() {
			if err := copyKey(filepath.Join(keys, name), filepath.Join(string(d), name)); err != nil {
				return err
			}
		}
	}
	if h.config, err = d.Config(); err != nil {
		return err
	}
	t := h.trust
	if h.config.Log.Key() != t.LogKeys[0].Key || h.config.Cosigner.Key() != t.CosignerKeys[0].Key || h.config.Answer.Key().JWK() != t.AnswerKeys[0].Key {
		return errors.New("the keys are not those that the log is signed with")
	}
	return nil
}

func keepMirror(d folder.Folder, h *held) error {
	h.at = d.Mirror(h.trust.Origin)
	if err := os.MkdirAll(string(h.at), 0o700); err != nil {
		return err
	}
	if err := os.Rename(d.HandOvers(), h.at.HandOvers()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := keys.New(h.at.Key(bundle.AnswerPurpose)); err != nil {
		return err
	}
	var err error
	h.config, err = h.at.Mirroring("", h.trust)
	return err
}

// copyKey copies a key that nobody but its owner can read, and that can be used.
func copyKey(from, to string) error {
	if _, err := folder.ReadKey(from); err != nil {
		return err
	}
	text, err := keys.ReadSecret(from)
	if err != nil {
		return err
	}
	return keys.WriteSecret(to, text)
}

// take moves what was made in the folder inside to where it belongs. The name of
// the log comes last: without it no registry is there.
func take(d, work folder.Folder) error {
	made, err := os.ReadDir(string(work))
	if err != nil {
		return err
	}
	for _, e := range made {
		if e.Name() == inside.Origin() {
			continue
		}
		if err := os.Rename(filepath.Join(string(work), e.Name()), filepath.Join(string(d), e.Name())); err != nil {
			return err
		}
	}
	if err := folder.Sync(string(d)); err != nil {
		return err
	}
	if err := os.Rename(work.Origin(), d.Origin()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return errors.Join(os.Remove(string(work)), folder.Sync(string(d)))
}
