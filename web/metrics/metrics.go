// Package metrics tells how a server is, in numbers that Prometheus collects.
// What happens is counted as it happens; what stands is looked up when it is asked
// for. Every label has a closed set of values.
package metrics

import (
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics are those of one server. Its methods may be called from many goroutines,
// and of nil they do nothing.
type Metrics struct {
	all *prometheus.Registry

	requests *prometheus.CounterVec
	times    *prometheus.HistogramVec
	running  prometheus.Gauge
	routes   sync.Map // pattern → *Route

	kept, made prometheus.Counter // replies

	outcomes [outcomes]prometheus.Counter
	refused  map[string]prometheus.Counter // by class; it does not change
	batches  prometheus.Observer
	waits    prometheus.Observer

	looked map[string]looked // what is looked up, by name; it does not change

	mu      sync.Mutex
	sources []source
}

// looked is a family that is looked up.
type looked struct {
	kind        prometheus.ValueType
	description *prometheus.Desc
}

// A source looks up how something stands, and tells it.
type source func(tell)

// tell tells the value of a family, with its labels in their order.
type tell func(name string, value float64, labels ...string)

// New returns the metrics of a server, to be shown what it is made of.
func New() *Metrics {
	m := &Metrics{
		all:      prometheus.NewRegistry(),
		requests: counters("tegata_http_requests_total"),
		times:    histograms("tegata_http_request_duration_seconds"),
		running:  prometheus.NewGauge(prometheus.GaugeOpts{Name: "tegata_http_requests_running", Help: of("tegata_http_requests_running").Help}),
		refused:  map[string]prometheus.Counter{},
		looked:   map[string]looked{},
	}
	for _, f := range Families {
		kind := prometheus.GaugeValue
		if f.Kind == counter {
			kind = prometheus.CounterValue
		}
		if f.looked {
			m.looked[f.Name] = looked{kind, prometheus.NewDesc(f.Name, f.Help, f.Labels, nil)}
		}
	}
	replies := counters("tegata_cache_replies_total")
	m.kept, m.made = replies.WithLabelValues("hit"), replies.WithLabelValues("miss")
	said := counters("tegata_statements_total")
	for i, name := range outcomeNames {
		m.outcomes[i] = said.WithLabelValues(name)
	}
	no := counters("tegata_statements_refused_total")
	for _, class := range classes {
		m.refused[class] = no.WithLabelValues(class)
	}
	batches, waits := histograms("tegata_batch_statements"), histograms("tegata_batch_duration_seconds")
	m.batches, m.waits = batches.WithLabelValues(), waits.WithLabelValues()
	m.all.MustRegister(m.requests, m.times, m.running, replies, said, no, batches, waits, m,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// scrapes is how many may collect at once; another waits for none, and is refused.
const scrapes = 4

// Handler answers whoever collects. What cannot be told is left out, and logged.
func (m *Metrics) Handler(log *slog.Logger) http.Handler {
	return promhttp.HandlerFor(m.all, promhttp.HandlerOpts{
		ErrorLog:            slog.NewLogLogger(log.Handler(), slog.LevelError),
		ErrorHandling:       promhttp.ContinueOnError,
		MaxRequestsInFlight: scrapes,
	})
}

// look has a source looked up whenever somebody collects.
func (m *Metrics) look(s source) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sources = append(m.sources, s)
}

// Describe is of [prometheus.Collector].
func (m *Metrics) Describe(descriptions chan<- *prometheus.Desc) {
	for _, l := range m.looked {
		descriptions <- l.description
	}
}

// Collect is of [prometheus.Collector]: it looks everything up that stands.
func (m *Metrics) Collect(metrics chan<- prometheus.Metric) {
	m.mu.Lock()
	sources := m.sources
	m.mu.Unlock()
	for _, s := range sources {
		s(func(name string, value float64, labels ...string) {
			l := m.looked[name]
			metrics <- prometheus.MustNewConstMetric(l.description, l.kind, value, labels...)
		})
	}
}

// seconds is an instant as Prometheus has it; 0 where there is none.
func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}

// one is 1 where something is so, else 0.
func one(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
