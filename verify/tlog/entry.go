package tlog

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	sumdb "golang.org/x/mod/sumdb/tlog"
)

// ErrMalformed is wrapped by every refusal of bytes or text that are not in the
// form they should be in.
var ErrMalformed = errors.New("malformed")

// MaxEntry is the most bytes an entry may have: an entry bundle gives its length
// in 16 bits (c2sp.org/tlog-tiles).
const MaxEntry = 1<<16 - 1

// NoStatus is the Status of an entry to which no index was assigned.
const NoStatus = -1

// entryHeader is the first line of an entry. It is hashed into the log and
// never changes; another format gets another line.
const entryHeader = "tegata-entry/v1"

// lastInstant is the last millisecond RFC 3339 can write, 9999-12-31T23:59:59.999Z.
const lastInstant = 253402300799999

// An Entry is what the log holds at one index.
type Entry struct {
	Logged time.Time // when the registry entered it: UTC, whole milliseconds, 1970 to 9999
	Status int64     // index in the status list, given to a first statement, or NoStatus
	Token  string    // the statement as it was sent: a compact JWS, visible ASCII
}

// Marshal returns the bytes that are hashed and logged: four lines, no final
// newline. It panics on an entry that [ParseEntry] would not give back, since
// such bytes could be put into the log and never be read again; whoever makes
// one has checked the token and cut the instant to milliseconds.
func (e Entry) Marshal() []byte {
	milli := e.Logged.UnixMilli()
	b := make([]byte, 0, len(entryHeader)+len("\n253402300799999\n9223372036854775807\n")+len(e.Token))
	b = append(b, entryHeader...)
	b = strconv.AppendInt(append(b, '\n'), milli, 10)
	if b = append(b, '\n'); e.Status == NoStatus {
		b = append(b, '-')
	} else {
		b = strconv.AppendInt(b, e.Status, 10)
	}
	b = append(append(b, '\n'), e.Token...)
	switch {
	case milli < 0, milli > lastInstant, !time.UnixMilli(milli).Equal(e.Logged):
		panic(fmt.Sprintf("entry logged at %s", e.Logged))
	case e.Status < NoStatus, len(b) > MaxEntry, e.Token == "", !visible(e.Token):
		panic(fmt.Sprintf("entry of %d bytes, with status index %d", len(b), e.Status))
	}
	return b
}

// ParseEntry reads the bytes of one entry. It does not look into the token.
func ParseEntry(b []byte) (Entry, error) {
	if len(b) > MaxEntry {
		return Entry{}, fmt.Errorf("%w entry: %d bytes", ErrMalformed, len(b))
	}
	lines := strings.Split(string(b), "\n")
	if len(lines) != 4 || lines[0] != entryHeader {
		return Entry{}, fmt.Errorf("%w entry: not four lines from %s", ErrMalformed, entryHeader)
	}
	milli, ok := parseNumber(lines[1])
	if !ok || milli > lastInstant {
		return Entry{}, fmt.Errorf("%w entry: instant %q", ErrMalformed, lines[1])
	}
	status := int64(NoStatus)
	if lines[2] != "-" {
		if status, ok = parseNumber(lines[2]); !ok {
			return Entry{}, fmt.Errorf("%w entry: status index %q", ErrMalformed, lines[2])
		}
	}
	token := lines[3]
	if token == "" || !visible(token) {
		return Entry{}, fmt.Errorf("%w entry: token is not visible ASCII", ErrMalformed)
	}
	return Entry{Logged: time.UnixMilli(milli).UTC(), Status: status, Token: token}, nil
}

// visible reports whether s is visible ASCII.
func visible(s string) bool {
	for _, c := range []byte(s) {
		if c-'!' > '~'-'!' {
			return false
		}
	}
	return true
}

// parseNumber reads a decimal that is not negative, has no sign and no leading
// zero.
func parseNumber(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && n >= 0 && strconv.FormatInt(n, 10) == s
}

// parseHash reads a hash in its one canonical base64; the library's own parser
// lets the unused bits of the last symbol be anything.
func parseHash(s string) (Hash, bool) {
	h, err := sumdb.ParseHash(s)
	return h, err == nil && h.String() == s
}
