package backup

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
	"syscall"

	"tegata/cmd/labeld/folder"
	"tegata/registry"
	"tegata/registry/sequencer"
	"tegata/verify/bundle"
	"tegata/verify/keys"
	"tegata/verify/tlog"
)

// unpackKit makes a registry in a folder from the log in a kit: every entry is
// entered again.
func unpackKit(ctx context.Context, d folder.Folder, kit, with string, progress func(done, of int64)) (h held, err error) {
	root, err := os.OpenRoot(kit)
	if err != nil {
		return h, err
	}
	defer root.Close()
	files := kitFiles{root}
	if h.faults, err = files.checkSums(ctx); err != nil {
		return h, err
	}
	read := func(name string) []byte {
		data, err := files.read(name)
		if err != nil && !(errors.Is(err, os.ErrNotExist) && name == inside.HandOvers()) {
			h.fault("kit", "%v", err)
		}
		return data
	}
	small := map[string][]byte{}
	for _, name := range []string{inside.Origin(), trustName, inside.HandOvers()} {
		if data := read(name); data != nil {
			small[name] = data
		}
	}
	if h.trust, err = bundle.ParseTrust(small[trustName]); err != nil {
		h.fault("kit", "%s: %v", trustName, err)
		return h, nil
	}
	if origin := string(small[inside.Origin()]); origin != h.trust.Origin+"\n" {
		h.fault("kit", "%s: it is %.80q, the trust file is of %q", inside.Origin(), origin, h.trust.Origin)
		return h, nil
	}
	log, err := openKitLog(files, h.trust)
	if err != nil {
		h.fault("kit", "%v", err)
		return h, nil
	}
	h.head, h.dated, log.tell = log.head, log.dated, progress
	for _, name := range []string{inside.Origin(), inside.HandOvers()} {
		if data, there := small[name]; there {
			if err := keys.WriteSecret(filepath.Join(string(d), name), data); err != nil {
				return h, err
			}
		}
	}
	if err := keep(d, &h, with); err != nil {
		return h, err
	}
	if h.at != d {
		if err := os.Remove(d.Origin()); err != nil {
			return h, err
		}
	}
	c := h.config
	c.Sequencer = log
	r, err := registry.Join(ctx, h.at.Registry(), c)
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

// kitFiles are the files of a kit, which anybody may have made: what a link leads to
// outside of its folder, a pipe and a device are not read.
type kitFiles struct{ root *os.Root }

func (k kitFiles) open(name string) (*os.File, error) {
	f, err := k.root.OpenFile(filepath.FromSlash(name), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s: not a file", name)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// kitFileMost is the largest file of a kit that is read whole, in bytes: a bundle of
// the longest entries.
const kitFileMost = tlog.TileWidth * (2 + tlog.MaxEntry)

func (k kitFiles) read(name string) ([]byte, error) {
	f, err := k.open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, kitFileMost+1))
	if err == nil && len(data) > kitFileMost {
		err = fmt.Errorf("%s: it has more than %d bytes", name, kitFileMost)
	}
	return data, err
}

// checkSums compares the files of a kit with their sums, as sha256sum -c does.
func (k kitFiles) checkSums(ctx context.Context) (faults []registry.AuditFault, err error) {
	fault := func(format string, args ...any) {
		faults = append(faults, registry.AuditFault{Place: "kit", What: fmt.Sprintf(format, args...)})
	}
	sums, err := k.open(sumsName)
	if err != nil {
		return nil, fmt.Errorf("%w: it is no kit, or not a whole one", err)
	}
	defer sums.Close()
	n := 0
	lines := bufio.NewScanner(sums)
	for ; lines.Scan() && len(faults) < faultsMost; n++ {
		want, name, found := strings.Cut(lines.Text(), "  ")
		if !found || !filepath.IsLocal(name) {
			fault("%s: line %d: %.80q is not a sum with a name", sumsName, n+1, lines.Text())
			continue
		}
		got, err := k.sum(ctx, name)
		if ended := ctx.Err(); ended != nil {
			return nil, ended
		}
		if err != nil {
			fault("%v", err)
		} else if got != want {
			fault("%s: its SHA-256 is not the one in %s", name, sumsName)
		}
	}
	if err := lines.Err(); err != nil {
		fault("%s: after line %d: %v", sumsName, n, err)
	} else if n == 0 {
		fault("%s: it is empty", sumsName)
	}
	return faults, nil
}

// faultsMost is how many faults of a kit's files are told.
const faultsMost = 100

func (k kitFiles) sum(ctx context.Context, name string) (string, error) {
	f, err := k.open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(&stopped{ctx, sum}, f); err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", sum.Sum(nil)), nil
}
