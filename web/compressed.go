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
	return gzhttp.NewWrapper(gzhttp.MinSize(compressFrom), gzhttp.EnableZstd(false), gzhttp.ContentTypes([]string{
		"text/html", "text/css", "text/javascript", "text/plain", "application/json", mediaLinkset, "application/problem+json", "image/svg+xml", "application/wasm",
	}))
}
