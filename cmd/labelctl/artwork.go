package main

import (
	"path/filepath"
	"strings"
	"time"

	"tegata/verify"
	"tegata/web/artwork"
	"tegata/web/i18n"
	"tegata/web/qr"
)

// printLanguages are those of the words on a label, by what -lang says.
var printLanguages = map[string][]i18n.Language{"en": {i18n.English}, "ja": {i18n.Japanese}, "both": i18n.Languages}

// artworkFlags are the flags of a print, as they were given.
type artworkFlags struct {
	size, level, lang, expires string
	dpi                        int
}

// form reads the flags that say how it is printed.
func (f artworkFlags) form() (form artwork.Form, expires verify.Date, err error) {
	if form.Size, err = artwork.ParseLength(f.size); err != nil {
		return form, expires, misusef("-size %v", err)
	}
	form.Level = qr.Level(f.level)
	if form.Languages = printLanguages[f.lang]; form.Languages == nil {
		return form, expires, misusef("-lang %q is none of en, ja, both", f.lang)
	}
	if f.expires != "" {
		if expires, err = verify.ParseDate(f.expires); err != nil {
			return form, expires, misusef("-expires %q is not a day such as 2028-03-31", f.expires)
		}
	}
	return form, expires, nil
}

// artworkOf draws labels for print in the form that the file's name ends in: one
// as any, several as sheets in a PDF.
func artworkOf(host string, codes []verify.Code, f artworkFlags, file string) ([]byte, error) {
	form, expires, err := f.form()
	if err != nil {
		return nil, err
	}
	var all []artwork.Artwork
	for _, code := range codes {
		a, err := artwork.New(artwork.Label{Code: code, Host: host, Expires: expires}, form)
		if err != nil {
			return nil, misuse(err.Error())
		}
		all = append(all, a)
	}
	ending := strings.ToLower(filepath.Ext(file))
	switch {
	case ending == ".pdf" && len(all) > 1:
		return artwork.Sheet(all, time.Now())
	case ending == ".pdf":
		return all[0].PDF(time.Now())
	case len(all) > 1:
		return nil, misusef("several codes go on sheets: %s must end in .pdf", file)
	case ending == ".svg":
		return all[0].SVG()
	case ending == ".png":
		b, err := all[0].PNG(f.dpi)
		if err != nil {
			return nil, misusef("-dpi: %v", err)
		}
		return b, nil
	}
	return nil, misusef("%s ends in none of .svg, .png, .pdf", file)
}
