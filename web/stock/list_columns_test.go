package stock_test

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"strings"
	"testing"
	"testing/iotest"

	"tegata/web/stock"
)

// TestColumnsTold: what is told of columns is read, or every part of it that
// cannot be is named.
func TestColumnsTold(t *testing.T) {
	got, err := stock.ParseColumns(" code=-, gtin=3,model=Model No.")
	if want := map[stock.Column]string{stock.Code: "-", stock.GTIN: "3", stock.Model: "Model No."}; err != nil || !maps.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	if got, err := stock.ParseColumns(""); err != nil || len(got) != 0 {
		t.Errorf("nothing: got %v, %v", got, err)
	}
	_, err = stock.ParseColumns("gtin,price=3,code=,ref=1,ref=2")
	if want := "columns: list_columns gtin; columns: list_columns price=3; columns: list_columns code=; columns.ref: repeated"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	for name, want := range map[string]stock.Charset{"": "", "UTF-8": stock.UTF8, "Windows-31J": stock.ShiftJIS, "utf-16le": stock.UTF16LE} {
		if got, err := stock.ParseCharset(name); err != nil || got != want {
			t.Errorf("%s: got %s, %v", name, got, err)
		}
	}
	if _, err := stock.ParseHeader("perhaps"); err == nil || err.Error() != "header: list_heading" {
		t.Errorf("perhaps: got %v", err)
	}
	if _, err := stock.ParseCharset("koi8-r"); err == nil {
		t.Error("koi8-r: got no error")
	}
}

// TestHeadings: columns are known by their names in both languages, however they
// are spelt.
func TestHeadings(t *testing.T) {
	for heading, want := range map[string]stock.Column{
		"JAN": stock.GTIN, "jan code": stock.GTIN, "ＪＡＮコード": stock.GTIN, "ﾊﾞｰｺｰﾄﾞ": stock.GTIN, "EAN/UPC": stock.GTIN, "GTIN-13": stock.GTIN, "Barcode No.": stock.GTIN,
		"型番": stock.Model, "品番": stock.Model, "Model #": stock.Model, "model_number": stock.Model, "ﾓﾃﾞﾙ": stock.Model, "メーカー型番": stock.Model,
		"登録番号": stock.Number, "JC-STAR 登録番号": stock.Number, "Registration number": stock.Number,
		"Code": stock.Code, "適合ラベルコード": stock.Code, "scheme": stock.Scheme, "ref": stock.Ref, "in": stock.In, "as of": stock.At, "対象国": stock.In,
		"商品コード": "", "SKU": "", "price": "", "country": "", "": "", "-": "",
	} {
		l, err := stock.Open(strings.NewReader("x,\""+heading+"\"\n"), stock.Form{Header: stock.Present})
		if err != nil {
			t.Fatal(err)
		}
		found := l.Columns()
		if at, ok := found[want]; want == "" && len(found) != 0 || want != "" && (!ok || at != 1 || len(found) != 1) {
			t.Errorf("%q: got %v, want %s", heading, found, want)
		}
	}
}

// TestFormulas: no cell that is written is a formula, and none is more than one
// cell; what came is as it came.
func TestFormulas(t *testing.T) {
	l, err := stock.Open(strings.NewReader("jan;=1+1\n4912345678904;@x"), stock.Form{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Next(); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := l.WriteRow(&b, "=1", "+1", "-1", "@1", "\t1", "\r1", "＝1", "a;b", "say \"a\"", "1,5", " x", "品", ""); err != nil {
		t.Fatal(err)
	}
	want := "4912345678904;@x;'=1;'+1;'-1;'@1;'\t1;\"'\r1\";'＝1;\"a;b\";\"say \"\"a\"\"\";1,5;\" x\";品;"
	if b.String() != want {
		t.Errorf("got %q, want %q", &b, want)
	}
	l, err = stock.Open(strings.NewReader(stock.Encode(stock.ShiftJIS, "品番\nA")), stock.Form{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Next(); err != nil {
		t.Fatal(err)
	}
	b.Reset()
	if err := l.WriteRow(&b, "手形 ☃ é"); err != nil || b.String() != stock.Encode(stock.ShiftJIS, "A,手形 ? ?") {
		t.Errorf("got %q, %v", &b, err)
	}
}

// TestBroken: an error of reading is told, and is no end.
func TestBroken(t *testing.T) {
	broken := errors.New("broken")
	r := io.MultiReader(strings.NewReader("jan\n4912345678904\n49"), iotest.ErrReader(broken))
	l, err := stock.Open(r, stock.Form{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Next(); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Next(); !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
	if _, err := stock.Open(iotest.ErrReader(broken), stock.Form{}); !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
}
