// Package backup copies a registry and makes it again from a copy: a backup, which is one
// file, or a continuity kit, which is a folder that any web server can serve. A backup is
// read back and what is restored is audited before either has its name; what is
// interrupted leaves nothing.
package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tegata/cmd/labeld/control"
	"tegata/cmd/labeld/folder"
	"tegata/registry"
	"tegata/verify/keys"
	"tegata/verify/tlog"
)

// Path is where the server that has a registry open is asked for a backup; with the
// parameter keys, for one with its own keys.
const Path = "/backup"

// Made is a backup that was made.
type Made struct {
	Name   string          // of the file
	Head   tlog.Checkpoint // of the log in it
	Dated  time.Time
	SHA256 []byte   // of the file
	Tokens []string // files of keys in it that hold no key, only in which token it is
}

// Make copies the registry in a folder into one file, which to names, or into a file
// with a name of its own in the folder that it names. Nothing is written over: the error
// is [registry.ErrExists]. With keys, the registry's own private keys are put in too.
// Where a server has the registry open, the server copies it, and goes on. progress is
// told how many MiB are written, of how many; nil: nobody is.
func Make(ctx context.Context, d folder.Folder, to string, keys bool, progress func(done, of int64)) (made Made, err error) {
	into := isFolder(to)
	at := filepath.Dir(to)
	if into {
		at = to
	} else if _, err := os.Lstat(to); err == nil {
		return made, fmt.Errorf("%s: %w: choose another name, or a folder", to, registry.ErrExists)
	}
	f, err := os.CreateTemp(at, ".backup-*")
	if err != nil {
		return made, err
	}
	defer func() { f.Close(); os.Remove(f.Name()) }()
	m := &meter{to: f, of: sizeOf(d.Registry()), tell: progress}
	if err := copyTo(ctx, d, m, keys); err != nil {
		return made, err
	}
	m.end()
	if err := f.Sync(); err != nil {
		return made, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return made, err
	}
	b, err := readArchive(ctx, f, nil)
	if err != nil {
		return made, err
	}
	if len(b.faults) > 0 {
		return made, fmt.Errorf("read back, the backup is not what was written: %w", b.faults[0])
	}
	made = Made{Name: to, Head: b.head, Dated: b.dated, SHA256: b.sum}
	if into {
		made.Name = filepath.Join(to, fmt.Sprintf("%s-%s.tar", strings.NewReplacer("/", "_", ":", "_").Replace(b.head.Origin), time.Now().UTC().Format("20060102T150405Z")))
	}
	if keys {
		made.Tokens = inTokens(d)
	}
	return made, linkNew(f.Name(), made.Name)
}

// inTokens names the files of the registry's own keys that only tell where one is.
func inTokens(d folder.Folder) (names []string) {
	for _, name := range inside.Keys() {
		if text, err := os.ReadFile(filepath.Join(string(d), name)); err == nil && keys.InToken(string(text)) {
			names = append(names, name)
		}
	}
	return names
}

// copyTo writes a backup of the registry in the folder.
func copyTo(ctx context.Context, d folder.Folder, w io.Writer, keys bool) (err error) {
	what := Path
	if keys {
		what += "?keys=yes"
	}
	body, err := control.Call(ctx, d.Socket(), what, nil)
	if err == nil {
		defer body.Close()
		_, err = io.Copy(w, body)
		return err
	}
	if !errors.Is(err, control.ErrNoServer) {
		return err
	}
	c, err := d.Config()
	if err != nil {
		return err
	}
	r, err := registry.Open(d.Registry(), c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return write(ctx, d, w, r, keys)
}

// Handler answers what is asked at Path, of the registry in a folder that is open.
func Handler(d folder.Folder, r *registry.Registry) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		answer := &control.Answer{ResponseWriter: w}
		if r.Mirror() {
			answer.End(errors.New("this is a mirror, which is made again from the log that it is a copy of"))
			return
		}
		answer.End(write(req.Context(), d, answer, r, req.FormValue("keys") != ""))
	}
}

// linkNew gives a file that is whole its name, where nothing is.
func linkNew(made, name string) error {
	if err := os.Link(made, name); errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s: %w: choose another name, or a folder", name, registry.ErrExists)
	} else if err != nil {
		return err
	}
	return folder.Sync(filepath.Dir(name))
}

func isFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

func sizeOf(name string) int64 {
	info, err := os.Stat(name)
	if err != nil {
		return 0
	}
	return info.Size()
}

// A meter tells how much of a file has been written.
type meter struct {
	to       io.Writer
	done, of int64                // bytes
	tell     func(done, of int64) // of MiB; nil: nobody looks
}

func (m *meter) Write(b []byte) (int, error) {
	n, err := m.to.Write(b)
	before := m.done >> 20
	m.done += int64(n)
	if now := m.done >> 20; m.tell != nil && now > before {
		m.tell(now, max(now, m.of>>20))
	}
	return n, err
}

// end takes away what was told.
func (m *meter) end() {
	if m.tell != nil {
		m.tell(m.done>>20, m.done>>20)
	}
}
