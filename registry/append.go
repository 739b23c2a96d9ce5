package registry

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tegata/registry/sequencer"
	"tegata/verify"
	"tegata/verify/envelope"
)

// A request is a statement on its way into the log: opened, its signature
// verified, its form checked.
type request struct {
	envelope  envelope.Envelope
	statement verify.Statement
	faults    verify.Faults
	answer    chan answer // takes one answer, without waiting
}

// An answer says where the statement stands in the log, and whether it was entered
// just now.
type answer struct {
	index int64
	fresh *stood // nil: it was there before
	err   error
}

// Append enters the statement in the token, if it may be entered, and returns
// its receipt once it is durable. A statement entered before, signed by the same
// key, gets the receipt of that entry.
//
// The error is a [*Refusal] with every fault where the statement may not be
// entered; it wraps [envelope.ErrMalformed] where the token is none,
// [envelope.ErrKey] where the log knows no such key, [envelope.ErrSignature]
// where the signature does not hold, and [ErrBusy], [ErrFull], [ErrClosed] or,
// where a key of the registry is in a device that is not well, [tlog.ErrSigner]
// where it is to be sent again; [sequencer.ErrUnavailable] where who decides the
// order cannot be asked, and the statement may be entered or not; it is a
// [*sequencer.ReadOnly] where it is to be sent to another registry. If ctx ends
// first, the statement may still be entered: sending it again tells.
func (r *Registry) Append(ctx context.Context, token []byte) (Receipt, error) {
	wait, err := r.Submit(token)
	if err != nil {
		return Receipt{}, err
	}
	return wait(ctx)
}

// Submit is Append in two steps, so that many statements can be on their way in
// the order they were submitted: the function returned waits for the answer. That
// may be [envelope.ErrSignature], as may be the error of Submit itself: signatures are
// compared by the batch. The bytes of token may be changed once Submit has returned.
func (r *Registry) Submit(token []byte) (_ func(context.Context) (Receipt, error), err error) {
	defer func() {
		if err != nil {
			r.answered(Receipt{}, err)
		}
	}()
	if r.Mirror() {
		return nil, &sequencer.ReadOnly{Origin: r.config.Original.URL()}
	}
	s, err := r.open(token)
	if errors.Is(err, envelope.ErrKey) {
		s, err = r.openLater(token)
	}
	if err != nil {
		return nil, err
	}
	if len(s.of.faults) > 0 {
		return nil, &Refusal{r.allFaults(&s.of)}
	}
	if err := r.enqueue(s); err != nil {
		return nil, err
	}
	return func(ctx context.Context) (Receipt, error) {
		select {
		case a := <-s.of.answer:
			if a.err != nil {
				return Receipt{}, a.err
			}
			// Proofs are made here, on the caller's core, while the writer goes on.
			if a.fresh != nil {
				return a.fresh.receipt(a.index)
			}
			return r.Receipt(a.index)
		case <-ctx.Done():
			return Receipt{}, ctx.Err()
		}
	}, nil
}

func (r *Registry) answered(receipt Receipt, err error) {
	if tell := r.config.Answered; tell != nil {
		tell(receipt, err)
	}
}

// open opens the token, begins to verify its signature, and checks the form of the
// statement. It runs on the caller's core, before the queue. While the log is
// empty, the key is one that the statement names itself. Where the signature is not
// left to the batch, it is compared before anything else is done.
func (r *Registry) open(token []byte) (*submission, error) {
	env, said, whole, err := envelope.OpenStatement(token)
	if err != nil {
		return nil, err
	}
	key, known := r.key(env.KeyID)
	if !r.Governance().Begun() {
		s, _ := envelope.ParseStatement(env.Payload)
		key, known = ownKey(s, env.KeyID)
	}
	if !known {
		return nil, fmt.Errorf("%w: nobody in this log has the key %s", envelope.ErrKey, env.KeyID)
	}
	s := &submission{of: request{envelope: env, statement: said, answer: make(chan answer, 1)}}
	if s.begun, err = env.Begin(key); err != nil {
		return nil, err
	}
	if whole && r.later(said, len(token)) {
		return s, nil
	}
	envelope.Compare(&s.begun)
	q, err := s.request()
	if err != nil {
		return nil, err
	}
	if !whole {
		q.statement, q.faults = envelope.ParseStatement(env.Payload)
	}
	q.faults = append(q.faults, keyFaults(q.statement, q.faults)...)
	return s, nil
}

// openLater opens a token with a key that nobody has as far as is known here: it
// goes on until somebody has, or all is here that others have entered.
func (r *Registry) openLater(token []byte) (*submission, error) {
	ctx, end := context.WithTimeout(r.follower.ctx, heardWait)
	defer end()
	for {
		from := r.state.Load().head
		s, err := r.open(token)
		if !errors.Is(err, envelope.ErrKey) {
			return s, err
		}
		ask := r.config.Sequencer.Append(ctx, sequencer.Batch{First: from.Size, Before: from.Root})
		switch {
		case ask == nil:
			return nil, err
		case !errors.Is(ask, sequencer.ErrBehind):
			return nil, ask
		}
		for r.state.Load().head.Size == from.Size {
			select {
			case <-ctx.Done():
				return nil, fmt.Errorf("%w: others have entered something, and it is not given", sequencer.ErrUnavailable)
			case <-time.After(joinedPoll):
			}
		}
	}
}

// ownKey finds the key among those that registry.created names.
func ownKey(s verify.Statement, id verify.KeyID) (envelope.Key, bool) {
	if b, ok := s.Body.(*verify.Created); ok {
		for _, jwk := range b.Party.Keys {
			if k, err := envelope.ParseKey(jwk); err == nil && k.ID() == id {
				return k, true
			}
		}
	}
	return envelope.Key{}, false
}

// keyFaults notes keys that a statement hands out and that nobody could ever
// sign with: points that are not on their curve.
func keyFaults(s verify.Statement, have verify.Faults) (faults verify.Faults) {
	check := func(field string, k verify.JWK) {
		said := func(f verify.Fault) bool { return strings.HasPrefix(f.Field, field) }
		if _, err := envelope.ParseKey(k); err != nil && !slices.ContainsFunc(have, said) {
			faults = append(faults, verify.Fault{Field: field, Rule: verify.NotKey, Detail: "OKP Ed25519, EC P-256"})
		}
	}
	switch b := s.Body.(type) {
	case *verify.Created:
		for i, k := range b.Party.Keys {
			check(fmt.Sprintf("party.keys[%d]", i), k)
		}
	case *verify.Enrolled:
		for i, k := range b.Party.Keys {
			check(fmt.Sprintf("party.keys[%d]", i), k)
		}
	case *verify.AddedKey:
		check("key", b.Key)
	}
	return faults
}

func (r *Registry) enqueue(s *submission) error {
	r.closing.RLock()
	defer r.closing.RUnlock()
	if r.closed {
		return ErrClosed
	}
	select {
	case r.queue <- s:
		return nil
	default:
		_, wait := r.Queue()
		return &BusyError{wait}
	}
}
