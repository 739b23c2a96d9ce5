package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"tegata/verify"
)

// An importState is what is signed of a list, and what is entered of that. Its
// file is JSON lines: the head, every statement in order, and behind them a line
// for each receipt as it comes. The statements are there whole before the first
// of them is sent, or the file is not there at all; of the receipts any may be
// missing, since a registry gives them again.
type importState struct {
	head     importHead
	sealed   []importSealed
	receipts map[int]json.RawMessage // by the statement's place

	file *os.File // where receipts are added
}

type importHead struct {
	Import     int         `json:"import"` // the version of this form: 1
	List       string      `json:"list"`   // SHA-256 of the list, in hexadecimal
	Origin     string      `json:"origin"`
	Kind       verify.Kind `json:"kind"`
	Statements int         `json:"statements"`
}

type importSealed struct {
	Rows     []int  `json:"rows"`
	Envelope string `json:"envelope"`
}

type importEntered struct {
	Statement int             `json:"statement"` // its place, from 0
	Receipt   json.RawMessage `json:"receipt"`
}

const importVersion = 1

// write makes the file, and leaves it open for receipts.
func (s *importState) write(name string) error {
	s.head.Import, s.receipts = importVersion, map[int]json.RawMessage{}
	var text bytes.Buffer
	lines := json.NewEncoder(&text)
	err := lines.Encode(s.head)
	for _, one := range s.sealed {
		err = errors.Join(err, lines.Encode(one))
	}
	if err != nil {
		return err
	}
	if err := writeWhole(name, text.Bytes()); err != nil {
		return err
	}
	s.file, err = os.OpenFile(name, os.O_WRONLY|os.O_APPEND, 0)
	return err
}

// writeWhole makes a file that is there whole or not at all, also after the
// machine was cut off; of two who make it at once, one does.
func writeWhole(name string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".labelctl-*")
	if err != nil {
		return err
	}
	if err := fill(f, data); err != nil {
		return err
	}
	err = os.Link(f.Name(), name)
	if errors.Is(err, fs.ErrExist) {
		err = fmt.Errorf("%s is there already: another import of the list has just begun", name)
	}
	return errors.Join(err, os.Remove(f.Name()), syncFolder(filepath.Dir(name)))
}

// syncFolder makes a new name in a folder last.
func syncFolder(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// readImportState reads what is there. A last line that was cut off is taken
// away.
func readImportState(name string) (*importState, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	whole := text[:bytes.LastIndexByte(text, '\n')+1]
	s := &importState{receipts: map[int]json.RawMessage{}}
	if err := s.parse(whole); err != nil {
		return nil, fmt.Errorf("%s: %w; name another file with -state", name, err)
	}
	if s.file, err = os.OpenFile(name, os.O_WRONLY|os.O_APPEND, 0); err != nil {
		return nil, err
	}
	if err := s.file.Truncate(int64(len(whole))); err != nil {
		return nil, errors.Join(err, s.file.Close())
	}
	return s, nil
}

func (s *importState) parse(text []byte) error {
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, lineMost)
	if !lines.Scan() || json.Unmarshal(lines.Bytes(), &s.head) != nil || s.head.Import != importVersion {
		return errors.New("it is not the state of an import")
	}
	for n := 2; lines.Scan(); n++ {
		var err error
		if len(s.sealed) < s.head.Statements {
			var one importSealed
			err = json.Unmarshal(lines.Bytes(), &one)
			s.sealed = append(s.sealed, one)
		} else {
			var one importEntered
			if err = json.Unmarshal(lines.Bytes(), &one); err == nil && (one.Statement < 0 || one.Statement >= len(s.sealed)) {
				err = errors.New("no such statement")
			}
			s.receipts[one.Statement] = one.Receipt
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	if len(s.sealed) < s.head.Statements {
		return fmt.Errorf("it has %d statements of %d", len(s.sealed), s.head.Statements)
	}
	return lines.Err()
}

// entered adds a receipt.
func (s *importState) entered(n int, receipt json.RawMessage) error {
	var compact bytes.Buffer
	if err := json.Compact(&compact, receipt); err != nil {
		return err
	}
	s.receipts[n] = compact.Bytes()
	line, err := json.Marshal(importEntered{n, s.receipts[n]})
	if err != nil {
		return err
	}
	_, err = s.file.Write(append(line, '\n'))
	return err
}
