package etcd

import (
	"context"
	"fmt"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"tegata/registry/sequencer"
)

// Next returns the batch that holds the entry at size. Where there is none yet it
// waits for it, and returns the head alone when it is another than was seen last,
// and every few seconds, so that it is known that the cluster is there.
func (c *Cluster) Next(ctx context.Context, size int64) (sequencer.Batch, error) {
	for quiet := false; ; {
		before := c.latest()
		b, h, at, err := c.read(ctx, size)
		switch {
		case ctx.Err() != nil:
			return sequencer.Batch{}, ctx.Err()
		case err != nil || len(b.Entries) > 0:
			return b, err
		case quiet || h.revision != before.revision:
			return sequencer.Batch{First: size, Head: h.signed}, nil
		}
		value, err := c.wait(ctx, c.batchKey(size), at+1)
		if value != nil {
			return c.open(size, size, value)
		}
		if quiet = err == nil; !quiet {
			select { // the member has lost its leader, or what was asked for is compacted: read it
			case <-ctx.Done():
			case <-time.After(againPause):
			}
		}
	}
}

// read reads the batch that holds the entry at size, the head, and at which
// revision of the cluster they stand so. No entries: nothing follows yet.
func (c *Cluster) read(ctx context.Context, size int64) (b sequencer.Batch, h head, at int64, err error) {
	err = c.ask(ctx, func(ctx context.Context) error {
		r, err := c.client.Txn(ctx).Then(clientv3.OpGet(c.headKey()), clientv3.OpGet(c.batchKey(size))).Commit()
		if err != nil {
			return err
		}
		at = r.Header.Revision
		if h, err = c.readHead((*clientv3.GetResponse)(r.Responses[0].GetResponseRange())); err != nil {
			return err
		}
		if h.revision == 0 {
			return c.empty(size)
		}
		c.seen(h)
		if h.Size <= size {
			return continues(h, size, h.Root) // whoever has the log compares the root
		}
		if kvs := r.Responses[1].GetResponseRange().Kvs; len(kvs) == 1 {
			b, err = c.open(size, size, kvs[0].Value)
		} else {
			b, err = c.holding(ctx, size)
		}
		b.Known = h.Size
		return err
	})
	return b, h, at, err
}

// holding reads the batch that holds the entry at size and begins before it, as
// for a node whose copy of another's log ended within one.
func (c *Cluster) holding(ctx context.Context, size int64) (sequencer.Batch, error) {
	from := max(0, size-sequencer.EntriesMost)
	keys, err := c.client.Get(ctx, c.batchKey(from), clientv3.WithRange(c.batchKey(size)), clientv3.WithKeysOnly())
	if err != nil {
		return sequencer.Batch{}, err
	}
	if len(keys.Kvs) == 0 {
		return sequencer.Batch{}, sequencer.ErrGone
	}
	last := keys.Kvs[len(keys.Kvs)-1].Key
	first, err := c.first(last)
	if err != nil {
		return sequencer.Batch{}, &sequencer.Fault{Reason: sequencer.Malformed, Size: size, What: err.Error()}
	}
	r, err := c.client.Get(ctx, string(last))
	switch {
	case err != nil:
		return sequencer.Batch{}, err
	case len(r.Kvs) == 0:
		return sequencer.Batch{}, sequencer.ErrGone
	}
	b, err := c.open(first, size, r.Kvs[0].Value)
	if err == nil && b.Size() <= size {
		return sequencer.Batch{}, sequencer.ErrGone
	}
	return b, err
}

// open reads the value of the batch that begins at first.
func (c *Cluster) open(first, size int64, value []byte) (sequencer.Batch, error) {
	b, err := parse(first, value)
	if err != nil {
		err = &sequencer.Fault{Reason: sequencer.Malformed, Size: size, What: fmt.Sprintf("%s: %v", c.batchKey(first), err)}
	}
	return b, err
}

// wait waits for the value of a key that had none before that revision. It is nil
// where none came within quietWait.
func (c *Cluster) wait(ctx context.Context, key string, revision int64) ([]byte, error) {
	ctx, cancel := context.WithTimeout(clientv3.WithRequireLeader(ctx), quietWait)
	defer cancel()
	for r := range c.client.Watch(ctx, key, clientv3.WithRev(revision), clientv3.WithFilterDelete()) {
		if err := r.Err(); err != nil {
			return nil, err
		}
		for _, e := range r.Events {
			return e.Kv.Value, nil
		}
	}
	return nil, nil
}
