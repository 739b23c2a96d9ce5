package backup

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"tegata/cmd/labeld/folder"
	"tegata/registry"
	"tegata/verify/bundle"
	"tegata/verify/tlog"
	"tegata/web"
)

// Names in a continuity kit, beside those that a backup has too.
const siteName = "site" // what any web server can serve

//go:embed kit/README.md kit/README.ja.md
var kitText embed.FS

// A Kit is a continuity kit that was made.
type Kit struct {
	Head  tlog.Checkpoint // of the log in it
	AsOf  time.Time       // when it was answered
	Files int             // but for the one with their sums
	Bytes int64           // of all of them
}

// Export writes a continuity kit into a folder that is made, where nothing may be, or
// the error is [registry.ErrExists]: the log, what it takes to check it, and what the
// registry answers at the address people reach it at, for a server that has nothing but
// files. progress is told how many codes are done, of how many; nil: nobody is.
func Export(ctx context.Context, d folder.Folder, to, url string, progress func(done, of int64)) (made Kit, err error) {
	if _, err := os.Lstat(to); err == nil {
		return made, fmt.Errorf("%s: %w: choose another name", to, registry.ErrExists)
	}
	at := filepath.Dir(filepath.Clean(to))
	work, err := os.MkdirTemp(at, ".kit-*")
	if err != nil {
		return made, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(work))
		}
	}()
	k := &kitFolder{at: work}
	if made, err = k.write(ctx, d, url, progress); err != nil {
		return made, err
	}
	if err := os.Chmod(work, 0o755); err != nil { // there is nothing in it that others may not read
		return made, err
	}
	if err := os.Rename(work, to); err != nil {
		return made, err
	}
	return made, folder.Sync(at)
}

// A kitFolder is a kit that is being written. A file of it may be lost with the
// power; its sum tells.
type kitFolder struct {
	at    string
	mu    sync.Mutex
	sums  []string
	bytes int64
}

// put writes a file. It may be called from many goroutines.
func (k *kitFolder) put(name string, data []byte) error {
	file := filepath.Join(k.at, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(file, data, 0o644); err != nil {
		return err
	}
	sum := sha256.Sum256(data)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.sums = append(k.sums, hex.EncodeToString(sum[:])+"  "+name)
	k.bytes += int64(len(data))
	return nil
}

// write writes a kit of the registry in a folder, as of now: of a copy of it, so
// that the registry goes on meanwhile.
func (k *kitFolder) write(ctx context.Context, d folder.Folder, url string, progress func(done, of int64)) (made Kit, err error) {
	copied := folder.Folder(filepath.Join(k.at, ".copy"))
	if err := os.Mkdir(string(copied), 0o700); err != nil {
		return made, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(string(copied))) }()
	if err := copyOf(ctx, copied, d); err != nil {
		return made, err
	}
	c, err := d.Config()
	if err != nil {
		return made, err
	}
	now := time.Now().UTC().Truncate(time.Second)
	c.Now = func() time.Time { return now }
	r, err := registry.Open(copied.Registry(), c)
	if err != nil {
		return made, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	trust, err := r.Trust()
	if err != nil {
		return made, err
	}
	put := func(name string, data []byte) error { return k.put(siteName+"/"+name, data) }
	if err := web.WriteKit(ctx, web.Config{Registry: r, URL: url}, put, progress); err != nil {
		return made, err
	}
	// A QR code is all capitals.
	if err := os.Symlink("v", filepath.Join(k.at, siteName, "V")); err != nil {
		return made, err
	}
	files := map[string][]byte{inside.Origin(): []byte(r.Origin() + "\n"), trustName: trust.Marshal()}
	if all := r.HandOvers(); len(all) > 0 {
		files[inside.HandOvers()] = bundle.MarshalHandOvers(all)
	}
	head := r.Head()
	for _, name := range []string{"README.md", "README.ja.md"} {
		text, err := kitText.ReadFile("kit/" + name)
		if err != nil {
			return made, err
		}
		files[name] = []byte(strings.NewReplacer("{ORIGIN}", head.Origin, "{URL}", url, "{SIZE}", fmt.Sprint(head.Size),
			"{ROOT}", tlog.Hash(head.Root).String(), "{TIME}", now.Format(time.RFC3339), "{FINGERPRINT}", trust.Fingerprint()).Replace(string(text)))
	}
	for name, data := range files {
		if err := k.put(name, data); err != nil {
			return made, err
		}
	}
	slices.Sort(k.sums)
	sums := filepath.Join(k.at, sumsName)
	if err := errors.Join(folder.WriteDurably(sums, []byte(strings.Join(k.sums, "\n")+"\n")), os.Chmod(sums, 0o644)); err != nil {
		return made, err
	}
	return Kit{Head: tlog.Checkpoint{Origin: head.Origin, Size: head.Size, Root: tlog.Hash(head.Root)}, AsOf: now, Files: len(k.sums), Bytes: k.bytes}, nil
}

// copyOf puts a copy of the registry in another folder, as it stands, into this
// one.
func copyOf(ctx context.Context, d, from folder.Folder) error {
	out, in := io.Pipe()
	copied := make(chan error, 1)
	go func() {
		err := copyTo(ctx, from, in, false)
		in.CloseWithError(err)
		copied <- err
	}()
	b, err := readArchive(ctx, out, &d)
	out.CloseWithError(err)
	if err := <-copied; err != nil {
		return err
	}
	if err == nil && len(b.faults) > 0 {
		err = b.faults[0]
	}
	return err
}
