package match

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func TestFold(t *testing.T) {
	for _, same := range [][]string{
		{"wx100", "WX-100", "ＷＸ－１００", "wx 100", "WX‐100", "W.X./100", "wX　100"},
		{"すまあとかめら", "スマアトカメラ", "ｽﾏｱﾄｶﾒﾗ", "スマアト・カメラ"},
		{"がーでん", "ガーデン", "ｶﾞｰﾃﾞﾝ", "カ\u3099ーテ\u3099ン"},
		{"ぱぴぷ", "パピプ", "ﾊﾟﾋﾟﾌﾟ"},
		{"わ\u3099", "ヷ", "ﾜﾞ"},
		{"ゔぁいおりん", "ヴァイオリン", "ｳﾞｧｲｵﾘﾝ"},
		{"café", "CAFÉ", "cafe\u0301"},
		{"株", "㈱"},
		{"葛", "葛\U000e0100"},
		{"5ghz", "5 GHz", "５ＧＨｚ", "5㎓"},
		{"", "", " -・/", "\xff", "🎥"},
	} {
		for _, s := range same {
			if got := Fold(s); got != same[0] {
				t.Errorf("Fold(%q) = %q, want %q", s, got, same[0])
			}
		}
	}
	for _, apart := range [][2]string{{"が", "か"}, {"サーバ", "サバ"}, {"ビール", "ビル"}, {"や", "ゃ"}, {"é", "e"}} {
		if Fold(apart[0]) == Fold(apart[1]) {
			t.Errorf("%q and %q fold to the same", apart[0], apart[1])
		}
	}
}

func TestWords(t *testing.T) {
	for _, test := range []struct {
		text string
		want []string
		err  error
	}{
		{"", nil, nil},
		{"  　", nil, nil},
		{"カメラ", []string{"かめら"}, nil},
		{"屋外　カメラ wx-100", []string{"屋外", "かめら", "wx100"}, nil},
		{"camera – Camera", []string{"camera"}, nil},
		{"鍵", nil, ErrShort},
		{"青葉 鍵", nil, ErrShort},
		{"x", nil, ErrShort},
		{"--", nil, ErrShort},
		{"ガ", nil, ErrShort}, // one character, however it is encoded
		{"ｶﾞ", nil, ErrShort},
		{"a1 a2 a3 a4 a5 a6 a7 a8", []string{"a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8"}, nil},
		{"a1 a2 a3 a4 a5 a6 a7 a8 a9", nil, ErrMany},
	} {
		words, err := Words(test.text)
		if !slices.Equal(words, test.want) || !errors.Is(err, test.err) {
			t.Errorf("Words(%q) = %q, %v, want %q, %v", test.text, words, err, test.want, test.err)
		}
	}
}

// FuzzWords: what was folded stays as it is, words of a folded word are that
// word, and how capitals, width or kana are written makes no difference.
func FuzzWords(f *testing.F) {
	for _, s := range []string{"ＷＸ－１００ ｶﾞｰﾃﾞﾝ カメラ", "ヷヸ ヽヾ", "İıſßΣς", "\xff\u0301\u3099", "葛\U000e0100 ㎓", "Ǆǅǆ ԩ ᾳ ϔ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		folded := Fold(s)
		if again := Fold(folded); again != folded || !utf8.ValidString(folded) {
			t.Fatalf("Fold(%q) = %q, and again %q", s, folded, again)
		}
		if plain, ok := foldPlain(s); ok {
			if slow := norm.NFKC.String(strings.Map(foldRune, norm.NFKD.String(s))); slow != plain {
				t.Fatalf("foldPlain(%q) = %q, want %q", s, plain, slow)
			}
		}
		words, err := Words(s)
		if err != nil {
			if !errors.Is(err, ErrShort) && !errors.Is(err, ErrMany) || words != nil {
				t.Fatalf("Words(%q) = %q, %v", s, words, err)
			}
			return
		}
		if again, err := Words(strings.Join(words, " ")); err != nil || !slices.Equal(again, words) {
			t.Fatalf("Words(%q) = %q, and of these %q, %v", s, words, again, err)
		}
	})
}

// TestFoldPlain: the short way is the long way, for every rune it takes.
func TestFoldPlain(t *testing.T) {
	n := 0
	for r := rune(0); r <= utf8.MaxRune; r++ {
		s := string(r) + "カ" + string(r)
		if plain, ok := foldPlain(s); ok {
			n++
			if slow := norm.NFKC.String(strings.Map(foldRune, norm.NFKD.String(s))); slow != plain {
				t.Fatalf("foldPlain(%q) = %q, want %q", s, plain, slow)
			}
		}
	}
	if n < 20_000 {
		t.Errorf("it takes %d runes only", n)
	}
}
