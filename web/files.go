package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"tegata/registry"
	"tegata/verify/tlog"
)

// A file is an answer in a format of its own.
type file struct {
	media string
	data  []byte
	cache string // Cache-Control
}

// checkpoint answers with the signed head (c2sp.org/tlog-checkpoint), and the date
// that the registry put to it.
func (s *site) checkpoint(*http.Request) (file, time.Time, error) {
	signed, head, err := s.datedHead()
	return file{mediaText, signed, cacheShort}, head.Time, err
}

// tile answers with a tile of hashes or a bundle of entries
// (c2sp.org/tlog-tiles).
func (s *site) tile(r *http.Request) (file, error) {
	p, err := tlog.ParseTilePath("tile/" + strings.TrimPrefix(r.PathValue("path"), "/"))
	if err != nil {
		return file{}, registry.ErrNotFound
	}
	data, err := s.registry.Tile(p)
	return file{"application/octet-stream", data, cacheForever}, err
}

// CheckURL says what is wrong with the address people reach the registry at: it
// is such as https://labels.example, without a path.
func CheckURL(address string) error {
	_, err := hostOf(address)
	return err
}

// hostOf returns the host, with its port, of the address the registry is
// reached at.
func hostOf(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || strings.ContainsAny(address, "?#") || u.Path != "" && u.Path != "/" {
		return "", fmt.Errorf("%q is not an address such as https://labels.example", address)
	}
	return u.Host, nil
}

func (s *site) healthz(*http.Request) (file, error) {
	return file{"text/plain; charset=utf-8", []byte("ok\n"), cacheNever}, nil
}
