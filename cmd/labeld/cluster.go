package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"time"

	"tegata/cmd/labeld/folder"
	"tegata/cmd/labeld/settings"
	"tegata/registry"
	"tegata/registry/sequencer/etcd"
	"tegata/registry/sequencer/remote"
	"tegata/verify/tlog"
)

// clustered is what is told of an etcd cluster that decides the order of entries.
type clustered struct {
	target        string
	cert, key, ca string        // files
	keep          time.Duration // how long the cluster keeps entries
	most          int64         // MiB of its database
	peers         []string      // addresses of other nodes

	close func() // ends what own or create began; nil: nothing
}

// What the cluster keeps, at the least and most.
const (
	keepLeast = time.Hour
	keepMost  = 10 * 366 * 24 * time.Hour
	mostLeast = 16
	mostMost  = 64 << 10
)

// settings are those of labeld serve.
func (c *clustered) settings() settings.Table {
	return settings.Table{
		{Name: "etcd", Takes: "HOST:PORT,…/PREFIX", Set: settings.Checked(&c.target, checkTarget),
			What: "an etcd cluster that decides the order of entries, all its members and a prefix: several nodes then enter them",
			Risk: "who can write there can stop the log; lost with all its data, it is begun again with `labeld move`"},
		{Name: "etcd-cert", Takes: "file", Set: settings.Text(&c.cert),
			What: "this node's certificate for etcd, in PEM, read for every connection: its members are then `https://HOST:PORT`",
			Risk: "without TLS, who can reach etcd can write there"},
		{Name: "etcd-key", Takes: "file", Set: settings.Text(&c.key),
			What: "its private key, in PEM",
			Risk: "who can read it can write to etcd"},
		{Name: "etcd-ca", Takes: "file", Set: settings.Text(&c.ca),
			What: "certificates of whoever issues those of etcd's members, in PEM; without it, those the system trusts",
			Risk: "whoever is in it can pass for etcd"},
		{Name: "etcd-keep", Takes: "time", Begins: "504h", Set: settings.Time(&c.keep, keepLeast, keepMost),
			What: "how long etcd keeps entries, for nodes that were away; the same on all nodes",
			Risk: "a node that was away for longer copies them with -peer"},
		{Name: "etcd-most", Takes: "MiB", Begins: "1024", Set: settings.Number(&c.most, mostLeast, mostMost),
			What: "how large etcd's database may grow before the oldest entries go: half its quota (`--quota-backend-bytes`)",
			Risk: "more than that, and etcd takes nothing more until it is defragmented"},
		{Name: "peer", Takes: "URL", Many: true, Set: settings.Each(&c.peers, remote.Parse),
			What: "another node of this registry, from which entries are copied that etcd no longer has; once for each",
			Risk: "none, and a node that was away for long stays behind; what a peer gives is checked"},
	}
}

func checkTarget(text string) error {
	_, err := etcd.ParseTarget(text)
	return err
}

func (c *clustered) faults() (faults []error) {
	if c.target == "" {
		if c.cert != "" || c.key != "" || c.ca != "" || len(c.peers) > 0 {
			faults = append(faults, errors.New("-etcd-cert, -etcd-key, -etcd-ca and -peer go with -etcd, which is not given"))
		}
		return faults
	}
	t, err := etcd.ParseTarget(c.target)
	if err != nil {
		faults = append(faults, fmt.Errorf("-etcd: %w", err))
	}
	if (c.cert == "") != (c.key == "") {
		faults = append(faults, errors.New("-etcd-cert and -etcd-key: both or neither"))
	}
	if err == nil && !t.TLS() && (c.cert != "" || c.ca != "") {
		faults = append(faults, errors.New("-etcd-cert and -etcd-ca are for TLS: -etcd https://HOST:PORT,…/PREFIX"))
	}
	return faults
}

// again are the flags of a command, as they are given to labeld serve.
func (c *clustered) again() (text string) {
	for _, f := range [][2]string{{" -etcd ", c.target}, {" -etcd-cert ", c.cert}, {" -etcd-key ", c.key}, {" -etcd-ca ", c.ca}} {
		if f[1] != "" {
			text += f[0] + f[1]
		}
	}
	return text
}

// open returns the cluster, and the name by which a registry knows it.
func (c *clustered) open() (*etcd.Cluster, string, error) {
	if err := errors.Join(c.faults()...); err != nil {
		return nil, "", err
	}
	t, err := etcd.ParseTarget(c.target)
	if err != nil {
		return nil, "", err
	}
	var config *tls.Config
	if t.TLS() {
		if config, err = c.tls(); err != nil {
			return nil, "", err
		}
	}
	cluster, err := etcd.Open(t, config)
	return cluster, "etcd:" + t.Prefix, err
}

func (c *clustered) tls() (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.cert != "" {
		// Read for every connection, so that a new one is taken when it is there.
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			pair, err := tls.LoadX509KeyPair(c.cert, c.key)
			return &pair, err
		}
		if _, err := config.GetClientCertificate(nil); err != nil {
			return nil, fmt.Errorf("-etcd-cert, -etcd-key: %w", err)
		}
	}
	if c.ca != "" {
		text, err := os.ReadFile(c.ca)
		if err != nil {
			return nil, fmt.Errorf("-etcd-ca: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("-etcd-ca: %s has no certificate in PEM", c.ca)
		}
	}
	return config, nil
}

// end ends what runs beside a registry, once that is closed.
func (c *clustered) end() {
	if c.close != nil {
		c.close()
	}
}

// create makes the registry of a folder, and where a cluster decides its order,
// there too. Where it fails it leaves nothing behind.
func (c *clustered) create(ctx context.Context, d folder.Folder, with registry.Config, token []byte) (*registry.Registry, error) {
	if c.target == "" {
		return registry.Create(d.Registry(), with, token)
	}
	cluster, order, err := c.open()
	if err != nil {
		return nil, err
	}
	c.close = func() { cluster.Close() }
	with.Order, with.Sequencer = order, cluster
	r, err := registry.Create(d.Registry(), with, token)
	if errors.Is(err, registry.ErrExists) {
		return nil, fmt.Errorf("-etcd: something is under %s already: choose another prefix, or delete what is there", order)
	}
	if err != nil {
		// The log key is new: whatever it has signed there is of this registry.
		head, again := cluster.Head(ctx)
		if _, _, no := tlog.OpenCheckpoint(head, with.Log.Key()); again == nil && no == nil {
			again = cluster.Withdraw(ctx, head)
		}
		if again != nil {
			err = fmt.Errorf("%w; whether something is left under %s cannot be seen: delete it then", err, order)
		}
		return nil, err
	}
	return r, nil
}
