package browser

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"os"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/makiuchi-d/gozxing/qrcode"

	"tegata/cmd/labeld/demo"
	"tegata/registry"
	"tegata/verify"
	"tegata/verify/status"
	"tegata/web/qr"
)

// A scanCase is what testdata/scan.mjs is given.
type scanCase struct {
	Feed   string `json:"feed"`   // a video of three codes, one after another: QR, EAN-13, signed QR
	Signed string `json:"signed"` // a picture of the signed QR
	Blank  string `json:"blank"`  // a picture without a code
	Broken string `json:"broken"` // no picture

	Code    string `json:"code"`    // of all three
	Other   string `json:"other"`   // another code of the registry
	GTIN    string `json:"gtin"`    // the EAN-13
	Text    string `json:"text"`    // what the signed QR holds
	Revoked string `json:"revoked"` // what the signed QR of a label held that was revoked since
	Party   string `json:"party"`   // that issued it
	Origin  string `json:"origin"`
	Shots   string `json:"shots"` // folder for screenshots; empty: none are taken
}

// TestScan opens /scan in Chromium as people do: with a camera, whose film is
// made here from the registry's own pictures; with pictures, by typing, by
// keyboard alone, without network, without scripts, without a camera.
func TestScan(t *testing.T) {
	dir := t.TempDir()
	address, r := demoServer(t)
	c := scanCase{Code: string(demo.Router), Other: string(demo.Code("aoba mesh")), Origin: demo.Origin, Party: "label-issuer-jp", Shots: os.Getenv("SHOTS")}
	var v verify.Verdict
	if err := json.Unmarshal(fetch(t, address+"/api/v1/verify/"+c.Code), &v); err != nil {
		t.Fatal(err)
	}
	for _, m := range v.Product.Models {
		if len(m.GTINs) > 0 {
			c.GTIN = strings.TrimPrefix(m.GTINs[0], "0")
			break
		}
	}
	plain, err := png.Decode(bytes.NewReader(fetch(t, address+"/qr/"+c.Code+".png")))
	if err != nil {
		t.Fatal(err)
	}
	drawn := fetch(t, address+"/qr/"+c.Code+"-signed.png")
	signed, err := png.Decode(bytes.NewReader(drawn))
	if err != nil {
		t.Fatal(err)
	}
	c.Text = readSymbol(t, signed)
	c.Revoked = revokedText(t, r)

	c.Feed = write(t, dir, "feed.mjpeg", film(t, plain, barcode(t, c.GTIN), signed))
	c.Signed, c.Broken = write(t, dir, "signed.png", drawn), write(t, dir, "broken.png", []byte("no picture"))
	var blank bytes.Buffer
	if err := png.Encode(&blank, image.NewGray(image.Rect(0, 0, 300, 200))); err != nil {
		t.Fatal(err)
	}
	c.Blank = write(t, dir, "blank.png", blank.Bytes())

	in, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	browse(t, "testdata/scan.mjs", in, address)
}

func readSymbol(t *testing.T, img image.Image) string {
	t.Helper()
	bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		t.Fatal(err)
	}
	// It is a drawing, and needs no looking for.
	read, err := qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true})
	if err != nil {
		t.Fatal(err)
	}
	return read.GetText()
}

// barcode draws an EAN-13 as other people's software does.
func barcode(t *testing.T, gtin string) image.Image {
	t.Helper()
	m, err := oned.NewEAN13Writer().Encode(gtin, gozxing.BarcodeFormat_EAN_13, 380, 160, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// film shows each picture for two seconds in the middle of a frame of 640 by
// 480, thirty times a second: JPEG after JPEG, which is what Chromium takes for a
// camera.
func film(t *testing.T, pictures ...image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	for _, p := range pictures {
		frame := image.NewGray(image.Rect(0, 0, 640, 480))
		draw.Draw(frame, frame.Rect, image.NewUniform(color.Gray{Y: 225}), image.Point{}, draw.Src)
		size := p.Bounds().Size()
		if size.X > 620 || size.Y > 460 { // a signed symbol at eight pixels a module
			p, size = halved(p), size.Div(2)
		}
		at := image.Pt((640-size.X)/2, (480-size.Y)/2)
		draw.Draw(frame, image.Rectangle{Min: at, Max: at.Add(size)}, p, p.Bounds().Min, draw.Src)
		var one bytes.Buffer
		if err := jpeg.Encode(&one, frame, &jpeg.Options{Quality: 85}); err != nil {
			t.Fatal(err)
		}
		out.Write(bytes.Repeat(one.Bytes(), 60))
	}
	return out.Bytes()
}

// halved is a picture at half its size.
func halved(p image.Image) image.Image {
	out := image.NewGray(image.Rect(0, 0, p.Bounds().Dx()/2, p.Bounds().Dy()/2))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			out.Set(x, y, p.At(p.Bounds().Min.X+2*x, p.Bounds().Min.Y+2*y))
		}
	}
	return out
}

// revokedText is what a signed symbol holds that was printed before its label was
// revoked.
func revokedText(t *testing.T, r *registry.Registry) string {
	t.Helper()
	f, err := r.Lookup(context.Background(), demo.Code("minato indoor"))
	if err != nil {
		t.Fatal(err)
	}
	record := f.Record(verify.Known{})
	receipt, err := r.Receipt(record.History[0].Index)
	if err != nil {
		t.Fatal(err)
	}
	token := status.Token{Code: record.Code, Number: record.Label.Number, Expires: record.Label.Expires, Status: receipt.Status, By: record.By}
	sealed, err := token.Seal(r.Answer())
	if err != nil {
		t.Fatal(err)
	}
	text, err := qr.Signed("labels.example", string(record.Code), sealed)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
