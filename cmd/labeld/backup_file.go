package main

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
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
	backupTrust      = "trust.json" // the trust file, as the registry states it of itself
	backupCheckpoint = "checkpoint" // the head of the log in it, signed and dated
	backupSums       = "SHA256SUMS"
)

// backupSmall bounds every file of a backup but the registry's, in bytes.
const backupSmall = 16 << 20

// inside names what a registry's folder has as it is called there, and in a backup.
const inside folder.Folder = ""

// backupNames are the files of a backup, in their order. Those of keys may be
// absent, and so may the hand-overs.
func backupNames() []string {
	return append([]string{inside.Origin(), backupTrust, inside.HandOvers(), backupCheckpoint, inside.Registry()}, append(inside.Keys(), backupSums)...)
}

// writeBackup writes a backup of a registry that is open.
func writeBackup(ctx context.Context, d folder.Folder, w io.Writer, r *registry.Registry, keys bool) error {
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
	b := &backupWriter{tar: tar.NewWriter(w), at: r.Head().Time}
	b.small(inside.Origin(), []byte(r.Origin()+"\n"))
	b.small(backupTrust, trust.Marshal())
	if all := r.HandOvers(); len(all) > 0 {
		b.small(inside.HandOvers(), bundle.MarshalHandOvers(all))
	}
	err = r.Copy(func(checkpoint []byte, size int64, file io.WriterTo) error {
		b.small(backupCheckpoint, checkpoint)
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
	b.small(backupSums, []byte(b.sums.String()))
	return errors.Join(b.err, b.tar.Close())
}

// A backupWriter writes files into a backup, until something goes wrong.
type backupWriter struct {
	tar  *tar.Writer
	at   time.Time
	sums strings.Builder
	err  error
}

func (b *backupWriter) small(name string, data []byte) {
	b.file(name, int64(len(data)), func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

func (b *backupWriter) file(name string, size int64, write func(io.Writer) error) {
	if b.err != nil {
		return
	}
	sum := sha256.New()
	if b.err = b.tar.WriteHeader(backupHeader(name, size, b.at)); b.err == nil {
		b.err = write(io.MultiWriter(b.tar, sum))
	}
	fmt.Fprintf(&b.sums, "%x  %s\n", sum.Sum(nil), name)
}

func backupHeader(name string, size int64, at time.Time) *tar.Header {
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

// A backupFile is what was read of a backup.
type backupFile struct {
	held
	sum   []byte   // SHA-256 of all of it
	names []string // of what is in it
}

func (b *backupFile) fault(format string, args ...any) { b.held.fault("backup", format, args...) }

// readBackup reads a backup to its end. Where a folder is given, it puts what is
// in the backup there. It finds every byte that is not as it was written.
func readBackup(ctx context.Context, from io.Reader, to *folder.Folder) (*backupFile, error) {
	b := &backupFile{}
	// What is read is written again: a byte that no file has, between them and
	// behind, must be the one that is written there.
	raw, again := sha256.New(), sha256.New()
	all := io.TeeReader(from, &stopped{ctx, raw})
	in, out := tar.NewReader(all), tar.NewWriter(again)
	small, sums := map[string][]byte{}, ""
	for {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err != nil {
			b.fault("after %d files: %v", len(b.names), err)
			return b, nil
		}
		if !slices.Contains(backupNames(), h.Name) || slices.Contains(b.names, h.Name) {
			b.fault("%q is no file of a backup, or is there twice", h.Name)
			return b, nil
		}
		if !plain(h) {
			b.fault("%s: it is no plain file", h.Name)
			return b, nil
		}
		b.names = append(b.names, h.Name)
		if err := out.WriteHeader(backupHeader(h.Name, h.Size, h.ModTime)); err != nil {
			b.fault("%s: %v", h.Name, err)
			return b, nil
		}
		sum, data, err := b.take(h, in, out, to)
		if ended := ctx.Err(); ended != nil {
			return nil, ended
		}
		var broken *notWhole
		if errors.As(err, &broken) {
			b.fault("%s: %v", h.Name, err)
			return b, nil
		}
		if err != nil {
			return nil, err
		}
		if small[h.Name] = data; h.Name != backupSums {
			sums += fmt.Sprintf("%x  %s\n", sum, h.Name)
		}
	}
	if err := out.Close(); err != nil {
		return nil, err
	}
	if _, err := io.Copy(io.Discard, all); err != nil {
		return nil, err
	}
	if b.sum = raw.Sum(nil); !bytes.Equal(b.sum, again.Sum(nil)) {
		b.fault("between its files, or behind them, it is not as it was written")
	}
	b.check(small, sums)
	return b, nil
}

// plain reports whether a file stands in a tar file byte for byte, as it does in a
// backup: a sparse one would be made far larger than what is read, and fill the disk.
func plain(h *tar.Header) bool {
	for record := range h.PAXRecords {
		if record != "size" { // of a file of 8 GiB or more
			return false
		}
	}
	return h.Typeflag == tar.TypeReg
}

// notWhole says that a backup ends too early, or cannot be read on.
type notWhole struct{ error }

func (b *backupFile) take(h *tar.Header, in io.Reader, again io.Writer, to *folder.Folder) (sum []byte, small []byte, err error) {
	digest, held := sha256.New(), new(bytes.Buffer)
	into := []io.Writer{digest, again}
	if h.Name != inside.Registry() {
		if h.Size > backupSmall {
			return nil, nil, &notWhole{fmt.Errorf("it has %d bytes, %d are the most", h.Size, backupSmall)}
		}
		into = append(into, held)
	}
	var file *os.File
	if to != nil && h.Name != backupSums {
		if file, err = os.OpenFile(filepath.Join(string(*to), h.Name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600); err != nil {
			return nil, nil, err
		}
		into = append(into, file)
	}
	err = copyFrom(io.MultiWriter(into...), in)
	if file != nil {
		if err == nil {
			err = file.Sync()
		}
		err = errors.Join(err, file.Close())
	}
	return digest.Sum(nil), held.Bytes(), err
}

// copyFrom copies; where reading fails, the error is a [*notWhole].
func copyFrom(to io.Writer, from io.Reader) error {
	_, err := io.Copy(to, readerOf(func(b []byte) (int, error) {
		n, err := from.Read(b)
		if err != nil && !errors.Is(err, io.EOF) {
			err = &notWhole{err}
		}
		return n, err
	}))
	return err
}

type readerOf func([]byte) (int, error)

func (f readerOf) Read(b []byte) (int, error) { return f(b) }

// check compares what was read with the sums, and opens the checkpoint.
func (b *backupFile) check(small map[string][]byte, sums string) {
	for _, name := range []string{inside.Origin(), backupTrust, backupCheckpoint, inside.Registry(), backupSums} {
		if !slices.Contains(b.names, name) {
			b.fault("%s: it is missing", name)
			return
		}
	}
	written := strings.Split(string(small[backupSums]), "\n")
	for line := range strings.Lines(sums) {
		if line = strings.TrimSuffix(line, "\n"); !slices.Contains(written, line) {
			_, name, _ := strings.Cut(line, "  ")
			b.fault("%s: its SHA-256 is not the one in %s", name, backupSums)
		}
	}
	if len(b.faults) == 0 && string(small[backupSums]) != sums {
		b.fault("%s: it is not of these files", backupSums)
	}
	trust, err := bundle.ParseTrust(small[backupTrust])
	if err != nil {
		b.fault("%s: %v", backupTrust, err)
		return
	}
	if origin := string(small[inside.Origin()]); origin != trust.Origin+"\n" {
		b.fault("%s: it is %.80q, the trust file is of %q", inside.Origin(), origin, trust.Origin)
	}
	head, cosigned, err := trust.OpenCheckpoint(small[backupCheckpoint])
	if err != nil {
		b.fault("%s: %v", backupCheckpoint, err)
		return
	}
	b.trust, b.head, b.whole = trust, head, true
	for _, c := range cosigned {
		b.dated = c.Time
	}
}
