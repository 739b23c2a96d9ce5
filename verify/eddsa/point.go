package eddsa

import (
	"crypto/ed25519"

	"filippo.io/edwards25519"
	"filippo.io/edwards25519/field"
)

// An affine is a point as what adds it wants it: of x and y, and not of their ratios
// to a third, so that each addition is seven products and not nine.
type affine struct {
	sum, difference field.Element // y + x and y - x
	product         field.Element // 2·d·x·y
}

// A sum is what was added so far, in extended coordinates: x = X/Z, y = Y/Z and
// x·y = T/Z.
type sum struct{ x, y, z, t field.Element }

// newSum is that of nothing.
func newSum() (s sum) {
	s.y.One()
	s.z.One()
	return s
}

// add adds a, or takes it away, by the formula of Hisil, Wong, Carter and Dawson
// (Twisted Edwards Curves Revisited, section 3.1, where Z2 is 1), which
// holds for any two points of the curve.
func (s *sum) add(a *affine, away bool) {
	plus, minus := &a.sum, &a.difference
	if away {
		plus, minus = minus, plus
	}
	var p, m, t, z, e, f, g, h field.Element
	p.Multiply(p.Add(&s.y, &s.x), plus)
	m.Multiply(m.Subtract(&s.y, &s.x), minus)
	t.Multiply(&s.t, &a.product)
	z.Add(&s.z, &s.z)
	e.Subtract(&p, &m)
	h.Add(&p, &m)
	f.Subtract(&z, &t)
	g.Add(&z, &t)
	if away {
		f, g = g, f
	}
	s.x.Multiply(&e, &f)
	s.y.Multiply(&g, &h)
	s.z.Multiply(&f, &g)
	s.t.Multiply(&e, &h)
}

// bytes is the one encoding of s (RFC 8032, section 5.1.2), of which inverse is 1/Z.
func (s *sum) bytes(inverse *field.Element) (b [ed25519.PublicKeySize]byte) {
	var x, y field.Element
	x.Multiply(&s.x, inverse)
	y.Multiply(&s.y, inverse)
	copy(b[:], y.Bytes())
	b[len(b)-1] |= byte(x.IsNegative() << 7)
	return b
}

// twiceD is 2·d of the curve's equation, -x² + y² = 1 + d·x²·y², which any point tells.
var twiceD = func() *field.Element {
	x, y, _, t := edwards25519.NewGeneratorPoint().ExtendedCoordinates() // Z is 1
	one := new(field.Element).One()
	d := new(field.Element).Subtract(y.Square(y), x.Square(x))
	d.Multiply(d.Subtract(d, one), one.Invert(t.Square(t)))
	return d.Add(d, d)
}()

// setAll sets affine points to some of the library.
func setAll(to []affine, points []edwards25519.Point) {
	inverses := make([]field.Element, len(points))
	for i := range points {
		_, _, z, _ := points[i].ExtendedCoordinates()
		inverses[i] = *z
	}
	invert(inverses)
	for i := range points {
		x, y, _, _ := points[i].ExtendedCoordinates()
		x.Multiply(x, &inverses[i])
		y.Multiply(y, &inverses[i])
		to[i].sum.Add(y, x)
		to[i].difference.Subtract(y, x)
		to[i].product.Multiply(x.Multiply(x, y), twiceD)
	}
}

// invert inverts all of z, none of which is 0, by inverting their product.
func invert(z []field.Element) {
	if len(z) == 0 {
		return
	}
	before := make([]field.Element, len(z)) // the product of all that come before
	product := new(field.Element).One()
	for i := range z {
		before[i] = *product
		product.Multiply(product, &z[i])
	}
	rest := product.Invert(product) // of all up to i
	for i := len(z) - 1; i >= 0; i-- {
		before[i].Multiply(&before[i], rest)
		rest.Multiply(rest, &z[i])
	}
	copy(z, before)
}
