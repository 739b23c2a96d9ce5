package web

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strconv"
	"sync/atomic"

	"tegata/registry"
	"tegata/verify/tlog"
)

// encodeReceipt returns a receipt as it is sent, on a line: one object with the index,
// the instant it was logged, the place in the status list of a first statement, the RFC
// 6962 hash of the entry and the proof, the leaf's sibling first, in base64, and the
// checkpoint.
func encodeReceipt(r registry.Receipt) ([]byte, error) {
	b, err := appendReceipt(nil, r)
	return append(b, '\n'), err
}

// appendReceipt appends the object. It is written by hand, in a fourth of the time of
// encoding/json: whoever enters a statement gets one.
func appendReceipt(b []byte, r registry.Receipt) ([]byte, error) {
	checkpoint, err := quoted(r.Checkpoint)
	if err != nil {
		return nil, err
	}
	b = slices.Grow(b, receiptMost+len(r.Proof)*(hashText+len(`"",`))+len(checkpoint))
	b = strconv.AppendInt(append(b, `{"index":`...), r.Index, 10)
	if b, err = r.Logged.AppendText(append(b, `,"logged":"`...)); err != nil {
		return nil, err
	}
	b = append(b, '"')
	if r.Status != tlog.NoStatus {
		b = strconv.AppendInt(append(b, `,"status_index":`...), r.Status, 10)
	}
	b = base64.StdEncoding.AppendEncode(append(b, `,"leaf":"`...), r.Leaf[:])
	b = append(b, `","proof":[`...)
	for i, h := range r.Proof {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(base64.StdEncoding.AppendEncode(append(b, '"'), h[:]), '"')
	}
	b = append(append(b, `],"checkpoint":`...), checkpoint...)
	return append(b, '}'), nil
}

// hashText is how long a hash is in base64, and receiptMost how long a receipt is
// at most, with what ends its line, beside its proof and its checkpoint.
const (
	hashText    = (len(tlog.Hash{}) + 2) / 3 * 4
	receiptMost = len(`{"index":9223372036854775807,"logged":"2006-01-02T15:04:05.999999999-00:00","status_index":9223372036854775807,"leaf":"","proof":[],"checkpoint":}}`+"\n") + hashText
)

// A quotation is a text and how JSON has it.
type quotation struct{ text, json []byte }

// lastQuoted is that of the checkpoint that was asked for last: all receipts of a batch
// have the same.
var lastQuoted atomic.Pointer[quotation]

// quoted is a checkpoint as a string in JSON.
func quoted(checkpoint []byte) ([]byte, error) {
	if q := lastQuoted.Load(); q != nil && bytes.Equal(q.text, checkpoint) {
		return q.json, nil
	}
	line, err := marshal(string(checkpoint))
	if err != nil {
		return nil, err
	}
	q := &quotation{bytes.Clone(checkpoint), bytes.TrimSuffix(line, []byte("\n"))}
	lastQuoted.Store(q)
	return q.json, nil
}
