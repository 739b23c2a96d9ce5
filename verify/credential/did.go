package credential

import "tegata/verify"

// A DID is the document that a registry's name by the method web leads to.
type DID struct {
	Context []string `json:"@context"`
	ID      string   `json:"id"`
	Methods []Method `json:"verificationMethod"`
	Asserts []string `json:"assertionMethod"`
}

// A Method is one of the registry's answer keys.
type Method struct {
	ID         string `json:"id"`
	Type       string `json:"type"`
	Controller string `json:"controller"`
	Key        any    `json:"publicKeyJwk"`
}

// NewDID returns the document. The kid of a token is the fragment of its key.
func NewDID(by Registry, keys []verify.JWK) DID {
	d := DID{Context: []string{"https://www.w3.org/ns/did/v1", "https://w3id.org/security/jwk/v1"}, ID: by.DID()}
	for _, k := range keys {
		id := d.ID + "#" + string(k.Thumbprint())
		d.Methods = append(d.Methods, Method{id, "JsonWebKey", d.ID, k})
		d.Asserts = append(d.Asserts, id)
	}
	return d
}
