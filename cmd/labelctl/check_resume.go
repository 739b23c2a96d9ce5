package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A progress is how far a check is. It is kept beside what is written, after every
// part.
type progress struct {
	List   string     `json:"list"`  // SHA-256
	Asked  string     `json:"asked"` // of whom, what, and in which parts
	Known  string     `json:"known"` // the head that all rows are asked of
	At     string     `json:"at"`
	Parts  []answered `json:"parts"`
	Counts counts     `json:"counts"`
}

func (k *checking) partName() string  { return k.out + ".part" }
func (k *checking) stateName() string { return k.out + ".part.json" }

const stateMost = 64 << 20

// resume opens the file that is written, at the end of what is answered already.
// All of that is checked again, by its reports.
func (k *checking) resume() (*os.File, error) {
	asked := k.client.base + " " + fmt.Sprint(k.most) + " " + string(k.told.Header) + " " + k.plan.query(k.query)
	k.done = progress{List: k.plan.sum, Asked: asked}
	text, err := k.read(k.stateName(), stateMost)
	_, gone := os.Stat(k.partName()) // with its state left, as it was put in its place
	if errors.Is(err, fs.ErrNotExist) || errors.Is(gone, fs.ErrNotExist) {
		return os.OpenFile(k.partName(), os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o666)
	}
	if err != nil {
		return nil, err
	}
	var before progress
	if err := json.Unmarshal(text, &before); err != nil {
		return nil, fmt.Errorf("%s: %w", k.stateName(), err)
	}
	if before.List != k.done.List || before.Asked != asked {
		return nil, misusef("%s is of another check: its list, registry or flags were others; remove it and %s, or name another -o", k.partName(), k.stateName())
	}
	f, err := os.OpenFile(k.partName(), os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	if err := k.again(f, before); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	k.done = before
	k.say("check: going on after row %d", before.Counts.Rows)
	return f, nil
}

// again checks what is answered already, and takes away what is not.
func (k *checking) again(f *os.File, before progress) error {
	var from, out int64
	for i, a := range before.Parts {
		r, err := k.openReport([]byte(a.Report))
		if err != nil {
			return fmt.Errorf("%s: report %d: %w", k.stateName(), i+1, err)
		}
		sent, err := digestOf(k.list, from, a.To)
		if err != nil {
			return err
		}
		got, err := digestOf(f, out, a.Out)
		if err != nil {
			return err
		}
		if i >= len(k.plan.parts) || a.To != k.plan.parts[i].to || sent != r.Input || got != r.Output {
			return fmt.Errorf("%s is not what was answered: it was changed; remove it and %s to begin again", k.partName(), k.stateName())
		}
		from, out = a.To, a.Out
	}
	if err := f.Truncate(out); err != nil {
		return err
	}
	_, err := f.Seek(out, io.SeekStart)
	return err
}

func digestOf(f *os.File, from, to int64) (string, error) {
	sum := sha256.New()
	_, err := io.Copy(sum, io.NewSectionReader(f, from, to-from))
	return hex.EncodeToString(sum.Sum(nil)), err
}

// save keeps how far the check is, once what it says is on disk.
func (k *checking) save(out *os.File) error {
	if err := out.Sync(); err != nil {
		return err
	}
	text, err := json.Marshal(k.done)
	if err != nil {
		return err
	}
	return writeOver(k.stateName(), text, 0o644)
}

// keepReports writes the report of every part.
func (k *checking) keepReports() error {
	if k.report == "" {
		return nil
	}
	for i, a := range k.done.Parts {
		name := k.report
		if len(k.done.Parts) > 1 {
			ending := filepath.Ext(name)
			name = fmt.Sprintf("%s.%d%s", strings.TrimSuffix(name, ending), i+1, ending)
		}
		if err := writeOver(name, []byte(a.Report), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// finish puts what is written in its place.
func (k *checking) finish() error {
	if err := os.Rename(k.partName(), k.out); err != nil {
		return err
	}
	return os.Remove(k.stateName())
}
