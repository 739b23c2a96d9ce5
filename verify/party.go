package verify

import "time"

// A PartyID names a party within one registry: small letters, digits, hyphens.
type PartyID string

// A Role is what a party may do.
type Role string

const (
	Issuer      Role = "issuer"      // gives out labels
	Maker       Role = "maker"       // publishes declarations of its own
	Participant Role = "participant" // a side of the Memorandum
	Authority   Role = "authority"   // takes measures in its territory
	Observer    Role = "observer"    // watches the links of declarations
	Operator    Role = "operator"    // says who may sign what
)

var anyRole = []Role{Issuer, Maker, Participant, Authority, Observer, Operator}

// A Party is somebody who may sign statements.
type Party struct {
	ID           PartyID   `json:"id"`
	Name         Text      `json:"name"`
	Role         Role      `json:"role"`
	Jurisdiction Country   `json:"jurisdiction"`
	Keys         []JWK     `json:"keys"`
	From         time.Time `json:"from"` // the first instant at which it may speak
}

func (p *Party) check(c checker) {
	c.need("id", p.ID != "")
	c.like("id", string(p.ID), aPartyID, NotName, "a-z 0-9 -")
	c.english("name", p.Name, true)
	c.need("role", p.Role != "")
	oneOf(c, "role", p.Role, anyRole...)
	c.need("jurisdiction", p.Jurisdiction != "")
	oneOf(c, "jurisdiction", p.Jurisdiction, JP, GB)
	if p.Role == Issuer && p.Jurisdiction == GB {
		c.also("jurisdiction", NotOneOf, string(JP)) // only Japan's scheme gives out labels: MoC 2(5)
	}
	c.need("keys", len(p.Keys) > 0)
	c.between("keys", len(p.Keys), 0, 16)
	seen := map[KeyID]bool{}
	for i, k := range p.Keys {
		at := c.under(indexed("keys", i))
		k.check(at)
		if id := k.Thumbprint(); seen[id] {
			at.also("", Repeated, "")
		} else {
			seen[id] = true
		}
	}
	c.need("from", !p.From.IsZero())
}

func (k JWK) check(c checker) {
	if !k.wellFormed() {
		c.also("", NotKey, "OKP Ed25519, EC P-256")
	}
}

// Created is registry.created: entry 0, which names the log, its operator and
// the Memorandum's own dates.
type Created struct {
	Party  Party       `json:"party"`
	Accord AccordTerms `json:"accord"`
}

func (b *Created) check(h *Head, c checker) {
	b.Party.check(c.under("party"))
	if b.Party.Role != Operator {
		c.also("party.role", NotOneOf, string(Operator))
	}
	if h.By != "" && b.Party.ID != h.By {
		c.also("party.id", WrongParty, string(h.By))
	}
	c.need("accord.commences", !b.Accord.Commences.IsZero())
	c.between("accord.term_years", b.Accord.TermYears, 1, 99)
	c.between("accord.notice_months", b.Accord.NoticeMonths, 0, 99)
}

// Enrolled is party.enrolled: the operator lets a party speak.
type Enrolled struct {
	Party Party `json:"party"`
}

func (b *Enrolled) check(_ *Head, c checker) { b.Party.check(c.under("party")) }

// AddedKey is key.added: one more key of a party.
type AddedKey struct {
	Party PartyID   `json:"party"`
	Key   JWK       `json:"key"`
	From  time.Time `json:"from"`
}

func (b *AddedKey) check(_ *Head, c checker) {
	c.need("party", b.Party != "")
	b.Key.check(c.under("key"))
	c.need("from", !b.From.IsZero())
}

// RetiredKey is key.retired: from then on the key signs nothing more; where it
// is compromised, what it signed since then is not trusted either.
type RetiredKey struct {
	Party       PartyID   `json:"party"`
	KeyID       KeyID     `json:"kid"`
	From        time.Time `json:"from"`
	Compromised bool      `json:"compromised,omitempty"`
}

func (b *RetiredKey) check(h *Head, c checker) {
	c.need("party", b.Party != "")
	c.need("kid", b.KeyID != "")
	if b.KeyID != "" && !coordinate(string(b.KeyID)) {
		c.also("kid", NotKey, "RFC 7638")
	}
	c.need("from", !b.From.IsZero())
	if b.Compromised && !h.Made.IsZero() && b.From.After(h.Made) {
		c.also("from", TooFar, h.Made.Format(time.RFC3339)) // a compromise is found, not foreseen
	}
}
