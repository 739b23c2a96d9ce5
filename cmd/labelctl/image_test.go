package main

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"math"
	"strings"
	"testing"

	"tegata/web/qr"
)

const (
	labelText = "HTTPS://LABELS.EXAMPLE/V/7K3MQ2ZT9XWE"
	otherText = "HTTPS://LABELS.EXAMPLE/V/4HD8RVN1C5PE"
)

// symbol draws the QR code of a text.
func symbol(t testing.TB, text string, scale int) image.Image {
	t.Helper()
	s, err := qr.New(text)
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.PNG(scale)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// beside puts pictures side by side on grey card.
func beside(pictures ...image.Image) image.Image {
	card := image.NewGray(image.Rect(0, 0, 320*len(pictures)+40, 400))
	draw.Draw(card, card.Rect, image.NewUniform(color.Gray{Y: 200}), image.Point{}, draw.Src)
	for i, p := range pictures {
		draw.Draw(card, p.Bounds().Add(image.Pt(40+320*i, 60)), p, image.Point{}, draw.Src)
	}
	return card
}

// photographed turns a picture by degrees, under light that falls off to one
// side.
func photographed(p image.Image, degrees float64) image.Image {
	b := p.Bounds()
	out := image.NewGray(b)
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	cx, cy := float64(b.Dx())/2, float64(b.Dy())/2
	for y := range b.Dy() {
		for x := range b.Dx() {
			dx, dy := float64(x)-cx, float64(y)-cy
			from := image.Pt(int(cx+dx*cos-dy*sin), int(cy+dx*sin+dy*cos))
			light := 200.0
			if from.In(b) {
				light = float64(color.GrayModel.Convert(p.At(from.X, from.Y)).(color.Gray).Y)
			}
			out.SetGray(x, y, color.Gray{Y: uint8(light * (1 - 0.5*float64(x)/float64(b.Dx())))})
		}
	}
	return out
}

func encoded(t testing.TB, p image.Image, asJPEG bool) []byte {
	t.Helper()
	var b bytes.Buffer
	var err error
	if asJPEG {
		err = jpeg.Encode(&b, p, &jpeg.Options{Quality: 60})
	} else {
		err = png.Encode(&b, p)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReadImage(t *testing.T) {
	label, other := symbol(t, labelText, 8), symbol(t, otherText, 8)
	wifi := symbol(t, "WIFI:T:WPA;S:router;P:secret;;", 8)
	for _, c := range []struct {
		name    string
		picture []byte
		want    string // in the error; empty: the label
	}{
		{"as drawn", encoded(t, label, false), ""},
		{"small", encoded(t, symbol(t, labelText, 2), false), ""},
		{"JPEG", encoded(t, label, true), ""},
		{"on card", encoded(t, beside(label), false), ""},
		{"askew, in bad light", encoded(t, photographed(beside(label), 11), true), ""},
		{"upside down", encoded(t, photographed(beside(label), 180), true), ""},
		{"beside another QR code", encoded(t, beside(wifi, label), false), ""},
		{"twice", encoded(t, beside(label, label), false), ""},
		{"two labels", encoded(t, beside(label, other), false), "two labels"},
		{"another QR code", encoded(t, wifi, false), `"WIFI:`},
		{"nothing", encoded(t, beside(), false), "no QR code"},
		{"cut in half", encoded(t, label, false)[:200], "broken png"},
		{"no picture", []byte("7K3MQ2ZT9XW"), "neither a picture"},
		{"too large", hugePNG(100_000, 100_000), "more than"},
	} {
		code, host, err := readImage(c.picture)
		switch {
		case c.want == "" && (err != nil || code != "7K3MQ2ZT9XWE" || host != "labels.example"):
			t.Errorf("%s: got %q, %q, %v, want the label", c.name, code, host, err)
		case c.want != "" && (err == nil || code != "" || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: got %q, %v, want an error with %q", c.name, code, err, c.want)
		}
	}
}

// hugePNG is a picture of that width and height as far as its header goes (PNG,
// section 11.2.1): 1 bit of grey a pixel.
func hugePNG(width, height uint32) []byte {
	header := binary.BigEndian.AppendUint32([]byte("IHDR"), width)
	header = binary.BigEndian.AppendUint32(header, height)
	header = append(header, 1, 0, 0, 0, 0)
	b := binary.BigEndian.AppendUint32([]byte("\x89PNG\r\n\x1a\n"), uint32(len(header)-len("IHDR")))
	return binary.BigEndian.AppendUint32(append(b, header...), crc32.ChecksumIEEE(header))
}
