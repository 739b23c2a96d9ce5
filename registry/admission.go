package registry

import (
	"time"

	"tegata/verify"
)

// check says what stands against entering the statement now, and what its
// record is once it is. Whether its id is used was looked up.
func (b *writing) check(q *request, used bool) (verify.Entry, verify.Record, verify.Faults, error) {
	now := b.registry.config.Now().UTC().Truncate(time.Millisecond)
	if now.Before(b.next.logged) {
		now = b.next.logged
	}
	e := verify.Entry{Index: b.next.head.Size, Logged: now, Key: q.envelope.KeyID, Statement: q.statement}
	next, faults, err := b.admit(e, used)
	return e, next, faults, err
}

// admit says what stands against entering e, also what only the indexes tell, and
// what its record is once it is.
func (b *writing) admit(e verify.Entry, used bool) (next verify.Record, faults verify.Faults, err error) {
	record, err := b.record(e.Code)
	if err != nil {
		return next, nil, err
	}
	if e.Kind.Known() || !b.taking { // what is not known is refused when it comes, and passed over once it is logged
		next, faults = b.next.governance.Admit(record, e)
	}
	if used {
		faults = append(faults, verify.Fault{Field: "id", Rule: verify.IDUsed})
	}
	if l, ok := e.Body.(*verify.Issued); ok {
		taken, err := b.numberOfAnother(e.Code, l.Label.Number)
		if err != nil {
			return next, nil, err
		}
		if taken {
			faults = append(faults, verify.Fault{Field: "label.number", Rule: verify.NumberUsed, Detail: l.Label.Number})
		}
	}
	return next, faults, nil
}

// record folds what was said about a code so far, in this batch too.
func (b *writing) record(code verify.Code) (verify.Record, error) {
	if r, ok := b.records[code]; ok || code == "" {
		return r, nil
	}
	entries, err := aboutBy(b.index(codeBucket), b.next.head.Size, code, b.entry)
	if err != nil {
		return verify.Record{}, err
	}
	return verify.FoldRecord(entries, b.next.governance), nil
}

// numberOfAnother reports whether another code has the registration number.
func (b *writing) numberOfAnother(code verify.Code, n string) (bool, error) {
	key := append(append([]byte(verify.JCSTAR), 0), n...)
	index, ok := parseNumber(b.index(numberBucket).Get(key))
	if !ok {
		return false, nil
	}
	e, err := b.entry(index)
	return e.Code != code, err
}
