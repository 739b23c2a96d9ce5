package observer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"tegata/registry"
	"tegata/verify"
	"tegata/verify/envelope"
)

// product names who visits, as robots.txt files know it.
const product = "tegata-observer"

// A Config is what an observer needs.
type Config struct {
	Registry *registry.Registry
	Signer   *envelope.Signer // of a party that is an observer
	URL      string           // where people reach the registry, told to those who are visited
	Folder   string           // for what is remembered between two visits
	Every    time.Duration    // the longest time between two visits to an address; 0 means 24 hours
	Reach    Reach
	Archive  *Archive // keeps what was seen; nil: nothing is kept

	// ReadPDF returns the text of the PDF in a file. It is made by anybody, so it is
	// read by a process of its own (see [ReadPDF]). Nil: no PDF is read.
	ReadPDF func(ctx context.Context, path string) (string, error)

	Now func() time.Time // nil means time.Now
	Log *slog.Logger     // nil means slog.Default()
}

// An Observer watches the declarations of one registry. Its methods may be called
// from many goroutines.
type Observer struct {
	Config
	guest    *guest
	robots   robots
	compared compared
	reading  sync.Mutex // of a PDF
	counted  counted
	look     func(ctx context.Context, address string, was *Visit) Visit
}

// ErrRole says that a key is not that of an observer of the log.
var ErrRole = errors.New("not the key of an observer")

// New returns an observer. The error wraps [ErrRole] where the log does not know
// its key as that of an observer: the operator enrols one, whose key may be on the
// server. The operator's own key is not to be there.
func New(c Config) (*Observer, error) {
	if c.Every == 0 {
		c.Every = 24 * time.Hour
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if !c.Reach.Check() {
		return nil, errors.New("only addresses of this machine can be allowed beyond the public web")
	}
	o := &Observer{Config: c}
	o.guest = &guest{client: c.Reach.client(), agent: agent(c.URL), time: visitTime, folder: c.Folder}
	o.guest.allow = func(ctx context.Context, address string) bool { return o.robots.allow(ctx, o.guest, address, o.Now()) }
	o.look = o.visit
	if c.Signer == nil {
		return o, nil // it looks, and says nothing
	}
	g := c.Registry.Governance()
	_, by, known := g.KeyOf(c.Signer.Key().ID())
	if p, _ := g.Party(by); !known || p.Role != verify.Observer {
		return nil, fmt.Errorf("%w: %s", ErrRole, c.Signer.Key().ID())
	}
	return o, nil
}

// agent says who visits, and why.
func agent(url string) string {
	return product + "/1 (+" + url + "/about; looks whether declarations of product security are open to the public)"
}

// visit is one visit to an address, as its host lets us.
func (o *Observer) visit(ctx context.Context, address string, was *Visit) Visit {
	now := o.Now().UTC().Truncate(time.Second)
	if !o.robots.allow(ctx, o.guest, address, now) {
		return Visit{At: now, err: errRobots}
	}
	v := o.guest.visit(ctx, address, was)
	v.At = now
	o.read(ctx, &v)
	return v
}

var errRobots = errors.New("its host asks not to be visited by machine")

// Run visits and says what was found until ctx ends. What is remembered between
// two visits is then written down.
func (o *Observer) Run(ctx context.Context) error {
	for _, left := range o.guest.leavings() { // by one that did not end in good order
		os.Remove(left)
	}
	memories, err := openMemories(filepath.Join(o.Folder, "observer.json"), &o.compared)
	if err != nil {
		o.Log.Warn("observer begins anew", "error", err)
	}
	r := &round{Observer: o, memories: memories, schedule: newSchedule(), codes: map[string]map[verify.Code]bool{}, at: map[verify.Code][]string{}, found: make(chan found)}
	r.begun = o.now()
	defer o.guest.client.CloseIdleConnections()
	return r.run(ctx)
}

// now is the instant that statements are made at, in whole seconds: a log does not
// go back, and what was entered a moment ago was not made after this.
func (o *Observer) now() time.Time {
	now := o.Now().UTC().Truncate(time.Second)
	if head := o.Registry.Head().Time; now.Before(head) {
		return head.Add(time.Second - 1).Truncate(time.Second)
	}
	return now
}

// say enters an observation in the log.
func (o *Observer) say(ctx context.Context, code verify.Code, seen verify.Observed, now time.Time) error {
	_, by, _ := o.Registry.Governance().KeyOf(o.Signer.Key().ID())
	token, err := o.Signer.SealStatement(verify.Statement{
		Head: verify.Head{Kind: verify.DeclarationObserved, Origin: o.Registry.Origin(), By: by, Made: now, Code: code},
		Body: &seen,
	})
	if err != nil {
		return err
	}
	_, err = o.Registry.Append(ctx, token)
	o.counted.said(seen.Seen, err)
	return err
}

// links returns the links of a declaration that are to be watched at t: none of
// one that was withdrawn or that nobody can trust, since nothing rests on it any
// more.
func (o *Observer) links(ctx context.Context, code verify.Code, t time.Time) (*verify.Record, []verify.Link, error) {
	f, err := o.Registry.Lookup(ctx, code)
	if err != nil {
		return nil, nil, err
	}
	r := f.Record(verify.Known{})
	if r.Declaration == nil {
		return r, nil, nil
	}
	switch r.Status(t) {
	case verify.StatusWithdrawn, verify.StatusUntrusted:
		return r, nil, nil
	}
	return r, r.LinksAt(t), nil
}
