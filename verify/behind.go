package verify

// Behind returns those statements of g that decide who said the entries and
// whether they might: entry 0, how the Memorandum stands, and of every party
// that speaks in any of them its enrolment and its keys. Folded alone they say of
// these parties what g says.
func (g *Governance) Behind(entries []Entry) (out []Entry) {
	speaks := map[PartyID]bool{}
	hear := func(e Entry) {
		speaks[e.By] = true
		if k, ok := g.keys[e.Key]; ok {
			speaks[k.party] = true
		}
	}
	for _, e := range entries {
		hear(e)
	}
	for n := -1; n < len(speaks); {
		n, out = len(speaks), nil
		for _, e := range g.said {
			if of := concerned(e); of == "" || speaks[of] {
				hear(e)
				out = append(out, e)
			}
		}
	}
	return out
}

// concerned is the party that a statement about no code is about; none, if it
// is about the log as a whole.
func concerned(e Entry) PartyID {
	switch b := e.Body.(type) {
	case *Enrolled:
		return b.Party.ID
	case *AddedKey:
		return b.Party
	case *RetiredKey:
		return b.Party
	}
	return ""
}
