package registry_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify"
)

// small is the size of the disk that is filled, in bytes.
const small = 1 << 20

// TestFullDisk fills a disk. It runs in a process with mounts of its own, which
// go with it.
func TestFullDisk(t *testing.T) {
	const inside = "FULL_DISK"
	if os.Getenv(inside) == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^TestFullDisk$", "-test.v")
		cmd.Env = append(os.Environ(), inside+"="+t.TempDir())
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
		if os.Getuid() != 0 { // who is not root is root in there
			cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
			cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
			cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
		}
		out, err := cmd.CombinedOutput()
		if err != nil || !bytes.Contains(out, []byte("--- PASS: TestFullDisk/")) {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	disk := os.Getenv(inside)
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=1m"); err != nil {
		t.Fatal(err)
	}
	t.Run("none is kept free", func(t *testing.T) { fillDisk(t, disk, 0) })
	t.Run("some is kept free", func(t *testing.T) { fillDisk(t, disk, small/2) })
}

// fillDisk enters statements until there is no room, has everything read, makes
// room, and enters what was not entered. Before bbolt fails only where nothing is
// kept free.
func fillDisk(t *testing.T, disk string, reserve int64) {
	k := registrytest.New(t)
	k.Path = filepath.Join(disk, "registry.db")
	k.Config.Reserve = reserve
	ballast := filepath.Join(disk, "ballast")
	if err := os.WriteFile(ballast, make([]byte, small/4), 0o600); err != nil {
		t.Fatal(err)
	}
	k.Begin(t)
	code := int64(0)
	fill := func() (first error) {
		for ; code < 10_000; code++ {
			if _, err := k.Registry.Append(t.Context(), k.Say(t, verify.LabelIssued, registrytest.Code(code), nil)); err != nil {
				return err
			}
		}
		return nil
	}
	check := func(err error) {
		t.Helper()
		if !errors.Is(err, registry.ErrFull) {
			t.Fatalf("after %d labels: got %v, want %v", code, err, registry.ErrFull)
		}
		if failed := errors.Is(err, syscall.ENOSPC); failed != (reserve == 0) {
			t.Errorf("got %v with %d bytes kept free", err, reserve)
		}
		for asked, want := range map[int64]int{code - 1: 1, code: 0} {
			if f := lookup(t, k.Registry, registrytest.Code(asked)); len(f.Entries) != want {
				t.Errorf("%d entries about label %d of %d, want %d", len(f.Entries), asked, code, want)
			}
		}
		k.CheckLog(t)
	}
	check(fill())
	before := code
	check(fill())
	k.Reopen(t) // and can be opened
	check(fill())
	if reserve > 0 && code != before {
		t.Errorf("%d labels were entered, and then %d", before, code)
	}
	before = code
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	check(fill())
	if code <= before {
		t.Errorf("%d labels were entered, and after room was made %d", before, code)
	}
	if err := k.Registry.Close(); err != nil {
		t.Error(err)
	}
	for _, path := range []string{k.Path, filepath.Join(disk, "registry-search.db")} {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Error(err)
		}
	}
}
