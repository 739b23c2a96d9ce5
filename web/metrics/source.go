package metrics

import (
	"context"
	"errors"
	"time"

	"tegata/registry"
	"tegata/registry/observer"
	"tegata/registry/sequencer"
)

// lookTime is how long looking up one registry may take.
const lookTime = 5 * time.Second

// Registry has the metrics tell how a registry stands.
func (m *Metrics) Registry(r *registry.Registry) {
	m.look(func(t tell) {
		origin := r.Origin()
		of := func(name string, value float64, labels ...string) {
			t(name, value, append([]string{origin}, labels...)...)
		}
		log(r, of)
		works(r, of)
		following(r, of)
		disk(r, of)
		hits, misses := r.Kept()
		of("tegata_cache_facts_total", float64(hits), "hit")
		of("tegata_cache_facts_total", float64(misses), "miss")
		waiting, wait := r.Queue()
		of("tegata_queue_statements", float64(waiting))
		of("tegata_queue_wait_seconds", wait.Seconds())
		if n, err := r.Searchable(); err == nil {
			of("tegata_search_lag_entries", float64(max(0, r.Head().Size-n)))
		}
	})
}

func log(r *registry.Registry, t tell) {
	r.Checkpoint() // dates it anew; where it cannot, its age tells
	logged, dated := r.Times()
	t("tegata_log_entries", float64(r.Head().Size))
	t("tegata_log_last_entry_timestamp_seconds", seconds(logged))
	t("tegata_log_checkpoint_timestamp_seconds", seconds(dated))
	for _, c := range r.Cosigned() {
		t("tegata_witness_entries", float64(c.Size), c.By.Name())
		t("tegata_witness_timestamp_seconds", seconds(c.Time), c.By.Name())
	}
}

func works(r *registry.Registry, t tell) {
	ctx, cancel := context.WithTimeout(context.Background(), lookTime)
	defer cancel()
	h := r.Health(ctx)
	t("tegata_works", one(h.Reads == nil), "reads")
	if !r.Mirror() {
		t("tegata_works", one(h.Writes == nil), "writes")
	}
	t("tegata_works", one(h.Current == nil), "current")
}

// following tells how a node follows others. Of one that does not there is nothing
// to tell.
func following(r *registry.Registry, t tell) {
	f := r.Following()
	if f.Heard.IsZero() && f.Failed == nil && f.Stopped == nil {
		return
	}
	t("tegata_following_behind_entries", float64(f.Behind()))
	t("tegata_following_heard_timestamp_seconds", seconds(f.Heard))
	t("tegata_following_failing", one(f.Failed != nil))
	var fault *sequencer.Fault
	errors.As(f.Stopped, &fault)
	for _, reason := range sequencer.Reasons {
		t("tegata_following_stopped", one(fault != nil && fault.Reason == reason), string(reason))
	}
}

func disk(r *registry.Registry, t tell) {
	log, search := r.Sizes()
	t("tegata_file_bytes", float64(log), "log")
	t("tegata_file_bytes", float64(search), "search")
	if free, err := r.Free(); err == nil {
		t("tegata_disk_free_bytes", float64(free))
	}
	t("tegata_disk_reserve_bytes", float64(r.Reserve()))
}

// Observer has the metrics tell what an observer does.
func (m *Metrics) Observer(o *observer.Observer) {
	m.look(func(t tell) {
		c := o.Counts()
		t("tegata_observer_visits_total", float64(c.Answered), "answered")
		t("tegata_observer_visits_total", float64(c.Unanswered), "unanswered")
		for seen, n := range c.Said {
			t("tegata_observer_findings_total", float64(n), string(seen))
		}
		t("tegata_observer_findings_total", float64(c.Failed), "failed")
	})
}

// Connections has the metrics tell how many connections are being answered, how
// many wait without a request, and how many there may be.
func (m *Metrics) Connections(counts func() (running, waiting, most int)) {
	m.look(func(t tell) {
		running, waiting, most := counts()
		t("tegata_connections", float64(running), "running")
		t("tegata_connections", float64(waiting), "waiting")
		t("tegata_connections_limit", float64(most))
	})
}

// Certificate has the metrics tell when the certificate in use ends.
func (m *Metrics) Certificate(ends func() time.Time) {
	m.look(func(t tell) { t("tegata_tls_certificate_expiry_timestamp_seconds", seconds(ends())) })
}
