package verify

// A Product is what one label or declaration covers: one name, any number of
// models.
type Product struct {
	Name     Text    `json:"name"`
	Brand    string  `json:"brand"`
	Type     string  `json:"type,omitempty"`
	Batch    string  `json:"batch,omitempty"`
	Category string  `json:"category,omitempty"`
	Models   []Model `json:"models"`
	Traits   Traits  `json:"traits"`
}

// A Model is one model number and the trade item numbers it is sold under, each
// as it was given: 8, 12, 13 or 14 digits.
type Model struct {
	Model string   `json:"model" max:"100"`
	GTINs []string `json:"gtins,omitempty"`
}

// Traits are the facts of a product that decide which scheme it is in the scope
// of. A nil truth value is not known.
type Traits struct {
	IP      *bool  `json:"ip"` // sends or receives data by the Internet Protocol: MoC 2(4)
	Market  Market `json:"market"`
	Class   Class  `json:"class"`
	NIEULaw *bool  `json:"ni_eu_law,omitempty"` // SI 2023/1007 Sch 3 para 1 applies in Northern Ireland
}

// A Market is who a product is made available to.
type Market string

const (
	Consumer   Market = "consumer"
	Industrial Market = "industrial"
	BothSold   Market = "both"
)

// A Class is a kind of product that a scheme excepts, or that comes near to it.
type Class string

const (
	General         Class = "general"
	Smartphone      Class = "smartphone"
	CellularTablet  Class = "cellular_tablet"
	Computer        Class = "computer" // desktop, laptop, tablet without cellular: Sch 3 para 5
	Under14Computer Class = "under_14_computer"
	EVChargePoint   Class = "ev_charge_point" // Sch 3 para 2
	Medical         Class = "medical"         // Sch 3 para 3
	SmartMeter      Class = "smart_meter"     // Sch 3 para 4
	Vehicle         Class = "vehicle"         // Sch 3 paras 6 to 8
)

// Classes lists them all.
var Classes = []Class{General, Smartphone, CellularTablet, Computer, Under14Computer, EVChargePoint, Medical, SmartMeter, Vehicle}

func (p *Product) check(c checker) {
	c.english("name", p.Name, true)
	c.need("brand", p.Brand != "")
	c.need("models", len(p.Models) > 0)
	checkModels(c, p.Models)
	c.need("traits.ip", p.Traits.IP != nil)
	c.need("traits.market", p.Traits.Market != "")
	oneOf(c, "traits.market", p.Traits.Market, Consumer, Industrial, BothSold)
	c.need("traits.class", p.Traits.Class != "")
	oneOf(c, "traits.class", p.Traits.Class, Classes...)
}

func checkModels(c checker, models []Model) {
	names, items := map[string]bool{}, map[GTIN]bool{}
	for i, m := range models {
		if m.Model == "" {
			c.also(indexed("models", i)+".model", Required, "")
		} else if names[m.Model] {
			c.also(indexed("models", i)+".model", Repeated, "")
		}
		names[m.Model] = true
		for j, s := range m.GTINs {
			g, err := ParseGTIN(s)
			if err != nil {
				c.also(indexed(indexed("models", i)+".gtins", j), NotGTIN, s)
			} else if items[g] {
				c.also(indexed(indexed("models", i)+".gtins", j), Repeated, "")
			}
			items[g] = true
		}
	}
}

// Support is a defined support period: "the minimum length of time, expressed
// as a period of time with an end date, for which security updates will be
// provided" (SI 2023/1007 reg 2), as its publisher words it. One without an end
// is kept as text, and is evidence of nothing.
type Support struct {
	Text           Text      `json:"text"`
	End            Date      `json:"end,omitzero"`        // its last day
	Precision      Precision `json:"precision,omitempty"` // how exactly the text says the end
	Qualifier      Qualifier `json:"qualifier,omitempty"` // whether it may turn out later
	Anchor         Anchor    `json:"anchor,omitempty"`    // what a length of time is counted from
	AnchorDate     Date      `json:"anchor_date,omitzero"`
	DurationMonths int       `json:"duration_months,omitempty"`
}

type (
	Precision string
	Qualifier string
	Anchor    string
)

const (
	ToTheDay   Precision = "day"
	ToTheMonth Precision = "month"
	ToTheYear  Precision = "year"

	Exact   Qualifier = "exact"
	AtLeast Qualifier = "at_least"

	FirstSupply         Anchor = "first_supply"
	GeneralAvailability Anchor = "general_availability"
	EndOfSale           Anchor = "end_of_sale"
	Purchase            Anchor = "purchase"
)

// check notes what is wrong with a support period; rule is the one that asks
// for it to be there.
func (s *Support) check(c checker, rule FaultRule) {
	c.needFor("", !s.Text.IsZero() || !s.End.IsZero(), rule)
	c.english("text", s.Text, !s.End.IsZero())
	oneOf(c, "precision", s.Precision, ToTheDay, ToTheMonth, ToTheYear)
	oneOf(c, "qualifier", s.Qualifier, Exact, AtLeast)
	oneOf(c, "anchor", s.Anchor, FirstSupply, GeneralAvailability, EndOfSale, Purchase)
	c.between("duration_months", s.DurationMonths, 0, 1200)
	if !s.End.IsZero() && !s.AnchorDate.IsZero() && s.End.Before(s.AnchorDate) {
		c.also("end", PeriodTurned, s.AnchorDate.String())
	}
}

// A Contact is where a person reports a security issue to the maker.
type Contact struct {
	Vulnerability string `json:"vulnerability,omitempty" max:"2000"` // an address of a page
	Email         string `json:"email,omitempty"`
}

func (k *Contact) check(c checker) {
	c.need("vulnerability", k.Vulnerability != "" || k.Email != "")
	c.link("vulnerability", k.Vulnerability)
	c.like("email", k.Email, aMail, NotName, "name@host")
}

// A Firm is who holds a label, or makes or represents the maker of a product.
type Firm struct {
	Role    string `json:"role,omitempty"` // manufacturer or authorised_representative; not for a label's holder
	Name    Text   `json:"name"`
	Address string `json:"address" max:"500"`
	Country string `json:"country,omitempty"` // ISO 3166-1 alpha-2
}

func (f *Firm) check(c checker, rule FaultRule) {
	c.needFor("name", !f.Name.IsZero(), rule)
	c.english("name", f.Name, true)
	c.needFor("address", f.Address != "", rule)
	c.like("country", f.Country, aNation, NotName, "A-Z A-Z")
}
