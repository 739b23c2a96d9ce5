package web

import (
	"crypto/rand"
	"net/http"
	"strings"
)

// referred gives a request its reference. One that a trusted proxy gave it is kept,
// so that its log and this one share it too, and the trace that it is of (W3C Trace
// Context), where there is one.
func (s *site) referred(r *http.Request) (reference, trace string) {
	if len(s.proxies) > 0 {
		if a, ok := hop(r.RemoteAddr); ok && s.trusted(a) {
			reference, trace = r.Header.Get("X-Request-Id"), traceOf(r.Header.Get("Traceparent"))
		}
	}
	if !isReference(reference) {
		reference = rand.Text()[:12]
	}
	return reference, trace
}

// isReference reports whether a text can stand in a header, a log line and a page
// as it is: 8 to 64 letters, digits, points, hyphens and underscores.
func isReference(text string) bool {
	return len(text) >= 8 && len(text) <= 64 && !strings.ContainsFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '.' && r != '-' && r != '_'
	})
}

// traceOf is the trace-id of a traceparent, 32 hexadecimal digits in lower case and
// not all of them 0; empty where it is not written by the rules (W3C Trace Context,
// section 3.2).
func traceOf(parent string) string {
	const form = "vv-tttttttttttttttttttttttttttttttt-pppppppppppppppp-ff"
	if len(parent) < len(form) || parent[:2] == "ff" || len(parent) > len(form) && (parent[:2] == "00" || parent[len(form)] != '-') {
		return ""
	}
	for i, want := range []byte(form) {
		c := parent[i]
		if want == '-' && c != '-' || want != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return ""
		}
	}
	trace, span := parent[3:35], parent[36:52]
	if strings.Trim(trace, "0") == "" || strings.Trim(span, "0") == "" {
		return ""
	}
	return trace
}
