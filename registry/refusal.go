package registry

import (
	"errors"

	"tegata/verify"
)

// A Refusal is a decision: the statement is well formed and well signed, and
// may not be entered, for all of these reasons.
type Refusal struct{ Faults verify.Faults }

func (r *Refusal) Error() string { return "refused: " + r.Faults.Error() }

var (
	// ErrBusy says that more statements wait than are taken; [BusyError] says when
	// to send this one again.
	ErrBusy = errors.New("too many statements are waiting")

	// ErrFull says that the disk has no room for statements. What the log says can
	// be read all the while, and statements are entered again once there is room.
	ErrFull = errors.New("the disk is nearly full")

	// ErrLate says that entries are known of that are not here yet.
	ErrLate = errors.New("entries that are known of are not here yet")

	// ErrClosed says that the registry takes nothing more.
	ErrClosed = errors.New("registry is closed")

	// ErrNotFound says that there is no such entry or tile.
	ErrNotFound = errors.New("not in this log")

	// ErrExists says that something is where a registry was to be created.
	ErrExists = errors.New("something is there already")
)

// allFaults adds to the faults of a statement's form what stands against it as
// things are, so that who sent it hears all of it at once.
func (r *Registry) allFaults(q *request) verify.Faults {
	faults := q.faults
	s := r.state.Load()
	b := newWriting(r, s, 0)
	err := r.view(func(tx indexed) error {
		b.tx = tx
		_, used := b.idOf(q.statement.ID)
		_, _, more, err := b.check(q, used)
		for _, f := range more {
			if !told(faults, f) {
				faults = append(faults, f)
			}
		}
		return err
	})
	if err != nil {
		return q.faults // what is certain; the rest is told when this is mended
	}
	return faults
}

// told reports whether the field of f is at fault already.
func told(faults verify.Faults, f verify.Fault) bool {
	for _, have := range faults {
		if have.Field == f.Field || have.Field == "" || have.Field == "kind" {
			return true
		}
	}
	return false
}
