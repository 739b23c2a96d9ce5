package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"tegata/cmd/labeld/control"
	"tegata/cmd/labeld/folder"
	"tegata/cmd/labeld/front"
	"tegata/cmd/labeld/settings"
	"tegata/registry"
	"tegata/registry/observer"
	"tegata/verify"
)

// observing is what is said of the observer.
type observing struct {
	key     string
	every   time.Duration
	archive int64 // MiB
	allow   []netip.AddrPort
}

func (o *observing) settings() settings.Table {
	return settings.Table{
		{Name: "observer", Takes: "file", Set: settings.Text(&o.key),
			What: "private key of an observer that the operator has enrolled, or the pkcs11: URI of it: declarations are then watched",
			Risk: "who steals it can say that a declaration is open, changed or gone, until it is retired"},
		{Name: "observe-every", Takes: "time", Begins: "24h", Set: settings.Time(&o.every, everyLeast, everyMost),
			What: "the longest time between two visits to an address, 1m to 48h",
			Risk: "often, and hosts of makers are burdened; seldom, and what has gone is told later"},
		{Name: "archive", Takes: "MiB", Begins: "0", Set: settings.Number(&o.archive, 0, archiveMost),
			What: "how much of what was seen is kept, the latest seen; anybody can then fetch it as an attachment",
			Risk: "it fills the disk that the registry writes to, and republishes what others wrote"},
		{Name: "observe-allow", Takes: "ADDR:PORT", Many: true, Set: settings.Each(&o.allow, parseAllowed),
			What: "an address of this machine that may be visited, for tests; once for each; refused beside a public listener",
			Risk: "whoever publishes a declaration could look into this machine"},
	}
}

// archiveMost is a pebibyte, in MiB: more than there is, and no overflow.
const archiveMost = 1 << 30

func (o *observing) allowFlag(f *flag.FlagSet) {
	f.Func("observe-allow", "an `address:port` of this machine that may be visited although it is not public, for tests; once for each", settings.Each(&o.allow, parseAllowed))
}

func parseAllowed(text string) (netip.AddrPort, error) {
	a, err := netip.ParseAddrPort(text)
	if err == nil && !a.Addr().IsLoopback() {
		err = errors.New("only addresses of this machine can be allowed, such as 127.0.0.1:8443")
	}
	return a, err
}

// check refuses to let test hosts be visited by a server that others can reach:
// whoever could publish a declaration could then look into this machine.
func (o *observing) check(listen string) error {
	if len(o.allow) == 0 || front.Here(listen) {
		return nil
	}
	return fmt.Errorf("-observe-allow is for tests: with it, listen on this machine only, such as -listen 127.0.0.1:8080, not on %s", listen)
}

// How long it may be between two visits. What is said again is said at the first
// visit after 28 days, and must be within 30.
const (
	everyLeast = time.Minute
	everyMost  = 48 * time.Hour
)

// observer returns the observer of a registry, which looks and says nothing where
// no key is given.
func (o *observing) observer(r *registry.Registry, d folder.Folder, url string, logger *slog.Logger) (*observer.Observer, error) {
	c := observer.Config{Registry: r, URL: url, Folder: d.Observer(), Every: o.every, Reach: observer.Reach{Allow: o.allow}, Log: logger, ReadPDF: readPDF}
	if err := os.MkdirAll(c.Folder, 0o700); err != nil {
		return nil, err
	}
	var err error
	if o.key != "" {
		if c.Signer, err = readSigner(o.key); err != nil {
			return nil, err
		}
	}
	if o.archive > 0 {
		if c.Archive, err = observer.NewArchive(filepath.Join(c.Folder, "archive"), o.archive<<20); err != nil {
			return nil, err
		}
	}
	seen, err := observer.New(c)
	if errors.Is(err, observer.ErrRole) {
		err = fmt.Errorf("%s: %w: have the operator enrol it with the role observer (party.enrolled)", o.key, err)
	}
	return seen, err
}

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

// pdfTime is how long the reading of one PDF may take.
const pdfTime = 20 * time.Second

// readPDF reads the text of a PDF in a process of its own, which is ended where it
// takes too long.
func readPDF(ctx context.Context, path string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, pdfTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, self, "text", "-pdf", path)
	cmd.Env = []string{"GOMAXPROCS=1"}
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%w: %.200s", err, said.String())
	}
	return out.String(), nil
}

// text prints the text of a PDF, as the observer reads it.
func text(_ context.Context, args []string, stdout, stderr io.Writer) error {
	var path string
	err := flags("text", args, stderr, func(f *flag.FlagSet) { f.StringVar(&path, "pdf", "", "the `file`") }, "pdf")
	if err != nil {
		return err
	}
	return observer.ReadPDF(path, stdout)
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
