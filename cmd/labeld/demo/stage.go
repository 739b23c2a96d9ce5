package demo

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"tegata/registry"
	"tegata/verify"
	"tegata/verify/envelope"
)

// A stage is where the demo's story is played: parties speak on days before
// now, each with its own key.
type stage struct {
	now     time.Time
	today   verify.Date
	set     atomic.Pointer[time.Time] // the story's time; nil once it is over
	signers map[string]*envelope.Signer
	script  []speech
	failed  error
}

// A speech is one statement, days before now.
type speech struct {
	ago  int
	by   verify.PartyID
	key  string // whose key signs; the party's own where empty
	kind verify.Kind
	code verify.Code
	id   string // given where another statement names it
	body verify.Body
}

func newStage(now time.Time) *stage {
	return &stage{now: now, today: verify.DateOf(now, verify.Tokyo), signers: map[string]*envelope.Signer{}}
}

// clock is the registry's clock: the story's time while it is played, and then
// the real one.
func (s *stage) clock(after func() time.Time) func() time.Time {
	return func() time.Time {
		if t := s.set.Load(); t != nil {
			return *t
		}
		return after()
	}
}

// signer returns the key of that name, made when first asked for.
func (s *stage) signer(name string) *envelope.Signer {
	if s.signers[name] == nil {
		k, err := envelope.NewSigner()
		if err != nil && s.failed == nil {
			s.failed = err
		}
		s.signers[name] = k
	}
	return s.signers[name]
}

// say has a party say something, that many days before now.
func (s *stage) say(ago int, by verify.PartyID, kind verify.Kind, code verify.Code, body verify.Body) {
	s.script = append(s.script, speech{ago: ago, by: by, kind: kind, code: code, body: body})
}

// day is the day that many days before today.
func (s *stage) day(ago int) verify.Date { return s.today.AddDays(-ago) }

// moment is when what was said that many days ago was said.
func (s *stage) moment(ago int) time.Time { return s.now.AddDate(0, 0, -ago) }

// play creates the registry and has everything said, in the order of time.
func (s *stage) play(ctx context.Context, path string, c registry.Config) (r *registry.Registry, err error) {
	if s.failed != nil {
		return nil, s.failed
	}
	slices.SortStableFunc(s.script, func(a, b speech) int { return cmp.Compare(b.ago, a.ago) })
	for _, sp := range s.script {
		at := s.moment(sp.ago)
		s.set.Store(&at)
		token, err := s.signer(cmp.Or(sp.key, string(sp.by))).SealStatement(verify.Statement{
			Head: verify.Head{ID: sp.id, Kind: sp.kind, Origin: Origin, By: sp.by, Made: at, Code: sp.code},
			Body: sp.body,
		})
		if err == nil && r == nil {
			r, err = registry.Create(path, c, token)
		} else if err == nil {
			_, err = r.Append(ctx, token)
		}
		if err != nil {
			if r != nil {
				r.Close()
			}
			return nil, fmt.Errorf("%s about %q: %w", sp.kind, sp.code, err)
		}
	}
	s.set.Store(nil)
	return r, nil
}
