//go:build !cgo

package keys

import (
	"crypto"
	"fmt"
)

func (u URI) open() (crypto.Signer, error) {
	return nil, fmt.Errorf("%s: this program was built without PKCS #11: install gcc and build it again (CGO_ENABLED=1 make build)", u)
}

// Generate makes a key pair in a token; not in this program, which was built
// without cgo.
func Generate(u URI, _ Kind) (crypto.Signer, error) { return u.open() }
