package registry

import "time"

// queueSize is how many statements may wait for the writer: those of two imports.
const queueSize = 2048

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
