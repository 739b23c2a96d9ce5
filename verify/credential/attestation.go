package credential

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"tegata/verify"
)

// An Attestation is UNTP's ConformityAttestation: what was attested, by whom, to
// whom.
type Attestation struct {
	Type            []string      `json:"type"`
	ID              string        `json:"id"`
	Name            string        `json:"name"`
	AssessorLevel   string        `json:"assessorLevel"`
	AssessmentLevel string        `json:"assessmentLevel"`
	AttestationType string        `json:"attestationType"`
	Description     string        `json:"description"`
	IssuedTo        Party         `json:"issuedToParty"`
	Authorisation   []Endorsement `json:"authorisation,omitempty"`
	Certificate     *SecureLink   `json:"conformityCertificate,omitempty"` // for people to read
	Evidence        *SecureLink   `json:"auditableEvidence"`               // the bundle
	Assessment      []Assessment  `json:"assessment"`
}

// A Party is somebody, by an address that says more.
type Party struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// An Endorsement is under whose authority the attestation is made: who gave out
// the label, by a statement that the log has.
type Endorsement struct {
	Type      []string `json:"type"`
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	Authority Party    `json:"issuingAuthority"`
	Evidence  Link     `json:"endorsementEvidence"`
}

// A Link is an address with what is there. UNTP's context has no such type, nor
// those of secure links and verified products: they go without.
type Link struct {
	URL  string `json:"linkURL"`
	Name string `json:"linkName"`
}

// A SecureLink is a link to bytes of a known digest, where they stay the same.
type SecureLink struct {
	URL    string `json:"linkURL"`
	Name   string `json:"linkName"`
	Digest string `json:"hashDigest,omitempty"`
	Method string `json:"hashMethod,omitempty"`
}

// An Assessment is what was declared, of which products, against what.
type Assessment struct {
	Type        []string    `json:"type"`
	ID          string      `json:"id"`
	Name        string      `json:"name"`
	Date        verify.Date `json:"assessmentDate"`
	Standard    *Standard   `json:"referenceStandard,omitempty"`
	Regulation  *Regulation `json:"referenceRegulation,omitempty"`
	Conformance bool        `json:"conformance"`
	Topic       string      `json:"conformityTopic"`
	Products    []Verified  `json:"assessedProduct"`
	Auditor     *Party      `json:"auditor,omitempty"` // who assessed
}

// A Standard is a set of criteria.
type Standard struct {
	Type   []string `json:"type"`
	Name   string   `json:"name"`
	Issuer Party    `json:"issuingParty"`
}

// A Regulation is a law.
type Regulation struct {
	Type      []string    `json:"type"`
	ID        string      `json:"id"`
	Name      string      `json:"name"`
	Country   string      `json:"jurisdictionCountry"`
	By        Party       `json:"administeredBy"`
	Effective verify.Date `json:"effectiveDate"`
}

// A Verified is one product. UNTP's IDverifiedByCAB is left out: nobody says.
type Verified struct {
	Product Product `json:"product"`
}

// A Product is one trade item, or a model that has no number.
type Product struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Registered string `json:"registeredId,omitempty"` // the GTIN, 14 digits
}

// Words of UNTP's lists. Neither the Memorandum nor the schemes are among its
// assessment levels, and security is not among its topics: nothing that would
// say more than is so is put in their place.
const (
	selfAssessed     = "Self"
	thirdParty       = "3rdParty"
	levelUnspecified = "Unspecified"
	declared         = "declaration"
	certified        = "certification"
	topic            = "governance.compliance"
)

// attestation is what is common to labels and declarations.
func attestation(r *verify.Record, p verify.Product, by Registry) Attestation {
	record := by.URL + "/records/" + string(r.Code)
	a := Attestation{
		Type:            []string{"ConformityAttestation", "Attestation"},
		ID:              record,
		AssessorLevel:   selfAssessed,
		AssessmentLevel: levelUnspecified,
		AttestationType: declared,
		Evidence: &SecureLink{
			URL:  by.URL + "/api/v1/bundles/" + string(r.Code),
			Name: "Every statement that this rests on, as it was signed, with its proof",
		},
		Assessment: []Assessment{{
			Type: []string{"ConformityAssessment", "Declaration"}, ID: record + "#conformity",
			Date: r.Issued(), Conformance: true, Topic: topic, Products: []Verified{},
		}},
	}
	for _, m := range p.Models {
		a.Assessment[0].Products = append(a.Assessment[0].Products, products(r, p, m, by)...)
	}
	return a
}

// products are the trade items of a model, or else the model itself.
func products(r *verify.Record, p verify.Product, m verify.Model, by Registry) (list []Verified) {
	name := english(p.Name) + " " + m.Model
	add := func(id, number string) {
		list = append(list, Verified{Product{id, name, number}})
	}
	for _, s := range m.GTINs {
		if item, err := verify.ParseGTIN(s); err == nil {
			add(by.URL+"/01/"+string(item), string(item))
		}
	}
	if len(list) == 0 {
		add(by.URL+"/v/"+string(r.Code)+"?"+url.Values{"model": {m.Model}}.Encode(), "")
	}
	return list
}

// label is the attestation of a label: levels 1 and 2 rest on what their holder
// declared, 3 and 4 on the evaluation by a third party.
func label(r *verify.Record, g *verify.Governance, at time.Time, by Registry) Attestation {
	l := r.LabelAt(at)
	issuer, holder := issuerOf(r, g, by), firm(l.Holder, by)
	a := attestation(r, l.Product, by)
	a.Name = fmt.Sprintf("JC-STAR %s label %s", verify.Stars(l.Level), l.Number)
	rests := "its holder's own declaration of conformity"
	if l.Level >= 3 {
		a.AssessorLevel, a.AttestationType = thirdParty, certified
		rests = "the evaluation by a third party"
	} else {
		a.Assessment[0].Auditor = &holder
	}
	a.Description = fmt.Sprintf("%s gave out this label on %s. The registry of the log %s publishes that statement. What the label counts for in another country is not said here.", issuer.Name, rests, by.Origin)
	a.IssuedTo = holder
	a.Authorisation = []Endorsement{endorsement(r, issuer, by)}
	if l.Page != "" {
		a.Certificate = &SecureLink{URL: l.Page, Name: "The issuer's page about the product"}
	}
	a.Assessment[0].Name = "Conformity with " + l.Criteria
	a.Assessment[0].Standard = &Standard{[]string{"Standard"}, l.Criteria, issuer}
	return a
}

// endorsement names the statement by which a label was given out, the newest that
// counts.
func endorsement(r *verify.Record, issuer Party, by Registry) (e Endorsement) {
	for _, said := range r.History {
		if said.Kind.First() && said.Counts == verify.Counted {
			receipt := by.URL + "/api/v1/receipts/" + strconv.FormatInt(said.Index, 10)
			e = Endorsement{
				Type: []string{"Endorsement"}, ID: receipt, Authority: issuer,
				Name:     fmt.Sprintf("Statement %s, entry %d of the log %s, signed with the key %s", said.Kind, said.Index, by.Origin, said.Key),
				Evidence: Link{receipt + ".tlog-proof", "Proof that the log has it"},
			}
		}
	}
	return e
}

// regulations is SI 2023/1007.
var regulations = Regulation{
	Type:      []string{"Regulation"},
	ID:        "https://www.legislation.gov.uk/uksi/2023/1007",
	Name:      "The Product Security and Telecommunications Infrastructure (Security Requirements for Relevant Connectable Products) Regulations 2023",
	Country:   string(verify.GB),
	By:        Party{"https://www.gov.uk/government/organisations/office-for-product-safety-and-standards", "Office for Product Safety and Standards"},
	Effective: verify.Date{Year: 2024, Month: 4, Day: 29},
}

// declaration is the attestation of a statement of compliance: its maker's own.
func declaration(r *verify.Record, at time.Time, by Registry) Attestation {
	d := r.DeclarationAt(at)
	maker := firm(manufacturer(d.Parties), by)
	a := attestation(r, d.Product, by)
	a.Name = "Statement of compliance, " + english(d.Product.Name)
	a.Description = fmt.Sprintf("%s declares this itself. The registry of the log %s publishes that statement and confirms nothing in it. What it counts for in another country is not said here.", maker.Name, by.Origin)
	a.IssuedTo = maker
	a.Certificate = &SecureLink{d.URL, "The statement of compliance", d.SHA256, "SHA-256"}
	a.Assessment[0].Name = "Compliance with Schedule 1"
	a.Assessment[0].Regulation = &regulations
	a.Assessment[0].Auditor = &maker
	return a
}

// manufacturer is the first of them, or nobody, of a declaration that was entered
// when less was asked of it.
func manufacturer(firms []verify.Firm) verify.Firm {
	i := slices.IndexFunc(firms, func(f verify.Firm) bool { return f.Role == "manufacturer" })
	if i < 0 {
		return verify.Firm{}
	}
	return firms[i]
}

func firm(f verify.Firm, by Registry) Party {
	return Party{by.search(english(f.Name)), english(f.Name)}
}

// issuerOf is who gave out a label, by the entry that enrolled it.
func issuerOf(r *verify.Record, g *verify.Governance, by Registry) Party {
	p := Party{by.URL + "/log", string(r.By)}
	for _, e := range g.Entries() {
		if b, ok := e.Body.(*verify.Enrolled); ok && b.Party.ID == r.By {
			p = Party{by.URL + "/api/v1/receipts/" + strconv.FormatInt(e.Index, 10), english(b.Party.Name)}
		}
	}
	return p
}

// english is a text in English, which all that crosses the border has, or else
// in the language it is in.
func english(t verify.Text) string {
	text, _ := t.In("en")
	return text
}
