package credential

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tegata/verify"
	"tegata/verify/status"
)

// UNTP is the version of the Digital Conformity Credential that is written. Its
// makers gave it for pilots; the one after it has another shape.
const UNTP = "0.6.1"

// Contexts of JSON-LD, by which others know what the members mean.
const (
	contextW3C  = "https://www.w3.org/ns/credentials/v2"
	contextUNTP = "https://test.uncefact.org/vocabulary/untp/dcc/" + UNTP + "/"
)

// A Credential is a conformity attestation with who vouches for it.
type Credential struct {
	Context    []string    `json:"@context"`
	ID         string      `json:"id"` // its address
	Type       []string    `json:"type"`
	Issuer     Issuer      `json:"issuer"`
	IssuedAt   int64       `json:"iat"` // when it was signed, Unix seconds (VC-JOSE-COSE, section 3.1.3)
	ValidFrom  time.Time   `json:"validFrom"`
	ValidUntil time.Time   `json:"validUntil"` // the first instant after the last day
	Status     []Entry     `json:"credentialStatus"`
	Evidence   []Evidence  `json:"evidence"` // the verdict
	Subject    Attestation `json:"credentialSubject"`
}

// An Issuer is the registry. UNTP wants it named by a DID, and knows its type;
// the W3C does not.
type Issuer struct {
	Type []string `json:"type,omitempty"`
	ID   string   `json:"id"`
	Name string   `json:"name"` // the log
}

// Evidence is what helps to judge a credential, of a type that no context has to
// name.
type Evidence struct {
	ID   string   `json:"id"` // its address
	Type []string `json:"type"`
	Name string   `json:"name"`
}

// An Entry says where the status of a credential is told.
type Entry struct {
	ID      string         `json:"id"`
	Type    string         `json:"type"`
	Purpose status.Purpose `json:"statusPurpose"`
	Index   string         `json:"statusListIndex"` // a decimal number
	List    string         `json:"statusListCredential"`
}

// A Registry is who issues credentials.
type Registry struct {
	URL    string // it is reached at, such as https://labels.example; a path is not of its name
	Origin string // the name of its log
}

// DID is the registry's name by the method web: the document is at
// /.well-known/did.json, and has its answer keys.
func (r Registry) DID() string {
	_, host, _ := strings.Cut(r.URL, "://")
	host, _, _ = strings.Cut(host, "/")
	return "did:web:" + strings.ReplaceAll(host, ":", "%3A")
}

// Address is where the credential of a code is.
func (r Registry) Address(code verify.Code) string {
	return r.URL + "/api/v1/records/" + string(code) + ".vc.jwt"
}

func (r Registry) issuer() Issuer {
	return Issuer{[]string{"CredentialIssuer"}, r.DID(), r.Origin}
}

// Entries are where the status of a place is told.
func (r Registry) Entries(place int64) (entries []Entry) {
	index := strconv.FormatInt(place%status.ListSize, 10)
	for _, p := range status.Purposes {
		list := status.BitsAddress(r.URL, place/status.ListSize, p)
		entries = append(entries, Entry{list + "#" + index, "BitstringStatusListEntry", p, index, list})
	}
	return entries
}

// None says why there is no credential: how the record stands.
type None struct {
	Status verify.Status
	Reason string
}

func (n None) Error() string { return "no credential: " + n.Reason }

// Check returns a [None] unless there is a credential of a record at an
// instant: it is valid then, has a last day, and nothing stands against it.
func Check(r *verify.Record, at time.Time) error {
	switch now := r.Status(at); {
	case now != verify.StatusValid:
		return None{now, "its status is " + string(now)}
	case r.NotKnown:
		return None{now, "something was said of it in a kind that is not known here"}
	case status.Of(r, at) != status.Valid:
		return None{now, "a measure that bars is in force"}
	case r.Ends(at).IsZero():
		return None{now, "its support period has no end"} // SI 2023/1007 reg 2
	}
	return nil
}

// New returns the credential of a record at an instant; the governance says who
// its parties are. Its Status is for the caller to fill in, by the record's place
// in the lists. The error is that of [Check].
func New(r *verify.Record, g *verify.Governance, at time.Time, by Registry) (Credential, error) {
	if err := Check(r, at); err != nil {
		return Credential{}, err
	}
	verdict := by.URL + "/api/v1/verify/" + string(r.Code)
	c := Credential{
		Context:    []string{contextW3C, contextUNTP},
		ID:         by.Address(r.Code),
		Type:       []string{"DigitalConformityCredential", "VerifiableCredential"},
		Issuer:     by.issuer(),
		IssuedAt:   at.Unix(),
		ValidFrom:  r.Issued().Start(r.Zone()).UTC(),
		ValidUntil: r.Ends(at).End(r.Zone()).UTC(),
		Evidence:   []Evidence{{verdict, []string{"https://schema.org/Report"}, "What it counts for in the other country, by layer and with every condition: the registry's verdict"}},
	}
	if r.Label != nil {
		c.Subject = label(r, g, at, by)
	} else {
		c.Subject = declaration(r, at, by)
	}
	return c, nil
}

// Payload returns the JSON that is signed: the credential itself.
func (c Credential) Payload() []byte { return payload(c) }

func payload(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // texts, numbers and instants only
	}
	return b
}

// search is the address that leads to the records of a holder: of a firm the
// registry knows no more than its name.
func (r Registry) search(name string) string {
	return r.URL + "/search?" + url.Values{"q": {""}, "holder": {name}}.Encode()
}
