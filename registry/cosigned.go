package registry

import (
	"fmt"
	"slices"
	"time"

	"tegata/verify/tlog"
)

// clockAhead is how far a witness's clock may be ahead of ours. A word from
// further on would stand above every later one.
const clockAhead = 5 * time.Minute

// Cosigned is the last that a witness said of the log: that at Time, whole
// seconds in UTC, the tree of Size entries continued all it had seen of it. The
// head may have grown since. Where the witness has said nothing since the
// registry was opened, Size and Time are zero.
type Cosigned struct {
	By   tlog.CosignerKey
	Size int64
	Time time.Time
}

// Cosigned returns what each witness of the configuration said last, in the
// order of the configuration.
func (r *Registry) Cosigned() []Cosigned {
	r.signing.Lock()
	defer r.signing.Unlock()
	out := make([]Cosigned, len(r.config.Witnesses))
	for i, k := range r.config.Witnesses {
		out[i] = r.cosigned[k]
		out[i].By = k
	}
	return out
}

// AddCosignature takes a checkpoint of this log under which the witness has put
// its line. Where it is of the present head, the line goes under the checkpoint
// that is published, in the place of an earlier one of the same witness, and
// stays there until the log grows; where the log has grown meanwhile, only
// [Registry.Cosigned] tells of it. A word older than the last one changes
// nothing.
//
// The error wraps [tlog.ErrMalformed] or [tlog.ErrSignature] if the checkpoint
// or the line is not what it should be.
func (r *Registry) AddCosignature(signed []byte, by tlog.CosignerKey) error {
	if !slices.Contains(r.config.Witnesses, by) {
		return fmt.Errorf("%s is no witness of this registry", by)
	}
	head, lines, err := tlog.OpenCheckpoint(signed, r.LogKey(), by)
	if err != nil {
		return err
	}
	if len(lines) == 0 {
		return fmt.Errorf("%w: none by %s", tlog.ErrSignature, by)
	}
	said := Cosigned{By: by, Size: head.Size, Time: lines[0].Time}
	if now := r.config.Now(); said.Time.After(now.Add(clockAhead)) {
		return fmt.Errorf("%w: it is dated %s, and here it is %s", tlog.ErrSignature,
			said.Time.Format(time.RFC3339), now.UTC().Format(time.RFC3339))
	}
	r.signing.Lock()
	defer r.signing.Unlock()
	s := r.state.Load()
	if head.Size > s.head.Size || head.Size == s.head.Size && head != s.head {
		return fmt.Errorf("%w: the checkpoint of %d entries is signed with this log's key, and is not of its history", tlog.ErrSignature, head.Size)
	}
	last := r.cosigned[by]
	if said.Size < last.Size || said.Size == last.Size && !said.Time.After(last.Time) {
		return nil
	}
	if head == s.head {
		next := *s
		if next.signed, err = tlog.TakeCosignature(s.signed, signed, by); err != nil {
			return err
		}
		// Where the writer was faster, the word is of an older head.
		r.state.CompareAndSwap(s, &next)
	}
	r.cosigned[by] = said
	return nil
}
