package qr

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	multi "github.com/makiuchi-d/gozxing/multi/qrcode"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// A picture is an image file and the text that every decoder must find in it.
type picture struct {
	name string
	img  *image.Gray
	want string
}

// tool returns the path of a program the tests ask for a second opinion.
func tool(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%v; run: make tools", err)
	}
	return path
}

// readAll asks four decoders for the text of every picture, each program once.
func readAll(t *testing.T, pictures []picture) {
	t.Helper()
	dir := t.TempDir()
	var files []string
	found := map[string]map[string][]string{"gozxing": {}, "zbar": {}, "jsQR": {}, "zxing-wasm": {}}
	for _, p := range pictures {
		file := filepath.Join(dir, p.name+".png")
		files = append(files, file)
		writePicture(t, file, p.img)
		if text, err := readGozxing(p.img, gozxing.DecodeHintType_TRY_HARDER); err == nil {
			found["gozxing"][file] = []string{text}
		}
	}
	readZbar(t, files, found["zbar"])
	readNode(t, files, found)
	for decoder, texts := range found {
		for i, p := range pictures {
			if got := texts[files[i]]; !slices.Equal(got, []string{p.want}) {
				t.Errorf("%s by %s: got %q, want %q", p.name, decoder, got, p.want)
			}
		}
	}
}

// readGozxing tries both ways of telling dark from light, and the search for one
// symbol and for several: some symbols of version 7 and more are found by one of
// them only.
func readGozxing(img image.Image, hint gozxing.DecodeHintType) (text string, err error) {
	source := gozxing.NewLuminanceSourceFromImage(img)
	hints := map[gozxing.DecodeHintType]any{hint: true}
	for _, binarizer := range []gozxing.Binarizer{gozxing.NewHybridBinarizer(source), gozxing.NewGlobalHistgramBinarizer(source)} {
		bitmap, failed := gozxing.NewBinaryBitmap(binarizer)
		if failed != nil {
			return "", failed
		}
		result, failed := qrcode.NewQRCodeReader().Decode(bitmap, hints)
		if failed == nil {
			return result.GetText(), nil
		}
		err = failed
		if results, failed := multi.NewQRCodeMultiReader().DecodeMultiple(bitmap, hints); failed == nil && len(results) > 0 {
			return results[0].GetText(), nil
		}
	}
	return "", err
}

func readZbar(t *testing.T, files []string, found map[string][]string) {
	t.Helper()
	args := append([]string{"-q", "--nodbus", "--xml", "-Sdisable", "-Sqrcode.enable"}, files...)
	out, err := exec.Command(tool(t, "zbarimg"), args...).Output()
	var exit *exec.ExitError
	if err != nil && !(errors.As(err, &exit) && exit.ExitCode() == 4) { // 4: some picture shows nothing
		t.Fatalf("zbarimg: %v", err)
	}
	var answer struct {
		Sources []struct {
			File  string   `xml:"href,attr"`
			Texts []string `xml:"index>symbol>data"`
		} `xml:"source"`
	}
	if err := xml.Unmarshal(out, &answer); err != nil {
		t.Fatalf("zbarimg: %v in %s", err, out)
	}
	for _, source := range answer.Sources {
		found[source.File] = append(found[source.File], source.Texts...)
	}
}

func readNode(t *testing.T, files []string, found map[string]map[string][]string) {
	t.Helper()
	for _, module := range []string{"jsqr", "zxing-wasm"} {
		if _, err := os.Stat(filepath.Join("..", "node_modules", module)); err != nil {
			t.Fatalf("%v; run: make tools", err)
		}
	}
	var stderr bytes.Buffer
	node := exec.Command(tool(t, "node"), append([]string{"testdata/decode.mjs"}, files...)...)
	node.Stderr = &stderr
	out, err := node.Output()
	if err != nil {
		t.Fatalf("decode.mjs: %v\n%s", err, &stderr)
	}
	for line := range bytes.Lines(out) {
		var answer struct {
			File, Decoder string
			Texts         []string
		}
		if err := json.Unmarshal(line, &answer); err != nil {
			t.Fatalf("decode.mjs: %v in %s", err, line)
		}
		found[answer.Decoder][answer.File] = answer.Texts
	}
}

// writePicture writes img as file, a PNG, and beside it as PGM.
func writePicture(t *testing.T, file string, img *image.Gray) {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	pgm := fmt.Appendf(nil, "P5 %d %d 255\n%s", img.Rect.Dx(), img.Rect.Dy(), img.Pix)
	if err := errors.Join(os.WriteFile(file, out.Bytes(), 0o600), os.WriteFile(strings.TrimSuffix(file, "png")+"pgm", pgm, 0o600)); err != nil {
		t.Fatal(err)
	}
}

// readPicture reads a PNG as grey.
func readPicture(t testing.TB, b []byte) *image.Gray {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	out := image.NewGray(img.Bounds())
	draw.Draw(out, out.Rect, img, image.Point{}, draw.Src)
	return out
}

// rasterised draws an SVG at width pixels a side.
func rasterised(t testing.TB, svg []byte, width int) *image.Gray {
	t.Helper()
	var stderr bytes.Buffer
	rsvg := exec.Command(tool(t, "rsvg-convert"), "--width", strconv.Itoa(width))
	rsvg.Stdin, rsvg.Stderr = bytes.NewReader(svg), &stderr
	out, err := rsvg.Output()
	if err != nil {
		t.Fatalf("rsvg-convert: %v\n%s", err, &stderr)
	}
	return readPicture(t, out)
}
