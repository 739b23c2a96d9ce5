// Package audit replays the log of a registry, and compares it with what was kept
// elsewhere: whole, it says, or what is not; and whether it is the log that others know.
package audit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"tegata/cmd/labeld/control"
	"tegata/cmd/labeld/folder"
	"tegata/registry"
	"tegata/verify/bundle"
)

// ErrFaults says that an audit found faults, which it has listed.
var ErrFaults = errors.New("audit found faults")

// Found is what an audit found, and what comparing the registry with what came from
// elsewhere.
type Found struct {
	registry.AuditReport
	Compared
}

// Print lists the faults, which are [ErrFaults] then, or says that there are none.
func (a Found) Print(stdout io.Writer) error {
	for _, f := range a.Faults {
		fmt.Fprintln(stdout, f)
	}
	if a.More {
		fmt.Fprintln(stdout, "… and more")
	}
	for _, said := range a.Said {
		fmt.Fprintln(stdout, said)
	}
	if len(a.Faults) > 0 {
		return ErrFaults
	}
	fmt.Fprintf(stdout, "%d entries, root %s: every signature, role, hash and index is as it should be\n", a.Size, a.Root)
	return nil
}

// Forgive takes it for no fault that entries are missing.
func (a *Found) Forgive() {
	missing := a.missing(a.Size)
	a.Faults = slices.DeleteFunc(a.Faults, func(f registry.AuditFault) bool { return f == missing })
	a.Said = append(a.Said, missing.Error())
}

// Folder audits the registry in a folder, or where that has none of its own the mirror of
// the log whose trust file is given. Where a server has it open, the server does it, asked
// over the socket in the folder. progress is told how many entries were replayed, of how
// many; nil: nobody is.
func Folder(ctx context.Context, d folder.Folder, with Against, progress func(done, of int64)) (Found, error) {
	found, err := served(ctx, d, with, progress)
	if errors.Is(err, control.ErrNoServer) {
		found, err = unserved(ctx, d, with, progress)
	}
	return found, err
}

// unserved is Folder where no server has it open.
func unserved(ctx context.Context, d folder.Folder, with Against, progress func(done, of int64)) (Found, error) {
	var c registry.Config
	var err error
	if d.Begun() || len(with.Trust) == 0 {
		c, err = d.Config()
	} else {
		var trust bundle.Trust
		if trust, err = bundle.ParseTrust(with.Trust); err == nil {
			d = d.Mirror(trust.Origin)
			c, err = d.Mirroring("", trust)
		}
	}
	if err != nil {
		return Found{}, err
	}
	return File(ctx, d, c, with, progress)
}

// File audits the registry in a folder that is opened with c, and no server has open. One
// that cannot be opened for what is in its file is a fault that is found.
func File(ctx context.Context, d folder.Folder, c registry.Config, with Against, progress func(done, of int64)) (found Found, err error) {
	r, err := registry.Open(d.Registry(), c)
	if errors.Is(err, registry.ErrDamaged) {
		found.Faults = []registry.AuditFault{{Place: "file", What: err.Error()}}
		return found, nil
	}
	if err != nil {
		return found, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return replay(ctx, r, with, progress)
}

// replay audits a registry that is open and compares it.
func replay(ctx context.Context, r *registry.Registry, with Against, progress func(done, of int64)) (found Found, err error) {
	if found.AuditReport, err = r.Audit(ctx, progress); err != nil {
		return found, err
	}
	found.Compared = with.compare(r)
	found.Faults = append(found.Faults, found.Differences...)
	return found, nil
}
