package observer

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"tegata/verify"
	"tegata/verify/match"
)

// A Hint is what a program finds in the text of a document where the signed
// statement says something: a help to whoever reads both, and nothing else. It
// decides nothing, and a program reads badly: layout, pictures and other words for
// the same are lost on it.
type Hint struct {
	Field  string           `json:"field"` // of the statement, such as declaration.issued
	Rule   verify.FaultRule `json:"rule"`  // which part of SI 2023/1007 Sch 4 asks for it
	Signed string           `json:"signed"`
	Found  verify.Met       `json:"found"`          // yes, no, or unknown: it cannot be told from the text
	Says   string           `json:"says,omitempty"` // what the text seems to say instead
	Asks   verify.FaultRule `json:"asks,omitempty"` // why what it says cannot be read
}

// Compare looks in the text of a document for what Schedule 4 of SI 2023/1007
// wants in it, (a) to (g), as the declaration has it, in that order. A text in
// which nothing is found at all is no text: then nothing is said.
func Compare(d *verify.Declaration, text string) (hints []Hint) {
	return newReading(text).compare(d)
}

func (t *reading) compare(d *verify.Declaration) (hints []Hint) {
	if t == nil || t.folded == "" {
		return nil
	}
	add := func(field string, rule verify.FaultRule, signed string, found verify.Met) {
		hints = append(hints, Hint{Field: field, Rule: rule, Signed: signed, Found: found})
	}
	for _, m := range d.Product.Models {
		add("declaration.product.models", verify.Sch4Product, m.Model, t.has(m.Model))
	}
	add("declaration.product.type", verify.Sch4Product, d.Product.Type, t.has(d.Product.Type))
	add("declaration.product.batch", verify.Sch4Product, d.Product.Batch, t.has(d.Product.Batch))
	for _, p := range d.Parties {
		add("declaration.parties.name", verify.Sch4Maker, p.Name.EN, t.has(p.Name.EN, p.Name.JA))
		add("declaration.parties.address", verify.Sch4Maker, p.Address, t.has(p.Address))
	}
	add("declaration.prepared_by_manufacturer", verify.Sch4Prepared, "", t.prepared)
	add("declaration.routes", verify.Sch4Complied, "", t.complied)
	for _, s := range d.Standards {
		add("declaration.standards", verify.Sch4Standard, s.ID+" "+s.Version, t.has(s.ID+s.Version, s.ID+" "+strings.TrimPrefix(s.Version, "V")))
	}
	hints = append(hints, t.support(&d.Support))
	add("declaration.signatory.function", verify.Sch4Signatory, d.Signatory.Function, t.has(d.Signatory.Function))
	add("declaration.place", verify.Sch4Issue, d.Place, t.has(d.Place))
	hints = append(hints, t.issued(d.Issued))
	return slices.DeleteFunc(hints, func(h Hint) bool { return h.Found == "" })
}

// Differences are the hints of which somebody should look at the document.
func Differences(hints []Hint) []Hint {
	return slices.DeleteFunc(slices.Clone(hints), func(h Hint) bool { return h.Found == verify.Yes })
}

// A reading is what a text says, whoever declared it: that is found once, since
// many declarations may be made at one address, and the text is anybody's.
type reading struct {
	folded             string        // to letters and digits
	days               []verify.Date // that are written in it
	prepared, complied verify.Met
	periods            []period // that it speaks of
}

// A period is what a sentence seems to say of a support period.
type period struct {
	end    verify.Date
	faults verify.Faults
}

func newReading(text string) *reading {
	t := &reading{folded: match.Fold(text), days: verify.DaysIn(text), prepared: like(prepared, text), complied: like(complied, text)}
	for _, sentence := range sentences(text, aboutSupport, periodsMost) {
		s, faults := verify.ReadSupport(sentence)
		t.periods = append(t.periods, period{s.End, faults})
	}
	return t
}

// has reports whether one of the texts stands there, whatever its case, width and
// spacing. What is not signed is not looked for.
func (t *reading) has(any ...string) verify.Met {
	var asked bool
	for _, s := range any {
		f := match.Fold(s)
		if f == "" {
			continue
		}
		if asked = true; strings.Contains(t.folded, f) {
			return verify.Yes
		}
	}
	if !asked {
		return ""
	}
	return verify.No
}

// Wordings of Sch 4 para 1(1)(c) and (d), in English and Japanese. Where another
// wording says the same, a reader sees it; this does not.
var (
	prepared = regexp.MustCompile(`(?i)\b(prepared|issued|made|drawn up|provided)\s+(solely\s+)?(by|on behalf of|under the (sole )?responsibility of)\b|製造(事業)?者(自身)?(が|により|によって|に代わって)`)
	complied = regexp.MustCompile(`(?i)\bcompl(y|ies|ied|iance)\s+with\b|\b(meets?|conforms?|satisf(y|ies))\b.{0,80}(requirement|schedule|EN\s*303\s*645)|適合|遵守`)
)

func like(e *regexp.Regexp, text string) verify.Met {
	if e.MatchString(text) {
		return verify.Yes
	}
	return verify.NotKnown
}

// aboutSupport finds what speaks of the support period.
var aboutSupport = regexp.MustCompile(`(?i)support\s+period|security\s+(update|support)|end\s+of\s+support|supported\s+until|サポート(期間|期限)|セキュリティ(アップデート|更新)`)

const periodsMost = 8

// sentences are the sentences, or so much of each as is near, that e is found in:
// so many at the most.
func sentences(text string, e *regexp.Regexp, most int) (all []string) {
	end := 0
	for _, at := range e.FindAllStringIndex(text, -1) {
		if at[0] < end {
			continue // in the one before
		}
		if len(all) == most {
			break
		}
		from := max(end, at[0]-360)
		if i := strings.LastIndexAny(text[from:at[0]], ".。\n"); i >= 0 {
			_, size := utf8.DecodeRuneInString(text[from+i:])
			from += i + size
		}
		end = min(len(text), at[1]+480)
		if i := strings.IndexAny(text[at[1]:end], "。\n"); i >= 0 {
			end = at[1] + i
		}
		all = append(all, strings.ToValidUTF8(text[from:end], ""))
	}
	return all
}

// support compares the support period that the text speaks of with the signed one.
func (t *reading) support(signed *verify.Support) Hint {
	h := Hint{Field: "declaration.support_at_first_supply.end", Rule: verify.Sch4Support, Signed: signed.End.String(), Found: verify.NotKnown}
	if signed.End.IsZero() {
		return Hint{}
	}
	if slices.Contains(t.days, signed.End) {
		h.Found = verify.Yes
		return h
	}
	for _, p := range t.periods {
		switch {
		case len(p.faults) > 0:
			h.Asks, h.Says = p.faults[0].Rule, p.faults[0].Detail
			continue
		case p.end == signed.End:
			h.Found, h.Says, h.Asks = verify.Yes, "", ""
			return h
		case !p.end.IsZero():
			h.Found, h.Says, h.Asks = verify.No, p.end.String(), ""
		}
	}
	return h
}

// issued looks for the day of issue, in whatever form it is written.
func (t *reading) issued(day verify.Date) Hint {
	h := Hint{Field: "declaration.issued", Rule: verify.Sch4Issue, Signed: day.String(), Found: verify.No}
	if slices.Contains(t.days, day) {
		h.Found = verify.Yes
	}
	return h
}
