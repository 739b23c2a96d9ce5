package registry

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"

	"tegata/registry/sequencer"
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
	Reserve  int64            // bytes that are left free on the disk; see [Registry.Full]

	Sequencer sequencer.Sequencer // decides the order of entries; nil: the file does
	Order     string              // names who decides it, such as etcd:/labels; empty: the file, or who keeps the Original
	Noticed   func(Following)     // is told when who decides it cannot be followed, and when again; nil: nobody is

	// Of a mirror, the log that it is a copy of. It has no Log and no Cosigner, and
	// its Answer is its own.
	Original *Original

	// Answered is told what became of every statement that somebody wanted entered:
	// of its receipt, the index, and whether it was entered just now. Committed is
	// told of every batch of them how many there were and how long it took to
	// decide about them and to write what was entered. Both are called where others
	// wait, by many goroutines; nil: nobody is told.
	Answered  func(Receipt, error)
	Committed func(statements int, took time.Duration)

	// Unsigned is told when the key of the log or of the cosigner does not sign, and
	// with nil when it does again; nil: nobody is told.
	Unsigned func(error)

	HandOvers []bundle.HandOver // of former keys to these, in their order

	Witnesses []tlog.CosignerKey // who is asked to cosign; each once, and not the Cosigner
}

// A Registry is one log with its indexes, in one file. Its methods may be
// called from many goroutines.
type Registry struct {
	config   Config
	db       *bolt.DB
	path     string // of its file, also once it is closed
	queue    chan *submission
	pace     atomic.Int64  // how long a statement of the last batch took, in nanoseconds
	done     chan struct{} // closed when the writer has ended
	unsound  atomic.Pointer[error]
	heads    bundle.Trust // whose heads are believed
	follower *follower
	state    atomic.Pointer[state]
	unfiled  atomic.Pointer[unfiled]
	checked  checked
	folded   folded
	marks    *marks
	places   places
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
	unsigned unsigned
}

// A state is what is known without reading the file: the head and what follows
// from it. It is replaced whole, after the transaction that made it, and never
// changed.
type state struct {
	head       tlog.Checkpoint
	signed     []byte    // the checkpoint, signed and dated, with the lines of witnesses; nil: there is none yet
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
	err = db.Update(func(tx *bolt.Tx) error { return errors.Join(makeBuckets(tx), putOrder(tx, config.Order)) })
	if err != nil {
		return nil, err
	}
	r := newRegistry(config, db)
	if err := r.first(token); err != nil {
		return nil, err
	}
	r.begin(path)
	return r, nil
}

// begin begins to write, to follow whoever decides the order of entries, and to
// make the log searchable.
func (r *Registry) begin(path string) {
	r.search = newSearcher(r, path)
	go r.write()
	go r.follow()
	go r.search.run()
}

// first enters entry 0 by the way every entry goes.
func (r *Registry) first(token []byte) error {
	s, err := r.open(token)
	if err != nil {
		return err
	}
	q := &s.of
	if q.statement.Origin != r.Origin() {
		q.faults = append(q.faults, verify.Fault{Field: "origin", Rule: verify.WrongOrigin, Detail: r.Origin()})
	}
	if len(q.faults) > 0 {
		return &Refusal{q.faults}
	}
	r.commit([]*submission{s})
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
	if err := r.reopen(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if r.state.Load().signed == nil {
		return nil, fmt.Errorf("%s: %w: it is a copy of another node's that was not ended: go on with it", path, ErrDamaged)
	}
	r.begin(path)
	return r, nil
}

// newRegistry is a registry with nothing in it.
func newRegistry(config Config, db *bolt.DB) *Registry {
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Sequencer == nil {
		config.Sequencer = sequencer.Local{}
	}
	r := &Registry{config: config, db: db, path: db.Path(), queue: make(chan *submission, queueSize), done: make(chan struct{}),
		heads: config.heads(), follower: newFollower(), marks: newMarks(), cosigned: map[tlog.CosignerKey]Cosigned{}}
	empty := &state{head: tlog.Checkpoint{Origin: r.Origin()}, governance: verify.FoldGovernance(nil)}
	r.state.Store(empty)
	r.unfiled.Store(newUnfiled(0))
	r.follower.tail = *empty
	return r
}

func makeBuckets(tx *bolt.Tx) error {
	for _, name := range buckets {
		if _, err := tx.CreateBucket(name); err != nil {
			return err
		}
	}
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
	r.follower.end()
	<-r.done
	if already {
		return nil
	}
	r.fileAll()
	return errors.Join(r.search.close(), r.db.Close())
}

// Origin names the log.
func (r *Registry) Origin() string { return r.LogKey().Name() }

// Governance is what governs the log at its head. It is not to be changed.
func (r *Registry) Governance() *verify.Governance { return r.state.Load().governance }

// takes reports whether the registry is not closed.
func (r *Registry) takes() error {
	r.closing.RLock()
	defer r.closing.RUnlock()
	if r.closed {
		return ErrClosed
	}
	return nil
}

// Ready reports why the registry cannot answer, or can take no statements, if it
// cannot.
func (r *Registry) Ready(ctx context.Context) error {
	if err := cmp.Or(r.takes(), r.sound()); err != nil {
		return err
	}
	s := r.state.Load()
	return view(r.db, func(tx *bolt.Tx) error {
		_, err := r.checked.entryIn(tx, s.head, s.head.Size-1)
		return err
	})
}
