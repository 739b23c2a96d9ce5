package etcd

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"

	"tegata/registry/sequencer"
	"tegata/verify/tlog"
)

// Waits. A member that is cut off answers nothing at all, so a question is asked
// of the next one after onceWait; an election takes a second or two, so what was
// asked within askWait of the loss of a leader is still answered.
const (
	onceWait   = 600 * time.Millisecond
	askWait    = 4 * time.Second
	againPause = 50 * time.Millisecond

	// quietWait is how long nothing may be heard from the cluster before it is
	// asked whether it is there.
	quietWait = 5 * time.Second
)

// A Cluster is a sequencer: an etcd cluster that decides the order of entries.
type Cluster struct {
	client *clientv3.Client
	prefix string

	mu    sync.Mutex
	known head // the latest one that was seen
}

// A head is the checkpoint under the prefix at a revision of the cluster.
type head struct {
	tlog.Checkpoint
	signed   []byte
	revision int64 // 0: there is none
}

// Open returns the sequencer at the target. It waits for nobody: that the cluster
// does not answer, the first question tells. The TLS settings are those of a
// target with https://, and nil otherwise.
func Open(t Target, settings *tls.Config) (*Cluster, error) {
	client, err := clientv3.New(clientv3.Config{
		Endpoints: t.Endpoints,
		TLS:       settings,
		// A connection that answers nothing is given up, and a member that was
		// away is soon found again.
		DialKeepAliveTime:    10 * time.Second,
		DialKeepAliveTimeout: 2 * time.Second,
		DialOptions: []grpc.DialOption{grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 2 * time.Second},
			MinConnectTimeout: 2 * time.Second,
		})},
		Logger: zap.NewNop(), // what goes wrong is in the errors
	})
	if err != nil {
		return nil, err
	}
	return &Cluster{client: client, prefix: t.Prefix}, nil
}

// Close ends all connections.
func (c *Cluster) Close() error {
	if err := c.client.Close(); !errors.Is(err, context.Canceled) { // which is how it says that it has
		return err
	}
	return nil
}

func (c *Cluster) headKey() string { return c.prefix + "/head" }

func (c *Cluster) batchKey(first int64) string { return fmt.Sprintf("%s/log/%016x", c.prefix, first) }

// first reads the key of a batch.
func (c *Cluster) first(key []byte) (int64, error) {
	digits, ok := strings.CutPrefix(string(key), c.prefix+"/log/")
	first, err := strconv.ParseInt(digits, 16, 64)
	if !ok || err != nil || c.batchKey(first) != string(key) {
		return 0, fmt.Errorf("key %q", key)
	}
	return first, nil
}

var errNobody = errors.New("no member answers")

// ask asks the cluster until it answers, for askWait at most. The error wraps
// [sequencer.ErrUnavailable] where it did not.
func (c *Cluster) ask(ctx context.Context, question func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, askWait)
	defer cancel()
	var why error
	for {
		once, cancel := context.WithTimeout(clientv3.WithRequireLeader(ctx), onceWait)
		err := question(once)
		cancel()
		var fault *sequencer.Fault
		switch {
		case err == nil, errors.As(err, &fault), errors.Is(err, sequencer.ErrBehind), errors.Is(err, sequencer.ErrGone):
			return err
		case errors.Is(err, rpctypes.ErrNoSpace):
			return fmt.Errorf("%w: the database of etcd is at its quota (%w)", sequencer.ErrUnavailable, err)
		case why == nil || !errors.Is(err, context.DeadlineExceeded):
			why = err
		}
		select {
		case <-ctx.Done():
			if errors.Is(why, context.DeadlineExceeded) {
				why = errNobody
			}
			return fmt.Errorf("%w: etcd: %w", sequencer.ErrUnavailable, why)
		case <-time.After(againPause):
		}
	}
}

// seen takes note of a head, unless a later one is known.
func (c *Cluster) seen(h head) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if h.revision > c.known.revision {
		c.known = h
	}
}

// forget forgets the head, which is no longer what it was.
func (c *Cluster) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known = head{}
}

func (c *Cluster) latest() head {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.known
}

// readHead reads the answer to a question for the head.
func (c *Cluster) readHead(r *clientv3.GetResponse) (head, error) {
	if len(r.Kvs) == 0 {
		return head{}, nil
	}
	h := head{signed: r.Kvs[0].Value, revision: r.Kvs[0].ModRevision}
	var err error
	if h.Checkpoint, err = parseHead(h.signed); err != nil {
		return head{}, &sequencer.Fault{Reason: sequencer.Malformed, What: fmt.Sprintf("%s: %v", c.headKey(), err)}
	}
	return h, nil
}
