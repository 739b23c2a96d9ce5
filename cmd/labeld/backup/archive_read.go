package backup

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

	"tegata/cmd/labeld/folder"
	"tegata/verify/bundle"
)

// An archive is what was read of a backup.
type archive struct {
	held
	sum   []byte   // SHA-256 of all of it
	names []string // of what is in it
}

func (b *archive) fault(format string, args ...any) { b.held.fault("backup", format, args...) }

// readArchive reads a backup to its end. Where a folder is given, it puts what is
// in the backup there. It finds every byte that is not as it was written.
func readArchive(ctx context.Context, from io.Reader, to *folder.Folder) (*archive, error) {
	b := &archive{}
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
		if !slices.Contains(fileNames(), h.Name) || slices.Contains(b.names, h.Name) {
			b.fault("%q is no file of a backup, or is there twice", h.Name)
			return b, nil
		}
		if !plain(h) {
			b.fault("%s: it is no plain file", h.Name)
			return b, nil
		}
		b.names = append(b.names, h.Name)
		if err := out.WriteHeader(header(h.Name, h.Size, h.ModTime)); err != nil {
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
		if small[h.Name] = data; h.Name != sumsName {
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

func (b *archive) take(h *tar.Header, in io.Reader, again io.Writer, to *folder.Folder) (sum []byte, small []byte, err error) {
	digest, held := sha256.New(), new(bytes.Buffer)
	into := []io.Writer{digest, again}
	if h.Name != inside.Registry() {
		if h.Size > smallMost {
			return nil, nil, &notWhole{fmt.Errorf("it has %d bytes, %d are the most", h.Size, smallMost)}
		}
		into = append(into, held)
	}
	var file *os.File
	if to != nil && h.Name != sumsName {
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
func (b *archive) check(small map[string][]byte, sums string) {
	for _, name := range []string{inside.Origin(), trustName, checkpointName, inside.Registry(), sumsName} {
		if !slices.Contains(b.names, name) {
			b.fault("%s: it is missing", name)
			return
		}
	}
	written := strings.Split(string(small[sumsName]), "\n")
	for line := range strings.Lines(sums) {
		if line = strings.TrimSuffix(line, "\n"); !slices.Contains(written, line) {
			_, name, _ := strings.Cut(line, "  ")
			b.fault("%s: its SHA-256 is not the one in %s", name, sumsName)
		}
	}
	if len(b.faults) == 0 && string(small[sumsName]) != sums {
		b.fault("%s: it is not of these files", sumsName)
	}
	trust, err := bundle.ParseTrust(small[trustName])
	if err != nil {
		b.fault("%s: %v", trustName, err)
		return
	}
	if origin := string(small[inside.Origin()]); origin != trust.Origin+"\n" {
		b.fault("%s: it is %.80q, the trust file is of %q", inside.Origin(), origin, trust.Origin)
	}
	head, cosigned, err := trust.OpenCheckpoint(small[checkpointName])
	if err != nil {
		b.fault("%s: %v", checkpointName, err)
		return
	}
	b.trust, b.head, b.whole = trust, head, true
	for _, c := range cosigned {
		b.dated = c.Time
	}
}
