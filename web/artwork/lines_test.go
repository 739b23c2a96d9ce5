package artwork

import (
	"slices"
	"strings"
	"testing"
)

func TestWrap(t *testing.T) {
	face, err := letters()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text string
		most float64
		want []string
	}{
		{"Check this code", 24, []string{"Check this code"}},
		{"Check this code", 6, []string{"Check this", "code"}},
		{"確認：読み取る。", 3, []string{"確認：", "読み取", "る。"}},
		{"（印刷時点）", 4.6, []string{"（印刷時", "点）"}},
		{"期限：2028年3月31日", 9, []string{"期限：", "2028年3月31日"}},
		{"labels.example", 4, []string{"labels.", "exampl", "e"}},
	} {
		got, err := face.wrap(c.text, c.most)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%q within %v: got %q, %v, want %q", c.text, c.most, got, err, c.want)
		}
	}
	if got, err := face.wrap("龘", 9); err == nil {
		t.Errorf("a letter that is not there: got %q, want an error", got)
	}
}

// FuzzWrap: nothing is lost or added but spaces, and no line is wider than asked.
func FuzzWrap(f *testing.F) {
	f.Add("Check this code: scan it, or enter it at labels.example.", 12)
	f.Add("ラベル有効期限（印刷時点）：2028年3月31日。", 5)
	f.Add("a  b ", 1)
	f.Fuzz(func(t *testing.T, text string, most int) {
		face, err := letters()
		if err != nil {
			t.Fatal(err)
		}
		width := float64(max(most, 2) % 50)
		lines, err := face.wrap(text, max(width, 2))
		if err != nil {
			return // a letter that the font lacks
		}
		bare := func(s string) string { return strings.ReplaceAll(s, " ", "") }
		if got := strings.Join(lines, ""); bare(got) != bare(text) {
			t.Fatalf("%q: got %q", text, lines)
		}
		for _, l := range lines {
			if w, err := face.width(l); err != nil || w > max(width, 2)+1e-9 {
				t.Errorf("%q: line %q is %v wide, %v", text, l, w, err)
			}
		}
	})
}

func TestParseLength(t *testing.T) {
	for _, c := range []struct {
		text string
		want Length
	}{
		{"20", 200}, {"12.5", 125}, {"0.1", 1}, {"9999.9", 99999}, {"007", 70},
	} {
		if got, err := ParseLength(c.text); err != nil || got != c.want {
			t.Errorf("%q: got %d, %v, want %d", c.text, got, err, c.want)
		}
	}
	for _, text := range []string{"", ".", "5.", ".5", "1.25", "-1", "+1", "1e3", "10000", "20mm", " 20", "2 0", "1.-5", "１０", "NaN"} {
		if got, err := ParseLength(text); err == nil {
			t.Errorf("%q: got %d, want an error", text, got)
		}
	}
}

// FuzzParseLength: what is read is written again as the same length.
func FuzzParseLength(f *testing.F) {
	f.Add("12.5")
	f.Add("0.0")
	f.Fuzz(func(t *testing.T, text string) {
		l, err := ParseLength(text)
		if err != nil {
			return
		}
		if again, err := ParseLength(l.String()); err != nil || again != l || l < 0 {
			t.Errorf("%q: got %d, written %q, read %d, %v", text, l, l.String(), again, err)
		}
	})
}
