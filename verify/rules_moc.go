package verify

// labelAccord: "An IoT Product that has been issued with a Label upon
// compliance with Japan's Conformity Assessment Procedures, and also holds a
// valid label, will be treated as compliant with the UK's Requirements." MoC
// 3(2)(b).
var labelAccord = []Rule{
	{"label-accord-in-force", AccordLayer, JCSTAR, Cite{MoC, "11(2)"}, NotRecognised, (*Case).accordInForce},
	{"label-accord-level", AccordLayer, JCSTAR, Cite{MoC, "2(3), 2(5)"}, NotRecognised, func(c *Case) Met {
		return met(c.Record.Label.Level == 1)
	}},
	{"label-accord-valid", AccordLayer, JCSTAR, Cite{MoC, "3(2)(b)"}, NotRecognised, (*Case).valid},
	{"label-accord-third-party", AccordLayer, JCSTAR, Cite{MoC, "3(3)"}, NotRecognised, func(c *Case) Met {
		return met(c.Record.Label.Basis.Route != ThirdParty)
	}},
	{"label-accord-basis", AccordLayer, JCSTAR, Cite{MoC, "3(2)(a)"}, NotRecognised, (*Case).basisStands},
	{"label-accord-scope-jp", AccordLayer, JCSTAR, Cite{MoC, "2(4)"}, NotApplicable, func(c *Case) Met {
		return inJCSTAR(c.Record.traits(), true)
	}},
	{"label-accord-scope-uk", AccordLayer, JCSTAR, Cite{MoC, "2(4)"}, NotApplicable, func(c *Case) Met {
		return inPSTI(c.Record.traits(), c.In, c.At)
	}},
	{"label-accord-available", AccordLayer, JCSTAR, Cite{MoC, "3"}, Unavailable, (*Case).available},
	{"label-accord-measure-there", AccordLayer, JCSTAR, Cite{MoC, "10(2)"}, NotRecognised, (*Case).notBarredThere},
	{"label-accord-measure-home", AccordLayer, JCSTAR, Cite{MoC, "10(2)(d)"}, NotRecognised, (*Case).meetsRequirementsAtHome},
	{"label-accord-understood", AccordLayer, JCSTAR, Cite{MoC, "3(2)(b)"}, NotRecognised, (*Case).understood},
}

// declarationAccord: "An IoT Product that is compliant with the UK's Law will
// undergo a simplified application process for obtaining a Label … by showing
// the statement of Self-declaration of the Law-Compliant IoT Product open to
// the public online." MoC 3(2)(a).
var declarationAccord = []Rule{
	{"declaration-accord-in-force", AccordLayer, PSTI, Cite{MoC, "11(2)"}, NotRecognised, (*Case).accordInForce},
	{"declaration-accord-valid", AccordLayer, PSTI, Cite{MoC, "2(8), 3(2)(a)"}, NotRecognised, (*Case).valid},
	{"declaration-accord-support-end", AccordLayer, PSTI, Cite{SI20231007, "reg 2, Sch 4 para 1(1)(e)"}, NotRecognised, func(c *Case) Met {
		return met(!c.Record.end(c.At).day.IsZero())
	}},
	{"declaration-accord-third-party", AccordLayer, PSTI, Cite{MoC, "3(3)"}, NotRecognised, func(c *Case) Met {
		return met(!c.Record.Declaration.Routes.Through(BySGCLS))
	}},
	{"declaration-accord-own-label", AccordLayer, PSTI, Cite{SI20251267, "Sch 2 Condition B"}, NotApplicable, func(c *Case) Met {
		return met(!c.Record.Declaration.Routes.Through(ByJCSTAR))
	}},
	{"declaration-accord-standard", AccordLayer, PSTI, Cite{SI20231007, "Sch 2 Condition A"}, NotRecognised, (*Case).pinnedStandard},
	{"declaration-accord-open", AccordLayer, PSTI, Cite{MoC, "3(2)(a)"}, NotRecognised, (*Case).openToThePublic},
	{"declaration-accord-scope-uk", AccordLayer, PSTI, Cite{MoC, "2(4)"}, NotApplicable, func(c *Case) Met {
		return inPSTI(c.Record.traits(), c.In, c.At)
	}},
	{"declaration-accord-scope-jp", AccordLayer, PSTI, Cite{MoC, "2(4)"}, NotApplicable, func(c *Case) Met {
		return inJCSTAR(c.Record.traits(), false)
	}},
	{"declaration-accord-available", AccordLayer, PSTI, Cite{MoC, "3"}, Unavailable, (*Case).available},
	{"declaration-accord-measure-there", AccordLayer, PSTI, Cite{MoC, "10(2)"}, NotRecognised, (*Case).notBarredThere},
	{"declaration-accord-measure-home", AccordLayer, PSTI, Cite{MoC, "10(2)(d)"}, NotRecognised, (*Case).meetsRequirementsAtHome},
	{"declaration-accord-understood", AccordLayer, PSTI, Cite{MoC, "3(2)(a)"}, NotRecognised, (*Case).understood},
}

func (c *Case) accordInForce() Met {
	return met(c.Accord.InForce(c.At, c.In.Country().Zone()))
}

// basisStands: a label issued by the simplified procedure rests on the maker's
// own declaration. It stands while that is neither withdrawn nor past its
// support period, and itself came through no third party: what may not be
// recognised may not be recognised by a detour. Whether the link of the
// declaration still works does not matter to a label that was issued on it.
func (c *Case) basisStands() Met {
	if c.Record.Label.Basis.Route != Simplified {
		return Yes
	}
	b := c.Basis
	if !b.Begun() || b.Declaration == nil || b.Untrusted || b.NotKnown {
		return NotKnown
	}
	switch b.Status(c.At) {
	case StatusWithdrawn, StatusExpired:
		return No
	}
	return met(!b.Declaration.Routes.Through(BySGCLS))
}

// pinnedStandard: Sch 2 names ETSI EN 303 645 V2.1.1 of 19 June 2020. Whether
// another version opens the same door the regulations do not say.
func (c *Case) pinnedStandard() Met {
	if !c.Record.Declaration.Routes.Through(ByETSI) {
		return Yes
	}
	s, _ := c.Record.Declaration.standard(etsiStandard)
	if s.Version == "V2.1.1" && s.Date == (Date{2020, 6, 19}) {
		return Yes
	}
	return NotKnown
}

// openToThePublic: what the watcher last found at the main address. Gone is no;
// changed, never observed, or last observed too long ago is not known.
func (c *Case) openToThePublic() Met {
	o := c.Record.observed(c.Record.mainURL(c.At), c.Seen)
	switch {
	case o == nil || c.Seen.Sub(o.At) >= staleFrom:
		return NotKnown
	case o.Seen == SeenGone:
		return No
	case o.Seen == SeenOpen:
		return Yes
	}
	return NotKnown
}

// available: the Participants could not resolve a discontent, or keep the
// reason to themselves. Its public citation is generic (MoC 6).
func (c *Case) available() Met { return met(!c.Record.withheld(c.At)) }

// notBarredThere: "all appropriate and immediate measures", in the territory of
// who takes them.
func (c *Case) notBarredThere() Met {
	for i := range c.Record.measures {
		m := &c.Record.measures[i]
		if m.Effect == Bars && m.In(c.At) && m.Territory.Covers(c.In) {
			return No
		}
	}
	return Yes
}

// meetsRequirementsAtHome: a measure at home bars recognition abroad only on
// ground (d), since the product then fails its own scheme.
func (c *Case) meetsRequirementsAtHome() Met {
	for i := range c.Record.measures {
		m := &c.Record.measures[i]
		if m.Effect == Bars && m.Ground == Requirements && m.In(c.At) && m.Territory.Country() == c.Record.Scheme.Home() {
			return No
		}
	}
	return Yes
}
