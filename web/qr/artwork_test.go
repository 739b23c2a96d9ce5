package qr_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"tegata/verify"
	"tegata/web/artwork"
	"tegata/web/i18n"
	"tegata/web/qr"
)

// dpi is what the artwork is printed and looked at with.
const dpi = 300

// TestArtwork draws labels at every level from the least size to 40 mm, in every
// form, at 300 dots to the inch, and has four decoders read each: as it is, as a
// poor print or a camera out of focus shows it, askew, and on a bottle.
func TestArtwork(t *testing.T) {
	const code = verify.Code("7K3MQ2ZT9XWE")
	label := artwork.Label{Code: code, Host: "labels.example", Expires: verify.Date{Year: 2028, Month: 3, Day: 31}}
	want, err := qr.Text(label.Host, string(code))
	if err != nil {
		t.Fatal(err)
	}
	var pictures []qr.Picture
	for _, level := range qr.Levels {
		symbol, err := qr.NewAt(want, level)
		if err != nil {
			t.Fatal(err)
		}
		for _, size := range []artwork.Length{artwork.Minimum(symbol), 15 * artwork.Millimetre, 20 * artwork.Millimetre, 25 * artwork.Millimetre, 40 * artwork.Millimetre} {
			a, err := artwork.New(label, artwork.Form{Size: size, Level: level, Languages: []i18n.Language{i18n.English}})
			if err != nil {
				t.Fatal(err)
			}
			for form, img := range printed(t, a) {
				name := fmt.Sprintf("%s-%v-mm-%s", level, size, form)
				dots := func(l artwork.Length) float64 { return float64(l) / float64(artwork.Millimetre) / 25.4 * dpi }
				if w, h := dots(a.Width()), dots(a.Height()); math.Abs(float64(img.Rect.Dx())-w) > 1 || math.Abs(float64(img.Rect.Dy())-h) > 1 {
					t.Errorf("%s: got %v dots, want %.1f by %.1f", name, img.Rect.Max, w, h)
				}
				pictures = append(pictures,
					qr.Picture{Name: name, Img: img, Want: want},
					qr.Picture{Name: name + "-blurred", Img: blurred(img, blur/25.4*dpi), Want: want},
					qr.Picture{Name: name + "-7degrees", Img: qr.Turned(square(img), 7), Want: want},
					qr.Picture{Name: name + "-bottle", Img: wrapped(img, bottle/25.4*dpi, dots(size)/2), Want: want})
			}
		}
	}
	qr.ReadAll(t, pictures)
}

// printed is the artwork in each form, as it comes out by the size its file
// names.
func printed(t *testing.T, a artwork.Artwork) map[string]*image.Gray {
	t.Helper()
	svg, err := a.SVG()
	if err != nil {
		t.Fatal(err)
	}
	png, err := a.PNG(dpi)
	if err != nil {
		t.Fatal(err)
	}
	pdf, err := a.PDF(time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	resolution := fmt.Sprint(dpi)
	file := filepath.Join(t.TempDir(), "label.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	return map[string]*image.Gray{
		"png": qr.ReadPicture(t, png),
		"svg": qr.ReadPicture(t, output(t, svg, "rsvg-convert", "--dpi-x", resolution, "--dpi-y", resolution)),
		"pdf": qr.ReadPicture(t, output(t, nil, "pdftoppm", "-png", "-r", resolution, "-singlefile", file)),
	}
}

// output is what a program writes that reads in.
func output(t *testing.T, in []byte, name string, args ...string) []byte {
	t.Helper()
	var stderr bytes.Buffer
	cmd := exec.Command(qr.Tool(t, name), args...)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, &stderr)
	}
	return out
}

// blur is the standard deviation of the blur in millimetres, and bottle the
// diameter of what the label is stuck on.
const (
	blur   = 25.4 / dpi
	bottle = 60.0
)

// blurred spreads every pixel by a normal distribution of that deviation.
func blurred(src *image.Gray, deviation float64) *image.Gray {
	reach := int(math.Ceil(3 * deviation))
	var weights []float64
	sum := 0.0
	for i := -reach; i <= reach; i++ {
		w := math.Exp(-float64(i*i) / (2 * deviation * deviation))
		weights, sum = append(weights, w), sum+w
	}
	along := func(src *image.Gray, dx, dy int) *image.Gray {
		out := image.NewGray(src.Rect)
		for y := range src.Rect.Dy() {
			for x := range src.Rect.Dx() {
				g := 0.0
				for i, w := range weights {
					g += w * grey(src, x+(i-reach)*dx, y+(i-reach)*dy)
				}
				out.SetGray(x, y, color.Gray{Y: uint8(math.Round(g / sum))})
			}
		}
		return out
	}
	return along(along(src, 1, 0), 0, 1)
}

// wrapped is how a label looks from far on an upright cylinder of that diameter,
// its column middle in front: towards the sides it is ever narrower, and what is
// behind is not seen.
func wrapped(src *image.Gray, diameter, middle float64) *image.Gray {
	radius := diameter / 2
	out := image.NewGray(image.Rect(0, 0, int(diameter), src.Rect.Dy()))
	for x := range out.Rect.Dx() {
		across := (float64(x) + .5 - radius) / radius
		at := middle + radius*math.Asin(across) - .5
		left := math.Floor(at)
		for y := range src.Rect.Dy() {
			g := (1-at+left)*grey(src, int(left), y) + (at-left)*grey(src, int(left)+1, y)
			out.SetGray(x, y, color.Gray{Y: uint8(math.Round(g))})
		}
	}
	return out
}

// square puts a picture in the middle of a white square.
func square(src *image.Gray) *image.Gray {
	side := max(src.Rect.Dx(), src.Rect.Dy())
	left, top := (side-src.Rect.Dx())/2, (side-src.Rect.Dy())/2
	out := image.NewGray(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			out.SetGray(x, y, color.Gray{Y: uint8(grey(src, x-left, y-top))})
		}
	}
	return out
}

// grey is the pixel at x, y, white where src ends.
func grey(src *image.Gray, x, y int) float64 {
	if !(image.Point{X: x, Y: y}).In(src.Rect) {
		return 255
	}
	return float64(src.GrayAt(x, y).Y)
}
