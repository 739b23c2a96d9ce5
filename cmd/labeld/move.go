package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"tegata/cmd/labeld/folder"
	"tegata/registry"
	"tegata/registry/sequencer/etcd"
)

// move changes who decides the order of the entries of a registry that is there.
func move(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	var data string
	var to clustered
	var alone bool
	err = flags("move", args, stderr, func(f *flag.FlagSet) {
		f.StringVar(&data, "data", "", "the registry's `folder`; no node of it may be running")
		f.BoolVar(&alone, "alone", false, "go on in this folder's file alone; all other nodes must have ended for good")
		to.flags(f)
	}, "data")
	if err != nil {
		return err
	}
	if alone == (to.target != "") {
		return errors.New("move needs either -etcd, where the order of entries is decided from now on, or -alone")
	}
	d := folder.Folder(data)
	c, err := d.Config()
	if err != nil {
		return err
	}
	var cluster *etcd.Cluster
	order := ""
	if !alone {
		if cluster, order, err = to.open(); err != nil {
			return err
		}
		defer func() { cluster.Close() }()
	}
	r, err := registry.Open(d.Registry(), c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	head, err := r.Checkpoint()
	if err != nil {
		return err
	}
	// The file says so first: after a crash between the two it enters nothing, and
	// this is done again.
	was := r.Order()
	if err := r.Decide(order); err != nil {
		return err
	}
	if cluster != nil {
		if err := cluster.Found(ctx, head); err != nil {
			if errors.Is(err, etcd.ErrExists) { // so it is not this log's: nothing has changed
				err = errors.Join(fmt.Errorf("-etcd: %w: choose another prefix, or delete what is under this one", err), r.Decide(was))
			}
			return err
		}
	}
	size := r.Head().Size
	if alone {
		fmt.Fprintf(stdout, "%s goes on alone after %d entries\n  next  labeld serve -data %s, without -etcd\n", d, size, d)
		return nil
	}
	fmt.Fprintf(stdout, "%s goes on in %s after %d entries\n  next  labeld serve -data %s -url https://YOUR-HOST%s, and on every other node with -peer\n", d, order, size, d, to.again())
	return nil
}

// flags are those of commands but serve.
func (c *clustered) flags(f *flag.FlagSet) {
	f.StringVar(&c.target, "etcd", "", "an etcd cluster that decides the order of entries: `HOST:PORT,…/PREFIX`, all its members and a prefix with nothing under it")
	f.StringVar(&c.cert, "etcd-cert", "", "`file` with a certificate for etcd, in PEM: its members are then https://HOST:PORT")
	f.StringVar(&c.key, "etcd-key", "", "`file` with its private key")
	f.StringVar(&c.ca, "etcd-ca", "", "`file` with certificates of whoever issues those of etcd's members")
}
