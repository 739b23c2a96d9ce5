package verify

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"sync/atomic"
	"time"
)

// Facts are all that is known about one code: the statements about it, those
// its answer rests on, and how far the log had come. They come from a registry
// or from an offline bundle; Judge does not ask which.
type Facts struct {
	Code       Code
	Governance *Governance // parties, keys and the accord, at the head
	Entries    []Entry     // about the code, in log order; none: not in this registry
	Basis      [][]Entry   // about every declaration that the label was ever said to rest on, one list each
	Related    [][]Entry   // about declarations of the same trade items, one list each
	Log        Log

	folded *world // at the head; see [Facts.Fold]
}

// A Log says which head of which log an answer rests on.
type Log struct {
	Origin string    `json:"origin"`
	Size   int64     `json:"size"`
	Root   Root      `json:"root"`
	Time   time.Time `json:"time"` // when that was the head
}

// A Root is the root hash of a log; in JSON, base64.
type Root [32]byte

// rootEncoding is how a root is written: with padding, in the one way there is.
var rootEncoding = base64.StdEncoding.Strict()

func (r Root) MarshalText() ([]byte, error) {
	return rootEncoding.AppendEncode(nil, r[:]), nil
}

func (r *Root) UnmarshalText(b []byte) error {
	sum, err := rootEncoding.DecodeString(string(b))
	if err != nil || len(sum) != len(r) {
		return fmt.Errorf("%q is not a root hash", b)
	}
	copy(r[:], sum)
	return nil
}

// Known is the past state of the log that a question is asked of: the first
// Size entries, and of them those logged not later than Time. Zero members
// leave nothing out. Time is also when that was the head, from which the age of
// an observation counts: whoever asks by size gives the time too.
type Known struct {
	Size int64
	Time time.Time
}

// Includes reports whether e was known.
func (k Known) Includes(e Entry) bool {
	return (k.Size == 0 || e.Index < k.Size) && (k.Time.IsZero() || !e.Logged.After(k.Time))
}

// MarshalJSON writes the size, or the instant where there is no size.
func (k Known) MarshalJSON() ([]byte, error) {
	if k.Size == 0 {
		return json.Marshal(k.Time)
	}
	return json.Marshal(k.Size)
}

// UnmarshalJSON reads a size or an instant.
func (k *Known) UnmarshalJSON(b []byte) error {
	*k = Known{}
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &k.Time)
	}
	return json.Unmarshal(b, &k.Size)
}

// A Question is what is asked of the facts. Zero members are filled in: In with
// the other country of the record's scheme, At with the time of the head, Known
// with the head.
type Question struct {
	In    Jurisdiction `json:"in,omitempty"`
	At    time.Time    `json:"at"`    // the instant in question
	Known Known        `json:"known"` // what the registry knew then
}

// A world is what facts amount to as of some state of the log.
type world struct {
	governance *Governance
	record     Record
	basis      Record
	related    []Record
	lines      *[3]atomic.Pointer[timeline] // by place, of facts folded once; nil otherwise
}

// kept returns where the timeline of a place is kept, or nil where it is not.
func (w *world) kept(in Jurisdiction) *atomic.Pointer[timeline] {
	if i := slices.Index(Jurisdictions, in); w.lines != nil && i >= 0 {
		return &w.lines[i]
	}
	return nil
}

// Fold works out what the facts amount to at their head, once, for all
// questions that are asked of it. Without it every question does so.
func (f Facts) Fold() Facts {
	f.folded = f.asOf(Known{})
	f.folded.lines = new([3]atomic.Pointer[timeline])
	return f
}

func (f Facts) asOf(k Known) *world {
	if f.folded != nil && f.all(k) {
		return f.folded
	}
	w := &world{governance: f.Governance.AsOf(k)}
	w.record = FoldRecord(known(f.Entries, k), w.governance)
	for _, entries := range f.Basis {
		r := FoldRecord(known(entries, k), w.governance)
		if l := w.record.Label; l != nil && r.Begun() && r.Code == l.Basis.Declaration {
			w.basis = r
		}
	}
	for _, entries := range f.Related {
		if r := FoldRecord(known(entries, k), w.governance); r.Begun() {
			w.related = append(w.related, r)
		}
	}
	return w
}

// Statements is how many statements are among the facts about the code, its basis
// and related declarations.
func (f Facts) Statements() int {
	n := len(f.Entries)
	for _, entries := range f.Basis {
		n += len(entries)
	}
	for _, entries := range f.Related {
		n += len(entries)
	}
	return n
}

// all reports whether k leaves nothing out.
func (f Facts) all(k Known) bool {
	return (k.Size == 0 || k.Size >= f.Log.Size) && (k.Time.IsZero() || !k.Time.Before(f.Log.Time))
}

// known returns the entries k includes: the first ones, since both index and
// time only grow.
func known(entries []Entry, k Known) []Entry {
	n := len(entries)
	for n > 0 && !k.Includes(entries[n-1]) {
		n--
	}
	return entries[:n]
}

// Record is what the facts amount to at k. It is not to be changed.
func (f Facts) Record(k Known) *Record { return &f.asOf(k).record }
