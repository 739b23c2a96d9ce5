package envelope

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/go-jose/go-jose/v4"

	"tegata/verify"
	"tegata/verify/eddsa"
)

// A Type says what a token is for. A token of one type, even by the same key, is
// never taken for one of another.
type Type struct {
	typ  string // of the header
	most int    // bytes of the largest token
	cty  string // of the header; none: there is no such member
}

// Types of tokens. All but the first are signed by the registry's own answer
// key.
var (
	Statement  = Type{"tegata-statement+jws", MaxSize, ""} // what parties say, and the log holds
	Verdict    = Type{"tegata-verdict+jwt", 1 << 20, ""}   // what was answered about one code
	Report     = Type{"tegata-report+jwt", MaxSize, ""}    // what was answered about many
	Manifest   = Type{"tegata-manifest+jwt", 1 << 20, ""}  // what a bundle must hold
	Pack       = Type{"tegata-pack+jwt", MaxSize, ""}      // which files an evidence pack holds
	StatusList = Type{"statuslist+jwt", 1 << 20, ""}       // draft-ietf-oauth-status-list-21
	Yearly     = Type{"tegata-yearly+jwt", 1 << 20, ""}    // what the Participants tell each other (MoC 4(2))
	HandOver   = Type{"tegata-handover+jws", MaxSize, ""}  // one key of the registry gives way to another
	Credential = Type{"vc+jwt", 4 << 20, "vc"}             // W3C VC-JOSE-COSE: the payload is the credential
)

// MaxSize is the size of the largest statement as a token, in bytes: an entry of
// the log may hold 65,535 (c2sp.org/tlog-tiles), and has a few lines beside it.
const MaxSize = 60 << 10

var (
	// ErrMalformed says that bytes are not what they should be, at all: no key
	// could make them good. It is wrapped with the reason and the place.
	ErrMalformed = errors.New("malformed")

	// ErrKey says that a key cannot be used, or not for this: it is no point of
	// its curve, is not the one the token names, or does not fit the algorithm.
	ErrKey = errors.New("unusable key")

	// ErrSignature says that the key named did not sign these bytes.
	ErrSignature = errors.New("signature does not verify")
)

// algorithms are those a token may name. What they need of a key is in
// [Envelope.Begin].
var algorithms = []jose.SignatureAlgorithm{jose.EdDSA, ed25519Algorithm, jose.ES256}

// ed25519Algorithm is the name of RFC 9864 for what RFC 8037 called EdDSA.
const ed25519Algorithm jose.SignatureAlgorithm = "Ed25519"

// signatureSize is the length of a signature in bytes, the same for all three
// algorithms.
const signatureSize = 64

// An Envelope is a token taken apart, not yet verified.
type Envelope struct {
	Token     string       // the token itself, the bytes that are logged
	Algorithm string       // EdDSA, Ed25519 or ES256
	KeyID     verify.KeyID // the key said to have signed
	Payload   []byte       // one JSON object, as CheckJSON takes it

	input     []byte // what was signed (RFC 7515, section 5.1): header and payload as the token spells them
	signature []byte
}

// Open takes a statement's token apart; see [OpenAs].
func Open(token []byte) (Envelope, error) { return OpenAs(Statement, token) }

// OpenAs takes a token of that type apart. It returns [ErrMalformed] if the token
// is larger than its type may be ([MaxSize] for a statement) or is anything but
// the one spelling of a compact JWS whose header holds exactly alg, kid and typ,
// and cty where the type has one, in any order, and whose payload [CheckJSON]
// takes.
func OpenAs(t Type, token []byte) (Envelope, error) { return t.openWhole(string(token)) }

// openWhole is OpenAs of a token that is a text already.
func (t Type) openWhole(token string) (Envelope, error) {
	e, err := t.open(token, []byte(token))
	if err == nil {
		err = CheckJSON(e.Payload)
	}
	if err != nil {
		return Envelope{}, err
	}
	return e, nil
}

// OpenStatement is [Open] of a statement that is read at once: whole is true where
// it has no fault, and otherwise [ParseStatement] tells which it has. What is read as
// whole is JSON as [CheckJSON] takes it, and is not looked through for that. The bytes
// of token are what is verified: until then they are to stay as they are.
func OpenStatement(token []byte) (e Envelope, s verify.Statement, whole bool, err error) {
	if e, err = Statement.open(string(token), token); err != nil {
		return Envelope{}, s, false, err
	}
	if s, whole = verify.ReadStatementBy(readWhole, e.Payload); whole {
		return e, s, true, nil
	}
	if err := CheckJSON(e.Payload); err != nil {
		return Envelope{}, verify.Statement{}, false, err
	}
	return e, verify.Statement{}, false, nil
}

// open is OpenAs but for [CheckJSON], of a token as a text and as bytes, which the
// envelope keeps.
func (t Type) open(token string, bytes []byte) (Envelope, error) {
	if len(token) > t.most {
		return Envelope{}, t.tooLarge(len(token))
	}
	e := Envelope{Token: token, input: bytes}
	parts, err := e.split()
	if err != nil {
		return Envelope{}, err
	}
	h := lastOpened.Load()
	if h == nil || h.of != t || h.text != string(parts[0]) {
		h = &openedHeader{of: t, text: string(parts[0])}
		if h.algorithm, h.kid, err = t.parseHeader(parts[0]); err != nil {
			return Envelope{}, err
		}
		lastOpened.Store(h)
	}
	e.Algorithm, e.KeyID = h.algorithm, h.kid
	e.Payload, e.signature = parts[1], parts[2]
	if len(e.Payload) == 0 {
		return Envelope{}, fmt.Errorf("%w: payload is empty or detached", ErrMalformed)
	}
	return e, nil
}

// Identity is the SHA-256 of the signing input of a token, which is the token up to its
// second full stop. It names the statement; the hash of the token would not, since an
// ES256 signature can be replaced by another that is as good.
func Identity(token string) [sha256.Size]byte {
	return sha256.Sum256([]byte(token[:max(0, strings.LastIndexByte(token, '.'))]))
}

// An openedHeader is a header of tokens of that type, and what it names.
type openedHeader struct {
	of        Type
	text      string
	algorithm string
	kid       verify.KeyID
}

// lastOpened is the header that was opened last: most that one key signs have the same.
var lastOpened atomic.Pointer[openedHeader]

// tooLarge is of a token of so many bytes.
func (t Type) tooLarge(size int) error {
	return fmt.Errorf("%w: token of %d bytes, at most %d are taken", ErrMalformed, size, t.most)
}

// split leaves of the token's bytes what was signed, and returns the bytes of header,
// payload and signature.
func (e *Envelope) split() (parts [3][]byte, err error) {
	for _, blank := range []byte(" \t\r\n") {
		if strings.IndexByte(e.Token, blank) >= 0 { // base64 as it is decoded passes over line ends
			return parts, fmt.Errorf("%w: white space or a line end in the token, or after it", ErrMalformed)
		}
	}
	if n := strings.Count(e.Token, ".") + 1; n != len(parts) {
		return parts, fmt.Errorf("%w: token of %d segments, not 3", ErrMalformed, n)
	}
	var segments [len(parts)]string
	segments[0], segments[1], _ = strings.Cut(e.Token, ".")
	segments[1], segments[2], _ = strings.Cut(segments[1], ".")
	for i, name := range []string{"header", "payload", "signature"} {
		if parts[i], err = spelling.DecodeString(segments[i]); err != nil {
			return parts, fmt.Errorf("%w: %s: not the one base64url spelling of its bytes: %w", ErrMalformed, name, err)
		}
	}
	if n := len(parts[2]); n != signatureSize {
		return parts, fmt.Errorf("%w: signature of %d bytes, not %d", ErrMalformed, n, signatureSize)
	}
	e.input = e.input[:len(e.input)-len(".")-len(segments[2])]
	return parts, nil
}

// spelling is base64url without padding, in which every bit counts.
var spelling = base64.RawURLEncoding.Strict()

// members are what every header holds.
type members struct {
	Alg string `json:"alg"`
	Kid string `json:"kid"`
	Typ string `json:"typ"`
}

// parseHeader returns the algorithm and key a protected header of that type
// names.
func (t Type) parseHeader(b []byte) (string, verify.KeyID, error) {
	var h struct {
		members
		Cty string `json:"cty"`
	}
	var into any = &h.members
	if t.cty != "" {
		into = &h
	}
	// A member that is absent, or null, stays empty and is refused below.
	if err := decode(b, into); err != nil {
		return "", "", fmt.Errorf("%w: header: %w", ErrMalformed, err)
	}
	switch jose.SignatureAlgorithm(h.Alg) {
	case jose.EdDSA, ed25519Algorithm, jose.ES256:
	default:
		return "", "", fmt.Errorf("%w: header: alg %.20q is none of %q", ErrMalformed, h.Alg, algorithms)
	}
	if h.Typ != t.typ {
		return "", "", fmt.Errorf("%w: header: typ %.40q is not %q", ErrMalformed, h.Typ, t.typ)
	}
	if h.Cty != t.cty {
		return "", "", fmt.Errorf("%w: header: cty %.40q is not %q", ErrMalformed, h.Cty, t.cty)
	}
	sum, err := base64.RawURLEncoding.DecodeString(h.Kid)
	if err != nil || len(sum) != sha256.Size || encode(sum) != h.Kid {
		return "", "", fmt.Errorf("%w: header: kid %.60q is not a thumbprint", ErrMalformed, h.Kid)
	}
	return h.Alg, verify.KeyID(h.Kid), nil
}

// Verify returns nil if k signed e. It returns [ErrKey] if k is not the key the
// token names or does not fit its algorithm, and [ErrSignature] if it is but did
// not sign this. Of an ES256 signature both forms count, (r, s) and (r, n-s).
//
// The bytes of the token are verified as they stand. The JOSE library would decode
// everything a second time, does not know the name Ed25519, and takes more spellings
// than one.
func (e Envelope) Verify(k Key) error {
	b, err := e.Begin(k)
	if err != nil {
		return err
	}
	eddsa.Compare(&b.ed25519)
	return b.Err()
}
