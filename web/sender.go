package web

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Network is what one sender has of addresses: an address of IPv4, or in IPv6 a
// network of which a sender has all.
func Network(a netip.Addr) netip.Prefix {
	a = a.Unmap().WithZone("")
	bits := 64
	if a.Is4() {
		bits = 32
	}
	p, _ := a.Prefix(bits)
	return p
}

// sender is where a request comes from. What is no address counts as one sender.
func (s *site) sender(r *http.Request) netip.Prefix {
	a, ok := hop(r.RemoteAddr)
	if !ok {
		return netip.Prefix{}
	}
	if s.trusted(a) {
		a = s.before(a, r.Header)
	}
	return Network(a)
}

// trusted reports whether an address is of a proxy that is believed.
func (s *site) trusted(a netip.Addr) bool {
	return slices.ContainsFunc(s.proxies, func(p netip.Prefix) bool { return p.Contains(a) })
}

// before is whom a trusted proxy asks for: the last address that it, or another one
// before it, wrote in the header, and that is of none of them. All that stands before
// that anybody can have written. Where what stands there is no address, it is the
// proxy that told so.
func (s *site) before(proxy netip.Addr, h http.Header) netip.Addr {
	hops, ok := strings.Join(h.Values(forwardedFor), ","), true
	if s.forwarded {
		hops, ok = forwardedHops(strings.Join(h.Values("Forwarded"), ","))
	}
	for ok && hops != "" {
		last := strings.LastIndexByte(hops, ',') + 1
		a, ok := hop(strings.TrimSpace(hops[last:]))
		if !ok {
			return proxy
		}
		if proxy = a; !s.trusted(a) {
			return a
		}
		hops = hops[:max(0, last-1)]
	}
	return proxy
}

const forwardedFor = "X-Forwarded-For"

// hop reads an address that may have a port: 192.0.2.1, 192.0.2.1:1, 2001:db8::1,
// [2001:db8::1] or [2001:db8::1]:1.
func hop(text string) (netip.Addr, bool) {
	if a, err := netip.ParseAddrPort(text); err == nil {
		return a.Addr().Unmap().WithZone(""), true
	}
	if inside, found := strings.CutPrefix(text, "["); found {
		text, found = strings.CutSuffix(inside, "]")
		if !found {
			return netip.Addr{}, false
		}
	}
	a, err := netip.ParseAddr(text)
	return a.Unmap().WithZone(""), err == nil
}

// forwardedHops reads the for= of every element of a Forwarded header (RFC 7239,
// section 4), with a comma between; what has none is "unknown". It refuses what is
// not written by the rules: a quotation mark that is not closed would have one
// element swallow the next.
func forwardedHops(header string) (hops string, ok bool) {
	var all []string
	element := "unknown"
	for rest := header; ; {
		name, after, found := strings.Cut(rest, "=")
		name = strings.TrimSpace(name)
		if !found || name == "" || strings.ContainsAny(name, "\",; \t") {
			return "", false
		}
		var value string
		if quoted, is := strings.CutPrefix(after, `"`); is {
			if value, rest, found = strings.Cut(quoted, `"`); !found || strings.Contains(value, `\`) {
				return "", false // an escaped character is in no address
			}
		} else {
			end := strings.IndexAny(after, ",; \t")
			if end < 0 {
				end = len(after)
			}
			if value, rest = after[:end], after[end:]; strings.Contains(value, `"`) {
				return "", false
			}
		}
		if strings.EqualFold(name, "for") {
			if strings.Contains(value, ",") {
				return "", false
			}
			element = value
		}
		rest = strings.TrimLeft(rest, " \t")
		switch {
		case rest == "":
			return strings.Join(append(all, element), ","), true
		case rest[0] == ',':
			all, element = append(all, element), "unknown"
		case rest[0] != ';':
			return "", false
		}
		rest = rest[1:]
	}
}
