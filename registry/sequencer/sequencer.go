// Package sequencer says who decides the order of a log's entries. Each node
// holds the whole registry in a file of its own and answers from that; what
// differs is where the next entries come from, and who may put some there.
package sequencer

import (
	"context"
	"errors"
	"fmt"

	"tegata/verify/tlog"
)

// A Batch is entries that follow one another in the log.
type Batch struct {
	First   int64     // index of the first: how large the log was before it
	Entries [][]byte  // each as it stands in the log; none: the head alone is newer
	Head    []byte    // the checkpoint of the log with them, signed and dated; nil: it comes with a later batch
	Before  tlog.Hash // root of the log before it; zero: none, or the sequencer has not proved it
	Known   int64     // how large the log was known to be when the batch was given; 0: as large as with it
}

// Size is how large the log is with the batch.
func (b Batch) Size() int64 { return b.First + int64(len(b.Entries)) }

// EntriesMost and BytesMost bound what is offered to Append: the number of
// entries and, but for the last, their bytes.
const (
	EntriesMost = 512
	BytesMost   = 1 << 20
)

// A Sequencer decides the order of entries. Its methods may be called from many
// goroutines.
type Sequencer interface {
	// Append puts a batch with its head into the one order, durably, if the log
	// is as large as the batch's First. It takes no longer than a few seconds.
	// The error is [ErrBehind] where the log has grown: Next tells how. It wraps
	// [ErrUnavailable] where nothing was decided, or nothing is known of it: Next
	// tells what was. It is a [*ReadOnly] where the order is decided elsewhere,
	// and a [*Fault] where the log is not the one that the batch follows.
	//
	// A batch without entries has no head, and puts nothing anywhere: it asks
	// whether the log is still as large as its First.
	Append(ctx context.Context, b Batch) error

	// Next waits for what follows the first size entries of the log, and returns
	// it: a batch whose First is at most size and whose Size is larger, or one
	// that has a newer head and nothing else. A batch without a head is part of
	// the log that the sequencer has checked; one with a head follows. Where
	// nothing follows it says so after a few seconds, with a batch that has no
	// entries, and no head or the one it knows: so it is known that it can be
	// asked.
	//
	// The error wraps [ErrUnavailable] where it is to be asked again, and
	// [ErrGone] where it no longer has what follows; it is a [*Fault] where what
	// it was given is not what it should be, and nothing more is to be believed.
	Next(ctx context.Context, size int64) (Batch, error)
}

var (
	// ErrBehind says that the log has grown since what was to follow was made.
	ErrBehind = errors.New("the log has grown meanwhile")

	// ErrUnavailable says that whoever decides the order cannot be asked now.
	ErrUnavailable = errors.New("who decides the order of entries cannot be reached")

	// ErrGone says that entries so far back are no longer kept for those who
	// follow: they are copied from another node.
	ErrGone = errors.New("entries so far back are not kept here: copy them from another node")
)

// A ReadOnly says that statements are entered elsewhere.
type ReadOnly struct{ Origin string } // the address of the registry that takes them

func (e *ReadOnly) Error() string { return "statements are entered at " + e.Origin }

// A Reason is why what a sequencer was given is not believed: a closed set, for
// alarms.
type Reason string

const (
	Altered   Reason = "altered"   // an entry is not the one that the tree of the head holds
	Missing   Reason = "missing"   // entries that the head covers are not given
	Forked    Reason = "forked"    // two heads of one log do not continue one another
	Older     Reason = "older"     // only heads from before the last one are given
	Unsigned  Reason = "unsigned"  // a head is not signed and dated by whom it must be
	Malformed Reason = "malformed" // it cannot be read
	Unlawful  Reason = "unlawful"  // an entry that could not be entered: key, signature, role or order
	OtherLog  Reason = "other_log" // it is another log
)

// Reasons are all of them.
var Reasons = []Reason{Altered, Missing, Forked, Older, Unsigned, Malformed, Unlawful, OtherLog}

// A Fault is a finding: what a sequencer was given is not what it should be.
type Fault struct {
	Reason Reason
	Size   int64 // of the log up to where all was well
	What   string

	// Signed heads that do not go together, the one that was believed first: proof
	// of it for anybody. Nil where it is not about two heads, or one is still to come.
	Kept, Offered []byte
}

func (f *Fault) Error() string {
	return fmt.Sprintf("after %d entries: %s: %s", f.Size, f.Reason, f.What)
}
