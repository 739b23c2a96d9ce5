package tlog

import (
	"bytes"
	"fmt"
	"strings"
)

const proofHeader = "c2sp.org/tlog-proof@v1"

// maxProof is the most hashes a proof of inclusion needs: the height of the
// highest tree.
const maxProof = 56

// A Proof shows to whoever knows the log's key, and nothing else, that an entry
// is in the log (c2sp.org/tlog-proof). It is the receipt for an entry, which it
// does not hold.
type Proof struct {
	Index      int64
	Hashes     []Hash // of inclusion, as [Inclusion] returns them
	Checkpoint []byte // the signed checkpoint whose tree they lead to, whole
}

// Marshal returns the text of the proof.
func (p Proof) Marshal() []byte {
	b := fmt.Appendf(nil, "%s\nindex %d\n", proofHeader, p.Index)
	for _, h := range p.Hashes {
		b = fmt.Appendf(b, "%s\n", h)
	}
	b = append(b, '\n')
	return append(b, p.Checkpoint...)
}

// ParseProof reads a proof and checks that its parts are well formed and that
// the checkpoint's tree reaches to the index; [Proof.Open] checks what it
// proves. An extra line, which the format allows, is refused: nothing
// authenticates it, and receipts for entries need none.
func ParseProof(b []byte) (Proof, error) {
	head, checkpoint, _ := bytes.Cut(b, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if len(lines) < 2 || lines[0] != proofHeader || len(lines) > 2+maxProof {
		return Proof{}, fmt.Errorf("%w proof: not %s with at most %d hashes", ErrMalformed, proofHeader, maxProof)
	}
	text, named := strings.CutPrefix(lines[1], "index ")
	index, ok := parseNumber(text)
	if !named || !ok {
		return Proof{}, fmt.Errorf("%w proof: index %q", ErrMalformed, lines[1])
	}
	p := Proof{Index: index, Hashes: make([]Hash, len(lines)-2), Checkpoint: bytes.Clone(checkpoint)}
	for i, line := range lines[2:] {
		if p.Hashes[i], ok = parseHash(line); !ok {
			return Proof{}, fmt.Errorf("%w proof: hash %q", ErrMalformed, line)
		}
	}
	_, c, err := readNote(checkpoint)
	if err != nil {
		return Proof{}, fmt.Errorf("proof: %w", err)
	}
	if index >= c.Size {
		return Proof{}, fmt.Errorf("%w proof: entry %d of a tree of %d", ErrMalformed, index, c.Size)
	}
	return p, nil
}

// Open checks that the log whose key is given has signed a tree with this leaf
// at the proof's index, and returns that tree's head. Errors are those of
// [OpenCheckpoint] and [CheckInclusion].
func (p Proof) Open(leaf Hash, log LogKey, cosigners ...CosignerKey) (Checkpoint, []Cosignature, error) {
	c, cosigned, err := OpenCheckpoint(p.Checkpoint, log, cosigners...)
	if err != nil {
		return Checkpoint{}, nil, err
	}
	if err := CheckInclusion(p.Hashes, c.Size, c.Root, p.Index, leaf); err != nil {
		return Checkpoint{}, nil, err
	}
	return c, cosigned, nil
}
