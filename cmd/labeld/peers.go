package main

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"tegata/registry"
	"tegata/registry/sequencer/remote"
	"tegata/verify/bundle"
)

// askPeersEvery is how often a peer is asked again that has not answered.
const askPeersEvery = time.Minute

// compareHandOvers compares with each peer, the address of another node, how the keys of
// a registry were handed over, and logs what is missing here or there: nothing else
// shows it, and by the trust file of a node that lacks a hand-over nothing holds that the
// former key signed. It ends once each has answered, or ctx ends.
func compareHandOvers(ctx context.Context, r *registry.Registry, peers []string, every time.Duration, log *slog.Logger) {
	left := map[string]*remote.Remote{}
	for _, url := range peers {
		left[url] = remote.New(remote.Config{URL: url})
	}
	again := time.NewTicker(every)
	defer again.Stop()
	for {
		for url, peer := range left {
			if theirs, err := peer.HandOvers(ctx); err == nil {
				logHandOvers(r.HandOvers(), theirs, log.With("peer", url))
				delete(left, url)
			}
		}
		if len(left) == 0 {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-again.C:
		}
	}
}

// logHandOvers logs in what the hand-overs here and those of a peer differ.
func logHandOvers(own, theirs []bundle.HandOver, log *slog.Logger) {
	log = log.With("here", len(own), "there", len(theirs))
	both := min(len(own), len(theirs))
	switch {
	case !slices.Equal(own[:both], theirs[:both]):
		log.Error("this node and a peer tell of other hand-overs of the registry's keys: compare handovers.json of both, and give both the one that the keys in use follow from")
	case len(theirs) > both:
		log.Warn("keys of the registry were handed over, and this node does not know of it: what the former ones signed does not hold by its trust file; end it, copy handovers.json and the keys in use from that peer, and start it again")
	case len(own) > both:
		log.Warn("keys of the registry were handed over, and a peer does not know of it: what the former ones signed does not hold by its trust file; end it, copy handovers.json and the keys in use there, and start it again")
	}
}
