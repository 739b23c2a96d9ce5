package tlog

import (
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/note"
)

// TakeCosignature returns a signed checkpoint with the first line that another
// copy of it has by that cosigner, in the place of an earlier one of the same
// key; all other lines of the other copy stay behind. It verifies nothing: who
// takes a line has opened the copy with [OpenCheckpoint]. The error wraps
// [ErrSignature] where the copy has no such line.
func TakeCosignature(signed, from []byte, by CosignerKey) ([]byte, error) {
	to, _, err := readNote(signed)
	if err != nil {
		return nil, err
	}
	other, _, err := readNote(from)
	if err != nil {
		return nil, err
	}
	if to.Text != other.Text {
		return nil, fmt.Errorf("%w: it is of another checkpoint", ErrSignature)
	}
	i := slices.IndexFunc(other.UnverifiedSigs, by.signed)
	if i < 0 {
		return nil, fmt.Errorf("%w: none by %s", ErrSignature, by)
	}
	to.UnverifiedSigs = append(slices.DeleteFunc(to.UnverifiedSigs, by.signed), other.UnverifiedSigs[i])
	return note.Sign(to)
}
