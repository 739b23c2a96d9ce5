package folder

import (
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"

	"tegata/verify"
	"tegata/verify/envelope"
	"tegata/verify/keys"
)

// keyText returns what the file of a key is to hold: in which token it is, or a copy
// of the file named; nothing, where none is named, and a new key is to be made.
func keyText(from string) ([]byte, error) {
	switch {
	case from == "":
		return nil, nil
	case keys.InToken(from):
		return []byte(from + "\n"), nil
	}
	return keys.ReadSecret(from)
}

// putKey writes the file of a key where nothing is.
func putKey(path string, text []byte) error {
	if text == nil {
		return keys.New(path)
	}
	return keys.WriteSecret(path, text)
}

// tryKey has a key sign something, before anybody relies on it.
func tryKey(name string) error {
	key, err := ReadKey(name)
	if err != nil {
		return err
	}
	s, err := envelope.SignerFrom(key)
	if err == nil {
		_, err = s.SealAs(envelope.HandOver, []byte("{}"))
	}
	return err
}

// ReadKey returns one of the registry's own keys, from its file or from the token
// that this names.
func ReadKey(path string) (crypto.Signer, error) {
	key, err := keys.Open(path)
	if err != nil {
		return nil, err
	}
	if _, ok := key.Public().(ed25519.PublicKey); !ok {
		return nil, fmt.Errorf("%s: the registry's own keys are Ed25519, this is another kind", path)
	}
	return key, nil
}

// publicJWK describes the public half of a key of the registry.
func publicJWK(key crypto.Signer) verify.JWK {
	return verify.JWK{Kty: "OKP", Crv: "Ed25519", X: base64.RawURLEncoding.EncodeToString(key.Public().(ed25519.PublicKey))}
}
