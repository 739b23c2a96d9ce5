package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"strings"

	"tegata/verify"
	"tegata/web/i18n"
)

const verifyUsage = `usage: labelctl verify -to URL [flags] CODE | IMAGE.png | -number NUMBER
       labelctl verify -bundle FILE -trust FILE [flags] CODE
       labelctl verify -pack FILE.zip -trust FILE [-json] [-lang L]
       labelctl verify -trust FILE -status FILE [-at T] SIGNED | IMAGE.png
       labelctl verify -trust FILE [-from URL] [flags] RECEIPT
       labelctl verify -trust FILE -status FILE [-at T] CREDENTIAL

Tells what a label or declaration counts for, with every condition, the sentence
it rests on, and whether it is met. The code is as it is printed, or the address
that its QR code leads to; or a picture (PNG or JPEG) in which the QR code is
looked for, on this machine.

Asked of a registry, the answer is the registry's. Asked of a bundle, it is
worked out here, from evidence that is checked against the trust file; no network
is touched, and what is not asked otherwise is as of the bundle's time.

  -to URL       the registry
  -bundle FILE  a bundle in its place (labelctl bundle)
  -trust FILE   what evidence is checked against (labelctl trust)
  -in PLACE     where it is to count: GB (Great Britain), GB-NIR (Northern
                Ireland) or JP; by default the other country of its scheme
  -at T         the moment in question, a day or an instant: was it valid then?
  -known T      what the registry knew then: a day (to its end), an instant, or a
                size of its log
  -model M      whether this model is covered
  -gtin G       whether this barcode number is covered
  -number N     the scheme's own registration number, in place of a code
  -json         the answer for machines
  -lang         en or ja; by default the language of your system

Exit status: 0 valid and treated as compliant, eligible or at home, barred by no
measure there, and covering the product if one was named; 1 any other answer, or
evidence that does not hold; 2 no answer.

An evidence pack (-pack) is checked whole, without a network: that the registry
signed every file in it and no other is there, every statement, receipt and proof,
and that each answer is what its bundle amounts to. Exit status: 0 it holds,
whatever the answers are; 1 it does not.

  -pack FILE    a ZIP that a registry gave (URL/api/v1/packs/CODE.zip)

A RECEIPT is a file that a registry gave: a signed answer or report (.jwt), or the
receipt of a statement (JSON, or a C2SP tlog-proof). It is said what was answered
or entered and when, and checked against the trust file. Exit status: 0 it holds;
1 it does not, or nothing was checked.

  -from URL       the log at hand: every entry up to the head that the receipt
                  names is replayed, and the answer worked out again
  -input FILE     of a report: what was sent
  -output FILE    of a report: what was answered
  -envelope FILE  of a statement: what was entered

SIGNED is what a signed QR code holds, an address with a signature behind it. It
is checked here, also where it stands in a picture; no network is touched. Exit
status: 0 it is signed, its printed last day is not over, and a list that still
counts has nothing against it; 1 anything else.

  -status FILE  the status list: what curl -O URL/status/0 gives
  -at T         a moment other than now; the list is to be of that time
                (URL/status/0?time=SECONDS)

A CREDENTIAL is a label or declaration as a Verifiable Credential (.vc.jwt). It is
checked against the trust file, and looked up in the status list; no network is
touched. Exit status: 0 it is signed, its last day is not over, and a list that
still counts has nothing against it; 1 anything else.

  labelctl verify -to https://labels.example -in GB -model WX-100 7K3M-Q2ZT-9XWE
  labelctl verify -to https://labels.example -at 2027-04-01 photo.jpg
  labelctl verify -bundle wx.bundle -trust labels.trust 7K3M-Q2ZT-9XWE
  labelctl verify -pack 7K3MQ2ZT9XWE.zip -trust labels.trust
  labelctl verify -trust labels.trust -from https://labels.example answer.jwt
  labelctl verify -trust labels.trust -status 0 photo.jpg
  labelctl verify -trust labels.trust -status 0 label.vc.jwt
`

// A question is the flags of verify.
type question struct {
	to, bundle, pack, trust, from, number, status string

	input, output, envelope string // files that a receipt is about

	query url.Values // in, at, known, model, gtin

	credentialAt string // at, of a credential
	json         bool
	lang         i18n.Language
}

// ask asks what a record counts for, or what a receipt shows.
func ask(ctx context.Context, c *console, args []string) (int, error) {
	q := question{query: url.Values{}}
	f := newFlags()
	for name, to := range map[string]*string{"to": &q.to, "bundle": &q.bundle, "pack": &q.pack, "trust": &q.trust, "from": &q.from, "number": &q.number, "status": &q.status,
		"input": &q.input, "output": &q.output, "envelope": &q.envelope} {
		f.StringVar(to, name, "", "")
	}
	for _, name := range []string{"in", "at", "known", "model", "gtin"} {
		f.Func(name, "", func(s string) error { q.query.Set(name, s); return nil })
	}
	f.BoolVar(&q.json, "json", false, "")
	lang := languageFlag(f)
	if err := parse(f, args, 0, 1, ""); err != nil {
		return 0, err
	}
	q.lang = i18n.Language(*lang)
	switch {
	case q.pack != "":
		return c.pack(q, f.Args())
	case q.to != "" && q.bundle != "":
		return 0, misusef("-to asks a registry and -bundle a file; choose one")
	case q.to != "":
		return c.online(ctx, q, f.Arg(0))
	case f.NArg() == 0:
		return 0, misusef("name one thing, and whom to ask: a CODE with -to URL or -bundle FILE, or a RECEIPT")
	case q.bundle != "":
		code, _, err := c.subject(f.Arg(0))
		if err != nil {
			return 0, err
		}
		return c.offline(q, code)
	}
	if text, ok := signedText(f.Arg(0)); ok {
		return c.signed(q, text)
	}
	return c.evidence(ctx, q, f.Arg(0))
}

// evidence looks at a file that a registry gave.
func (c *console) evidence(ctx context.Context, q question, name string) (int, error) {
	if _, _, err := codeOf(name); err == nil {
		return 0, misusef("flag -to is missing, or -bundle: whom to ask about %s", name)
	}
	data, err := c.read(name, imageMost)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, misusef("%q is neither a code nor a file", name)
	}
	if err != nil {
		return 0, err
	}
	if pictured(data) {
		return c.signedImage(q, name, data)
	}
	if credentialed(data) {
		q.credentialAt = q.query.Get("at")
		q.query.Del("at")
	} else if q.status != "" {
		return 0, misusef("-status is for a signed QR code or a credential, and %s is neither, nor a picture", name)
	}
	if len(q.query) > 0 || q.number != "" {
		return 0, misusef("a receipt tells itself what was asked; -in, -at, -known, -model, -gtin and -number are for a CODE")
	}
	return c.exhibit(ctx, q, name, data)
}

// online asks a registry.
func (c *console) online(ctx context.Context, q question, subject string) (int, error) {
	if (q.number == "") == (subject == "") {
		return 0, misusef("name one thing, a CODE, an IMAGE or a -number")
	}
	registry, err := newClient("to", q.to, language(q.lang))
	if err != nil {
		return 0, err
	}
	path := "/api/v1/verify"
	var code verify.Code
	if q.number != "" {
		q.query.Set("number", q.number)
	} else {
		var host string
		if code, host, err = c.subject(subject); err != nil {
			return 0, err
		}
		if host != "" && host != strings.ToLower(registry.host()) {
			c.say("verify: the address leads to %s, this is the answer of %s", host, registry.host())
		}
		path += "/" + string(code)
	}
	if len(q.query) > 0 {
		path += "?" + q.query.Encode()
	}
	status, body, err := registry.get(ctx, path)
	var no *problem
	if errors.As(err, &no) {
		c.sayProblem("verify", no)
		return exitAccident, nil
	}
	if err != nil {
		return 0, err
	}
	found, err := readVerdicts(body, code)
	if err != nil {
		return 0, fmt.Errorf("the answer of %s: %w", registry.base, err)
	}
	if q.json {
		c.out.Write(body)
	} else {
		c.tell(q.lang, found, q.number)
	}
	if status == http.StatusOK && len(found) == 1 && good(&found[0]) {
		return exitDone, nil
	}
	return exitNo, nil
}

// subject reads what was asked about: a code, the address in a QR code, or a
// picture, which is whatever file there is of that name.
func (c *console) subject(arg string) (verify.Code, string, error) {
	code, host, err := codeOf(arg)
	if err == nil {
		return code, host, nil
	}
	if _, failed := os.Stat(arg); errors.Is(failed, fs.ErrNotExist) {
		return "", "", misusef("%q is neither a code (%v) nor a file", arg, err)
	}
	picture, err := c.read(arg, imageMost)
	if err != nil {
		return "", "", err
	}
	if code, host, err = readImage(picture); err != nil {
		return "", "", fmt.Errorf("%s: %w", arg, err)
	}
	return code, host, nil
}

// readVerdicts reads the verdict on a code, or all that were found where there
// is none.
func readVerdicts(body []byte, code verify.Code) ([]verify.Verdict, error) {
	if code == "" {
		var found struct {
			Matches []verify.Verdict `json:"matches"`
		}
		err := json.Unmarshal(body, &found)
		return found.Matches, err
	}
	var v verify.Verdict
	if err := json.Unmarshal(body, &v); err != nil {
		return nil, err
	}
	if v.Code != code {
		return nil, fmt.Errorf("it is about %s, not %s", v.Code.Printed(), code.Printed())
	}
	return []verify.Verdict{v}, nil
}

// good reports whether the answer is yes: valid, recognised or eligible abroad or
// asked at home, of the product in hand, and barred by no measure there, which
// at home the outcome does not tell.
func good(v *verify.Verdict) bool {
	if v.Validity.Status != verify.StatusValid || !v.Recognition.Outcome.Positive() && v.Recognition.Outcome != verify.AtHome {
		return false
	}
	_, barred := v.Barring()
	return !barred && uncovered(v) == ""
}

// uncovered returns the model or trade item that was asked about and that the
// record does not cover.
func uncovered(v *verify.Verdict) string {
	switch m := v.Match; {
	case m == nil:
	case m.Model != nil && !m.Model.Covered:
		return m.Model.Asked
	case m.GTIN != nil && !m.GTIN.Covered:
		return m.GTIN.Asked
	}
	return ""
}
