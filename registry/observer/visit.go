package observer

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"golang.org/x/net/html"

	"tegata/verify"
)

// A Visit is what one visit to an address found. It is not yet what a document
// there amounts to: see [Visit.Finding].
type Visit struct {
	At     time.Time
	Status int    // of HTTP, after redirects; 0 where nobody answered
	Media  string // type without parameters; empty where none is said
	Size   int64  // bytes

	SHA256     string // of the bytes; empty where none came whole
	TextSHA256 string // of the text of a page; see [Text]

	Unmodified bool              // the server says: as it was at the last visit
	Login      bool              // there is a login in the place of a document
	Fault      verify.SeenReason // why nothing came whole; empty where it did

	tag, modified string   // validators, for the next visit
	file          string   // holds the bytes; whoever visits removes it
	reading       *reading // of the text of a page or PDF, the first of it; nil: none was read
	err           error    // for the log
}

// A guest visits addresses.
type guest struct {
	client *http.Client
	allow  func(ctx context.Context, address string) bool // whether its host lets an address be visited that another sends to; nil: all
	agent  string                                         // who visits, and why
	time   time.Duration                                  // that a visit may take, whole
	folder string                                         // for the bytes of documents; empty: the system's for temporary files
}

var (
	errRedirects = errors.New("one address sends to the next without end")
	errLogin     = errors.New("it sends to a login, which asks not to be visited by machine")
)

// visit visits an address. Where it was visited before, was is that visit, and the
// server is asked for what is new; nil asks for all. It takes 30 seconds at the
// most and never fails: that nobody answers is a finding too.
func (g *guest) visit(ctx context.Context, address string, was *Visit) (v Visit) {
	ctx, cancel := context.WithTimeout(ctx, g.time)
	defer cancel()
	answer, err := g.ask(ctx, g.heeding(address), address, was)
	if err != nil {
		v.Fault, v.err = faultOf(err), err
		return v
	}
	defer answer.Body.Close()
	v.Status = answer.StatusCode
	v.Media, _, _ = mime.ParseMediaType(answer.Header.Get("Content-Type"))
	v.tag, v.modified = answer.Header.Get("ETag"), answer.Header.Get("Last-Modified")
	switch {
	case v.Status == http.StatusNotModified && was != nil:
		v.Unmodified = true
		return v
	case v.Status != http.StatusOK:
		return v
	}
	v.Login = sentToLogin(address, answer.Request.URL)
	if err := g.take(ctx, &v, answer); err != nil {
		v.Fault, v.err = faultOf(err), err
	}
	return v
}

// heeding is the client for a visit to an address, which is sent on only to where
// that lets itself be visited.
func (g *guest) heeding(address string) *http.Client {
	client := *g.client
	client.CheckRedirect = func(r *http.Request, via []*http.Request) error {
		if err := g.client.CheckRedirect(r, via); err != nil || g.allow == nil || g.allow(r.Context(), r.URL.String()) {
			return err
		}
		if sentToLogin(address, r.URL) {
			return errLogin
		}
		return errRobots
	}
	return &client
}

func (g *guest) ask(ctx context.Context, client *http.Client, address string, was *Visit) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("User-Agent", g.agent)
	r.Header.Set("Accept", "application/pdf, text/html;q=0.9, */*;q=0.5")
	if was != nil && was.tag != "" {
		r.Header.Set("If-None-Match", was.tag)
	}
	if was != nil && was.modified != "" {
		r.Header.Set("If-Modified-Since", was.modified)
	}
	return client.Do(r)
}

var errSize = fmt.Errorf("more than %d bytes", documentMost)

// take takes the document in: into a file, not into memory.
func (g *guest) take(ctx context.Context, v *Visit, answer *http.Response) (err error) {
	f, err := os.CreateTemp(g.folder, visitFiles)
	if err != nil {
		return fmt.Errorf("%w: %w", errHere, err)
	}
	v.file = f.Name()
	defer func() { err = errors.Join(err, f.Close()) }()
	sum := sha256.New()
	v.Size, err = io.Copy(io.MultiWriter(f, sum), io.LimitReader(answer.Body, documentMost+1))
	switch {
	case err == nil && v.Size > documentMost:
		err = errSize
	case err == nil:
		err = ctx.Err() // a server that hears us hang up may end in good order what it had not ended
	}
	if err != nil {
		return err
	}
	v.SHA256 = hex.EncodeToString(sum.Sum(nil))
	if v.Media != mediaHTML && v.Media != mediaXHTML {
		return nil
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("%w: %w", errHere, err)
	}
	page, err := readPage(f, answer.Header.Get("Content-Type"))
	if errors.Is(err, html.ErrBufferExceeded) {
		return nil // no page that a person reads: its bytes have to do
	}
	v.TextSHA256, v.reading = page.digest(), newReading(page.text.String())
	v.Login = v.Login || page.password
	return err
}

// visitFiles is what the files are called that hold what a visit took in.
const visitFiles = "visit-*"

// leavings are the files of visits that nobody removed.
func (g *guest) leavings() []string {
	if g.folder == "" {
		return nil
	}
	all, _ := filepath.Glob(filepath.Join(g.folder, visitFiles))
	return all
}

// errHere is an error of this machine: it says nothing of the document.
var errHere = errors.New("here")

// loginAddress are addresses that a guest is sent to in order to log in, or to
// consent to something.
var loginAddress = regexp.MustCompile(`(?i)(^|[/_.-])(log-?in|service-?login|sign-?in|sso|saml2?|oauth2?|auth|authenticate|authorize|(cookie-?)?consent)([/_.-]|$)`)

// sentToLogin reports whether a guest of an address was sent to one of those.
func sentToLogin(address string, to *url.URL) bool {
	from, err := url.Parse(address)
	return err == nil && !loginAddress.MatchString(from.Host+from.Path) && loginAddress.MatchString(to.Host+to.Path)
}

// faultOf says what an error of a visit means; nothing where it is ours.
func faultOf(err error) verify.SeenReason {
	var (
		name    x509.HostnameError
		invalid x509.CertificateInvalidError
		unknown x509.UnknownAuthorityError
		shaken  *tls.CertificateVerificationError
	)
	switch {
	case errors.Is(err, errHere), errors.Is(err, errRobots):
		return ""
	case errors.Is(err, errLogin):
		return verify.GoneByLogin
	case errors.Is(err, errRedirects):
		return verify.GoneByRedirects
	case errors.Is(err, errSize):
		return verify.GoneBySize
	case errors.As(err, &name), errors.As(err, &invalid), errors.As(err, &unknown), errors.As(err, &shaken):
		return verify.GoneByCertificate
	case errors.Is(err, context.Canceled):
		return "" // whoever visits was stopped
	}
	return verify.GoneByUnreached
}

// remove removes the bytes that a visit took in.
func (v *Visit) remove() {
	if v.file != "" {
		os.Remove(v.file)
	}
}
