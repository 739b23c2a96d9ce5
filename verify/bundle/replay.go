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

	ahead []envelope.Checked // of entries from first on
	first int64
}

// NewReplay returns the replay of an empty log.
func NewReplay() *Replay { return replaying(verify.NewReplay()) }

// NewExcerpt returns the replay of an empty log of which entries are passed over,
// as [verify.NewExcerpt] has it.
func NewExcerpt() *Replay { return replaying(verify.NewExcerpt()) }

func replaying(law *verify.Replay) *Replay {
	return &Replay{Replay: law, keys: map[verify.KeyID]envelope.Key{}}
}

// Ahead looks at the envelopes of entries from an index on before they are entered,
// on all cores, so that entering them takes less time. What it cannot say of an entry,
// since its key was not met so far, is found out when that is entered.
func (p *Replay) Ahead(first int64, entries [][]byte) {
	tokens := make([]string, len(entries))
	for i, raw := range entries {
		if e, err := tlog.ParseEntry(raw); err == nil {
			tokens[i] = e.Token
		}
	}
	p.first = first
	p.ahead = envelope.VerifyAll(tokens, func(id verify.KeyID) (envelope.Key, bool) {
		k, ok := p.keys[id]
		return k, ok
	})
}

// checked returns what is known of a token that is not entered yet.
func (p *Replay) checked(index int64, token string) envelope.Checked {
	if i := index - p.first; i >= 0 && i < int64(len(p.ahead)) && p.ahead[i].Token == token {
		return p.ahead[i]
	}
	var c envelope.Checked
	c.Envelope, c.Err = envelope.Open([]byte(token))
	return c
}

// Enter enters the bytes of the next entry. The error says what should not have
// been entered.
func (p *Replay) Enter(raw []byte) (verify.Entry, error) { return p.EnterAt(p.next, raw) }

// EnterAt enters the bytes of the entry of an index. Only of an excerpt may there
// be others between it and the one entered last.
func (p *Replay) EnterAt(index int64, raw []byte) (verify.Entry, error) {
	e, err := p.Pass(index, raw)
	if err != nil {
		return e, err
	}
	if faults := p.Replay.Enter(e); len(faults) > 0 {
		return e, faults
	}
	p.next = index + 1
	return e, nil
}

// Pass looks at an entry and does not enter it: its form, that its key was known,
// and that its signature holds. Role and order it cannot tell of, where what was
// said before is not held either.
func (p *Replay) Pass(index int64, raw []byte) (verify.Entry, error) {
	e, logged, err := ParseEntry(index, raw)
	if err != nil {
		return e, err
	}
	c := p.checked(index, logged.Token)
	if c.Err != nil && !c.Known {
		return e, c.Err
	}
	jwk, ok := p.Key(e)
	if !ok {
		return e, fmt.Errorf("nobody had the key %s", e.Key)
	}
	if c.Known {
		return e, c.Err
	}
	key, parsed := p.keys[e.Key]
	if !parsed {
		if key, err = envelope.ParseKey(jwk); err != nil {
			return e, err
		}
		p.keys[e.Key] = key
	}
	return e, c.Verify(key)
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
	s, err := envelope.DecodeLogged(payload)
	return verify.Entry{Index: index, Logged: logged.Logged, Key: key, Statement: s}, logged, err
}
