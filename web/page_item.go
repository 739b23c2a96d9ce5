package web

import "tegata/verify"

// An itemPage shows every record that covers a trade item, each with its own
// answer: one that were put together from several would be nobody's.
type itemPage struct {
	basePage
	Heading    string     // how many records there are
	Found      []itemView // most cautious first
	Qualifiers []string   // what else the address names
	Places     []placeView
	Linkset    string // address; none: there is nothing to link to
}

// An itemView is one of the records.
type itemView struct {
	foundView
	Asked string // about which place, as of when
}

func newItemPage(b basePage, found itemFound) itemPage {
	l := b.Lang
	p := itemPage{basePage: b}
	p.Title = l.T("item.title", found.Item)
	for _, q := range found.Qualifiers {
		p.Qualifiers = append(p.Qualifiers, l.T("item.ai."+q.AI, q.Value))
	}
	if len(found.Matches) == 0 {
		p.Title = l.T("item.none", found.Item)
		return p
	}
	p.Linkset = itemPath(found.Item) + "?" + paramLinkType + "=" + askLinkset
	p.Heading = l.T("item.found_one")
	if found.Ambiguous {
		p.Heading = l.T("item.found", len(found.Matches))
	}
	var carried []string // into the page of a record
	for _, name := range []string{paramIn, paramAt, paramKnown, paramLang} {
		carried = append(carried, name, b.Query.Get(name))
	}
	for _, v := range found.Matches {
		f := newFoundView(b, &v)
		f.URL = basePage{Path: "/v/" + string(v.Code)}.with(append(carried, paramGTIN, string(found.Item))...)
		in := v.Question.In
		p.Found = append(p.Found, itemView{f, l.T("verdict.asked", l.T("place."+string(in)), l.Instant(v.Question.At, zoneOf(in)))})
	}
	for _, in := range verify.Jurisdictions {
		p.Places = append(p.Places, placeView{l.T("place." + string(in)), b.with(paramIn, string(in)), string(in) == b.Query.Get(paramIn)})
	}
	return p
}
