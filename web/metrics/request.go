package metrics

import (
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// A Route counts requests to one pattern. Of nil its methods do nothing.
type Route struct {
	metrics *Metrics
	pattern string
	counted [methods]counted
}

// counted are the requests of one method. Those that nobody makes are not counted
// as none.
type counted struct {
	once  sync.Once
	class [len(classNames)]prometheus.Counter
	time  prometheus.Observer
}

// None is the pattern of requests that have no route.
const None = "none"

// Route returns the one route of a pattern.
func (m *Metrics) Route(pattern string) *Route {
	if m == nil {
		return nil
	}
	r, _ := m.routes.LoadOrStore(pattern, &Route{metrics: m, pattern: pattern})
	return r.(*Route)
}

// Begin notes that a request is being answered.
func (m *Metrics) Begin() {
	if m != nil {
		m.running.Inc()
	}
}

// End notes that a request of the route, which began, has been answered with a
// status, or that its answer was cut.
func (r *Route) End(method string, status int, cut bool, took time.Duration) {
	if r == nil {
		return
	}
	i := methodOf(method)
	c := &r.counted[i]
	c.once.Do(func() {
		for class, name := range classNames {
			c.class[class] = r.metrics.requests.WithLabelValues(r.pattern, methodNames[i], name)
		}
		c.time = r.metrics.times.WithLabelValues(r.pattern, methodNames[i])
	})
	c.class[classOf(status, cut)].Inc()
	c.time.Observe(took.Seconds())
	r.metrics.running.Dec()
}

// Reply counts that an answer which may be kept was, and was given again, or that it
// had to be made.
func (m *Metrics) Reply(kept bool) {
	switch {
	case m == nil:
	case kept:
		m.kept.Inc()
	default:
		m.made.Inc()
	}
}

// Methods, of which all that are not answered by any route are one.
const (
	methodGet = iota
	methodHead
	methodPost
	methodOptions
	methodOther
	methods
)

var methodNames = [methods]string{"GET", "HEAD", "POST", "OPTIONS", "other"}

func methodOf(method string) int {
	switch method {
	case http.MethodGet:
		return methodGet
	case http.MethodHead:
		return methodHead
	case http.MethodPost:
		return methodPost
	case http.MethodOptions:
		return methodOptions
	}
	return methodOther
}

// classNames are classes of statuses, from 200 on.
var classNames = [...]string{"2xx", "3xx", "4xx", "5xx", "cut"}

func classOf(status int, cut bool) int {
	switch {
	case cut:
		return len(classNames) - 1
	case status == 0: // nothing was written, which the server answers with 200
		return 0
	}
	return min(max(status/100-2, 0), len(classNames)-2)
}
