package main

import (
	"context"

	"tegata/verify/bundle"
)

const bundleUsage = `usage: labelctl bundle -from URL [-trust FILE [-since FILE]] -o FILE CODE

Fetches all that the answer about one code rests on, to judge it later and
without a network: labelctl verify -bundle FILE -trust FILE CODE. Where a trust
file is given the bundle is checked before it is written, and nothing is written
that does not hold. A file that is there is not written over.

Keep what you fetch: given as -since, the next bundle is taken only if the log
still has all that it had then. So whoever is shown another history than before
finds out.

  -from URL    the registry
  -trust FILE  its trust file; without it nothing is checked
  -since FILE  an older bundle of any code of this registry, or an older
               checkpoint, that the log must continue
  -o FILE      where to write

  labelctl bundle -from https://labels.example -trust labels.trust -o wx.bundle 7K3M-Q2ZT-9XWE
`

// fetchBundle fetches the bundle of a code.
func fetchBundle(ctx context.Context, c *console, args []string) (int, error) {
	f := newFlags()
	from := f.String("from", "", "")
	trust := f.String("trust", "", "")
	since := f.String("since", "", "")
	out := f.String("o", "", "")
	if err := parse(f, args, 1, 1, "CODE"); err != nil {
		return 0, err
	}
	if err := need(f, "from", "o"); err != nil {
		return 0, err
	}
	if *since != "" && *trust == "" {
		return 0, misusef("-since is checked with -trust FILE, which is missing")
	}
	code, _, err := codeOf(f.Arg(0))
	if err != nil {
		return 0, misusef("%q is no code: %v", f.Arg(0), err)
	}
	registry, err := newClient("from", *from, "en")
	if err != nil {
		return 0, err
	}
	_, data, err := registry.get(ctx, "/api/v1/bundles/"+string(code))
	if err != nil {
		return 0, err
	}
	if *trust != "" {
		t, err := c.trust(*trust)
		if err != nil {
			return 0, err
		}
		facts, err := bundle.Open(data, code, t)
		if err != nil {
			c.say("bundle: %v; nothing is written", err)
			return exitNo, nil
		}
		if *since != "" {
			err := c.since(ctx, registry, *since, t, facts.Log)
			if fault, ok := err.(*logFault); ok {
				c.say("bundle: %v; nothing is written", fault)
				return exitNo, nil
			}
			if err != nil {
				return 0, err
			}
		}
	}
	return exitDone, writeNew(*out, data, 0o644)
}
