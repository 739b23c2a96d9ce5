package web

import (
	"context"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"tegata/registry"
	"tegata/verify"
	"tegata/verify/yearly"
)

// A yearlyAsked says which report is asked for.
type yearlyAsked struct {
	days  verify.Period
	known int64 // entries of the log; 0: all that there are
}

// A yearlyRun is one counting of the whole log. Its report is to be read once it
// is done.
type yearlyRun struct {
	yearlyAsked
	from   netip.Prefix // who asked first
	survey registry.Survey
	head   verify.Log
	done   chan struct{}
	seen   atomic.Int64 // codes so far
	late   atomic.Bool  // somebody was told to come back for it
	report yearly.Report
	err    error
}

// yearlies counts reports, one at a time, and keeps the latest. To count means to
// read the whole log, so nobody who asks waits for it longer than a request may
// take: it goes on without them. So that nobody fills the queue with days of their
// own choice, few of those that are not over may be of one sender.
type yearlies struct {
	mu       sync.Mutex
	runs     []*yearlyRun // the latest last
	turn     chan struct{}
	patience time.Duration
}

// Limits of counting.
const (
	yearlyMost     = 16               // reports kept or being counted
	yearlyEach     = 2                // being counted for one sender
	yearlyPatience = 10 * time.Second // until who asks is told to come back
	yearlyLate     = time.Hour        // how old a report of the present may be that somebody had to come back for
)

func newYearlies() *yearlies {
	return &yearlies{turn: make(chan struct{}, 1), patience: yearlyPatience}
}

// report returns the report that is asked for and the head that it was counted
// under. It is a problem of status 503, which says how far the counting is, where
// that takes longer than a request may.
func (y *yearlies) report(ctx context.Context, r *registry.Registry, asked yearlyAsked, from netip.Prefix) (yearly.Report, verify.Log, error) {
	run, err := y.run(r, asked, from)
	if err != nil {
		return yearly.Report{}, verify.Log{}, err
	}
	timer := time.NewTimer(y.patience)
	defer timer.Stop()
	select {
	case <-run.done:
		return run.report, run.head, run.err
	case <-ctx.Done():
		return yearly.Report{}, verify.Log{}, ctx.Err()
	case <-timer.C:
		run.late.Store(true)
		p := &problem{status: http.StatusServiceUnavailable, code: problemCounting, detail: strconv.FormatInt(run.seen.Load(), 10)}
		return yearly.Report{}, verify.Log{}, p
	}
}

// run returns the counting that answers, whoever asked for it, and begins it where
// there is none.
func (y *yearlies) run(r *registry.Registry, asked yearlyAsked, from netip.Prefix) (*yearlyRun, error) {
	y.mu.Lock()
	defer y.mu.Unlock()
	now := r.Head()
	y.runs = slices.DeleteFunc(y.runs, func(run *yearlyRun) bool {
		return run.over() && (run.err != nil || run.yearlyAsked == asked && !run.answers(now))
	})
	own := 0
	for _, run := range y.runs {
		if run.yearlyAsked == asked {
			return run, nil
		}
		if run.from == from && !run.over() {
			own++
		}
	}
	if own == yearlyEach {
		return nil, &problem{status: http.StatusServiceUnavailable, code: problemBusy}
	}
	if len(y.runs) == yearlyMost {
		oldest := slices.IndexFunc(y.runs, (*yearlyRun).over)
		if oldest < 0 {
			return nil, &problem{status: http.StatusServiceUnavailable, code: problemBusy}
		}
		y.runs = slices.Delete(y.runs, oldest, oldest+1)
	}
	survey := r.Survey()
	run := &yearlyRun{yearlyAsked: asked, from: from, survey: survey, head: survey.Log(), done: make(chan struct{})}
	y.runs = append(y.runs, run)
	go run.count(y.turn)
	return run, nil
}

// over reports whether the counting has ended.
func (run *yearlyRun) over() bool {
	select {
	case <-run.done:
		return true
	default:
		return false
	}
}

// answers reports whether a report is still the answer. That of a past state
// always is; that of the present while the log does not grow, and where it took
// so long that somebody was told to come back, for an hour: its head is named.
func (run *yearlyRun) answers(now verify.Log) bool {
	return run.known > 0 || run.head.Size == now.Size || run.late.Load() && now.Time.Sub(run.head.Time) < yearlyLate
}

// count counts once it is this counting's turn. It ends at the latest when the
// registry is closed.
func (run *yearlyRun) count(turn chan struct{}) {
	defer close(run.done)
	turn <- struct{}{}
	defer func() { <-turn }()
	known := run.known
	if known == 0 {
		known = run.head.Size
	}
	c := yearly.New(run.days, known, run.survey.Governance())
	run.err = run.survey.Each(context.Background(), func(f verify.Facts) {
		c.Add(f)
		run.seen.Add(1)
	})
	run.report = c.Report()
}
