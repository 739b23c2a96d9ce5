package main

import (
	"fmt"
	"net"
	"net/netip"
	"slices"

	"tegata/registry/witness"
	"tegata/web"
)

// serving is what labeld serve is told.
type serving struct {
	config string
	print  bool

	data, listen string
	site         web.Config
	rate         int
	reserve      int64 // MiB
	asked        []witness.Witness
	seen         observing
}

// settings lists everything that labeld serve can be told. The README has the
// same table, made from this one.
func (s *serving) settings() settings {
	return slices.Concat(settings{
		{name: "data", takes: "folder", needed: true, set: toText(&s.data),
			what: "the folder that `labeld init` made",
			risk: "it has the registry's keys: who can read it can sign in its name"},
		{name: "url", takes: "https://HOST", needed: true, set: toChecked(&s.site.URL, web.CheckURL),
			what: "the address people reach it at; its host is printed in QR codes",
			risk: "another host later, and every printed code leads nowhere: choose it for good"},
		{name: "listen", takes: "HOST:PORT", begins: "127.0.0.1:8080", set: toListen(&s.listen),
			what: "where it listens, with plain HTTP: put a TLS proxy before it",
			risk: "plain HTTP beyond this machine can be read and changed on its way"},
		{name: "rate", takes: "requests/minute", begins: rateAuto, set: func(value string) (err error) { s.rate, err = parseRate(value); return err },
			what: fmt.Sprintf("how many requests one address may make; 0: as many as it likes; %s: %d, and 0 where it listens on this machine alone, since all then come from its proxy", rateAuto, rateDefault),
			risk: "too few, and a shop whose tills share an address is turned away; 0, and one client can keep it busy"},
		{name: "disk-reserve", takes: "MiB", begins: "512", set: toNumber(&s.reserve, reserveLeast, reserveMost),
			what: fmt.Sprintf("how much of the disk is left free, %d at least: with less no statement is entered, and all is read as always", reserveLeast),
			risk: "little, and others who write to that disk fill it before anybody comes; much, and statements are turned away early"},
		{name: "contact", takes: "URI", many: true, set: toEach(&s.site.Contacts, func(value string) (string, error) { return value, web.CheckContact(value) }),
			what: "where a flaw of the server is reported, such as mailto:security@labels.example (`/.well-known/security.txt`); once for each",
			risk: "without one, who finds a flaw tells it elsewhere"},
		{name: "witness", takes: "VKEY URL", many: true, set: toEach(&s.asked, witness.Parse),
			what: "a witness to offer the log's head to, as `labeld witness` prints it; once for each",
			risk: "without one, only whoever compares heads notices a second history"},
	}, s.seen.settings(), settings{
		{name: "config", takes: "file", alone: true, set: toText(&s.config),
			what: "a file of settings: a line NAME = VALUE for each, and comments that begin with #",
			risk: "who can write it decides all the rest"},
		{name: "print-settings", alone: true, set: toSwitch(&s.print),
			what: "tell what is in force and where each was said, and end; or all that is wrong",
			risk: "nothing"},
	})
}

// faults are those of settings that do not go together.
func (s *serving) faults() (faults []error) {
	if err := s.seen.check(s.listen); err != nil {
		faults = append(faults, err)
	}
	return faults
}

// How many requests one address may make in a minute. Behind one address may be a
// whole shop, whose tills each ask for a page and its parts a few times a minute.
const (
	rateDefault = 1200
	rateMost    = 1_000_000
	rateAuto    = "auto"
	rateUnset   = -1
)

// How much of the disk is left free, in MiB: never less than what the batch in
// hand, the search index and the visits of the observer may take before they look
// again.
const (
	reserveLeast = 256
	reserveMost  = 1 << 30
)

func parseRate(value string) (n int, err error) {
	if value == rateAuto {
		return rateUnset, nil
	}
	return n, toNumber(&n, 0, rateMost)(value)
}

// rateOf is the rate that was asked for, or else that which suits where the server
// listens.
func rateOf(asked int, listen string) int {
	if asked != rateUnset {
		return asked
	}
	if here(listen) {
		return 0
	}
	return rateDefault
}

// here reports whether an address to listen on is of this machine alone.
func here(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}
