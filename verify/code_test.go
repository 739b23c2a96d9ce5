package verify

import (
	"errors"
	"strings"
	"testing"
)

// codes are valid ones with every kind of symbol between them.
var codes = []Code{"000000000012", "7K3MQ2ZT9XWE", "4HD8RVN1C5PE", "2WQ6TJX0M3KW", NewCode([7]byte{1, 2, 3, 4, 5, 6, 7}), NewCode([7]byte{255, 255, 255, 255, 255, 255, 255})}

func TestParseCodeTyped(t *testing.T) {
	for typed, want := range map[string]Code{
		"000000000012":          "000000000012",
		"0000-0000-0012":        "000000000012",
		"oooo-OOOO-ooi2":        "000000000012",
		"OOOOOOOOOOL2":          "000000000012",
		"00000000 00l2":         "000000000012",
		"7K3MQ2ZT9XWE":          "7K3MQ2ZT9XWE",
		"7k3m-q2zt-9xwe":        "7K3MQ2ZT9XWE",
		" 7K3M Q2ZT 9XWE ":      "7K3MQ2ZT9XWE",
		"7-K-3-M-Q-2-Z-T-9XWE-": "7K3MQ2ZT9XWE",
		"4hd8rvnic5pe":          "4HD8RVN1C5PE",
		"2WQ6TJXoM3KW":          "2WQ6TJX0M3KW",
	} {
		if got, err := ParseCode(typed); err != nil || got != want {
			t.Errorf("ParseCode(%q): got %q, %v, want %q", typed, got, err, want)
		}
	}
}

func TestParseCodeSaysWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		typed string
		want  CodeError
	}{
		{"", CodeError{Rule: CodeLength}},
		{"----", CodeError{Rule: CodeLength}},
		{"00000000001", CodeError{Rule: CodeLength, Length: 11}},
		{"0000-0000-0012-0", CodeError{Rule: CodeLength, Length: 13}},
		{"7K3M-U2ZT-9XWE", CodeError{Rule: CodeSymbol, Symbol: 'U', Position: 5}},
		{"7K3M-u2ZT-9XWE", CodeError{Rule: CodeSymbol, Symbol: 'u', Position: 5}},
		{"!", CodeError{Rule: CodeSymbol, Symbol: '!', Position: 1}},
		{"7K3MQ2ZT9XWE\n", CodeError{Rule: CodeSymbol, Symbol: '\n', Position: 13}},
		{"７K3MQ2ZT9XWE", CodeError{Rule: CodeSymbol, Symbol: '７', Position: 1}},
		{"7K3MQ2ZT9XW\xff", CodeError{Rule: CodeSymbol, Symbol: '\uFFFD', Position: 12}},
		{"000000000013", CodeError{Rule: CodeCheck}},
	} {
		_, err := ParseCode(c.typed)
		var got *CodeError
		if !errors.As(err, &got) || *got != c.want {
			t.Errorf("ParseCode(%q): got %+v, want %+v", c.typed, err, c.want)
		}
	}
}

func TestCodeErrorText(t *testing.T) {
	for want, e := range map[string]CodeError{
		"a code has 12 symbols, this has 11":                             {Rule: CodeLength, Length: 11},
		"symbol 5, 'U', is never used in a code":                         {Rule: CodeSymbol, Symbol: 'U', Position: 5},
		"the check symbol does not fit: one or two symbols are mistaken": {Rule: CodeCheck},
	} {
		if got := e.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestCodeCatchesEveryWrongSymbol(t *testing.T) {
	for _, code := range codes {
		for i := range codeLen {
			for _, symbol := range codeSymbols {
				wrong := string(code[:i]) + string(symbol) + string(code[i+1:])
				if _, err := ParseCode(wrong); (err == nil) != (wrong == string(code)) {
					t.Errorf("ParseCode(%q), symbol %d of %s: got %v", wrong, i+1, code, err)
				}
			}
		}
	}
}

func TestCodeCatchesEverySwap(t *testing.T) {
	for _, code := range codes {
		for i := range codeLen {
			for j := range i {
				b := []byte(code)
				b[i], b[j] = b[j], b[i]
				if _, err := ParseCode(string(b)); (err == nil) != (b[i] == b[j]) {
					t.Errorf("ParseCode(%q), %d and %d of %s swapped: got %v", b, j+1, i+1, code, err)
				}
			}
		}
	}
}

// The same for every two values and every distance, wherever they stand: the
// fold is linear, so what a mistake adds to it does not depend on the rest.
func TestCodeSumIsLinear(t *testing.T) {
	for i := range codeLen {
		for a := range 32 {
			for b := range 32 {
				one, two, both := []byte(codes[0]), []byte(codes[0]), []byte(codes[0])
				one[i], two[i], both[i] = codeSymbols[a], codeSymbols[b], codeSymbols[a^b]
				zero := []byte(codes[0])
				zero[i] = '0'
				if got, want := codeSum(string(both)), codeSum(string(one))^codeSum(string(two))^codeSum(string(zero)); got != want {
					t.Fatalf("place %d, %d and %d: got %d, want %d", i, a, b, got, want)
				}
			}
		}
	}
}

func TestNewCode(t *testing.T) {
	for random, want := range map[[7]byte]Code{
		{}:        "000000000000",
		{6: 1}:    "000000000012",
		{0: 0x80}: "000000000000", // the top bit of 56 is not used
		{0: 0x7c}: "Z0000000000",
		{5: 0x01}: "00000000080",
	} {
		got := NewCode(random)
		if !strings.HasPrefix(string(got), string(want)) {
			t.Errorf("NewCode(%x): got %s, want %s", random, got, want)
		}
		if back, err := ParseCode(got.Printed()); err != nil || back != got {
			t.Errorf("ParseCode(%s): got %s, %v, want %s", got.Printed(), back, err, got)
		}
	}
}

func TestCodeIsSignedInOneSpelling(t *testing.T) {
	for text, want := range map[string]string{
		"7K3MQ2ZT9XWE":   "",
		"7K3M-Q2ZT-9XWE": `symbol 5, '-', is never used in a code`,
		"7k3mq2zt9xwe":   `symbol 2, 'k', is never used in a code`,
		"0000000000I2":   `symbol 11, 'I', is never used in a code`,
		"7K3MQ2ZT9XWE ":  `symbol 13, ' ', is never used in a code`,
		"7K3MQ2ZT9XWF":   `the check symbol does not fit: one or two symbols are mistaken`,
	} {
		var c Code
		got := ""
		if err := c.UnmarshalText([]byte(text)); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestCodePrinted(t *testing.T) {
	for code, want := range map[Code]string{"7K3MQ2ZT9XWE": "7K3M-Q2ZT-9XWE", "": "", "7K3M": "7K3M"} {
		if got := code.Printed(); got != want {
			t.Errorf("%q: got %q, want %q", code, got, want)
		}
	}
}

func FuzzParseCode(f *testing.F) {
	for _, code := range codes {
		f.Add(string(code))
		f.Add(strings.ToLower(code.Printed()))
	}
	f.Fuzz(func(t *testing.T, s string) {
		code, err := ParseCode(s)
		if err != nil {
			if code != "" {
				t.Fatalf("ParseCode(%q): got %q with %v", s, code, err)
			}
			return
		}
		var stored Code
		if err := stored.UnmarshalText([]byte(code)); err != nil || stored != code {
			t.Fatalf("ParseCode(%q): got %q, stored as %q, %v", s, code, stored, err)
		}
		if again, err := ParseCode(code.Printed()); err != nil || again != code {
			t.Fatalf("ParseCode(%q): got %q, printed and read %q, %v", s, code, again, err)
		}
	})
}
