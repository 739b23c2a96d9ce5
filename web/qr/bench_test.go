package qr

import (
	"strings"
	"testing"

	qrcode "github.com/skip2/go-qrcode"
)

var benchTexts = []struct{ name, text string }{
	{"version2", "HTTPS://REG.EXAMPLE.JP/V/" + code},
	{"version12", strings.Repeat("a", 255)},
}

// The drawings from the text on, nothing kept, and the encoder's own PNG of the
// same size to compare them with.

func BenchmarkSVG(b *testing.B) {
	for _, c := range benchTexts {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				newSymbol(b, c.text).SVG()
			}
		})
	}
}

func BenchmarkPNG(b *testing.B) {
	for _, c := range benchTexts {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := newSymbol(b, c.text).PNG(8); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkEncoderPNG(b *testing.B) {
	for _, c := range benchTexts {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				symbol, err := qrcode.New(c.text, qrcode.Medium)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := symbol.PNG(-8); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
