package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"tegata/verify"
	"tegata/web/i18n"
)

// sealCheckMost is the most files that are looked at in one go.
const sealCheckMost = 10_000

// A sealCheck is what was found of one file, for machines.
type sealCheck struct {
	File   string         `json:"file"`
	Kind   verify.Kind    `json:"kind,omitempty"`
	Faults []problemFault `json:"faults"`          // none: a registry has nothing against its form
	Error  string         `json:"error,omitempty"` // why it is no statement
}

// checkAll lists the faults of statements. One that cannot be read does not keep
// the others from being looked at. Of those without a fault the registry is asked
// what only it knows; nil: none is asked.
func (c *console) checkAll(ctx context.Context, l i18n.Language, with *checkedWith, asJSON bool, names []string) (status int, err error) {
	for _, name := range names {
		_, s, faults, err := c.statement(name)
		if err == nil && len(faults) == 0 && with != nil {
			if faults, err = with.faults(ctx, s); err != nil {
				return 0, fmt.Errorf("%s: %w", name, err)
			}
		}
		found := sealCheck{File: name, Kind: s.Kind, Faults: []problemFault{}}
		for _, f := range faults {
			found.Faults = append(found.Faults, problemFault{f.Field, f.Rule, sentence(l, f)})
		}
		switch {
		case err != nil:
			found.Error = err.Error()
			status = exitAccident
		case len(faults) > 0:
			status = max(status, exitNo)
		}
		if !asJSON {
			c.tellChecked(l, found)
			continue
		}
		line, err := json.Marshal(found)
		if err != nil {
			return 0, err
		}
		fmt.Fprintf(c.out, "%s\n", bytes.TrimSpace(line))
	}
	return status, nil
}

func (c *console) tellChecked(l i18n.Language, found sealCheck) {
	switch {
	case found.Error != "":
		c.say("seal: %s", found.Error)
	case len(found.Faults) == 0:
		c.print(found.File + ": " + l.T("check.whole", l.T("kind."+string(found.Kind))))
	}
	for _, f := range found.Faults {
		c.print(found.File + ": " + faultLine(f.Field, f.Message))
	}
}
