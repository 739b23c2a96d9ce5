package qr

import (
	"image"
	"image/color"
	"math"
)

// shrunk draws src at width pixels a side as a printer or scanner would: each
// new pixel is the mean of what it covers, its edges where they fall.
func shrunk(src *image.Gray, width float64) *image.Gray {
	pixels := int(math.Ceil(width))
	step := float64(src.Rect.Dx()) / width
	out := image.NewGray(image.Rect(0, 0, pixels, pixels))
	for y := range pixels {
		for x := range pixels {
			out.SetGray(x, y, color.Gray{Y: mean(src, float64(x)*step, float64(y)*step, step)})
		}
	}
	return out
}

// mean is the grey of the square of side step whose corner is at x, y; what
// lies outside src is white.
func mean(src *image.Gray, x, y, step float64) uint8 {
	sum := 0.0
	for j := int(y); float64(j) < y+step; j++ {
		high := math.Min(float64(j+1), y+step) - math.Max(float64(j), y)
		for i := int(x); float64(i) < x+step; i++ {
			wide := math.Min(float64(i+1), x+step) - math.Max(float64(i), x)
			sum += wide * high * grey(src, i, j)
		}
	}
	return uint8(math.Round(sum / (step * step)))
}

// turned draws src turned by degrees about its middle, on white, mixing the
// four nearest pixels into each.
func turned(src *image.Gray, degrees float64) *image.Gray {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	side := float64(src.Rect.Dx())
	pixels := int(math.Ceil(side * (math.Abs(sin) + math.Abs(cos))))
	out := image.NewGray(image.Rect(0, 0, pixels, pixels))
	for y := range pixels {
		for x := range pixels {
			dx, dy := float64(x)-float64(pixels-1)/2, float64(y)-float64(pixels-1)/2
			u, v := cos*dx+sin*dy+(side-1)/2, cos*dy-sin*dx+(side-1)/2
			i, j := math.Floor(u), math.Floor(v)
			fu, fv := u-i, v-j
			g := (1-fu)*(1-fv)*grey(src, int(i), int(j)) + fu*(1-fv)*grey(src, int(i)+1, int(j)) +
				(1-fu)*fv*grey(src, int(i), int(j)+1) + fu*fv*grey(src, int(i)+1, int(j)+1)
			out.SetGray(x, y, color.Gray{Y: uint8(math.Round(g))})
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
