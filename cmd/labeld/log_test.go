package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// messages are those of a log so far, in their order.
func messages(t *testing.T, log *bytes.Buffer) string {
	t.Helper()
	var all []string
	for line := range strings.Lines(log.String()) {
		var one struct{ Msg string }
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		all = append(all, one.Msg)
	}
	return strings.Join(all, " ")
}

// TestLog: a line is held for a moment and no longer, nothing is held before a
// warning, nor where there is much, nor at the end, and the order is kept.
func TestLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		log, end := newLog(&out, slog.LevelInfo)
		want := func(text string) {
			t.Helper()
			synctest.Wait()
			if got := messages(t, &out); got != text {
				t.Fatalf("got %q, want %q", got, text)
			}
		}
		log.Debug("nothing")
		log.Info("1")
		time.Sleep(logHeld - 1)
		log.With("a", "b").Info("2")
		want("")
		time.Sleep(time.Nanosecond)
		want("1 2")
		log.Info("3")
		time.Sleep(logHeld - 1)
		want("1 2")
		log.WithGroup("g").Warn("4")
		want("1 2 3 4")
		log.With("a", "b").Info("5")
		log.Error("6")
		want("1 2 3 4 5 6")

		out.Reset()
		log.Info("7", "long", strings.Repeat("x", logHeldMost))
		want("7")
		log.Info("8")
		want("7")
		end()
		want("7 8")
		log.Info("9")
		want("7 8 9")
		end()
		want("7 8 9")
	})
}

// failing is a disk that is full at first.
type failing struct {
	bytes.Buffer
	fails bool
}

func (f *failing) Write(b []byte) (int, error) {
	if f.fails {
		return 0, errors.New("no space left on device")
	}
	return f.Buffer.Write(b)
}

// Lines that could not be written do not keep others back.
func TestLogFull(t *testing.T) {
	out := failing{fails: true}
	log, end := newLog(&out, slog.LevelInfo)
	log.Warn("1")
	out.fails = false
	log.Info("2")
	end()
	if got := messages(t, &out.Buffer); got != "2" {
		t.Errorf("got %q", got)
	}
}
