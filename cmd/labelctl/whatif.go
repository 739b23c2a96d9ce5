package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"

	"tegata/web/i18n"
	"tegata/web/whatif"
)

const whatIfUsage = `usage: labelctl whatif -to URL [-extend DAY | -status STATUS -from DAY] [-made T] [-json] [-lang en|ja] CODE

Asks a registry how the answer about a label or declaration would go on, in Great
Britain, Northern Ireland and Japan, if its issuer or maker said something; and
because of which rule it changes. Without -extend and -status it tells how things
go on by themselves, and by when an extension leaves no gap. It is imagined:
nothing is signed or entered.

  -to URL          the registry
  -extend DAY      the new last day, of a label or of a support period
  -status STATUS   valid, grace, suspended, lapsed, revoked or withdrawn; of a
                   declaration, withdrawn
  -from DAY        the first day of the status
  -made T          when it would be said and entered, a day or an instant; now
                   without it
  -json            the answer for machines
  -lang            en or ja; by default the language of your system

Exit status: 0 it is told; 1 it could not be entered, for the reasons that are
told; 2 no answer.

  labelctl whatif -to https://labels.example -extend 2030-03-31 7K3M-Q2ZT-9XWE
`

// askWhatIf asks what would become of a record.
func askWhatIf(ctx context.Context, c *console, args []string) (int, error) {
	f := newFlags()
	to := f.String("to", "", "")
	asJSON := f.Bool("json", false, "")
	q := url.Values{}
	for _, name := range []string{"extend", "status", "from", "made"} {
		f.Func(name, "", func(s string) error { q.Set(name, s); return nil })
	}
	lang := languageFlag(f)
	if err := parse(f, args, 1, 1, "CODE"); err != nil {
		return 0, err
	}
	if err := need(f, "to"); err != nil {
		return 0, err
	}
	code, _, err := codeOf(f.Arg(0))
	if err != nil {
		return 0, misuse(err.Error())
	}
	registry, err := newClient("to", *to, *lang)
	if err != nil {
		return 0, err
	}
	path := "/api/v1/whatif/" + string(code)
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	_, body, err := registry.get(ctx, path)
	var no *problem
	if errors.As(err, &no) {
		c.sayProblem("whatif", no)
		if no.Code == "refused" {
			return exitNo, nil
		}
		return exitAccident, nil
	}
	if err != nil {
		return 0, err
	}
	var a whatif.Answer
	if err := json.Unmarshal(body, &a); err != nil {
		return 0, fmt.Errorf("the answer of %s: %w", registry.base, err)
	}
	if a.Code != code {
		return 0, fmt.Errorf("the answer of %s: it is about %s, not %s", registry.base, a.Code.Printed(), code.Printed())
	}
	if *asJSON {
		c.out.Write(body)
		return exitDone, nil
	}
	c.tellWhatIf(i18n.Language(*lang), &a)
	return exitDone, nil
}

// tellWhatIf prints the answer for people.
func (c *console) tellWhatIf(l i18n.Language, a *whatif.Answer) {
	c.print(l.T("whatif.imagined") + ": " + a.Said(l))
	c.print("  " + l.T("whatif.lead"))
	c.print("  " + l.T("whatif.assumed"))
	c.print("")
	c.print(l.T("whatif.extension"))
	sentences := a.Extend(l)
	if len(sentences) == 0 {
		sentences = []string{l.T("whatif.extension.none")}
	}
	for _, s := range sentences {
		c.print("  " + s)
	}
	for _, t := range a.Tell(l) {
		c.print("")
		c.print(t.Places(l))
		if len(t.Then) > 0 {
			c.print("  " + l.T("whatif.then"))
			c.tellSpans(l, t.Then)
		}
		if t.Same {
			c.print("  " + l.T("whatif.same"))
		}
		c.print("  " + l.T("whatif.stand"))
		c.tellSpans(l, t.Now)
	}
}

func (c *console) tellSpans(l i18n.Language, lines []whatif.Line) {
	for _, line := range lines {
		c.print("    " + line.Sentence)
		for _, b := range line.Because {
			c.print(fmt.Sprintf("      %s %s · %s [%s]", marks[b.Met], words{l}.of("met.", string(b.Met)), b.Sentence, b.Cite))
		}
	}
}
