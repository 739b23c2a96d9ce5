package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"path"
)

//go:embed templates/*.html static/*
var embedded embed.FS

// mediaTypes are those of the files under static. A file of another kind is not
// served.
var mediaTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml",
}

// asset returns a file under static and its media type. It is false where there
// is no such file.
func asset(name string) (data []byte, media string, ok bool) {
	media, ok = mediaTypes[path.Ext(name)]
	if !ok || path.Base(name) != name {
		return nil, "", false
	}
	data, err := embedded.ReadFile("static/" + name)
	return data, media, err == nil
}

// assetURL returns the address of a file under static. It changes with the
// file, so that what is there may be kept forever.
func assetURL(name string) string {
	data, _, ok := asset(name)
	if !ok {
		panic("web: no file static/" + name) // a template asks for what is not there
	}
	sum := sha256.Sum256(data)
	return "/static/" + name + "?v=" + hex.EncodeToString(sum[:6])
}
