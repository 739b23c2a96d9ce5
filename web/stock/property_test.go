package stock_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"pgregory.net/rapid"

	"tegata/verify"
	"tegata/web/stock"
)

// copied reads a list and writes it as it came, with nothing behind the rows but
// what closes a quotation mark, which is left out again. The fields of rows without
// a fault come along.
func copied(r io.Reader, told stock.Form) (l *stock.List, out []byte, rows [][]string, faults bool, _ error) {
	l, err := stock.Open(r, told)
	if err != nil {
		return nil, nil, nil, false, err
	}
	var b bytes.Buffer
	if err := l.WriteHead(&b); err != nil {
		return nil, nil, nil, false, err
	}
	if heads := l.Headings(); heads != nil {
		rows = append(rows, heads)
	}
	for {
		row, err := l.Next()
		if errors.Is(err, io.EOF) {
			return l, b.Bytes(), rows, faults, nil
		}
		if err != nil {
			return nil, nil, nil, false, err
		}
		faults = faults || len(row.Faults) > 0
		var fields []string
		for i := range row.Fields() {
			text, _ := row.Field(i)
			fields = append(fields, text)
		}
		rows = append(rows, fields)
		var one bytes.Buffer
		if err := l.WriteRow(&one); err != nil {
			return nil, nil, nil, false, err
		}
		if raw := row.Raw(); len(row.Faults) > 0 && row.Faults[0].Rule == stock.RowOpen {
			b.Write(raw)
			one.Next(len(raw) + len(stock.Encode(mustCharset(l), `"`)))
		}
		one.WriteTo(&b)
	}
}

// asked is what is known of every row of a list.
func asked(r io.Reader, told stock.Form) (all []string) {
	l, err := stock.Open(r, told)
	for err == nil {
		var row *stock.Row
		if row, err = l.Next(); err == nil {
			all = append(all, fmt.Sprintf("%d %d %t %v %q %q %q %d", row.Number, row.Line, row.Blank, row.Faults, row.Cell(stock.GTIN), row.Cell(stock.Model), row.AppendAsked(nil), l.Offset()))
		}
	}
	return append(all, err.Error())
}

// TestAsked: rows append the same where the same is asked of them, and only there.
func TestAsked(t *testing.T) {
	l, err := stock.Open(strings.NewReader("code,number,model,ref\n"+strings.Join([]string{
		"A,B,,x", "A,B,,another", "\"A\", B ,,", "a,B,,", "AB,,,", "A,B\x00,,", "A,,B,", ",A,B,", "\x01A,B,,", ",\x01B,,",
	}, "\n")), stock.Form{})
	if err != nil {
		t.Fatal(err)
	}
	same := map[string]int{}
	for {
		row, err := l.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		same[string(row.AppendAsked(nil))]++
	}
	if len(same) != 7 || slices.Max(slices.Collect(maps.Values(same))) != 4 {
		t.Errorf("got %v", same)
	}
}

// TestEveryByte: whatever the charset, separator, line ends and quotation, every
// byte of a list is kept, every field is read as it was meant, and with a cell
// more on every row the list reads the same in the shop's own columns.
func TestEveryByte(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		charset := rapid.SampledFrom([]stock.Charset{stock.UTF8, stock.UTF16LE, stock.UTF16BE, stock.ShiftJIS}).Draw(t, "charset")
		comma := rapid.SampledFrom([]string{",", ";", "\t"}).Draw(t, "comma")
		end := rapid.SampledFrom([]string{"\n", "\r\n", "\r"}).Draw(t, "end")
		last := rapid.Bool().Draw(t, "last end")
		width := rapid.IntRange(2, 6).Draw(t, "width")
		cell := rapid.StringOf(rapid.SampledFrom([]rune("aZ09 '=-,;\t\"\n\r表ソ能型ﾊﾞーé商"))).Filter(func(s string) bool {
			return charset != stock.ShiftJIS || !strings.Contains(s, "é")
		})
		n := rapid.IntRange(1, 8).Draw(t, "rows")
		var text strings.Builder
		want := [][]string{}
		for i := range n {
			row := make([]string, width)
			for j := range row {
				row[j] = cell.Draw(t, "cell")
			}
			if i == 0 {
				row[0] = "JAN"
			}
			row[width-1] += "." // none is blank
			want = append(want, row)
			for j, field := range row {
				if j > 0 {
					text.WriteString(comma)
				}
				if strings.ContainsAny(field, "\r\n\""+comma) || rapid.Bool().Draw(t, "quoted") {
					field = `"` + strings.ReplaceAll(field, `"`, `""`) + `"`
				}
				text.WriteString(field)
			}
			if i < n-1 || last {
				text.WriteString(end)
			}
		}
		sent := []byte(stock.Encode(charset, text.String()))
		told := stock.Form{Charset: charset, Comma: comma[0], Header: stock.Present}
		var r io.Reader = bytes.NewReader(sent)
		if rapid.Bool().Draw(t, "byte by byte") {
			r = iotest.OneByteReader(r)
		}
		_, out, rows, faults, err := copied(r, told)
		if err != nil || faults || !bytes.Equal(out, sent) || !slices.EqualFunc(rows, want, slices.Equal) {
			t.Fatalf("got %q and %q, %v, want %q and %q", rows, out, err, want, sent)
		}

		told.Columns = map[stock.Column]string{stock.Model: "2"}
		if one, other := asked(bytes.NewReader(sent), told), asked(iotest.OneByteReader(bytes.NewReader(sent)), told); !slices.Equal(one, other) {
			t.Fatalf("got %q read at once, and %q byte by byte", one, other)
		}

		l, err := stock.Open(bytes.NewReader(sent), told)
		if err != nil {
			t.Fatal(err)
		}
		var more bytes.Buffer
		err = l.WriteHead(&more, "=answer")
		for err == nil {
			if _, err = l.Next(); err == nil {
				err = l.WriteRow(&more, "a\"b"+comma)
			}
		}
		_, _, rows, faults, err = copied(&more, told)
		if err != nil || faults || len(rows) != n {
			t.Fatalf("with a cell more: got %q, %t, %v", rows, faults, err)
		}
		for i, row := range rows {
			cell := "a\"b" + comma
			if i == 0 {
				cell = "'=answer"
			}
			if !slices.Equal(row, append(slices.Clone(want[i]), cell)) {
				t.Fatalf("with a cell more: got %q, want %q and %q", row, want[i], cell)
			}
		}
	})
}

// FuzzList: every list is refused for a reason, or written out again as it came;
// and where encoding/csv reads it too, both read the same.
func FuzzList(f *testing.F) {
	for _, text := range []string{
		"", "jan\n4912345678904\n", english, japanese, stock.Encode(stock.ShiftJIS, japanese), stock.Encode(stock.UTF16LE, "\ufeff"+japanese),
		"\xef\xbb\xbfa,\"b\r\n\"\"\"\r\rc", "a,\"b\"c\n\"", "a\n,,\n\n b", "\xff\xfea\x00\n\x00,", "7K3MQ2ZT9XWE;\x00",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		l, out, rows, faults, err := copied(bytes.NewReader(text), stock.Form{})
		if refused := (verify.Faults{}); errors.As(err, &refused) {
			return
		} else if err != nil {
			t.Fatalf("got %v, want faults", err)
		}
		if !bytes.Equal(out, text) {
			t.Fatalf("got %q, want %q", out, text)
		}
		if faults || mustCharset(l) != stock.UTF8 || !utf8.Valid(text) || lone(text) {
			return
		}
		r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))))
		r.Comma, r.FieldsPerRecord = rune(l.Comma()), -1
		want, err := r.ReadAll()
		if err != nil {
			return // it takes no quotation mark inside a field
		}
		rows = slices.DeleteFunc(rows, func(row []string) bool { return len(row) == 1 && row[0] == "" })
		want = slices.DeleteFunc(want, func(row []string) bool { return len(row) == 1 && row[0] == "" })
		for len(want) > len(rows) && blank(want[0]) {
			want = want[1:] // blank rows before the first
		}
		for _, row := range rows {
			for i := range row {
				row[i] = strings.ReplaceAll(row[i], "\r\n", "\n") // which encoding/csv does
			}
		}
		if !slices.EqualFunc(rows, want, slices.Equal) {
			t.Errorf("got %q, want %q", rows, want)
		}
	})
}

func mustCharset(l *stock.List) stock.Charset { c, _ := l.Charset(); return c }

func blank(row []string) bool { return strings.TrimSpace(strings.Join(row, "")) == "" }

// lone reports whether a CR stands alone.
func lone(text []byte) bool {
	return bytes.Count(text, []byte("\r")) != bytes.Count(text, []byte("\r\n"))
}
