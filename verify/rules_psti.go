package verify

// statuteInForce is the first day of SI 2025/1267.
var statuteInForce = Date{2025, 12, 4}

// pinnedCriteria are the criteria that SI 2025/1267 reg 3 names.
const pinnedCriteria = "JST-CR-01-01-2024R1"

// labelStatute: a product that "is currently assigned a conformance label under
// the Japan JC-STAR STAR-1 … and that label has not expired" is treated as
// complying with the security requirements (SI 2023/1007 Sch 2 Condition B) and
// with PSTI Act 2022 s 9(2) on statements of compliance (Sch 2A para 2). The
// instrument asks nothing about how the label was obtained.
var labelStatute = []Rule{
	{"label-statute-in-force", StatuteLayer, JCSTAR, Cite{SI20251267, "reg 1"}, NotRecognised, func(c *Case) Met {
		return met(!c.At.Before(statuteInForce.Start(London)))
	}},
	{"label-statute-level", StatuteLayer, JCSTAR, Cite{SI20251267, "reg 3"}, NotRecognised, func(c *Case) Met {
		return met(c.Record.Label.Level == 1)
	}},
	{"label-statute-criteria", StatuteLayer, JCSTAR, Cite{SI20251267, "reg 3"}, NotRecognised, func(c *Case) Met {
		if c.Record.Label.Criteria == pinnedCriteria {
			return Yes
		}
		return NotKnown // whether a later revision falls under the definition is not settled
	}},
	{"label-statute-security", StatuteLayer, JCSTAR, Cite{SI20251267, "Sch 2 Condition B"}, NotRecognised, (*Case).valid},
	{"label-statute-statement", StatuteLayer, JCSTAR, Cite{SI20251267, "Sch 2A para 2"}, NotRecognised, (*Case).valid},
	{"label-statute-scope", StatuteLayer, JCSTAR, Cite{PSTIAct, "s 54; SI 2023/1007 Sch 3"}, NotApplicable, func(c *Case) Met {
		return inPSTI(c.Record.traits(), c.In, c.At)
	}},
	{"label-statute-notice", StatuteLayer, JCSTAR, Cite{PSTIAct, "ss 28 to 30"}, NotRecognised, (*Case).notBarredThere},
	{"label-statute-understood", StatuteLayer, JCSTAR, Cite{SI20251267, "Sch 2 Condition B"}, NotRecognised, (*Case).understood},
}
