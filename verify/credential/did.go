package credential

import (
	"time"

	"tegata/verify"
)

// A DID is the document that a registry's name by the method web leads to.
type DID struct {
	Context []string `json:"@context"`
	ID      string   `json:"id"`
	Methods []Method `json:"verificationMethod"`
	Asserts []string `json:"assertionMethod"`
}

// A Method is one of the registry's answer keys. Who handed a key over may have
// lost it: it says when it expired (Controlled Identifiers 1.0, section 2.2), and
// what it signed is to be had anew.
type Method struct {
	ID         string     `json:"id"`
	Type       string     `json:"type"`
	Controller string     `json:"controller"`
	Expires    time.Time  `json:"expires,omitzero"`
	Key        verify.JWK `json:"publicKeyJwk"`
}

// A Key is one of the registry's answer keys, and until when it counted.
type Key struct {
	verify.JWK
	Until time.Time // zero: it is still in use
}

// NewDID returns the document. The kid of a token is the fragment of its key.
func NewDID(by Registry, keys []Key) DID {
	d := DID{Context: []string{"https://www.w3.org/ns/did/v1", "https://w3id.org/security/jwk/v1"}, ID: by.DID()}
	for _, k := range keys {
		id := d.ID + "#" + string(k.Thumbprint())
		d.Methods = append(d.Methods, Method{id, "JsonWebKey", d.ID, k.Until.UTC(), k.JWK})
		d.Asserts = append(d.Asserts, id)
	}
	return d
}
