package observer

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"tegata/registry"
	"tegata/verify"
)

const (
	workers     = 8               // visits at a time, each to another host
	followAfter = 5 * time.Second // how soon a new declaration is heard of
	saveAfter   = 5 * time.Minute // how much of what is remembered a crash may lose
	tryAgain    = time.Hour       // after what was our own doing
)

// A round is an observer at work. All of it belongs to one goroutine; only visits
// run beside it.
type round struct {
	*Observer
	memories *memories
	schedule *schedule
	codes    map[string]map[verify.Code]bool // declarations at each address
	at       map[verify.Code][]string        // addresses of each declaration
	heard    int64                           // entries of the log that were heard of
	part     string                          // and where in the next
	begun    time.Time
	reached  time.Time // when any host answered last, in good order
	busy     int       // visits on their way
	found    chan found
	unsaved  bool
}

type found struct {
	address string
	due     time.Time // for which it was begun
	visit   Visit
}

func (r *round) run(ctx context.Context) error {
	saved := r.Now()
	follow := time.NewTicker(followAfter)
	defer follow.Stop()
	r.follow(ctx)
	if r.heard == r.Registry.Head().Size {
		maps.DeleteFunc(r.memories.of, func(address string, _ *memory) bool { return len(r.codes[address]) == 0 })
	}
	for {
		wait := r.start(ctx)
		timer := time.NewTimer(wait)
		select {
		case f := <-r.found:
			r.take(ctx, f)
		case <-follow.C:
			r.follow(ctx)
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			for ; r.busy > 0; r.busy-- {
				f := <-r.found
				f.visit.remove()
			}
			return r.save()
		}
		timer.Stop()
		if now := r.Now(); r.unsaved && now.Sub(saved) >= saveAfter {
			saved = now
			if err := r.save(); err != nil {
				r.Log.Error("observer cannot remember", "error", err)
			}
		}
	}
}

func (r *round) save() error {
	r.unsaved = false
	return r.memories.save()
}

// start begins the visits that are due, and returns how long there is nothing to
// begin. A visit needs room on the disk, and so does what would be said of it.
func (r *round) start(ctx context.Context) time.Duration {
	for r.busy < workers && !r.Registry.Full() {
		address, wait := r.schedule.next(r.Now())
		if address == "" && wait == 0 {
			break
		}
		if wait > 0 {
			return wait
		}
		m := r.memories.get(address)
		due, was := m.Due, m.visit(r.Now())
		r.busy++
		go func() {
			v := r.look(ctx, address, was)
			r.found <- found{address, due, v}
		}()
	}
	return followAfter
}

// follow hears what the log said since, and has new addresses visited.
func (r *round) follow(ctx context.Context) {
	for r.heard < r.Registry.Head().Size && ctx.Err() == nil {
		if err := r.followSome(ctx); err != nil {
			r.Log.Error("observer cannot follow the log", "error", err)
			return
		}
	}
}

// followSome hears the next that the log said, as much as it tells at one time.
func (r *round) followSome(ctx context.Context) error {
	page, err := r.Registry.Changes(ctx, registry.ChangesQuery{Since: r.heard, Part: r.part, Limit: 1000})
	if err != nil {
		return err
	}
	for _, c := range page.Changes {
		switch c.Kind {
		case verify.DeclarationPublished, verify.DeclarationAmended, verify.DeclarationWithdrawn:
			if err := r.learn(ctx, c.Code, c.Logged); err != nil {
				return fmt.Errorf("%s: %w", c.Code, err)
			}
		}
	}
	r.heard, r.part = page.Next, page.Part
	return nil
}

// learn takes up where a declaration is to be found. One that was published while
// the observer is at work is visited at once; when it begins, those that were
// never visited are, over a twenty-fourth of the time in which each is.
func (r *round) learn(ctx context.Context, code verify.Code, logged time.Time) error {
	now := r.now()
	_, links, err := r.links(ctx, code, now)
	if err != nil {
		return err
	}
	was := r.at[code]
	delete(r.at, code)
	for _, l := range links {
		r.at[code] = append(r.at[code], l.URL)
		r.watch(l.URL, code, !logged.Before(r.begun), now)
	}
	for _, address := range was {
		if !slices.Contains(r.at[code], address) {
			r.forget(address, code)
		}
	}
	r.unsaved = true
	return nil
}

// watch has an address visited for a declaration: now where something new was
// said of it, else when it was to be anyway.
func (r *round) watch(address string, code verify.Code, fresh bool, now time.Time) {
	if r.codes[address] == nil {
		r.codes[address] = map[verify.Code]bool{}
	}
	r.codes[address][code] = true
	m := r.memories.get(address)
	switch {
	case fresh:
		m.Due, m.Tag, m.Modified = now, "", ""
	case m.Due.Before(now), m.Due.After(now.Add(r.Every)): // of a longer time between two visits
		m.Due = now.Add(rand.N(r.Every/24 + 1))
	}
	r.schedule.set(address, m.Due)
}

// forget has an address visited for that declaration no more.
func (r *round) forget(address string, code verify.Code) {
	delete(r.codes[address], code)
	delete(r.memories.get(address).Doubts, code)
	r.compared.forget(code, address)
	if len(r.codes[address]) == 0 {
		delete(r.codes, address)
		delete(r.memories.of, address)
		r.schedule.drop(address)
	}
}

// take holds a visit against every declaration that is said to be there, says
// what is to be said, and has the address visited again.
func (r *round) take(ctx context.Context, f found) {
	r.busy--
	defer f.visit.remove()
	now := r.now()
	if len(r.codes[f.address]) == 0 { // forgotten meanwhile
		r.schedule.done(f.address, r.Now(), now)
		return
	}
	if f.visit.Status != 0 {
		r.reached = now
		r.counted.answered.Add(1)
	} else {
		r.counted.unanswered.Add(1)
	}
	if f.visit.err != nil {
		r.Log.Info("visit", "address", f.address, "fault", f.visit.Fault, "error", f.visit.err)
	}
	m := r.memories.get(f.address)
	due := within(now, r.Every)
	for code := range r.codes[f.address] {
		next, err := r.hold(ctx, code, &f.visit, f.address, m, now)
		if err != nil {
			r.Log.Error("observation not entered", "code", code, "address", f.address, "error", err)
			next = now.Add(tryAgain)
		}
		if !next.IsZero() && next.Before(due) {
			due = next
		}
	}
	if m.Due.Equal(f.due) {
		m.remember(&f.visit, now)
	} else {
		due = m.Due // something new was said of it meanwhile: it is visited again
	}
	m.Due = due
	r.unsaved = true
	r.schedule.done(f.address, r.Now(), due)
}

// hold holds a visit against one declaration. It returns when to look again, if
// that is sooner than usual.
func (r *round) hold(ctx context.Context, code verify.Code, v *Visit, address string, m *memory, now time.Time) (time.Time, error) {
	record, links, err := r.links(ctx, code, now)
	if err != nil {
		return time.Time{}, err
	}
	for _, l := range links {
		if l.URL != address {
			continue
		}
		if v.SHA256 != "" {
			r.compare(code, record.Declaration, address, v)
		}
		var before *verify.Sighting
		if s, ok := record.Observed(l, now); ok {
			before = &s
		}
		seen, ok := v.Finding(l, before)
		if !ok && errors.Is(v.err, errRobots) {
			return time.Time{}, nil
		} else if !ok {
			return now.Add(tryAgain), nil
		}
		if again := m.doubt(code, seen, before, now, r.reached); !again.IsZero() {
			return again, nil
		}
		if !worthSaying(seen, before, now) {
			return time.Time{}, nil
		}
		if err := r.say(ctx, code, seen, now); err != nil {
			return time.Time{}, err
		}
		delete(m.Doubts, code)
		r.Log.Info("observed", "code", code, "address", address, "seen", seen.Seen, "status", seen.HTTPStatus, "reason", seen.Reason)
		return time.Time{}, nil
	}
	return time.Time{}, nil
}
