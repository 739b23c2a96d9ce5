package bundle_test

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
	"tegata/verify/status"
)

type givenList struct {
	List  string  `json:"list,omitempty"` // a token
	Trust members `json:"trust,omitempty"`

	// Of the specification's small examples, without a token.
	Bits int    `json:"bits,omitempty"`
	Lst  string `json:"lst,omitempty"`
}

func (g *givenList) run(file []byte) (any, error) {
	if g.Bits != 0 {
		return g.example()
	}
	l, err := openList(g.List, g.Trust, file)
	if err != nil {
		return nil, err
	}
	marked := map[int64]status.Status{}
	for at := range int64(status.ListSize) {
		if s := l.At(at); s != status.Valid {
			marked[at] = s
		}
	}
	return object{"sub": l.Sub, "iat": l.Issued.Unix(), "exp": l.Expires.Unix(), "ttl": int(l.TTL / time.Second), "marked": marked}, nil
}

func openList(token string, changes members, file []byte) (l status.List, err error) {
	trust, err := changes.open(file)
	if err != nil {
		return l, err
	}
	payload, _, err := trust.OpenAnswer(envelope.StatusList, []byte(token))
	if err != nil {
		return l, err
	}
	return status.ParseList(payload)
}

// example decodes one of the specification's. Lists of a registry are longer, so
// ours of two bits is made with the same values at its beginning, and must begin
// with the same bytes.
func (g *givenList) example() (any, error) {
	packed, err := inflated(g.Lst)
	if err != nil {
		return nil, err
	}
	var values []int
	ours := map[int64]status.Status{}
	for i := range len(packed) * 8 / g.Bits {
		v := int(packed[i*g.Bits/8]) >> (i * g.Bits % 8) & (1<<g.Bits - 1)
		values, ours[int64(i)] = append(values, v), status.Status(v)
	}
	if g.Bits == 2 {
		var sent struct {
			List struct{ Lst string } `json:"status_list"`
		}
		if err := json.Unmarshal(status.NewList(ours).Payload(), &sent); err != nil {
			return nil, err
		}
		whole, err := inflated(sent.List.Lst)
		if err != nil || !bytes.HasPrefix(whole, packed) {
			return nil, fmt.Errorf("our list begins %x, that of the specification %x, %w", whole[:8], packed, err)
		}
	}
	return object{"values": values}, nil
}

func inflated(lst string) ([]byte, error) {
	compressed, err := base64.RawURLEncoding.DecodeString(lst)
	if err != nil {
		return nil, err
	}
	z, err := zlib.NewReader(bytes.NewReader(compressed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

type givenText struct {
	Text  string    `json:"text"`
	List  string    `json:"list,omitempty"`
	Now   time.Time `json:"now"`
	Trust members   `json:"trust,omitempty"`
}

// textMost is how many characters a QR text has at most.
const textMost = 255

func (g *givenText) run(file []byte) (any, error) {
	trust, err := g.Trust.open(file)
	if err != nil {
		return nil, err
	}
	address, token, signed := strings.Cut(g.Text, "#")
	host, code, found := strings.Cut(strings.TrimPrefix(address, "HTTPS://"), "/V/")
	if len(g.Text) > textMost || !signed || !found || !strings.HasPrefix(address, "HTTPS://") || host == "" {
		return nil, fmt.Errorf("%w text: not HTTPS://HOST/V/CODE#TOKEN of at most %d characters", envelope.ErrMalformed, textMost)
	}
	about, err := verify.ParseCode(code)
	if err != nil {
		return nil, err
	}
	var keys []envelope.Key
	for _, pinned := range trust.AnswerKeys {
		k, err := envelope.ParseKey(pinned.Key)
		if err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	said, err := status.OpenToken([]byte(token), keys...)
	if err != nil {
		return nil, err
	}
	if said.Code != about {
		return nil, fmt.Errorf("%w: the token is about another code than the address", bundle.ErrUntrusted)
	}
	var list *status.List
	if g.List != "" {
		l, err := openList(g.List, g.Trust, file)
		if err != nil {
			return nil, err
		}
		list = &l
	}
	return object{
		"code": said.Code, "number": said.Number, "place": said.Status, "reading": status.Check(said, list, g.Now),
	}, nil
}
