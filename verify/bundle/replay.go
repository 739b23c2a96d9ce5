package bundle

import (
	"fmt"

	"tegata/verify"
	"tegata/verify/envelope"
	"tegata/verify/tlog"
)

// A Replay enters the bytes of a log's entries again, from the first, as the
// registry that logged them must have done: the form of each envelope, its
// signature, whose key it is, role and order. It holds what they say.
type Replay struct {
	*verify.Replay
	next int64
	keys map[verify.KeyID]envelope.Key // parsed once
}

// NewReplay returns the replay of an empty log.
func NewReplay() *Replay { return replaying(verify.NewReplay()) }

func replaying(law *verify.Replay) *Replay {
	return &Replay{Replay: law, keys: map[verify.KeyID]envelope.Key{}}
}

// Enter enters the bytes of the next entry. The error says what should not have
// been entered.
func (p *Replay) Enter(raw []byte) (verify.Entry, error) { return p.enter(p.next, raw) }

func (p *Replay) enter(index int64, raw []byte) (verify.Entry, error) {
	e, logged, err := ParseEntry(index, raw)
	if err != nil {
		return e, err
	}
	env, err := envelope.Open([]byte(logged.Token))
	if err != nil {
		return e, err
	}
	jwk, ok := p.Key(e)
	if !ok {
		return e, fmt.Errorf("nobody had the key %s", e.Key)
	}
	key, parsed := p.keys[e.Key]
	if !parsed {
		if key, err = envelope.ParseKey(jwk); err != nil {
			return e, err
		}
		p.keys[e.Key] = key
	}
	if err := env.Verify(key); err != nil {
		return e, err
	}
	if faults := p.Replay.Enter(e); len(faults) > 0 {
		return e, faults
	}
	p.next = index + 1
	return e, nil
}

// ParseEntry takes the bytes of an entry apart. It verifies nothing: that was
// done before it was logged, and is done again by [Replay.Enter].
func ParseEntry(index int64, raw []byte) (verify.Entry, tlog.Entry, error) {
	logged, err := tlog.ParseEntry(raw)
	if err != nil {
		return verify.Entry{}, logged, err
	}
	key, payload, err := envelope.OpenLogged(logged.Token)
	if err != nil {
		return verify.Entry{}, logged, err
	}
	s, err := verify.DecodeStatement(payload)
	return verify.Entry{Index: index, Logged: logged.Logged, Key: key, Statement: s}, logged, err
}
