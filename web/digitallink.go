package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tegata/verify"
)

// A digitalLink is the address of a trade item as GS1 writes it (GS1 Digital
// Link URI Syntax 1.6.0): /01/ and its GTIN, then key qualifiers that single out
// a batch or a unit of it, from the widest to the narrowest.
type digitalLink struct {
	Item       verify.GTIN
	Qualifiers []qualifier
}

// A qualifier is one application identifier of an address with its value.
type qualifier struct{ AI, Value string }

// qualifierOrders are the key qualifiers of a GTIN in the orders in which they
// may follow it, any of which may be missing, and qualifierMost is how many
// characters their values have at most.
var (
	qualifierOrders = [][]string{{"22", "10", "21"}, {"235"}}
	qualifierMost   = map[string]int{"22": 20, "10": 20, "21": 20, "235": 28}
)

// qualifierSet are the characters of a value, GS1 AI encodable character set 82.
const qualifierSet = `!"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz`

const faultQualifier verify.FaultRule = "qualifier" // detail: an AI, or what stands in its place

const fieldPath = "path"

// parseDigitalLink reads the path of an address, still escaped, since a value
// may have a slash in it. A GTIN of 8, 12 or 13 digits is taken too, and a slash
// at the end. It names everything that is wrong at once; what is behind the
// question mark is no part of which item is meant.
func parseDigitalLink(escaped string) (digitalLink, *problem) {
	p := &problem{status: http.StatusBadRequest, code: problemParameter}
	parts := strings.Split(strings.TrimSuffix(strings.TrimPrefix(escaped, "/01/"), "/"), "/")
	var d digitalLink
	var err error
	if d.Item, err = verify.ParseGTIN(parts[0]); err != nil {
		p.fault(paramGTIN, verify.NotGTIN, "")
	}
	var ais []string
	if len(parts) > 1+2*len(qualifierMost) { // no address has as many
		p.fault(fieldPath, faultQualifier, shortened(parts[1]))
		parts = parts[:1]
	}
	for pair := range slices.Chunk(parts[1:], 2) {
		ai, value := pair[0], ""
		if len(pair) == 2 {
			value, err = url.PathUnescape(pair[1])
		}
		most, known := qualifierMost[ai]
		outside := func(c rune) bool { return !strings.ContainsRune(qualifierSet, c) }
		if !known || err != nil || value == "" || len(value) > most || strings.ContainsFunc(value, outside) {
			p.fault(fieldPath, faultQualifier, shortened(ai))
		}
		ais = append(ais, ai)
		d.Qualifiers = append(d.Qualifiers, qualifier{ai, value})
	}
	if len(p.faults) == 0 && !slices.ContainsFunc(qualifierOrders, func(order []string) bool { return follows(ais, order) }) {
		p.fault(fieldPath, faultQualifier, strings.Join(ais, " "))
	}
	if len(p.faults) > 0 {
		return digitalLink{}, p
	}
	return d, nil
}

// follows reports whether all of ais stand in order, in its order.
func follows(ais, order []string) bool {
	for _, ai := range ais {
		i := slices.Index(order, ai)
		if i < 0 {
			return false
		}
		order = order[i+1:]
	}
	return true
}

// shortened is what was typed, cut where it is longer than any AI.
func shortened(ai string) string {
	if len(ai) > 8 {
		return ai[:8] + "…"
	}
	return ai
}

// path is the canonical form of the address: a GTIN of 14 digits, and no slash
// at the end.
func (d digitalLink) path() string {
	path := itemPath(d.Item)
	for _, q := range d.Qualifiers {
		path += "/" + q.AI + "/" + url.PathEscape(q.Value)
	}
	return path
}

// itemPath is the address of the trade item itself, whatever its batch.
func itemPath(item verify.GTIN) string { return "/01/" + string(item) }
