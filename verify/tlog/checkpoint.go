package tlog

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// ErrSignature is wrapped by every refusal of a well-formed checkpoint whose
// signatures are not what they should be.
var ErrSignature = errors.New("signature does not hold")

// A Checkpoint is a log's statement that its tree of Size entries has this Root
// (c2sp.org/tlog-checkpoint). Origin names the log for ever. Extension lines are
// neither written nor read: nobody could audit them.
type Checkpoint struct {
	Origin string
	Size   int64
	Root   Hash
}

// Marshal returns the text that is signed: three lines, each ended by a newline.
func (c Checkpoint) Marshal() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, c.Root)
}

// ParseCheckpoint reads the text of a checkpoint, without its signatures; most
// readers want [OpenCheckpoint].
func ParseCheckpoint(body string) (Checkpoint, error) {
	lines := strings.Split(body, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return Checkpoint{}, fmt.Errorf("%w checkpoint: not three lines", ErrMalformed)
	}
	size, sizeOK := parseNumber(lines[1])
	root, rootOK := parseHash(lines[2])
	switch {
	case lines[0] == "":
		return Checkpoint{}, fmt.Errorf("%w checkpoint: no origin", ErrMalformed)
	case !sizeOK || size > MaxSize:
		return Checkpoint{}, fmt.Errorf("%w checkpoint: size %q", ErrMalformed, lines[1])
	case !rootOK:
		return Checkpoint{}, fmt.Errorf("%w checkpoint: root %q", ErrMalformed, lines[2])
	}
	return Checkpoint{Origin: lines[0], Size: size, Root: root}, nil
}

// Sign returns c as a note signed by its log, whose name must be c's origin.
// A log must never sign two checkpoints of which one does not continue the
// other; that is for the caller to know.
func Sign(c Checkpoint, log *LogSigner) ([]byte, error) {
	if c.Origin != log.name {
		return nil, fmt.Errorf("checkpoint of %q is not for %q to sign", c.Origin, log.name)
	}
	if _, err := ParseCheckpoint(c.Marshal()); err != nil {
		return nil, err
	}
	return note.Sign(&note.Note{Text: c.Marshal()}, log)
}

// Cosign adds the cosigner's line to a signed checkpoint, or puts it in the
// place of an earlier one of the same key, and leaves all other lines as they
// are. The time is kept in whole seconds. It verifies nothing: a cosignature
// says that the tree continues every earlier one the cosigner saw, so whoever
// cosigns has opened the checkpoint and checked that first.
func Cosign(signed []byte, by *Cosigner, at time.Time) ([]byte, error) {
	if at.Unix() < 0 {
		return nil, fmt.Errorf("cosignature before 1970: %v", at)
	}
	n, _, err := readNote(signed)
	if err != nil {
		return nil, err
	}
	return note.Sign(n, cosigning{by, at.Unix()})
}

// readNote reads a signed checkpoint without verifying anything.
func readNote(signed []byte) (*note.Note, Checkpoint, error) {
	// With no key known, the library hands over the note in its error.
	_, err := note.Open(signed, nil)
	var unverified *note.UnverifiedNoteError
	if !errors.As(err, &unverified) {
		return nil, Checkpoint{}, fmt.Errorf("%w checkpoint: not a signed note", ErrMalformed)
	}
	c, err := ParseCheckpoint(unverified.Note.Text)
	return unverified.Note, c, err
}

// A Cosignature is a cosigner's word that at Time, whole seconds in UTC, the
// checkpoint was the largest it knew of the log.
type Cosignature struct {
	By   CosignerKey
	Time time.Time
}

// OpenCheckpoint reads a signed checkpoint of the log whose key is given, and
// returns with it the cosignatures by the cosigners given, in the order of
// their lines; none is required. Lines by any other key mean nothing, whatever
// they say; up to 100 are read. Where a key signed twice, its first line counts.
//
// The error wraps [ErrMalformed] if it is not a signed checkpoint,
// [ErrSignature] if the log did not sign it, if its origin is not the log's
// name, or if a line by one of the given keys is wrong.
func OpenCheckpoint(signed []byte, log LogKey, cosigners ...CosignerKey) (Checkpoint, []Cosignature, error) {
	_, c, err := readNote(signed)
	if err != nil {
		return Checkpoint{}, nil, err
	}
	verifiers := []note.Verifier{log}
	for i, k := range cosigners {
		if !slices.Contains(cosigners[:i], k) { // the library takes a key given twice for an attack
			verifiers = append(verifiers, k)
		}
	}
	n, err := note.Open(signed, note.VerifierList(verifiers...))
	if err != nil {
		return Checkpoint{}, nil, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	byLog := false
	var cosigned []Cosignature
	for _, line := range n.Sigs {
		// The library takes any low bits in the last character.
		if _, err := base64.StdEncoding.Strict().DecodeString(line.Base64); err != nil {
			return Checkpoint{}, nil, fmt.Errorf("%w checkpoint: the signature by %q is not in the one spelling of its bytes", ErrMalformed, line.Name)
		}
		i := slices.IndexFunc(cosigners, func(k CosignerKey) bool { return k.signed(line) })
		if i < 0 {
			byLog = true // the one other key that was known
			continue
		}
		at, err := signedAt(line)
		if err != nil {
			return Checkpoint{}, nil, err
		}
		cosigned = append(cosigned, Cosignature{By: cosigners[i], Time: at})
	}
	switch {
	case !byLog:
		return Checkpoint{}, nil, fmt.Errorf("%w: none by %s", ErrSignature, log)
	case c.Origin != log.name:
		return Checkpoint{}, nil, fmt.Errorf("%w: checkpoint of %q by the key of %q", ErrSignature, c.Origin, log.name)
	}
	return c, cosigned, nil
}
