package registry

import (
	"fmt"

	"tegata/verify"
	"tegata/verify/envelope"
)

// A Replay enters the bytes of a log's entries again, from the first, as the
// registry that logged them must have done: the form of each envelope, its
// signature, whose key it is, role and order.
type Replay struct {
	law  *verify.Replay
	next int64
	keys map[verify.KeyID]envelope.Key // parsed once
}

// NewReplay returns the replay of an empty log.
func NewReplay() *Replay {
	return &Replay{law: verify.NewReplay(), keys: map[verify.KeyID]envelope.Key{}}
}

// Enter enters the bytes of the next entry. The error says what should not have
// been entered.
func (p *Replay) Enter(raw []byte) (verify.Entry, error) {
	e, err := p.enter(raw)
	return e.Entry, err
}

// Codes returns how many codes were spoken of so far.
func (p *Replay) Codes() int { return p.law.Codes() }

func (p *Replay) enter(raw []byte) (logged, error) {
	e, err := parseLogged(p.next, raw)
	if err != nil {
		return e, err
	}
	env, err := envelope.Open([]byte(e.token))
	if err != nil {
		return e, err
	}
	jwk, ok := p.law.Key(e.Entry)
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
	if faults := p.law.Enter(e.Entry); len(faults) > 0 {
		return e, faults
	}
	p.next++
	return e, nil
}
