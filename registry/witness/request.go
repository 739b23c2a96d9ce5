package witness

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"tegata/verify/tlog"
)

const (
	// maxProof is the most lines a proof may have: "The client MUST NOT send more
	// than 63 consistency proof lines" (c2sp.org/tlog-witness).
	maxProof = 63
	// requestSize is the size of the largest request, in bytes: the proof has 3 KiB
	// at most, a line of a signature about 200 bytes.
	requestSize = 64 << 10
	// sizeType is the type of the answer that tells which size the witness
	// cosigned last.
	sizeType = "text/x.tlog.size"
)

// A request asks a witness to cosign a checkpoint.
type request struct {
	old        int64       // size of the tree the witness cosigned last
	proof      []tlog.Hash // that the checkpoint's tree continues it
	checkpoint []byte      // signed
	claimed    tlog.Checkpoint
}

// marshal returns the body of the request.
func (q request) marshal() []byte {
	b := fmt.Appendf(nil, "old %d\n", q.old)
	for _, h := range q.proof {
		b = fmt.Appendf(b, "%s\n", h)
	}
	b = append(b, '\n')
	return append(b, q.checkpoint...)
}

// parseRequest reads the body of a request. What the checkpoint says is only
// claimed: no signature has been looked at. A checkpoint with extension lines is
// refused, as everywhere: nobody could audit them. The error wraps
// [tlog.ErrMalformed].
func parseRequest(b []byte) (q request, err error) {
	head, checkpoint, found := bytes.Cut(b, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	text, named := strings.CutPrefix(lines[0], "old ")
	switch {
	case !found:
		return q, fmt.Errorf("%w request: no empty line before the checkpoint", tlog.ErrMalformed)
	case !named:
		return q, fmt.Errorf("%w request: the first line is %.40q, not old and a size", tlog.ErrMalformed, lines[0])
	case len(lines)-1 > maxProof:
		return q, fmt.Errorf("%w request: a proof of %d lines, at most %d are read", tlog.ErrMalformed, len(lines)-1, maxProof)
	}
	if q.old, err = parseSize(text); err != nil {
		return q, fmt.Errorf("%w request: old %w", tlog.ErrMalformed, err)
	}
	for _, line := range lines[1:] {
		raw, err := base64.StdEncoding.Strict().DecodeString(line)
		if err != nil || len(raw) != len(tlog.Hash{}) || tlog.Hash(raw).String() != line {
			return q, fmt.Errorf("%w request: hash %.60q", tlog.ErrMalformed, line)
		}
		q.proof = append(q.proof, tlog.Hash(raw))
	}
	body, _, _ := bytes.Cut(checkpoint, []byte("\n\n"))
	if q.claimed, err = tlog.ParseCheckpoint(string(body) + "\n"); err != nil {
		return q, err
	}
	q.checkpoint = checkpoint
	return q, nil
}

// parseSize reads the size of a tree: a decimal without sign and leading zero.
func parseSize(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || n > tlog.MaxSize || strconv.FormatInt(n, 10) != text {
		return 0, fmt.Errorf("%.40q is not the size of a tree", text)
	}
	return n, nil
}
