package main

import (
	"context"
	"encoding/json"
	"fmt"

	"tegata/verify"
	"tegata/web/i18n"
)

const periodUsage = `usage: labelctl period [-lang en|ja] TEXT

Reads a defined support period as it is written, in English or Japanese, and
prints it as a statement has it (support_at_first_supply, or support): its last
day, how exactly that is said, and what a length of time is counted from. What
can be read in two ways is asked about, and nothing is guessed. A length of time
whose end is not written has none: such a period is kept as text, and is evidence
of nothing.

  -lang   language of the questions; by default that of your system

  labelctl period "5 years (until 30.5.2030)"
`

// period reads a support period.
func period(_ context.Context, c *console, args []string) (int, error) {
	f := newFlags()
	lang := languageFlag(f)
	if err := parse(f, args, 1, 1, "TEXT"); err != nil {
		return 0, err
	}
	s, faults := verify.ReadSupport(f.Arg(0))
	for _, fault := range faults {
		c.say("period: %s", i18n.Language(*lang).T("fault."+string(fault.Rule), fault.Detail))
	}
	if len(faults) > 0 {
		return exitNo, nil
	}
	s.Text = verify.Text{EN: f.Arg(0)}
	if i18n.Language(*lang) == i18n.Japanese {
		s.Text = verify.Text{JA: f.Arg(0)}
	}
	out, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return 0, err
	}
	_, err = fmt.Fprintf(c.out, "%s\n", out)
	return exitDone, err
}
