package main

import (
	"path/filepath"
	"syscall"
	"testing"
)

// TestUnlockWatch: the next watch has the file once the last one gave it back, also
// where a process that was being started meanwhile holds a copy of it.
func TestUnlockWatch(t *testing.T) {
	name := filepath.Join(t.TempDir(), "stock.watch")
	lock, err := lockWatch(name)
	if err != nil {
		t.Fatal(err)
	}
	copied, err := syscall.Dup(int(lock.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(copied)
	if _, err := lockWatch(name); err == nil {
		t.Error("two watches have it")
	}
	if err := unlockWatch(lock); err != nil {
		t.Fatal(err)
	}
	next, err := lockWatch(name)
	if err != nil {
		t.Fatalf("it was given back, and the next watch is told: %v", err)
	}
	if err := unlockWatch(next); err != nil {
		t.Error(err)
	}
}
