package web

import (
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"tegata/registry"
)

// Config is what the web needs.
type Config struct {
	Registry *registry.Registry
	URL      string       // where people reach it, such as https://labels.example; printed in QR codes
	Log      *slog.Logger // nil means slog.Default()
}

// A site is what all handlers share.
type site struct {
	registry *registry.Registry
	host     string
	render   *renderer
	examples examples // of every rule
	logger   *slog.Logger
}

// Limits of every connection. A scan is one small request and one small answer.
const (
	headerTime  = 5 * time.Second
	requestTime = 30 * time.Second // to come whole
	answerTime  = 45 * time.Second // and to be answered: also that it did not come
	idleTime    = 2 * time.Minute
	headerBytes = 16 << 10
)

// NewServer returns a server of the registry's pages, API and log, with its
// limits set; its Addr is for the caller to set.
func NewServer(c Config) (*http.Server, error) {
	h, err := NewHandler(c)
	if err != nil {
		return nil, err
	}
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       requestTime,
		WriteTimeout:      answerTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    headerBytes,
	}, nil
}

// NewHandler returns the handler of a server. It alone knows gin, and uses it as
// a router.
func NewHandler(c Config) (http.Handler, error) {
	host, err := hostOf(c.URL)
	if err != nil {
		return nil, fmt.Errorf("address: %w", err)
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	s := &site{registry: c.Registry, host: host, logger: c.Log}
	if s.render, err = newRenderer(); err != nil {
		return nil, err
	}
	if _, err := s.symbol("000000000012"); err != nil {
		return nil, fmt.Errorf("address: %w", err) // it could not be put into a QR code
	}

	gin.SetMode(gin.ReleaseMode)
	g := gin.New()
	if err := g.SetTrustedProxies(nil); err != nil {
		return nil, err
	}
	g.HandleMethodNotAllowed = true
	g.RedirectFixedPath = false
	g.RedirectTrailingSlash = false // it would follow what a header says
	handle := func(h http.HandlerFunc) gin.HandlerFunc {
		return func(c *gin.Context) {
			for _, p := range c.Params {
				c.Request.SetPathValue(p.Key, p.Value)
			}
			h(c.Writer, c.Request)
		}
	}
	get := func(path string, h http.HandlerFunc) {
		g.GET(path, handle(h))
		g.HEAD(path, handle(h))
	}

	get("/", s.page(s.home))
	get("/v/:code", s.page(s.verdict))
	get("/V/:code", s.page(s.verdict)) // a QR code is all capitals
	get("/records/:code", s.page(s.record))
	get("/law", s.page(s.rules))
	get("/static/:name", s.file(s.static))
	get("/qr/:file", s.file(s.qr))

	get("/api/v1/verify", s.api(s.find))
	get("/api/v1/verify/:code", s.api(s.verdict))
	get("/api/v1/records/:code", s.api(s.record))
	get("/api/v1/receipts/:index", s.api(s.receipt))
	get("/api/v1/rules", s.api(s.rules))
	get("/api/v1/log", s.api(s.log))
	g.POST("/api/v1/statements", handle(s.post))

	get("/checkpoint", s.file(s.checkpoint))
	get("/tile/*path", s.file(s.tile))
	get("/healthz", s.file(s.healthz))
	get("/readyz", s.file(s.readyz))

	g.NoRoute(handle(s.either(&problem{status: http.StatusNotFound, code: problemNotFound})))
	g.NoMethod(handle(s.either(&problem{status: http.StatusMethodNotAllowed, code: problemMethod})))
	return s.observed(g), nil
}
