package registry

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"tegata/verify/bundle"
	"tegata/verify/tlog"
)

// An AuditFault is a place of the log or of an index that is not what replaying
// the log makes it.
type AuditFault struct {
	Place string // such as "entry 12", "hash 20", "index gtin"
	What  string
}

func (f AuditFault) Error() string { return f.Place + ": " + f.What }

// An AuditReport is what an audit found.
type AuditReport struct {
	Size   int64
	Root   tlog.Hash
	Faults []AuditFault // none: all is as it should be
	More   bool         // there were more faults than are listed
}

// faultsMost is how many faults an audit lists before it ends.
const faultsMost = 100

// aheadMost is of how many entries an audit looks at the signatures at once.
const aheadMost = 256

// errEnough ends an audit that has found enough.
var errEnough = errors.New("enough faults")

// errAhead says that entries are being copied whose head is still to come.
var errAhead = errors.New("entries are being copied whose head is still to come: audit when they are all there")

// Audit replays the log up to the present head: every signature, every role and
// order, every hash, every row of every index in both directions. It calls
// progress now and then with the entries done, if progress is not nil. The
// error says that it could not be done, not what was found.
func (r *Registry) Audit(ctx context.Context, progress func(done, of int64)) (AuditReport, error) {
	s := r.state.Load()
	a := &audit{ctx: ctx, head: s.head, progress: progress, report: AuditReport{Size: s.head.Size, Root: s.head.Root}, made: map[string]int64{}}
	err := errStale
	for range 10 {
		if err = r.view(func(tx indexed) error { return a.run(tx, s, r) }); !errors.Is(err, errStale) {
			break
		}
	}
	if err == nil && len(a.report.Faults) == 0 {
		err = r.search.check(ctx, a.fault) // of an index that follows a log without fault
	}
	switch {
	case errors.Is(err, errEnough):
		a.report.More, err = true, nil
	case errors.Is(err, ErrDamaged):
		a.report.Faults = append(a.report.Faults, AuditFault{"file", err.Error()})
		err = nil
	}
	return a.report, err
}

type audit struct {
	ctx      context.Context
	head     tlog.Checkpoint
	progress func(done, of int64)
	report   AuditReport
	made     map[string]int64 // rows that entries make, by bucket, each counted once
	lost     bool             // an entry could not be entered again: what follows rests on nothing
}

func (a *audit) fault(place, format string, args ...any) error {
	a.report.Faults = append(a.report.Faults, AuditFault{place, fmt.Sprintf(format, args...)})
	if len(a.report.Faults) >= faultsMost {
		return errEnough
	}
	return nil
}

func (a *audit) run(tx indexed, s *state, r *Registry) error {
	if err := a.structure(tx.Tx); err != nil {
		return err
	}
	if tx.Bucket(headBucket).Get(aheadKey) != nil {
		return errAhead
	}
	opened, err := r.openHead(tx.Bucket(headBucket).Get(headKey))
	stored := opened.head
	switch {
	case err != nil:
		if err := a.fault("head", "%v", err); err != nil {
			return err
		}
	case stored.Size < s.head.Size, stored.Size == s.head.Size && stored.Root != s.head.Root:
		if err := a.fault("head", "it is not the one that was shown last"); err != nil {
			return err
		}
	default:
		// A commit may have ended between the state and the transaction.
		a.head, a.report.Size, a.report.Root = stored, stored.Size, stored.Root
	}
	if _, err := r.openHead(s.signed); err != nil {
		if err := a.fault("head in memory", "%v", err); err != nil {
			return err
		}
	}
	if err := a.replay(tx); err != nil {
		return err
	}
	return a.indexes(tx)
}

// structure checks the pages of the file. What is not whole is looked at again:
// a commit may just be writing it.
func (a *audit) structure(tx *bolt.Tx) error {
	var err error
	for range 3 {
		err = checkPages(tx.DB().Path(), tx.DB().Info().PageSize, uint64(tx.ID()), true, a.ctx.Err)
		if err == nil || errors.Is(err, errStale) || a.ctx.Err() != nil {
			return err
		}
	}
	if err := a.fault("file", "%v", err); err != nil || errors.Is(err, errMeta) {
		return err
	}
	return errEnough // nothing in it can be followed safely
}

// replay enters every entry again, from nothing, and compares what is stored.
func (a *audit) replay(tx indexed) error {
	replay := bundle.NewReplay()
	for index := range a.head.Size {
		if index%1024 == 0 {
			if err := a.ctx.Err(); err != nil {
				return err
			}
			if a.progress != nil {
				a.progress(index, a.head.Size)
			}
		}
		if index%aheadMost == 0 {
			var ahead [][]byte
			for i := range min(aheadMost, a.head.Size-index) {
				raw, _ := rawEntry(tx.Tx, index+i) // that it is missing is told in its turn
				ahead = append(ahead, raw)
			}
			replay.Ahead(index, ahead)
		}
		if err := a.entry(tx, replay, index); err != nil {
			return err
		}
	}
	root, err := tlog.TreeHash(a.head.Size, hashes(tx.Tx))
	if err != nil || root != a.head.Root {
		return a.fault("head", "the hashes do not give its root")
	}
	if a.progress != nil {
		a.progress(a.head.Size, a.head.Size)
	}
	return nil
}

// entry checks one entry: its hashes, its place in the tree, its signature, that
// it could be entered when it was, and its index rows.
func (a *audit) entry(tx indexed, replay *bundle.Replay, index int64) error {
	place := fmt.Sprintf("entry %d", index)
	raw, err := rawEntry(tx.Tx, index)
	if err != nil {
		return a.fault(place, "it is missing")
	}
	leaf := tlog.LeafHash(raw)
	want, err := tlog.StoredHashes(index, leaf, hashes(tx.Tx))
	if err != nil {
		return a.fault(place, "%v", err)
	}
	first := tlog.StoredHashIndex(0, index)
	for i, h := range want {
		if got := tx.Bucket(hashBucket).Get(number(first + int64(i))); !bytes.Equal(got, h[:]) {
			if err := a.fault(fmt.Sprintf("hash %d", first+int64(i)), "it is not that of %s", place); err != nil {
				return err
			}
		}
	}
	if a.lost {
		return nil
	}
	said, err := replay.Enter(raw)
	if err != nil {
		a.lost = true
		return a.fault(place, "%v", err)
	}
	stored, err := tlog.ParseEntry(raw)
	if err != nil {
		return a.fault(place, "%v", err)
	}
	e := logged{Entry: said, raw: raw, token: stored.Token, status: stored.Status}
	for _, row := range rows(e) {
		if err := a.row(tx, row, e); err != nil {
			return err
		}
	}
	return nil
}
