package web

import (
	"fmt"

	"tegata/verify"
)

// criteriaDocument is the document that the criteria of ★1 stand in: version 1.1,
// December 2024.
const criteriaDocument = "JST-CR-01-01-2024R1"

// criteria are how many ★1 has: S1.1-01 to S1.1-16.
const criteria = 16

func criterionID(n int) string { return fmt.Sprintf("S1.1-%02d", n) }

// titled are the criteria of which a published table was read. Of the others
// only the identifier is given: a title from memory would be read as IPA's.
var titled = map[int]string{
	1: "criterion.S1.1-01", 2: "criterion.S1.1-02", 3: "criterion.S1.1-03", 4: "criterion.S1.1-04",
	5: "criterion.S1.1-05", 6: "criterion.S1.1-06", 16: "criterion.S1.1-16",
}

// psti says which criteria IPA takes as met by compliance with which security
// requirement: paragraphs 1 to 3 of SI 2023/1007 Sch 1.
var psti = map[int]int{2: 1, 5: 2, 16: 3}

// A coveredBody is a criterion that the statement of compliance answers.
type coveredBody struct {
	Criterion   string               `json:"criterion"`
	Title       verify.Text          `json:"title"` // this registry's own short one
	Requirement verify.Cite          `json:"requirement"`
	Route       verify.DeclaredRoute `json:"route"` // how the manufacturer says it is complied with

	key string // of the sentence that says the same
}

// A remainingBody is a criterion still to be declared, with room for it. In
// Answer goes conforms or not_applicable; the latter needs a Reason.
type remainingBody struct {
	Criterion string      `json:"criterion"`
	Title     verify.Text `json:"title,omitzero"` // absent where no published table was read
	Answer    string      `json:"answer"`
	Reason    string      `json:"reason"`
	Evidence  string      `json:"evidence"`
}

// coveredBy lists the three criteria that a statement with these routes covers.
func coveredBy(routes verify.Routes) (list []coveredBody) {
	names := [...]string{"passwords", "reporting", "support"}
	for n := 1; n <= criteria; n++ {
		para, ok := psti[n]
		if !ok {
			continue
		}
		route := routes.All()[para-1]
		list = append(list, coveredBody{
			Criterion: criterionID(n), Title: titleOf(n),
			Requirement: verify.Cite{Source: verify.SI20231007, Ref: fmt.Sprintf("Sch 1 para %d", para)},
			Route:       route, key: "route." + names[para-1] + "." + string(route),
		})
	}
	return list
}

// remaining lists the other thirteen.
func remaining() (list []remainingBody) {
	for n := 1; n <= criteria; n++ {
		if _, covered := psti[n]; !covered {
			list = append(list, remainingBody{Criterion: criterionID(n), Title: titleOf(n)})
		}
	}
	return list
}

func titleOf(n int) (t verify.Text) {
	if key, ok := titled[n]; ok {
		t = noteOf("", key).Words
	}
	return t
}

// A practiceBody is what IPA asks of who applies by this route. It is IPA's
// administrative practice since 1 January 2026, not a term of the Memorandum.
type practiceBody struct {
	Page      string     `json:"page"` // where IPA tells it
	Since     string     `json:"since"`
	FeeJPY    int        `json:"fee_jpy"`    // reduced
	NormalJPY int        `json:"normal_jpy"` // of other applications
	Languages []string   `json:"languages"`  // in which the forms may be filled in
	Notes     []noteBody `json:"notes"`
}

func practiceOfIPA() practiceBody {
	p := practiceBody{
		Page: "https://www.ipa.go.jp/security/jc-star/shinsei/psti.html", Since: "2026-01-01",
		FeeJPY: 140_000, NormalJPY: 198_000, Languages: []string{"ja", "en"},
	}
	p.Notes = []noteBody{
		noteOf("forms", "application.practice.forms"),
		noteOf("proof", "application.practice.proof"),
		noteOf("waived", "application.practice.waived"),
		noteOf("fee", "application.practice.fee", "140,000", "198,000"),
		noteOf("term", "application.practice.term"),
	}
	return p
}

// notKnown is what this registry does not know and the applicant must look up.
func notKnown() []noteBody {
	return []noteBody{
		noteOf("titles", "application.unknown.titles"),
		noteOf("answers", "application.unknown.answers"),
		noteOf("revision", "application.unknown.revision", criteriaDocument),
		noteOf("file", "application.unknown.file"),
		noteOf("contact", "application.unknown.contact"),
	}
}
