package witness

import (
	"errors"
	"slices"
	"testing"
)

func TestParse(t *testing.T) {
	vkey := cosigner().Key().String()
	for text, want := range map[string]string{
		vkey + " https://witness.example":       "https://witness.example",
		vkey + " https://witness.example/":      "https://witness.example",
		vkey + " http://127.0.0.1:8090/logs/jp": "http://127.0.0.1:8090/logs/jp",
		vkey + " https://[2001:db8::1]:8090/":   "https://[2001:db8::1]:8090",
		vkey:                                    "",
		vkey + " ":                              "",
		vkey + "  https://witness.example":      "",
		vkey + " witness.example":               "",
		vkey + " ftp://witness.example":         "",
		vkey + " https://":                      "",
		vkey + " https://:8090":                 "",
		vkey + " https://me@witness.example":    "",
		vkey + " https://witness.example?a=b":   "",
		vkey + " https://witness.example?":      "",
		vkey + " https://witness.example#":      "",
		vkey + " https://witness.example/ x":    "",
		"https://witness.example " + vkey:       "",
		"x" + vkey + " https://witness.example": "",
		newHistory(origin).signer.Key().String() + " https://witness.example": "",
	} {
		w, err := Parse(text)
		if ok := want != ""; ok != (err == nil) || ok && (w.URL != want || w.Key != cosigner().Key()) {
			t.Errorf("%q: got %+v, %v, want %q", text, w, err, want)
		}
	}
}

// TestRefusalOf says what is made of each status, and what of a size.
func TestRefusalOf(t *testing.T) {
	for _, c := range []struct {
		status   int
		kind     string
		body     string
		size     int64 // -1: it is not one
		conflict bool
	}{
		{409, sizeType, "12\n", 12, false},
		{409, sizeType + "; charset=utf-8", "0\n", 0, false},
		{409, "text/plain", "12\n", -1, true},
		{409, sizeType, "12", -1, true},
		{409, sizeType, "12\nmore", -1, true},
		{409, sizeType, "012\n", -1, true},
		{409, "", "", -1, true},
		{422, "text/plain", "no", -1, true},
		{404, "", "", -1, false},
		{403, "", "", -1, false},
		{500, sizeType, "12\n", -1, false},
		{302, "", "", -1, false},
	} {
		err := refusalOf(c.status, c.kind, c.body)
		size := sizeError(-1)
		errors.As(err, &size)
		if int64(size) != c.size || errors.Is(err, errConflict) != c.conflict {
			t.Errorf("%d %s %q: got %v", c.status, c.kind, c.body, err)
		}
	}
	if texts := []string{refusalOf(404, "", "").Error(), refusalOf(403, "", "").Error(), refusalOf(500, "", "").Error()}; len(slices.Compact(texts)) != 3 {
		t.Errorf("got %q", texts)
	}
}
