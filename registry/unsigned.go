package registry

import (
	"errors"
	"sync/atomic"

	"tegata/verify/tlog"
)

// unsigned is why the keys that sign heads did not, the last time they were asked.
type unsigned struct{ log, cosigner atomic.Pointer[error] }

// by notes what came of a signature, and returns it. Who is to be told is told
// where it is another than the last time.
func (r *Registry) by(last *atomic.Pointer[error], err error) error {
	var why error
	if errors.Is(err, tlog.ErrSigner) {
		why = err
	} else if err != nil {
		return err // the key was not asked
	}
	was := last.Swap(&why)
	if r.config.Unsigned != nil && (was != nil && *was != nil) != (why != nil) {
		r.config.Unsigned(why)
	}
	return err
}

// why is why no head can be signed, as far as that is known.
func (u *unsigned) why() error {
	for _, last := range []*atomic.Pointer[error]{&u.log, &u.cosigner} {
		if err := last.Load(); err != nil && *err != nil {
			return *err
		}
	}
	return nil
}
