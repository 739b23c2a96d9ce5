package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"sync"
	"time"

	"tegata/verify/envelope"
	"tegata/verify/tlog"
)

const submitUsage = `usage: labelctl submit -to URL [-log-key KEY] [-json] [-lang en|ja] FILE...

Enters sealed statements in a registry, in the order of the files and of their
lines, one envelope a line, and prints the receipt of each, one a line. Each
receipt is checked: that it is of the very bytes that were sent, and that the
tree of its checkpoint holds them. Keep it. The file - is what comes in.

A statement that is refused is named with every fault, and does not keep the
next one out. What is entered already gets its receipt again, so after an
accident the same files can be sent again.

  -to URL        the registry
  -log-key KEY   its verifier key, as known from elsewhere: checkpoints must be
                 signed with it
  -json          one line for each statement, receipts and refusals alike
  -lang          language of the faults; by default that of your system

  labelctl submit -to https://labels.example declaration.jws >> receipts.jsonl
`

const (
	statementsPath = "/api/v1/statements"
	fileMost       = 1 << 30         // bytes of a file of envelopes
	quietMost      = 2 * time.Minute // between two answers to one body
	lineMost       = 4 << 20         // bytes of one answer
)

// submit enters envelopes and checks the receipts.
func submit(ctx context.Context, c *console, args []string) (int, error) {
	f := newFlags()
	to := f.String("to", "", "")
	pin := f.String("log-key", "", "")
	asJSON := f.Bool("json", false, "")
	lang := languageFlag(f)
	if err := parse(f, args, 1, 1<<20, "FILE"); err != nil {
		return 0, err
	}
	if err := need(f, "to"); err != nil {
		return 0, err
	}
	registry, err := newClient("to", *to, *lang)
	if err != nil {
		return 0, err
	}
	s := submission{console: c, json: *asJSON}
	if *pin != "" {
		key, err := tlog.ParseLogKey(*pin)
		if err != nil {
			return 0, misusef("-log-key: %v", err)
		}
		s.key = &key
	}
	for _, name := range f.Args() {
		if err := s.load(name); err != nil {
			return 0, err
		}
	}
	if len(s.sealed) == 1 {
		err = s.one(ctx, registry)
	} else {
		err = s.many(ctx, registry)
	}
	return s.status, err
}

// A submission is envelopes on their way, and what became of them.
type submission struct {
	*console
	json   bool
	key    *tlog.LogKey // nil: not known
	sealed []sealed
	status int // the worst so far
}

// A sealed statement is one to be entered.
type sealed struct {
	place string // the file, with the line where there are several
	envelope.Envelope
}

// load reads the envelopes of a file, on all cores. Nothing is sent where one is
// none.
func (s *submission) load(name string) error {
	text, err := s.read(name, fileMost)
	if err != nil {
		return err
	}
	lines := bytes.Split(bytes.TrimRight(text, "\r\n"), []byte("\n"))
	opened, wrong := make([]sealed, len(lines)), make([]error, len(lines))
	var all sync.WaitGroup
	cores := runtime.GOMAXPROCS(0)
	for core := range cores {
		all.Go(func() {
			for i := core; i < len(lines); i += cores {
				opened[i].Envelope, wrong[i] = envelope.Open(bytes.TrimSuffix(lines[i], []byte("\r")))
			}
		})
	}
	all.Wait()
	for i := range opened {
		if opened[i].place = name; len(lines) > 1 {
			opened[i].place = fmt.Sprintf("%s:%d", name, i+1)
		}
		if wrong[i] != nil {
			return fmt.Errorf("%s: %w; nothing is sent, labelctl seal makes envelopes", opened[i].place, wrong[i])
		}
	}
	s.sealed = append(s.sealed, opened...)
	return nil
}

// An outcome is what a registry answers to one of many envelopes: the status it
// would have had alone, with its receipt or its problem.
type outcome struct {
	Status  int             `json:"status"`
	Receipt json.RawMessage `json:"receipt,omitempty"`
	Problem json.RawMessage `json:"problem,omitempty"`
}

// one enters a single envelope.
func (s *submission) one(ctx context.Context, registry *client) error {
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	answer, err := registry.post(ctx, statementsPath, "application/jose", []byte(s.sealed[0].Token))
	var no *problem
	if errors.As(err, &no) {
		return s.tell(s.sealed[0], outcome{Status: no.Status, Problem: no.raw})
	}
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := readMost(answer.Body, answerMost)
	if err != nil {
		return err
	}
	return s.tell(s.sealed[0], outcome{Status: answer.StatusCode, Receipt: body})
}

// many enters several envelopes in one body, and tells of each as its answer
// comes.
func (s *submission) many(ctx context.Context, registry *client) error {
	return registry.enter(ctx, s.sealed, s.tell)
}

// enter sends several envelopes in one body, and calls tell with each and its
// answer, in their order, as the answers come.
func (c *client) enter(ctx context.Context, all []sealed, tell func(sealed, outcome) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	quiet := time.AfterFunc(quietMost, func() { cancel(fmt.Errorf("no answer for %v", quietMost)) })
	defer quiet.Stop()

	size := 0
	for _, one := range all {
		size += len(one.Token) + len("\"\"\n")
	}
	var body bytes.Buffer
	body.Grow(size)
	for _, one := range all {
		body.WriteByte('"')
		body.WriteString(one.Token) // it has nothing that JSON escapes
		body.WriteString("\"\n")
	}
	answer, err := c.post(ctx, statementsPath, "application/x-ndjson", body.Bytes())
	if err != nil {
		return told(ctx, err)
	}
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, lineMost)
	for i, one := range all {
		if !lines.Scan() {
			err := lines.Err()
			if err == nil {
				err = errors.New("the answer ends")
			}
			return fmt.Errorf("%w after %d of %d statements; send the same again, what is entered gets its receipt again",
				told(ctx, err), i, len(all))
		}
		quiet.Reset(quietMost)
		var o outcome
		if err := json.Unmarshal(lines.Bytes(), &o); err != nil {
			return fmt.Errorf("%s: the answer is no outcome: %w", one.place, err)
		}
		if err := tell(one, o); err != nil {
			return err
		}
	}
	return nil
}

// told returns why ctx ended, where that is why there is err.
func told(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// tell prints what became of one statement. The error says that there is no
// answer to understand; a refusal, and a receipt that does not hold, are noted
// in the status.
func (s *submission) tell(one sealed, o outcome) error {
	if s.json {
		line, err := json.Marshal(o)
		if err != nil {
			return fmt.Errorf("%s: the answer is not JSON: %w", one.place, err)
		}
		fmt.Fprintf(s.out, "%s\n", line)
	}
	if o.Status != http.StatusOK && o.Status != http.StatusCreated {
		return s.refused(one, o)
	}
	var r receipt
	if err := json.Unmarshal(o.Receipt, &r); err != nil {
		return fmt.Errorf("%s: the answer is no receipt: %w", one.place, err)
	}
	if !s.json {
		var line bytes.Buffer
		if err := json.Compact(&line, o.Receipt); err != nil {
			return err
		}
		fmt.Fprintf(s.out, "%s\n", &line)
	}
	if err := s.out.Flush(); err != nil {
		return err
	}
	head, err := envelope.DecodeHead(one.Payload) // not before it is sent: a registry says more of what is wrong
	if err == nil {
		err = r.check(one.Envelope, head, s.key)
	}
	if err != nil {
		s.status = exitAccident
		s.say("submit: %s: %v; keep the envelope and the receipt, and ask the registry", one.place, err)
	}
	return nil
}

// refused tells of a problem. A decision is a refusal; what the registry could
// not do is an accident.
func (s *submission) refused(one sealed, o outcome) error {
	p, err := parseProblem(o.Status, o.Problem)
	if err != nil {
		return fmt.Errorf("%s: %w", one.place, err)
	}
	s.status = max(s.status, exitNo)
	if p.Status >= http.StatusInternalServerError {
		s.status = exitAccident
	}
	if s.json {
		return nil
	}
	s.sayProblem("submit: "+one.place, p)
	return nil
}
