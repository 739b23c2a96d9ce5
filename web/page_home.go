package web

import (
	"tegata/verify"
	"tegata/web/headline"
)

// A homePage is where everybody begins: a field to look something up with, and
// what was found where that is not one record.
type homePage struct {
	basePage
	Asked   string // what was looked up; empty: nothing yet
	Heading string // what was found
	Found   []foundView
}

// A foundView is one record of several that fit.
type foundView struct {
	URL      string
	Code     string
	Name     phrase
	Brand    string
	Scheme   string
	Number   string
	Headline headline.Headline
}

// newHomePage makes the page that answers asked with what was found, most
// cautious first.
func newHomePage(b basePage, asked string, found []verify.Verdict) homePage {
	l := b.Lang
	p := homePage{basePage: b, Asked: asked}
	p.Title = l.T("home.title")
	switch {
	case asked == "":
		return p
	case len(found) == 0:
		p.Heading = l.T("home.found_none", asked)
	case len(found) == 1:
		p.Heading = l.T("home.found_one", asked)
	default:
		p.Heading = l.T("home.found", l.Count(int64(len(found))), asked)
	}
	p.Title = p.Heading
	for _, v := range found {
		if v.Product == nil {
			continue
		}
		p.Found = append(p.Found, newFoundView(b, &v))
	}
	return p
}
