package web

import (
	"strings"
	"testing"
	"time"

	"tegata/verify"
	"tegata/web/stock"
)

// addChecked adds the page /check, with and without faults, and pages of answers
// to a list in which every mark and word is.
func addChecked(t *testing.T, b basePage, add func(string, any)) {
	t.Helper()
	sc, err := newScripts(pageCheck)
	if err != nil {
		t.Fatal(err)
	}
	evil := given{in: verify.InGBNIR, at: "2026-09-01", text: `"><script>alert(1)</script>`, columns: map[stock.Column]string{stock.GTIN: "2"}}
	add(pageCheck, newCheckPage(b, sc, given{}))
	refused := newCheckPage(b, sc, evil)
	refused.refuse([]faultBody{{"columns.gtin", stock.NoSuchColumn, "<b>"}, {"list", stock.NoColumn, "<b>"}, {paramIn, verify.NotOneOf, "<b>"}})
	list, err := stock.Open(strings.NewReader("<b>name,,price\nx,y,1\n"), stock.Form{})
	if err != nil {
		t.Fatal(err)
	}
	refused.choose(list)
	add(pageCheck, refused)

	a := everyAnswer(t)
	for _, shown := range []mark{"", markUnknown, markFault} {
		for _, page := range []int{1, 2, 9} {
			rows, err := a.read(shown, page)
			if err != nil {
				t.Fatal(err)
			}
			add(pageChecked, newCheckedPage(b, a, "0123", rows))
		}
	}
	a.reported = true
	rows, err := a.read("", 1)
	if err != nil {
		t.Fatal(err)
	}
	add(pageChecked, newCheckedPage(b, a, "0123", rows))
}

// everyAnswer is a list with an answer of every status with every outcome, in and
// out of every other respect, about 400 rows.
func everyAnswer(t *testing.T) *answered {
	t.Helper()
	var csv strings.Builder
	csv.WriteString("name,code,gtin,model\n")
	l, err := stock.Open(strings.NewReader(csv.String()), stock.Form{})
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := l.WriteHead(&out, stock.AnswerNames...); err != nil {
		t.Fatal(err)
	}
	for _, answer := range answersOfAll() {
		if err := l.WriteMore(&out, answer.Cells()...); err != nil {
			t.Fatal(err)
		}
	}
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	return &answered{
		data: []byte(out.String()), form: stock.Form{Charset: stock.UTF8, Comma: ',', Header: stock.Present}, width: 4, columns: l.Columns(),
		name: "a/b\"<b>.csv", in: verify.InGB, head: verify.Log{Time: now}, until: now.Add(keptMinutes * time.Minute),
	}
}

func answersOfAll() (all []stock.Answer) {
	for _, status := range verify.Statuses {
		for _, outcome := range verify.Outcomes {
			for _, covered := range []string{"", "yes", "no"} {
				a := stock.Answer{Code: ownLabel, Status: status, Outcome: outcome, In: verify.InGB, Accord: outcome, Statute: verify.Undetermined,
					ModelCovered: covered, Codes: []verify.Code{ownLabel}, Until: verify.Date{Year: 2027, Month: 1, Day: 10}}
				all = append(all, a)
				a.GTINCovered, a.ModelCovered, a.Barred = covered, "", true
				a.Codes = append(a.Codes, verify.Code("000000000012"))
				all = append(all, a)
			}
		}
	}
	return append(all, stock.NewAnswer(nil), stock.Answer{Fault: "code: code_check: <b>; gtin: gtin: no; row: malformed_list: x"})
}
