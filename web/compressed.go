package web

import (
	"net/http"

	"github.com/klauspost/compress/gzhttp"
)

// compressFrom is the size of the smallest answer that is sent compressed, in
// bytes: below it the answer fits one packet either way.
const compressFrom = 1200

// newCompressed returns what lets a handler answer in gzip to those who take it.
// Pictures and hashes do not get smaller; answers that come a line at a time are
// not held back.
func newCompressed() (func(http.Handler) http.HandlerFunc, error) {
	return gzhttp.NewWrapper(gzhttp.MinSize(compressFrom), gzhttp.EnableZstd(false), gzhttp.ContentTypes(compressible))
}

// compressible are the media types that get smaller.
var compressible = []string{
	mediaAtom, mediaFeed, mediaJSON, mediaJWKs, mediaLinkset, "application/problem+json",
	"application/wasm", mediaNDJSON, "image/svg+xml", "text/css", "text/csv", "text/html", "text/javascript", "text/plain",
}
