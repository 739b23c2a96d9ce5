package observer

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tegata/verify"
)

// A memory is what is known of an address between two visits, beside what the
// log says. It may be lost: then the address is visited sooner, and whole.
type memory struct {
	Due      time.Time `json:"due"`
	Tag      string    `json:"etag,omitempty"`
	Modified string    `json:"last_modified,omitempty"`
	Whole    time.Time `json:"whole,omitzero"` // when all of it was read last

	// Doubts are findings that have not lasted long enough to be said, by code.
	Doubts map[verify.Code]doubt `json:"doubts,omitempty"`
}

// A doubt is a finding that is another than what was said last.
type doubt struct {
	Seen  verify.Seen `json:"seen"`
	Since time.Time   `json:"since"`
}

// wholeAfter is how old the last whole reading may get: until then the server is
// asked for what is new.
const wholeAfter = 7 * 24 * time.Hour

// visit returns the visit whose result is to be compared with the next; nil where
// all is to be read.
func (m *memory) visit(now time.Time) *Visit {
	if m.Tag == "" && m.Modified == "" || !now.Before(m.Whole.Add(wholeAfter)) || len(m.Doubts) > 0 {
		return nil
	}
	return &Visit{tag: m.Tag, modified: m.Modified}
}

// doubt notes a finding that is another than what was said last, and returns when
// to look again before it is said. A zero time says that it is to be believed now:
// it is what was said last, or it lasts. That nobody answers, or that no certificate
// is valid, is believed only where somebody else did meanwhile: it may be we who are
// cut off, or who know no authority any more. What is another document after it was
// missing has been another than was declared since then: who changes between the
// two does not stay open.
func (m *memory) doubt(code verify.Code, seen verify.Observed, before *verify.Sighting, now, reached time.Time) time.Time {
	long := lasts(seen)
	if long == 0 || before != nil && before.Seen == seen.Seen {
		delete(m.Doubts, code)
		return time.Time{}
	}
	d, there := m.Doubts[code]
	if !there || d.Seen != seen.Seen {
		if !there || d.Seen != verify.SeenGone {
			d.Since = now
		}
		d.Seen = seen.Seen
		if m.Doubts == nil {
			m.Doubts = map[verify.Code]doubt{}
		}
		m.Doubts[code] = d
	}
	if again := d.Since.Add(long); now.Before(again) {
		return again
	}
	if (seen.Reason == verify.GoneByUnreached || seen.Reason == verify.GoneByCertificate) && !reached.After(d.Since) {
		return now.Add(tryAgain)
	}
	return time.Time{}
}

// remember notes what the next visit needs of this one.
func (m *memory) remember(v *Visit, now time.Time) {
	switch {
	case v.Unmodified:
	case v.SHA256 != "":
		m.Tag, m.Modified, m.Whole = validator(v.tag), validator(v.modified), now
	default:
		m.Tag, m.Modified = "", ""
	}
}

// validatorMost is the longest ETag or Last-Modified that is remembered, in bytes.
const validatorMost = 256

// validator returns what a server calls the state of a document, where it can be
// said to it again; else nothing.
func validator(s string) string {
	if len(s) > validatorMost || strings.ContainsFunc(s, func(c rune) bool { return c < ' ' || c > '~' }) {
		return ""
	}
	return s
}

// memories are kept in one file, which is replaced whole.
type memories struct {
	path     string
	of       map[string]*memory // by address
	compared *compared
}

// A memoryFile is what stands in the file.
type memoryFile struct {
	Addresses map[string]*memory                  `json:"addresses"`
	Documents map[verify.Code]map[string]Compared `json:"documents"`
}

// openMemories reads what is remembered. Where nothing is, or it cannot be read,
// everything is visited anew; the error says why, and is none to stop for.
func openMemories(path string, c *compared) (*memories, error) {
	m := &memories{path: path, of: map[string]*memory{}, compared: c}
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return m, nil
	}
	var f memoryFile
	if err == nil {
		err = json.Unmarshal(text, &f)
	}
	if err != nil {
		return m, fmt.Errorf("what was remembered of earlier visits: %w", err)
	}
	for address, of := range f.Addresses {
		if of != nil {
			m.of[address] = of
		}
	}
	for code, documents := range f.Documents {
		for _, d := range documents {
			c.note(code, d)
		}
	}
	return m, nil
}

// get returns what is remembered of an address, which may be nothing yet.
func (m *memories) get(address string) *memory {
	if m.of[address] == nil {
		m.of[address] = &memory{}
	}
	return m.of[address]
}

// save writes all of it, and leaves the former file where it cannot.
func (m *memories) save() error {
	m.compared.mu.Lock()
	text, err := json.Marshal(memoryFile{m.of, m.compared.of})
	m.compared.mu.Unlock()
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(m.path), filepath.Base(m.path)+"-*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), m.path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
