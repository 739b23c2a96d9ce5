package backup

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tegata/cmd/labeld/folder"
	"tegata/registry"
	"tegata/verify/bundle"
)

// A backup is a tar file of what is in a registry's folder, under the same names,
// so that it can be unpacked without this program. The last file has the SHA-256
// of all others, as sha256sum writes and checks them.
const (
	trustName      = "trust.json" // the trust file, as the registry states it of itself
	checkpointName = "checkpoint" // the head of the log in it, signed and dated
	sumsName       = "SHA256SUMS"
)

// smallMost bounds every file of a backup but the registry's, in bytes.
const smallMost = 16 << 20

// inside names what a registry's folder has as it is called there, and in a backup.
const inside folder.Folder = ""

// fileNames are the files of a backup, in their order. Those of keys may be
// absent, and so may the hand-overs.
func fileNames() []string {
	return append([]string{inside.Origin(), trustName, inside.HandOvers(), checkpointName, inside.Registry()}, append(inside.Keys(), sumsName)...)
}

// write writes a backup of a registry that is open.
func write(ctx context.Context, d folder.Folder, w io.Writer, r *registry.Registry, keys bool) error {
	trust, err := r.Trust()
	if err != nil {
		return err
	}
	own := map[string][]byte{}
	for _, name := range inside.Keys() {
		if !keys {
			break
		}
		if own[name], err = os.ReadFile(filepath.Join(string(d), name)); err != nil {
			return err
		}
	}
	b := &writer{tar: tar.NewWriter(w), at: r.Head().Time}
	b.small(inside.Origin(), []byte(r.Origin()+"\n"))
	b.small(trustName, trust.Marshal())
	if all := r.HandOvers(); len(all) > 0 {
		b.small(inside.HandOvers(), bundle.MarshalHandOvers(all))
	}
	err = r.Copy(func(checkpoint []byte, size int64, file io.WriterTo) error {
		b.small(checkpointName, checkpoint)
		b.file(inside.Registry(), size, func(w io.Writer) error {
			_, err := file.WriteTo(&stopped{ctx, w})
			return err
		})
		return b.err
	})
	if ended := ctx.Err(); ended != nil {
		return ended
	}
	if err != nil {
		return err
	}
	for _, name := range inside.Keys() {
		if keys {
			b.small(name, own[name])
		}
	}
	b.small(sumsName, []byte(b.sums.String()))
	return errors.Join(b.err, b.tar.Close())
}

// A writer writes files into a backup, until something goes wrong.
type writer struct {
	tar  *tar.Writer
	at   time.Time
	sums strings.Builder
	err  error
}

func (b *writer) small(name string, data []byte) {
	b.file(name, int64(len(data)), func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

func (b *writer) file(name string, size int64, write func(io.Writer) error) {
	if b.err != nil {
		return
	}
	sum := sha256.New()
	if b.err = b.tar.WriteHeader(header(name, size, b.at)); b.err == nil {
		b.err = write(io.MultiWriter(b.tar, sum))
	}
	fmt.Fprintf(&b.sums, "%x  %s\n", sum.Sum(nil), name)
}

func header(name string, size int64, at time.Time) *tar.Header {
	return &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: at.Truncate(time.Second)}
}

// stopped writes until ctx ends.
type stopped struct {
	ctx context.Context
	to  io.Writer
}

func (w *stopped) Write(b []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.to.Write(b)
}
