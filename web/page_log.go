package web

import (
	"time"

	"tegata/verify/bundle"
)

// A logPage tells people in plain words how to check the registry.
type logPage struct {
	basePage
	Head        logView
	Fingerprint string // of the trust file, for two people to compare by voice
	Keys        []keyView
	Witnesses   []witnessView
	Checks      []checkView
}

// A keyView is a key that a reader pins.
type keyView struct{ Use, Key string }

// A witnessView is somebody else who cosigns, and the last head it did.
type witnessView struct{ Name, Said, Key string }

// A checkView is a command to run, with what it shows and what it does not.
type checkView struct {
	Heading  string
	Commands []string
	Shows    string
	Not      string
}

// newLogPage makes the page of the log of the registry at an address. Its head
// is the one that was dated last, its trust file the registry's own.
func newLogPage(b basePage, address string, body logBody, head datedHead, trust bundle.Trust) logPage {
	l := b.Lang
	p := logPage{basePage: b, Fingerprint: trust.Fingerprint()}
	p.Title = l.T("check.title")
	p.Feeds = b.feeds("", "", "")
	p.Head = logView{
		Origin: head.Origin, Size: l.Count(head.Size), Root: head.Root.String(), Time: l.Instant(head.Time, time.UTC),
	}
	key := func(use, text string) { p.Keys = append(p.Keys, keyView{l.T("check.key." + use), text}) }
	key("log", body.LogKey.String())
	key("cosigner", body.CosignerKey.String())
	for _, k := range trust.AnswerKeys {
		key("answer", string(k.Key.Thumbprint()))
	}
	for _, w := range body.Witnesses {
		said := l.T("check.witnesses.silent")
		if w.Size > 0 {
			said = l.T("check.witnesses.said", l.Count(w.Size), l.Instant(w.Time, time.UTC))
		}
		p.Witnesses = append(p.Witnesses, witnessView{w.Key.Name(), said, w.Key.String()})
	}
	check := func(name string, commands ...string) {
		key := "check." + name
		p.Checks = append(p.Checks, checkView{l.T(key + ".heading"), commands, l.T(key + ".shows"), l.T(key + ".not")})
	}
	const trusting = " -trust labels.trust "
	const code = "CODE" // stands in the place of one
	check("trust", "labelctl trust -from "+address+" -o labels.trust")
	check("audit", "labelctl audit -from "+address+" -trust labels.trust")
	check("bundle",
		"labelctl bundle -from "+address+trusting+"-o "+code+".bundle "+code,
		"labelctl verify -bundle "+code+".bundle"+trusting+code)
	check("answer",
		"curl -o "+code+".jwt "+address+"/api/v1/verify/"+code+".jwt",
		"labelctl verify"+trusting+"-from "+address+" "+code+".jwt")
	return p
}
