package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"

	"tegata/verify"
	"tegata/verify/envelope"
	"tegata/verify/keys"
	"tegata/web/i18n"
)

const sealUsage = `usage: labelctl seal -key KEY [-o FILE] [-lang en|ja] STATEMENT.json
       labelctl seal -check [-to URL] [-json] [-lang en|ja] STATEMENT.json...

Signs a statement, one JSON object, and prints the envelope. What the file says
stays as it is, byte for byte; where they are absent it gets an id, the instant
at which it was made, and, if it begins a label or declaration, its code, which
is said beside it. A statement that a registry would refuse by its form is not
signed: every fault is listed, one a line. The file - is what comes in.

A file may also have comments and trailing commas, as the templates of labelctl
new have: then what is signed is the same statement without them and without
white space.

With -check nothing is signed and no key is needed: every fault of every file is
listed, one a line. Exit status: 0 none has a fault, 1 one has, 2 one cannot be
read.

  -key KEY   the private key: a file as labelctl keygen makes it, or the pkcs11:
             URI of a key in a token; or - for a key that comes in
  -o FILE    write the envelope to a file that is not there yet
  -check     list the faults, and sign nothing
  -to URL    with -check: ask a registry what only it knows of those that have no
             fault: whether a code or number is in use, whether it may follow what
             was said, and whether a key of the party is in force
  -json      with -check: an object for each file, one a line
  -lang      language of the faults; by default that of your system

  labelctl seal -check label.jsonc
  labelctl seal -key maker.jwk -o declaration.jws declaration.json
`

// Limits in bytes.
const (
	keyMost       = 4 << 10 // of a private key
	statementMost = 1 << 20 // of a file with a statement and comments
)

// seal completes a statement and signs it, or only looks at statements.
func seal(ctx context.Context, c *console, args []string) (int, error) {
	f := newFlags()
	key := f.String("key", "", "")
	file := f.String("o", "", "")
	check := f.Bool("check", false, "")
	to := f.String("to", "", "")
	asJSON := f.Bool("json", false, "")
	lang := languageFlag(f)
	if err := parse(f, args, 1, sealCheckMost, "STATEMENT.json"); err != nil {
		return 0, err
	}
	l := i18n.Language(*lang)
	switch {
	case *check && (*key != "" || *file != ""):
		return 0, misusef("-check signs nothing, and goes with neither -key nor -o")
	case *check:
		var with *checkedWith
		if *to != "" {
			var err error
			if with, err = withRegistry(ctx, *to, *lang); err != nil {
				return 0, err
			}
		}
		return c.checkAll(ctx, l, with, *asJSON, f.Args())
	case *to != "":
		return 0, misusef("-to goes with -check; labelctl submit enters what is sealed")
	case *asJSON:
		return 0, misusef("-json goes with -check")
	case f.NArg() > 1:
		return 0, misusef("%q is one argument too many", f.Arg(1))
	}
	if err := need(f, "key"); err != nil {
		return 0, err
	}
	signer, err := c.signer(*key)
	if err != nil {
		return 0, err
	}
	name := f.Arg(0)
	payload, s, faults, err := c.statement(name)
	if err != nil {
		return 0, err
	}
	if len(faults) > 0 {
		c.say("seal: %s: not signed, a registry would refuse it", name)
		for _, fault := range faults {
			c.fault(faultLine(fault.Field, sentence(l, fault)))
		}
		return exitNo, nil
	}
	token, err := signer.Seal(payload)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	if *file != "" {
		err = writeNew(*file, []byte(token+"\n"), 0o644)
	} else {
		_, err = fmt.Fprintln(c.out, token)
	}
	if err == nil && s.Kind.First() {
		c.say("code %s", s.Code.Printed())
	}
	return exitDone, err
}

// statement reads a statement from a file, completes it, and returns what would
// be signed, with every fault of it. The error says that it is none.
func (c *console) statement(name string) (payload []byte, s verify.Statement, faults verify.Faults, err error) {
	text, err := c.read(name, statementMost)
	if err != nil {
		return nil, s, nil, err
	}
	if text, err = uncommented(text); err == nil {
		err = envelope.CheckJSON(text)
	}
	if err == nil {
		payload, err = complete(text, time.Now())
	}
	if err == nil && len(payload) > envelope.MaxSize {
		err = fmt.Errorf("more than %d bytes without its comments", envelope.MaxSize)
	}
	if err != nil {
		return nil, s, nil, fmt.Errorf("%s: %w", name, err)
	}
	s, faults = verify.ParseStatement(payload)
	return payload, s, faults, nil
}

func sentence(l i18n.Language, f verify.Fault) string {
	return l.T("fault."+string(f.Rule), f.Detail)
}

// signer returns the private key in a file that nobody but its owner can read, or in
// a token by its URI, or that comes in where the name is -.
func (c *console) signer(name string) (*envelope.Signer, error) {
	if keys.InToken(name) {
		key, err := keys.Open(name)
		if err != nil {
			return nil, err
		}
		return envelope.SignerFrom(key)
	}
	read := keys.ReadSecret
	if name == "-" {
		read = func(name string) ([]byte, error) { return c.read(name, keyMost) }
	}
	jwk, err := read(name)
	if err != nil {
		return nil, err
	}
	s, err := envelope.ParsePrivate(jwk)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; labelctl keygen makes such files", name, err)
	}
	return s, nil
}

// complete adds the members that whoever seals a statement chooses, where they
// are absent, after its last one: id, made, and the code of a first statement.
// The object is one that [envelope.CheckJSON] takes; the rest of it stays as it
// is.
func complete(object []byte, now time.Time) ([]byte, error) {
	var have map[string]json.RawMessage
	if err := json.Unmarshal(object, &have); err != nil {
		return nil, err
	}
	var random [17]byte
	rand.Read(random[:])
	now = now.UTC().Truncate(time.Second)

	var added []byte
	add := func(name, value string) {
		if _, ok := have[name]; ok {
			return
		}
		if len(have) > 0 || len(added) > 0 {
			added = append(added, ',')
		}
		added = fmt.Appendf(added, "%q:%q", name, value)
	}
	add("id", verify.NewID(now, [10]byte(random[:10])))
	add("made", now.Format(time.RFC3339))
	var kind verify.Kind
	if json.Unmarshal(have["kind"], &kind) == nil && kind.First() {
		add("code", string(verify.NewCode([7]byte(random[10:]))))
	}

	end := bytes.LastIndexByte(object, '}')
	last := len(bytes.TrimRight(object[:end], " \t\r\n"))
	out := append([]byte{}, object[:last]...)
	out = append(out, added...)
	return append(out, object[last:]...), nil
}
