package front

import (
	"fmt"
	"syscall"
)

// How many connections are held at once.
const (
	ConnectionsAuto = 16_384    // where nothing is said of it, and the limit of open files allows
	ConnectionsMost = 1_000_000 // that can be asked for
	AddressDefault  = 256       // of one address, where a bound suits and nothing is said
)

// filesKept is how many files are kept back for all else.
const filesKept = 512

// connectionsOf is how many connections are held at once: as many as were asked
// for, or else what suits how many files this process may have open.
func connectionsOf(asked int) (int, error) {
	var files syscall.Rlimit // the soft limit was raised to the hard one when the process began
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		return 0, err
	}
	room := int(min(files.Cur, ConnectionsMost+filesKept)) - filesKept
	switch {
	case asked == Unset && room < 1:
		return 0, fmt.Errorf("this process may have %d files open, and needs %d and one for each connection: raise the limit (ulimit -n, LimitNOFILE)", files.Cur, filesKept)
	case asked == Unset:
		return min(ConnectionsAuto, room), nil
	case asked > room:
		return 0, fmt.Errorf("-connections %d: this process may have %d files open, of which %d are kept back: raise the limit (ulimit -n, LimitNOFILE) or ask for %d at most", asked, files.Cur, filesKept, max(0, room))
	}
	return asked, nil
}
