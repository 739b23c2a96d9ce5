//go:build cgo

package keys

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/asn1"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/miekg/pkcs11"
)

// Of PKCS #11 3.0, which the library's constants do not reach.
const (
	ckkEdwards    = 0x00000040 // CKK_EC_EDWARDS
	ckmEdwardsGen = 0x00001055 // CKM_EC_EDWARDS_KEY_PAIR_GEN
	ckmEdDSA      = 0x00001057 // CKM_EDDSA
)

// Generate makes a key pair in a token, from which the private half cannot be
// taken out, and opens it. Where the token has a private key of that label, or of
// that id, it makes none.
func Generate(u URI, kind Kind) (crypto.Signer, error) {
	if u.Object == "" {
		return nil, fmt.Errorf("%s: %w: object: a new key needs a label", u, ErrURI)
	}
	made, err := within(u, openTime, func() (crypto.Signer, error) {
		lib, err := load(u.Module)
		if err != nil {
			return nil, err
		}
		return nil, lib.generate(u, kind)
	})
	if err != nil {
		return made, err
	}
	return u.open()
}

// publicOf reads the public half of a private key: the public key object of the
// same id, or else of the same label.
func (l *library) publicOf(s session) (crypto.PublicKey, error) {
	l.use.RLock()
	defer l.use.RUnlock()
	of, err := l.GetAttributeValue(s.handle, s.key, []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_KEY_TYPE, nil), pkcs11.NewAttribute(pkcs11.CKA_ID, nil), pkcs11.NewAttribute(pkcs11.CKA_LABEL, nil),
	})
	if err != nil {
		return nil, err
	}
	kind, id, label := number(of[0].Value), string(of[1].Value), string(of[2].Value)
	if id != "" {
		label = ""
	}
	public, err := l.find(s.handle, pkcs11.CKO_PUBLIC_KEY, label, id)
	if err != nil {
		return nil, err
	}
	of, err = l.GetAttributeValue(s.handle, public, []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_EC_PARAMS, nil), pkcs11.NewAttribute(pkcs11.CKA_EC_POINT, nil),
	})
	if err != nil {
		return nil, err
	}
	return parsePoint(kind, of[0].Value, of[1].Value)
}

// number reads a CK_ULONG.
func number(b []byte) uint64 {
	switch len(b) {
	case 8:
		return binary.NativeEndian.Uint64(b)
	case 4:
		return uint64(binary.NativeEndian.Uint32(b))
	}
	return ^uint64(0)
}

// Curves, as CKA_EC_PARAMS has them: object identifiers, or a name.
var (
	oidEd25519  = []byte{0x06, 0x03, 0x2b, 0x65, 0x70}                               // 1.3.101.112
	nameEd25519 = append([]byte{0x13, 12}, "edwards25519"...)                        // PrintableString
	oidP256     = []byte{0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07} // 1.2.840.10045.3.1.7
)

// parsePoint reads a public key: the point in a DER octet string, or as some
// tokens have it without.
func parsePoint(kind uint64, curve, point []byte) (crypto.PublicKey, error) {
	bare := func(size int) []byte {
		var inside []byte
		if rest, err := asn1.Unmarshal(point, &inside); len(point) != size && err == nil && len(rest) == 0 {
			return inside
		}
		return point
	}
	switch {
	case kind == ckkEdwards && (bytes.Equal(curve, oidEd25519) || bytes.Equal(curve, nameEd25519)):
		if p := bare(ed25519.PublicKeySize); len(p) == ed25519.PublicKeySize {
			return ed25519.PublicKey(slices.Clone(p)), nil
		}
	case kind == pkcs11.CKK_EC && bytes.Equal(curve, oidP256):
		return ecdsa.ParseUncompressedPublicKey(elliptic.P256(), bare(1+2*32))
	}
	return nil, fmt.Errorf("the key is neither of Ed25519 nor on P-256: type %#x, curve %x, point of %d bytes", kind, curve, len(point))
}

// generate makes a key pair.
func (l *library) generate(u URI, kind Kind) error {
	l.use.RLock()
	defer l.use.RUnlock()
	s, err := l.login(u, pkcs11.CKF_RW_SESSION)
	if err != nil {
		return err
	}
	defer l.CloseSession(s)
	for _, same := range []URI{{Object: u.Object}, {ID: u.ID}} {
		if same == (URI{}) {
			continue
		}
		switch _, err := l.find(s, pkcs11.CKO_PRIVATE_KEY, same.Object, same.ID); {
		case err == nil, errors.Is(err, errSeveral):
			return fmt.Errorf("the token has a private key %q, id %x already: choose another name", same.Object, same.ID)
		case !errors.Is(err, errNone):
			return err
		}
	}
	id := []byte(u.ID)
	if len(id) == 0 {
		id = make([]byte, 16)
		rand.Read(id)
	}
	mechanism, curves := uint(ckmEdwardsGen), [][]byte{oidEd25519, nameEd25519}
	if kind == P256 {
		mechanism, curves = pkcs11.CKM_EC_KEY_PAIR_GEN, [][]byte{oidP256}
	}
	var tried error
	for _, curve := range curves { // tokens know one or the other
		_, _, err := l.GenerateKeyPair(s, []*pkcs11.Mechanism{pkcs11.NewMechanism(mechanism, nil)},
			[]*pkcs11.Attribute{
				pkcs11.NewAttribute(pkcs11.CKA_TOKEN, true), pkcs11.NewAttribute(pkcs11.CKA_VERIFY, true),
				pkcs11.NewAttribute(pkcs11.CKA_EC_PARAMS, curve),
				pkcs11.NewAttribute(pkcs11.CKA_LABEL, u.Object), pkcs11.NewAttribute(pkcs11.CKA_ID, id),
			},
			[]*pkcs11.Attribute{
				pkcs11.NewAttribute(pkcs11.CKA_TOKEN, true), pkcs11.NewAttribute(pkcs11.CKA_PRIVATE, true),
				pkcs11.NewAttribute(pkcs11.CKA_SENSITIVE, true), pkcs11.NewAttribute(pkcs11.CKA_EXTRACTABLE, false),
				pkcs11.NewAttribute(pkcs11.CKA_SIGN, true),
				pkcs11.NewAttribute(pkcs11.CKA_LABEL, u.Object), pkcs11.NewAttribute(pkcs11.CKA_ID, id),
			})
		if err == nil {
			return nil
		}
		tried = err
	}
	return fmt.Errorf("the token makes no key of %s: %w", kind, tried)
}
