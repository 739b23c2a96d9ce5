package main

import (
	"context"
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"tegata/verify"
	"tegata/web/artwork"
	"tegata/web/qr"
)

const qrUsage = `usage: labelctl qr -url https://HOST [-o FILE.svg|FILE.png [-f]] CODE
       labelctl qr -url https://HOST -size MM -o FILE.svg|FILE.png|FILE.pdf
                   [-level M|Q|H] [-lang en|ja|both] [-expires DAY] [-dpi 300|600] [-f] CODE...

Draws the QR code that leads to the page of a label or declaration, on the
terminal or into a file: SVG for print, PNG where vectors are not taken. Nobody
is asked, so it can be printed before the statement is entered.

With -size it draws the artwork of a label: the QR code with the code and words
beside it, in millimetres. Several codes make A4 sheets with marks to cut by. It
carries no mark of any authority.

  -url URL      where people reach the registry
  -o FILE       a file that is not there yet, of the form its name ends in
  -f            write over a file that is there
  -size MM      the side of the QR code with its blank border, up to 100; too
                small a size is refused with the least that can be read
  -level LEVEL  how much of it may be damaged: M about 15 % (as without it), Q
                about 25 %, H about 30 %
  -lang LANG    the language of the words; both without it
  -expires DAY  the label's last day, such as 2028-03-31; leave it out for a
                declaration
  -dpi N        dots to the inch of a PNG; 300 without it

  labelctl qr -url https://labels.example -o label.svg 7K3M-Q2ZT-9XWE
  labelctl qr -url https://labels.example -size 20 -expires 2028-03-31 -o label.pdf 7K3M-Q2ZT-9XWE
`

// pngScale is how many pixels a module of the PNG has, as the registry draws it.
const pngScale = 8

// drawCode draws a QR code, or the artwork of labels.
func drawCode(_ context.Context, c *console, args []string) (int, error) {
	f := newFlags()
	address := f.String("url", "", "")
	file := f.String("o", "", "")
	over := f.Bool("f", false, "")
	var print artworkFlags
	f.StringVar(&print.size, "size", "", "")
	f.StringVar(&print.level, "level", string(qr.LevelM), "")
	f.StringVar(&print.lang, "lang", "both", "")
	f.StringVar(&print.expires, "expires", "", "")
	f.IntVar(&print.dpi, "dpi", artwork.Resolutions[0], "")
	if err := parse(f, args, 1, artwork.SheetMost, "CODE"); err != nil {
		return 0, err
	}
	if err := need(f, "url"); err != nil {
		return 0, err
	}
	host, err := hostOf(*address)
	if err != nil {
		return 0, err
	}
	var codes []verify.Code
	for _, arg := range f.Args() {
		code, _, err := codeOf(arg)
		if err != nil && f.NArg() > 1 {
			return 0, misusef("%s: %v", arg, err)
		}
		if err != nil {
			return 0, misuse(err.Error())
		}
		codes = append(codes, code)
	}
	if print.size == "" {
		if err := plainOnly(f); err != nil {
			return 0, err
		}
		return drawSymbol(c, host, codes[0], *file, *over)
	}
	if err := need(f, "o"); err != nil {
		return 0, err
	}
	picture, err := artworkOf(host, codes, print, *file)
	if err != nil {
		return 0, err
	}
	return exitDone, writer(*over)(*file, picture, 0o644)
}

// plainOnly refuses what goes with -size alone.
func plainOnly(f *flag.FlagSet) (err error) {
	f.Visit(func(given *flag.Flag) {
		switch given.Name {
		case "level", "lang", "expires", "dpi":
			err = misusef("-%s goes with -size", given.Name)
		}
	})
	if err == nil && f.NArg() > 1 {
		err = misusef("%q is one argument too many: several codes go with -size", f.Arg(1))
	}
	return err
}

// hostOf is the host of an address, which is all there is to it.
func hostOf(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return "", misusef("-url %q is not an address such as https://labels.example", address)
	}
	return u.Host, nil
}

// drawSymbol draws a QR code by itself.
func drawSymbol(c *console, host string, code verify.Code, file string, over bool) (int, error) {
	text, err := qr.Text(host, string(code))
	if err != nil {
		return 0, misuse(err.Error())
	}
	symbol, err := qr.New(text)
	if err != nil {
		return 0, err
	}
	if file == "" {
		fmt.Fprint(c.out, symbol.Terminal())
		return exitDone, nil
	}
	picture, err := pictureOf(symbol, file)
	if err != nil {
		return 0, err
	}
	return exitDone, writer(over)(file, picture, 0o644)
}

// writer is what writes a file.
func writer(over bool) func(string, []byte, os.FileMode) error {
	if over {
		return writeOver
	}
	return writeNew
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
