package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"tegata/registry"
	"tegata/registry/sequencer"
	"tegata/verify/bundle"
)

// unpackKit makes a registry in a folder from the log in a kit: every entry is
// entered again.
func (d folder) unpackKit(ctx context.Context, kit, keys string, progress func(done, of int64)) (h held, err error) {
	faults, err := checkSums(ctx, kit)
	if err != nil {
		return h, err
	}
	h.faults = faults
	var inside folder
	read := func(name string) []byte {
		data, err := readSmall(filepath.Join(kit, name))
		if err != nil && !(errors.Is(err, os.ErrNotExist) && name == inside.handOvers()) {
			h.fault("kit", "%v", err)
		}
		return data
	}
	files := map[string][]byte{}
	for _, name := range []string{inside.origin(), backupTrust, inside.handOvers()} {
		if data := read(name); data != nil {
			files[name] = data
		}
	}
	if h.trust, err = bundle.ParseTrust(files[backupTrust]); err != nil {
		h.fault("kit", "%s: %v", backupTrust, err)
		return h, nil
	}
	if origin := string(files[inside.origin()]); origin != h.trust.Origin+"\n" {
		h.fault("kit", "%s: it is %.80q, the trust file is of %q", inside.origin(), origin, h.trust.Origin)
		return h, nil
	}
	log, err := openKitLog(filepath.Join(kit, kitSite), h.trust)
	if err != nil {
		h.fault("kit", "%v", err)
		return h, nil
	}
	h.head, h.dated, log.tell = log.head, log.dated, progress
	for _, name := range []string{inside.origin(), inside.handOvers()} {
		if data, there := files[name]; there {
			if err := os.WriteFile(filepath.Join(string(d), name), data, 0o600); err != nil {
				return h, err
			}
		}
	}
	if err := d.keep(&h, keys); err != nil {
		return h, err
	}
	if h.at != d {
		if err := os.Remove(d.origin()); err != nil {
			return h, err
		}
	}
	c := h.config
	c.Sequencer = log
	r, err := registry.Join(ctx, h.at.registry(), c)
	if fault := (*sequencer.Fault)(nil); errors.As(err, &fault) {
		h.fault("log", "%v", fault)
		return h, nil
	}
	if err != nil {
		return h, err
	}
	h.whole = true
	return h, r.Close()
}

// readSmall reads a file that is not large.
func readSmall(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, backupSmall+1))
	if err == nil && len(data) > backupSmall {
		err = fmt.Errorf("%s: it has more than %d bytes", name, backupSmall)
	}
	return data, err
}

// checkSums compares the files of a kit with their sums, as sha256sum -c does.
func checkSums(ctx context.Context, kit string) (faults []registry.AuditFault, err error) {
	fault := func(format string, args ...any) {
		faults = append(faults, registry.AuditFault{Place: "kit", What: fmt.Sprintf(format, args...)})
	}
	sums, err := os.Open(filepath.Join(kit, backupSums))
	if err != nil {
		return nil, fmt.Errorf("%w: it is no kit, or not a whole one", err)
	}
	defer sums.Close()
	n := 0
	for lines := bufio.NewScanner(sums); lines.Scan() && len(faults) < faultsMost; n++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		want, name, found := strings.Cut(lines.Text(), "  ")
		if !found || !filepath.IsLocal(name) {
			fault("%s: line %d: %.80q is not a sum with a name", backupSums, n+1, lines.Text())
			continue
		}
		got, err := sumOf(filepath.Join(kit, filepath.FromSlash(name)))
		if err != nil {
			fault("%v", err)
		} else if got != want {
			fault("%s: its SHA-256 is not the one in %s", name, backupSums)
		}
	}
	if n == 0 {
		fault("%s: it is empty", backupSums)
	}
	return faults, nil
}

// faultsMost is how many faults of a kit's files are told.
const faultsMost = 100

func sumOf(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", sum.Sum(nil)), nil
}
