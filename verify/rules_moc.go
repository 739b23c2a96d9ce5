package verify

// Sentences of the Memorandum that the rules stand on, word for word.
const (
	moc2_3  = "“Cyber Security Scheme” means, in the case of Japan, the JC-STAR Level 1 scheme."
	moc2_4J = "“IoT Products” means, in the case of Japan, the IoT devices including both consumer and industrial products that can be connected directly or indirectly to the internet using IP or Internet Protocol will be covered in the scope of this Scheme, excluding general-purpose IT products to which users can easily alter security measures such as via software (PCs, tablets, smartphones, etc.) specified by the Information-technology Promotion Agency supervised by the Ministry of Economy, Trade, and Industry."
	moc2_4U = "In the case of the UK, a product that is within scope of the UK's Cyber Security Scheme;"
	moc2_8  = "“Self-declaration” means a manufacturer's statement that declares that an IoT device meets the IT security requirements applicable to the relevant product category for the duration specified in line with the Participant's Requirements;"
	moc3_2  = "A Participant will endeavour to recognise the other Participant's Cyber Security Scheme as follows:"
	moc3_2a = "An IoT Product that is compliant with the UK's Law will undergo a simplified application process for obtaining a Label under Japan's Cyber Security Scheme stipulated by the Information-technology Promotion Agency of Japan by showing the statement of Selfdeclaration of the Law-Compliant IoT Product open to the public online."
	moc3_2b = "In line with subparagraph (c) below, an IoT Product that has been issued with a Label upon compliance with Japan's Conformity Assessment Procedures, and also holds a valid label, will be treated as compliant with the UK's Requirements."
	moc3_3  = "For the avoidance of doubt, this paragraph does not extend to Labels issued to or compliance with Requirements in relation to an IoT Product pursuant to any mutual recognition arrangement with third parties."
	moc10_2 = "Nothing in this MoC will be construed to limit the authority of a Participant to take all appropriate and immediate measures whenever it ascertains that an IoT device: a) compromises the health or safety of persons; b) does not meet its laws and regulations; c) compromises national security; or d) otherwise fails to satisfy its Requirements."
	moc11   = "This MoC will commence on 01 01 2026 and will continue for an initial period of three (3) years, and upon discontinuation of the initial period, this MoC will be automatically renewed for successive periods of three (3) years, unless discontinued by either Participant in line with subparagraph 3. … Either Participant may discontinue this MoC at any time."
)

// accordFrom is the day on which the Memorandum commenced: MoC 11(2).
var accordFrom = Date{2026, 1, 1}

// labelAccord: MoC 3(2)(b).
var labelAccord = table(AccordLayer, JCSTAR, accordFrom, []Rule{
	{ID: "label-accord-in-force", Cite: Cite{MoC, "11(2), 11(3)"}, Quote: moc11, Fails: NotRecognised,
		test: (*Case).accordInForce},
	{ID: "label-accord-level", Cite: Cite{MoC, "2(3), 2(5)"}, Quote: moc2_3, Fails: NotRecognised,
		test: (*Case).starOne},
	{ID: "label-accord-valid", Cite: Cite{MoC, "3(2)(b)"}, Quote: moc3_2b, Fails: NotRecognised,
		test: (*Case).valid},
	{ID: "label-accord-third-party", Cite: Cite{MoC, "3(3)"}, Quote: moc3_3, Fails: NotRecognised,
		test: (*Case).ownCountries},
	{ID: "label-accord-basis", Cite: Cite{MoC, "3(2)(a)"}, Quote: moc3_2a, Fails: NotRecognised,
		test: (*Case).basisStands},
	{ID: "label-accord-scope-jp", Cite: Cite{MoC, "2(4)"}, Quote: moc2_4J, Fails: NotApplicable,
		test: func(c *Case) Met { return inJCSTAR(c.Record.traits(), true) }},
	{ID: "label-accord-scope-uk", Cite: Cite{MoC, "2(4)"}, Quote: moc2_4U, Fails: NotApplicable,
		test: (*Case).inScopeThere},
	{ID: "label-accord-available", Cite: Cite{MoC, "3"}, Quote: moc3_2, Fails: Unavailable,
		test: (*Case).available},
	{ID: "label-accord-measure-there", Cite: Cite{MoC, "10(2)"}, Quote: moc10_2, Fails: NotRecognised,
		test: (*Case).notBarredThere},
	{ID: "label-accord-measure-home", Cite: Cite{MoC, "10(2)(d)"}, Quote: moc10_2, Fails: NotRecognised,
		test: (*Case).meetsRequirementsAtHome},
	{ID: "label-accord-understood", Cite: Cite{MoC, "3(2)(b)"}, Fails: Undetermined,
		test: (*Case).understood},
})

// declarationAccord: MoC 3(2)(a).
var declarationAccord = table(AccordLayer, PSTI, accordFrom, []Rule{
	{ID: "declaration-accord-in-force", Cite: Cite{MoC, "11(2), 11(3)"}, Quote: moc11, Fails: NotRecognised,
		test: (*Case).accordInForce},
	{ID: "declaration-accord-valid", Cite: Cite{MoC, "2(8), 3(2)(a)"}, Quote: moc2_8, Fails: NotRecognised,
		test: (*Case).valid},
	{ID: "declaration-accord-support-end", Cite: Cite{SI20231007, "reg 2, Sch 4 para 1(1)(e)"}, Quote: reg2, Fails: NotRecognised,
		test: func(c *Case) Met { return met(!c.Record.end(c.At).day.IsZero()) }},
	{ID: "declaration-accord-third-party", Cite: Cite{MoC, "3(3)"}, Quote: moc3_3, Fails: NotRecognised,
		test: func(c *Case) Met { return met(!c.Record.Declaration.Routes.Through(BySGCLS)) }},
	{ID: "declaration-accord-own-label", Cite: Cite{SI20251267, "Sch 2 Condition B"}, Quote: conditionB, Fails: NotApplicable,
		test: func(c *Case) Met { return met(!c.Record.Declaration.Routes.Through(ByJCSTAR)) }},
	{ID: "declaration-accord-standard", Cite: Cite{SI20231007, "Sch 2 Condition A"}, Fails: Undetermined,
		test: (*Case).pinnedStandard},
	{ID: "declaration-accord-open", Cite: Cite{MoC, "3(2)(a)"}, Quote: moc3_2a, Fails: NotRecognised,
		test: (*Case).openToThePublic},
	{ID: "declaration-accord-scope-uk", Cite: Cite{MoC, "2(4)"}, Quote: moc2_4U, Fails: NotApplicable,
		test: (*Case).inScopeThere},
	{ID: "declaration-accord-scope-jp", Cite: Cite{MoC, "2(4)"}, Quote: moc2_4J, Fails: NotApplicable,
		test: func(c *Case) Met { return inJCSTAR(c.Record.traits(), false) }},
	{ID: "declaration-accord-available", Cite: Cite{MoC, "3"}, Quote: moc3_2, Fails: Unavailable,
		test: (*Case).available},
	{ID: "declaration-accord-measure-there", Cite: Cite{MoC, "10(2)"}, Quote: moc10_2, Fails: NotRecognised,
		test: (*Case).notBarredThere},
	{ID: "declaration-accord-measure-home", Cite: Cite{MoC, "10(2)(d)"}, Quote: moc10_2, Fails: NotRecognised,
		test: (*Case).meetsRequirementsAtHome},
	{ID: "declaration-accord-understood", Cite: Cite{MoC, "3(2)(a)"}, Fails: Undetermined,
		test: (*Case).understood},
})

func (c *Case) accordInForce() Met {
	return met(c.Accord.contains(c.At))
}

// starOne: the Memorandum and the statute speak of JC-STAR level 1 alone.
func (c *Case) starOne() Met { return met(c.Record.Label.Level == 1) }

// inScopeThere: the scheme of the United Kingdom covers the product where it is
// asked about.
func (c *Case) inScopeThere() Met { return inPSTI(c.Record.traits(), c.In, c.At) }

// ownCountries: neither the label nor the declaration that a simplified label
// rests on came through a third party: what may not be recognised may not be
// recognised by a detour.
func (c *Case) ownCountries() Met {
	basis := c.Basis.Begun() && c.Basis.Declaration != nil && c.Basis.Declaration.Routes.Through(BySGCLS)
	return met(c.Record.Label.Basis.Route != ThirdParty && !basis)
}

// basisStands: a label issued by the simplified procedure rests on the maker's
// own declaration, and stands while that does: while it is neither withdrawn nor
// past its support period. One without an end is evidence of nothing, here as
// elsewhere; whether one that itself rests on a Japanese label opens 3(2)(a)
// nobody says. Whether its link still works does not matter to a label that was
// issued on it.
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
	if b.end(c.At).day.IsZero() {
		return No
	}
	if b.Declaration.Routes.Through(ByJCSTAR) {
		return NotKnown
	}
	return Yes
}

// pinnedStandard: Sch 2 names ETSI EN 303 645 V2.1.1 of 19 June 2020 and ISO/IEC
// 29147:2018. Whether another version opens the same door the regulations do not
// say.
func (c *Case) pinnedStandard() Met {
	d := c.Record.Declaration
	for _, s := range d.Standards {
		etsi := d.Routes.Through(ByETSI) && s.ID == etsiStandard && (s.Version != "V2.1.1" || s.Date != Date{2020, 6, 19})
		iso := d.Routes.Through(ByISO29147) && s.ID == isoStandard && s.Version != "2018"
		if etsi || iso {
			return NotKnown
		}
	}
	return Yes
}

// openToThePublic: what the watcher last found at the main address. Gone is no;
// changed, never observed, or last observed too long ago is not known.
func (c *Case) openToThePublic() Met {
	o, seen := c.Record.Observed(c.Record.LinksAt(c.At)[0], c.Seen)
	switch {
	case !seen || c.Seen.Sub(o.At) >= staleFrom:
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
