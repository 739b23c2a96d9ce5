package artwork

import (
	"bytes"
	"errors"
	"image"
	"image/draw"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"tegata/verify"
	"tegata/web/i18n"
	"tegata/web/qr"
)

// TestSheet: every label is on one page, whole, apart from all others and from
// the edge, in the order they were given.
func TestSheet(t *testing.T) {
	for _, size := range []Length{136, 250, 400, 800} {
		a := newArtwork(t, label, Form{size, qr.LevelM, i18n.Languages})
		n := 2*a.PerSheet() + 1
		all := make([]Artwork, n)
		for i := range all {
			l := label
			l.Code = []verify.Code{"7K3MQ2ZT9XWE", "4HD8RVN1C5PE"}[i%2]
			if i%3 == 0 {
				l.Expires = verify.Date{}
			}
			all[i] = newArtwork(t, l, Form{size, qr.LevelM, i18n.Languages})
		}
		pdf, err := Sheet(all, made)
		if err != nil {
			t.Fatal(err)
		}
		if pages := bytes.Count(pdf, []byte("/Type /Page\n")); pages != 3 {
			t.Errorf("%v mm: got %d pages for %d labels, want 3", size, pages, n)
		}
		text := pdfText(t, pdf)
		if got := len(regexp.MustCompile(`7K3M-Q2ZT-9XWE|4HD8-RVN1-C5PE`).FindAllString(text, -1)); got != n {
			t.Errorf("%v mm: got %d codes, want %d", size, got, n)
		}
		columns, rows := grid(a.Width(), a.Height())
		right := sheetBorder + Length(columns)*(a.Width()+sheetGap) - sheetGap
		foot := sheetBorder + Length(rows)*(a.Height()+sheetGap) - sheetGap
		if right > sheetWidth-sheetBorder || foot > sheetHeight-sheetBorder {
			t.Errorf("%v mm: labels reach %v by %v mm, past the border", size, right, foot)
		}
		if right+a.Width()+sheetGap <= sheetWidth-sheetBorder || foot+a.Height()+sheetGap <= sheetHeight-sheetBorder {
			t.Errorf("%v mm: there is room for more", size)
		}
	}
	a := newArtwork(t, label, Form{200, qr.LevelM, i18n.Languages})
	for _, n := range []int{0, SheetMost + 1} {
		if b, err := Sheet(make([]Artwork, n), made); err == nil {
			t.Errorf("%d labels: got %d bytes, want an error", n, len(b))
		}
	}
	a.width = sheetWidth
	if _, err := Sheet([]Artwork{a}, made); !errors.Is(err, ErrSheet) || a.PerSheet() != 0 {
		t.Errorf("too wide: got %v, want ErrSheet", err)
	}
}

// TestSheetSeen has poppler draw a sheet: the gap between labels holds nothing
// but the marks at their corners.
func TestSheetSeen(t *testing.T) {
	a := newArtwork(t, label, Form{200, qr.LevelM, i18n.Languages})
	columns, rows := grid(a.width, a.height)
	all := make([]Artwork, columns*rows)
	for i := range all {
		all[i] = a
	}
	pdf, err := Sheet(all, made)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "sheet.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(tool(t, "pdftoppm"), "-r", "254", "-gray", "-png", "-singlefile", file).Output() // ten dots a millimetre
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	grey := image.NewGray(img.Bounds())
	draw.Draw(grey, grey.Rect, img, image.Point{}, draw.Src)
	ink := func(r image.Rectangle) (n int) {
		for y := r.Min.Y; y < r.Max.Y; y++ {
			for x := r.Min.X; x < r.Max.X; x++ {
				if grey.GrayAt(x, y).Y < 128 {
					n++
				}
			}
		}
		return n
	}
	for i := range all {
		x := int(sheetBorder) + i%columns*int(a.width+sheetGap)
		y := int(sheetBorder) + i/columns*int(a.height+sheetGap)
		r := image.Rect(x, y, x+int(a.width), y+int(a.height))
		if ink(r.Inset(3)) == 0 {
			t.Fatalf("label %d: nothing at %v", i, r)
		}
		if n := ink(r.Inset(-3)) - ink(r.Inset(3)); n != 0 {
			t.Errorf("label %d: %d dots of ink on the line to cut by", i, n)
		}
		// Four corners, two marks of 20 dots each, in part.
		if marks := ink(r.Inset(-24)) - ink(r.Inset(-6)); marks < 8*10 {
			t.Errorf("label %d: got %d dots of marks", i, marks)
		}
		if middle := image.Rect(x+40, y-40, r.Max.X-40, y); ink(middle) != 0 {
			t.Errorf("label %d: ink above it, %d dots", i, ink(middle))
		}
	}
}
