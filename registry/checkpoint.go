package registry

import (
	"errors"
	"time"

	"tegata/verify"
	"tegata/verify/tlog"
)

// Head says which head answers rest on now.
func (r *Registry) Head() verify.Log { return r.headOf(r.state.Load()) }

func (r *Registry) headOf(s *state) verify.Log {
	now := r.Now()
	if r.Mirror() && now.Sub(s.dated) > presentFor {
		now = s.dated // what was said since is not known here
	}
	if now.Before(s.logged) {
		now = s.logged // the clock went back; the log does not
	}
	return verify.Log{Origin: s.head.Origin, Size: s.head.Size, Root: verify.Root(s.head.Root), Time: now}
}

// renewAfter is how old the date of a checkpoint may get before it is dated
// anew, so that a frozen copy shows its age.
const renewAfter = time.Minute

// redateAfter is how long the cosigner is left in peace where it did not sign, so
// that those who read do not each wait for a device that is not well.
const redateAfter = 10 * time.Second

// Checkpoint returns the signed checkpoint of the head, dated within the last
// minute; where the cosigner does not sign, with the date it has: that shows its
// age. A mirror's is dated as it was received.
func (r *Registry) Checkpoint() ([]byte, error) {
	s := r.state.Load()
	now := r.config.Now()
	if now.Sub(s.dated) < renewAfter || r.Mirror() {
		return s.signed, nil
	}
	r.signing.Lock()
	defer r.signing.Unlock()
	s = r.state.Load()
	if now.Sub(s.dated) < renewAfter || now.Sub(r.undated).Abs() < redateAfter {
		return s.signed, nil
	}
	signed, err := r.redate(s, now)
	if errors.Is(err, tlog.ErrSigner) {
		r.undated = r.config.Now()
		return s.signed, nil
	}
	if err != nil {
		return nil, err
	}
	renewed := *s
	renewed.signed, renewed.dated = signed, now
	// Where the writer was faster, its checkpoint is newer still.
	if !r.state.CompareAndSwap(s, &renewed) {
		return r.state.Load().signed, nil
	}
	return signed, nil
}

// redate returns the checkpoint of a head, dated now. One that another node signed
// before the log's key was handed over is signed anew: the former key counts for
// nothing that is dated since.
func (r *Registry) redate(s *state, now time.Time) ([]byte, error) {
	signed := s.signed
	if _, _, err := tlog.OpenCheckpoint(signed, r.LogKey()); err != nil {
		signed, err = tlog.Sign(s.head, r.config.Log)
		if r.by(&r.unsigned.log, err) != nil {
			return nil, err
		}
	}
	signed, err := tlog.Cosign(signed, r.config.Cosigner, now)
	return signed, r.by(&r.unsigned.cosigner, err)
}
