package verify

import (
	"slices"
	"time"
)

// A Link is one address of a declaration, as its maker declared it last.
type Link struct {
	Translation
	Since time.Time // from when it is declared so
}

// LinksAt lists where the declaration is published at t: first its own address,
// then those of its translations. The record must be that of a declaration.
func (r *Record) LinksAt(t time.Time) []Link {
	main := Link{r.Declaration.link(), r.issuedAt}
	translations := make([]Link, 0, len(r.Declaration.Translations))
	all := func(of []Translation, since time.Time) {
		was := translations
		translations = nil
		for _, t := range of {
			l := Link{t, since}
			if i := slices.IndexFunc(was, func(w Link) bool { return w.Translation == t }); i >= 0 {
				l.Since = was[i].Since // said again
			}
			translations = append(translations, l)
		}
	}
	all(r.Declaration.Translations, r.issuedAt)
	for _, a := range r.amendments {
		if a.at.After(t) || a.link == nil {
			continue
		}
		if a.link.URL != "" && a.link.link() != main.Translation {
			main = Link{a.link.link(), a.at}
		}
		if a.link.Translations != nil {
			all(a.link.Translations, a.at)
		}
	}
	return append([]Link{main}, translations...)
}

// A Sighting is what is known of a link at some instant: what a watcher found
// last, held against what its maker declares then.
type Sighting struct {
	Observation
	Since time.Time // when it was first found so, without anything else in between
}

// Observed is what was last found at a link by t, if anything was.
//
// What was found before the link was declared as it is now is held against what
// is declared now: the same bytes, or the same text of a page, are open, others
// are changed. What is gone is gone whatever is declared.
func (r *Record) Observed(l Link, t time.Time) (s Sighting, ok bool) {
	var seen []Observation
	for _, o := range r.observations {
		if o.URL == l.URL && !o.At.After(t) {
			o.Seen = l.holds(o)
			seen = append(seen, o)
		}
	}
	if len(seen) == 0 {
		return s, false
	}
	slices.SortStableFunc(seen, func(a, b Observation) int { return a.At.Compare(b.At) })
	s.Observation = seen[len(seen)-1]
	s.Since = s.At
	for _, o := range slices.Backward(seen) {
		if o.Seen != s.Seen {
			break
		}
		s.Since = o.At
	}
	if s.Seen != SeenGone && s.Since.Before(l.Since) {
		s.Since = l.Since
	}
	return s, true
}

// holds says what an observation shows of the link as it is declared.
func (l Link) holds(o Observation) Seen {
	switch {
	case o.Seen == SeenGone:
		return SeenGone
	case o.SHA256 == l.SHA256, l.TextSHA256 != "" && o.TextSHA256 == l.TextSHA256:
		return SeenOpen
	case o.At.Before(l.Since):
		return SeenChanged
	}
	return o.Seen
}
