package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"time"

	"tegata/cmd/labeld/front"
	"tegata/cmd/labeld/settings"
	"tegata/registry/sequencer/remote"
	"tegata/registry/witness"
	"tegata/web"
)

// serving is what labeld serve is told.
type serving struct {
	config string
	print  bool
	level  slog.Level

	data    string
	front   front.Front
	cert    string // file, and its key: TLS
	key     string
	site    web.Config
	asked   []witness.Witness
	seen    observing
	reserve int64    // MiB
	metrics string   // HOST:PORT; empty: nobody is told
	follow  []string // addresses of registries that are mirrored
	trust   []string // their trust files, in the same order
	every   time.Duration
	cluster clustered
}

// settings lists everything that labeld serve can be told. The README has the
// same table, made from this one.
func (s *serving) settings() settings.Table {
	return slices.Concat(settings.Table{
		{Name: "data", Takes: "folder", Needed: true, Set: settings.Text(&s.data),
			What: "the folder that `labeld init` made; with -follow it may be an empty one",
			Risk: "it has the registry's keys: who can read it can sign in its name"},
		{Name: "url", Takes: "https://HOST", Needed: true, Set: settings.Checked(&s.site.URL, web.CheckURL),
			What: "the address people reach it at; its host is printed in QR codes",
			Risk: "another host later, and every printed code leads nowhere: choose it for good"},
		{Name: "listen", Takes: "HOST:PORT", Begins: "127.0.0.1:8080", Set: settings.Listen(&s.front.Listen),
			What: "where it listens: with plain HTTP, unless it has a certificate",
			Risk: "plain HTTP beyond this machine can be read and changed on its way: put a TLS proxy before it"},
		{Name: "tls-cert", Takes: "file", Set: settings.Text(&s.cert),
			What: "certificate for TLS with its chain, in PEM: HTTP/2 and HTTP/1.1 are spoken; read again when it changes, and on SIGHUP",
			Risk: "one that ends is not renewed here; a new one that cannot be used leaves the last in use, and the log says so"},
		{Name: "tls-key", Takes: "file", Set: settings.Text(&s.key),
			What: "its private key, in PEM; mode 0600",
			Risk: "who can read it can answer in the registry's name"},
		{Name: "connections", Takes: "number", Begins: auto, Set: settings.NumberOr(&s.front.Connections, 1, front.ConnectionsMost, auto, front.Unset),
			What: fmt.Sprintf("how many connections are held at once; %s: %d, or what the limit of open files leaves. Where there are more, the one goes that waited longest without a request", auto, front.ConnectionsAuto),
			Risk: "an idle one takes about 20 KiB of memory, 40 with TLS; too few, and while all are being answered the next waits"},
		{Name: "address-connections", Takes: "number", Begins: auto, Set: settings.NumberOr(&s.front.Each, 0, front.ConnectionsMost, auto, front.Unset),
			What: fmt.Sprintf("how many of them one address may have; 0: all; %s: %d, and 0 where it listens on this machine alone and trusts no proxy", auto, front.AddressDefault),
			Risk: "0, and one client can take all that there are"},
		{Name: "rate", Takes: "requests/minute", Begins: auto, Set: settings.NumberOr(&s.front.Rate, 0, front.RateMost, auto, front.Unset),
			What: fmt.Sprintf("how many requests one address may make; 0: as many as it likes; %s: %d, and 0 where it listens on this machine alone and trusts no proxy", auto, front.RateDefault),
			Risk: "too few, and a shop whose tills share an address is turned away; 0, and one client can keep it busy"},
		{Name: "disk-reserve", Takes: "MiB", Begins: "512", Set: settings.Number(&s.reserve, reserveLeast, reserveMost),
			What: fmt.Sprintf("how much of the disk is left free, %d at least: with less no statement is entered, and all is read as always", reserveLeast),
			Risk: "little, and others who write to that disk fill it before anybody comes; much, and statements are turned away early"},
		{Name: "trust-proxy", Takes: "CIDR", Many: true, Set: settings.Each(&s.front.Proxies, parseProxies),
			What: "addresses of proxies that stand before it, such as 127.0.0.1/32: what they say of whom they ask for is believed, and the last address that is none of theirs counts; once for each",
			Risk: "whoever can connect from there, or a proxy that lets the header through as it came, can pass for any address"},
		{Name: "proxy-header", Takes: "name", Begins: "X-Forwarded-For", Set: s.setProxyHeader,
			What: "the header in which they say so: `X-Forwarded-For`, or `Forwarded` (RFC 7239)",
			Risk: "one that they do not write themselves is written by whoever asks"},
		{Name: "drain", Takes: "time", Begins: "0s", Set: settings.Time(&s.front.Drain, 0, drainMost),
			What: "how long it answers on after it was told to stop, while `/readyz` says 503 so that a balancer sends no more; at most 5m. Then it takes no more connections, and what is running has 30s to end",
			Risk: "shorter than the balancer's interval, and it sends to a server that is gone"},
		{Name: "metrics", Takes: "HOST:PORT", Set: settings.Listen(&s.metrics),
			What: "where operators are told how it is: `/metrics` for Prometheus, and `/debug/pprof/`",
			Risk: "no public address: who reaches it sees what is asked and what is in memory, and can slow the server down"},
		{Name: "contact", Takes: "URI", Many: true, Set: settings.Each(&s.site.Contacts, func(value string) (string, error) { return value, web.CheckContact(value) }),
			What: "where a flaw of the server is reported, such as mailto:security@labels.example (`/.well-known/security.txt`); once for each",
			Risk: "without one, who finds a flaw tells it elsewhere"},
		{Name: "witness", Takes: "VKEY URL", Many: true, Set: settings.Each(&s.asked, witness.Parse),
			What: "a witness to offer the log's head to, as `labeld witness` prints it; once for each",
			Risk: "without one, only whoever compares heads notices a second history"},
		{Name: "follow", Takes: "URL", Many: true, Set: settings.Each(&s.follow, remote.Parse),
			What: "a registry to mirror, by an address that people are shown: its log is read, checked and answered from, and nothing is entered in it here; once for each",
			Risk: "its operator decides what is entered, and this server answers for it"},
		{Name: "trust", Takes: "file", Many: true, Set: settings.Each(&s.trust, func(value string) (string, error) { return value, nil }),
			What: "the trust file of the registry to mirror, one for each -follow and in their order",
			Risk: "it decides whose log it is: compare its fingerprint with somebody there"},
		{Name: "follow-every", Takes: "time", Begins: remote.EveryDefault.String(), Set: settings.Time(&s.every, remote.EveryLeast, remote.EveryMost),
			What: "how often a registry that is mirrored is looked at",
			Risk: "so late a revocation there is known here; an old copy is borne with for 60 looks"},
	}, s.cluster.settings(), s.seen.settings(), settings.Table{
		{Name: "log-level", Takes: "level", Begins: "info", Set: settings.Level(&s.level),
			What: "the least that is logged: debug, info, warn or error; JSON on standard error, a line each, half a second late at the most, and at once from warn on",
			Risk: "warn, and no request is logged; debug also names who did not get through a TLS handshake, or broke the rules of HTTP/2"},
		{Name: "log-requests", Takes: "number", Begins: auto, Set: toSample(&s.site.Sample),
			What: "of so many requests one is logged, and every one that failed; 0: only those; auto: up to 100 in a second, and how many were left out",
			Risk: "1, and a busy server writes a line of about 200 bytes for each; auto or more, and what was asked of it then has to be told from a part"},
		{Name: "config", Takes: "file", Alone: true, Set: settings.Text(&s.config),
			What: "a file of settings: a line NAME = VALUE for each, and comments that begin with #",
			Risk: "who can write it decides all the rest"},
		{Name: "print-settings", Alone: true, Set: settings.Switch(&s.print),
			What: "tell what is in force and where each was said, and end; or all that is wrong",
			Risk: "nothing"},
	})
}

// faults are those of settings that do not go together.
func (s *serving) faults() (faults []error) {
	if err := s.seen.check(s.front.Listen); err != nil {
		faults = append(faults, err)
	}
	faults = append(faults, s.cluster.faults()...)
	if (s.cert == "") != (s.key == "") {
		faults = append(faults, errors.New("-tls-cert and -tls-key: TLS needs both, the certificate with its chain and its key"))
	}
	if len(s.follow) != len(s.trust) {
		faults = append(faults, fmt.Errorf("-follow is given %d times and -trust %d times: each registry that is mirrored needs its trust file, in the same order", len(s.follow), len(s.trust)))
	}
	return faults
}

// How much of the disk is left free, in MiB: never less than what the batch in
// hand, the search index and the visits of the observer may take before they look
// again.
const (
	reserveLeast = 256
	reserveMost  = 1 << 30
)

// auto leaves a number to the server: what suits, and of requests that are logged as
// many as come up to a bound in a second.
const auto = "auto"

// toSample sets of how many requests one is logged; 0: of none.
func toSample(to *int) func(string) error {
	return func(value string) error {
		if *to = 0; value == auto {
			return nil
		}
		err := settings.Number(to, 0, 1_000_000)(value)
		if *to == 0 {
			*to = -1
		}
		return err
	}
}

// drainMost is the longest time to end in: a service manager waits no longer.
const drainMost = 5 * time.Minute

// parseProxies reads a network, or one address.
func parseProxies(text string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(text); err == nil && a.Zone() == "" {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(text)
	if err != nil || p != p.Masked() || p.Addr().Is4In6() {
		return p, fmt.Errorf("%q is neither a network, such as 192.0.2.0/24 with no bit set behind the mask, nor an address", text)
	}
	return p, nil
}

func (s *serving) setProxyHeader(name string) error {
	switch {
	case strings.EqualFold(name, "X-Forwarded-For"):
		s.site.Forwarded = false
	case strings.EqualFold(name, "Forwarded"):
		s.site.Forwarded = true
	default:
		return fmt.Errorf("%q is neither X-Forwarded-For nor Forwarded", name)
	}
	return nil
}
