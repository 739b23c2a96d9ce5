package web

import (
	"errors"
	"io"
	"io/fs"
	"net/http"
	"time"

	"tegata/registry"
	"tegata/registry/observer"
	"tegata/verify"
)

// A documentsBody is where a declaration is published now, and what a program
// found in its documents.
type documentsBody struct {
	Code      verify.Code    `json:"code"`
	Documents []documentBody `json:"documents"`
	Log       verify.Log     `json:"log"`
}

// A documentBody is one address of a declaration. Kept lists the digests, of the
// bytes that were declared and of those that were found, that are in the archive.
type documentBody struct {
	verify.Document
	Read *observer.Compared `json:"read,omitempty"` // nil: not read lately
	Kept []string           `json:"kept"`
}

// documents answers with the documents of a declaration, as declared now.
func (s *site) documents(r *http.Request) (view, error) {
	code, err := verify.ParseCode(r.PathValue("code"))
	if err != nil {
		return view{}, err
	}
	f, err := s.registry.Lookup(r.Context(), code)
	if err != nil {
		return view{}, err
	}
	body := documentsBody{Code: code, Documents: s.documentsOf(f), Log: f.Log}
	if len(body.Documents) == 0 {
		return view{}, registry.ErrNotFound
	}
	return view{status: http.StatusOK, body: body, tag: body.Documents, next: f.Log.Time.Add(maxAge)}, nil
}

// documentsOf lists the documents of the declaration that facts are about; none of
// a label.
func (s *site) documentsOf(f verify.Facts) (all []documentBody) {
	if f.Record(verify.Known{}).Declaration == nil {
		return nil
	}
	read := map[string]observer.Compared{}
	if s.observer != nil {
		for _, c := range s.observer.Compared(f.Code) {
			read[c.URL] = c
		}
	}
	for _, d := range verify.Judge(f, verify.Question{}).Declarations {
		if d.Code != f.Code {
			continue
		}
		body := documentBody{Document: d, Kept: []string{}}
		if c, ok := read[d.URL]; ok {
			body.Read = &c
		}
		for _, digest := range []string{d.SHA256, d.SeenSHA256} {
			if s.observer != nil && s.observer.Archive.Has(digest) {
				body.Kept = append(body.Kept, digest)
			}
		}
		all = append(all, body)
	}
	return all
}

// archived gives back bytes that were seen, by their digest: to be kept, never to
// be shown here as a page, since anybody may have made them.
func (s *site) archived(w http.ResponseWriter, r *http.Request) {
	digest := r.PathValue("digest")
	var f io.ReadSeekCloser
	err := fs.ErrNotExist
	if s.observer != nil {
		f, err = s.observer.Archive.Open(digest)
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = registry.ErrNotFound
	}
	if err != nil {
		s.problemJSON(w, r, problemOf(err))
		return
	}
	defer f.Close()
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", `attachment; filename="`+digest+`.bin"`)
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Cache-Control", cacheForever)
	h.Set("ETag", `"`+digest+`"`)
	http.ServeContent(w, r, "", time.Time{}, f)
}
