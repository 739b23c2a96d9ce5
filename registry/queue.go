package registry

import (
	"time"

	"tegata/registry/sequencer"
)

// queueSize is how many statements may wait for the writer: those of two transactions.
const queueSize = 2 * batchMost

// What one transaction takes at the most where the file itself decides the order: so
// many statements, and so many bytes but for the last. Every transaction signs a head and
// is synced twice: the more it takes, the less of that is for each; and the longer do
// those wait who come behind it.
const (
	batchMost  = 2048
	batchBytes = 4 << 20
)

// batchMost is what one transaction takes at the most; where another decides the
// order, what that takes at once.
func (r *Registry) batchMost() (statements, bytes int) {
	if r.config.Sequencer == (sequencer.Local{}) {
		return batchMost, batchBytes
	}
	return sequencer.EntriesMost, sequencer.BytesMost
}

// A BusyError is [ErrBusy], with the time after which there may be room again.
type BusyError struct{ After time.Duration }

func (e *BusyError) Error() string { return ErrBusy.Error() }
func (e *BusyError) Unwrap() error { return ErrBusy }

// Queue tells how many statements wait for the writer, and how long it takes them
// at the pace of its last batch.
func (r *Registry) Queue() (waiting int, wait time.Duration) {
	waiting = len(r.queue)
	return waiting, time.Duration(int64(waiting) * r.pace.Load())
}
