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
	// ErrBusy says that more statements wait than are taken; ask again later.
	ErrBusy = errors.New("too many statements are waiting")

	// ErrClosed says that the registry takes nothing more.
	ErrClosed = errors.New("registry is closed")

	// ErrNotFound says that there is no such entry or tile.
	ErrNotFound = errors.New("not in this log")

	// ErrExists says that something is where a registry was to be created.
	ErrExists = errors.New("something is there already")
)
