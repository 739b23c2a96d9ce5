package verify

import "slices"

// relatedMost is how many other declarations of the same trade items are among
// the facts about a code.
const relatedMost = 8

// Holdings are a log that can be asked what it holds.
type Holdings interface {
	// About returns the entries about a code, in log order; none where nothing
	// was said about it.
	About(Code) ([]Entry, error)

	// Naming returns the codes that an entry ever named a trade item for, in
	// their order; it may stop at some number of them, always the same.
	Naming(GTIN) ([]Code, error)
}

// Gather returns what a log holds about a code: the entries about it, about
// every declaration it was ever said to rest on, and about other declarations of
// the same trade items, at most 8. Governance and Log are for the caller to add.
func Gather(code Code, from Holdings) (f Facts, err error) {
	f.Code = code
	if f.Entries, err = from.About(code); err != nil {
		return Facts{}, err
	}
	seen := []Code{code}
	for _, e := range f.Entries {
		// Issued again, a label may rest on another declaration.
		b, ok := e.Body.(*Issued)
		if !ok || b.Label.Basis.Declaration == "" || slices.Contains(seen, b.Label.Basis.Declaration) {
			continue
		}
		basis, err := from.About(b.Label.Basis.Declaration)
		if err != nil {
			return Facts{}, err
		}
		f.Basis, seen = append(f.Basis, basis), append(seen, b.Label.Basis.Declaration)
	}
	for _, e := range f.Entries {
		for _, item := range TradeItems(e.Statement) {
			codes, err := from.Naming(item)
			if err != nil {
				return Facts{}, err
			}
			for _, other := range codes {
				if slices.Contains(seen, other) || len(f.Related) == relatedMost {
					continue
				}
				seen = append(seen, other)
				entries, err := from.About(other)
				if err != nil {
					return Facts{}, err
				}
				if len(entries) > 0 && entries[0].Kind == DeclarationPublished && slices.ContainsFunc(entries, names(item)) {
					f.Related = append(f.Related, entries)
				}
			}
		}
	}
	return f, nil
}

func names(item GTIN) func(Entry) bool {
	return func(e Entry) bool { return slices.Contains(TradeItems(e.Statement), item) }
}

// TradeItems returns the trade items that a statement names its product's models
// by, in the order of the models; those that are no trade item numbers are left
// out.
func TradeItems(s Statement) (items []GTIN) {
	for _, m := range Models(s) {
		for _, text := range m.GTINs {
			if g, err := ParseGTIN(text); err == nil {
				items = append(items, g)
			}
		}
	}
	return items
}

// Models returns the models that a statement names.
func Models(s Statement) []Model {
	switch b := s.Body.(type) {
	case *Issued:
		return b.Label.Product.Models
	case *Published:
		return b.Declaration.Product.Models
	case *Amended:
		return b.Models
	case *LinkAmended:
		return b.Models
	}
	return nil
}
