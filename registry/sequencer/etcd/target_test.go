package etcd

import (
	"slices"
	"strings"
	"testing"
)

func TestParseTarget(t *testing.T) {
	for text, want := range map[string]Target{
		"127.0.0.1:2379/labels":                 {[]string{"http://127.0.0.1:2379"}, "/labels"},
		"a:1,b:2,c:3/tegata/labels.example":     {[]string{"http://a:1", "http://b:2", "http://c:3"}, "/tegata/labels.example"},
		"https://a:1,https://[2001:db8::1]:2/x": {[]string{"https://a:1", "https://[2001:db8::1]:2"}, "/x"},
		"http://a:1,b:2/x":                      {[]string{"http://a:1", "http://b:2"}, "/x"},
	} {
		got, err := ParseTarget(text)
		if err != nil || !slices.Equal(got.Endpoints, want.Endpoints) || got.Prefix != want.Prefix {
			t.Errorf("%s: got %v, %v; want %v", text, got, err, want)
		}
		if back, err := ParseTarget(got.String()); err != nil || back.String() != got.String() {
			t.Errorf("%s: printed and read it is %v, %v", text, back, err)
		}
	}
	for text, want := range map[string]string{
		"":                                  "no prefix",
		"a:1,b:2":                           "no prefix",
		"https://a:1":                       "no prefix",
		"a:1/":                              "prefix",
		"a:1//x":                            "prefix",
		"a:1/x/":                            "prefix",
		"a:1/x y":                           "prefix",
		"a/x":                               "HOST:PORT",
		"a:1,,b:1/x":                        "HOST:PORT",
		"ftp://a:1/x":                       "http:// or https://",
		"https://a:1,b:1/x":                 "not mixed",
		"a:1,a:2,a,b/x":                     `"b": HOST:PORT`,
		strings.Repeat("a:1,", 9) + "a:1/x": "at most 9",
	} {
		if got, err := ParseTarget(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, %v; want %q", text, got, err, want)
		}
	}
}
