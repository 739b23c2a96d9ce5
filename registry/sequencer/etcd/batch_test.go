package etcd

import (
	"bytes"
	"slices"
	"testing"

	"tegata/registry/sequencer"
)

func FuzzParse(f *testing.F) {
	for _, b := range []sequencer.Batch{
		{Head: []byte("head"), Entries: [][]byte{[]byte("entry")}},
		{Entries: [][]byte{nil, []byte("entry"), make([]byte, 300)}},
	} {
		value, err := marshal(b)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(value)
		f.Add(value[:len(value)-1])
	}
	f.Add([]byte(batchHeader))
	f.Fuzz(func(t *testing.T, value []byte) {
		b, err := parse(7, value)
		if err != nil {
			return
		}
		back, err := marshal(b)
		if len(value) <= valueMost && (err != nil || !bytes.Equal(back, value)) {
			t.Errorf("%q came back as %q, %v", value, back, err)
		}
	})
}

func TestBatch(t *testing.T) {
	want := sequencer.Batch{First: 9, Head: []byte("head\n"), Entries: [][]byte{[]byte("a"), []byte("bc")}}
	value, err := marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := parse(9, value)
	if err != nil || got.First != 9 || !bytes.Equal(got.Head, want.Head) || !slices.EqualFunc(got.Entries, want.Entries, bytes.Equal) {
		t.Errorf("got %q %q, %v", got.Head, got.Entries, err)
	}
	for what, b := range map[string]sequencer.Batch{
		"no entries":            {Head: []byte("head")},
		"an entry over 65535":   {Entries: [][]byte{make([]byte, 1<<16)}},
		"over what etcd takes":  {Entries: slices.Repeat([][]byte{make([]byte, 65535)}, 20)},
		"a head that is larger": {Head: make([]byte, 1<<16), Entries: [][]byte{nil}},
	} {
		if _, err := marshal(b); err == nil {
			t.Errorf("%s: it is written", what)
		}
	}
	// As much as a writer offers: full but for a byte, and then the largest entry.
	most := sequencer.Batch{Head: make([]byte, 8<<10), Entries: slices.Repeat([][]byte{make([]byte, sequencer.BytesMost/511)}, 511)}
	most.Entries = append(most.Entries, make([]byte, 65535))
	if _, err := marshal(most); err != nil {
		t.Errorf("what a writer offers is refused: %v", err)
	}
}
