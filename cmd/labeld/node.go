package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"tegata/cmd/labeld/folder"
	"tegata/registry"
	"tegata/registry/sequencer"
	"tegata/registry/sequencer/etcd"
	"tegata/registry/sequencer/remote"
	"tegata/verify/bundle"
	"tegata/verify/tlog"
)

// own opens the registry of the folder, alone or as a node of a cluster.
func (s *serving) own(ctx context.Context, d folder.Folder, c registry.Config, log *slog.Logger) (r *registry.Registry, err error) {
	if s.cluster.target == "" {
		if r, err = registry.Open(d.Registry(), c); err != nil {
			return nil, err
		}
		if order := r.Order(); order != "" {
			return nil, errors.Join(fmt.Errorf("%s is a node of a registry whose order of entries is decided by %s: give -etcd, or it would make a second history (labeld move -h tells how one node goes on alone)", d, order), r.Close())
		}
		return r, nil
	}
	cluster, order, err := s.cluster.open()
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, cluster.Close())
		}
	}()
	log = log.With("order", order)
	peers := &sequencer.Peers{Sequencer: cluster}
	for _, url := range s.cluster.peers {
		peers.Nodes = append(peers.Nodes, remote.New(remote.Config{URL: url, Trust: bundle.Trust{
			Origin:       c.Log.Key().Name(),
			LogKeys:      []bundle.Pinned[tlog.LogKey]{{Key: c.Log.Key()}},
			CosignerKeys: []bundle.Pinned[tlog.CosignerKey]{{Key: c.Cosigner.Key()}},
		}}))
	}
	c.Order, c.Sequencer, c.Noticed = order, peers, func(f registry.Following) {
		switch {
		case f.Stopped != nil:
			log.Error("this node stopped at its last good state, and enters nothing more", "entries", f.Size, "error", f.Stopped)
		case f.Failed != nil:
			log.Warn("this node hears nothing from the others, and answers from what it has", "entries", f.Size, "error", f.Failed)
		default:
			log.Info("this node hears from the others again", "entries", f.Size)
		}
	}
	r, err = registry.Join(ctx, d.Registry(), c)
	var fault *sequencer.Fault
	switch {
	case errors.As(err, &fault) && fault.Reason == sequencer.Unsigned:
		return nil, fmt.Errorf("%w; where a key of the registry was handed over, %s says so: copy it from another node, with the keys in use", err, d.HandOvers())
	case errors.Is(err, sequencer.ErrGone) && len(peers.Nodes) == 0:
		return nil, fmt.Errorf("%w: give the address of one as -peer", err)
	case errors.Is(err, registry.ErrOrder):
		return nil, fmt.Errorf("%w: labeld move changes that", err)
	case err != nil:
		return nil, err
	}
	beside, stop := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	running.Go(func() { s.cluster.prune(beside, cluster, log) })
	running.Go(func() { compareHandOvers(beside, r, s.cluster.peers, askPeersEvery, log) })
	s.cluster.close = func() {
		stop()
		running.Wait()
		if err := cluster.Close(); err != nil {
			log.Warn("etcd", "error", err)
		}
	}
	return r, nil
}

// pruneEvery is how often a node looks whether the cluster keeps more than that.
const pruneEvery = 5 * time.Minute

// prune keeps the cluster as small as was asked, until ctx ends.
func (c *clustered) prune(ctx context.Context, cluster *etcd.Cluster, log *slog.Logger) {
	next := time.NewTicker(pruneEvery)
	defer next.Stop()
	for {
		deleted, err := cluster.Prune(ctx, etcd.Keep{Since: time.Now().Add(-c.keep), Bytes: c.most << 20})
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			log.Warn("old entries were not deleted from the cluster", "error", err)
		case deleted > 0:
			log.Info("old entries were deleted from the cluster, and are in the nodes", "batches", deleted)
		}
		select {
		case <-ctx.Done():
			return
		case <-next.C:
		}
	}
}
