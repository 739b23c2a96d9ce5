package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"

	"tegata/cmd/labeld/control"
	"tegata/cmd/labeld/folder"
	"tegata/registry"
	"tegata/verify/bundle"
)

// errFaults says that an audit found faults, which it has listed.
var errFaults = errors.New("audit found faults")

// audit replays the log of a registry. Where a server has it open, the server
// does it, asked over the socket in the folder, which only the folder's owner
// can open.
func audit(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var data string
	var with against
	err := flags("audit", args, stderr, func(f *flag.FlagSet) {
		f.StringVar(&data, "data", "", "the registry's `folder`")
		with.flags(f)
	}, "data")
	if err != nil {
		return err
	}
	d := folder.Folder(data)
	found, err := auditServed(ctx, d, with, progress(stderr, "entries"))
	if errors.Is(err, control.ErrNoServer) {
		found, err = auditFolder(ctx, d, with, progress(stderr, "entries"))
	}
	if err != nil {
		return err
	}
	return found.print(stdout)
}

// An audited is what an audit found, and what comparing the registry with what
// came from elsewhere.
type audited struct {
	registry.AuditReport
	compared
}

// print lists the faults, or says that there are none.
func (a audited) print(stdout io.Writer) error {
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
		return errFaults
	}
	fmt.Fprintf(stdout, "%d entries, root %s: every signature, role, hash and index is as it should be\n", a.Size, a.Root)
	return nil
}

// auditOpen audits a registry and compares it.
func auditOpen(ctx context.Context, r *registry.Registry, with against, progress func(done, of int64)) (found audited, err error) {
	if found.AuditReport, err = r.Audit(ctx, progress); err != nil {
		return found, err
	}
	found.compared = with.compare(r)
	found.Faults = append(found.Faults, found.Differences...)
	return found, nil
}

// auditFolder audits the registry in a folder, or where that has none of its own the
// mirror of the log whose trust file is given.
func auditFolder(ctx context.Context, d folder.Folder, with against, progress func(done, of int64)) (audited, error) {
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
		return audited{}, err
	}
	return auditFile(ctx, d, c, with, progress)
}

func auditFile(ctx context.Context, d folder.Folder, c registry.Config, with against, progress func(done, of int64)) (found audited, err error) {
	r, err := registry.Open(d.Registry(), c)
	if errors.Is(err, registry.ErrDamaged) {
		found.Faults = []registry.AuditFault{{Place: "file", What: err.Error()}}
		return found, nil
	}
	if err != nil {
		return found, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return auditOpen(ctx, r, with, progress)
}

// An auditStep is a piece of the server's answer: how far the audit is, and last
// what it found.
type auditStep struct {
	Done, Of int64
	Found    *audited
}

func auditServed(ctx context.Context, d folder.Folder, with against, progress func(done, of int64)) (audited, error) {
	asked, err := json.Marshal(with)
	if err != nil {
		return audited{}, err
	}
	body, err := control.Call(ctx, d.Socket(), "/audit", asked)
	if err != nil {
		return audited{}, err
	}
	defer body.Close()
	for steps := json.NewDecoder(body); ; {
		var s auditStep
		if err := steps.Decode(&s); err != nil {
			return audited{}, err
		}
		if s.Found != nil {
			return *s.Found, nil
		}
		if progress != nil {
			progress(s.Done, s.Of)
		}
	}
}

func auditHandler(r *registry.Registry) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		var with against
		answer := &control.Answer{ResponseWriter: w}
		if err := json.NewDecoder(http.MaxBytesReader(w, req.Body, 1<<20)).Decode(&with); err != nil {
			answer.End(err)
			return
		}
		steps := json.NewEncoder(answer)
		found, err := auditOpen(req.Context(), r, with, func(done, of int64) {
			steps.Encode(auditStep{Done: done, Of: of})
			http.NewResponseController(w).Flush()
		})
		if err == nil {
			err = steps.Encode(auditStep{Found: &found})
		}
		answer.End(err)
	}
}

// progress shows how much is done, where a person is looking.
func progress(stderr io.Writer, what string) func(done, of int64) {
	f, ok := stderr.(*os.File)
	if !ok {
		return nil
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	return func(done, of int64) {
		fmt.Fprintf(f, "\r%d of %d %s", done, of, what)
		if done >= of {
			fmt.Fprint(f, "\r\x1b[K")
		}
	}
}
