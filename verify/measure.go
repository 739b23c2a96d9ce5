package verify

// Taken is measure.taken: a Participant or authority acts on a product in its
// own territory (MoC 10(2)).
type Taken struct {
	Measure   string    `json:"measure" max:"100"` // its number, of the party's own
	Territory Territory `json:"territory"`
	Ground    Ground    `json:"ground"`
	Notice    Notice    `json:"notice"`
	Effect    Effect    `json:"effect"`
	From      Date      `json:"from"` // first day, in the territory's zone
	Reference string    `json:"reference,omitempty" max:"2000"`
	Text      Text      `json:"text,omitzero"`
}

// A Ground is one of MoC 10(2)(a) to (d).
type Ground string

const (
	HealthOrSafety   Ground = "a" // compromises the health or safety of persons
	LawsNotMet       Ground = "b" // does not meet its laws and regulations
	NationalSecurity Ground = "c" // compromises national security
	Requirements     Ground = "d" // otherwise fails to satisfy its Requirements
)

// A Notice is what was given: PSTI Act 2022 ss 28 to 30, or something else.
type Notice string

const (
	ComplianceNotice Notice = "compliance" // s 28
	StopNotice       Notice = "stop"       // s 29
	RecallNotice     Notice = "recall"     // s 30
	OtherNotice      Notice = "other"
)

// An Effect is what a measure does to recognition.
type Effect string

const (
	Bars     Effect = "bars"
	Cautions Effect = "caution" // shown, and bars nothing
)

func (b *Taken) check(_ *Head, c checker) {
	c.need("measure", b.Measure != "")
	c.need("territory", b.Territory != "")
	oneOf(c, "territory", b.Territory, TerritoryJP, TerritoryGB, TerritoryGBNIR, TerritoryUK)
	c.need("ground", b.Ground != "")
	oneOf(c, "ground", b.Ground, HealthOrSafety, LawsNotMet, NationalSecurity, Requirements)
	c.need("notice", b.Notice != "")
	oneOf(c, "notice", b.Notice, ComplianceNotice, StopNotice, RecallNotice, OtherNotice)
	c.need("effect", b.Effect != "")
	oneOf(c, "effect", b.Effect, Bars, Cautions)
	if b.Effect == Cautions && (b.Notice == StopNotice || b.Notice == RecallNotice) {
		c.also("effect", StopBars, string(Bars))
	}
	c.need("from", !b.From.IsZero())
	c.link("reference", b.Reference)
	c.english("text", b.Text, false)
}

// Lifted is measure.lifted: from that day the measure no longer applies.
type Lifted struct {
	Measure string `json:"measure" max:"100"`
	From    Date   `json:"from"`
}

func (b *Lifted) check(_ *Head, c checker) {
	c.need("measure", b.Measure != "")
	c.need("from", !b.From.IsZero())
}

// Withheld is recognition.withheld: the Participants were not able to resolve
// their discontent, or must keep the reason to themselves (MoC 3(3), 6). The
// commitment is the SHA-256 of 32 random bytes and the confidential file.
type Withheld struct {
	From       Date   `json:"from"` // first day, in the zone of the participant's country
	Commitment string `json:"commitment"`
}

func (b *Withheld) check(_ *Head, c checker) {
	c.need("from", !b.From.IsZero())
	c.need("commitment", b.Commitment != "")
	c.digest("commitment", b.Commitment)
}

// Restored is recognition.restored.
type Restored struct {
	From Date `json:"from"`
}

func (b *Restored) check(_ *Head, c checker) { c.need("from", !b.From.IsZero()) }
