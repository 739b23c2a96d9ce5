package audit

import (
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"tegata/cmd/labeld/control"
	"tegata/cmd/labeld/demo"
	"tegata/cmd/labeld/folder"
)

// TestServed: the server says how far its audit is.
func TestServed(t *testing.T) {
	d := folder.Folder(filepath.Join(t.TempDir(), "data"))
	r, err := demo.New(t.Context(), d, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	end, err := control.Listen(d.Socket(), map[string]http.HandlerFunc{Path: Handler(r)})
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	size, last := r.Head().Size, int64(-1)
	found, err := served(t.Context(), d, Against{}, func(done, of int64) {
		if of != size || done < last {
			t.Errorf("got %d of %d after %d", done, of, last)
		}
		last = done
	})
	if err != nil || len(found.Faults) > 0 || found.Size != size || last != size {
		t.Errorf("got %+v, %v, and %d of %d entries told", found, err, last, size)
	}
}
