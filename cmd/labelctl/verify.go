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

const verifyUsage = `usage: labelctl verify -to URL [flags] CODE
       labelctl verify -to URL [flags] IMAGE.png
       labelctl verify -to URL [flags] -number NUMBER

Asks a registry what a label or declaration counts for, and tells it with every
condition, the sentence it rests on, and whether it is met. The code is as it is
printed, or the address that its QR code leads to; or a picture (PNG or JPEG) in
which the QR code is looked for, on this machine.

  -to URL     the registry
  -in PLACE   where it is to count: GB (Great Britain), GB-NIR (Northern Ireland)
              or JP; by default the other country of its scheme
  -at T       the moment in question, a day or an instant: was it valid then?
  -known T    what the registry knew then: an instant, or a size of its log
  -model M    whether this model is covered
  -gtin G     whether this barcode number is covered
  -number N   the scheme's own registration number, in place of a code
  -json       the answer of the registry as it is
  -lang       en or ja; by default the language of your system

Exit status: 0 valid and treated as compliant, eligible or at home, barred by no
measure there, and covering the product if one was named; 1 any other answer; 2
no answer.

  labelctl verify -to https://labels.example -in GB -model WX-100 7K3M-Q2ZT-9XWE
  labelctl verify -to https://labels.example -at 2027-04-01 photo.jpg
`

// ask asks what a record counts for.
func ask(ctx context.Context, c *console, args []string) (int, error) {
	f := newFlags()
	to := f.String("to", "", "")
	query := url.Values{}
	for _, name := range []string{"in", "at", "known", "model", "gtin"} {
		f.Func(name, "", func(s string) error { query.Set(name, s); return nil })
	}
	number := f.String("number", "", "")
	asJSON := f.Bool("json", false, "")
	lang := languageFlag(f)
	if err := parse(f, args, 0, 1, ""); err != nil {
		return 0, err
	}
	if err := need(f, "to"); err != nil {
		return 0, err
	}
	if (*number == "") == (f.NArg() == 0) {
		return 0, misusef("name one thing, a CODE, an IMAGE or a -number")
	}
	registry, err := newClient("to", *to, *lang)
	if err != nil {
		return 0, err
	}
	path := "/api/v1/verify"
	var code verify.Code
	if *number != "" {
		query.Set("number", *number)
	} else {
		var host string
		if code, host, err = c.subject(f.Arg(0)); err != nil {
			return 0, err
		}
		if host != "" && host != strings.ToLower(registry.host()) {
			c.say("verify: the address leads to %s, this is the answer of %s", host, registry.host())
		}
		path += "/" + string(code)
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
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
	if *asJSON {
		c.out.Write(body)
	} else {
		c.tell(i18n.Language(*lang), found, *number)
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
