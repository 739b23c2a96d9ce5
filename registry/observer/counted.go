package observer

import (
	"sync/atomic"

	"tegata/verify"
)

// Counts are what an observer did since it began.
type Counts struct {
	Answered, Unanswered int64                 // visits
	Said                 map[verify.Seen]int64 // statements that were entered
	Failed               int64                 // and those that were not
}

// counted keeps them.
type counted struct {
	answered, unanswered, open, changed, gone, failed atomic.Int64
}

func (c *counted) said(seen verify.Seen, err error) {
	switch {
	case err != nil:
		c.failed.Add(1)
	case seen == verify.SeenOpen:
		c.open.Add(1)
	case seen == verify.SeenChanged:
		c.changed.Add(1)
	default:
		c.gone.Add(1)
	}
}

// Counts tells what the observer did since it began.
func (o *Observer) Counts() Counts {
	c := &o.counted
	return Counts{
		Answered: c.answered.Load(), Unanswered: c.unanswered.Load(), Failed: c.failed.Load(),
		Said: map[verify.Seen]int64{verify.SeenOpen: c.open.Load(), verify.SeenChanged: c.changed.Load(), verify.SeenGone: c.gone.Load()},
	}
}
