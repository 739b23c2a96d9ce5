package browser

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/text/encoding/japanese"

	"tegata/cmd/labeld/demo"
)

// A checkCase is what testdata/check.mjs is given.
type checkCase struct {
	Long     string `json:"long"`     // a list of 10,000 rows, of everything that a row can be
	Japanese string `json:"japanese"` // a list of a few rows in Shift_JIS, which names its columns
	Odd      string `json:"odd"`      // a list whose columns have names that nobody knows
	Empty    string `json:"empty"`
	Workbook string `json:"workbook"`
	Large    string `json:"large"` // larger than the page takes
	Code     string `json:"code"`  // printed
	Dir      string `json:"dir"`   // where to save files
	Shots    string `json:"shots"` // where to put pictures of the states; empty: nowhere
}

// TestCheckPage does in Chromium what a shop does with its list: it gives it as a
// file, drops or pastes it or takes over what was scanned, confirms and changes the
// columns, watches, cancels, filters, saves and prints; by keyboard alone, in both
// languages, on a phone and on a desk, and without scripts. What is saved is what
// the API answers, and the report is about that.
func TestCheckPage(t *testing.T) {
	address, r := demoServer(t)
	codes := demoCodes(t, r)
	dir := t.TempDir()
	c := checkCase{Code: demo.Router.Printed(), Dir: dir, Shots: os.Getenv("SHOTS")}

	var long strings.Builder
	long.WriteString("商品名,ラベルコード,型番,メモ\r\n")
	for i := range 10_000 {
		code, model, note := codes[i%len(codes)].Printed(), "", "=1+1"
		switch i % 50 {
		case 7:
			code = "0000-0000-0012"
		case 8:
			code = "7K3M"
		case 9:
			model = "WX-999"
		case 10:
			note = "\"two\nlines, \"\"quoted\"\"\""
		case 11:
			long.WriteString("\r\n") // a blank row
		case 12:
			code, model = "", "MC-10"
		case 13:
			code = ""
		}
		fmt.Fprintf(&long, "\"商品 %d, 箱\",%s,%s,%s\r\n", i, code, model, note)
	}
	c.Long = write(t, dir, "long.csv", []byte(long.String()))

	sjis, err := japanese.ShiftJIS.NewEncoder().String("商品名;型番;在庫数\n青葉ホームルーター;WX-100;12\n港インドアカメラ;MC-10;3\n未知の製品;表-1;7\n")
	if err != nil {
		t.Fatal(err)
	}
	c.Japanese = write(t, dir, "在庫.csv", []byte(sjis))
	c.Odd = write(t, dir, "odd.csv", []byte("what,thing\nRouter,WX-100\nLock,HL-2\n"))
	c.Empty, c.Workbook = write(t, dir, "empty.csv", nil), write(t, dir, "book.csv", []byte("PK\x03\x04 and more"))
	c.Large = write(t, dir, "large.csv", []byte("code\n"+strings.Repeat("7K3M-Q2ZT-9XWE\n", 600_000)))
	given, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	browse(t, "testdata/check.mjs", given, address)
}
