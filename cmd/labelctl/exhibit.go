package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
	"tegata/verify/pack"
	"tegata/verify/tlog"
	"tegata/web/i18n"
)

// An exhibit is a file that a registry gave somebody, as proof of what it said or
// entered.
type exhibit struct {
	*console
	question
	words
	name  string
	trust bundle.Trust
	known bool // whose word it is was checked: there is a trust file
}

// exhibit says what a file shows, and whether it holds.
func (c *console) exhibit(ctx context.Context, q question, name string, data []byte) (int, error) {
	e := &exhibit{console: c, question: q, words: words{q.lang}, name: name}
	if q.trust != "" {
		t, err := c.trust(q.trust)
		if err != nil {
			return 0, err
		}
		e.trust, e.known = t, true
	} else if q.from != "" {
		return 0, misusef("-from is checked with -trust FILE, which is missing")
	}
	err := e.read(ctx, data)
	var no notHeld
	var fault *logFault
	switch {
	case errors.As(err, &no):
		c.say("verify: %s: %v", name, no)
		return exitNo, nil
	case errors.As(err, &fault):
		c.say("verify: %s: the log: %v", name, fault)
		return exitNo, nil
	case err != nil:
		return 0, err
	case !e.known && e.json: // on stdout is what machines read, and nothing else
		c.say("verify: %s: %s", name, e.T("receipt.unchecked"))
		return exitNo, nil
	case !e.known:
		e.print("")
		e.print(e.T("receipt.unchecked"))
		return exitNo, nil
	}
	return exitDone, nil
}

// notHeld says that evidence does not show what it should. It is a finding, not
// an accident.
type notHeld struct{ error }

func notHeldf(format string, args ...any) error { return notHeld{fmt.Errorf(format, args...)} }

// read tells the kinds of evidence apart by how they begin.
func (e *exhibit) read(ctx context.Context, data []byte) error {
	token := bytes.TrimRight(data, "\r\n")
	switch {
	case bytes.HasPrefix(data, []byte("c2sp.org/tlog-proof@v1\n")):
		return e.proof(ctx, data)
	case bytes.HasPrefix(data, []byte(`{"bundle":`)):
		return misusef("%s is a bundle: name it with -bundle, and the code it is to be asked about", e.name)
	case bytes.HasPrefix(data, []byte("{")):
		return e.entered(ctx, token)
	case !bytes.HasPrefix(data, []byte("eyJ")):
		return misusef("%s is no receipt; flag -to is missing if it is a picture of a code", e.name)
	}
	if credentialed(token) {
		return e.credential(token)
	}
	if _, err := envelope.OpenAs(envelope.Report, token); err == nil {
		return e.report(ctx, token)
	}
	if _, err := envelope.OpenAs(envelope.Yearly, token); err == nil {
		return e.yearly(ctx, token)
	}
	if _, err := envelope.OpenAs(envelope.Verdict, token); err != nil {
		return notHeldf("neither a signed answer nor a signed report: %w", err)
	}
	return e.answer(ctx, token)
}

// open returns what a token says: where there is a trust file, by a key that it
// names.
func (e *exhibit) open(as envelope.Type, token []byte) ([]byte, error) {
	if !e.known {
		t, err := envelope.OpenAs(as, token)
		return t.Payload, err
	}
	payload, _, err := e.trust.OpenAnswer(as, token)
	if err != nil {
		return nil, notHeld{err}
	}
	return payload, nil
}

// answer is a signed answer about one code.
func (e *exhibit) answer(ctx context.Context, token []byte) error {
	payload, err := e.open(envelope.Verdict, token)
	if err != nil {
		return err
	}
	a, err := bundle.ParseAnswer(payload)
	if err != nil {
		return notHeld{err}
	}
	if e.json {
		e.out.Write(append(payload, '\n'))
	} else {
		e.print(e.T("receipt.answered", a.Issuer, e.at(time.Unix(a.IssuedAt, 0))))
		e.print("")
		v := a.Verdict
		v.Question = a.Asked()
		e.tell(e.lang, []verify.Verdict{v}, "")
	}
	e.signed()
	if e.from == "" {
		return nil
	}
	var logged []time.Time
	w, err := e.replay(ctx, a.Log, func(entry verify.Entry, _ []byte) { logged = append(logged, entry.Logged) })
	if err != nil {
		return err
	}
	if err := knownThen(a, logged); err != nil {
		return err
	}
	again, err := pack.Again(a, w.replay.Facts(a.Code, a.Log))
	if err != nil {
		return notHeld{err}
	}
	if differ := pack.Differing(a, again); len(differ) > 0 {
		return notHeldf("worked out again from the log, the answer is another: %s", strings.Join(differ, "; "))
	}
	e.note("receipt.right", e.Count(a.Log.Size))
	return nil
}

// knownThen checks the instants of an answer against those at which the entries
// were logged: its head's, and until when the state that it was asked of stood.
func knownThen(a bundle.Answer, logged []time.Time) error {
	if last := logged[a.Log.Size-1]; last.After(a.Log.Time) {
		return notHeldf("its head is of %s, and the last entry under it was logged %s", a.Log.Time.Format(time.RFC3339), last.Format(time.RFC3339Nano))
	}
	size := a.Question.Known.Size
	if size == a.Log.Size {
		return nil
	}
	if a.KnownAt.Before(logged[size-1]) || a.KnownAt.After(logged[size]) {
		return notHeldf("at %s the log did not have %d entries", a.KnownAt.Format(time.RFC3339Nano), size)
	}
	return nil
}

// report is a signed report about many answers.
func (e *exhibit) report(ctx context.Context, token []byte) error {
	payload, err := e.open(envelope.Report, token)
	if err != nil {
		return err
	}
	r, err := bundle.ParseReport(payload)
	if err != nil {
		return notHeld{err}
	}
	if e.json {
		e.out.Write(append(payload, '\n'))
	} else {
		e.print(e.T("receipt.report", r.Issuer, e.at(time.Unix(r.IssuedAt, 0)), e.Count(r.Items)))
		for _, s := range verify.Statuses {
			if n := r.Statuses[s]; n > 0 {
				e.print("  " + e.of("status.", string(s)) + ": " + e.Count(n))
			}
		}
		for _, o := range verify.Outcomes {
			if n := r.Outcomes[o]; n > 0 {
				e.print("  " + e.of("outcome.", string(o)) + ": " + e.Count(n))
			}
		}
		unanswered, ambiguous := e.T("receipt.faults", e.Count(r.Faults)), e.T("receipt.ambiguous", e.Count(r.Ambiguous))
		e.print("  " + unanswered)
		e.print("  " + ambiguous)
		e.head(r.Log)
	}
	e.signed()
	for _, f := range []struct{ name, digest, holds string }{{e.input, r.Input, "receipt.input"}, {e.output, r.Output, "receipt.output"}} {
		if f.name == "" {
			continue
		}
		data, err := e.console.read(f.name, fileMost)
		if err != nil {
			return err
		}
		if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != f.digest {
			return notHeldf("%s is another file than the one it is about: SHA-256 %x, want %s", f.name, sum, f.digest)
		}
		e.note(f.holds, f.name)
	}
	if e.from == "" {
		return nil
	}
	if _, err := e.replay(ctx, r.Log, nil); err != nil {
		return err
	}
	e.note("receipt.root", e.Count(r.Log.Size))
	return nil
}

// replay replays the log up to a head, from its first entry.
func (e *exhibit) replay(ctx context.Context, head verify.Log, seen func(verify.Entry, []byte)) (*walk, error) {
	registry, err := newClient("from", e.from, language(e.lang))
	if err != nil {
		return nil, err
	}
	w := newWalk(registry, e.trust)
	w.seen = seen
	return w, w.to(ctx, head.Size, tlog.Hash(head.Root))
}

func (e *exhibit) head(l verify.Log) {
	e.print("  " + e.T("log.origin") + ": " + l.Origin)
	e.print("  " + e.T("log.size") + ": " + e.Count(l.Size))
	if !l.Time.IsZero() {
		e.print("  " + e.T("log.time") + ": " + e.at(l.Time))
	}
}

// signed says that the signature holds, if it was checked.
func (e *exhibit) signed() {
	if e.known {
		e.note("receipt.signed", e.trust.Origin)
	}
}

// note says one thing that was checked.
func (e *exhibit) note(key string, args ...any) {
	if !e.json {
		e.print("")
		e.print(e.T(key, args...))
	}
}

func (e *exhibit) at(t time.Time) string { return i18n.Language(e.lang).Instant(t, time.UTC) }
