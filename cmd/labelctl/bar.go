package main

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
)

// A bar shows on a terminal how far a command is.
type bar struct{ *progressbar.ProgressBar }

// bar returns a bar of so many rows or whatever it counts; where diagnostics go elsewhere than to a
// terminal it shows nothing.
func (c *console) bar(most int64, what string) bar {
	to := io.Discard
	if f, ok := terminal(c.err); ok {
		to = f
	}
	return newBar(to, most, what)
}

func newBar(to io.Writer, most int64, what string) bar {
	return bar{progressbar.NewOptions64(most, progressbar.OptionSetWriter(to), progressbar.OptionSetDescription("labelctl"),
		progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetItsString(what), progressbar.OptionSetPredictTime(true),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetWidth(30), progressbar.OptionClearOnFinish())}
}

// terminal returns the terminal that a writer is, if it is one.
func terminal(w io.Writer) (*os.File, bool) {
	f, ok := w.(*os.File)
	if !ok {
		return nil, false
	}
	info, err := f.Stat()
	return f, err == nil && info.Mode()&os.ModeCharDevice != 0
}
