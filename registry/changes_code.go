package registry

import (
	"slices"

	"tegata/verify"
)

// concerning lists the entries that may change the answer about a code, in log
// order, and some more: those about it, about what it ever rested on, about records
// of its trade items, and about no code. So a long log is not read for one code.
// Where there are too many to gather, ok is false.
func (w *changesWalk) concerning(code verify.Code) (indexes []int64, ok bool, err error) {
	said, err := about(w.tx, w.state.head, code)
	if err != nil {
		return nil, false, err
	}
	codes := []verify.Code{code}
	for _, e := range said {
		if b, is := e.Body.(*verify.Issued); is && b.Label.Basis.Declaration != "" {
			codes = append(codes, b.Label.Basis.Declaration)
		}
		for _, item := range verify.TradeItems(e.Statement) {
			others, end := w.list(codeList{gtinBucket, string(item)}, w.state.head.Size, "", codesMost)
			if codes = append(codes, others...); end != "" || len(codes) > codesMost {
				return nil, false, nil
			}
		}
	}
	slices.Sort(codes)
	for _, code := range slices.Compact(codes) {
		c := w.tx.index(codeBucket).Cursor()
		for k, _ := c.Seek([]byte(code)); len(k) == len(code)+8 && string(k[:len(code)]) == string(code); k, _ = c.Next() {
			if index, is := parseNumber(k[len(code):]); is && index < w.state.head.Size {
				indexes = append(indexes, index)
			}
		}
		if len(indexes) > workMost {
			return nil, false, nil
		}
	}
	for _, e := range w.state.governance.Entries() {
		if e.Index < w.state.head.Size {
			indexes = append(indexes, e.Index)
		}
	}
	slices.Sort(indexes)
	return slices.Compact(indexes), true, nil
}

// skip returns the first entry, from an index on, that may concern what is asked
// for; the size of the log where none does.
func (w *changesWalk) skip(from int64) int64 {
	if !w.gathered {
		return from
	}
	at, _ := slices.BinarySearch(w.concern, from)
	if at == len(w.concern) {
		return w.state.head.Size
	}
	return w.concern[at]
}
