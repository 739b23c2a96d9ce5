package bench

import (
	"encoding/binary"
	"path/filepath"

	bolt "go.etcd.io/bbolt"
)

// raw is a store that enters what it is given, in the order in which it comes, and
// nothing else: one goroutine takes whatever waits into one transaction.
type raw struct {
	*bench
	db    *bolt.DB
	queue chan rawValue
	next  uint64
}

type rawValue struct {
	bytes []byte
	done  chan struct{}
}

func newRaw(b *bench) *raw {
	b.Helper()
	db, err := bolt.Open(filepath.Join(b.dir, "raw.db"), 0o600, nil)
	if err != nil {
		b.Fatal(err)
	}
	r := &raw{bench: b, db: db, queue: make(chan rawValue, writers)}
	ended := make(chan struct{})
	go func() { defer close(ended); r.write() }()
	b.Cleanup(func() { close(r.queue); <-ended; db.Close() })
	return r
}

// enter returns once the value is durable.
func (r *raw) enter(value []byte) {
	v := rawValue{value, make(chan struct{})}
	r.queue <- v
	<-v.done
}

func (r *raw) write() {
	for v := range r.queue {
		batch := []rawValue{v}
		for len(r.queue) > 0 {
			batch = append(batch, <-r.queue)
		}
		err := r.db.Update(func(tx *bolt.Tx) error {
			values, err := tx.CreateBucketIfNotExists([]byte("values"))
			for i := 0; err == nil && i < len(batch); i++ {
				err = values.Put(binary.BigEndian.AppendUint64(nil, r.next), batch[i].bytes)
				r.next++
			}
			return err
		})
		if err != nil {
			r.Error(err)
		}
		for _, v := range batch {
			close(v.done)
		}
	}
}
