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
