package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tegata/verify"
	"tegata/verify/envelope"
	"tegata/web/stock"
)

// A mapping says which field each column of a list is, and what is the same in
// all rows.
type mapping struct {
	kind    verify.Kind
	members map[string]verify.Member // by path
	told    map[string]string        // field by column, as told; a hyphen for none
	set     map[string]string        // value by field
}

// importKey is the field whose rows are one statement.
var importKey = map[verify.Kind]string{verify.LabelIssued: "label.number", verify.DeclarationPublished: "declaration.url"}

// mapping reads what is told of columns and values.
func (i *importing) mapping(told importFlags) (*mapping, error) {
	m := &mapping{kind: i.kind, members: map[string]verify.Member{}, told: map[string]string{}, set: map[string]string{}}
	for _, member := range verify.Members(i.kind) {
		m.members[member.Path] = member
	}
	file := struct {
		Columns map[string]string `json:"columns"`
		Set     map[string]string `json:"set"`
	}{Columns: map[string]string{}}
	switch {
	case strings.Contains(told.maps, "="):
		for part := range strings.SplitSeq(told.maps, ",") {
			at := strings.LastIndexByte(part, '=')
			if at < 0 {
				return nil, misusef("-map %q: %q is not COLUMN=FIELD", told.maps, part)
			}
			file.Columns[strings.TrimSpace(part[:at])] = strings.TrimSpace(part[at+1:])
		}
	case told.maps != "":
		text, err := i.read(told.maps, statementMost)
		if err == nil {
			text, err = uncommented(text)
		}
		if err == nil {
			err = envelope.Decode(text, &file)
		}
		if err != nil {
			return nil, fmt.Errorf("-map %s: %w", told.maps, err)
		}
	}
	for _, column := range slices.Sorted(maps.Keys(file.Columns)) {
		field, err := m.field(file.Columns[column], true)
		if err != nil {
			return nil, misusef("-map: column %q: %v", column, err)
		}
		m.told[column] = field
	}
	for _, name := range slices.Sorted(maps.Keys(file.Set)) {
		if err := m.setting(name, file.Set[name]); err != nil {
			return nil, misusef("-map: %v", err)
		}
	}
	if told.by != "" {
		m.set["by"] = told.by
	}
	for _, s := range told.set {
		name, value, ok := strings.Cut(s, "=")
		if !ok {
			return nil, misusef("-set %q is not FIELD=VALUE", s)
		}
		if err := m.setting(name, value); err != nil {
			return nil, misusef("-set: %v", err)
		}
	}
	return m, nil
}

func (m *mapping) setting(name, value string) error {
	field, err := m.field(name, false)
	if err == nil {
		m.set[field] = value
	}
	return err
}

// prefix is what the fields of a kind's own begin with.
func (m *mapping) prefix() string { p, _, _ := strings.Cut(importKey[m.kind], "."); return p + "." }

// field returns the path that a name means.
func (m *mapping) field(name string, orNone bool) (string, error) {
	if name == "-" && orNone {
		return name, nil
	}
	for _, path := range []string{m.prefix() + name, name} {
		if member, ok := m.members[path]; ok && member.Type != "object" && path != "kind" {
			return path, nil
		}
	}
	return "", fmt.Errorf("%q is no field of %s; labelctl new tells them", name, m.kind)
}

// columns finds the field of every column of a list; empty: it is none. Two
// columns of one field are a mistake, and so is one that is told and not there.
func (m *mapping) columns(headings []string) ([]string, error) {
	fields := make([]string, len(headings))
	told, taken := maps.Clone(m.told), map[string]string{}
	byName := m.names()
	var wrong []error
	for i, heading := range headings {
		heading = strings.TrimSpace(heading)
		field, ok := told[heading]
		if delete(told, heading); !ok {
			field = byName[stock.Fold(heading)]
		}
		if field == "" || field == "-" {
			continue
		}
		if other, twice := taken[field]; twice {
			wrong = append(wrong, fmt.Errorf("columns %q and %q are both %s; tell one of them with -map, as -", other, heading, field))
		}
		fields[i], taken[field] = field, heading
	}
	for _, column := range slices.Sorted(maps.Keys(told)) {
		wrong = append(wrong, fmt.Errorf("-map names column %q, which the list does not have", column))
	}
	for field := range taken {
		if _, twice := m.set[field]; twice && field != "origin" {
			wrong = append(wrong, fmt.Errorf("%s is a column, and the same in all rows (-set); choose one", field))
		}
	}
	return fields, errors.Join(wrong...)
}

// names are the headings that fields go by, as [stock.Fold] folds them: their
// paths, and what people call them.
func (m *mapping) names() map[string]string {
	all := map[string]string{}
	for path, member := range m.members {
		if member.Type == "object" || path == "kind" {
			continue
		}
		all[stock.Fold(path)] = path
		all[stock.Fold(strings.TrimPrefix(path, m.prefix()))] = path
	}
	for name, headings := range importNames {
		path := m.prefix() + name
		if _, ok := m.members[path]; !ok {
			continue
		}
		for _, heading := range headings {
			all[stock.Fold(heading)] = path
		}
	}
	return all
}

// importNames are what people call fields, in English and Japanese. A heading
// that as often means something else is not among them.
var importNames = map[string][]string{
	"number":   {"registration number", "registration no", "label number", "JC-STAR number", "登録番号", "適合ラベル登録番号", "JC-STAR登録番号"},
	"level":    {"stars", "レベル", "星の数"},
	"criteria": {"適合基準"},
	"issued":   {"issued on", "issue date", "date of issue", "発行日", "交付日", "適合ラベル発行日"},
	"expires":  {"expires on", "expiry", "expiry date", "valid until", "last day", "有効期限"},
	"page":     {"product page", "製品情報ページ"},

	"basis.route":       {"route", "取得方法", "取得の方法"},
	"basis.declaration": {"declaration", "宣言書のコード"},

	"holder.name.en": {"holder", "label holder", "company", "ラベル取得者（英語）", "事業者名（英語）", "会社名（英語）"},
	"holder.name.ja": {"holder (Japanese)", "ラベル取得者", "事業者名", "会社名"},
	"holder.address": {"address", "住所", "所在地"},
	"holder.country": {"country", "国"},

	"product.name.en":          {"product", "product name", "name", "製品名（英語）"},
	"product.name.ja":          {"product name (Japanese)", "name (Japanese)", "製品名", "製品名称"},
	"product.brand":            {"brand", "ブランド"},
	"product.type":             {"type", "種別"},
	"product.batch":            {"batch", "バッチ"},
	"product.category":         {"category", "製品類型"},
	"product.models.model":     {"model", "models", "model number", "model no", "型番", "製品型番", "型式", "品番"},
	"product.models.gtins":     {"GTIN", "GTINs", "JAN", "EAN", "UPC", "barcode", "barcode number", "JANコード", "バーコード", "バーコード番号"},
	"product.traits.ip":        {"IP", "IP通信"},
	"product.traits.market":    {"market", "提供先"},
	"product.traits.class":     {"class", "区分"},
	"product.traits.ni_eu_law": {"EU law in Northern Ireland"},

	"support.text.en": {"support", "support period", "サポート期間（英語）"},
	"support.text.ja": {"support period (Japanese)", "サポート期間"},
	"support.end":     {"support until", "supported until", "サポート期限", "サポート終了日"},

	"support_at_first_supply.text.en": {"support", "support period", "サポート期間（英語）"},
	"support_at_first_supply.text.ja": {"support period (Japanese)", "サポート期間"},
	"support_at_first_supply.end":     {"support until", "supported until", "サポート期限", "サポート終了日"},

	"contact.vulnerability": {"contact", "vulnerability contact", "脆弱性報告窓口"},
	"contact.email":         {"email", "e-mail", "メール", "電子メール", "メールアドレス"},

	"url":                      {"document", "掲載場所", "宣言書URL"},
	"language":                 {"言語"},
	"place":                    {"place of issue", "発行場所"},
	"parties.role":             {"役割"},
	"parties.name.en":          {"manufacturer", "製造事業者（英語）"},
	"parties.name.ja":          {"製造事業者"},
	"parties.address":          {"address", "manufacturer address", "住所"},
	"parties.country":          {"country", "国"},
	"prepared_by_manufacturer": {"prepared by manufacturer"},
	"routes.passwords":         {"passwords", "パスワード"},
	"routes.reporting":         {"reporting", "報告方法"},
	"routes.support":           {"support route"},
	"signatory.function":       {"signatory function", "職名", "署名者の職名"},
	"signatory.name":           {"signatory", "署名者"},
}
