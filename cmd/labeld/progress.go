package main

import (
	"fmt"
	"io"
	"os"
)

// progress shows how much is done, where a person is looking.
func progress(stderr io.Writer, what string) func(done, of int64) {
	f, ok := stderr.(*os.File)
	if !ok {
		return nil
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	return func(done, of int64) {
		fmt.Fprintf(f, "\r%d of %d %s", done, of, what)
		if done >= of {
			fmt.Fprint(f, "\r\x1b[K")
		}
	}
}
