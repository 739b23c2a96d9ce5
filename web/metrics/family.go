package metrics

import "github.com/prometheus/client_golang/prometheus"

// A Family is one metric, as it is documented.
type Family struct {
	Name   string
	Kind   string // counter, gauge or histogram
	Labels []string
	Help   string

	buckets []float64 // of a histogram
	looked  bool      // it is looked up when somebody collects
}

const (
	counter   = "counter"
	gauge     = "gauge"
	histogram = "histogram"
)

// Upper ends of buckets: of requests from what a scan takes to where it is given
// up; of batches from one write to a disk to one that hangs; and of their sizes.
var (
	requestBuckets = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, 1, 5, 30}
	batchBuckets   = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5}
	sizeBuckets    = []float64{1, 2, 4, 8, 16, 32, 64, 128, 256, 512}
)

// Families are all metrics, but those of the Go runtime (go_…) and of the process
// (process_…). The names are never renamed and never reused: alerts rest on them.
var Families = []Family{
	{Name: "tegata_http_requests_total", Kind: counter, Labels: []string{"route", "method", "class"},
		Help: "Requests answered, by the pattern of their route (none: they have none, or were turned away before it), method, and class of the status: 2xx to 5xx, or cut where the answer was not sent to its end."},
	{Name: "tegata_http_request_duration_seconds", Kind: histogram, Labels: []string{"route", "method"}, buckets: requestBuckets,
		Help: "How long requests took, from their header to the end of the answer."},
	{Name: "tegata_http_requests_running", Kind: gauge,
		Help: "Requests that are being answered."},
	{Name: "tegata_cache_replies_total", Kind: counter, Labels: []string{"result"},
		Help: "Answers that may be kept: hit, given again as they were, or miss, made."},
	{Name: "tegata_cache_facts_total", Kind: counter, Labels: []string{"origin", "result"}, looked: true,
		Help: "Look-ups of a code: hit, what is said of it was kept, or miss, read from the file."},
	{Name: "tegata_connections", Kind: gauge, Labels: []string{"state"}, looked: true,
		Help: "Connections: running, with a request, or waiting, without."},
	{Name: "tegata_connections_limit", Kind: gauge, looked: true,
		Help: "How many there may be. Where there are more, one that waits goes for the next; where none waits, the next does."},

	{Name: "tegata_statements_total", Kind: counter, Labels: []string{"outcome"},
		Help: "Statements that somebody wanted entered: entered, before (they were entered already), refused, malformed, unknown_key, bad_signature, busy (too many waited), disk_full, read_only (entered elsewhere), or failed."},
	{Name: "tegata_statements_refused_total", Kind: counter, Labels: []string{"class"},
		Help: "Statements refused with a fault of that class: form, authority, order or law. One may have several."},
	{Name: "tegata_batch_duration_seconds", Kind: histogram, buckets: batchBuckets,
		Help: "How long it took to decide about a batch of statements and to write durably what was entered."},
	{Name: "tegata_batch_statements", Kind: histogram, buckets: sizeBuckets,
		Help: "Statements of one batch."},
	{Name: "tegata_queue_statements", Kind: gauge, Labels: []string{"origin"}, looked: true,
		Help: "Statements that wait to be decided about; 4096 are taken."},
	{Name: "tegata_queue_wait_seconds", Kind: gauge, Labels: []string{"origin"}, looked: true,
		Help: "How long those take, at the pace of the last batch."},

	{Name: "tegata_log_entries", Kind: gauge, Labels: []string{"origin"}, looked: true,
		Help: "Entries of the log, by its origin."},
	{Name: "tegata_log_last_entry_timestamp_seconds", Kind: gauge, Labels: []string{"origin"}, looked: true,
		Help: "When the last entry was logged."},
	{Name: "tegata_log_checkpoint_timestamp_seconds", Kind: gauge, Labels: []string{"origin"}, looked: true,
		Help: "When the checkpoint was dated last. It is dated anew when it is a minute old and somebody asks, as whoever collects does."},
	{Name: "tegata_witness_entries", Kind: gauge, Labels: []string{"origin", "witness"}, looked: true,
		Help: "Entries of the log when the witness cosigned it last; 0: not since the start."},
	{Name: "tegata_witness_timestamp_seconds", Kind: gauge, Labels: []string{"origin", "witness"}, looked: true,
		Help: "When the witness cosigned last; 0: not since the start."},

	{Name: "tegata_works", Kind: gauge, Labels: []string{"origin", "what"}, looked: true,
		Help: "Whether it works, 1 or 0, as /readyz says: reads, writes (absent of a mirror), current (all is here that the log was known to have ten seconds ago)."},
	{Name: "tegata_following_behind_entries", Kind: gauge, Labels: []string{"origin"}, looked: true,
		Help: "Of a node that follows others: entries that are known of and not here."},
	{Name: "tegata_following_heard_timestamp_seconds", Kind: gauge, Labels: []string{"origin"}, looked: true,
		Help: "When who decides the order of entries, the origin or the cluster, answered last; 0: not since the start."},
	{Name: "tegata_following_failing", Kind: gauge, Labels: []string{"origin"}, looked: true,
		Help: "Whether it did not answer last, 1 or 0."},
	{Name: "tegata_following_stopped", Kind: gauge, Labels: []string{"origin", "reason"}, looked: true,
		Help: "Whether nothing more is taken since what was given is not what it should be, 1 or 0, by why: altered, missing, forked, older, unsigned, malformed, unlawful or other_log."},

	{Name: "tegata_file_bytes", Kind: gauge, Labels: []string{"origin", "file"}, looked: true,
		Help: "Size of the file of the log, and of that of the search index."},
	{Name: "tegata_disk_free_bytes", Kind: gauge, Labels: []string{"origin"}, looked: true,
		Help: "What may still be written to the disk that the file of the log is on."},
	{Name: "tegata_disk_reserve_bytes", Kind: gauge, Labels: []string{"origin"}, looked: true,
		Help: "What is left of it: with less free no statement is entered."},
	{Name: "tegata_search_lag_entries", Kind: gauge, Labels: []string{"origin"}, looked: true,
		Help: "Entries that cannot be searched for yet; absent where the index cannot be read."},

	{Name: "tegata_observer_visits_total", Kind: counter, Labels: []string{"result"}, looked: true,
		Help: "Visits to declarations: answered or unanswered."},
	{Name: "tegata_observer_findings_total", Kind: counter, Labels: []string{"seen"}, looked: true,
		Help: "What was said of declarations in the log: open, changed or gone; failed where it could not be entered."},

	{Name: "tegata_tls_certificate_expiry_timestamp_seconds", Kind: gauge, looked: true,
		Help: "When the certificate in use ends; absent where the server speaks plain HTTP."},
}

// of returns the family of that name, which there is.
func of(name string) Family {
	for _, f := range Families {
		if f.Name == name {
			return f
		}
	}
	panic("no metric " + name)
}

func counters(name string) *prometheus.CounterVec {
	f := of(name)
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: f.Name, Help: f.Help}, f.Labels)
}

func histograms(name string) *prometheus.HistogramVec {
	f := of(name)
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: f.Name, Help: f.Help, Buckets: f.buckets}, f.Labels)
}
