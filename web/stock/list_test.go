package stock_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tegata/verify"
	"tegata/web/i18n"
	"tegata/web/stock"
)

// read reads a list to its end: the cells of every row as column=text, or its
// faults, and the list written out again with one more cell.
func read(t *testing.T, r io.Reader, told stock.Form) (l *stock.List, rows []string, out string) {
	t.Helper()
	l, err := stock.Open(r, told)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := l.WriteHead(&b, "answer"); err != nil {
		t.Fatal(err)
	}
	for {
		row, err := l.Next()
		if errors.Is(err, io.EOF) {
			return l, rows, b.String()
		}
		if err != nil {
			t.Fatal(err)
		}
		if !row.Blank {
			rows = append(rows, tell(row))
		}
		if err := l.WriteRow(&b, fmt.Sprint("no", row.Number)); err != nil {
			t.Fatal(err)
		}
	}
}

func tell(row *stock.Row) string {
	if len(row.Faults) > 0 {
		return row.Faults.Error()
	}
	var cells []string
	for _, c := range stock.Columns {
		if text := row.Cell(c); text != "" {
			cells = append(cells, string(c)+"="+text)
		}
	}
	return strings.Join(cells, " ")
}

const (
	japanese = "商品名,JANコード,型番,備考\r\n防犯カメラ,4912345678904,WX-100,\"棚\r\n上\"\r\nルータ 表,4006381333931,WX－２００,ソ能\r\n"
	english  = "Item;Barcode;Model No.\nRouter, white;4912345678904;WX-100\n\"Router \"\"B\"\"\";4006381333931;WX-200\n"
)

// TestCharsets: a list is the same list in every charset, told or found out.
func TestCharsets(t *testing.T) {
	for _, charset := range []stock.Charset{stock.UTF8, stock.UTF16LE, stock.UTF16BE, stock.ShiftJIS} {
		for _, mark := range []bool{false, true} {
			for _, told := range []stock.Charset{"", charset} {
				text := stock.Encode(charset, japanese)
				if mark && charset != stock.ShiftJIS {
					text = stock.Encode(charset, "\ufeff") + text
				}
				l, rows, out := read(t, strings.NewReader(text), stock.Form{Charset: told})
				if got, detected := l.Charset(); got != charset || detected != (told == "") {
					t.Errorf("%s: got %s, detected %t", charset, got, detected)
				}
				if want := []string{"gtin=4912345678904 model=WX-100", "gtin=4006381333931 model=WX－２００"}; !slices.Equal(rows, want) {
					t.Errorf("%s: got %q, want %q", charset, rows, want)
				}
				want := strings.NewReplacer(stock.Encode(charset, "備考\r\n"), stock.Encode(charset, "備考,answer\r\n"),
					stock.Encode(charset, "上\"\r\n"), stock.Encode(charset, "上\",no1\r\n"), stock.Encode(charset, "能\r\n"), stock.Encode(charset, "能,no2\r\n")).Replace(text)
				if out != want {
					t.Errorf("%s: got\n%q, want\n%q", charset, out, want)
				}
			}
		}
	}
}

// TestLate: where a list begins in ASCII, its charset shows later; until then
// nothing else is written to it.
func TestLate(t *testing.T) {
	for _, charset := range []stock.Charset{stock.UTF8, stock.ShiftJIS} {
		text := "gtin,model,name\n" + strings.Repeat("4912345678904,WX-100,Router\n", 4000) + stock.Encode(charset, "4912345678904,型100,\n")
		l, rows, _ := read(t, strings.NewReader(text), stock.Form{})
		if got, _ := l.Charset(); got != charset || len(rows) != 4001 || rows[4000] != "gtin=4912345678904 model=型100" {
			t.Errorf("%s: got %s, %d rows, the last %s", charset, got, len(rows), rows[len(rows)-1])
		}
	}
	l, _, _ := read(t, strings.NewReader("gtin\n4912345678904\n"), stock.Form{})
	if got, detected := l.Charset(); got != stock.UTF8 || !detected {
		t.Errorf("ASCII alone: got %q, detected %t", got, detected)
	}
}

// TestForms: separators, line ends, headers, blank and short rows.
func TestForms(t *testing.T) {
	const item, other = "4912345678904", "4006381333931"
	for _, test := range []struct {
		name, text string
		told       stock.Form
		rows       []string
		out        string // empty: as it came, with a cell on every row
	}{
		{"semicolons", english, stock.Form{}, []string{"gtin=" + item + " model=WX-100", "gtin=" + other + " model=WX-200"}, ""},
		{"tabs", "sku\tEAN\nA,1\t" + item + "\n", stock.Form{}, []string{"gtin=" + item}, ""},
		{"one column", "jan\n" + item + "\n" + other, stock.Form{}, []string{"gtin=" + item, "gtin=" + other}, "jan,answer\n" + item + ",no1\n" + other + ",no2"},
		{"CR alone", "jan,x\r" + item + ",\r", stock.Form{}, []string{"gtin=" + item}, "jan,x,answer\r" + item + ",,no1\r"},
		{"no header", "A," + item + ",7k3m-q2zt-9xwe\nB," + other + ",\n", stock.Form{}, []string{"code=7K3MQ2ZT9XWE gtin=" + item, "gtin=" + other}, "A," + item + ",7k3m-q2zt-9xwe,no1\nB," + other + ",,no2\n"},
		{"the longer number", "96385074," + item + "\n", stock.Form{}, []string{"gtin=" + item}, "96385074," + item + ",no1\n"},
		{"no header, told", "WX-100,a\n", stock.Form{Header: stock.Absent, Columns: map[stock.Column]string{stock.Model: "1"}}, []string{"model=WX-100"}, "WX-100,a,no1\n"},
		{"by heading", "Code,Nummer,Artikel\n1," + item + ",WX-1\n", stock.Form{Columns: map[stock.Column]string{stock.Code: "-", stock.GTIN: "nummer", stock.Model: "3"}}, []string{"gtin=" + item + " model=WX-1"}, ""},
		{"blank rows", "\r\njan,x\r\n\r\n,\r\n" + item + ",\r\n \r\n", stock.Form{}, []string{"gtin=" + item}, "\r\njan,x,answer\r\n\r\n,\r\n" + item + ",,no1\r\n \r\n"},
		{"a short row", "jan,a,b\n" + item + "\n", stock.Form{}, []string{"gtin=" + item}, "jan,a,b,answer\n" + item + ",,,no1\n"},
		{"empty fields more", "jan,a\n" + item + ",1,,\n", stock.Form{}, []string{"gtin=" + item}, "jan,a,answer\n" + item + ",1,,,no1\n"},
		{"kept as text", "jan,code\n=\"" + item + "\",\"=\"\"7K3M-Q2ZT-9XWE\"\"\"\n", stock.Form{}, []string{"code=7K3MQ2ZT9XWE gtin=" + item}, ""},
		{"full width", "ＪＡＮ，\nＪＡＮコード\n４９１２３４５６７８９０４\n", stock.Form{Columns: map[stock.Column]string{stock.GTIN: "1"}}, []string{"gtin=JANコード", "gtin=" + item}, "ＪＡＮ，,answer\nＪＡＮコード,no1\n４９１２３４５６７８９０４,no2\n"},
		{"inches", "jan,size\n" + item + ",15\"\n", stock.Form{}, []string{"gtin=" + item}, ""},
		{"a header alone", "jan,size", stock.Form{}, nil, "jan,size,answer"},
		{"no line end", "jan,size\n" + item + ",1", stock.Form{}, []string{"gtin=" + item}, "jan,size,answer\n" + item + ",1,no1"},
	} {
		l, rows, out := read(t, strings.NewReader(test.text), test.told)
		if !slices.Equal(rows, test.rows) {
			t.Errorf("%s: got %q, want %q (columns %v)", test.name, rows, test.rows, l.Columns())
		}
		if test.out == "" {
			lines := strings.Split(strings.TrimSuffix(test.text, "\n"), "\n")
			for i := range lines {
				lines[i] += string(rune(l.Comma())) + []string{"answer", "no1", "no2"}[i]
			}
			test.out = strings.Join(lines, "\n") + "\n"
		}
		if out != test.out {
			t.Errorf("%s: got\n%q, want\n%q", test.name, out, test.out)
		}
	}
}

// TestParts: a list cut at the end of any row is the same list, where the parts
// that go on are told what the first one was.
func TestParts(t *testing.T) {
	text := japanese + "a\r\n\r\n,4912345678904,,,too many\r\n\"open\r\n\"" + strings.Repeat("x", 2<<20) + "\r\n\"\r\nb,4006381333931"
	whole, rows, out := read(t, strings.NewReader(text), stock.Form{})
	first, err := stock.Open(strings.NewReader(text), stock.Form{})
	if err != nil {
		t.Fatal(err)
	}
	told := stock.Form{Charset: stock.UTF8, Comma: first.Comma(), Header: stock.Absent, Fields: first.Width(), Columns: map[stock.Column]string{}}
	for _, c := range stock.Columns {
		told.Columns[c] = "-"
		if i, ok := whole.Columns()[c]; ok {
			told.Columns[c] = fmt.Sprint(i + 1)
		}
	}
	cuts := 0
	for {
		at := first.Offset()
		_, before, head := read(t, strings.NewReader(text[:at]), stock.Form{})
		_, after, tail := read(t, strings.NewReader(text[at:]), told)
		// A part counts its own rows.
		count := regexp.MustCompile(`,no\d+`)
		if got := append(before, after...); !slices.Equal(got, rows) || count.ReplaceAllString(head+tail, "") != count.ReplaceAllString(out, "") {
			t.Errorf("cut at %d: got %.200q, want %.200q", at, got, rows)
		}
		row, err := first.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(row.Faults) > 0 {
			first.WriteRow(io.Discard) // the rest of a long one
		}
		cuts++
	}
	if cuts != 8 {
		t.Errorf("got %d cuts, want 8", cuts)
	}
}

// TestRowFaults: what is wrong with one row is told of it, and does not spoil the
// next.
func TestRowFaults(t *testing.T) {
	const item = "4912345678904"
	long := strings.Repeat("x", 10<<20)
	for _, test := range []struct {
		name, row string
		fault     string
	}{
		{"more fields", item + ",a,b,c\n", "row: row_more 4"},
		{"text behind a quotation mark", item + ",\"a\"b,c\n", "row: row_quote 2"},
		{"10 MB", item + "," + long + ",c\n", "row: row_long 1048576"},
		{"10 MB in quotation marks", item + ",\"" + long + "\r\n\"\",\n\",c\r\n", "row: row_long 1048576"},
		{"many fields", item + strings.Repeat(",", 20_000) + "\n", "row: row_many 10000"},
		{"not of the charset", "\xe3\x81" + item + ",a,b\n", "gtin: cell_text utf-8"},
	} {
		text := "jan,名,b\n" + test.row + item + ",1,2\n"
		_, rows, out := read(t, strings.NewReader(text), stock.Form{Charset: stock.UTF8})
		if want := []string{test.fault, "gtin=" + item}; !slices.Equal(rows, want) {
			t.Errorf("%s: got %.100q, want %q", test.name, rows, want)
		}
		if end := strings.TrimRight(test.row, "\r\n"); !strings.Contains(out, end+",no1") || !strings.HasSuffix(out, ",1,2,no2\n") {
			t.Errorf("%s: got %.200q", test.name, out)
		}
	}
	for text, want := range map[string][]string{
		"jan,a,b\n" + item + ",1,2\n" + item: {"gtin=" + item, "row: row_cut 1"},
		"jan,a,b\n" + item + ",\"1,2":        {"row: row_open 2"},
	} {
		_, rows, out := read(t, strings.NewReader(text), stock.Form{})
		if !slices.Equal(rows, want) {
			t.Errorf("cut off: got %q, want %q", rows, want)
		}
		again, _, _ := read(t, strings.NewReader(out), stock.Form{})
		if again.Width() != 4 {
			t.Errorf("cut off: got %q", out)
		}
	}
}

// TestWide: 1,000 columns, of which the last is asked about.
func TestWide(t *testing.T) {
	heads, cells := make([]string, 1000), make([]string, 1000)
	for i := range heads {
		heads[i], cells[i] = fmt.Sprint("c", i), "\"value, quoted\""
	}
	heads[999], cells[999] = "JAN", "4912345678904"
	_, rows, _ := read(t, strings.NewReader(strings.Join(heads, ",")+"\r\n"+strings.Join(cells, ",")+"\r\n"), stock.Form{})
	if want := []string{"gtin=4912345678904"}; !slices.Equal(rows, want) {
		t.Errorf("got %q, want %q", rows, want)
	}
}

// TestRefused: what cannot be read as a list is refused, with the reason.
func TestRefused(t *testing.T) {
	for _, test := range []struct {
		text string
		told stock.Form
		want string
	}{
		{"", stock.Form{}, "list: list_empty"},
		{"\xef\xbb\xbf", stock.Form{}, "list: list_empty"},
		{"\n\r\n", stock.Form{}, "list: list_empty"},
		{strings.Repeat("\n", 200_000) + "jan\n", stock.Form{}, "list: list_empty"},
		{"PK\x03\x04\x14\x00", stock.Form{}, "list: list_workbook"},
		{"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", stock.Form{}, "list: list_text 1"},
		{"jan,name\n1,caf\xe9\n", stock.Form{}, "list: list_text 2"},
		{"jan,\xbe\xa6\xc9\xca\xa4\xce\xcc\xbe\n", stock.Form{}, "list: list_text 1"}, // EUC-JP
		{"jan,名\n1,2\n", stock.Form{Charset: "utf-16"}, "list: list_text 1"},
		{"\xff\xfej\x00", stock.Form{Charset: stock.ShiftJIS}, "charset: list_mark utf-16le"},
		{"\x96\xbc,jan\n", stock.Form{Charset: stock.UTF8}, "list: list_text 1"},
		{"WX-100,a\n", stock.Form{Columns: map[stock.Column]string{stock.Model: "1"}}, "header: list_header"},
		{"jan,a\n", stock.Form{Header: stock.Present, Columns: map[stock.Column]string{stock.Code: "0", stock.GTIN: "b", stock.Model: "3"}}, "columns.code: list_column 0; columns.gtin: list_column b; columns.model: list_column 3"},
		{"\"" + strings.Repeat("x", 2<<20) + "\",jan\n", stock.Form{}, "row: row_long 1048576"},
		{"jan,\"a", stock.Form{}, "row: row_open 2"},
	} {
		_, err := stock.Open(strings.NewReader(test.text), test.told)
		var faults verify.Faults
		if !errors.As(err, &faults) || faults.Error() != test.want {
			t.Errorf("%.40q: got %v, want %s", test.text, err, test.want)
		}
	}
	if _, err := stock.Open(bufio.NewReaderSize(strings.NewReader(strings.Repeat("x", 100<<10)), 256<<10), stock.Form{}); err != nil {
		t.Errorf("a long first line: got %v", err)
	}
	l, err := stock.Open(strings.NewReader("name,price\nRouter,1\n"), stock.Form{})
	if err != nil || !slices.Equal(l.Headings(), []string{"name", "price"}) {
		t.Fatalf("got %v, want its headings", err)
	}
	if err := l.Asks(); err == nil || err.Error() != "list: list_no_column" {
		t.Errorf("got %v, want list_no_column", err)
	}
}

// TestWords: every fault has words.
func TestWords(t *testing.T) {
	for _, rule := range stock.Rules {
		if !i18n.English.Has("fault." + string(rule)) {
			t.Errorf("fault.%s: got no words", rule)
		}
	}
}

// TestBadQuote: a quotation mark that is not closed spoils its own row, and not
// those behind it, whatever they have in quotation marks.
func TestBadQuote(t *testing.T) {
	const item, other = "4912345678904", "4006381333931"
	fine := []string{"gtin=" + item, "gtin=" + other, "gtin=" + item}
	for _, charset := range []stock.Charset{stock.UTF8, stock.UTF16BE, stock.ShiftJIS} {
		for _, end := range []string{"\n", "\r\n", "\r"} {
			for at, bad := range map[int]string{2: other + ",\"15 inches,1", 3: other + ",a,\"", 1: "\"" + other + ",a,1"} {
				rows := []string{"jan,品,n", bad, item + ",\"two" + end + "lines\",1", other + ",\"5 \"\"\",2", item + ",,3"}
				for _, last := range []string{"", end, end + strings.Repeat("x,x,x"+end, 300_000)} {
					if len(last) > 2 && (charset != stock.UTF8 || end != "\n") {
						continue // slow
					}
					text := strings.Join(rows, end) + last
					_, got, out := read(t, strings.NewReader(stock.Encode(charset, text)), stock.Form{Charset: charset})
					if len(got) < 4 || got[0] != fmt.Sprint("row: row_open ", at) || !slices.Equal(got[1:4], fine) {
						t.Errorf("%s, %q, %q: got %.200q", charset, end, bad, got)
					}
					if head := stock.Encode(charset, rows[0]+",answer"+end+bad+"\""); !strings.HasPrefix(out, head) || !strings.Contains(out, stock.Encode(charset, end+rows[2]+",no2"+end)) {
						t.Errorf("%s, %q: got %.200q", charset, end, out)
					}
				}
			}
		}
	}
	// Where nothing closes it, too, and however much comes.
	for _, n := range []int{3, 300_000} {
		_, got, _ := read(t, strings.NewReader("jan,n\n\""+other+",1\n"+strings.Repeat(item+",2\n", n)), stock.Form{})
		if len(got) != n+1 || got[0] != "row: row_open 1" || got[1] != fine[0] || got[n] != fine[0] {
			t.Errorf("%d rows: got %d, %.200q", n, len(got), got)
		}
	}
}

// TestCut: a last row without a line end may be cut off. Where that can have
// touched nothing that is asked, it was only short.
func TestCut(t *testing.T) {
	const item = "gtin=4912345678904"
	for text, want := range map[string]string{
		"jan,model,n,note\n4912345678904,WX-1,3":   item + " model=WX-1",
		"jan,model,n,note\n4912345678904,WX-1,":    item + " model=WX-1",
		"jan,model,n,note\n4912345678904,WX-1":     "row: row_cut 2",
		"jan,model,n,note\n4912345678904":          "row: row_cut 1",
		"jan,model,n,note\n4912345678904\n":        item,
		"ref,n,jan\nA":                             "row: row_cut 1",
		"jan,n,ref\n4912345678904,3":               item,
		"jan,model,n,note\n4912345678904,WX-1,\"3": "row: row_open 3",
	} {
		if _, rows, _ := read(t, strings.NewReader(text), stock.Form{}); !slices.Equal(rows, []string{want}) {
			t.Errorf("%q: got %q, want %q", text, rows, want)
		}
	}
}

// TestBeginnings: what a list begins with is taken for what it is.
func TestBeginnings(t *testing.T) {
	const item = "gtin=4912345678904"
	for text, want := range map[string][]string{
		"4912345678904,Router,IN\n4912345678904,,JP\n": {item, item}, // India is no heading
		"4912345678904,Router,型番\n":                    {item},       // nor is what a form left in a row
		"\n\r\njan;model\n4912345678904;a,b,c\n":       {item + " model=a,b,c"},
		"jan,x\r4912345678904,A;B;C;D\r":               {item},
		"jan,x\n4912345678904,\x00\n":                  {item}, // a NUL makes no UTF-16
		"\ufeff\ufeffjan,x\n\ufeff4912345678904,a\n":   {item}, // lists that were put one behind the other
		"jan,jan\n4912345678904,4006381333931\n":       {item},
	} {
		if l, rows, _ := read(t, strings.NewReader(text), stock.Form{}); !slices.Equal(rows, want) {
			t.Errorf("%q: got %q, want %q (%v)", text, rows, want, l.Columns())
		}
	}
	// A row that cannot be read does not make another charset of the others.
	for charset, bad := range map[stock.Charset]string{stock.UTF8: "caf\xe9", stock.ShiftJIS: "\x81"} {
		text := stock.Encode(charset, "JANコード,品名\n4912345678904,防犯カメラ\n") + "4912345678904," + bad + "\n" + stock.Encode(charset, "4912345678904,ルータ\n")
		if l, rows, _ := read(t, strings.NewReader(text), stock.Form{}); !slices.Equal(rows, []string{item, item, item}) || l.Headings()[1] != "品名" {
			t.Errorf("%s: got %q below %q", charset, rows, l.Headings())
		}
	}
}
