package etcd

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	clientv3 "go.etcd.io/etcd/client/v3"

	"tegata/registry/sequencer"
	"tegata/verify/tlog"
)

// Append writes a batch and the head with it, where the log is still the one that
// the batch follows. Where nothing is known of what became of it, it is asked for
// again: written twice it cannot be.
//
// The error is a [*sequencer.Fault] where the cluster's log and the one that the
// batch follows are not one, as after the cluster was set back to an older state.
func (c *Cluster) Append(ctx context.Context, b sequencer.Batch) error {
	if len(b.Entries) == 0 {
		return c.ask(ctx, func(ctx context.Context) error {
			_, err := c.followed(ctx, b)
			return err
		})
	}
	value, err := marshal(b)
	if err != nil {
		return err
	}
	sent := false
	return c.ask(ctx, func(ctx context.Context) error {
		err := c.append(ctx, b, value, &sent)
		if errors.Is(err, sequencer.ErrBehind) && sent {
			return c.taken(ctx, b, value)
		}
		return err
	})
}

// append asks once for a batch to be written, and sets sent where it was sent.
func (c *Cluster) append(ctx context.Context, b sequencer.Batch, value []byte, sent *bool) error {
	h := c.latest()
	if h.revision == 0 || h.Size != b.First || h.Root != b.Before {
		var err error
		if h, err = c.followed(ctx, b); err != nil {
			return err
		}
	}
	same := []clientv3.Cmp{clientv3.Compare(clientv3.ModRevision(c.headKey()), "=", h.revision)}
	if b.First == 0 {
		same = append(same, clientv3.Compare(clientv3.CreateRevision(c.prefix+"/"), "=", 0).WithPrefix()) // nothing at all is there
	}
	key, before := c.batchKey(b.First), *sent
	*sent = true
	r, err := c.client.Txn(ctx).
		If(append(same, clientv3.Compare(clientv3.CreateRevision(key), "=", 0))...).
		Then(clientv3.OpPut(key, string(value)), clientv3.OpPut(c.headKey(), string(b.Head))).
		Commit()
	if err != nil {
		return err
	}
	if !r.Succeeded {
		*sent = before // this one was not written; an earlier one may have been
		c.forget()
		return sequencer.ErrBehind
	}
	next := head{signed: b.Head, revision: r.Header.Revision}
	if next.Checkpoint, err = parseHead(b.Head); err == nil {
		c.seen(next)
	}
	return nil
}

// followed reads the head, which must be the one that a batch follows.
func (c *Cluster) followed(ctx context.Context, b sequencer.Batch) (head, error) {
	r, err := c.client.Get(ctx, c.headKey())
	if err != nil {
		return head{}, err
	}
	h, err := c.readHead(r)
	switch {
	case err != nil:
		return h, err
	case h.Size > b.First:
		return h, sequencer.ErrBehind
	case h.revision == 0 && b.First > 0:
		return h, c.empty(b.First)
	}
	return h, continues(h, b.First, b.Before)
}

// taken says what stands in the place of a batch that was sent: that very one,
// which was written though nobody said so, or another.
func (c *Cluster) taken(ctx context.Context, b sequencer.Batch, value []byte) error {
	r, err := c.client.Get(ctx, c.batchKey(b.First))
	switch {
	case err != nil:
		return err
	case len(r.Kvs) == 1 && bytes.Equal(r.Kvs[0].Value, value):
		return nil
	}
	return sequencer.ErrBehind
}

// continues reports why a node whose log has that size and root cannot go on from
// the head of the cluster.
func continues(h head, size int64, root tlog.Hash) error {
	switch {
	case h.Size < size:
		return &sequencer.Fault{Reason: sequencer.Older, Size: size, What: fmt.Sprintf("the log in etcd has %d entries, and this node more: etcd was set back to an older state", h.Size)}
	case h.Size == size && size > 0 && h.Root != root:
		return &sequencer.Fault{Reason: sequencer.Forked, Size: size, What: "the log in etcd has as many entries as this node and is another: etcd was set back to an older state and went on from there"}
	}
	return nil
}

// empty says that there is no log, to a node with a log of that size.
func (c *Cluster) empty(size int64) error {
	return &sequencer.Fault{Reason: sequencer.Missing, Size: size, What: "etcd has no log under " + c.prefix + ": create one there, or move one there that a node has"}
}

// ErrExists says that something is under the prefix already.
var ErrExists = errors.New("something is there already")

// Found puts the head of a log that was kept elsewhere under a prefix with nothing
// under it, so that the log goes on here. What came before is copied from a node.
func (c *Cluster) Found(ctx context.Context, signed []byte) error {
	return c.ask(ctx, func(ctx context.Context) error {
		r, err := c.client.Txn(ctx).
			If(clientv3.Compare(clientv3.CreateRevision(c.prefix+"/"), "=", 0).WithPrefix()).
			Then(clientv3.OpPut(c.headKey(), string(signed))).
			Else(clientv3.OpGet(c.headKey())).
			Commit()
		switch {
		case err != nil:
			return err
		case r.Succeeded:
			return nil
		}
		h, err := c.readHead((*clientv3.GetResponse)(r.Responses[0].GetResponseRange()))
		if own, again := parseHead(signed); err == nil && again == nil && h.Checkpoint == own {
			return nil // by the question before, whose answer was lost
		}
		return fmt.Errorf("%s: %w", c.prefix, ErrExists)
	})
}

// Head returns the signed checkpoint under the prefix; nil: there is none. Nothing
// of it is verified.
func (c *Cluster) Head(ctx context.Context) (signed []byte, err error) {
	err = c.ask(ctx, func(ctx context.Context) error {
		r, err := c.client.Get(ctx, c.headKey())
		if err == nil && len(r.Kvs) > 0 {
			signed = r.Kvs[0].Value
		}
		return err
	})
	return signed, err
}

// Withdraw takes away a log of one batch, where its head is the one given: what
// was begun and could not be ended.
func (c *Cluster) Withdraw(ctx context.Context, signed []byte) error {
	return c.ask(ctx, func(ctx context.Context) error {
		_, err := c.client.Txn(ctx).
			If(clientv3.Compare(clientv3.Value(c.headKey()), "=", string(signed))).
			Then(clientv3.OpDelete(c.prefix+"/", clientv3.WithPrefix())).
			Commit()
		return err
	})
}
