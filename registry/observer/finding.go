package observer

import (
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"tegata/verify"
)

// Finding says what a visit found of a link as it is declared at that time, if
// it found anything. Before is the last sighting of that link, if there is one.
//
// Where something of another type is there than was declared, the document is not
// open. The declared bytes are open wherever they come from. Other bytes of a page
// whose text is the declared one, or is that of a visit that found the declared
// bytes, are open too. Where a login is asked for instead, the document is not open;
// nor where no type was declared, and that which is there is not that of the end of
// the address. What else there is, is changed. Of a server that is in trouble, or that
// asks to be left alone, nothing is said.
func (v *Visit) Finding(l verify.Link, before *verify.Sighting) (verify.Observed, bool) {
	o := verify.Observed{URL: l.URL, HTTPStatus: v.Status, SHA256: v.SHA256, TextSHA256: v.TextSHA256}
	gone := func(why verify.SeenReason) (verify.Observed, bool) {
		o.Seen, o.Reason, o.SHA256, o.TextSHA256 = verify.SeenGone, why, "", ""
		return o, true
	}
	switch {
	case v.Fault != "":
		return gone(v.Fault)
	case v.Unmodified:
		if before == nil || before.Seen == verify.SeenGone {
			return o, false
		}
		o.Seen, o.SHA256, o.TextSHA256, o.HTTPStatus = before.Seen, before.SHA256, before.TextSHA256, http.StatusNotModified
		return o, true
	case v.Status == http.StatusTooManyRequests, v.Status == 0, v.Status == http.StatusOK && v.SHA256 == "":
		return o, false
	case v.Status != http.StatusOK:
		return gone(verify.GoneByStatus)
	case l.Media != "" && !sameType(v.Media, l.Media):
		return gone(verify.GoneByMedia)
	}
	o.Seen = verify.SeenChanged
	switch {
	case v.SHA256 == l.SHA256, l.TextSHA256 != "" && v.TextSHA256 == l.TextSHA256:
		o.Seen = verify.SeenOpen
	case before != nil && before.Seen == verify.SeenOpen && before.TextSHA256 != "" && before.TextSHA256 == v.TextSHA256:
		o.Seen = verify.SeenOpen
	case v.Login:
		return gone(verify.GoneByLogin)
	case !sameType(v.Media, typeOf(l)):
		return gone(verify.GoneByMedia)
	}
	return o, true
}

// sameType reports whether something of a type, of which nothing may be known, can
// be what is wanted.
func sameType(media, want string) bool {
	return want == "" || media == "" || media == want || want == mediaHTML && media == mediaXHTML
}

// typeOf is the type that the document of a link has: where none was declared, the
// end of the address tells.
func typeOf(l verify.Link) string {
	if u, err := url.Parse(l.URL); err == nil && l.Media == "" {
		return typeOfName[strings.ToLower(path.Ext(u.Path))]
	}
	return l.Media
}

var typeOfName = map[string]string{".pdf": mediaPDF, ".html": mediaHTML, ".htm": mediaHTML, ".txt": "text/plain"}

// How long a finding must last before it is said, and how soon it is looked at
// again. A page that is missing for an hour is not gone; nor is one whose server
// is down for the night.
const (
	changedFor   = time.Hour
	goneFor      = 6 * time.Hour
	unreachedFor = 24 * time.Hour
)

// lasts is how long a finding must last before it is believed.
func lasts(o verify.Observed) time.Duration {
	switch {
	case o.Seen == verify.SeenOpen:
		return 0
	case o.Seen == verify.SeenChanged:
		return changedFor
	case o.Reason == verify.GoneByUnreached, o.Reason == verify.GoneByCertificate, o.HTTPStatus >= http.StatusInternalServerError:
		return unreachedFor
	}
	return goneFor
}

// sayAgainAfter is how old the last observation may get before the same is said
// again at the next visit, so that it is said every 30 days at the least: it is
// relied on for 45.
const sayAgainAfter = 28 * 24 * time.Hour

// worthSaying reports whether a finding says anything that the last sighting does
// not, or says it again in time. A page that changes with every visit is changed,
// and that is said once.
func worthSaying(o verify.Observed, before *verify.Sighting, now time.Time) bool {
	return before == nil || before.Seen != o.Seen || !now.Before(before.At.Add(sayAgainAfter))
}
