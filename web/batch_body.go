package web

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"time"
)

// paced reads a body of which every item has its own time to come, see chunkTime,
// from when it is waited for.
type paced struct {
	r       io.Reader
	control *http.ResponseController
	begun   bool // the time of the present item
}

func (t *paced) Read(p []byte) (int, error) {
	if !t.begun {
		t.begun = true
		t.control.SetReadDeadline(chunkEnd())
	}
	n, err := t.r.Read(p)
	if errors.Is(err, io.EOF) {
		t.control.SetReadDeadline(time.Time{}) // else a long answer would end with it
	}
	return n, err
}

// nextLine returns the next line that is not blank, as [readLine] does, to be kept.
func nextLine(r *bufio.Reader) ([]byte, error) {
	for {
		line, err := readLine(r)
		if err != nil || len(bytes.TrimSpace(line)) > 0 {
			return bytes.Clone(line), err
		}
	}
}

// errArray says that a body is no JSON array, or that more comes after it.
var errArray = errors.New("one JSON array is expected, and nothing else")

// elements takes a JSON array apart as it comes, at the commas between its
// elements. It does not read them as JSON: what is wrong in one element, as long
// as its brackets and quotation marks are closed, does not spoil the next.
type elements struct {
	r     *bufio.Reader
	begun bool // the opening bracket was read
	ended bool // the closing one was
}

// next returns the text of the next element, which may be empty, without the
// white space around it. After the last it returns [io.EOF]. One that is too long
// is passed over whole, with [bufio.ErrBufferFull]. The error is errArray where
// there is no array, and [io.ErrUnexpectedEOF] where it does not end.
func (e *elements) next() ([]byte, error) {
	first := !e.begun
	if first {
		if c, err := e.mark(); err != nil || c != '[' {
			return nil, orArray(err)
		}
		e.begun = true
	}
	if e.ended {
		if _, err := e.mark(); !errors.Is(err, io.EOF) {
			return nil, orArray(err)
		}
		return nil, io.EOF
	}
	text, err := e.element()
	switch {
	case errors.Is(err, io.EOF):
		return nil, io.ErrUnexpectedEOF
	case err == nil && first && e.ended && len(text) == 0:
		return e.next()
	}
	return text, err
}

// mark returns the next byte that is no white space.
func (e *elements) mark() (byte, error) {
	for {
		c, err := e.r.ReadByte()
		if err != nil || c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return c, err
		}
	}
}

func orArray(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return errArray
	}
	return err
}

// element reads up to the comma or the bracket that ends the element.
func (e *elements) element() ([]byte, error) {
	var text []byte
	depth, quoted, escaped, long := 0, false, false, false
	for {
		c, err := e.r.ReadByte()
		if err != nil {
			return nil, err
		}
		switch {
		case escaped:
			escaped = false
		case quoted:
			escaped, quoted = c == '\\', c != '"'
		case c == '"':
			quoted = true
		case c == '{' || c == '[':
			depth++
		case depth > 0 && (c == '}' || c == ']'):
			depth--
		case depth == 0 && (c == ',' || c == ']'):
			e.ended = c == ']'
			if long {
				return nil, bufio.ErrBufferFull
			}
			return bytes.Trim(text, " \t\r\n"), nil
		}
		if len(text) == itemMost {
			long = true
			continue
		}
		text = append(text, c)
	}
}
