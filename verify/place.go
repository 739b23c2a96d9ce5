package verify

import (
	_ "embed"
	"time"
)

// Zone data are embedded, so that the clock files of the machine that asks
// cannot move the end of a label's last day.
var (
	//go:embed zones/tokyo.tzif
	tokyoData []byte
	//go:embed zones/london.tzif
	londonData []byte

	Tokyo  = loadZone("Asia/Tokyo", tokyoData)
	London = loadZone("Europe/London", londonData)
)

func loadZone(name string, data []byte) *time.Location {
	zone, err := time.LoadLocationFromTZData(name, data)
	if err != nil {
		panic(err) // the embedded file is broken, and with it the program
	}
	return zone
}

// A Country is the home of a scheme and of a party: Japan or the United
// Kingdom.
type Country string

const (
	JP Country = "JP"
	GB Country = "GB"
)

// Zone is the country's own time.
func (c Country) Zone() *time.Location {
	if c == JP {
		return Tokyo
	}
	return London
}

// A Jurisdiction is where a question is asked: what does it count for there?
// Northern Ireland is asked about apart, since SI 2023/1007 Sch 3 treats it
// apart.
type Jurisdiction string

const (
	InJP    Jurisdiction = "JP"
	InGB    Jurisdiction = "GB"     // Great Britain
	InGBNIR Jurisdiction = "GB-NIR" // Northern Ireland
)

// Jurisdictions lists what may be asked, in the order it is offered.
var Jurisdictions = []Jurisdiction{InGB, InGBNIR, InJP}

// Country is the country j belongs to.
func (j Jurisdiction) Country() Country {
	if j == InJP {
		return JP
	}
	return GB
}

// A Territory is where a measure bites.
type Territory string

const (
	TerritoryJP    Territory = "JP"
	TerritoryGB    Territory = "GB"
	TerritoryGBNIR Territory = "GB-NIR"
	TerritoryUK    Territory = "UK" // both of the two
)

// Country is the country t belongs to.
func (t Territory) Country() Country {
	if t == TerritoryJP {
		return JP
	}
	return GB
}

// Covers reports whether a measure in t applies in j.
func (t Territory) Covers(j Jurisdiction) bool {
	return string(t) == string(j) || t == TerritoryUK && j.Country() == GB
}

// A Scheme is one of the two Cyber Security Schemes of MoC 2(3).
type Scheme string

const (
	JCSTAR Scheme = "jc-star" // Japan's label
	PSTI   Scheme = "psti"    // the United Kingdom's statement of compliance
)

// Home is the country of the scheme; its days are days of that country's zone.
func (s Scheme) Home() Country {
	if s == JCSTAR {
		return JP
	}
	return GB
}

// Abroad is where a record of the scheme is asked about unless somewhere else
// is named.
func (s Scheme) Abroad() Jurisdiction {
	if s == JCSTAR {
		return InGB
	}
	return InJP
}
