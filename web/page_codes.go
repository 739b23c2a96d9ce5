package web

import (
	"fmt"
	"time"

	"tegata/verify"
)

// A codesPage is a part of the list of all that a kit has, by code.
type codesPage struct {
	basePage
	Part           string // which of how many
	Found          []foundView
	Previous, Next string // addresses of the parts beside it; empty: there is none
}

// listPath is the address of part n of the list, from 1.
func listPath(n int) string {
	if n == 1 {
		return "/" + pageCodes
	}
	return fmt.Sprintf("/%s/%d", pageCodes, n)
}

func newCodesPage(b basePage, rows []verify.Verdict, n int, of int64) codesPage {
	l := b.Lang
	parts := max(1, int((of+listed-1)/listed))
	p := codesPage{basePage: b, Part: l.T("codes.part", l.Count(int64(n)), l.Count(int64(parts)), l.Count(of))}
	p.Title = l.T("codes.title")
	for i := range rows {
		p.Found = append(p.Found, newFoundView(b, &rows[i]))
	}
	if n > 1 {
		p.Previous = b.Link(listPath(n - 1))
	}
	if n < parts {
		p.Next = b.Link(listPath(n + 1))
	}
	return p
}

// A copyView says of a page that it is a copy: as of when, of how large a log, and
// where all that is copied is listed.
type copyView struct{ Time, Size, Codes string }

func newCopyView(b basePage, log verify.Log) *copyView {
	return &copyView{b.Lang.Instant(log.Time, time.UTC), b.Lang.Count(log.Size), b.Link(listPath(1))}
}
