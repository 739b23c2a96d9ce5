package artwork

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"image/png"
	"math/rand/v2"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tegata/verify"
	"tegata/web/i18n"
	"tegata/web/qr"
)

var (
	label = Label{"7K3MQ2ZT9XWE", "labels.example", verify.Date{Year: 2028, Month: 3, Day: 31}}
	made  = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
)

func newArtwork(t testing.TB, l Label, f Form) Artwork {
	t.Helper()
	a, err := New(l, f)
	if err != nil {
		t.Fatalf("New(%+v, %+v): %v", l, f, err)
	}
	return a
}

func TestNewRefuses(t *testing.T) {
	valid := Form{20 * Millimetre, qr.LevelM, i18n.Languages}
	for _, c := range []struct {
		name   string
		change func(*Label, *Form)
	}{
		{"a host that is none", func(l *Label, _ *Form) { l.Host = "labels_example" }},
		{"a code that is none", func(l *Label, _ *Form) { l.Code = "7K3MQ2ZT9XWF" }},
		{"no level", func(_ *Label, f *Form) { f.Level = "" }},
		{"level L", func(_ *Label, f *Form) { f.Level = "L" }},
		{"no language", func(_ *Label, f *Form) { f.Languages = nil }},
		{"a language twice", func(_ *Label, f *Form) { f.Languages = []i18n.Language{"en", "ja", "en"} }},
		{"below the minimum", func(_ *Label, f *Form) { f.Size = 108 }},
		{"above the largest", func(_ *Label, f *Form) { f.Size = Largest + 1 }},
	} {
		l, f := label, valid
		c.change(&l, &f)
		if _, err := New(l, f); err == nil {
			t.Errorf("%s: got no error", c.name)
		}
	}
	newArtwork(t, label, valid)
}

// TestMinimum: 0.33 mm a module, and 4 modules of quiet zone on either side; the
// minimum is taken, a tenth less is not.
func TestMinimum(t *testing.T) {
	for _, c := range []struct {
		host  string
		level qr.Level
		want  string
	}{
		{"labels.example", qr.LevelM, "10.9"},                              // version 2
		{"labels.example", qr.LevelQ, "12.3"},                              // version 3
		{"labels.example", qr.LevelH, "13.6"},                              // version 4
		{strings.Repeat("a", 30) + ".example", qr.LevelM, "12.3"},          // version 3
		{strings.Repeat("long-label.", 20) + "example", qr.LevelH, "25.5"}, // version 13
	} {
		l := label
		l.Host = c.host
		text, err := qr.Text(c.host, string(l.Code))
		if err != nil {
			t.Fatal(err)
		}
		s, err := qr.NewAt(text, c.level)
		if err != nil {
			t.Fatal(err)
		}
		least := Minimum(s)
		if least.String() != c.want {
			t.Errorf("%s at %s, version %d: got %v mm, want %s", c.host, c.level, s.Version(), least, c.want)
		}
		newArtwork(t, l, Form{least, c.level, i18n.Languages})
		var wrong *SizeError
		if _, err := New(l, Form{least - 1, c.level, i18n.Languages}); !errors.As(err, &wrong) || wrong.Least != least {
			t.Errorf("%s at %s, %v mm: got %v, want the minimum %v", c.host, c.level, least-1, err, least)
		}
	}
}

// TestMinimumOfAll: one minimum holds for every code of a host.
func TestMinimumOfAll(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		body := make([]byte, 11)
		for i := range body {
			body[i] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[random.IntN([]int{10, 32}[i%2])]
		}
		for _, check := range "0123456789ABCDEFGHJKMNPQRSTVWXYZ" {
			code, err := verify.ParseCode(string(body) + string(check))
			if err != nil {
				continue
			}
			for level, least := range map[qr.Level]Length{qr.LevelM: 109, qr.LevelQ: 123, qr.LevelH: 136} {
				newArtwork(t, Label{code, "labels.example", verify.Date{}}, Form{least, level, i18n.Languages})
			}
		}
	}
}

// TestPhysicalSize: each form says in its own way how large it is.
func TestPhysicalSize(t *testing.T) {
	for _, size := range []Length{109, 150, 200, 333, 400, Largest} {
		a := newArtwork(t, label, Form{size, qr.LevelM, i18n.Languages})
		svg, err := a.SVG()
		if err != nil {
			t.Fatal(err)
		}
		var root struct {
			Width  string `xml:"width,attr"`
			Height string `xml:"height,attr"`
			Box    string `xml:"viewBox,attr"`
			Title  string `xml:"title"`
		}
		if err := xml.Unmarshal(svg, &root); err != nil {
			t.Fatalf("%v in %.200s", err, svg)
		}
		w, h := a.Width().String(), a.Height().String()
		if root.Width != w+"mm" || root.Height != h+"mm" || root.Box != "0 0 "+w+" "+h || root.Title != label.Code.Printed() {
			t.Errorf("%v mm: got %+v, want %s by %s mm", size, root, w, h)
		}
		for dpi, perMetre := range map[int]uint32{300: 11811, 600: 23622} {
			b, err := a.PNG(dpi)
			if err != nil {
				t.Fatal(err)
			}
			c, err := png.DecodeConfig(bytes.NewReader(b)) // it checks the sums
			i := bytes.Index(b, []byte("pHYs"))
			if err != nil || i < 0 || binary.BigEndian.Uint32(b[i+4:]) != perMetre || binary.BigEndian.Uint32(b[i+8:]) != perMetre || b[i+12] != 1 {
				t.Errorf("%v mm at %d dpi: got %v, pHYs at %d, want %d dots to the metre", size, dpi, err, i, perMetre)
			}
			if wide := float64(c.Width) / float64(perMetre) * 1000; wide < a.width.mm()-.05 || wide > a.width.mm()+.05 {
				t.Errorf("%v mm at %d dpi: got %.2f mm, want %v", size, dpi, wide, a.width)
			}
		}
		pdf, err := a.PDF(made)
		if err != nil {
			t.Fatal(err)
		}
		m := regexp.MustCompile(`/MediaBox \[0 0 ([0-9.]+) ([0-9.]+)\]`).FindSubmatch(pdf)
		if m == nil || points(t, m[1]) != fmt.Sprintf("%.1f", a.width.mm()) || points(t, m[2]) != fmt.Sprintf("%.1f", a.height.mm()) {
			t.Errorf("%v mm: got page %s, want %s by %s mm", size, m, w, h)
		}
	}
	if b, err := newArtwork(t, label, Form{200, qr.LevelM, i18n.Languages}).PNG(72); err == nil {
		t.Errorf("72 dpi: got %d bytes, want an error", len(b))
	}
}

// points turns points into millimetres.
func points(t *testing.T, text []byte) string {
	t.Helper()
	v, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%.1f", v/72*25.4)
}

// TestQuiet: no ink comes within four modules of the symbol, on any side, at any
// size and level; and none is outside of the artwork's width.
func TestQuiet(t *testing.T) {
	for _, level := range qr.Levels {
		for _, size := range []Length{136, 200, 400} {
			for _, languages := range [][]i18n.Language{{i18n.English}, i18n.Languages} {
				a := newArtwork(t, label, Form{size, level, languages})
				b, err := a.PNG(600)
				if err != nil {
					t.Fatal(err)
				}
				img, err := png.Decode(bytes.NewReader(b))
				if err != nil {
					t.Fatal(err)
				}
				x, y := a.corner()
				scale := 600 / inch
				at := func(modules float64) image.Point {
					return image.Pt(int((x+modules*a.pitch())*scale), int((y+modules*a.pitch())*scale))
				}
				side := float64(a.symbol.Side())
				outer := image.Rectangle{at(0), at(side)}
				inner := image.Rectangle{at(3.9), at(side - 3.9)}
				inside := 0
				for py := img.Bounds().Min.Y; py < img.Bounds().Max.Y; py++ {
					for px := img.Bounds().Min.X; px < img.Bounds().Max.X; px++ {
						dark := img.(*image.Gray).GrayAt(px, py).Y < 255
						p := image.Pt(px, py)
						if dark && p.In(inner) {
							inside++
						}
						if dark && p.In(outer) && !p.In(inner) {
							t.Fatalf("%s %v mm %v: ink at %v, within the quiet zone", level, size, languages, p)
						}
						if dark && px == img.Bounds().Max.X-1 {
							t.Fatalf("%s %v mm %v: ink at %v, the edge", level, size, languages, p)
						}
					}
				}
				if inside == 0 {
					t.Errorf("%s %v mm: no symbol", level, size)
				}
			}
		}
	}
}

// TestWords: the PDF says in text what is printed, once; without a day nothing
// is said of a label.
func TestWords(t *testing.T) {
	for _, c := range []struct {
		languages []i18n.Language
		expires   verify.Date
		want, no  []string
	}{
		{i18n.Languages, label.Expires, []string{"7K3M-Q2ZT-9XWE", "labels.example", "31 March 2028", "2028年3月31日"}, nil},
		{[]i18n.Language{i18n.English}, label.Expires, []string{"Label valid until 31 March 2028 as printed"}, []string{"ラベル"}},
		{[]i18n.Language{i18n.Japanese}, label.Expires, []string{"ラベル有効期限（印刷時点）"}, []string{"Label"}},
		{i18n.Languages, verify.Date{}, []string{"Check this code", "確認"}, []string{"Label", "ラベル", "valid"}},
	} {
		l := label
		l.Expires = c.expires
		pdf, err := newArtwork(t, l, Form{200, qr.LevelM, c.languages}).PDF(made)
		if err != nil {
			t.Fatal(err)
		}
		text := pdfText(t, pdf)
		for _, w := range c.want {
			if n := strings.Count(text, w); n < 1 {
				t.Errorf("%v: got %q, want %q", c.languages, text, w)
			}
		}
		for _, w := range c.no {
			if strings.Contains(text, w) {
				t.Errorf("%v: got %q, want no %q", c.languages, text, w)
			}
		}
	}
}

func pdfText(t *testing.T, pdf []byte) string {
	t.Helper()
	cmd := exec.Command(tool(t, "pdftotext"), "-raw", "-", "-")
	cmd.Stdin = bytes.NewReader(pdf)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("pdftotext: %v", err)
	}
	return string(out)
}

func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%v; run: make tools", err)
	}
	return path
}

// TestSame draws one artwork from several goroutines (meant for the race
// detector) and wants the same bytes from each.
func TestSame(t *testing.T) {
	drawn := func(a Artwork) string {
		svg, err1 := a.SVG()
		b, err2 := a.PNG(300)
		pdf, err3 := a.PDF(made)
		if err := errors.Join(err1, err2, err3); err != nil {
			t.Error(err)
		}
		return string(svg) + string(b) + string(pdf)
	}
	form := Form{200, qr.LevelM, i18n.Languages}
	shared := newArtwork(t, label, form)
	want := drawn(shared)
	var wait sync.WaitGroup
	for range 6 {
		wait.Go(func() {
			if drawn(shared) != want {
				t.Error("drawn twice: got other bytes, want the same")
			}
		})
	}
	wait.Wait()
}

func BenchmarkSheet(b *testing.B) {
	all := make([]Artwork, SheetMost)
	for i := range all {
		all[i] = newArtwork(b, label, Form{200, qr.LevelM, i18n.Languages})
	}
	for b.Loop() {
		if _, err := Sheet(all, made); err != nil {
			b.Fatal(err)
		}
	}
}
