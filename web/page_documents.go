package web

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"tegata/verify"
)

// A readView is one document of a declaration, and what a program found in it.
type readView struct {
	documentView
	When  string // it was read; empty: it was not
	Plain bool   // no text was found in it
	Hints []hintView
	Kept  []link // in the archive
}

// A hintView is one thing that was signed and that a program did not find in the
// document.
type hintView struct {
	Name, Cite, Signed, Says string
}

func newReadViews(b basePage, documents []documentBody, v *verify.Verdict) (all []readView) {
	l := b.Lang
	for _, d := range documents {
		view := readView{documentView: newDocumentView(b, v, d.Document)}
		if d.Read != nil {
			view.When, view.Plain = l.T("documents.read", l.Instant(d.Read.At, time.UTC)), d.Read.Unread
			for _, h := range d.Read.Differences {
				hint := hintView{Name: l.T("hint." + hintName(h.Field)), Cite: l.T("fault." + string(h.Rule)), Signed: h.Signed}
				switch {
				case h.Asks != "":
					hint.Says = l.T("fault."+string(h.Asks), h.Says)
				case h.Says != "":
					hint.Says = l.T("documents.says", h.Says)
				case h.Found == verify.No:
					hint.Says = l.T("documents.says_no")
				default:
					hint.Says = l.T("documents.says_unknown")
				}
				view.Hints = append(view.Hints, hint)
			}
		}
		for _, digest := range d.Kept {
			name := "documents.kept_declared"
			if digest != d.SHA256 {
				name = "documents.kept_found"
			}
			view.Kept = append(view.Kept, link{"/archive/" + digest, l.T(name)})
		}
		all = append(all, view)
	}
	slices.SortStableFunc(all, func(a, b readView) int { return cmp.Compare(rank(l, a.Lang), rank(l, b.Lang)) })
	return all
}

// hintName is the last part of the path of a member that has a name of its own.
func hintName(field string) string {
	field = strings.TrimPrefix(field, "declaration.")
	field = strings.TrimSuffix(strings.TrimPrefix(field, "product."), ".end")
	return strings.ReplaceAll(field, ".", "_")
}
