package verify

import (
	"maps"
	"slices"
	"time"
)

// A Replay enters the entries of a log again, one by one from the first, as the
// registry that logged them must have done. Where admission is strict it is
// lenient: it asks for key, role and order, and passes over kinds it does not
// know.
type Replay struct {
	governance *Governance
	next       int64     // index of the entry that comes next
	logged     time.Time // of the last one
	entries    map[Code][]Entry
	ids        map[string]bool
	numbers    map[string]Code
	items      map[GTIN][]Code // that an entry named it for, in their order
	excerpt    bool            // entries may be left out
}

// NewReplay returns the replay of an empty log.
func NewReplay() *Replay {
	return &Replay{
		governance: FoldGovernance(nil),
		entries:    map[Code][]Entry{},
		ids:        map[string]bool{},
		numbers:    map[string]Code{},
		items:      map[GTIN][]Code{},
	}
}

// NewExcerpt returns the replay of an empty log of which entries may be left out:
// who leaves them out answers for what follows from that.
func NewExcerpt() *Replay {
	p := NewReplay()
	p.excerpt = true
	return p
}

// Governance is what governs the log so far.
func (p *Replay) Governance() *Governance { return p.governance }

// About returns the entries about a code so far, in log order.
func (p *Replay) About(code Code) ([]Entry, error) { return p.entries[code], nil }

// namingMost is how many codes a trade item leads to.
const namingMost = 100

// Naming returns the codes that an entry so far named a trade item for, at most
// 100, as a registry's index does.
func (p *Replay) Naming(item GTIN) ([]Code, error) {
	codes := p.items[item]
	return codes[:min(len(codes), namingMost)], nil
}

// Facts are what the entries so far say about a code, as a registry with that
// head answers.
func (p *Replay) Facts(code Code, head Log) Facts {
	f, err := Gather(code, p)
	if err != nil {
		panic(err) // no input, no output: nothing that can fail
	}
	f.Governance, f.Log = p.governance, head
	return f
}

// Codes returns every code that was spoken of so far, in their order.
func (p *Replay) Codes() []Code { return slices.Sorted(maps.Keys(p.entries)) }

// Key returns the key that must have signed e: of entry 0, one that it names
// itself.
func (p *Replay) Key(e Entry) (JWK, bool) {
	if b, ok := e.Body.(*Created); ok && !p.governance.Begun() {
		for _, k := range b.Party.Keys {
			if k.Thumbprint() == e.Key {
				return k, true
			}
		}
		return JWK{}, false
	}
	jwk, _, ok := p.governance.KeyOf(e.Key)
	return jwk, ok
}

// Enter enters e, or says why it should not have been entered.
func (p *Replay) Enter(e Entry) (faults Faults) {
	if e.Index < p.next || e.Index > p.next && !p.excerpt || e.Logged.Before(p.logged) {
		faults.add("logged", NotEarlier, p.logged.Format(time.RFC3339Nano))
		return faults
	}
	if e.Kind.Known() {
		_, faults = p.governance.Admit(FoldRecord(p.entries[e.Code], p.governance), e)
	}
	if p.ids[e.ID] {
		faults.add("id", IDUsed, "")
	}
	b, isLabel := e.Body.(*Issued)
	if isLabel {
		if of, taken := p.numbers[b.Label.Number]; taken && of != e.Code {
			faults.add("label.number", NumberUsed, b.Label.Number)
		}
	}
	if len(faults) > 0 {
		return faults
	}
	p.next, p.logged = e.Index+1, e.Logged
	p.ids[e.ID] = true
	if isLabel {
		p.numbers[b.Label.Number] = e.Code
	}
	if e.Code != "" {
		p.entries[e.Code] = append(p.entries[e.Code], e)
		for _, item := range TradeItems(e.Statement) {
			if at, have := slices.BinarySearch(p.items[item], e.Code); !have {
				p.items[item] = slices.Insert(p.items[item], at, e.Code)
			}
		}
	} else {
		p.governance = p.governance.Follow(e)
	}
	return nil
}
