package web

import (
	"net/url"
	"strings"

	"tegata/verify"
)

// A contactView is where a vulnerability is reported to the maker, and what to
// tell an authority of a label that seems to be misused.
type contactView struct {
	Page    link
	Email   string
	Mail    string // a mailto: address with the code in its subject
	Details string // what an authority needs to know, a line each
	Misuse  string // the same as a mailto: address without a recipient
}

func newContactView(b basePage, v *verify.Verdict, page string) contactView {
	var c contactView
	l := b.Lang
	subject := l.T("contact.subject", v.Code.Printed())
	if v.Contact != nil {
		c.Page, c.Email = newLink(v.Contact.Vulnerability), v.Contact.Email
		c.Mail = mailto(c.Email, subject, "")
	}
	name, _ := v.Product.Name.In(string(l))
	lines := []string{
		l.T("misuse.code", v.Code.Printed()),
		l.T("misuse.product", name, v.Product.Brand),
	}
	if v.Number != "" {
		lines = append(lines, l.T("misuse.number", v.Number))
	}
	lines = append(lines, l.T("misuse.page", page), l.T("misuse.where"), l.T("misuse.what"))
	c.Details = strings.Join(lines, "\n")
	c.Misuse = mailto("", l.T("misuse.subject", v.Code.Printed()), c.Details)
	return c
}

// mailto returns the address that opens a message (RFC 6068): line ends are CRLF
// and blanks are not plus signs.
func mailto(to, subject, body string) string {
	escape := func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
	address := "mailto:" + url.PathEscape(to) + "?subject=" + escape(subject)
	if body != "" {
		address += "&body=" + escape(strings.ReplaceAll(body, "\n", "\r\n"))
	}
	return address
}
