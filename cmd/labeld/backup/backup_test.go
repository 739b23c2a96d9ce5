package backup

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"tegata/cmd/labeld/folder"
	"tegata/registry/registrytest"
)

// made makes a registry with nothing but entry 0.
func made(t testing.TB) folder.Folder {
	t.Helper()
	d := folder.Folder(filepath.Join(t.TempDir(), "data"))
	if err := d.Make(registrytest.Origin, nil); err != nil {
		t.Fatal(err)
	}
	c, err := d.Config()
	if err != nil {
		t.Fatal(err)
	}
	registrytest.Create(t, d.Registry(), c)
	return d
}

// backedUp makes a backup of a registry with its keys.
func backedUp(t testing.TB, d folder.Folder) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "backup.tar")
	if _, err := Make(t.Context(), d, name, true, nil); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestEveryByte: no byte of a backup can be another, missing or one too many
// without its being found.
func TestEveryByte(t *testing.T) {
	d := made(t)
	whole, err := os.ReadFile(backedUp(t, d))
	if err != nil {
		t.Fatal(err)
	}
	faults := func(backup []byte) int {
		b, err := readArchive(t.Context(), bytes.NewReader(backup), nil)
		if err != nil {
			t.Fatal(err)
		}
		return len(b.faults)
	}
	if n := faults(whole); n != 0 {
		t.Fatalf("of a backup that is whole: got %d faults", n)
	}
	// The registry's file is most of it, and has one sum: some of its bytes stand
	// for all.
	began := bytes.Index(whole, []byte("registry.db"))
	ended := bytes.Index(whole, []byte("log.key"))
	damaged := bytes.Clone(whole)
	for i := range whole {
		if i > began+1024 && i < ended-1024 && i%251 != 0 {
			continue
		}
		damaged[i] ^= 1 << (i % 8)
		if faults(damaged) == 0 {
			t.Fatalf("byte %d of %d is another, and that is not found", i, len(whole))
		}
		damaged[i] = whole[i]
	}
	for n := 0; n < len(whole); n += 512 {
		if faults(whole[:n]) == 0 {
			t.Errorf("cut after %d of %d bytes, and that is not found", n, len(whole))
		}
	}
	for _, more := range []int{1, 512, 10240} {
		if faults(append(bytes.Clone(whole), make([]byte, more)...)) == 0 {
			t.Errorf("%d bytes follow, and that is not found", more)
		}
	}
}

// FuzzReadArchive: what is read as a backup without a fault has all its files and not
// a byte more.
func FuzzReadArchive(f *testing.F) {
	d := made(f)
	whole, err := os.ReadFile(backedUp(f, d))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:1024])
	f.Add(append(bytes.Clone(whole[:len(whole)-1024]), whole...))
	f.Fuzz(func(t *testing.T, backup []byte) {
		to := folder.Folder(t.TempDir())
		b, err := readArchive(t.Context(), bytes.NewReader(backup), &to)
		if err != nil {
			t.Fatal(err)
		}
		if len(b.faults) > 0 {
			return
		}
		if sum := sha256.Sum256(backup); !b.whole || !bytes.Equal(b.sum, sum[:]) {
			t.Errorf("got whole %t, SHA-256 %x, want %x", b.whole, b.sum, sum)
		}
		files := b.names[:len(b.names)-1] // the last has their sums, a line for each
		size := len(strings.Join(files, "")) + len(files)*(64+2+1)
		made := 1024 + 512 + (size+511)/512*512
		for _, name := range files {
			info, err := os.Stat(filepath.Join(string(to), name))
			if err != nil {
				t.Fatal(err)
			}
			made += 512 + (int(info.Size())+511)/512*512
		}
		if made != len(backup) {
			t.Errorf("its files make %d bytes, it has %d", made, len(backup))
		}
	})
}

// ending is a context that ends once it was asked so many times whether it has.
type ending struct {
	context.Context
	left atomic.Int64
}

func (c *ending) Err() error {
	if c.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// TestSparse: a file that a tar file has in a few bytes, and that has many, is
// not written.
func TestSparse(t *testing.T) {
	for what, h := range map[string]tar.Header{
		"sparse": {Typeflag: tar.TypeGNUSparse, Format: tar.FormatGNU},
		"link":   {Typeflag: tar.TypeSymlink, Linkname: "/dev/null"},
		"device": {Typeflag: tar.TypeChar},
		"record": {Typeflag: tar.TypeReg, PAXRecords: map[string]string{"TEST.record": "x"}},
	} {
		h.Name, h.Mode = inside.Registry(), 0o600
		var file bytes.Buffer
		if what == "sparse" { // which this package does not write: 1 TiB, of which nothing is there
			block := make([]byte, 512)
			copy(block, h.Name)
			copy(block[100:], "0000600\x00")
			copy(block[124:], "00000000000\x00")
			copy(block[156:], "S")
			copy(block[257:], "ustar  \x00")
			copy(block[386:], "00000000000\x0000000000000\x00")
			copy(block[483:], "\x80\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00")
			copy(block[148:], "        ")
			sum := 0
			for _, b := range block {
				sum += int(b)
			}
			copy(block[148:], fmt.Sprintf("%06o\x00 ", sum))
			file.Write(append(block, make([]byte, 1024)...))
		} else {
			w := tar.NewWriter(&file)
			if err := errors.Join(w.WriteHeader(&h), w.Close()); err != nil {
				t.Fatal(err)
			}
		}
		to := folder.Folder(t.TempDir())
		b, err := readArchive(t.Context(), &file, &to)
		if err != nil || len(b.faults) != 1 || !strings.Contains(b.faults[0].What, "registry.db: it is no plain file") {
			t.Errorf("%s: got %v, %v", what, b, err)
		}
		if made, err := os.ReadDir(string(to)); err != nil || len(made) > 0 {
			t.Errorf("%s: got %v, %v, want nothing written", what, made, err)
		}
	}
}

// TestInterrupted: wherever a backup, its restoring or an export ends early,
// nothing is left of it.
func TestInterrupted(t *testing.T) {
	d := made(t)
	whole := backedUp(t, d)
	for name, command := range map[string]func(ctx context.Context, to string) error{
		"backup": func(ctx context.Context, to string) error {
			_, err := Make(ctx, d, to, false, nil)
			return err
		},
		"restore": func(ctx context.Context, to string) error {
			_, err := Restore(ctx, whole, folder.Folder(to), Terms{}, nil)
			return err
		},
		"export": func(ctx context.Context, to string) error {
			_, err := Export(ctx, d, to, "https://labels.example", nil)
			return err
		},
	} {
		at := t.TempDir()
		steps := 0
		for ; ; steps += 3 {
			ctx := &ending{Context: t.Context()}
			ctx.left.Store(int64(steps))
			err := command(ctx, filepath.Join(at, "made"))
			left, readErr := os.ReadDir(at)
			if readErr != nil {
				t.Fatal(readErr)
			}
			if err == nil {
				break
			}
			if !errors.Is(err, context.Canceled) || len(left) > 0 {
				t.Fatalf("%s interrupted at step %d: got %v, left %v", name, steps, err, left)
			}
		}
		if steps < 10 {
			t.Errorf("%s can be interrupted at %d steps only", name, steps)
		}
	}
}
