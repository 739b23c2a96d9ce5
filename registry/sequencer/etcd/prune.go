package etcd

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"tegata/registry/sequencer"
	"tegata/verify/tlog"
)

// Keep says how much of the log a cluster keeps: batches entered since Since, and
// of them the latest, so that its database holds no more than Bytes. Its quota
// (--quota-backend-bytes) is to be twice that, since what is deleted is given back
// late.
type Keep struct {
	Since time.Time
	Bytes int64
}

// pruneMost is how many batches are read and deleted at once.
const pruneMost = 16

// pruneWait bounds a compaction, or the defragmentation of one member.
const pruneWait = time.Minute

// Prune deletes the batches that are not to be kept, but for the last one, and has
// the cluster forget their former states. It returns how many it deleted. Several
// nodes may do so at once. A cluster that took nothing more, since its quota was
// used up, is defragmented then, and takes entries again.
func (c *Cluster) Prune(ctx context.Context, keep Keep) (deleted int, err error) {
	used, err := c.used(ctx)
	if err != nil {
		return 0, err
	}
	for over := used - keep.Bytes; ; {
		n, size, revision, err := c.pruneSome(ctx, keep.Since, over)
		deleted, over = deleted+n, over-size
		if err != nil {
			return deleted, err
		}
		if n < pruneMost {
			return deleted, errors.Join(c.compact(ctx, revision), c.mend(ctx))
		}
	}
}

// used is how many bytes the database of a member holds, of the one that holds
// most.
func (c *Cluster) used(ctx context.Context) (most int64, err error) {
	var failed error
	for _, e := range c.client.Endpoints() {
		once, cancel := context.WithTimeout(ctx, onceWait)
		s, err := c.client.Status(once, e)
		cancel()
		if err != nil {
			failed = err // a member that is away is asked next time
			continue
		}
		most = max(most, s.DbSizeInUse)
	}
	if most == 0 {
		return 0, fmt.Errorf("%w: etcd: %w", sequencer.ErrUnavailable, failed)
	}
	return most, nil
}

// pruneSome deletes up to pruneMost of the oldest batches. It returns how many and
// of how many bytes those were, and the revision of the cluster then.
func (c *Cluster) pruneSome(ctx context.Context, since time.Time, over int64) (n int, size, revision int64, err error) {
	err = c.ask(ctx, func(ctx context.Context) error {
		n, size = 0, 0
		r, err := c.client.Get(ctx, c.batchKey(0), clientv3.WithRange(clientv3.GetPrefixRangeEnd(c.prefix+"/log/")), clientv3.WithLimit(pruneMost+1))
		if err != nil {
			return err
		}
		revision = r.Header.Revision
		for ; n < min(len(r.Kvs)-1, pruneMost); n++ {
			kv := r.Kvs[n]
			entered, err := lastEntered(kv.Value)
			if err != nil {
				return &sequencer.Fault{Reason: sequencer.Malformed, What: fmt.Sprintf("%s: %v", kv.Key, err)}
			}
			if size >= over && !entered.Before(since) {
				break
			}
			size += int64(len(kv.Value))
		}
		if n == 0 {
			return nil
		}
		d, err := c.client.Delete(ctx, string(r.Kvs[0].Key), clientv3.WithRange(string(r.Kvs[n].Key)))
		if err == nil {
			revision = d.Header.Revision
		}
		return err
	})
	return n, size, revision, err
}

// lastEntered is when the last entry of a batch was entered.
func lastEntered(value []byte) (time.Time, error) {
	b, err := parse(0, value)
	if err != nil {
		return time.Time{}, err
	}
	e, err := tlog.ParseEntry(b.Entries[len(b.Entries)-1])
	return e.Logged, err
}

// compact has the cluster forget the states before a revision. Whoever waits for
// what follows one of them reads it anew.
func (c *Cluster) compact(ctx context.Context, revision int64) error {
	ctx, cancel := context.WithTimeout(ctx, pruneWait)
	defer cancel()
	_, err := c.client.Compact(ctx, revision, clientv3.WithCompactPhysical())
	if errors.Is(err, rpctypes.ErrCompacted) {
		return nil // another node was faster
	}
	return err
}

// mend gives the room that was freed back, member by member, where the cluster
// takes nothing more for want of it.
func (c *Cluster) mend(ctx context.Context) error {
	once, cancel := context.WithTimeout(ctx, onceWait)
	defer cancel()
	alarms, err := c.client.AlarmList(once)
	if err != nil {
		return err
	}
	for _, a := range alarms.Alarms {
		if a.Alarm != etcdserverpb.AlarmType_NOSPACE {
			continue
		}
		for _, e := range c.client.Endpoints() {
			ctx, cancel := context.WithTimeout(ctx, pruneWait)
			_, err := c.client.Defragment(ctx, e)
			cancel()
			if err != nil {
				return fmt.Errorf("%s: %w", e, err)
			}
		}
		_, err := c.client.AlarmDisarm(ctx, &clientv3.AlarmMember{})
		return err
	}
	return nil
}
