package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"time"

	"tegata/registry"
	"tegata/web"
	"tegata/web/metrics"
)

// profileTime is how long a profile may take: it is asked for in seconds.
const profileTime = 5 * time.Minute

// tellMetrics has operators told how the server is, where that is asked for. The
// address is where they are; the function returned ends it.
func (s *serving) tellMetrics(site web.Config, all []*registry.Registry) (address string, end func(), err error) {
	if s.metrics == "" {
		return "", func() {}, nil
	}
	for _, r := range all {
		site.Metrics.Registry(r)
	}
	if s.seen.key != "" {
		site.Metrics.Observer(site.Observer)
	}
	if c := s.front.Certificate; c != nil {
		site.Metrics.Certificate(c.Ends)
	}
	l, err := net.Listen("tcp", s.metrics)
	if err != nil {
		return "", nil, fmt.Errorf("%w: choose another address with -metrics", err)
	}
	server := metricsServer(site.Metrics, site.Log)
	go func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			site.Log.Error("metrics", "error", err)
		}
	}()
	return l.Addr().String(), func() { server.Close() }, nil
}

// metricsServer answers what operators alone are told: metrics, and profiles of the
// process.
func metricsServer(m *metrics.Metrics, log *slog.Logger) *http.Server {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", m.Handler(log))
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return &http.Server{
		Handler:           mux,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      profileTime,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}
