package web

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// accepted returns how much an Accept header wants a media type (RFC 9110,
// section 12.5.1), from 0, not at all, to 1; and whether it names the type
// itself, rather than a range that holds it. Who sends none takes anything.
func accepted(r *http.Request, media string) (quality float64, named bool) {
	header := strings.Join(r.Header.Values("Accept"), ",")
	if strings.TrimSpace(header) == "" {
		return 1, false
	}
	family, _, _ := strings.Cut(media, "/")
	best := 0 // how closely the range fits: 3 the type itself, 2 its family, 1 anything
	for part := range strings.SplitSeq(header, ",") {
		ranged, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		fits := map[string]int{media: 3, family + "/*": 2, "*/*": 1}[ranged]
		if fits <= best {
			continue
		}
		best, quality = fits, 1
		if q, ok := params["q"]; ok {
			if quality, err = strconv.ParseFloat(q, 64); err != nil || !(quality >= 0 && quality <= 1) {
				quality = 0
			}
		}
	}
	return quality, best == 3
}
