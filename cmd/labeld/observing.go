package main

import (
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"tegata/cmd/labeld/folder"
	"tegata/cmd/labeld/front"
	"tegata/cmd/labeld/settings"
	"tegata/registry"
	"tegata/registry/observer"
)

// observing is what is said of the observer.
type observing struct {
	key     string
	every   time.Duration
	archive int64 // MiB
	allow   []netip.AddrPort
}

func (o *observing) settings() settings.Table {
	return settings.Table{
		{Name: "observer", Takes: "file", Set: settings.Text(&o.key),
			What: "private key of an observer that the operator has enrolled, or the pkcs11: URI of it: declarations are then watched",
			Risk: "who steals it can say that a declaration is open, changed or gone, until it is retired"},
		{Name: "observe-every", Takes: "time", Begins: "24h", Set: settings.Time(&o.every, everyLeast, everyMost),
			What: "the longest time between two visits to an address, 1m to 48h",
			Risk: "often, and hosts of makers are burdened; seldom, and what has gone is told later"},
		{Name: "archive", Takes: "MiB", Begins: "0", Set: settings.Number(&o.archive, 0, archiveMost),
			What: "how much of what was seen is kept, the latest seen; anybody can then fetch it as an attachment",
			Risk: "it fills the disk that the registry writes to, and republishes what others wrote"},
		{Name: "observe-allow", Takes: "ADDR:PORT", Many: true, Set: settings.Each(&o.allow, parseAllowed),
			What: "an address of this machine that may be visited, for tests; once for each; refused beside a public listener",
			Risk: "whoever publishes a declaration could look into this machine"},
	}
}

// archiveMost is a pebibyte, in MiB: more than there is, and no overflow.
const archiveMost = 1 << 30

func (o *observing) allowFlag(f *flag.FlagSet) {
	f.Func("observe-allow", "an `address:port` of this machine that may be visited although it is not public, for tests; once for each", settings.Each(&o.allow, parseAllowed))
}

func parseAllowed(text string) (netip.AddrPort, error) {
	a, err := netip.ParseAddrPort(text)
	if err == nil && !a.Addr().IsLoopback() {
		err = errors.New("only addresses of this machine can be allowed, such as 127.0.0.1:8443")
	}
	return a, err
}

// check refuses to let test hosts be visited by a server that others can reach:
// whoever could publish a declaration could then look into this machine.
func (o *observing) check(listen string) error {
	if len(o.allow) == 0 || front.Here(listen) {
		return nil
	}
	return fmt.Errorf("-observe-allow is for tests: with it, listen on this machine only, such as -listen 127.0.0.1:8080, not on %s", listen)
}

// How long it may be between two visits. What is said again is said at the first
// visit after 28 days, and must be within 30.
const (
	everyLeast = time.Minute
	everyMost  = 48 * time.Hour
)

// observer returns the observer of a registry, which looks and says nothing where
// no key is given.
func (o *observing) observer(r *registry.Registry, d folder.Folder, url string, logger *slog.Logger) (*observer.Observer, error) {
	c := observer.Config{Registry: r, URL: url, Folder: d.Observer(), Every: o.every, Reach: observer.Reach{Allow: o.allow}, Log: logger, ReadPDF: readPDF}
	if err := os.MkdirAll(c.Folder, 0o700); err != nil {
		return nil, err
	}
	var err error
	if o.key != "" {
		if c.Signer, err = readSigner(o.key); err != nil {
			return nil, err
		}
	}
	if o.archive > 0 {
		if c.Archive, err = observer.NewArchive(filepath.Join(c.Folder, "archive"), o.archive<<20); err != nil {
			return nil, err
		}
	}
	seen, err := observer.New(c)
	if errors.Is(err, observer.ErrRole) {
		err = fmt.Errorf("%s: %w: have the operator enrol it with the role observer (party.enrolled)", o.key, err)
	}
	return seen, err
}
