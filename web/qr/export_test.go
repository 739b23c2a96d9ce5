package qr

import (
	"image"
	"testing"
)

// What the tests of drawings made elsewhere read them with.

type Picture struct {
	Name string
	Img  *image.Gray
	Want string
}

func ReadAll(t *testing.T, all []Picture) {
	t.Helper()
	var pictures []picture
	for _, p := range all {
		pictures = append(pictures, picture{p.Name, p.Img, p.Want})
	}
	readAll(t, pictures)
}

var (
	Tool        = tool
	ReadPicture = readPicture
	Turned      = turned
)
