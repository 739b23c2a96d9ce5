package main

import (
	"testing"

	"tegata/registry"
)

// TestAuditServed: the server says how far its audit is.
func TestAuditServed(t *testing.T) {
	d := played(t)
	c, err := d.Config()
	if err != nil {
		t.Fatal(err)
	}
	r, err := registry.Open(d.Registry(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	stop, err := answerOwner(d, r, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	size, last := r.Head().Size, int64(-1)
	found, err := auditServed(t.Context(), d, against{}, func(done, of int64) {
		if of != size || done < last {
			t.Errorf("got %d of %d after %d", done, of, last)
		}
		last = done
	})
	if err != nil || len(found.Faults) > 0 || found.Size != size || last != size {
		t.Errorf("got %+v, %v, and %d of %d entries told", found, err, last, size)
	}
}
