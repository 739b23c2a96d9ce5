package envelope

import (
	"encoding/base64"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/go-json-experiment/json"
	v1 "github.com/go-json-experiment/json/v1"

	"tegata/verify"
)

// OpenLogged returns the key and the payload of a token that is in a log
// already. It verifies nothing and refuses little: that was done when the token
// was admitted, and whoever reads it has checked that it is in the tree.
func OpenLogged(token string) (verify.KeyID, []byte, error) {
	header, rest, _ := strings.Cut(token, ".")
	payload, _, _ := strings.Cut(rest, ".")
	h := lastHeader.Load()
	if h == nil || h.text != header {
		var err error
		if h, err = openHeader(header); err != nil {
			return "", nil, fmt.Errorf("%w: header: %w", ErrMalformed, err)
		}
		lastHeader.Store(h)
	}
	b, err := base64.RawURLEncoding.DecodeString(payload)
	if err != nil {
		return "", nil, fmt.Errorf("%w: payload: %w", ErrMalformed, err)
	}
	return h.kid, b, nil
}

// A loggedHeader is a header, and the key that it names.
type loggedHeader struct {
	text string
	kid  verify.KeyID
}

// lastHeader is the header that was read last: most that one key signs have the same.
var lastHeader atomic.Pointer[loggedHeader]

func openHeader(text string) (*loggedHeader, error) {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	var h struct {
		Kid verify.KeyID `json:"kid"`
	}
	err = unmarshal(b, &h)
	return &loggedHeader{strings.Clone(text), h.Kid}, err
}

// DecodeLogged is [verify.DecodeStatement] in a third of the time: decoding is most
// of what looking a record up costs.
func DecodeLogged(payload []byte) (verify.Statement, error) {
	return verify.DecodeStatementBy(unmarshal, readWhole, payload)
}

// DecodeHead decodes what every statement has, as [DecodeLogged] does, and passes
// over the rest.
func DecodeHead(payload []byte) (h verify.Head, err error) {
	err = unmarshal(payload, &h)
	return h, err
}

// ParseStatement is [verify.ParseStatement] in a sixth of the time, where nothing
// is wrong.
func ParseStatement(payload []byte) (verify.Statement, verify.Faults) {
	return verify.ParseStatementBy(unmarshal, readWhole, payload)
}

var asV1 = v1.DefaultOptionsV1()

// unmarshal decodes as the standard library's encoding/json does.
func unmarshal(b []byte, v any) error { return json.Unmarshal(b, v, asV1) }
