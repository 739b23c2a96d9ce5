package verify

import (
	"fmt"
	"strings"
)

// A Fault is one reason why a statement may not be entered. Its sentence, in
// either language, is made from Rule and Detail by whoever shows it.
type Fault struct {
	Field  string    // path of the member, such as label.product.models[2].gtins[0]; empty for the whole
	Rule   FaultRule // what it breaks
	Detail string    // what the rule's sentence is about: a value, a limit, a day; may be empty
}

// Faults is every fault of a statement, in the order of its members.
type Faults []Fault

func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = strings.TrimSpace(fmt.Sprintf("%s: %s %s", fault.Field, fault.Rule, fault.Detail))
	}
	return strings.Join(lines, "; ")
}

// add notes a fault. One fault a field is enough where it is of the same rule.
func (f *Faults) add(field string, rule FaultRule, detail string) {
	for _, have := range *f {
		if have.Field == field && have.Rule == rule {
			return
		}
	}
	*f = append(*f, Fault{field, rule, detail})
}

// A FaultRule names what a statement may break. The names are sent to clients:
// they are never renamed, and never reused.
type FaultRule string

const (
	// Form: any statement.
	UnknownMember FaultRule = "unknown_member" // no such member in this kind
	WrongType     FaultRule = "type"           // detail: what it must be
	Required      FaultRule = "required"
	NotAllowed    FaultRule = "not_allowed" // a member that this kind does not have
	Placeholder   FaultRule = "placeholder" // as the template has it, not filled in; detail: what it is
	EmptyValue    FaultRule = "empty"       // an empty text, list or object: leave the member out
	TooLong       FaultRule = "too_long"    // detail: the limit
	BadText       FaultRule = "text"        // control characters, white space at an end
	NotDate       FaultRule = "date"
	NotInstant    FaultRule = "instant"
	NotURL        FaultRule = "url"
	NotUUID       FaultRule = "uuid"
	NotDigest     FaultRule = "sha256"
	NotGTIN       FaultRule = "gtin"
	NotKey        FaultRule = "key"
	NotName       FaultRule = "name"   // an identifier of letters, digits and the like; detail: the alphabet
	NotOneOf      FaultRule = "one_of" // detail: the choices
	OutOfRange    FaultRule = "range"  // detail: the ends
	Repeated      FaultRule = "repeated"
	CodeLength    FaultRule = "code_length"
	CodeSymbol    FaultRule = "code_symbol"
	CodeCheck     FaultRule = "code_check"

	// Authority: who may say it, and when.
	WrongOrigin  FaultRule = "origin"         // meant for another log
	WrongParty   FaultRule = "party"          // the key is not that of the party named in by
	UnknownParty FaultRule = "unknown_party"  // nobody of that id is enrolled
	KeyNotYet    FaultRule = "key_not_yet"    // detail: from when the key counts
	KeyRetired   FaultRule = "key_retired"    // detail: since when
	WrongRole    FaultRule = "role"           // detail: who may say this
	NotOwner     FaultRule = "owner"          // only the party of the first statement may
	WrongSide    FaultRule = "side"           // MoC 3(3): only the other side's participant; detail: the country
	NotTerritory FaultRule = "territory"      // own territory only; detail: the choices
	MadeAhead    FaultRule = "made_ahead"     // more than five minutes after now
	MadeLate     FaultRule = "made_late"      // more than 30 days before now
	MadeBefore   FaultRule = "made_before"    // before what the same party said last about the code; detail: when
	KeyInUse     FaultRule = "key_in_use"     // one key belongs to one party
	KeyUnknown   FaultRule = "key_unknown"    // not a key of that party
	PartyInUse   FaultRule = "party_in_use"   // that id is enrolled
	AlreadyBegun FaultRule = "registry_begun" // registry.created is entry 0, once
	NotBegun     FaultRule = "registry_new"   // entry 0 is registry.created

	// Order: whether it may follow what was said before.
	CodeUsed      FaultRule = "code_used"
	CodeUnknown   FaultRule = "code_unknown" // nothing was said about that code yet
	NumberUsed    FaultRule = "number_used"
	NumberChanged FaultRule = "number_changed" // sealed again, but with another number
	IDUsed        FaultRule = "id_used"        // another statement has that id
	OtherScheme   FaultRule = "other_scheme"   // the code is of the other scheme
	Final         FaultRule = "final"          // lapsed, revoked or withdrawn; detail: since when
	NotLater      FaultRule = "not_later"      // detail: the day it must be later than
	TooFar        FaultRule = "too_far"        // detail: the last day it may be
	NotEarlier    FaultRule = "not_earlier"    // detail: the day it must not be before
	NothingSaid   FaultRule = "nothing_to_correct"
	MeasureUsed   FaultRule = "measure_used"
	NoMeasure     FaultRule = "no_measure" // no such measure of this party in force
	NotWithheld   FaultRule = "not_withheld"
	IsWithheld    FaultRule = "is_withheld"
	NothingNew    FaultRule = "nothing_new" // an amendment that amends nothing

	// Law: what a statement must contain to be what it says it is.
	LabelTerm      FaultRule = "label_term"  // JC-STAR: at most two years; detail: the last day
	PeriodTurned   FaultRule = "period"      // ends before it begins
	EnglishMissing FaultRule = "english"     // MoC 4(4)
	Sch4Product    FaultRule = "sch4_1_1_a"  // product (type, batch)
	Sch4Maker      FaultRule = "sch4_1_1_b"  // name and address of each manufacturer
	Sch4Prepared   FaultRule = "sch4_1_1_c"  // prepared by or on behalf of the manufacturer
	Sch4Complied   FaultRule = "sch4_1_1_d"  // which requirements or conditions were complied with
	Sch4Standard   FaultRule = "sch4_1_2"    // number, version and date of the standard relied on
	Sch4Support    FaultRule = "sch4_1_1_e"  // the defined support period
	Sch4Signatory  FaultRule = "sch4_1_1_f"  // function of the signatory
	Sch4Issue      FaultRule = "sch4_1_1_g"  // place and date of issue
	SupportShorter FaultRule = "sch1_3_6"    // the defined support period is never shortened
	StopBars       FaultRule = "notice_bars" // a stop or recall notice bars supply: Act ss 29 and 30
	BasisMissing   FaultRule = "basis"       // detail: the member the route needs

	// Reading a support period as it is written: questions to its author.
	SupportUnread    FaultRule = "support_unread"    // no day and no length of time; detail: what was written like one
	SupportAmbiguous FaultRule = "support_ambiguous" // detail: the readings there are, days or months
)
