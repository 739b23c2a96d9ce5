package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"tegata/cmd/labeld/control"
	"tegata/cmd/labeld/folder"
	"tegata/registry"
	"tegata/registry/observer"
	"tegata/verify"
)

// observe visits the links of one declaration, or one address that nobody has
// declared yet, and prints what is found.
func observe(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	var data, text, url string
	var asJSON bool
	var o observing
	err = flags("observe", args, stderr, func(f *flag.FlagSet) {
		f.StringVar(&data, "data", "", "the registry's `folder`")
		f.StringVar(&text, "code", "", "the `code` of a declaration: each of its links is visited")
		f.StringVar(&url, "url", "", "an `address` to visit instead: what it would have to be declared with")
		f.StringVar(&o.key, "observer", "", "private `key` of an observer: what is as it was declared is entered in the log")
		f.BoolVar(&asJSON, "json", false, "print JSON")
		o.allowFlag(f)
	})
	if err != nil {
		return err
	}
	var looked []observer.Looked
	switch {
	case (text == "") == (url == ""):
		return errors.New("observe needs one of -code and -url: labeld observe -h tells what they are")
	case url != "":
		looked, err = lookAt(ctx, &o, url)
	case data == "":
		return errors.New("observe -code needs -data: labeld observe -h tells what it is")
	default:
		var code verify.Code
		if code, err = verify.ParseCode(text); err != nil {
			return err
		}
		looked, err = lookUp(ctx, &o, folder.Folder(data), code)
	}
	if err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(stdout).Encode(looked)
	}
	for _, l := range looked {
		printLooked(stdout, l, url != "")
	}
	return nil
}

func lookAt(ctx context.Context, o *observing, url string) ([]observer.Looked, error) {
	seen, err := observer.New(observer.Config{URL: "https://labels.example", Reach: observer.Reach{Allow: o.allow}, ReadPDF: readPDF})
	if err != nil {
		return nil, err
	}
	return []observer.Looked{seen.LookAt(ctx, url)}, nil
}

// lookUp has the server that has the registry open look, or opens it.
func lookUp(ctx context.Context, o *observing, d folder.Folder, code verify.Code) (looked []observer.Looked, err error) {
	err = control.Ask(ctx, d.Socket(), "/observe?code="+string(code), &looked)
	if !errors.Is(err, control.ErrNoServer) {
		return looked, err
	}
	c, err := d.Config()
	if err != nil {
		return nil, err
	}
	r, err := registry.Open(d.Registry(), c)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	o.every = 24 * time.Hour
	seen, err := o.observer(r, d, "https://"+r.Origin(), slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	return seen.Look(ctx, code)
}

// printLooked tells a person what was found at one address.
func printLooked(w io.Writer, l observer.Looked, undeclared bool) {
	f := l.Found
	fmt.Fprintln(w, l.URL)
	switch {
	case f.Seen == "":
		fmt.Fprintf(w, "  nothing can be said of it: %s\n", l.Why)
	case f.Seen == verify.SeenGone:
		fmt.Fprintf(w, "  not open to the public: %s, HTTP status %d %s\n", f.Reason, f.HTTPStatus, l.Why)
	case undeclared:
		fmt.Fprintf(w, "  open to the public. Declare it with:\n  \"url\": %q,\n  \"sha256\": %q,\n", l.URL, f.SHA256)
		if f.TextSHA256 != "" {
			fmt.Fprintf(w, "  \"text_sha256\": %q,\n", f.TextSHA256)
		}
		fmt.Fprintf(w, "  \"media\": %q\n", l.Media)
	default:
		fmt.Fprintf(w, "  %s, HTTP status %d, %d bytes, sha256 %s\n", f.Seen, f.HTTPStatus, l.Bytes, f.SHA256)
	}
	switch {
	case l.Said:
		fmt.Fprintln(w, "  entered in the log")
	case l.Wait > 0 && !undeclared:
		fmt.Fprintf(w, "  not entered: that must last for %v\n", l.Wait)
	}
	if c := l.Compared; c != nil {
		if c.Unread {
			fmt.Fprintln(w, "  no text could be read in it")
		}
		for _, h := range c.Differences {
			fmt.Fprintf(w, "  hint: %s is signed as %q; found in the text: %s %s\n", h.Field, h.Signed, h.Found, h.Says)
		}
	}
}

// observeHandler answers on the control socket what one declaration looks like
// now.
func observeHandler(seen *observer.Observer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		code, err := verify.ParseCode(r.FormValue("code"))
		var looked []observer.Looked
		if err == nil {
			looked, err = seen.Look(r.Context(), code)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
			return
		}
		json.NewEncoder(w).Encode(looked)
	}
}
