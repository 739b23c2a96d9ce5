package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"strings"
	"time"

	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
	statuslist "tegata/verify/status"
	"tegata/web/headline"
)

// statusMost is the largest status list that is read, in bytes.
const statusMost = 1 << 20

// signedText returns the text of a signed QR code, an address that leads to a
// code and has a signature behind it. It is false for anything else.
func signedText(text string) (string, bool) {
	text = strings.TrimSpace(text)
	_, host, err := codeOf(text)
	_, token, _ := strings.Cut(text, "#")
	return text, err == nil && host != "" && token != ""
}

// pictured reports whether a file is a picture.
func pictured(data []byte) bool {
	_, _, err := image.DecodeConfig(bytes.NewReader(data))
	return err == nil
}

// signedImage checks the signed QR code in a picture. What shows two different
// ones is refused, as with codes.
func (c *console) signedImage(q question, name string, picture []byte) (int, error) {
	texts, err := readSymbols(picture)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	found := ""
	for _, t := range texts {
		text, ok := signedText(t)
		if ok && found != "" && text != found {
			return 0, fmt.Errorf("%s: the picture shows two signed QR codes; cut one out", name)
		}
		if ok {
			found = text
		}
	}
	if found == "" {
		return 0, misusef("no signed QR code is found in %s; other codes are asked about with -to URL or -bundle FILE", name)
	}
	return c.signed(q, found)
}

// A signedCode is what was found out about a signed QR code, for machines.
type signedCode struct {
	Code   verify.Code `json:"code"`
	Number string      `json:"number,omitempty"`
	Origin string      `json:"origin"` // the registry that signed it
	Status int64       `json:"status"` // its place in all status lists
	At     time.Time   `json:"at"`     // the moment in question
	statuslist.Reading
}

// signed says what may be concluded from a signed QR code without network.
func (c *console) signed(q question, text string) (int, error) {
	if q.trust == "" {
		return 0, misusef("flag -trust is missing: a signature is worth what its key is; labelctl trust -from URL writes the file")
	}
	for _, f := range []string{"in", "known", "model", "gtin"} {
		if q.query.Has(f) {
			return 0, misusef("-%s: a signed QR code does not tell what it counts for; ask with -to URL or -bundle FILE", f)
		}
	}
	t, err := c.trust(q.trust)
	if err != nil {
		return 0, err
	}
	w := words{q.lang}
	address, sealed, _ := strings.Cut(text, "#")
	code, _, err := codeOf(address)
	if err != nil {
		return 0, err
	}
	token, err := openSigned(t, sealed)
	switch {
	case errors.Is(err, envelope.ErrMalformed):
		return c.unsigned(w, headline.Malformed, t.Origin)
	case errors.Is(err, envelope.ErrKey):
		return c.unsigned(w, headline.UnknownKey, t.Origin)
	case errors.Is(err, envelope.ErrSignature):
		return c.unsigned(w, headline.BadSignature, t.Origin)
	case err != nil:
		return 0, err
	case token.Code != code:
		return c.unsigned(w, headline.OtherCode, code.Printed(), token.Code.Printed())
	}
	at := c.now().UTC().Truncate(time.Second)
	if asked := q.query.Get("at"); asked != "" {
		if at, err = moment(asked, token.Scheme().Home().Zone()); err != nil {
			return 0, err
		}
	}
	list, err := c.statusList(q.status, t)
	if err != nil {
		return 0, err
	}
	r := statuslist.Check(token, list, at)
	if q.json {
		if err := json.NewEncoder(c.out).Encode(signedCode{token.Code, token.Number, t.Origin, token.Status, at, r}); err != nil {
			return 0, err
		}
	} else {
		c.tellReading(w, t.Origin, token, r)
	}
	if r.Outcome == statuslist.ReadValid {
		return exitDone, nil
	}
	return exitNo, nil
}

// openSigned opens a token by any answer key that the registry has or had: a
// token is not dated, and codes stay in print.
func openSigned(t bundle.Trust, sealed string) (statuslist.Token, error) {
	var keys []envelope.Key
	for _, k := range t.AnswerKeys {
		key, err := envelope.ParseKey(k.Key)
		if err != nil {
			return statuslist.Token{}, err
		}
		keys = append(keys, key)
	}
	return statuslist.OpenToken([]byte(sealed), keys...)
}

// unsigned says that a code cannot be relied on.
func (c *console) unsigned(w words, f headline.Fault, names ...any) (int, error) {
	c.print(headline.OfFault(w.Language, f, names...).Sentence)
	return exitNo, nil
}

// statusList reads the status list of a file, or none where none is named, or the
// registry did not sign it: then that is said.
func (c *console) statusList(name string, t bundle.Trust) (*statuslist.List, error) {
	if name == "" {
		return nil, nil
	}
	token, err := c.read(name, statusMost)
	if err != nil {
		return nil, err
	}
	var l statuslist.List
	payload, _, err := t.OpenAnswer(envelope.StatusList, bytes.TrimRight(token, "\r\n"))
	if err == nil {
		l, err = statuslist.ParseList(payload)
	}
	if errors.Is(err, envelope.ErrMalformed) || errors.Is(err, envelope.ErrKey) || errors.Is(err, envelope.ErrSignature) || errors.Is(err, bundle.ErrUntrusted) {
		c.say("verify: %s: %v; it is left aside", name, err)
		return nil, nil
	}
	return &l, err
}

// moment reads an instant, or a day, which means its first instant in the zone.
func moment(text string, zone *time.Location) (time.Time, error) {
	if day, err := verify.ParseDate(text); err == nil {
		return day.Start(zone), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, misusef("-at %q is neither a day (2026-11-23) nor an instant (2026-11-23T10:00:00Z)", text)
	}
	return at.UTC(), nil
}

// tellReading prints a reading for people.
func (c *console) tellReading(w words, origin string, t statuslist.Token, r statuslist.Reading) {
	var asOf, until string
	if r.Listed != "" {
		asOf = w.Instant(r.AsOf, time.UTC)
	}
	if !r.Until.IsZero() {
		until = w.Day(r.Until)
	}
	c.print(headline.OfReading(w.Language, r.Outcome, asOf, until).Sentence)
	c.print("")
	pair := func(key, value string) { c.print("  " + w.T(key) + ": " + value) }
	c.print("  " + t.Code.Printed())
	pair("reading.by", w.T("reading.by_party", string(r.By), origin))
	if t.Number != "" {
		pair("product.number", t.Number)
	}
	if until == "" {
		until = w.T("reading.until_none")
	}
	pair("reading.until", until)
	if r.Listed != "" {
		pair("reading.as_of", w.T("reading.as_of_said", asOf, w.T("reading.listed."+string(r.Listed))))
	} else {
		pair("reading.as_of", w.T("reading.as_of_none"))
	}
	c.print("")
	c.print(w.T("reading.limits"))
}
