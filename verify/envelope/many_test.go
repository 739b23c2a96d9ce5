package envelope

import (
	"errors"
	"fmt"
	"testing"

	"tegata/verify"
)

// TestVerifyAll: of many tokens each fares as it does alone, in its place.
func TestVerifyAll(t *testing.T) {
	signer, other, stranger := usedSigner(t), newSigner(t, "P-256"), newSigner(t, "Ed25519")
	keys := func(id verify.KeyID) (Key, bool) {
		for _, k := range []Key{signer.key, other.key} {
			if k.id == id {
				return k, true
			}
		}
		return Key{}, false
	}
	var tokens []string
	for i := range 300 {
		token, err := []*Signer{signer, other, stranger}[i%3].Seal([]byte(fmt.Sprintf(`{"n":%d}`, i)))
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case i%7 == 0:
			token = "x" + token
		case i%11 == 0:
			token = string(signed(t, signer.private, header("ES256", signer.key.id), `{}`).token())
		case i%5 == 0: // the signature of another
			token = token[:len(token)-86] + tokens[i-3][len(tokens[i-3])-86:]
		}
		tokens = append(tokens, token)
	}
	seen := map[string]int{}
	for i, c := range VerifyAll(tokens, keys) {
		e, err := Open([]byte(tokens[i]))
		known := false
		if err == nil {
			var key Key
			if key, known = keys(e.KeyID); known {
				err = e.Verify(key)
			}
		}
		if c.Known != known || fmt.Sprint(c.Err) != fmt.Sprint(err) || c.Token != e.Token {
			t.Errorf("%d: got %t and %v, want %t and %v", i, c.Known, c.Err, known, err)
		}
		seen[fmt.Sprint(known, errors.Is(err, ErrMalformed), errors.Is(err, ErrKey), errors.Is(err, ErrSignature))]++
	}
	if len(seen) != 5 || len(VerifyAll(nil, keys)) != 0 {
		t.Errorf("got %v, want some of every kind", seen)
	}
}
