package status

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"tegata/verify/envelope"
)

// ListSize is how many places a list has.
const ListSize = 1 << 20

// ConfirmsMost is the longest time between the iat of a list and its exp. With a
// key that was given up somebody could still make a list of the time before, and
// were there no end to it, it would count for ever.
const ConfirmsMost = 24 * time.Hour

// bits is how many bits a place has.
const bits = 2

// A List is a status list: what became of up to [ListSize] labels and
// declarations by an instant.
type List struct {
	Issuer  string        // iss: the origin of the log
	Sub     string        // the address of the list: https://labels.example/status/0
	Issued  time.Time     // iat, whole seconds: how things stood then
	Expires time.Time     // exp, whole seconds: from then on it confirms nothing
	TTL     time.Duration // whole seconds: after so long a fresh one is to be fetched

	packed []byte // ListSize places, least significant bits first
	lst    string // the same, compressed, as it is sent

	bits map[Purpose]func() string // the same for one purpose, made when it is first asked for
}

// NewList returns the list in which the places named, from 0 up to [ListSize],
// stand as they are said to and all others are [Valid]. Everything else about it
// is for the caller to fill in.
func NewList(places map[int64]Status) List {
	l := List{packed: make([]byte, ListSize*bits/8)}
	for at, s := range places {
		l.packed[at*bits/8] |= byte(s) << (at * bits % 8)
	}
	var b bytes.Buffer
	w, err := zlib.NewWriterLevel(&b, zlib.BestCompression) // as the draft recommends
	if err != nil {
		panic(err) // there is such a level
	}
	if _, err := w.Write(l.packed); err != nil {
		panic(err) // into memory
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	l.lst = base64.RawURLEncoding.EncodeToString(b.Bytes())
	l.bits = map[Purpose]func() string{}
	for _, p := range Purposes {
		packed := l.packed
		l.bits[p] = sync.OnceValue(func() string { return p.encode(packed) })
	}
	return l
}

// At is the status at a place, from 0 up to [ListSize]. It panics on any other.
func (l List) At(place int64) Status { return Status(value(l.packed, bits, place)) }

// value returns the value of so many bits, 1, 2, 4 or 8, at a place: bytes are
// filled from the least significant bit (section 4.1).
func value(packed []byte, bits, place int64) byte {
	return packed[place*bits/8] >> (place * bits % 8) & (1<<bits - 1)
}

// Number is the list's number, the last part of its address.
func (l List) Number() (int64, error) {
	u, err := url.Parse(l.Sub)
	if err != nil {
		return 0, err
	}
	number, ok := strings.CutPrefix(u.EscapedPath(), "/status/")
	n, err := strconv.ParseInt(number, 10, 64)
	host := url.URL{Scheme: u.Scheme, Host: u.Host}
	if err != nil || !ok || n < 0 || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || Address(host.String(), n) != l.Sub {
		return 0, errors.New("not an address such as https://labels.example/status/0")
	}
	return n, nil
}

// Address returns the address of list n of a registry that is reached at url,
// such as https://labels.example.
func Address(url string, n int64) string { return url + "/status/" + strconv.FormatInt(n, 10) }

// claims are the payload of a list's token (section 5.1).
type claims struct {
	Issuer   string `json:"iss"`
	Sub      string `json:"sub"`
	IssuedAt int64  `json:"iat"`
	Expires  int64  `json:"exp"`
	TTL      int64  `json:"ttl"`
	List     packed `json:"status_list"`
}

type packed struct {
	Bits        int    `json:"bits"`
	List        string `json:"lst"`
	Aggregation string `json:"aggregation_uri,omitempty"`
}

// Payload returns the payload of the list's token, for [envelope.StatusList].
func (l List) Payload() []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(claims{
		l.Issuer, l.Sub, l.Issued.Unix(), l.Expires.Unix(), int64(l.TTL / time.Second), packed{Bits: bits, List: l.lst},
	})
	if err != nil {
		panic(err) // texts and numbers only
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// lastSecond is the last second RFC 3339 can write, 9999-12-31T23:59:59Z.
const lastSecond = 253402300799

// ParseList reads the payload of a token whose signature has been verified and
// whose issuer is for the caller to know. It wants every claim that a registry
// writes, each as the draft has it; aggregation_uri may be there, and nothing
// else. The error is [envelope.ErrMalformed] with every fault.
func ParseList(payload []byte) (List, error) {
	var c claims
	if err := envelope.Decode(payload, &c); err != nil {
		return List{}, fmt.Errorf("status list: %w", err)
	}
	l := List{
		Issuer: c.Issuer, Sub: c.Sub, lst: c.List.List,
		Issued: time.Unix(c.IssuedAt, 0).UTC(), Expires: time.Unix(c.Expires, 0).UTC(), TTL: time.Duration(c.TTL) * time.Second,
	}
	var faults []string
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	if c.Issuer == "" {
		fault("iss: missing")
	}
	if _, err := l.Number(); err != nil {
		fault("sub: %v", err)
	}
	if c.IssuedAt < 1 || c.IssuedAt > lastSecond {
		fault("iat: missing or out of range")
	}
	if c.Expires <= c.IssuedAt || c.Expires > lastSecond {
		fault("exp: missing, not later than iat, or out of range")
	} else if c.IssuedAt > 0 && c.Expires-c.IssuedAt > int64(ConfirmsMost/time.Second) {
		fault("exp: more than %s later than iat", ConfirmsMost)
	}
	if c.TTL < 1 || c.TTL > lastSecond/1000 {
		fault("ttl: missing, not positive, or out of range")
	}
	if c.List.Bits != bits {
		fault("status_list.bits: %d, not %d", c.List.Bits, bits)
	}
	var err error
	if l.packed, err = inflate(c.List.List, ListSize*bits/8); err != nil {
		fault("status_list.lst: %v", err)
	}
	if len(faults) > 0 {
		return List{}, fmt.Errorf("status list: %w: %s", envelope.ErrMalformed, strings.Join(faults, "; "))
	}
	return l, nil
}

// inflate returns the size bytes that lst is the base64url of the compressed
// form of (RFC 1950). It never makes more of them than that.
func inflate(lst string, size int) ([]byte, error) {
	compressed, err := base64.RawURLEncoding.Strict().DecodeString(lst)
	if err != nil || strings.ContainsAny(lst, "\r\n") {
		return nil, errors.New("not the one base64url spelling of its bytes")
	}
	from := bytes.NewReader(compressed)
	z, err := zlib.NewReader(from)
	if err != nil {
		return nil, err
	}
	out := make([]byte, size)
	if n, err := io.ReadFull(z, out); err != nil {
		return nil, fmt.Errorf("after %d of %d bytes: %w", n, size, err)
	}
	// Reading on to the end is what compares the checksum.
	switch n, err := z.Read(make([]byte, 1)); {
	case n > 0:
		return nil, fmt.Errorf("more than %d bytes", size)
	case err != io.EOF:
		return nil, err
	case from.Len() > 0:
		return nil, fmt.Errorf("%d bytes follow the compressed ones", from.Len())
	}
	return out, nil
}
