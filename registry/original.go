package registry

import (
	"slices"
	"sync/atomic"
	"time"

	"tegata/verify/bundle"
	"tegata/verify/tlog"
)

// An Original is the log that a mirror is a copy of. What hand-overs make of its
// keys may be taken while the mirror is open.
type Original struct {
	url string
	now atomic.Pointer[vouched]
}

// vouched is a trust file, and the hand-overs that led to it.
type vouched struct {
	trust     bundle.Trust
	handOvers []bundle.HandOver
}

// NewOriginal names the log by its trust file, and the address of the registry
// that keeps it and takes its statements.
func NewOriginal(url string, t bundle.Trust) *Original {
	o := &Original{url: url}
	o.Take(t, nil)
	return o
}

// Take has a trust file count from now on, to which the hand-overs have led. Those
// of answer keys are left out: a mirror answers with a key of its own.
func (o *Original) Take(t bundle.Trust, all []bundle.HandOver) {
	all = slices.DeleteFunc(slices.Clone(all), func(h bundle.HandOver) bool { return h.What == bundle.AnswerPurpose })
	o.now.Store(&vouched{t, all})
}

// URL is where the registry is that keeps the log, without a final slash.
func (o *Original) URL() string { return o.url }

// Trust is the trust file that counts now.
func (o *Original) Trust() bundle.Trust { return o.now.Load().trust }

// Original is the log that a mirror is a copy of; nil: it is no mirror.
func (r *Registry) Original() *Original { return r.config.Original }

// Mirror reports whether it is a copy of a log that others keep.
func (r *Registry) Mirror() bool { return r.config.Original != nil }

// presentFor is how long a mirror takes its head for the present one after it was
// dated.
const presentFor = 2 * time.Minute

// OpenCheckpoint opens a signed checkpoint of this log, and tells when it was dated
// by the registry that keeps it.
func (r *Registry) OpenCheckpoint(signed []byte) (head tlog.Checkpoint, dated time.Time, err error) {
	s, err := r.openHead(signed)
	return s.head, s.dated, err
}

// Dated is when the registry that keeps the log dated the head last.
func (r *Registry) Dated() time.Time { return r.state.Load().dated }

// Now is the instant that answers are of where nobody asks of another.
func (r *Registry) Now() time.Time { return r.config.Now().UTC().Truncate(time.Second) }
