package status

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"

	"tegata/verify"
	"tegata/verify/envelope"
)

// A Token is what a signed QR code says of one label or declaration: that the
// registry holds it, and where to look up what became of it. It says nothing of
// how it stands now, and never that it is recognised.
type Token struct {
	Code    verify.Code
	Number  string         // the scheme's registration number; none: a statement of compliance, which has none
	Expires verify.Date    // the last day when it was printed, in the zone of the scheme; zero: it has none
	Status  int64          // place in all status lists, counted through: list Status/ListSize, place Status%ListSize
	By      verify.PartyID // the issuer or the maker
}

// statusMost is the largest place: what every reader of JSON reads exactly.
const statusMost = 1<<53 - 1

// As the statements have them.
var (
	numberForm = regexp.MustCompile(`^[0-9A-Z-]{0,64}$`)
	partyForm  = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$`)
)

// Scheme is the scheme that the token's label or declaration is of.
func (t Token) Scheme() verify.Scheme {
	if t.Number != "" {
		return verify.JCSTAR
	}
	return verify.PSTI
}

// Payload returns the token as it is signed: a JSON array of the five without
// spaces, the day as a number,
//
//	["7K3MQ2ZT9XWE","DEMO-2026-000123",20280331,4711,"ipa"]
//
// with "" for no number and 0 for no day.
func (t Token) Payload() []byte {
	day := t.Expires.Year*10000 + int(t.Expires.Month)*100 + t.Expires.Day
	return fmt.Appendf(nil, `["%s","%s",%d,%d,"%s"]`, t.Code, t.Number, day, t.Status, t.By)
}

// ParseToken reads what [Token.Payload] writes, in that one spelling. The error
// is [envelope.ErrMalformed] with every fault.
func ParseToken(payload []byte) (Token, error) {
	var parts []json.RawMessage
	if err := json.Unmarshal(payload, &parts); err != nil || len(parts) != 5 {
		return Token{}, fmt.Errorf("%w token: not an array of five", envelope.ErrMalformed)
	}
	var (
		t      Token
		day    int
		faults []string
	)
	read := func(i int, name string, into any, good func() bool) {
		if err := json.Unmarshal(parts[i], into); err != nil || !good() {
			faults = append(faults, fmt.Sprintf("%s, at %d: %.80s", name, i, parts[i]))
		}
	}
	read(0, "code", &t.Code, func() bool { return t.Code != "" })
	read(1, "number", &t.Number, func() bool { return numberForm.MatchString(t.Number) })
	read(2, "last day", &day, func() bool {
		if day == 0 {
			return true
		}
		var err error
		t.Expires, err = verify.ParseDate(fmt.Sprintf("%04d-%02d-%02d", day/10000, day/100%100, day%100))
		return err == nil
	})
	read(3, "place in the status lists", &t.Status, func() bool { return 0 <= t.Status && t.Status <= statusMost })
	read(4, "party", &t.By, func() bool { return partyForm.MatchString(string(t.By)) })
	if len(faults) > 0 {
		return Token{}, fmt.Errorf("%w token: %s", envelope.ErrMalformed, strings.Join(faults, "; "))
	}
	if !bytes.Equal(t.Payload(), payload) {
		return Token{}, fmt.Errorf("%w token: not the one spelling, %s", envelope.ErrMalformed, t.Payload())
	}
	return t, nil
}

// Seal signs the token with the registry's answer key and returns a short token
// ([envelope.OpenShort]). It returns [envelope.ErrMalformed] if the token could
// not be read again, or is too long.
func (t Token) Seal(s *envelope.Signer) (string, error) {
	if _, err := ParseToken(t.Payload()); err != nil {
		return "", err
	}
	return s.SealShort(t.Payload())
}

// OpenToken reads a short token that one of the keys signed: those the registry
// answers with, and answered with when codes still in use were printed. It
// returns [envelope.ErrMalformed], [envelope.ErrKey] or [envelope.ErrSignature],
// and then there is no token.
func OpenToken(short []byte, keys ...envelope.Key) (Token, error) {
	s, err := envelope.OpenShort(short)
	if err != nil {
		return Token{}, err
	}
	if _, err := s.Verify(keys...); err != nil {
		return Token{}, err
	}
	return ParseToken(s.Payload)
}

// ends is the first instant after the printed last day; zero: none was printed.
func (t Token) ends() time.Time {
	if t.Expires.IsZero() {
		return time.Time{}
	}
	return t.Expires.End(t.Scheme().Home().Zone())
}
