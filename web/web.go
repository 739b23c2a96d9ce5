package web

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"

	"tegata/registry"
	"tegata/registry/observer"
	"tegata/web/metrics"
	"tegata/web/openapi"
)

// Config is what the web needs.
type Config struct {
	Registry  *registry.Registry
	Mirrors   []*registry.Registry // whose logs are answered for beside its own; see [front]
	Observer  *observer.Observer   // watches its declarations; nil: nobody does
	URL       string               // where people reach it, such as https://labels.example; printed in QR codes
	Rate      int                  // requests that one address may make in a minute; 0: as many as it likes
	Proxies   []netip.Prefix       // that are believed when they say whom they ask for
	Forwarded bool                 // they say so in Forwarded (RFC 7239), not in X-Forwarded-For
	Contacts  []string             // where a flaw of the server is reported; see [CheckContact]
	Ending    <-chan struct{}      // closed when the server is being stopped: it is then not ready any more; nil: it never is
	Metrics   *metrics.Metrics     // counts requests; nil: nobody does
	Sample    int                  // of so many requests that did not fail one is logged; 0: as many as come up to 100 a second, less than 0: none
	Log       *slog.Logger         // nil means slog.Default()

	copied bool // its pages are served without the registry; see [WriteKit]
}

// A site is what all handlers share.
type site struct {
	registry  *registry.Registry
	others    []*site  // of other logs, for what is asked of all
	prefix    string   // of its addresses, where it is not the log of the root; see [front]
	logs      []string // names of other logs that are answered for here
	observer  *observer.Observer
	host      string
	url       string // where people reach it, without a final slash
	render    *renderer
	examples  examples                  // of every rule
	reports   reports                   // about answers to many questions
	scanner   *scripts                  // of the page /scan
	checker   *scripts                  // of the page /check
	held      atomic.Int64              // bytes of lists that are held until they are answered
	lists     chan struct{}             // holds one for every list that a form sent and that is being answered
	answered  answers                   // to those
	replies   *lately[address, *reply]  // to all others, kept for a while
	making    atomic.Int32              // how many of those are being worked out
	alone     atomic.Uint32             // how many of these did not leave together with others, since some did
	rows      *lately[string, *keptRow] // of lists, and their answers
	yearlies  *yearlies                 // what happened over some days
	least     sizes                     // of artwork, by level
	described *openapi.Document         // this interface
	limits    *limits                   // of each address; nil: none
	proxies   []netip.Prefix            // that are believed
	forwarded bool                      // in Forwarded, not in X-Forwarded-For
	contacts  []string                  // where a flaw is reported
	copied    bool                      // what pages ask for cannot be answered
	lines     lines                     // of the log that requests have
	ending    <-chan struct{}           // closed when the server is being stopped
	metrics   *metrics.Metrics          // nil: nothing is counted
	logger    *slog.Logger
}

// Limits of every connection. A scan is one small request and one small answer.
const (
	headerTime  = 5 * time.Second
	requestTime = 30 * time.Second // to come whole
	answerTime  = 45 * time.Second // and to be answered: also that it did not come
	idleTime    = 2 * time.Minute
	headerBytes = 16 << 10
	streamsMost = 100 // requests at once on one connection of HTTP/2
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
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: streamsMost},
		ErrorLog:          log.New(serverLog{cmp.Or(c.Log, slog.Default())}, "", 0),
	}, nil
}

// A serverLog takes what the server says of connections. That a handshake failed, or
// that HTTP/2 was not spoken by its rules, is said of whoever knocks, with the address
// and in their own words: it is of use only to who looks for it.
type serverLog struct{ *slog.Logger }

func (l serverLog) Write(line []byte) (int, error) {
	level := slog.LevelWarn
	if bytes.HasPrefix(line, []byte("http: TLS handshake error")) || bytes.HasPrefix(line, []byte("http2: ")) && !bytes.HasPrefix(line, []byte("http2: panic")) {
		level = slog.LevelDebug
	}
	l.Log(context.Background(), level, "server", "says", string(bytes.TrimSpace(line)))
	return len(line), nil
}

// NewHandler returns the handler of a server.
func NewHandler(c Config) (http.Handler, error) {
	s, err := newSite(c)
	if err != nil {
		return nil, err
	}
	if len(c.Mirrors) == 0 {
		return s.handler()
	}
	f, err := newFront(c, s)
	if err != nil {
		return nil, err
	}
	return s.observed(s.limited(f)), nil
}

// handler is what every request goes through.
func (s *site) handler() (http.Handler, error) {
	h, err := s.answering()
	if err != nil {
		return nil, err
	}
	return s.observed(s.limited(h)), nil
}

// answering is what every request is answered by.
func (s *site) answering() (http.Handler, error) {
	g, err := s.routes()
	if err != nil {
		return nil, err
	}
	return s.replied(noting(g)), nil
}

func newSite(c Config) (*site, error) {
	host, err := hostOf(c.URL)
	if err != nil {
		return nil, fmt.Errorf("address: %w", err)
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	s := &site{registry: c.Registry, observer: c.Observer, host: host, url: strings.TrimSuffix(c.URL, "/"), contacts: c.Contacts, copied: c.copied, ending: c.Ending, lines: lines{of: c.Sample}, proxies: c.Proxies, forwarded: c.Forwarded, metrics: c.Metrics, logger: c.Log, yearlies: newYearlies(), replies: newReplies(), rows: newRows(), lists: make(chan struct{}, listsAtOnce)}
	for _, contact := range c.Contacts {
		if err := CheckContact(contact); err != nil {
			return nil, err
		}
	}
	if c.Rate > 0 {
		s.limits = newLimits(c.Rate)
	}
	if s.render, err = newRenderer(); err != nil {
		return nil, err
	}
	if s.scanner, err = newScanner(browser); err != nil {
		return nil, err
	}
	if s.checker, err = newScripts(pageCheck); err != nil {
		return nil, err
	}
	if s.least, err = leastSizes(host); err != nil {
		return nil, fmt.Errorf("address: %w", err) // it could not be put into a QR code
	}
	s.described = openapi.New(s.url)
	return s, nil
}

// routes returns what gives each request to its handler. It alone knows gin, and
// uses it as a router.
func (s *site) routes() (*gin.Engine, error) {
	gin.SetMode(gin.ReleaseMode)
	g := gin.New()
	if err := g.SetTrustedProxies(nil); err != nil {
		return nil, err
	}
	g.HandleMethodNotAllowed = true
	g.RedirectFixedPath = false
	g.RedirectTrailingSlash = false // it would follow what a header says
	handle := func(path string, h http.HandlerFunc) gin.HandlerFunc {
		route := s.metrics.Route(path)
		return func(c *gin.Context) {
			recorderOf(c.Request.Context()).route = route
			for _, p := range c.Params {
				c.Request.SetPathValue(p.Key, p.Value)
			}
			h(c.Writer, c.Request)
		}
	}
	compressed, err := newCompressed()
	if err != nil {
		return nil, err
	}
	post := func(path string, h http.HandlerFunc) { g.POST(path, handle(path, h)) }
	get := func(path string, h http.HandlerFunc) {
		h = compressed(h)
		g.GET(path, handle(path, h))
		g.HEAD(path, handle(path, h))
	}

	get("/", s.page(s.home))
	get("/v/:code", s.page(s.scanned))
	get("/V/:code", s.page(s.scanned)) // a QR code is all capitals
	get("/records/:code", s.page(s.record))
	get("/01/:gtin", s.item)
	get("/01/:gtin/*qualifiers", s.item)
	get("/whatif/:code", s.page(s.whatIfPage))
	get("/law", s.page(s.rules))
	get("/log", s.page(s.log))
	get("/search", s.page(s.searchPage))
	get("/about", s.page(s.about))
	get("/docs", s.page(s.docs))
	get("/scan", s.page(s.scan))
	get("/check", s.page(s.check))
	post("/check", s.checkList)
	get("/check/:list", bySuffix("list", ".csv", s.exhibit(s.answersFile), s.page(s.answers)))
	get("/static/:name", s.file(s.static))
	get("/static/:name/:file", s.scriptFile)
	get("/qr/:file", s.file(s.qr))
	get("/qr/:file/:form", s.file(s.artworkFile))
	get("/application/:code", s.page(s.application))
	get("/report", s.page(s.yearlyPage))
	get("/artwork/:code", s.page(s.artworkPage))
	get("/artwork/sheet.pdf", s.file(s.sheet))

	get("/api/v1/verify", s.api(s.find))
	get("/api/v1/verify/:code", bySuffix("code", ".jwt", s.resting(s.answer), s.api(s.verdict)))
	post("/api/v1/verify", s.ask)
	post("/api/v1/columns", s.lookAt)
	get("/api/v1/reports/:file", s.exhibit(s.reportFile))
	get("/api/v1/report", s.api(s.yearlyPage))
	get("/api/v1/report.jwt", s.exhibit(s.yearlySigned))
	get("/api/v1/report.csv", s.exhibit(s.yearlyTable))
	get("/api/v1/bundles/:code", s.exhibit(s.bundle))
	long := func(path string, h http.HandlerFunc) { // each piece of it has a time of its own
		g.GET(path, handle(path, h))
		g.HEAD(path, handle(path, h))
	}
	long("/api/v1/packs", s.packs)
	long("/api/v1/packs/:file", s.pack)
	get("/api/v1/trust", s.exhibit(s.trust))
	get("/api/v1/handovers", s.exhibit(s.handOvers))
	get("/api/v1/applications/:code", s.api(s.application))
	get("/api/v1/records", s.api(s.records))
	get("/api/v1/records/:code", bySuffix("code", ".vc.jwt", s.exhibit(s.credential), s.api(s.record)))
	get("/api/v1/documents/:code", s.api(s.documents))
	get("/archive/:digest", s.archived)
	get("/api/v1/whatif/:code", s.api(s.whatIf))
	get("/api/v1/receipts/:index", bySuffix("index", ".tlog-proof", s.exhibit(s.proof), s.api(s.receipt)))
	get("/api/v1/changes", s.api(s.changes))
	get(atomPath, s.feed(mediaAtom, (*feed).atom))
	get(jsonPath, s.feed(mediaFeed, (*feed).json))
	get("/api/v1/rules", s.api(s.rules))
	get("/api/v1/log", s.api(s.log))
	post("/api/v1/statements", s.post)
	get("/api/v1/statements/:index", s.exhibit(s.envelope))

	get("/openapi.json", s.resting(s.description))
	get("/.well-known/security.txt", s.file(s.securityText))
	get("/.well-known/jwks.json", s.file(s.jwks))
	get("/.well-known/did.json", s.file(s.did))
	get("/.well-known/gs1resolver", s.api(s.gs1Resolver))
	get("/status", s.api(s.statusAggregation))
	get("/status/:n", s.exhibit(s.statusToken))
	get("/status/:n/:purpose", s.exhibit(s.statusBits))
	get("/checkpoint", s.dated(s.checkpoint))
	get("/tile/*path", s.file(s.tile))
	get("/healthz", s.file(s.healthz))
	get("/readyz", s.readyz)

	methods := map[string][]string{}
	for _, r := range g.Routes() {
		methods[r.Path] = append(methods[r.Path], r.Method)
	}
	for path, all := range methods {
		all = append(all, http.MethodOptions)
		slices.Sort(all)
		g.OPTIONS(path, handle(path, preflight(all)))
	}
	g.NoRoute(handle(metrics.None, s.either(&problem{status: http.StatusNotFound, code: problemNotFound})))
	g.NoMethod(handle(metrics.None, s.either(&problem{status: http.StatusMethodNotAllowed, code: problemMethod})))
	return g, nil
}
