package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"tegata/registry"
	"tegata/verify"
	"tegata/verify/status"
	"tegata/web/qr"
)

// pngScale is how many pixels a module of the PNG has: 29 modules and the quiet
// zone make about 300 pixels.
const pngScale = 8

// signedMark stands in the name of a symbol's file before its form, where the
// symbol carries the registry's signature.
const signedMark = "-signed"

// qr answers with the QR code of a label or declaration that is in the
// registry; for any other code there is none.
func (s *site) qr(r *http.Request) (file, error) {
	name := r.PathValue("file")
	text, isSVG := strings.CutSuffix(name, ".svg")
	text, isPNG := strings.CutSuffix(text, ".png")
	if isSVG == isPNG {
		return file{}, registry.ErrNotFound
	}
	text, signed := strings.CutSuffix(text, signedMark)
	code, err := verify.ParseCode(text)
	if err != nil {
		return file{}, err
	}
	f, err := s.registry.Lookup(r.Context(), code)
	if err != nil {
		return file{}, err
	}
	if len(f.Entries) == 0 {
		return file{}, registry.ErrNotFound
	}
	var symbol qr.Symbol
	cache := cacheForever
	if signed {
		symbol, err = s.signedSymbol(f.Record(verify.Known{}), f.Log)
		cache = cacheAsk // an extension changes the last day, and after that there is none
	} else {
		symbol, err = s.symbol(code)
	}
	if err != nil {
		return file{}, err
	}
	if isSVG {
		return file{"image/svg+xml", symbol.SVG(), cache}, nil
	}
	png, err := symbol.PNG(pngScale)
	return file{"image/png", png, cache}, err
}

// symbol makes the QR code that leads to the page of a code.
func (s *site) symbol(code verify.Code) (qr.Symbol, error) {
	text, err := qr.Text(s.host, string(code))
	if err != nil {
		return qr.Symbol{}, err
	}
	return qr.New(text)
}

// unprintable are the states in which no signed symbol is made: what says of
// itself that the registry vouched for it is not to be put on a product that it
// no longer vouches for. What is suspended or in grace may come back. What is not
// yet valid would read as valid where nobody can be asked: neither the token nor
// the list has a first day.
var unprintable = map[verify.Status]bool{
	verify.StatusRevoked: true, verify.StatusWithdrawn: true, verify.StatusLapsed: true,
	verify.StatusExpired: true, verify.StatusUntrusted: true, verify.StatusUnknown: true,
	verify.StatusNotYet: true,
}

// signedSymbol makes the QR code of a record that can be checked without
// network, as of the log's head.
func (s *site) signedSymbol(record *verify.Record, head verify.Log) (qr.Symbol, error) {
	if now := record.Status(head.Time); unprintable[now] {
		return qr.Symbol{}, &problem{status: http.StatusConflict, code: problemNoArtwork, reason: "its status is " + string(now)}
	}
	token, err := s.token(record, head)
	if err != nil {
		return qr.Symbol{}, err
	}
	sealed, err := token.Seal(s.registry.Answer())
	if err != nil {
		return qr.Symbol{}, &problem{status: http.StatusConflict, code: problemNoArtwork, reason: err.Error()}
	}
	text, err := qr.Signed(s.host, string(record.Code), sealed)
	if err != nil {
		return qr.Symbol{}, &problem{status: http.StatusConflict, code: problemNoArtwork, reason: err.Error()}
	}
	return qr.New(text)
}

// token is what a signed symbol says of a record, as of the log's head: its last
// day, where it has one, and its place in the status lists.
func (s *site) token(record *verify.Record, head verify.Log) (status.Token, error) {
	t := status.Token{Code: record.Code, By: record.By, Expires: record.Ends(head.Time)}
	if record.Label != nil {
		t.Number = record.Label.Number
	}
	var err error
	t.Status, err = s.place(record)
	return t, err
}

// place is a record's place in the status lists, which was fixed when its newest
// first statement that counts was entered.
func (s *site) place(record *verify.Record) (int64, error) {
	for _, said := range slices.Backward(record.History) {
		if said.Counts == verify.Counted && said.Kind.First() {
			receipt, err := s.registry.Receipt(said.Index)
			return receipt.Status, err
		}
	}
	return 0, fmt.Errorf("record %s: no first statement counts", record.Code)
}
