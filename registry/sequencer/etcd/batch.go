package etcd

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"tegata/registry/sequencer"
	"tegata/verify/tlog"
)

// batchHeader begins the value of a batch. After it come the head and the
// entries, before each its length in two bytes, high one first.
const batchHeader = "tegata-batch/v1\n"

// valueMost is the largest value that is written, in bytes: as much as the bounds
// of [sequencer.Sequencer] allow, and less than the 1.5 MiB that etcd takes in one
// request (--max-request-bytes).
const valueMost = sequencer.BytesMost + 3<<16

var errMalformed = errors.New("not a batch")

// marshal returns the value of a batch.
func marshal(b sequencer.Batch) ([]byte, error) {
	if len(b.Entries) == 0 {
		return nil, errors.New("a batch without entries")
	}
	value := []byte(batchHeader)
	for _, part := range append([][]byte{b.Head}, b.Entries...) {
		if len(part) > tlog.MaxEntry {
			return nil, fmt.Errorf("batch at %d: a part of %d bytes", b.First, len(part))
		}
		value = binary.BigEndian.AppendUint16(value, uint16(len(part)))
		value = append(value, part...)
	}
	if len(value) > valueMost {
		return nil, fmt.Errorf("batch at %d: %d bytes, over %d", b.First, len(value), valueMost)
	}
	return value, nil
}

// parse reads the value of the batch that begins at first. What it returns are
// parts of the value.
func parse(first int64, value []byte) (sequencer.Batch, error) {
	b := sequencer.Batch{First: first}
	rest, ok := bytes.CutPrefix(value, []byte(batchHeader))
	if !ok {
		return b, errMalformed
	}
	for part := 0; len(rest) > 0; part++ {
		if len(rest) < 2 {
			return b, errMalformed
		}
		end := 2 + int(binary.BigEndian.Uint16(rest))
		switch {
		case len(rest) < end || part > sequencer.EntriesMost:
			return b, errMalformed
		case part == 0:
			b.Head = rest[2:end:end]
		default:
			b.Entries = append(b.Entries, rest[2:end:end])
		}
		rest = rest[end:]
	}
	if len(b.Entries) == 0 {
		return b, errMalformed
	}
	return b, nil
}

// parseHead reads what a signed checkpoint says, and verifies nothing.
func parseHead(signed []byte) (tlog.Checkpoint, error) {
	text, _, ok := strings.Cut(string(signed), "\n\n")
	if !ok {
		return tlog.Checkpoint{}, errors.New("not a signed checkpoint")
	}
	return tlog.ParseCheckpoint(text + "\n")
}
