package web

import (
	"context"
	"slices"
	"time"

	"tegata/registry"
	"tegata/verify"
	"tegata/verify/match"
)

// A besideBody compares a label with a declaration of the same product.
type besideBody struct {
	Label       verify.Code          `json:"label"`
	Declaration verify.Code          `json:"declaration"`
	Because     []because            `json:"because"` // why they are taken to be of the same product
	Differences []verify.Discrepancy `json:"differences"`
}

// beside is the code of the other record.
func (b besideBody) beside(code verify.Code) verify.Code {
	if b.Declaration == code {
		return b.Label
	}
	return b.Declaration
}

// because is why two records are taken to be of the same product.
type because string

const (
	becauseBasis because = "basis" // the label rests on the declaration
	becauseGTIN  because = "gtin"
	becauseModel because = "model"
)

// Limits of the search for records of the same product.
const (
	besideMost = 8  // compared
	othersMost = 32 // looked at
	namesMost  = 64 // models and trade items looked for
)

// beside compares a record, as it was known and at the instant of its verdict,
// with those of the other scheme that speak of the same product: the declaration
// that a label rests on, and what is found under the same trade items and models.
// It also returns when one of them changes by itself.
func (s *site) beside(ctx context.Context, record *verify.Record, v *verify.Verdict) (found []besideBody, next time.Time, err error) {
	found = []besideBody{}
	if v.Product == nil {
		return found, next, nil
	}
	others, err := s.sameProduct(ctx, record, v)
	if err != nil {
		return nil, next, err
	}
	for _, o := range others {
		if len(found) == besideMost {
			break
		}
		f, err := s.registry.Lookup(ctx, o.code)
		if err != nil {
			return nil, next, err
		}
		beside := verify.Judge(f, verify.Question{At: v.Question.At, Known: v.Question.Known})
		next = sooner(next, changes(&beside))
		label, declaration := record, f.Record(v.Question.Known)
		if record.Label == nil {
			label, declaration = declaration, record
		}
		if label.Label == nil || declaration.Declaration == nil {
			continue
		}
		if declaration.Code == label.Label.Basis.Declaration && !slices.Contains(o.because, becauseBasis) {
			o.because = append([]because{becauseBasis}, o.because...)
		}
		b := besideBody{label.Code, declaration.Code, o.because, []verify.Discrepancy{}}
		b.Differences = append(b.Differences, verify.Compare(label, declaration, v.Question.At, match.Model)...)
		found = append(found, b)
	}
	return found, next, nil
}

// An otherRecord may be of the same product.
type otherRecord struct {
	code    verify.Code
	because []because
}

// sameProduct lists the records that may be of the product of a verdict.
func (s *site) sameProduct(ctx context.Context, record *verify.Record, v *verify.Verdict) (others []otherRecord, err error) {
	add := func(why because, codes ...verify.Code) {
		for _, code := range codes {
			i := slices.IndexFunc(others, func(o otherRecord) bool { return o.code == code })
			if i < 0 && code != record.Code && len(others) < othersMost {
				others = append(others, otherRecord{code, []because{why}})
			} else if i >= 0 && !slices.Contains(others[i].because, why) {
				others[i].because = append(others[i].because, why)
			}
		}
	}
	if record.Label != nil && record.Label.Basis.Declaration != "" {
		add(becauseBasis, record.Label.Basis.Declaration)
	}
	left := namesMost
	look := func(why because, q registry.Query) {
		if left--; left < 0 || err != nil {
			return
		}
		var codes []verify.Code
		codes, err = s.registry.Find(ctx, q)
		add(why, codes...)
	}
	for _, m := range v.Product.Models {
		for _, text := range m.GTINs {
			if g, wrong := verify.ParseGTIN(text); wrong == nil {
				look(becauseGTIN, registry.Query{GTIN: g, Known: v.Question.Known.Size})
			}
		}
	}
	for _, m := range v.Product.Models {
		look(becauseModel, registry.Query{Model: m.Model, Known: v.Question.Known.Size})
	}
	return others, err
}
