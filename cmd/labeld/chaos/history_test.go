//go:build chaos && linux

package chaos

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/anishathalye/porcupine"

	"tegata/verify/tlog"
)

// A write is one statement sent to one node once.
type write struct {
	client, node int
	token        string
	began, ended time.Duration // since the beginning
	index        int64         // where it was entered; -1: not known
}

// A read is one question about a code to one node.
type read struct {
	client, node int
	code         string
	began, ended time.Duration
	known        bool  // the answer says what the label is; else that the code is unknown
	size         int64 // of the log that the answer rests on
	root         string
}

// A history is what clients sent and were answered.
type history struct {
	mu     sync.Mutex
	start  time.Time
	begun  int64 // how large the log was then
	writes []write
	reads  []read
	failed int // reads that were not answered
	errs   []string
}

// refuse notes an answer that should not have been given.
func (h *history) refuse(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.errs) < 20 {
		h.errs = append(h.errs, err.Error())
	}
}

func (h *history) refusals() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.errs)
}

func (h *history) now() time.Duration { return time.Since(h.start) }

func (h *history) wrote(w write) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.writes = append(h.writes, w)
}

func (h *history) answered(r read, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !ok {
		h.failed++
		return
	}
	h.reads = append(h.reads, r)
}

// recovered is how long after an instant the first write that was sent since then
// was acknowledged; false where none was.
func (h *history) recovered(since time.Duration) (time.Duration, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	best, found := time.Duration(0), false
	for _, w := range h.writes {
		if w.index >= 0 && w.began >= since && (!found || w.ended < best) {
			best, found = w.ended, true
		}
	}
	return best - since, found
}

// A count is what the history is judged by. All but the first four are to be 0.
type count struct {
	acknowledged, unknown, answered, unanswered int

	lost, twice, forks, wrong int
	linearizable              porcupine.CheckResult
}

// judge compares the history with the log as it stands at the end.
func (h *history) judge(log [][]byte, codes map[string]string, alone bool) (c count, faults []string) {
	fault := func(n *int, format string, args ...any) {
		*n++
		faults = append(faults, fmt.Sprintf(format, args...))
	}
	at := map[string]int64{} // token → index
	roots := map[int64]string{}
	var hashes []tlog.Hash
	stored := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, n := range indexes {
			out[i] = hashes[n]
		}
		return out, nil
	})
	for i, raw := range log {
		e, err := tlog.ParseEntry(raw)
		if err != nil {
			fault(&c.wrong, "entry %d: %v", i, err)
			continue
		}
		if other, twice := at[e.Token]; twice {
			fault(&c.twice, "entries %d and %d are the same statement", other, i)
		}
		at[e.Token] = int64(i)
		more, err := tlog.StoredHashes(int64(i), tlog.LeafHash(raw), stored)
		if err != nil {
			fault(&c.wrong, "entry %d: %v", i, err)
		}
		hashes = append(hashes, more...)
		root, err := tlog.TreeHash(int64(i+1), stored)
		if err != nil {
			fault(&c.wrong, "root of %d: %v", i+1, err)
		}
		roots[int64(i+1)] = root.String()
	}
	for _, w := range h.writes {
		index, entered := at[w.token]
		switch {
		case w.index < 0:
			c.unknown++
		case !entered:
			fault(&c.lost, "a statement was acknowledged at %d after %v and is not in the log", w.index, w.ended)
		case index != w.index:
			fault(&c.twice, "a statement was acknowledged at %d and stands at %d", w.index, index)
		default:
			c.acknowledged++
		}
	}
	c.unanswered = h.failed
	for _, r := range h.reads {
		index, entered := at[codes[r.code]]
		switch {
		case roots[r.size] != r.root:
			fault(&c.forks, "node %d answered with root %s of %d entries, the log has %s", r.node, r.root, r.size, roots[r.size])
		case r.known != (entered && index < r.size):
			fault(&c.wrong, "node %d said of %s, entered at %d (%t), after %d entries: known %t", r.node, r.code, index, entered, r.size, r.known)
		default:
			c.answered++
		}
	}
	for _, f := range h.forgotten(codes) {
		fault(&c.wrong, "%s", f)
	}
	c.linearizable = h.linearizable(at, codes, alone)
	return c, faults
}

// forgotten finds answers that a code is unknown, of a node that had known it
// before it was asked: it had said so, or had acknowledged the statement. An answer
// may rest on an older head, as long as nothing was said since that changes it.
func (h *history) forgotten(codes map[string]string) (faults []string) {
	type knowledge struct {
		node  int
		token string
	}
	since := map[knowledge]time.Duration{}
	note := func(k knowledge, at time.Duration) {
		if before, ok := since[k]; !ok || at < before {
			since[k] = at
		}
	}
	for _, w := range h.writes {
		if w.index >= 0 {
			note(knowledge{w.node, w.token}, w.ended)
		}
	}
	for _, r := range h.reads {
		if r.known {
			note(knowledge{r.node, codes[r.code]}, r.ended)
		}
	}
	for _, r := range h.reads {
		if at, ok := since[knowledge{r.node, codes[r.code]}]; ok && !r.known && at < r.began {
			faults = append(faults, fmt.Sprintf("node %d did not know %s after %v, and had known it after %v", r.node, r.code, r.began, at))
		}
	}
	return faults
}

// checkedReads is about how many reads the checker is given.
const checkedReads = 4000

// linearizable has a checker that knows nothing of us look whether the history is
// one of a log that statements are added to one after the other: each stands where
// it was said to, no later than it was acknowledged; a code that is known was
// entered by then, and one that is not, where one node answers alone, was not.
func (h *history) linearizable(at map[string]int64, codes map[string]string, alone bool) porcupine.CheckResult {
	type input struct {
		read  bool
		index int64 // of what is asked about, or written
	}
	const never = int64(1) << 62
	model := porcupine.Model{
		Init: func() any { return h.begun }, // how large the log is
		Step: func(state, in, out any) (bool, any) {
			size, i := state.(int64), in.(input)
			switch {
			case i.read:
				return out.(bool) == (i.index < size) || !alone && !out.(bool), size
			case i.index == size:
				return true, size + 1
			}
			return i.index < size, size // it was there already
		},
	}
	var all []porcupine.Operation
	end := int64(h.now())
	for _, w := range h.writes {
		o := porcupine.Operation{ClientId: w.client, Input: input{index: w.index}, Call: int64(w.began), Return: int64(w.ended)}
		if w.index < 0 {
			index, entered := at[w.token]
			if !entered {
				continue
			}
			o.Input, o.Return = input{index: index}, end
		}
		all = append(all, o)
	}
	for i, r := range h.reads {
		if i%(1+len(h.reads)/checkedReads) != 0 {
			continue // what it remembers grows with the square
		}
		index, entered := at[codes[r.code]]
		if !entered {
			index = never
		}
		all = append(all, porcupine.Operation{ClientId: r.client, Input: input{read: true, index: index}, Call: int64(r.began), Output: r.known, Return: int64(r.ended)})
	}
	return porcupine.CheckOperationsTimeout(model, all, time.Minute)
}
