package artwork

import (
	"embed"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// fetched holds the letters of labels: part of a font of others, which the build
// takes from a package that it fetches by its lock file (letters.mjs).
//
//go:embed all:letters
var fetched embed.FS

// A typeface is the letters and their measures.
type typeface struct {
	font *sfnt.Font
	file []byte
	em   fixed.Int26_6 // at this size a unit of the font is a whole number
}

var letters = sync.OnceValues(func() (*typeface, error) {
	file, err := fetched.ReadFile("letters/letters.ttf")
	if err != nil {
		return nil, errors.New("the letters of labels are not built in: run make build, which fetches them")
	}
	f, err := sfnt.Parse(file)
	if err != nil {
		return nil, fmt.Errorf("the letters of labels: %w; run make build", err)
	}
	return &typeface{f, file, fixed.I(int(f.UnitsPerEm()))}, nil
})

// A glyph is the outline of a letter in ems, y downwards from the base line.
type glyph struct {
	outline sfnt.Segments
	advance float64
}

// glyph returns that of r. A letter that the font lacks is an error: nothing may
// be missing from a print.
func (t *typeface) glyph(b *sfnt.Buffer, r rune) (glyph, error) {
	i, err := t.font.GlyphIndex(b, r)
	if err == nil && i == 0 {
		err = fmt.Errorf("labels are printed without the letter %q: it is in no words of the catalogs", r)
	}
	if err != nil {
		return glyph{}, err
	}
	outline, err := t.font.LoadGlyph(b, i, t.em, nil)
	if err != nil {
		return glyph{}, err
	}
	advance, err := t.font.GlyphAdvance(b, i, t.em, font.HintingNone)
	return glyph{outline, t.ems(advance)}, err
}

// ems turns a measure of the font into ems.
func (t *typeface) ems(v fixed.Int26_6) float64 { return float64(v) / float64(t.em) }

// width is that of a text in ems.
func (t *typeface) width(text string) (sum float64, err error) {
	var b sfnt.Buffer
	for _, r := range text {
		g, err := t.glyph(&b, r)
		if err != nil {
			return 0, err
		}
		sum += g.advance
	}
	return sum, nil
}

// A pen is told the outline of a text, in ems from where its base line begins.
type pen struct {
	move  func(x, y float64)
	line  func(x, y float64)
	curve func(cx, cy, x, y float64) // with one control point, as TrueType has them
	close func()
}

// draw leads a pen over a text.
func (t *typeface) draw(text string, p pen) error {
	var b sfnt.Buffer
	x := 0.0
	for _, r := range text {
		g, err := t.glyph(&b, r)
		if err != nil {
			return err
		}
		for i, s := range g.outline {
			at := func(n int) (float64, float64) { return x + t.ems(s.Args[n].X), t.ems(s.Args[n].Y) }
			switch s.Op {
			case sfnt.SegmentOpMoveTo:
				if i > 0 {
					p.close()
				}
				p.move(at(0))
			case sfnt.SegmentOpLineTo:
				p.line(at(0))
			case sfnt.SegmentOpQuadTo:
				cx, cy := at(0)
				ex, ey := at(1)
				p.curve(cx, cy, ex, ey)
			default:
				return fmt.Errorf("the letters of labels: %q has curves that TrueType has not", r)
			}
		}
		if len(g.outline) > 0 {
			p.close()
		}
		x += g.advance
	}
	return nil
}
