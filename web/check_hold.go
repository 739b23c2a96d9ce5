package web

import (
	"bytes"
	"io"
	"net/http"
	"sync/atomic"
)

// paramWhole says that all of a list is to be read before any of it is answered.
// It is for browsers: they read no word of an answer before they have sent all of
// their request, so that of a long list, or over a slow line, each side would wait
// for the other.
const paramWhole = "whole"

// holdAll is how many bytes of lists are held at once, of all requests together.
// Who sends slowly holds little.
const holdAll = 128 << 20

// A holder reads what is going to be held, every lot of it in its own time.
type holder struct {
	io.Reader
	more func() // gives the next lot its time
	all  *atomic.Int64
	n    int64
}

func (s *site) hold(r io.Reader, more func()) *holder {
	return &holder{Reader: r, more: more, all: &s.held}
}

// Read reads on, unless too much is held already.
func (h *holder) Read(b []byte) (int, error) {
	h.more()
	n, err := h.Reader.Read(b)
	h.n += int64(n)
	if h.all.Add(int64(n)) > holdAll {
		return 0, &problem{status: http.StatusServiceUnavailable, code: problemBusy}
	}
	return n, err
}

// release says that what was read is held no more.
func (h *holder) release() { h.all.Add(-h.n) }

// whole reads all of the body of a list, to be held until release is called.
func (s *site) whole(w http.ResponseWriter, r *http.Request) (release func(), err error) {
	control := http.NewResponseController(w)
	h := s.hold(http.MaxBytesReader(w, r.Body, listMost), func() { control.SetReadDeadline(chunkEnd()) })
	data, err := io.ReadAll(h)
	if err != nil {
		h.release()
		return nil, unreadable(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(data))
	return h.release, nil
}
