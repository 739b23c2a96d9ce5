package observer

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/text/encoding/japanese"
)

func textOf(t *testing.T, html, contentType string) page {
	t.Helper()
	p, err := readPage(strings.NewReader(html), contentType)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestPageText: the text is what a person reads, whatever is around it.
func TestPageText(t *testing.T) {
	sjis, err := japanese.ShiftJIS.NewEncoder().String("<title>宣言書</title><p>製造事業者は、適合を宣言します。")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ html, contentType, want string }{
		{"<h1>Statement</h1><p>of  <b>compl</b>iance.\n</p>", "text/html", "Statement of compliance."},
		{"<p>a<br>b<td>c", "text/html", "a b c"},
		{"a<script nonce=1>var x = 'y'</script><style>p{}</style><template><p>t</p></template> b", "text/html", "a b"},
		{"<svg><text>x</text><script>y</script></svg>z", "text/html", "z"},
		{"<object><svg></object>a<svg><svg></svg>b</svg>c", "text/html", "a c"},
		{"5&nbsp;years&#32;&amp;\u3000more", "text/html; charset=utf-8", "5 years & more"},
		{"<!-- 12345 --><p id=98765 data-csrf='x'>text", "text/html", "text"},
		{sjis, "text/html; charset=Shift_JIS", "宣言書 製造事業者は、適合を宣言します。"},
		{"<meta charset=shift_jis>" + sjis, "text/html", "宣言書 製造事業者は、適合を宣言します。"},
		{"", "text/html", ""},
	} {
		p := textOf(t, c.html, c.contentType)
		if got := p.text.String(); got != c.want {
			t.Errorf("%q: got %q, want %q", c.html, got, c.want)
		}
	}
}

// TestPageDigest: another number in every copy changes nothing; another word does.
func TestPageDigest(t *testing.T) {
	one := textOf(t, "<p nonce=1>Updates until <b>2030-05-30</b></p><script>1</script>", "text/html")
	two := textOf(t, "<p nonce=2>Updates  until <i>2030-05-30</i></p><script>2</script>", "text/html")
	other := textOf(t, "<p nonce=1>Updates until <b>2029-05-30</b></p>", "text/html")
	if one.digest() != two.digest() || one.digest() == other.digest() || one.digest() != digestOf([]byte("Updates until 2030-05-30")) {
		t.Errorf("got %s, %s and %s", one.digest(), two.digest(), other.digest())
	}
}

// TestPageIsBounded: of a long page the first part is kept, and all of it counts.
func TestPageIsBounded(t *testing.T) {
	long := strings.Repeat("<p>word</p>", textMost/4)
	p, q := textOf(t, long, "text/html"), textOf(t, long+"end", "text/html")
	if p.text.Len() > textMost || p.digest() == q.digest() {
		t.Errorf("got %d bytes kept, digests %s and %s", p.text.Len(), p.digest(), q.digest())
	}
}

func TestPagePassword(t *testing.T) {
	for html, want := range map[string]bool{
		"<input type=password>": true, "<INPUT Type=' PassWord '/>": true, "<input type=text name=password>": false, "<p>password": false,
		"<script>'<input type=password>'</script>": false,
	} {
		if got := textOf(t, html, "text/html").password; got != want {
			t.Errorf("%s: got %v, want %v", html, got, want)
		}
	}
}

func FuzzPage(f *testing.F) {
	f.Add([]byte("<p>a<b>c</b>"), "text/html")
	f.Add([]byte("<meta charset=shift_jis>\x83\x65"), "text/html; charset=utf-16")
	f.Add([]byte("<svg><script>"), "")
	f.Fuzz(func(t *testing.T, html []byte, contentType string) {
		p, err := readPage(bytes.NewReader(html), contentType)
		if err != nil {
			return
		}
		text := p.text.String()
		if strings.Contains(text, "  ") || text != strings.Trim(text, spaces) {
			t.Errorf("%q: got %q, want one blank between words", html, text)
		}
	})
}
