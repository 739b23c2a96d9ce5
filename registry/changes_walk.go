package registry

import (
	"context"
	"fmt"
	"slices"

	"tegata/verify"
	"tegata/verify/match"
)

// A changesWalk is one call of Changes.
type changesWalk struct {
	registry *Registry
	ctx      context.Context
	tx       indexed
	state    *state
	query    ChangesQuery
	work     int
	codes    int // named so far
	read     map[verify.Code]itemsNamed
	page     ChangesPage

	concern  []int64 // the entries to look at, where they were gathered
	gathered bool
}

func (w *changesWalk) run(from part) error {
	limit := min(max(w.query.Limit, 1), changesMost)
	if w.query.Code != "" {
		var err error
		if w.concern, w.gathered, err = w.concerning(w.query.Code); err != nil {
			return err
		}
		w.work = 0 // so that every page comes further
	}
	for w.page.Next = w.query.Since; w.page.Next < w.state.head.Size && len(w.page.Changes) < limit && !w.spent(); from = (part{}) {
		if from == (part{}) {
			if w.page.Next = w.skip(w.page.Next); w.page.Next == w.state.head.Size {
				break
			}
		}
		c, next, err := w.change(w.page.Next, from)
		if err != nil {
			return err
		}
		if w.page.Part = next.String(); next != (part{}) {
			c.More = true
		}
		if len(c.Codes) > 0 || c.All || w.query.Code == "" && w.query.Holder == "" {
			w.page.Changes = append(w.page.Changes, c)
		}
		if c.More {
			break
		}
		w.page.Next++
	}
	return w.ctx.Err()
}

func (w *changesWalk) spent() bool {
	return w.work >= workMost || w.codes >= codesMost || w.ctx.Err() != nil
}

// change tells of an entry, with its codes from a part on, until there are no
// more or the page is full: then next is where the next page goes on.
func (w *changesWalk) change(index int64, from part) (c Change, next part, err error) {
	e, err := w.registry.checked.entryIn(w.tx.Tx, w.state.head, index)
	if err != nil {
		return c, next, err
	}
	w.work += workRead
	c = Change{Index: index, Logged: e.Logged, Kind: e.Kind, Code: e.Code}
	if from != (part{}) && (e.Code != "") != (from.entry == index) || from.entry > index {
		return c, next, ErrCursor
	}
	if e.Code != "" {
		next, err = w.reached(&c, index, e.Code, from.after)
		return c, next, err
	}
	w.work += workGoverns
	reach := w.registry.reach(w.state, index)
	if c.All = reach.All; c.All || len(reach.Keys) == 0 {
		return c, next, nil
	}
	if from == (part{}) {
		first, err := w.firstSigned(reach)
		if err != nil {
			return c, next, err
		}
		from.entry = max(first, 1) // entry 0 is about no code
	}
	for ; from.entry < index; from = (part{entry: from.entry + 1}) {
		if w.spent() {
			return c, from, nil
		}
		code, err := w.signed(from.entry, reach)
		if err != nil {
			return c, next, fmt.Errorf("%w: entry %d: %w", ErrDamaged, from.entry, err)
		}
		if code == "" {
			continue
		}
		if next, err = w.reached(&c, from.entry, code, from.after); err != nil || next != (part{}) {
			return c, next, err
		}
	}
	return c, next, nil
}

// A codeList is the rows (name, 0, code) of an index.
type codeList struct {
	bucket []byte
	name   string
}

// list returns the codes of a list, as of an entry, that come after one of them.
// Where it was not looked through to its end, end is how far it was. That a row is
// of an entry that says so is not looked at: it would name one code too many.
func (w *changesWalk) list(l codeList, at int64, after verify.Code, most int) (codes []verify.Code, end verify.Code) {
	prefix := append([]byte(l.name), 0)
	c := w.tx.index(l.bucket).Cursor()
	rows := 0
	for k, v := c.Seek(append(slices.Clip(prefix), after...)); len(k) > len(prefix) && string(k[:len(prefix)]) == string(prefix); k, v = c.Next() {
		code := verify.Code(k[len(prefix):])
		if code == after {
			continue
		}
		if len(codes) == most || rows == workMost {
			return codes, end
		}
		end = code
		rows++
		w.work++
		if index, ok := parseNumber(v); ok && index <= at {
			codes = append(codes, code)
		}
	}
	return codes, ""
}

// itemsNamed are the trade items that were ever named for a code.
type itemsNamed struct {
	declared bool // it is that of a declaration
	items    []namedItem
}

// A namedItem is a trade item, and the first entry that named it for a code.
type namedItem struct {
	item verify.GTIN
	at   int64
}

// leading lists where the codes stand to which a statement about a code leads: to
// labels that rest on it, and, as of the entry at, to records of trade items that
// a declaration names. A label is not among the facts about others; but of a trade
// item only so many codes are looked at (see [reading.Naming]), and where a label
// becomes one of them, it may push another out.
func (w *changesWalk) leading(at int64, code verify.Code) (lists []codeList, err error) {
	lists = append(lists, codeList{basisBucket, string(code)})
	r, read := w.read[code]
	if !read {
		entries, err := about(w.tx, w.state.head, code)
		if err != nil {
			return nil, err
		}
		w.work += workRead * len(entries)
		r.declared = len(entries) > 0 && entries[0].Kind == verify.DeclarationPublished
		for _, e := range entries {
			for _, item := range verify.TradeItems(e.Statement) {
				if !slices.ContainsFunc(r.items, func(n namedItem) bool { return n.item == item }) {
					r.items = append(r.items, namedItem{item, e.Index})
				}
			}
		}
		w.read[code] = r
	}
	for _, n := range r.items {
		named, _ := codesUnder(w.tx.index(gtinBucket), string(n.item))
		crowded := n.at == at && len(named) == findMost
		if crowded || r.declared && n.at <= at {
			lists = append(lists, codeList{gtinBucket, string(n.item)})
		}
	}
	return lists, nil
}

// wanted reports whether the query asks for a code, as of an entry.
func (w *changesWalk) wanted(code verify.Code, at int64) bool {
	switch {
	case w.query.Code != "":
		return code == w.query.Code
	case w.query.Holder != "":
		w.work++
		key := append(append([]byte(match.Name(w.query.Holder)), 0), code...)
		index, ok := parseNumber(w.tx.index(holderBucket).Get(key))
		return ok && index <= at
	}
	return true
}
