package main

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"tegata/web/qr"
)

const qrUsage = `usage: labelctl qr -url https://HOST [-o FILE.svg|FILE.png [-f]] CODE

Draws the QR code that leads to the page of a label or declaration, on the
terminal or into a file: SVG for print, PNG where vectors are not taken. Nobody
is asked, so it can be printed before the statement is entered.

  -url URL   where people reach the registry
  -o FILE    a file that is not there yet, of the form its name ends in
  -f         write over a file that is there

  labelctl qr -url https://labels.example -o label.svg 7K3M-Q2ZT-9XWE
`

// pngScale is how many pixels a module of the PNG has, as the registry draws it.
const pngScale = 8

// drawCode draws a QR code.
func drawCode(_ context.Context, c *console, args []string) (int, error) {
	f := newFlags()
	address := f.String("url", "", "")
	file := f.String("o", "", "")
	over := f.Bool("f", false, "")
	if err := parse(f, args, 1, 1, "CODE"); err != nil {
		return 0, err
	}
	if err := need(f, "url"); err != nil {
		return 0, err
	}
	u, err := url.Parse(*address)
	if err != nil || u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return 0, misusef("-url %q is not an address such as https://labels.example", *address)
	}
	code, _, err := codeOf(f.Arg(0))
	if err != nil {
		return 0, misuse(err.Error())
	}
	text, err := qr.Text(u.Host, string(code))
	if err != nil {
		return 0, misuse(err.Error())
	}
	symbol, err := qr.New(text)
	if err != nil {
		return 0, err
	}
	if *file == "" {
		fmt.Fprint(c.out, symbol.Terminal())
		return exitDone, nil
	}
	picture, err := pictureOf(symbol, *file)
	if err != nil {
		return 0, err
	}
	write := writeNew
	if *over {
		write = writeOver
	}
	return exitDone, write(*file, picture, 0o644)
}

func pictureOf(symbol qr.Symbol, file string) ([]byte, error) {
	switch strings.ToLower(filepath.Ext(file)) {
	case ".svg":
		return symbol.SVG(), nil
	case ".png":
		return symbol.PNG(pngScale)
	}
	return nil, misusef("%s ends in neither .svg nor .png", file)
}
