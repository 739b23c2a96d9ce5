package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"tegata/registry"
)

// restore makes the folder of a registry from a backup, and shows that what it
// made is whole before anybody can open it.
func restore(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	var from, data, keys string
	var behind bool
	var with against
	err = flags("restore", args, stderr, func(f *flag.FlagSet) {
		f.StringVar(&from, "from", "", "the backup: a `file` that labeld backup made")
		f.StringVar(&data, "data", "", "the `folder` to make; nothing may be in it")
		f.StringVar(&keys, "keys", "", "`folder` with log.key, cosigner.key and answer.key, where the backup does not hold them")
		f.BoolVar(&behind, "behind", false, "restore also what lacks entries that the checkpoint has; whoever goes on writing it makes a second history")
		with.flags(f)
	}, "from", "data")
	if err != nil {
		return err
	}
	d := folder(data)
	work, undo, err := d.begin()
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, undo())
		}
	}()
	found, held, err := work.unpack(ctx, from, keys, with, progress(stderr, "entries"))
	if err != nil {
		return err
	}
	if behind && found.Missing > 0 {
		found.forgive()
	}
	if err := found.print(stdout); err != nil {
		fmt.Fprintf(stdout, "nothing was restored\n")
		if found.Missing > 0 {
			fmt.Fprintf(stdout, "Where no later backup and no mirror has the %d entries, -behind restores what there is.\n", found.Missing)
		}
		return err
	}
	if err := d.take(work); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "restored %s\n  log    %s\n  size   %d entries\n  dated  %s\n", d, held.head.Origin, found.Size, held.dated.Format(time.RFC3339))
	if len(with.Checkpoint) == 0 && len(with.Trust) == 0 {
		fmt.Fprintln(stdout, "It was compared with nothing from elsewhere: whether it is the latest, and the log that others know, -checkpoint and -trust tell.")
	}
	return nil
}

// restoring is the folder inside that of a registry in which it is restored.
const restoring = "restoring"

// begin makes the folder, which must be empty if it is there, and one inside to
// work in. The function returned takes away what it made.
func (d folder) begin() (work folder, undo func() error, err error) {
	_, err = os.Lstat(string(d))
	made := errors.Is(err, os.ErrNotExist)
	if err := os.MkdirAll(string(d), 0o700); err != nil {
		return "", nil, err
	}
	inside, err := os.ReadDir(string(d))
	if err != nil {
		return "", nil, err
	}
	if len(inside) > 0 {
		return "", nil, fmt.Errorf("%s: it is not empty, and a registry is restored where nothing is", d)
	}
	work = folder(filepath.Join(string(d), restoring))
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

// unpack puts a backup into a folder, opens it, audits it and compares it.
func (d folder) unpack(ctx context.Context, from, keys string, with against, progress func(done, of int64)) (found audited, b *backupFile, err error) {
	f, err := os.Open(from)
	if err != nil {
		return found, nil, err
	}
	defer f.Close()
	if b, err = readBackup(ctx, f, &d); err != nil {
		return found, nil, err
	}
	if !b.whole {
		found.Faults = b.faults
		return found, b, nil
	}
	if keys != "" {
		for _, name := range keyNames() {
			if err := copyKey(filepath.Join(keys, name), filepath.Join(string(d), name)); err != nil {
				return found, nil, err
			}
		}
	} else if !slices.Contains(b.names, keyNames()[0]) {
		return found, nil, errors.New("the backup does not hold the keys of the registry: -keys names the folder that does")
	}
	c, err := d.config()
	if err != nil {
		return found, nil, err
	}
	if c.Log.Key() != b.trust.LogKeys[0].Key || c.Cosigner.Key() != b.trust.CosignerKeys[0].Key || c.Answer.Key().JWK() != b.trust.AnswerKeys[0].Key {
		return found, nil, errors.New("the keys are not those that the log in the backup is signed with")
	}
	found, err = auditFile(ctx, d, with, progress)
	found.Faults = append(b.faults, found.Faults...)
	return found, b, errors.Join(err, os.Remove(filepath.Join(string(d), backupTrust)), os.Remove(filepath.Join(string(d), backupCheckpoint)))
}

// copyKey copies a key that nobody but its owner can read.
func copyKey(from, to string) error {
	if _, err := readKey(from); err != nil {
		return err
	}
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o600)
}

// forgive takes it for no fault that entries are missing.
func (a *audited) forgive() {
	missing := a.missing(a.Size)
	a.Faults = slices.DeleteFunc(a.Faults, func(f registry.AuditFault) bool { return f == missing })
	a.Said = append(a.Said, missing.Error())
}

// take moves what was made in the folder inside to where it belongs. The name of
// the log comes last: without it no registry is there.
func (d folder) take(work folder) error {
	inside, err := os.ReadDir(string(work))
	if err != nil {
		return err
	}
	var name folder
	for _, e := range inside {
		if e.Name() == name.origin() {
			continue
		}
		if err := os.Rename(filepath.Join(string(work), e.Name()), filepath.Join(string(d), e.Name())); err != nil {
			return err
		}
	}
	if err := syncFolder(string(d)); err != nil {
		return err
	}
	if err := os.Rename(work.origin(), d.origin()); err != nil {
		return err
	}
	return errors.Join(os.Remove(string(work)), syncFolder(string(d)))
}
