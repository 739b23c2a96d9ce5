package verify

// statuteInForce is the first day of SI 2025/1267.
var statuteInForce = Date{2025, 12, 4}

var statuteInForceAt = statuteInForce.Start(London)

// pinnedCriteria are the criteria that SI 2025/1267 reg 3 names.
const pinnedCriteria = "JST-CR-01-01-2024R1"

// Sentences of United Kingdom law that the rules stand on, word for word.
const (
	reg2       = "“defined support period” means the minimum length of time, expressed as a period of time with an end date, for which security updates will be provided."
	reg3       = "“Japan JC-STAR STAR-1” means the Labeling Scheme based on Japan Cyber-Security Technical Assessment Requirements (JC-STAR) STAR-1 Conformance Requirements and Assessment Methods published by the Information-technology Promotion Agency, Japan (JST-CR-01-01-2024R1, December 2024)."
	conditionB = "… that the relevant connectable product, of which they are the manufacturer, is currently assigned a conformance label under the Japan JC-STAR STAR-1 as an indicator of compliance with the requirements set out in JC-STAR STAR-1, and that label has not expired."
	sch2A      = "A manufacturer is treated as having complied with the requirement at section 9(2) (statements of compliance) if any of the conditions in paragraphs 2 and 3 are met."
)

// labelStatute: a label of Japan treats the manufacturer as complying with the
// security requirements (SI 2023/1007 Sch 2 Condition B) and with PSTI Act 2022
// s 9(2) on statements of compliance (Sch 2A para 2): both halves of what the
// Memorandum calls the UK's Requirements (MoC 2(7)). The instrument asks nothing
// about how the label was obtained.
var labelStatute = table(StatuteLayer, JCSTAR, statuteInForce, []Rule{
	{ID: "label-statute-in-force", Cite: Cite{SI20251267, "reg 1"}, Fails: NotRecognised,
		test: func(c *Case) Met { return met(!c.At.Before(statuteInForceAt)) }},
	{ID: "label-statute-level", Cite: Cite{SI20251267, "reg 3"}, Quote: reg3, Fails: NotRecognised,
		test: (*Case).starOne},
	{ID: "label-statute-criteria", Cite: Cite{SI20251267, "reg 3"}, Quote: reg3, Fails: Undetermined,
		test: (*Case).namedCriteria},
	{ID: "label-statute-security", Cite: Cite{SI20251267, "Sch 2 Condition B"}, Quote: conditionB, Fails: NotRecognised,
		test: (*Case).valid},
	{ID: "label-statute-statement", Cite: Cite{SI20251267, "Sch 2A paras 1 and 2"}, Quote: sch2A, Fails: NotRecognised,
		test: (*Case).valid},
	{ID: "label-statute-scope", Cite: Cite{PSTIAct, "s 54, with SI 2023/1007 Sch 3"}, Fails: NotApplicable,
		test: (*Case).inScopeThere},
	{ID: "label-statute-notice", Cite: Cite{PSTIAct, "ss 28 to 30"}, Fails: NotRecognised,
		test: (*Case).notBarredThere},
	{ID: "label-statute-understood", Cite: Cite{SI20251267, "Sch 2 Condition B"}, Fails: Undetermined,
		test: (*Case).understood},
})

// namedCriteria: whether a revision after the one that reg 3 names falls under
// the definition is not settled.
func (c *Case) namedCriteria() Met {
	if c.Record.Label.Criteria == pinnedCriteria {
		return Yes
	}
	return NotKnown
}
