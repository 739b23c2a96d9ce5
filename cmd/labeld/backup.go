package main

import (
	"context"
	"errors"
	"flag"
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
	"tegata/verify/bundle"
	"tegata/verify/keys"
)

// backup copies a registry into one file. Where a server has it open, the server
// copies it, and goes on.
func backup(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var data, to string
	var withKeys bool
	err := flags("backup", args, stderr, func(f *flag.FlagSet) {
		f.StringVar(&data, "data", "", "the registry's `folder`")
		f.StringVar(&to, "o", "", "the `file` to make, or a folder to make it in, under a name of its own; nothing is written over")
		f.BoolVar(&withKeys, "keys", false, "put the registry's own private keys in too: whoever reads the backup can then sign as the registry")
	}, "data", "o")
	if err != nil {
		return err
	}
	d := folder.Folder(data)
	into := isFolder(to)
	name, at := to, filepath.Dir(to)
	if into {
		at = to
	} else if _, err := os.Lstat(to); err == nil {
		return fmt.Errorf("%s: %w: choose another name, or a folder", to, registry.ErrExists)
	}
	f, err := os.CreateTemp(at, ".backup-*")
	if err != nil {
		return err
	}
	defer func() { f.Close(); os.Remove(f.Name()) }()
	m := &meter{to: f, of: sizeOf(d.Registry()), tell: progress(stderr, "MiB")}
	if err := copyTo(ctx, d, m, withKeys); err != nil {
		return err
	}
	m.end()
	if err := f.Sync(); err != nil {
		return err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	b, err := readBackup(ctx, f, nil)
	if err != nil {
		return err
	}
	if len(b.faults) > 0 {
		return fmt.Errorf("read back, the backup is not what was written: %w", b.faults[0])
	}
	if into {
		name = filepath.Join(to, fmt.Sprintf("%s-%s.tar", strings.NewReplacer("/", "_", ":", "_").Replace(b.head.Origin), time.Now().UTC().Format("20060102T150405Z")))
	}
	if err := linkNew(f.Name(), name); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s\n  log     %s\n  size    %d entries\n  root    %s\n  dated   %s\n  sha256  %x\n", name, b.head.Origin, b.head.Size, b.head.Root, b.dated.Format(time.RFC3339), b.sum)
	if withKeys {
		fmt.Fprintln(stdout, "It holds the registry's private keys: keep it as you keep those.")
		if names := inTokens(d); len(names) > 0 {
			fmt.Fprintf(stdout, "Of %s it holds no key, only in which token that is: without the token, or a copy that its maker can make, nobody can use it.\n", strings.Join(names, " and "))
		}
	} else {
		fmt.Fprintf(stdout, "It does not hold the registry's keys, without which nobody can go on writing this log: keep %s, %s and %s elsewhere.\n", d.Key(bundle.LogPurpose), d.Key(bundle.CosignerPurpose), d.Key(bundle.AnswerPurpose))
	}
	return nil
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
	what := "/backup"
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
	return writeBackup(ctx, d, w, r, keys)
}

func backupHandler(d folder.Folder, r *registry.Registry) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		answer := &control.Answer{ResponseWriter: w}
		if r.Mirror() {
			answer.End(errors.New("this is a mirror, which is made again from the log that it is a copy of"))
			return
		}
		answer.End(writeBackup(req.Context(), d, answer, r, req.FormValue("keys") != ""))
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
