package stock

import (
	"strconv"
	"strings"
	"unicode"

	"tegata/verify"
	"tegata/verify/match"
)

// A Column is what a column of a list can hold that a question can use.
type Column string

const (
	Code   Column = "code"   // the registry's own
	Number Column = "number" // the scheme's registration number
	Scheme Column = "scheme" // that it is of
	GTIN   Column = "gtin"   // of the barcode: JAN, EAN, UPC
	Model  Column = "model"
	Ref    Column = "ref" // the asker's own name of the row
	In     Column = "in"  // where it is to count
	At     Column = "at"  // the day or instant in question
)

// Columns lists them all, in the order in which answers name them.
var Columns = []Column{Code, Number, Scheme, GTIN, Model, Ref, In, At}

// names are the headings that columns go by, as [Fold] folds them. Headings that
// as often mean something else, such as 商品コード, are not among them.
var names = map[Column][]string{
	Code: {"CODE", "LABELCODE", "REGISTRYCODE", "TEGATA", "TEGATACODE",
		"コード", "ラベルコード", "適合ラベルコード", "登録コード", "手形コード"},
	Number: {"NUMBER", "REGISTRATIONNUMBER", "REGISTRATIONNO", "LABELNUMBER", "LABELNO", "JCSTARNUMBER", "JCSTARNO", "JCSTAR",
		"登録番号", "ラベル番号", "適合ラベル番号", "適合ラベル登録番号", "JCSTAR登録番号", "JCSTAR番号"},
	Scheme: {"SCHEME", "制度", "制度名"},
	GTIN: {"GTIN", "GTIN8", "GTIN12", "GTIN13", "GTIN14", "GTINCODE", "EAN", "EAN8", "EAN13", "EANCODE", "UPC", "UPCA", "UPC12", "UPCCODE",
		"JAN", "JAN8", "JAN13", "JANCODE", "JANNO", "BARCODE", "BARCODENUMBER", "BARCODENO", "EANUPC", "UPCEAN", "JANEAN", "EANJAN", "EANBARCODE",
		"バーコード", "バーコード番号", "商品バーコード", "JANコード", "ジャンコード", "JANコード8桁", "JANコード13桁", "JANEANコード", "EANコード", "UPCコード", "GTINコード"},
	Model: {"MODEL", "MODELNUMBER", "MODELNO", "MODELNAME", "MODELCODE", "MPN", "MANUFACTURERPARTNUMBER", "PARTNUMBER", "PARTNO", "PN",
		"型番", "品番", "型式", "型名", "形名", "形式", "機種", "機種名", "モデル", "モデル名", "モデル番号", "製品型番", "製品型式", "メーカー型番", "メーカー品番", "メーカ型番"},
	Ref: {"REF", "REFERENCE", "参照", "参照番号", "管理番号"},
	In:  {"IN", "対象国", "確認国", "確認先"},
	At:  {"AT", "ASOF", "基準日", "確認日", "時点"},
}

// recognised is names by heading.
var recognised = func() map[string]Column {
	all := map[string]Column{}
	for column, headings := range names {
		for _, heading := range headings {
			all[heading] = column
		}
	}
	return all
}()

// Fold returns the form in which headings are compared: compatibility forms
// folded (NFKC), in capitals, letters and digits only.
func Fold(heading string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, match.Model(heading))
}

// byName finds columns by the headings of a list. Of two that fit the first is
// taken.
func byName(headings []string) map[Column]int {
	found := map[Column]int{}
	for i, heading := range headings {
		column, ok := recognised[Fold(heading)]
		if _, taken := found[column]; ok && !taken {
			found[column] = i
		}
	}
	return found
}

// byContent finds columns by what stands in them: a code, or a trade item number.
// One of 8 digits is taken where there is no longer one: as many digits happen to
// fit one time in ten.
func byContent(fields []string) map[Column]int {
	found := map[Column]int{}
	for i, field := range fields {
		item := clean(GTIN, field)
		_, noItem := verify.ParseGTIN(item)
		_, noCode := verify.ParseCode(clean(Code, field))
		switch have, taken := found[GTIN]; {
		case noItem == nil && (!taken || len(item) > 8 && len(clean(GTIN, fields[have])) == 8):
			found[GTIN] = i
		case noItem == nil || noCode != nil:
		default:
			if _, taken := found[Code]; !taken {
				found[Code] = i
			}
		}
	}
	return found
}

// override puts in place of found what was told: for a column the position, from
// 1, or the heading of where it is, or a hyphen where it is not there.
func override(found map[Column]int, told map[Column]string, headings []string, width int) (faults verify.Faults) {
	for _, column := range Columns {
		where, ok := told[column]
		if !ok {
			continue
		}
		delete(found, column)
		if where == "-" {
			continue
		}
		i := position(where, headings, width)
		if i < 0 {
			faults = append(faults, verify.Fault{Field: "columns." + string(column), Rule: NoSuchColumn, Detail: where})
			continue
		}
		found[column] = i
	}
	return faults
}

// position returns where a column is, from 0, or -1.
func position(where string, headings []string, width int) int {
	if n, err := strconv.Atoi(where); err == nil {
		if n < 1 || n > width {
			return -1
		}
		return n - 1
	}
	for i, heading := range headings {
		if strings.TrimSpace(heading) == strings.TrimSpace(where) {
			return i
		}
	}
	for i, heading := range headings {
		if Fold(heading) == Fold(where) && Fold(where) != "" {
			return i
		}
	}
	return -1
}

// ParseColumns reads what is told of columns, such as
//
//	code=-,gtin=3,model=Modell
//
// each the position from 1 or the heading of a column, or a hyphen where there
// is none. The error is [verify.Faults].
func ParseColumns(text string) (map[Column]string, error) {
	told := map[Column]string{}
	var faults verify.Faults
	for part := range strings.SplitSeq(text, ",") {
		if strings.TrimSpace(text) == "" {
			break
		}
		name, where, ok := strings.Cut(part, "=")
		column := Column(strings.TrimSpace(name))
		_, known := names[column]
		_, twice := told[column]
		switch {
		case !ok || !known || strings.TrimSpace(where) == "":
			faults = append(faults, verify.Fault{Field: "columns", Rule: NotColumn, Detail: strings.TrimSpace(part)})
		case twice:
			faults = append(faults, verify.Fault{Field: "columns." + string(column), Rule: verify.Repeated})
		default:
			told[column] = strings.TrimSpace(where)
		}
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return told, nil
}

// clean returns what a cell says, without what a spreadsheet put around it: the
// formula ="4912345678904", which keeps a number as it is, the white space at its
// ends, seen or not, and of a code or barcode also full-width forms, spaces and hyphens.
func clean(column Column, cell string) string {
	cell = strings.TrimFunc(cell, nothing)
	if inner, ok := strings.CutPrefix(cell, `="`); ok && strings.HasSuffix(inner, `"`) {
		cell = strings.TrimFunc(strings.TrimSuffix(inner, `"`), nothing)
	}
	if column == Code || column == GTIN {
		return match.Model(cell)
	}
	return cell
}

// nothing reports whether nothing of a character is seen: white space, a zero
// width space, or the byte order mark of a list that was put behind another.
func nothing(r rune) bool { return unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff' }
