package verify

// A Label is a conformance label as it was issued.
type Label struct {
	Number   string  `json:"number"`   // the scheme's registration number: opaque, never made up from anything
	Level    int     `json:"level"`    // stars, 1 to 4
	Criteria string  `json:"criteria"` // the criteria it was issued against, with their revision
	Issued   Date    `json:"issued"`   // first day, Tokyo
	Expires  Date    `json:"expires"`  // last day, Tokyo
	Basis    Basis   `json:"basis"`
	Holder   Firm    `json:"holder"`
	Product  Product `json:"product"`
	Support  Support `json:"support"`
	Contact  Contact `json:"contact"`
	Page     string  `json:"page,omitempty" max:"2000"` // the issuer's page about the product
}

// A Basis is how a label was obtained (MoC 3(2)(a), 3(3)).
type Basis struct {
	Route       BasisRoute `json:"route"`
	Declaration Code       `json:"declaration,omitempty"` // for uk_psti_simplified: the declaration it rests on
	Arrangement string     `json:"arrangement,omitempty"` // for third_party: which
}

// A BasisRoute is one of the ways to a label.
type BasisRoute string

const (
	OwnProcedure BasisRoute = "own"
	Simplified   BasisRoute = "uk_psti_simplified"
	ThirdParty   BasisRoute = "third_party"
)

// labelYears is the longest a label is issued or extended for: "max 2 years
// from the date of issue", whatever the level (JC-STAR application procedure).
const labelYears = 2

// Issued is label.issued.
type Issued struct {
	Label Label `json:"label"`
}

func (b *Issued) check(_ *Head, c checker) {
	l := &b.Label
	c.need("label.number", l.Number != "")
	c.like("label.number", l.Number, aNumber, NotName, "0-9 A-Z -")
	c.need("label.level", l.Level != 0)
	c.between("label.level", l.Level, 1, 4)
	c.need("label.criteria", l.Criteria != "")
	c.need("label.issued", !l.Issued.IsZero())
	c.need("label.expires", !l.Expires.IsZero())
	if !l.Issued.IsZero() && !l.Expires.IsZero() {
		if last := lastLabelDay(l.Issued); last.Before(l.Expires) {
			c.also("label.expires", LabelTerm, last.String())
		} else if l.Expires.Before(l.Issued) {
			c.also("label.expires", PeriodTurned, l.Issued.String())
		}
	}
	l.Basis.check(c.under("label.basis"))
	l.Holder.check(c.under("label.holder"), Required)
	if l.Holder.Role != "" {
		c.also("label.holder.role", NotAllowed, "")
	}
	l.Product.check(c.under("label.product"))
	l.Support.check(c.under("label.support"), Required)
	l.Contact.check(c.under("label.contact"))
	c.link("label.page", l.Page)
}

// lastLabelDay is the last day of a label that begins on d. A label issued on
// 1 April 2026 runs until 31 March 2028: the day before the second anniversary.
// The anniversary itself is allowed too, since "2 years from the date of issue"
// does not say which of the two it means.
func lastLabelDay(d Date) Date { return d.AddYears(labelYears) }

func (b *Basis) check(c checker) {
	c.need("route", b.Route != "")
	oneOf(c, "route", b.Route, OwnProcedure, Simplified, ThirdParty)
	if c.faulty("route") {
		return // what the route needs is not known
	}
	if b.Route == Simplified && b.Declaration == "" {
		c.also("declaration", BasisMissing, string(Simplified))
	}
	if b.Route != Simplified && b.Declaration != "" {
		c.also("declaration", NotAllowed, "")
	}
	if b.Route == ThirdParty && b.Arrangement == "" {
		c.also("arrangement", BasisMissing, string(ThirdParty))
	}
	if b.Route != ThirdParty && b.Arrangement != "" {
		c.also("arrangement", NotAllowed, "")
	}
}

// Extended is label.extended.
type Extended struct {
	Expires Date `json:"expires"` // the new last day
}

func (b *Extended) check(_ *Head, c checker) { c.need("expires", !b.Expires.IsZero()) }

// Amended is label.amended: whatever member is there replaces the label's own.
// Number, level, criteria, day of issue, basis, brand, type, category and
// traits are what the label was issued for; they are never amended.
type Amended struct {
	Holder  *Firm    `json:"holder,omitempty"`
	Models  []Model  `json:"models,omitempty"` // the whole list
	Name    *Text    `json:"name,omitempty"`
	Page    string   `json:"page,omitempty" max:"2000"`
	Support *Support `json:"support,omitempty"`
	Contact *Contact `json:"contact,omitempty"`
}

func (b *Amended) check(_ *Head, c checker) {
	if b.Holder == nil && b.Models == nil && b.Name == nil && b.Page == "" && b.Support == nil && b.Contact == nil {
		c.nothingNew("holder", "models", "name", "page", "support", "contact")
	}
	if b.Holder != nil {
		b.Holder.check(c.under("holder"), Required)
	}
	checkModels(c, b.Models)
	if b.Name != nil {
		c.english("name", *b.Name, true)
	}
	c.link("page", b.Page)
	if b.Support != nil {
		b.Support.check(c.under("support"), Required)
	}
	if b.Contact != nil {
		b.Contact.check(c.under("contact"))
	}
}

// A Standing is what an issuer says of a label of its own.
type Standing string

const (
	StandsValid     Standing = "valid"
	StandsGrace     Standing = "grace" // 失効猶予; its meaning is not published
	StandsSuspended Standing = "suspended"
	StandsLapsed    Standing = "lapsed"
	StandsRevoked   Standing = "revoked"
	StandsWithdrawn Standing = "withdrawn"
)

// Standings lists them all.
var Standings = []Standing{StandsValid, StandsGrace, StandsSuspended, StandsLapsed, StandsRevoked, StandsWithdrawn}

// Final reports whether nothing follows s but a correction.
func (s Standing) Final() bool {
	return s == StandsLapsed || s == StandsRevoked || s == StandsWithdrawn
}

// StatusSaid is label.status.
type StatusSaid struct {
	Status   Standing `json:"status"`
	From     Date     `json:"from"` // first day, Tokyo
	Reason   Text     `json:"reason,omitzero"`
	Corrects string   `json:"corrects,omitempty"` // id of an earlier one, which is struck out
}

func (b *StatusSaid) check(_ *Head, c checker) {
	c.need("status", b.Status != "")
	oneOf(c, "status", b.Status, Standings...)
	c.need("from", !b.From.IsZero())
	c.english("reason", b.Reason, false)
	c.like("corrects", b.Corrects, aUUID, NotUUID, "")
}

// Practised is label.practice: what the issuer's own list for the United
// Kingdom shows.
type Practised struct {
	From        Date   `json:"from"`
	PSTIListed  *bool  `json:"psti_listed"`
	EnglishInfo *bool  `json:"english_info"`
	Page        string `json:"page,omitempty" max:"2000"`
}

func (b *Practised) check(_ *Head, c checker) {
	c.need("from", !b.From.IsZero())
	c.need("psti_listed", b.PSTIListed != nil)
	c.need("english_info", b.EnglishInfo != nil)
	c.link("page", b.Page)
}
