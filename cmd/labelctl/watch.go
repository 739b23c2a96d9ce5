package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"tegata/verify"
	"tegata/web/i18n"
	"tegata/web/stock"
)

const watchUsage = `usage: labelctl watch -from URL -trust FILE [flags] STOCK.csv

Tells what changes for a list of stock, and hands the list to nobody. It reads
the log's new entries, all of them, checks each against the trust file and the
signed head, keeps what the list needs, and judges here. The list is one of code,
number, GTIN or model, in any order beside other columns; it is read anew at each
visit. A column of days is passed over: the watch asks about now.

At the first visit it reads the whole log and notes how each row is answered.
From then on it tells of rows that are answered otherwise: lapsed, recognition
lost or gained, no longer covered, ambiguous, found in the registry, changed; and
of labels that lapse within 90, 60 and 30 days. Time alone changes answers too,
and is told of where nothing was logged, or the registry cannot be reached.

  -from URL         the registry
  -trust FILE       its trust file
  -state FILE       what is kept from visit to visit; STOCK.csv.watch by default.
                    It is written whole or not at all: a watch that was stopped
                    goes on where it was, and tells what it had not told. Two
                    watches have two of them: it is locked by FILE.lock
  -in PLACE         GB, GB-NIR or JP; by default the country the label is not of
  -columns LIST     where the columns are, such as code=-,gtin=3,model=Modell
  -once             one visit; so it is by default
  -every DURATION   a visit every so often, such as 1h, until it is stopped
  -json             reports for machines, one row a line
  -webhook URL      send the reports there (Standard Webhooks; CloudEvents 1.0.2
                    in JSON) in place of printing them; by http only within your
                    own network. What cannot be delivered is kept and sent at the
                    next visit, under the same id, or after as long as the receiver
                    asks for (Retry-After; a day at most). An answer of 410 ends
                    it: then they are printed again
  -webhook-key FILE the key that signs them: whsk_… (Ed25519) or whsec_… (HMAC).
                    Where there is no such file, an Ed25519 key is made and its
                    public half, whpk_…, printed
  -lang             en or ja; by default the language of your system

What a registry that lies can do: an entry that was altered, forged or taken
away, and a second history, are noticed, and nothing of that visit is believed; of a second history both
checkpoints are kept beside FILE, as proof.
An entry left out of its list of changes is noticed where a row depends on it,
and harms nothing: entries are read from the log itself. It can hold new entries
back from you: that is noticed when its head is an hour old, or by witnesses
named in the trust file. It learns your address, and not your stock.

Exit status of a visit: 0 nothing to tell, 1 something was told, or the log is
not as it should be, 2 misuse or an accident: it may not have been told all.

  labelctl watch -from https://labels.example -trust labels.trust -in GB stock.csv
`

// A watch follows a log for a list of stock.
type watch struct {
	*console
	words
	following *following
	list      string // name of the file
	form      stockForm
	file      string   // of the state
	lock      *os.File // held
	state     *watchState
	json      bool
	hook      *webhook // nil: reports are printed
}

// watchStock watches.
func watchStock(ctx context.Context, c *console, args []string) (int, error) {
	w, every, err := newWatch(c, args)
	if err != nil {
		return 0, err
	}
	defer unlockWatch(w.lock)
	for {
		status, err := w.visit(ctx)
		if every == 0 || ctx.Err() != nil {
			return status, err
		}
		if err != nil {
			c.say("watch: %v", err)
		}
		if err := c.out.Flush(); err != nil {
			return 0, err
		}
		if wait(ctx, every) != nil {
			return exitDone, nil
		}
	}
}

// newWatch reads what a watch is told, and where it was; and how often it visits,
// 0 where once.
func newWatch(c *console, args []string) (w *watch, every time.Duration, err error) {
	f := newFlags()
	from := f.String("from", "", "")
	trust := f.String("trust", "", "")
	state := f.String("state", "", "")
	in := f.String("in", "", "")
	columns := f.String("columns", "", "")
	once := f.Bool("once", false, "")
	f.DurationVar(&every, "every", 0, "")
	asJSON := f.Bool("json", false, "")
	hookURL := f.String("webhook", "", "")
	hookKey := f.String("webhook-key", "", "")
	lang := languageFlag(f)
	if err := parse(f, args, 1, 1, "the list of stock"); err != nil {
		return nil, 0, err
	}
	if err := need(f, "from", "trust"); err != nil {
		return nil, 0, err
	}
	switch {
	case *in != "" && !slices.Contains(verify.Jurisdictions, verify.Jurisdiction(*in)):
		return nil, 0, misusef("-in %q is none of GB, GB-NIR, JP", *in)
	case *once && every != 0, every != 0 && every < time.Second:
		return nil, 0, misusef("-every is one second or more, and not with -once")
	case (*hookURL == "") != (*hookKey == ""):
		return nil, 0, misusef("-webhook and -webhook-key go together")
	}
	w = &watch{console: c, words: words{i18n.Language(*lang)}, list: f.Arg(0), file: *state, json: *asJSON}
	if w.file == "" {
		w.file = w.list + ".watch"
	}
	w.form.in = verify.Jurisdiction(*in)
	if w.form.told.Columns, err = stock.ParseColumns(*columns); err != nil {
		return nil, 0, misusef("-columns: %v", w.faults(err))
	}
	client, err := newClient("from", *from, *lang)
	if err != nil {
		return nil, 0, err
	}
	t, err := c.trust(*trust)
	if err != nil {
		return nil, 0, err
	}
	w.following = newFollowing(client, t)
	w.following.passed = c.progress()
	if *hookURL != "" {
		if w.hook, err = c.newWebhook(*hookURL, *hookKey); err != nil {
			return nil, 0, err
		}
	}
	if w.lock, err = lockWatch(w.file); err != nil {
		return nil, 0, err
	}
	if w.state, err = c.readWatch(w.file, t); err != nil {
		unlockWatch(w.lock)
		return nil, 0, err
	}
	return w, every, nil
}

// visit makes one visit. Where the log cannot be read, or is not as it should be,
// the rows are answered from what was read before: time goes on.
func (w *watch) visit(ctx context.Context) (int, error) {
	asked, rows, err := readStock(w.list, w.form)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", w.list, w.faults(err))
	}
	if err := w.clock(w.state.Head.Time); err != nil {
		return 0, fmt.Errorf("%w; nothing is judged", err)
	}
	if w.following.size != w.state.Head.Size || w.following.size == 0 {
		if err := w.following.resume(w.state); err != nil {
			return 0, fmt.Errorf("%s: %w; without it the watch begins anew", w.file, err)
		}
	}
	if err := w.want(asked); err != nil {
		return 0, fmt.Errorf("%s: %w", w.file, err)
	}
	before := w.state.Head.Size
	failed := w.following.visit(ctx)
	w.following.passed(0, 0) // wiped away
	if failed == nil {
		failed = w.clock(w.following.dated)
	}
	if failed != nil {
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		if before == 0 {
			return w.failed(failed)
		}
		if err := w.following.resume(w.state); err != nil {
			return 0, fmt.Errorf("%s: %w", w.file, err)
		}
	}
	now := w.now().UTC().Truncate(time.Second)
	stale := failed == nil && w.following.dated.Add(staleHead).Before(now)
	if stale {
		w.say("watch: the head that is served was dated %s: the registry stands still, or an old copy is served, or the clock here is wrong", w.following.dated.Format(time.RFC3339))
	}
	told, byLog := w.compare(asked, w.following.ask(now), before, failed == nil)
	w.state.keep(w.following)
	if err := w.state.report(told); err != nil {
		return 0, err
	}
	if err := w.state.write(w.file); err != nil {
		return 0, err
	}
	if before == 0 {
		w.say("watch: %d rows ask %d questions, and %d entries of %s are read", rows, len(asked), w.following.size, w.following.head.Origin)
	}
	status := exitDone
	if stale || len(w.state.Outbox) > 0 {
		status = exitNo
	}
	err = w.deliver(ctx)
	if failed == nil {
		failed = w.named(ctx, byLog, before)
	}
	if failed != nil {
		var accident error
		status, accident = w.failed(failed)
		err = errors.Join(accident, err)
	}
	return status, err
}

// want has held what the list needs, and lets go of what it does not any more.
func (w *watch) want(asked []*stockRow) error {
	keys, names := map[string]bool{}, []string{}
	for _, r := range asked {
		keys[r.key()] = r.fault == nil
		names = append(names, r.names()...)
	}
	for key := range w.state.Answers {
		if !keys[key] && !strings.HasPrefix(key, faultKey) {
			if err := w.following.letGo(names); err != nil {
				return err
			}
			w.state.keep(w.following)
			break
		}
	}
	for _, name := range names {
		w.following.want(name)
	}
	return nil
}

// staleHead is how old a head may be before it is said.
const staleHead = time.Hour

// compare answers every question, and returns what is to be told, and of it what
// changed because of entries since a size, not of time alone. Where the log was
// not read, what nobody asked before cannot be answered.
func (w *watch) compare(asked []*stockRow, a *asking, since int64, read bool) (told, byLog []rowReport) {
	then := *a
	then.known = verify.Known{Size: since}
	answers := map[string]keptAnswer{}
	for _, r := range asked {
		if r.fault != nil {
			continue
		}
		key := r.key()
		was, wasSoon, ok := w.state.answer(key)
		if !ok && !read {
			continue
		}
		is, soon := a.answer(r)
		if !ok {
			was = is
		}
		answers[key] = keptAnswer{is.Cells(), soon}
		said := compare(was, is, wasSoon, soon)
		if len(said) == 0 {
			continue
		}
		report := newRowReport(r, said, soon, was, is, a)
		told = append(told, report)
		if since > 0 && ok {
			if old, _ := then.answer(r); len(compare(old, is, 0, 0)) > 0 {
				byLog = append(byLog, report)
			}
		}
	}
	for _, r := range asked {
		if _, known := w.state.Answers[r.faultKey()]; r.fault != nil && !known {
			w.say("watch: row %d: %v", r.rows[0], w.faults(r.fault))
		}
		if r.fault != nil {
			answers[r.faultKey()] = keptAnswer{}
		}
	}
	w.state.Answers = answers
	return told, byLog
}
