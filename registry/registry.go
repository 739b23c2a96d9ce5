package registry

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"

	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
	"tegata/verify/tlog"
)

// Config is what a registry needs beside its file.
type Config struct {
	Log      *tlog.LogSigner  // signs checkpoints; its name is the origin
	Cosigner *tlog.Cosigner   // dates them
	Answer   *envelope.Signer // signs what the registry itself says: answers, bundles, status lists
	Now      func() time.Time // nil means time.Now

	HandOvers []bundle.HandOver // of former keys to these, in their order

	Witnesses []tlog.CosignerKey // who is asked to cosign; each once, and not the Cosigner
}

// A Registry is one log with its indexes, in one file. Its methods may be
// called from many goroutines.
type Registry struct {
	config   Config
	db       *bolt.DB
	queue    chan *request
	done     chan struct{} // closed when the writer has ended
	state    atomic.Pointer[state]
	folded   folded
	listings listings
	search   *searcher
	keys     sync.Map // verify.KeyID → envelope.Key, parsed once
	reaches  sync.Map // index of an entry about no code → verify.Reach, worked out once

	// closing guards closed and the sending side of queue.
	closing sync.RWMutex
	closed  bool

	// signing guards cosigned and undated, and is held while lines under the
	// checkpoint of the head are changed: only the writer can be faster then, with
	// a new head.
	signing  sync.Mutex
	cosigned map[tlog.CosignerKey]Cosigned // what each witness said last
	undated  time.Time                     // when the cosigner did not sign, last
}

// A state is what is known without reading the file: the head and what follows
// from it. It is replaced whole, after the transaction that made it, and never
// changed.
type state struct {
	head       tlog.Checkpoint
	signed     []byte    // the checkpoint, signed and dated, with the lines of witnesses
	dated      time.Time // when it was dated
	logged     time.Time // of the last entry
	governance *verify.Governance
}

// Create makes a registry whose entry 0 is the statement registry.created in
// the token, signed by the operator. It refuses where anything is, and leaves
// nothing behind where it fails.
func Create(path string, config Config, token []byte) (_ *Registry, err error) {
	db, err := openFile(path, true)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, db.Close(), os.Remove(path))
		}
	}()
	err = db.Update(func(tx *bolt.Tx) error {
		for _, name := range buckets {
			if _, err := tx.CreateBucket(name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	r := newRegistry(config, db)
	r.state.Store(&state{
		head:       tlog.Checkpoint{Origin: config.Log.Key().Name()},
		governance: verify.FoldGovernance(nil),
	})
	if err := r.first(token); err != nil {
		return nil, err
	}
	r.begin(path)
	return r, nil
}

// begin begins to write, and to make the log searchable.
func (r *Registry) begin(path string) {
	r.search = newSearcher(r, path)
	go r.write()
	go r.search.run()
}

// first enters entry 0 by the way every entry goes.
func (r *Registry) first(token []byte) error {
	q, err := r.open(token)
	if err != nil {
		return err
	}
	if q.statement.Origin != r.Origin() {
		q.faults = append(q.faults, verify.Fault{Field: "origin", Rule: verify.WrongOrigin, Detail: r.Origin()})
	}
	if len(q.faults) > 0 {
		return &Refusal{q.faults}
	}
	r.commit([]*request{q})
	return (<-q.answer).err
}

// Open opens a registry that is there. A file that a crash left behind needs
// nothing but this: the last transaction is whole or not there.
func Open(path string, config Config) (_ *Registry, err error) {
	db, err := openFile(path, false)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%w: no registry is there: create one first", err)
	}
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, db.Close())
		}
	}()
	r := newRegistry(config, db)
	if err := remake(db); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if err := view(db, r.load); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(config.HandOvers) > 0 {
		if _, err := r.Trust(); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	r.begin(path)
	return r, nil
}

func newRegistry(config Config, db *bolt.DB) *Registry {
	if config.Now == nil {
		config.Now = time.Now
	}
	return &Registry{config: config, db: db, queue: make(chan *request, queueSize), done: make(chan struct{}),
		cosigned: map[tlog.CosignerKey]Cosigned{}}
}

// load reads the head and what governs the log, checking both.
func (r *Registry) load(tx *bolt.Tx) error {
	for _, name := range buckets {
		if tx.Bucket(name) == nil {
			return fmt.Errorf("%w: it has no bucket %s, so it is not a registry, or not a whole one", ErrDamaged, name)
		}
	}
	signed := append([]byte(nil), tx.Bucket(headBucket).Get(headKey)...)
	head, cosigned, err := tlog.OpenCheckpoint(signed, r.config.Log.Key(), r.config.Cosigner.Key())
	if err != nil {
		return fmt.Errorf("%w: head: %w", ErrDamaged, err)
	}
	root, err := tlog.TreeHash(head.Size, hashes(tx))
	if err != nil || root != head.Root {
		return fmt.Errorf("%w: the hashes do not give the root of the signed head", ErrDamaged)
	}
	s := &state{head: head, signed: signed}
	for _, c := range cosigned {
		s.dated = c.Time
	}
	last, err := entryIn(tx, head, head.Size-1)
	if err != nil {
		return err
	}
	s.logged = last.Logged
	var said []verify.Entry
	err = tx.Bucket(govBucket).ForEach(func(k, _ []byte) error {
		index, ok := parseNumber(k)
		if n := len(said); !ok || n > 0 && said[n-1].Index >= index {
			return fmt.Errorf("%w: index governance", ErrDamaged)
		}
		e, err := entryIn(tx, head, index)
		if err == nil && e.Code != "" {
			err = fmt.Errorf("%w: index governance: entry %d is about a code", ErrDamaged, index)
		}
		said = append(said, e.Entry)
		return err
	})
	if err != nil {
		return err
	}
	s.governance = verify.FoldGovernance(said)
	if !s.governance.Begun() {
		return fmt.Errorf("%w: entry 0 is not found", ErrDamaged)
	}
	r.state.Store(s)
	return nil
}

// Close takes no more statements, ends those that wait, and closes the file.
func (r *Registry) Close() error {
	r.closing.Lock()
	already := r.closed
	if !already {
		r.closed = true
		close(r.queue)
	}
	r.closing.Unlock()
	<-r.done
	if already {
		return nil
	}
	return errors.Join(r.search.close(), r.db.Close())
}

// Origin names the log.
func (r *Registry) Origin() string { return r.config.Log.Key().Name() }

// LogKey is the key that checkpoints are signed with.
func (r *Registry) LogKey() tlog.LogKey { return r.config.Log.Key() }

// CosignerKey is the key that checkpoints are dated with.
func (r *Registry) CosignerKey() tlog.CosignerKey { return r.config.Cosigner.Key() }

// Answer signs answers of the registry. Its public half is pinned by those who
// keep them.
func (r *Registry) Answer() *envelope.Signer { return r.config.Answer }

// Governance is what governs the log at its head. It is not to be changed.
func (r *Registry) Governance() *verify.Governance { return r.state.Load().governance }

// Head says which head answers rest on now.
func (r *Registry) Head() verify.Log { return r.headOf(r.state.Load()) }

func (r *Registry) headOf(s *state) verify.Log {
	now := r.config.Now().UTC().Truncate(time.Second)
	if now.Before(s.logged) {
		now = s.logged // the clock went back; the log does not
	}
	return verify.Log{Origin: s.head.Origin, Size: s.head.Size, Root: verify.Root(s.head.Root), Time: now}
}

// renewAfter is how old the date of a checkpoint may get before it is dated
// anew, so that a frozen copy shows its age.
const renewAfter = time.Minute

// redateAfter is how long the cosigner is left in peace where it did not sign, so
// that those who read do not each wait for a device that is not well.
const redateAfter = 10 * time.Second

// Checkpoint returns the signed checkpoint of the head, dated within the last
// minute; where the cosigner does not sign, with the date it has: that shows its
// age.
func (r *Registry) Checkpoint() ([]byte, error) {
	s := r.state.Load()
	now := r.config.Now()
	if now.Sub(s.dated) < renewAfter {
		return s.signed, nil
	}
	r.signing.Lock()
	defer r.signing.Unlock()
	s = r.state.Load()
	if now.Sub(s.dated) < renewAfter || now.Sub(r.undated).Abs() < redateAfter {
		return s.signed, nil
	}
	signed, err := tlog.Cosign(s.signed, r.config.Cosigner, now)
	if errors.Is(err, tlog.ErrSigner) {
		r.undated = r.config.Now()
		return s.signed, nil
	}
	if err != nil {
		return nil, err
	}
	renewed := *s
	renewed.signed, renewed.dated = signed, now
	// Where the writer was faster, its checkpoint is newer still.
	if !r.state.CompareAndSwap(s, &renewed) {
		return r.state.Load().signed, nil
	}
	return signed, nil
}

// Ready reports why the registry cannot answer, if it cannot.
func (r *Registry) Ready(ctx context.Context) error {
	r.closing.RLock()
	defer r.closing.RUnlock()
	if r.closed {
		return ErrClosed
	}
	s := r.state.Load()
	return view(r.db, func(tx *bolt.Tx) error {
		_, err := entryIn(tx, s.head, s.head.Size-1)
		return err
	})
}

// key returns the key of that id, parsed, whoever's it is.
func (r *Registry) key(id verify.KeyID) (envelope.Key, bool) {
	jwk, _, ok := r.Governance().KeyOf(id)
	if !ok {
		return envelope.Key{}, false
	}
	if k, ok := r.keys.Load(id); ok {
		return k.(envelope.Key), true
	}
	k, err := envelope.ParseKey(jwk)
	if err != nil {
		return envelope.Key{}, false
	}
	r.keys.Store(id, k)
	return k, true
}
