package verify

import (
	"slices"
	"time"
)

// A Discrepancy is one thing that a label and a declaration of the same product
// say differently. It is a hint for who reviews them ("consistency check", MoC
// 2(2)); no verdict rests on it. Each value has the type it has in its statement.
// Entry is the index of the statement that says it; NoEntry where none does.
type Discrepancy struct {
	Point            Point  `json:"point"`
	Of               string `json:"of,omitempty"` // which model or trade item
	Label            any    `json:"label,omitempty"`
	LabelEntry       int64  `json:"label_entry"`
	Declaration      any    `json:"declaration,omitempty"`
	DeclarationEntry int64  `json:"declaration_entry"`
	Cite             Cite   `json:"cite"` // where it matters
}

// NoEntry stands where no statement says the value.
const NoEntry = -1

// A Point is what a label and a declaration can be compared in.
type Point string

const (
	PointMaker        Point = "maker"         // Text: the holder; the parties' names, a list
	PointBrand        Point = "brand"         // string
	PointType         Point = "type"          // string
	PointModels       Point = "models"        // []string: those that only the one names
	PointItem         Point = "trade_item"    // string: the model it is listed under, of a GTIN
	PointSupport      Point = "support"       // Date
	PointSupportShort Point = "support_short" // Date: the label's last day, the end of the declared support period
	PointIP           Point = "ip"            // Met
	PointMarket       Point = "market"        // Market
	PointClass        Point = "class"         // Class
	PointNIEULaw      Point = "ni_eu_law"     // Met
	PointStanding     Point = "standing"      // Status
	PointIssued       Point = "issued"        // Date: the label issued before the declaration it rests on
)

// Compare lists what a label and a declaration of the same product say
// differently at t, in the order of the points. Names of makers and models are
// the same where fold makes the same text of them. What either leaves open (an
// unset truth value, a support period without an end on the label, a type of
// product) is no difference. The records must be those of a label and of a
// declaration.
func Compare(label, declaration *Record, t time.Time, fold func(string) string) []Discrepancy {
	c := comparison{label: label, declaration: declaration, l: label.LabelAt(t), d: declaration.DeclarationAt(t), t: t, fold: fold}
	c.maker()
	c.text(PointBrand, c.l.Product.Brand, c.d.Product.Brand)
	c.text(PointType, c.l.Product.Type, c.d.Product.Type)
	c.models()
	c.items()
	c.support()
	c.scope()
	c.standing()
	return c.found
}

// A comparison is one on its way.
type comparison struct {
	label, declaration *Record
	l                  Label
	d                  Declaration
	t                  time.Time
	fold               func(string) string
	found              []Discrepancy
}

// Where the members of a label and a declaration come from, beside their first
// statements.
var (
	amendsHolder = func(b Body) bool { a, ok := b.(*Amended); return ok && a.Holder != nil }
	amendsModels = func(b Body) bool {
		a, label := b.(*Amended)
		d, link := b.(*LinkAmended)
		return label && a.Models != nil || link && d.Models != nil
	}
	amendsSupport = func(b Body) bool { a, ok := b.(*Amended); return ok && a.Support != nil }
	extends       = func(b Body) bool {
		_, label := b.(*Extended)
		_, support := b.(*SupportExtended)
		return label || support
	}
	ends = func(b Body) bool {
		_, label := b.(*StatusSaid)
		_, declaration := b.(*Withdrawn)
		return label || declaration
	}
	first = func(Body) bool { return false }
)

// note notes a discrepancy; said tells which later statements say such a value.
func (c *comparison) note(p Point, of string, label, declaration any, said func(Body) bool, cite Cite) {
	c.found = append(c.found, Discrepancy{p, of, label, c.label.saidBy(c.t, said), declaration, c.declaration.saidBy(c.t, said), cite})
}

// saidBy returns the index of the last first statement of the record, or of a
// later one by t that counts and that said picks.
func (r *Record) saidBy(t time.Time, said func(Body) bool) int64 {
	index := int64(NoEntry)
	for _, s := range r.History {
		if s.Kind.First() || s.Counts == Counted && !s.Made.After(t) && said(s.Body) {
			index = s.Index
		}
	}
	return index
}

// maker: who holds the label is none of those who are responsible for the
// declared product.
func (c *comparison) maker() {
	var names []Text
	for _, p := range c.d.Parties {
		if sameName(c.fold, p.Name, c.l.Holder.Name) {
			return
		}
		names = append(names, p.Name)
	}
	c.note(PointMaker, "", c.l.Holder.Name, names, amendsHolder, Cite{SI20231007, "Sch 4 para 1(1)(b)"})
}

// sameName reports whether two names are one in either language.
func sameName(fold func(string) string, a, b Text) bool {
	return a.EN != "" && fold(a.EN) == fold(b.EN) || a.JA != "" && fold(a.JA) == fold(b.JA)
}

func (c *comparison) text(p Point, label, declaration string) {
	if label != "" && declaration != "" && c.fold(label) != c.fold(declaration) {
		c.note(p, "", label, declaration, first, Cite{SI20231007, "Sch 4 para 1(1)(a)"})
	}
}

// models: those that only one of the two covers.
func (c *comparison) models() {
	only := func(these, those []Model) (names []string) {
		for _, m := range these {
			if !slices.ContainsFunc(those, func(o Model) bool { return c.fold(o.Model) == c.fold(m.Model) }) {
				names = append(names, m.Model)
			}
		}
		return names
	}
	label, declaration := only(c.l.Product.Models, c.d.Product.Models), only(c.d.Product.Models, c.l.Product.Models)
	if len(label)+len(declaration) > 0 {
		c.note(PointModels, "", listed(label), listed(declaration), amendsModels, Cite{SI20231007, "Sch 4 para 1(1)(a)"})
	}
}

// listed is a list as a value: none is no value.
func listed(names []string) any {
	if len(names) == 0 {
		return nil
	}
	return names
}

// items: a trade item that the two list under different models.
func (c *comparison) items() {
	under := map[GTIN]string{}
	each := func(models []Model, do func(GTIN, string)) {
		for _, m := range models {
			for _, text := range m.GTINs {
				if g, err := ParseGTIN(text); err == nil {
					do(g, m.Model)
				}
			}
		}
	}
	each(c.d.Product.Models, func(g GTIN, model string) { under[g] = model })
	each(c.l.Product.Models, func(g GTIN, model string) {
		if declared, ok := under[g]; ok && c.fold(declared) != c.fold(model) {
			c.note(PointItem, string(g), model, declared, amendsModels, Cite{SI20231007, "Sch 4 para 1(1)(a)"})
		}
	})
}

func (c *comparison) support() {
	said := func(b Body) bool { _, ok := b.(*SupportExtended); return ok || amendsSupport(b) }
	label, declared := c.l.Support.End, c.declaration.SupportAt(c.t).End
	switch {
	case declared.IsZero(): // reg 2: "a period of time with an end date"
		if !label.IsZero() {
			c.note(PointSupport, "", label, nil, said, Cite{SI20231007, "reg 2, Sch 4 para 1(1)(e)"})
		}
		return
	case !label.IsZero() && label.Before(declared): // "shortened after publication"
		c.note(PointSupport, "", label, declared, said, Cite{SI20231007, "Sch 1 para 3(6)"})
	case !label.IsZero() && label != declared:
		c.note(PointSupport, "", label, declared, said, Cite{SI20231007, "Sch 4 para 1(1)(e)"})
	}
	if declared.Before(c.l.Expires) { // the declaration's duration is its support period
		c.note(PointSupportShort, "", c.l.Expires, declared, extends, Cite{MoC, "2(8)"})
	}
}

// scope: the facts that decide which scheme a product is in the scope of.
func (c *comparison) scope() {
	l, d := c.l.Product.Traits, c.d.Product.Traits
	truth := func(p Point, label, declaration *bool, cite Cite) {
		if label != nil && declaration != nil && *label != *declaration {
			c.note(p, "", met(*label), met(*declaration), first, cite)
		}
	}
	truth(PointIP, l.IP, d.IP, Cite{MoC, "2(4)"})
	if l.Market != d.Market {
		c.note(PointMarket, "", l.Market, d.Market, first, Cite{MoC, "2(4)"})
	}
	if l.Class != d.Class {
		c.note(PointClass, "", l.Class, d.Class, first, Cite{MoC, "2(4)"})
	}
	truth(PointNIEULaw, l.NIEULaw, d.NIEULaw, Cite{SI20231007, "Sch 3 para 1"})
}

// standing: of two that speak of one product, one is in force and the other is
// not; and a label that was given before there was the declaration it rests on.
func (c *comparison) standing() {
	label, declaration := c.label.Status(c.t), c.declaration.Status(c.t)
	if (label == StatusValid) != (declaration == StatusValid) {
		c.note(PointStanding, "", label, declaration, ends, Cite{MoC, "2(8), 3(2)"})
	}
	if c.l.Basis.Declaration == c.declaration.Code && c.l.Issued.Before(c.d.Issued) {
		c.note(PointIssued, "", c.l.Issued, c.d.Issued, first, Cite{MoC, "3(2)(a)"})
	}
}
