package verify

import (
	"slices"
	"time"
)

// A RuleID names a rule. It is sent to clients and never reused.
type RuleID string

// A Cite is the sentence a rule stands on.
type Cite struct {
	Source Source `json:"source"`
	Ref    string `json:"ref"` // paragraph, section or schedule, as the source counts them
}

// A Source is where a rule's sentence stands.
type Source string

const (
	MoC        Source = "moc"           // Memorandum of Cooperation METI–DSIT, signed 5 November 2025
	SI20251267 Source = "si-2025-1267"  // in force 4 December 2025
	SI20231007 Source = "si-2023-1007"  // in force 29 April 2024
	PSTIAct    Source = "psti-act-2022" // 2022 c. 46
)

// A LayerName is one of the two layers that have rules.
type LayerName string

const (
	AccordLayer  LayerName = "accord"
	StatuteLayer LayerName = "statute"
)

// A Rule is one condition of a layer, for records of one scheme asked about
// abroad.
type Rule struct {
	ID      RuleID
	Layer   LayerName
	Scheme  Scheme
	Cite    Cite
	Quote   string  // the sentence, word for word, in the language it was made in; empty where only its effect is known here
	Applies Period  // the days on which the layer asks it; what ends an open one is said by a notice
	Fails   Outcome // the layer's outcome where the condition is not met; Undetermined where it is met or not known
	test    func(*Case) Met
}

// Rules lists every rule, in the order they are shown.
var Rules = slices.Concat(labelAccord, labelStatute, declarationAccord)

// rulesOf lists the rules for records of a scheme.
func rulesOf(s Scheme) []Rule {
	labels := len(labelAccord) + len(labelStatute)
	if s == JCSTAR {
		return Rules[:labels]
	}
	return Rules[labels:]
}

// table says once what all rows of a table share.
func table(layer LayerName, scheme Scheme, from Date, rows []Rule) []Rule {
	for i := range rows {
		rows[i].Layer, rows[i].Scheme, rows[i].Applies = layer, scheme, Period{From: from}
	}
	return rows
}

// A Case is what a rule may look at: one record, asked about in one place, at
// one instant.
type Case struct {
	Record *Record
	Basis  *Record // of a simplified label; not begun where it is not known here
	Accord accordSpan
	In     Jurisdiction
	At     time.Time
	Seen   time.Time // the earlier of At and the head: nothing was observed after it
	Status Status
}

// staleFrom is the age, in whole seconds, from which an observation of a
// declaration is not relied on any more: more than 45 days.
const staleFrom = 45*24*time.Hour + time.Second

func met(b bool) Met {
	if b {
		return Yes
	}
	return No
}

// valid is the answer of both layers to "holds a valid label": the meaning of
// grace is not published, so it is neither yes nor no.
func (c *Case) valid() Met {
	if c.Status == StatusGrace {
		return NotKnown
	}
	return met(c.Status == StatusValid)
}

// understood: where something was said in a kind that is not known, nobody can
// tell what it changed.
func (c *Case) understood() Met {
	if c.Record.NotKnown {
		return NotKnown
	}
	return Yes
}
