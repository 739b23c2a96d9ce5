package verify

import "time"

// An Outcome is what a label or declaration counts for where it is asked about.
// It is no boolean: MoC 3(2) is not symmetrical, and what is not known is not a
// no.
type Outcome string

const (
	// TreatedAsCompliant: "will be treated as compliant with the UK's
	// Requirements" (MoC 3(2)(b)); "treated as having complied" (SI 2025/1267).
	TreatedAsCompliant Outcome = "treated_as_compliant"
	// EligibleForSimplified: "will undergo a simplified application process for
	// obtaining a Label" (MoC 3(2)(a)). It is not recognised and has no label.
	EligibleForSimplified Outcome = "eligible_for_simplified_application"
	NotApplicable         Outcome = "not_applicable" // outside a scheme's scope, or nothing to recognise
	NotRecognised         Outcome = "not_recognised"
	Unavailable           Outcome = "unavailable"  // withheld; no reason is given (MoC 3(3), 6)
	Undetermined          Outcome = "undetermined" // a fact or a point of law is not known
	LayersDiffer          Outcome = "layers_differ"
	AtHome                Outcome = "home"    // asked in the country of its own scheme
	UnknownHere           Outcome = "unknown" // not in this registry
)

// Outcomes lists them all.
var Outcomes = []Outcome{TreatedAsCompliant, EligibleForSimplified, NotApplicable, NotRecognised, Unavailable,
	Undetermined, LayersDiffer, AtHome, UnknownHere}

// Positive reports whether the outcome says that something is recognised.
func (o Outcome) Positive() bool { return o == TreatedAsCompliant || o == EligibleForSimplified }

// Counted is the outcome under which answers are counted, and records are chosen
// from many. What is withheld is not counted apart, since its number would be
// information that the Participants keep (MoC 6(2)): it counts as not recognised.
func (o Outcome) Counted() Outcome {
	if o == Unavailable {
		return NotRecognised
	}
	return o
}

// Met says whether a condition is met. Unknown is not no.
type Met string

const (
	Yes      Met = "yes"
	No       Met = "no"
	NotKnown Met = "unknown"
)

// A Verdict is the answer to a question. Everything in it can be recomputed
// from the log it names.
type Verdict struct {
	Code         Code              `json:"code"`
	Scheme       Scheme            `json:"scheme,omitempty"`
	Number       string            `json:"number,omitempty"` // the scheme's own registration number
	Product      *Product          `json:"product,omitempty"`
	Question     Question          `json:"question"`
	Validity     Validity          `json:"validity"`
	Match        *Match            `json:"match,omitempty"`
	Recognition  Recognition       `json:"recognition"`
	Support      *Support          `json:"support,omitempty"`
	Label        *LabelFacts       `json:"label,omitempty"`
	Declaration  *DeclarationFacts `json:"declaration,omitempty"`
	Contact      *Contact          `json:"contact,omitempty"`
	Declarations []Document        `json:"declarations,omitempty"`
	Caveats      []Caveat          `json:"caveats,omitempty"`
	NextChange   time.Time         `json:"next_change,omitzero"` // when the answer changes even if nothing more is said
	Measures     []MeasureInForce  `json:"measures"`
	Flags        []Flag            `json:"flags"`
	AccordEnds   Date              `json:"accord_ends,omitzero"` // with ends_on: the first day the Memorandum no longer applies
	Log          Log               `json:"log"`
}

// Validity is the present status with its first and last day, in the zone of
// the scheme. Since is no day where it always was so, Until where it stays so.
type Validity struct {
	Status Status `json:"status"`
	Since  Date   `json:"since,omitzero"`
	Until  Date   `json:"until,omitzero"`
	Reason Text   `json:"reason,omitzero"` // what its issuer or maker said of it
}

// Recognition is what the record counts for where it is asked about: the
// headline, the interval [Since, Until) in which it is the same, and each layer
// with its reasons.
type Recognition struct {
	Outcome Outcome   `json:"outcome"`
	Since   time.Time `json:"since,omitzero"`
	Until   time.Time `json:"until,omitzero"`
	Layers  Layers    `json:"layers,omitzero"`
}

// Layers are the three truths that may differ. A layer that does not exist for
// a question is nil.
type Layers struct {
	Accord   *LayerAnswer `json:"accord,omitempty"`  // the Memorandum, which binds nobody (MoC 8(1))
	Statute  *LayerAnswer `json:"statute,omitempty"` // United Kingdom law
	Practice *Practice    `json:"practice,omitempty"`
}

// IsZero reports whether there is no layer. JSON leaves such a member out.
func (l Layers) IsZero() bool { return l == Layers{} }

// A LayerAnswer is the outcome of a layer with every condition that was looked
// at, met or not.
type LayerAnswer struct {
	Outcome Outcome  `json:"outcome"`
	Reasons []Reason `json:"reasons"`
}

// A Reason is one condition.
type Reason struct {
	Rule RuleID `json:"rule"`
	Cite Cite   `json:"cite"`
	Met  Met    `json:"met"`
}

// Practice is what IPA's own list for the United Kingdom shows; nil where
// nothing was said of it. No layer of law asks for it.
type Practice struct {
	PSTIListed  *bool  `json:"psti_listed"`
	EnglishInfo *bool  `json:"english_info"`
	Page        string `json:"page,omitempty"`
}

// LabelFacts are what a verdict tells of a label.
type LabelFacts struct {
	Level    int    `json:"level"`
	Criteria string `json:"criteria"`
	Issued   Date   `json:"issued"`
	Expires  Date   `json:"expires"`
	Basis    Basis  `json:"basis"`
	Holder   Firm   `json:"holder"`
	Page     string `json:"page,omitempty"`
}

// DeclarationFacts are what a verdict tells of a declaration.
type DeclarationFacts struct {
	Issued    Date   `json:"issued"`
	Place     string `json:"place"`
	Parties   []Firm `json:"parties"`
	Routes    Routes `json:"routes"`
	Retention Date   `json:"retention"` // last day a copy is kept: SI 2023/1007 regs 8 and 9
}

// A Document is one address of a declaration and what was last found there.
type Document struct {
	Code     Code      `json:"code"`
	URL      string    `json:"url"`
	Language string    `json:"language"`
	SHA256   string    `json:"sha256"`
	Seen     Seen      `json:"seen,omitempty"` // empty: never observed
	SeenAt   time.Time `json:"seen_at,omitzero"`

	SeenSince  time.Time  `json:"seen_since,omitzero"`   // from when it was found so, each time
	SeenSHA256 string     `json:"seen_sha256,omitempty"` // of other bytes than were declared
	SeenStatus int        `json:"seen_status,omitempty"` // of HTTP
	SeenReason SeenReason `json:"seen_reason,omitempty"` // why it is gone
}

// A MeasureInForce is a measure as a verdict shows it.
type MeasureInForce struct {
	Taken
	By PartyID `json:"by"`
}

// A Caveat is what a positive answer does not mean.
type Caveat string

const (
	NotBinding        Caveat = "moc-8-1"            // no legally binding rights and obligations
	OtherLaw          Caveat = "moc-3-2-c"          // other applicable law still applies
	MinimumLevel      Caveat = "minimum-level"      // a label shows a minimum level
	RemainingCriteria Caveat = "remaining-criteria" // 13 of 16 criteria are still to be declared
	NoLabel           Caveat = "no-label"           // the product has no label
)

// A Flag is what a reader must be told beside the answer.
type Flag string

const (
	CircularBasis Flag = "circular_basis" // the label rests on the United Kingdom's own regime
	ShortNotice   Flag = "short_notice"   // less than the months of notice of MoC 11(3)
	EndsOn        Flag = "ends_on"        // the Memorandum ends on a notified day
	NoEnglish     Flag = "no_english"     // no document of the declaration is in English: MoC 4(4)
)

// A Match says whether a record covers the product in hand.
type Match struct {
	Model *ModelMatch `json:"model,omitempty"`
	GTIN  *GTINMatch  `json:"gtin,omitempty"`
}

// A ModelMatch is the answer for a model number. Near are models of the record
// that look like it; they are never taken for it.
type ModelMatch struct {
	Asked   string   `json:"asked"`
	Covered bool     `json:"covered"`
	Near    []string `json:"near,omitempty"`
}

// A GTINMatch is the answer for a trade item number.
type GTINMatch struct {
	Asked   string `json:"asked"`
	Covered bool   `json:"covered"`
}
