package registry

import (
	"slices"
	"time"

	"tegata/verify"
	"tegata/verify/envelope"
	"tegata/verify/tlog"
)

// reach is how far the entry of an index reaches. That never changes, since only
// what was said before it counts.
func (r *Registry) reach(s *state, index int64) verify.Reach {
	if reach, ok := r.reaches.Load(index); ok {
		return reach.(verify.Reach)
	}
	reach := s.governance.Reach(index)
	r.reaches.Store(index, reach)
	return reach
}

// firstSigned returns the first entry that may count otherwise.
func (w *changesWalk) firstSigned(reach verify.Reach) (int64, error) {
	var first time.Time
	for _, t := range reach.Keys {
		if t.IsZero() {
			return 0, nil
		}
		if first.IsZero() || t.Before(first) {
			first = t
		}
	}
	return firstSince(w.tx.Tx, w.state.head, w.state.head.Size, first)
}

// signed returns the code that an entry is about, if what it says may count
// otherwise. That the tree holds these bytes is checked when they are told of or
// the code is looked up.
func (w *changesWalk) signed(index int64, reach verify.Reach) (verify.Code, error) {
	w.work++
	stored, err := tlog.ParseEntry(w.tx.Bucket(entryBucket).Get(number(index)))
	if err != nil {
		return "", err
	}
	key, payload, err := envelope.OpenLogged(stored.Token)
	if err != nil {
		return "", err
	}
	if from, ok := reach.Keys[key]; !ok || stored.Logged.Before(from) {
		return "", nil
	}
	s, err := envelope.DecodeLogged(payload)
	return s.Code, err
}

// reached names the codes whose answers a statement about a code may change, in
// their order, from the one after after. It is worked out as of the entry that is
// told of, which so is told of in the same way for ever. Where not all could be
// named, next is where to go on.
func (w *changesWalk) reached(c *Change, entry int64, code, after verify.Code) (next part, err error) {
	most := max(codesMost-w.codes, 1)
	lists, err := w.leading(c.Index, code)
	if err != nil {
		return part{}, err
	}
	var found []verify.Code
	if code > after {
		found = append(found, code)
	}
	var horizon verify.Code // up to which all are found; empty: there is none
	for _, l := range lists {
		codes, end := w.list(l, c.Index, after, most)
		found = append(found, codes...)
		if end != "" && (horizon == "" || end < horizon) {
			horizon = end
		}
	}
	slices.Sort(found)
	found = slices.Compact(found)
	if len(found) > most && (horizon == "" || found[most-1] < horizon) {
		horizon = found[most-1]
	}
	if horizon != "" {
		found = slices.DeleteFunc(found, func(f verify.Code) bool { return f > horizon })
		next = part{entry, horizon}
	}
	w.codes += len(found)
	for _, f := range found {
		if w.wanted(f, c.Index) && !slices.Contains(c.Codes, f) {
			c.Codes = append(c.Codes, f)
		}
	}
	return next, nil
}
