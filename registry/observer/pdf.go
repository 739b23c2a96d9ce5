package observer

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/ledongthuc/pdf"
)

// Limits of reading a PDF, whose author is anybody.
const (
	pagesMost  = 50
	memoryMost = 256 << 20
)

// ReadPDF writes the text of a PDF to w: of 50 pages at the most, and 64 KiB. It is
// to run in a process of its own, since a file can be made so that reading it
// takes for ever or all memory there is: where the latter happens, the process
// ends.
func ReadPDF(path string, w io.Writer) (err error) {
	debug.SetMaxStack(memoryMost / 4) // where pages hold each other it has no end
	stop := watchMemory()
	defer stop()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", errPDF, p) // so its reader says of a file that is none
		}
	}()
	f, r, err := pdf.Open(path)
	if err != nil {
		return fmt.Errorf("%w: %w", errPDF, err)
	}
	defer f.Close()
	left := textMost
	for i := 1; i <= min(r.NumPage(), pagesMost) && left > 0; i++ {
		text, err := r.Page(i).GetPlainText(nil)
		if err != nil {
			return fmt.Errorf("%w: page %d: %w", errPDF, i, err)
		}
		text = strings.ToValidUTF8(text, "\ufffd") + "\n"
		text = text[:min(len(text), left)]
		left -= len(text)
		if _, err := io.WriteString(w, text); err != nil {
			return err
		}
	}
	return nil
}

var errPDF = errors.New("not a PDF that can be read")

// watchMemory ends the process where it takes too much.
func watchMemory() (stop func()) {
	done := make(chan struct{})
	go func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
			}
			var m runtime.MemStats
			if runtime.ReadMemStats(&m); m.HeapInuse > memoryMost {
				fmt.Fprintln(os.Stderr, "it takes more memory than is given to one document")
				os.Exit(3)
			}
		}
	}()
	return func() { close(done) }
}
