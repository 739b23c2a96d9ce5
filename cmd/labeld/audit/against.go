package audit

import (
	"flag"
	"fmt"
	"os"

	"tegata/registry"
	"tegata/verify/bundle"
)

// Against is what a registry is compared with: a checkpoint and a trust file that
// were kept elsewhere. Without them a registry shows that it is whole, not that
// it is the one others know.
type Against struct {
	Checkpoint []byte // as it was signed; empty: none
	Trust      []byte // a trust file; empty: none
}

// Flags are those of the commands that compare.
func (a *Against) Flags(f *flag.FlagSet) {
	f.Func("checkpoint", "`file` with a checkpoint of the log, kept elsewhere (/checkpoint, or a witness's): the log must be of that history", func(name string) (err error) {
		a.Checkpoint, err = os.ReadFile(name)
		return err
	})
	f.Func("trust", "`file` with the registry's trust file, kept elsewhere: it must be that log, with those keys", func(name string) error {
		text, err := os.ReadFile(name)
		if err == nil {
			_, err = bundle.ParseTrust(text)
		}
		a.Trust = text
		return err
	})
}

// Compared is what a comparison found.
type Compared struct {
	Said        []string              // what agrees
	Differences []registry.AuditFault // what does not
	Missing     int64                 // entries that the checkpoint has and the registry has not
}

// compare compares a registry, and tells every difference.
func (a Against) compare(r *registry.Registry) (c Compared) {
	differs := func(place, format string, args ...any) {
		c.Differences = append(c.Differences, registry.AuditFault{Place: place, What: fmt.Sprintf(format, args...)})
	}
	trust, err := r.Trust()
	if err != nil {
		differs("keys", "%v", err)
		return c
	}
	if len(a.Trust) > 0 {
		kept, err := bundle.ParseTrust(a.Trust)
		if err == nil {
			kept, err = kept.Follow(r.HandOvers()...)
		}
		if r.Mirror() { // it answers with a key of its own
			trust.AnswerKeys = kept.AnswerKeys
		}
		switch {
		case err != nil:
			differs("trust file", "%v", err)
		case kept.Fingerprint() != trust.Fingerprint():
			for _, what := range unlike(kept, trust) {
				differs("trust file", "%s", what)
			}
		default:
			c.Said = append(c.Said, "trust file: it is that log, with those keys")
			trust = kept // with the verifier's witnesses
		}
	}
	if len(a.Checkpoint) == 0 {
		return c
	}
	kept, _, err := trust.OpenCheckpoint(a.Checkpoint)
	if err != nil {
		differs("checkpoint", "%v", err)
		return c
	}
	head := r.Head()
	if kept.Size > head.Size {
		c.Missing = kept.Size - head.Size
		c.Differences = append(c.Differences, c.missing(head.Size))
		return c
	}
	root, err := r.Root(kept.Size)
	switch {
	case err != nil:
		differs("checkpoint", "%v", err)
	case root != kept.Root:
		differs("checkpoint", "the first %d entries have the root %s, it has %s: two histories, both signed", kept.Size, root, kept.Root)
	case kept.Size == head.Size:
		c.Said = append(c.Said, fmt.Sprintf("checkpoint: it is of these %d entries", kept.Size))
	default:
		c.Said = append(c.Said, fmt.Sprintf("checkpoint: its %d entries are the first here, %d follow", kept.Size, head.Size-kept.Size))
	}
	return c
}

// missing says that entries are missing from a registry of size entries.
func (c Compared) missing(size int64) registry.AuditFault {
	return registry.AuditFault{Place: "checkpoint", What: fmt.Sprintf("it is of %d entries, here are %d: the last %d are missing", size+c.Missing, size, c.Missing)}
}

// unlike says in what two trust files differ.
func unlike(kept, own bundle.Trust) (what []string) {
	for _, part := range []struct {
		name      string
		kept, own any
	}{
		{"origin", kept.Origin, own.Origin},
		{"entry 0", kept.Entry0, own.Entry0},
		{"log keys", kept.LogKeys, own.LogKeys},
		{"cosigner keys", kept.CosignerKeys, own.CosignerKeys},
		{"answer keys", kept.AnswerKeys, own.AnswerKeys},
		{"operator keys", kept.OperatorKeys, own.OperatorKeys},
	} {
		if k, o := fmt.Sprint(part.kept), fmt.Sprint(part.own); k != o {
			what = append(what, fmt.Sprintf("%s: it has %s, the registry %s", part.name, k, o))
		}
	}
	return what
}
