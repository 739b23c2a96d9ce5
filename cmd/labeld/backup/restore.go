package backup

import (
	"context"
	"errors"
	"fmt"
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

// Terms are those on which a registry is restored.
type Terms struct {
	Keys    string        // folder with the registry's own keys, where the backup does not hold them; empty: none, and it is a mirror
	Behind  bool          // also what lacks entries that the checkpoint has
	Against audit.Against // what it is compared with
}

// Restored is what was restored, or why it was not.
type Restored struct {
	audit.Found
	Head   tlog.Checkpoint
	Dated  time.Time
	Mirror bool // it has not the log's own keys
}

// Restore makes the folder of a registry, where nothing is, from a backup or a kit. It
// shows that what it made is whole before anybody can open it: where it is not, nothing is
// left and the error is [audit.ErrFaults]. progress is told how many entries were replayed,
// of how many; nil: nobody is.
func Restore(ctx context.Context, from string, d folder.Folder, on Terms, progress func(done, of int64)) (r Restored, err error) {
	work, undo, err := begin(d)
	if err != nil {
		return r, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, undo())
		}
	}()
	found, was, err := unpack(ctx, work, from, on.Keys, on.Against, progress)
	if err != nil {
		return r, err
	}
	if on.Behind && found.Missing > 0 {
		found.Forgive()
	}
	r = Restored{Found: found, Head: was.head, Dated: was.dated, Mirror: was.config.Original != nil}
	if len(r.Faults) > 0 {
		return r, audit.ErrFaults
	}
	return r, take(d, work)
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
	b, err := readArchive(ctx, f, &d)
	if err != nil {
		return h, err
	}
	if h = b.held; !h.whole {
		return h, nil
	}
	if keys == "" && slices.Contains(b.names, inside.Keys()[0]) {
		keys = string(d)
	}
	if err := errors.Join(os.Remove(filepath.Join(string(d), trustName)), os.Remove(filepath.Join(string(d), checkpointName))); err != nil {
		return h, err
	}
	if err := keep(d, &h, keys); err != nil {
		return h, err
	}
	if h.at != d {
		err = errors.Join(os.Rename(d.Registry(), h.at.Registry()), os.Remove(d.Origin()))
	}
	return h, err
}

// keep makes the folder that of the registry, with its own keys, or, where there
// are none, that of a mirror, with a new key for its answers.
func keep(d folder.Folder, h *held, keys string) (err error) {
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
