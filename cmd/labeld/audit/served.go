package audit

import (
	"context"
	"encoding/json"
	"net/http"

	"tegata/cmd/labeld/control"
	"tegata/cmd/labeld/folder"
	"tegata/registry"
)

// Path is where the server that has a registry open is asked for an audit.
const Path = "/audit"

// A step is a piece of the server's answer: how far the audit is, and last
// what it found.
type step struct {
	Done, Of int64
	Found    *Found
}

// served is Folder where a server has it open.
func served(ctx context.Context, d folder.Folder, with Against, progress func(done, of int64)) (Found, error) {
	asked, err := json.Marshal(with)
	if err != nil {
		return Found{}, err
	}
	body, err := control.Call(ctx, d.Socket(), Path, asked)
	if err != nil {
		return Found{}, err
	}
	defer body.Close()
	for steps := json.NewDecoder(body); ; {
		var s step
		if err := steps.Decode(&s); err != nil {
			return Found{}, err
		}
		if s.Found != nil {
			return *s.Found, nil
		}
		if progress != nil {
			progress(s.Done, s.Of)
		}
	}
}

// Handler answers what is asked at Path, of a registry that is open.
func Handler(r *registry.Registry) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		var with Against
		answer := &control.Answer{ResponseWriter: w}
		if err := json.NewDecoder(http.MaxBytesReader(w, req.Body, 1<<20)).Decode(&with); err != nil {
			answer.End(err)
			return
		}
		steps := json.NewEncoder(answer)
		found, err := replay(req.Context(), r, with, func(done, of int64) {
			steps.Encode(step{Done: done, Of: of})
			http.NewResponseController(w).Flush()
		})
		if err == nil {
			err = steps.Encode(step{Found: &found})
		}
		answer.End(err)
	}
}
