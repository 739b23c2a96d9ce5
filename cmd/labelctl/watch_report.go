package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tegata/verify"
	"tegata/web/stock"
)

// reportMost is how many rows one report tells of.
const reportMost = 100

// A watchReport is what is delivered at once, under one id.
type watchReport struct {
	ID   string      `json:"id"`
	Time time.Time   `json:"time"`
	Rows []rowReport `json:"rows"`
}

// A rowReport is what is told of one question. Answers have the members that the
// columns of an answered list have.
type rowReport struct {
	Rows   []int               `json:"rows"` // of the list, from 1, that ask it
	Ref    string              `json:"ref,omitempty"`
	Code   verify.Code         `json:"code,omitempty"` // what is asked
	Number string              `json:"number,omitempty"`
	GTIN   string              `json:"gtin,omitempty"`
	Model  string              `json:"model,omitempty"`
	In     verify.Jurisdiction `json:"in,omitempty"`
	Said   []string            `json:"what"`
	Days   int                 `json:"days,omitempty"` // within which it lapses
	Before map[string]string   `json:"before"`
	After  map[string]string   `json:"after"`
	At     time.Time           `json:"at"`
	Log    verify.Log          `json:"log"`

	before, after stock.Answer
}

func newRowReport(r *stockRow, said []string, soon int, was, is stock.Answer, a *asking) rowReport {
	return rowReport{Rows: r.rows, Ref: r.ref, Code: r.code, Number: r.number, GTIN: r.gtin, Model: r.model, In: r.in,
		Said: said, Days: soon, Before: members(was), After: members(is), At: a.at, Log: a.head, before: was, after: is}
}

// members are the cells of an answer that have something in them, by name.
func members(a stock.Answer) map[string]string {
	m := map[string]string{}
	for i, cell := range a.Cells() {
		if cell != "" {
			m[stock.AnswerNames[i]] = cell
		}
	}
	return m
}

// report puts what is to be told into the outbox. The id of a report is made once
// and kept with it, so that it never has two; and of what it tells, so that where
// an older state is put back no other report has it, which its receiver would pass
// over.
func (s *watchState) report(told []rowReport) error {
	for rows := range slices.Chunk(told, reportMost) {
		s.Last++
		text, err := json.Marshal(rows)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(append([]byte(s.Nonce+" "+strconv.FormatInt(s.Last, 10)+" "), text...))
		s.Outbox = append(s.Outbox, watchReport{"msg_" + hex.EncodeToString(sum[:16]), rows[0].At, rows})
	}
	return nil
}

// deliver delivers what is in the outbox, in its order, and strikes it out of the
// state. A watch that is stopped meanwhile delivers some of it again, under the
// same ids.
func (w *watch) deliver(ctx context.Context) (err error) {
	if len(w.state.Outbox) == 0 {
		return nil
	}
	for len(w.state.Outbox) > 0 && err == nil {
		if err = w.deliverOne(ctx, w.state.Outbox[0]); err == nil {
			w.state.Outbox = w.state.Outbox[1:]
		}
	}
	return errors.Join(err, w.state.write(w.file))
}

func (w *watch) deliverOne(ctx context.Context, report watchReport) error {
	if w.hook == nil || w.state.Gone == w.hook.url {
		return w.show(report)
	}
	err := w.pause()
	if err == nil {
		err = w.hook.send(ctx, report, w.following.head.Origin)
	}
	var pause *hookPause
	if w.state.Pause = nil; errors.As(err, &pause) {
		w.state.Pause = pause
	}
	switch {
	case errors.Is(err, errGone):
		w.say("watch: %s answers that it is gone: from now on reports are printed", w.hook.url)
		w.state.Gone = w.hook.url
		return w.show(report)
	case err != nil:
		return fmt.Errorf("%d reports wait to be delivered: %w", len(w.state.Outbox), err)
	}
	return nil
}

// pause is the pause that the receiver asked for at an earlier visit, if it is not
// over.
func (w *watch) pause() error {
	p, now := w.state.Pause, w.now()
	if p == nil || p.URL != w.hook.url || !now.Before(p.Until) || p.Until.After(now.Add(hookLater)) {
		return nil
	}
	return p
}

// show prints a report, all of it before it counts as delivered.
func (w *watch) show(report watchReport) error {
	for _, r := range report.Rows {
		if w.json {
			line := struct {
				ID string `json:"report"`
				rowReport
			}{report.ID, r}
			if err := json.NewEncoder(w.out).Encode(line); err != nil {
				return err
			}
			continue
		}
		w.tell(r)
	}
	return w.out.Flush()
}

// tell prints what changed for a row.
func (w *watch) tell(r rowReport) {
	var rows []string
	for i, n := range r.Rows {
		if i == rowsShown {
			rows = append(rows, "…")
			break
		}
		rows = append(rows, w.Count(int64(n)))
	}
	head := w.T("watch.row", strings.Join(rows, ", "))
	for _, part := range []string{r.Ref, r.Code.Printed(), r.Number, r.GTIN, r.Model} {
		if part != "" {
			head += " · " + part
		}
	}
	w.print(head)
	var lines []string
	for _, said := range r.Said {
		if said == saidSoon {
			until, _ := verify.ParseDate(r.After["tegata_until"]) // it has one
			lines = append(lines, w.T("watch."+said, r.Days, until))
		} else {
			lines = append(lines, w.T("watch."+said))
		}
	}
	lines = append(lines, w.T("watch.before", w.summary(r.Before)), w.T("watch.after", w.summary(r.After)))
	for _, line := range lines {
		w.print("  " + line)
	}
}

// rowsShown is how many rows are named that ask the same.
const rowsShown = 10

// summary is an answer in one line.
func (w *watch) summary(a map[string]string) string {
	if fault := a["tegata_fault"]; fault != "" {
		return fault
	}
	var parts []string
	if a["tegata_ambiguous"] == "yes" {
		parts = append(parts, w.T("watch.codes", a["tegata_codes"]))
	} else if a["tegata_code"] != "" {
		parts = append(parts, a["tegata_code"])
	}
	status, outcome := w.T("status."+a["tegata_status"]), w.T("outcome."+a["tegata_outcome"])
	if parts = append(parts, status); status != outcome {
		parts = append(parts, outcome)
	}
	if until, err := verify.ParseDate(a["tegata_until"]); err == nil {
		parts = append(parts, w.T("watch.until", until))
	}
	if a["tegata_barred"] == "yes" {
		parts = append(parts, w.T("word.barred"))
	}
	if a["tegata_model_covered"] == "no" || a["tegata_gtin_covered"] == "no" {
		parts = append(parts, w.T("word.not_covered"))
	}
	return strings.Join(parts, " · ")
}

// faults puts the faults of a list into words; any other error stays as it is.
func (w *watch) faults(err error) error {
	faults, ok := err.(verify.Faults)
	if !ok {
		return err
	}
	var said []string
	for _, f := range faults {
		said = append(said, faultLine(f.Field, w.T("fault."+string(f.Rule), f.Detail)))
	}
	return fmt.Errorf("%s", strings.Join(said, "; "))
}
