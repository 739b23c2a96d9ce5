package observer

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"tegata/verify"
)

// A Compared is a document that was held against what its maker signed.
type Compared struct {
	URL         string    `json:"url"`
	SHA256      string    `json:"sha256"` // of the bytes that were read
	At          time.Time `json:"at"`
	Unread      bool      `json:"unread,omitempty"` // no text was found in it
	Differences []Hint    `json:"differences"`
}

// compared are documents, by declaration and address, as they were last read.
type compared struct {
	mu sync.Mutex
	of map[verify.Code]map[string]Compared
}

// Compared lists the documents of a declaration that were read, in the order of
// their addresses, each with what somebody should look at.
func (o *Observer) Compared(code verify.Code) []Compared {
	o.compared.mu.Lock()
	defer o.compared.mu.Unlock()
	return slices.SortedFunc(maps.Values(o.compared.of[code]), func(a, b Compared) int { return cmp.Compare(a.URL, b.URL) })
}

func (k *compared) note(code verify.Code, c Compared) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.of == nil {
		k.of = map[verify.Code]map[string]Compared{}
	}
	if k.of[code] == nil {
		k.of[code] = map[string]Compared{}
	}
	k.of[code][c.URL] = c
}

func (k *compared) forget(code verify.Code, address string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if delete(k.of[code], address); len(k.of[code]) == 0 {
		delete(k.of, code)
	}
}

// compare holds what was found against the declaration as it was signed, and puts
// it into the archive, where there is one.
func (o *Observer) compare(code verify.Code, d *verify.Declaration, address string, v *Visit) Compared {
	c := Compared{URL: address, SHA256: v.SHA256, At: v.At, Differences: []Hint{}}
	hints := v.reading.compare(d)
	c.Unread = hints == nil
	c.Differences = append(c.Differences, Differences(hints)...)
	o.compared.note(code, c)
	if o.Archive != nil && v.file != "" {
		if err := o.Archive.keep(v.file, v.SHA256); err != nil && !errors.Is(err, errTooLarge) {
			o.Log.Error("archive", "error", err)
		}
	}
	return c
}

// read reads the text of a document that is no page, where somebody can.
func (o *Observer) read(ctx context.Context, v *Visit) {
	if v.file == "" || v.SHA256 == "" || v.Media != mediaPDF || o.ReadPDF == nil {
		return
	}
	o.reading.Lock() // one at a time: each may take much memory
	defer o.reading.Unlock()
	text, err := o.ReadPDF(ctx, v.file)
	if err != nil {
		o.Log.Info("document without text", "sha256", v.SHA256, "error", err)
	}
	v.reading = newReading(text)
}
