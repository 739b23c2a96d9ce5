package verify

import "testing"

// SI 2023/1007 Sch 4: what a statement of compliance must include, member by
// member.
func TestSchedule4(t *testing.T) {
	firm := func(role string) map[string]any {
		return map[string]any{"role": role, "name": map[string]any{"en": "Thames IoT Ltd"}, "address": "1 Example Street, London"}
	}
	standard := func(id string) map[string]any {
		return map[string]any{"id": id, "version": "2018", "date": "2018-10-01"}
	}
	const support = "declaration.support_at_first_supply"
	for _, c := range []struct {
		name  string
		path  string
		value any
		want  string
	}{
		{"(a) type", "declaration.product.type", absent, "declaration.product.type: sch4_1_1_a"},
		{"(a) batch", "declaration.product.batch", absent, "declaration.product.batch: sch4_1_1_a"},
		{"(b) nobody", "declaration.parties", absent, "declaration.parties: sch4_1_1_b"},
		{"(b) a representative of nobody", "declaration.parties", []any{firm("authorised_representative")}, "declaration.parties: sch4_1_1_b"},
		{"(b) a manufacturer and a representative", "declaration.parties", []any{firm("manufacturer"), firm("authorised_representative")}, ""},
		{"(b) name", "declaration.parties[0].name", absent, "declaration.parties[0].name: sch4_1_1_b"},
		{"(b) address", "declaration.parties[0].address", absent, "declaration.parties[0].address: sch4_1_1_b"},
		{"(b) role", "declaration.parties[0].role", absent, "declaration.parties[0].role: required"},
		{"(b) another role", "declaration.parties[0].role", "importer", "declaration.parties[0].role: one_of manufacturer, authorised_representative"},
		{"(c) not by the manufacturer", "declaration.prepared_by_manufacturer", false, "declaration.prepared_by_manufacturer: sch4_1_1_c"},
		{"(c) not said", "declaration.prepared_by_manufacturer", absent, "declaration.prepared_by_manufacturer: sch4_1_1_c"},
		{"(d) passwords", "declaration.routes.passwords", absent, "declaration.routes.passwords: sch4_1_1_d"},
		{"(d) reporting", "declaration.routes.reporting", absent, "declaration.routes.reporting: sch4_1_1_d"},
		{"(d) support", "declaration.routes.support", absent, "declaration.routes.support: sch4_1_1_d"},
		{"(d) none", "declaration.routes", absent, "declaration.routes.passwords: sch4_1_1_d; declaration.routes.reporting: sch4_1_1_d; declaration.routes.support: sch4_1_1_d"},
		{"(d) ISO 29147 is for reporting alone", "declaration.routes.passwords", "iso_29147", "declaration.routes.passwords: one_of sch1, etsi_en_303_645, jc_star, sg_cls; declaration.standards: sch4_1_2 ISO/IEC 29147"},
		{"1(2) reporting by ISO 29147", "declaration.routes.reporting", "iso_29147", "declaration.standards: sch4_1_2 ISO/IEC 29147"},
		{"1(2) no standard", "declaration.standards", absent, "declaration.standards: sch4_1_2 ETSI EN 303 645"},
		{"1(2) another standard", "declaration.standards", []any{standard("ISO/IEC 29147")}, "declaration.standards: sch4_1_2 ETSI EN 303 645"},
		{"1(2) both", "declaration.standards", []any{standard("ISO/IEC 29147"), standard("ETSI EN 303 645")}, ""},
		{"1(2) number", "declaration.standards[0].id", absent, "declaration.standards: sch4_1_2 ETSI EN 303 645; declaration.standards[0].id: sch4_1_2"},
		{"1(2) version", "declaration.standards[0].version", absent, "declaration.standards[0].version: sch4_1_2"},
		{"1(2) date of issue", "declaration.standards[0].date", absent, "declaration.standards[0].date: sch4_1_2"},
		{"(e) nothing", support, absent, support + ": sch4_1_1_e"},
		{"(e) a length of time alone", support, map[string]any{"duration_months": 60}, support + ": sch4_1_1_e"},
		{"(e) no end date: kept, as text", support + ".end", absent, ""},
		{"(f) function", "declaration.signatory.function", absent, "declaration.signatory.function: sch4_1_1_f"},
		{"(f) nobody", "declaration.signatory", absent, "declaration.signatory.function: sch4_1_1_f"},
		{"(f) name: may stay in the document", "declaration.signatory.name", absent, ""},
		{"(g) place", "declaration.place", absent, "declaration.place: sch4_1_1_g"},
		{"(g) date of issue", "declaration.issued", absent, "declaration.issued: sch4_1_1_g"},
		{"issued on the day it is published", "made", "2026-05-11T23:00:00Z", ""},
		{"published before it was issued, in London", "made", "2026-05-11T22:59:59Z", "declaration.issued: too_far 2026-05-11"},
		{"not online", "declaration.url", absent, "declaration.url: required"},
		{"without a digest", "declaration.sha256", absent, "declaration.sha256: required"},
		{"in no language", "declaration.language", absent, "declaration.language: required"},
		{"in a language that has no tag", "declaration.language", "English", "declaration.language: name BCP 47"},
		{"a translation without its language", "declaration.translations[0].language", absent, "declaration.translations[0].language: required"},
	} {
		_, faults := ParseStatement(with(t, specimenOf(t, DeclarationPublished).payload, c.path, c.value))
		if got := lines(faults, true); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// Two standards that are both missing are both named, in one order.
func TestSchedule4NamesEveryStandard(t *testing.T) {
	payload := with(t, specimenOf(t, DeclarationPublished).payload, "declaration.routes.reporting", "iso_29147")
	payload = with(t, payload, "declaration.standards", absent)
	for range 32 {
		_, faults := ParseStatement(payload)
		if got, want := lines(faults, true), "declaration.standards: sch4_1_2 ETSI EN 303 645, ISO/IEC 29147"; got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
}
