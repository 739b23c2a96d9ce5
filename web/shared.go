package web

import (
	"net/http"
	"strings"
)

// share lets the pages of others read an answer, and all of its header: the star
// stands for every field where nobody says who they are, as nobody does here. There is
// nothing in it that depends on who asks, but that only a page is told so.
func share(w http.ResponseWriter, r *http.Request) {
	varies(w.Header(), "Origin")
	sharing(w.Header(), r)
}

func sharing(h http.Header, r *http.Request) {
	if _, page := r.Header["Origin"]; page {
		h["Access-Control-Allow-Origin"], h["Access-Control-Expose-Headers"] = anybody, anybody
	}
}

// share is that of an answer that may be kept; see [site.give].
func (a *reply) share() {
	a.shared = true
	a.vary = variesShared
}

var anybody = []string{"*"}

// preflight tells what an address answers, and to the page of another that it may
// ask so: with conditions, or with a body that no form could send.
func preflight(methods []string) http.HandlerFunc {
	allow := strings.Join(methods, ", ")
	return func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Allow", allow)
		if r.Header.Get("Access-Control-Request-Method") != "" {
			h.Set("Access-Control-Allow-Origin", "*")
			h.Set("Access-Control-Allow-Methods", allow)
			h.Set("Access-Control-Allow-Headers", "Accept-Language, Content-Type, If-Modified-Since, If-None-Match")
			h.Set("Access-Control-Max-Age", "86400")
		}
		h.Set("Cache-Control", cacheNever)
		w.WriteHeader(http.StatusNoContent)
	}
}
