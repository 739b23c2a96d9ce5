package verify

import (
	"slices"
	"strings"
)

// Forms of values are read by hand. A label has six of them, and the expressions that
// say the same, which the tests hold these to, were half of what checking it took.

// An alphabet is a set of characters of ASCII.
type alphabet [1 << 8]bool

// letters returns the alphabet of single characters and of ranges, such as "a-z0-9._-".
func letters(all string) *alphabet {
	a := new(alphabet)
	for i := 0; i < len(all); i++ {
		first, last := all[i], all[i]
		if i+2 < len(all) && all[i+1] == '-' {
			i += 2
			last = all[i]
		}
		for c := int(first); c <= int(last); c++ {
			a[c] = true
		}
	}
	return a
}

// spells reports whether s has nothing but characters of a, from least to most of them.
func (a *alphabet) spells(s string, least, most int) bool {
	if len(s) < least || len(s) > most {
		return false
	}
	for i := range len(s) {
		if !a[s[i]] {
			return false
		}
	}
	return true
}

var (
	hexadecimal = letters("0-9a-f")
	numerals    = letters("0-9")
	capitals    = letters("A-Z")
	small       = letters("a-z")
	smallOrNine = letters("a-z0-9")
	anyOrNine   = letters("A-Za-z0-9")

	partyInside = letters("a-z0-9-")
	numberAll   = letters("0-9A-Z-")
	hostInside  = letters("a-z0-9.-")
	pathInside  = letters("a-z0-9._-")
	mailName    = letters("A-Za-z0-9.!#$%&'*+/=?^_{|}~-")
	mailHost    = letters("A-Za-z0-9.-")
	mediaInside = letters("a-z0-9.+-")
)

// enclosed reports whether s has from 1 to most characters, of inside, and begins and ends
// with one of ends.
func enclosed(s string, ends, inside *alphabet, most int) bool {
	return inside.spells(s, 1, most) && ends[s[0]] && ends[s[len(s)-1]]
}

// aUUID reports whether s is a UUID in small letters.
func aUUID(s string) bool {
	return len(s) == 36 && s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-' && hexadecimal.spells(s[:8], 8, 8) &&
		hexadecimal.spells(s[9:13], 4, 4) && hexadecimal.spells(s[14:18], 4, 4) && hexadecimal.spells(s[19:23], 4, 4) && hexadecimal.spells(s[24:], 12, 12)
}

func aDigest(s string) bool  { return hexadecimal.spells(s, 64, 64) }
func aPartyID(s string) bool { return enclosed(s, smallOrNine, partyInside, 64) }
func aNumber(s string) bool  { return numberAll.spells(s, 1, 64) }
func aNation(s string) bool  { return capitals.spells(s, 2, 2) }

func aMail(s string) bool {
	name, host, _ := strings.Cut(s, "@")
	return mailName.spells(name, 1, len(s)) && enclosed(host, anyOrNine, mailHost, len(s))
}

// aTongue reports whether s is a language tag, such as en or zh-Hant-TW (BCP 47).
func aTongue(s string) bool {
	parts := strings.Split(s, "-")
	return small.spells(parts[0], 2, 3) && !slices.ContainsFunc(parts[1:], func(p string) bool { return !anyOrNine.spells(p, 2, 8) })
}

// aMedia reports whether s is a media type without parameters.
func aMedia(s string) bool {
	kind, sub, _ := strings.Cut(s, "/")
	name := func(s string) bool { return mediaInside.spells(s, 1, len(s)) && smallOrNine[s[0]] }
	return name(kind) && name(sub)
}

// ValidOrigin reports whether s can name a log: a host, with or without a path,
// in small letters, without a scheme (c2sp.org/tlog-checkpoint).
// The host has at most 253 characters, the path at most eight parts of 64.
func ValidOrigin(s string) bool {
	address, path, deep := strings.Cut(s, "/")
	host, port, ported := strings.Cut(address, ":")
	if !enclosed(host, smallOrNine, hostInside, 253) || ported && !numerals.spells(port, 1, 5) {
		return false
	}
	for part, parts := "", 0; deep; parts++ {
		part, path, deep = strings.Cut(path, "/")
		if parts == 8 || !pathInside.spells(part, 1, 64) {
			return false
		}
	}
	return true
}
