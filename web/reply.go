package web

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"tegata/registry"
	"tegata/web/metrics"
)

// A reply is a whole answer to a read, the same for everybody who asks the same.
// What differs between two who ask, or between two moments, is not part of it: see
// [site.give].
type reply struct {
	status int
	fields []field   // of the header, but for what tells of the body; not to be changed once it is given
	media  [1]string // of the body; one, as the values of a field of a header are
	length [1]string
	body   []byte
	shared bool      // with the pages of others
	vary   []string  // by which of the asker's headers it differs: one of those below
	cache  [1]string // Cache-Control; empty: until it changes by itself, but not long
	tag    [1]string // ETag; empty: none
	rest
	address                // under which it is kept
	route   *metrics.Route // on which it was asked for first

	packing      sync.Once
	packed       []byte // the body in gzip; nil: it is not sent so
	packedLength [1]string
}

// By which of the asker's headers answers differ, on one line each.
var (
	variesPacked = []string{"Accept-Encoding"}
	variesShared = []string{"Accept-Encoding, Origin"}
	variesSpoken = []string{"Accept-Encoding, Accept-Language"}
)

// A field is one of a header.
type field struct {
	name   string
	values []string
}

// A rest is what an answer rests on, and so how long it may be kept here. The zero
// rest is that of one that is not kept.
type rest struct {
	kept   bool
	ground registry.Ground // what the log must not speak of meanwhile
	made   time.Time       // the instant that it names; zero: it is the same for ever
	next   time.Time       // when it changes by itself; zero: not foreseen
}

// set gives the header a field; one of that name goes.
func (a *reply) set(name string, values ...string) {
	for i := range a.fields {
		if a.fields[i].name == name {
			a.fields[i].values = values
			return
		}
	}
	a.fields = append(a.fields, field{name, values})
}

// setAll is set of each.
func (a *reply) setAll(h http.Header) {
	for name, values := range h {
		a.set(name, values...)
	}
}

// newReply returns a reply of the media type, without what says how it may be kept.
func newReply(status int, media string, body []byte) *reply {
	return &reply{status: status, media: [1]string{media}, length: [1]string{strconv.Itoa(len(body))}, body: body, vary: variesPacked}
}

// give sends a reply with what is of this moment: how long others may keep it.
// Whoever has it already is sent that word alone. Where it was kept, it is sent in
// gzip to those who take that; else what is around the handler does so.
func (s *site) give(w http.ResponseWriter, r *http.Request, a *reply, kept bool) {
	h := w.Header()
	if a.shared {
		sharing(h, r)
	}
	for _, f := range a.fields {
		h[f.name] = f.values
	}
	if kept {
		h["Vary"] = a.vary
	} else {
		varies(h, a.vary...)
	}
	if h["Cache-Control"] = a.cache[:]; a.cache[0] == "" {
		h["Cache-Control"] = cacheFor(s.age(a.next))
	}
	if a.tag[0] != "" {
		h["Etag"] = a.tag[:]
		if a.status == http.StatusOK && (keeping{tag: a.tag[0]}).had(r) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	body, length := a.body, a.length[:]
	if kept && r.Method != http.MethodHead && takesGzip(r.Header.Get("Accept-Encoding")) && a.pack() {
		body, length = a.packed, a.packedLength[:]
		h["Content-Encoding"] = gzipped
	}
	h["Content-Type"] = a.media[:]
	if len(body) >= lengthFrom || r.Method == http.MethodHead {
		h["Content-Length"] = length
	}
	w.WriteHeader(a.status)
	w.Write(body)
}

// varies says by which of the asker's headers an answer differs.
func varies(h http.Header, by ...string) {
	had := h["Vary"]
	if len(by) == 1 && (len(had) == 0 || len(had) == 1 && strings.HasPrefix(by[0]+",", had[0]+",")) {
		h["Vary"] = by // which says that too
		return
	}
	h["Vary"] = oneLine(append(had, by...))
}

// oneLine is a list of members, each once, on one line.
func oneLine(lines []string) []string {
	var members []string
	for _, line := range lines {
		for m := range strings.SplitSeq(line, ", ") {
			if !slices.Contains(members, m) {
				members = append(members, m)
			}
		}
	}
	return []string{strings.Join(members, ", ")}
}

// lengthFrom is the size, in bytes, from which a body's length has to be told to the
// server: of a shorter one that is written at once it sees the length itself.
const lengthFrom = 2 << 10

var gzipped = []string{"gzip"}

// pack reports whether the body is smaller in gzip. It is packed when first asked.
func (a *reply) pack() bool {
	a.packing.Do(func() {
		media, _, _ := strings.Cut(a.media[0], ";")
		if len(a.body) < compressFrom || !slices.Contains(compressible, media) {
			return
		}
		var b bytes.Buffer
		z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
		if err == nil {
			_, err = z.Write(a.body)
		}
		if err == nil {
			err = z.Close()
		}
		if err == nil && b.Len() < len(a.body) {
			a.packed, a.packedLength[0] = b.Bytes(), strconv.Itoa(b.Len())
		}
	})
	return a.packed != nil
}

// takesGzip reports whether an Accept-Encoding header takes gzip (RFC 9110,
// section 12.5.3). The star counts for no coding by name: who sends it takes the
// plain form too.
func takesGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		coding, params, weighed := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			continue
		}
		name, value, _ := strings.Cut(params, "=")
		if !weighed || !strings.EqualFold(strings.TrimSpace(name), "q") {
			return true
		}
		quality, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		return err == nil && quality > 0
	}
	return false
}
