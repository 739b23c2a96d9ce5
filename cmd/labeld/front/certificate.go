package front

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// A Certificate is one of TLS, with its chain and key, from two files in PEM. It is
// read again when they change. Where what is there then cannot be used, the last
// that could stays, and the log says why.
type Certificate struct {
	cert, key string // files
	log       *slog.Logger
	now       func() time.Time

	mu     sync.Mutex
	inUse  *tls.Certificate
	seen   [2]os.FileInfo // the files as they were read last
	looked time.Time
}

// lookEvery is how often the files are looked at, at most.
const lookEvery = 2 * time.Second

// OpenCertificate reads a certificate for the first time, from the file with it and
// its chain and the one with its key, mode 0600. One that has ended is refused.
func OpenCertificate(cert, key string, log *slog.Logger) (*Certificate, error) {
	c := &Certificate{cert: cert, key: key, log: log, now: time.Now}
	if _, err := c.look(); err != nil {
		return nil, err
	}
	return c, nil
}

// config is what a server of this certificate speaks.
func (c *Certificate) config() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.current(), nil },
	}
}

// current is the certificate for the next handshake.
func (c *Certificate) current() *tls.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.now(); now.Sub(c.looked) >= lookEvery || now.Before(c.looked) {
		c.renew()
	}
	return c.inUse
}

// Ends is when the certificate for the next handshake ends.
func (c *Certificate) Ends() time.Time { return c.current().Leaf.NotAfter }

// Reload reads the files anew, whether they changed or not.
func (c *Certificate) Reload() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen = [2]os.FileInfo{}
	c.renew()
}

func (c *Certificate) renew() {
	switch changed, err := c.look(); {
	case err != nil:
		c.log.Error("the new TLS certificate cannot be used: the last one stays", "error", err, "until", c.inUse.Leaf.NotAfter)
	case changed:
		c.log.Info("TLS certificate read", "file", c.cert, "until", c.inUse.Leaf.NotAfter)
	}
}

// look reads the files where they are not as they were.
func (c *Certificate) look() (changed bool, err error) {
	c.looked = c.now()
	var now [2]os.FileInfo
	for i, path := range []string{c.cert, c.key} {
		if now[i], err = os.Stat(path); err != nil {
			now[i] = nil
		}
	}
	if c.inUse != nil && same(now[0], c.seen[0]) && same(now[1], c.seen[1]) {
		return false, nil
	}
	c.seen = now
	pair, err := c.read(now[1])
	if err != nil {
		return false, err
	}
	c.inUse = pair
	return true, nil
}

// same reports whether a file is as it was; one that is not there is no other.
func same(a, b os.FileInfo) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return os.SameFile(a, b) && a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size() && a.Mode() == b.Mode()
}

func (c *Certificate) read(key os.FileInfo) (*tls.Certificate, error) {
	if key != nil && key.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s: others can read this key: chmod 600 it, and think about who has", c.key)
	}
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		return nil, fmt.Errorf("%s and %s: %w", c.cert, c.key, err)
	}
	if until := pair.Leaf.NotAfter; c.now().After(until) {
		return nil, fmt.Errorf("%s: it ended on %s", c.cert, until.Format(time.RFC3339))
	}
	return &pair, nil
}
