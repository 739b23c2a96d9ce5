package credential

import (
	"time"

	"tegata/verify/status"
)

// A List is a Bitstring Status List as a credential.
type List struct {
	Context    []string    `json:"@context"`
	ID         string      `json:"id"` // its address
	Type       []string    `json:"type"`
	Issuer     Issuer      `json:"issuer"`
	ValidFrom  time.Time   `json:"validFrom"`
	ValidUntil time.Time   `json:"validUntil"`
	Subject    ListSubject `json:"credentialSubject"`
}

// A ListSubject has the bits.
type ListSubject struct {
	ID      string         `json:"id"`
	Type    string         `json:"type"`
	Purpose status.Purpose `json:"statusPurpose"`
	Encoded string         `json:"encodedList"`
	TTL     int64          `json:"ttl"` // milliseconds
}

// NewList returns list n for a purpose. It is of the same instant as l, and
// confirms as long.
func NewList(l status.List, n int64, p status.Purpose, by Registry) List {
	address, issuer := status.BitsAddress(by.URL, n, p), by.issuer()
	issuer.Type = nil // the context is the W3C's alone
	return List{
		Context:    []string{contextW3C},
		ID:         address,
		Type:       []string{"VerifiableCredential", "BitstringStatusListCredential"},
		Issuer:     issuer,
		ValidFrom:  l.Issued.UTC(),
		ValidUntil: l.Expires.UTC(),
		Subject:    ListSubject{address + "#list", "BitstringStatusList", p, l.Bits(p), l.TTL.Milliseconds()},
	}
}

// Payload returns the JSON that is signed: the credential itself.
func (l List) Payload() []byte { return payload(l) }
