package main

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"
)

// How long lines of the log are held, and in how many bytes, so that a busy server
// does not write each by itself.
const (
	logHeld     = 500 * time.Millisecond
	logHeldMost = 32 << 10
)

// newLog returns a log of JSON, a line each, and what ends it: nothing is held from
// then on. Lines wait for others a moment; warnings and errors do not, and come
// after all that was said before them.
func newLog(w io.Writer, level slog.Level) (l *slog.Logger, end func()) {
	h := &heldLines{to: w}
	return slog.New(urgent{slog.NewJSONHandler(h, &slog.HandlerOptions{Level: level}), h}), h.end
}

// heldLines are lines that are not written yet. What cannot be written is lost, and
// what comes next is tried again.
type heldLines struct {
	to io.Writer

	mu    sync.Mutex
	lines []byte
	timer *time.Timer
	ended bool
}

func (h *heldLines) Write(line []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	begins := len(h.lines) == 0
	h.lines = append(h.lines, line...)
	switch {
	case h.ended || len(h.lines) >= logHeldMost:
		h.write()
	case !begins:
	case h.timer == nil:
		h.timer = time.AfterFunc(logHeld, h.flush)
	default:
		h.timer.Reset(logHeld)
	}
	return len(line), nil
}

func (h *heldLines) write() {
	if len(h.lines) > 0 {
		h.to.Write(h.lines)
		h.lines = h.lines[:0]
	}
}

func (h *heldLines) flush() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.write()
}

func (h *heldLines) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended = true
	h.write()
}

// urgent has warnings and errors held by nothing.
type urgent struct {
	slog.Handler
	held *heldLines
}

func (u urgent) Handle(ctx context.Context, r slog.Record) error {
	err := u.Handler.Handle(ctx, r)
	if r.Level >= slog.LevelWarn {
		u.held.flush()
	}
	return err
}

func (u urgent) WithAttrs(attrs []slog.Attr) slog.Handler {
	return urgent{u.Handler.WithAttrs(attrs), u.held}
}

func (u urgent) WithGroup(name string) slog.Handler { return urgent{u.Handler.WithGroup(name), u.held} }
