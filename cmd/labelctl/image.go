package main

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg"
	_ "image/png"

	"github.com/makiuchi-d/gozxing"
	multi "github.com/makiuchi-d/gozxing/multi/qrcode"
	"github.com/makiuchi-d/gozxing/qrcode"

	"tegata/verify"
)

// Limits of a picture: a photograph of 50 megapixels.
const (
	imageMost  = 64 << 20 // bytes of the file
	pixelsMost = 50_000_000
)

// readImage returns the code, and the host, of the label in a picture: PNG or
// JPEG, drawn or photographed, with other QR codes beside it or not. What leads
// to two different codes is refused: nobody can tell which was meant.
func readImage(picture []byte) (verify.Code, string, error) {
	texts, err := readSymbols(picture)
	if err != nil {
		return "", "", err
	}
	var code verify.Code
	var host string
	for _, text := range texts {
		c, h, err := codeOf(text)
		switch {
		case err != nil:
		case code != "" && c != code:
			return "", "", fmt.Errorf("the picture shows two labels, %s and %s; cut one out", code.Printed(), c.Printed())
		default:
			code, host = c, h
		}
	}
	switch {
	case code != "":
		return code, host, nil
	case len(texts) > 0:
		return "", "", fmt.Errorf("the QR code holds %.200q, which is not that of a label", texts[0])
	}
	return "", "", errors.New("no QR code is found in the picture; take it from nearer, or type the code printed beside it")
}

// readSymbols returns the texts of the QR codes in a picture.
func readSymbols(picture []byte) ([]string, error) {
	config, form, err := image.DecodeConfig(bytes.NewReader(picture))
	if err != nil {
		return nil, fmt.Errorf("neither a picture (PNG or JPEG) nor a code: %w", err)
	}
	if config.Width*config.Height > pixelsMost {
		return nil, fmt.Errorf("a picture of %d by %d, more than %d pixels", config.Width, config.Height, pixelsMost)
	}
	img, _, err := image.Decode(bytes.NewReader(picture))
	if err != nil {
		return nil, fmt.Errorf("broken %s: %w", form, err)
	}
	return symbols(img)
}

// symbols returns the texts of the QR codes in a picture. The two ways of
// telling dark from light fail on different pictures, and so do the searches for
// one symbol and for several. A panic of the reader becomes an error.
func symbols(img image.Image) (texts []string, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			texts, err = nil, fmt.Errorf("the picture cannot be read: %v", fault)
		}
	}()
	source := gozxing.NewLuminanceSourceFromImage(img)
	hints := map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true}
	for _, binarizer := range []gozxing.Binarizer{gozxing.NewHybridBinarizer(source), gozxing.NewGlobalHistgramBinarizer(source)} {
		bitmap, err := gozxing.NewBinaryBitmap(binarizer)
		if err != nil {
			return nil, err
		}
		results, _ := multi.NewQRCodeMultiReader().DecodeMultiple(bitmap, hints)
		for _, r := range results {
			texts = append(texts, r.GetText())
		}
		if r, err := qrcode.NewQRCodeReader().Decode(bitmap, hints); err == nil {
			texts = append(texts, r.GetText())
		}
		if len(texts) > 0 {
			break
		}
	}
	return texts, nil
}
