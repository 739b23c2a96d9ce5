package web

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
)

// browser holds the reader of barcodes for the browsers that have none: a
// package of others, which the build fetches by its lock file.
//
//go:embed all:browser
var browser embed.FS

// fetched are the files of the folder browser, without which there is no
// scanner.
var fetched = []string{"zxing_license.txt", "zxing_reader.js", "zxing_reader.wasm"}

var errNoScanner = errors.New("the scanner of /scan is not built in: run make build, which fetches it")

// newScanner reads the files that the page /scan loads: those of the folder
// browser are others', which are not there where only go build was run. A server
// that silently lacked one would not be noticed until somebody stands in a shop.
func newScanner(others fs.FS) (*scripts, error) {
	s, err := newScripts(pageScan)
	if err != nil {
		return nil, err
	}
	for _, name := range fetched {
		if err := s.add(others, "browser/"+name); err != nil {
			return nil, fmt.Errorf("%w: %w", errNoScanner, err)
		}
	}
	s.seal()
	return s, nil
}
