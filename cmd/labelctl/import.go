package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"tegata/verify"
	"tegata/web/i18n"
)

const importUsage = `usage: labelctl import -to URL -key KEY [-kind label|declaration] [-by PARTY]
                       [-map COLUMN=FIELD,...|-map FILE] [-set FIELD=VALUE]...
                       [-dry-run] [-state FILE] [-o FILE] [-receipts FILE]
                       [-json] LIST.csv

Enters the labels (or declarations) of a list in a registry. The list has a row
with the names of its columns; it may be in UTF-8, UTF-16 or Shift_JIS. Columns
are found by their names in English or Japanese, or told by -map; -set says what
is the same in all rows. A FIELD is as labelctl new names it, with or without
what all begin with: label.product.brand, or product.brand.

A row is a label. Rows of the same registration number are one label with the
models of all of them; a cell may also hold several models, with a semicolon or a
line end between them, and several barcode numbers (GTIN), with a comma or space.

  labelctl import -to https://labels.example -by ipa -set basis.route=own -dry-run labels.csv

tells what each column becomes, and every fault of every row. Where there is a
fault nothing is entered. Without -dry-run all is signed first and kept in the
state file with its ids and codes, and then entered; so the same command goes on
after any interruption, and nothing is entered twice.

  -to URL         the registry
  -key KEY        the private key, a file or a pkcs11: URI, as labelctl keygen makes it;
                  not for -dry-run
  -kind KIND      label, or declaration, whose rows of the same url are one
  -by PARTY       your id in the registry; the same as -set by=PARTY
  -map TEXT|FILE  which column is which field, a hyphen for none; a file is JSON:
                  {"columns": {"COLUMN": "FIELD"}, "set": {"FIELD": "VALUE"}}
  -set F=V        a field that is the same in all rows
  -dry-run        tell, and sign and enter nothing
  -state FILE     what is signed; by default LIST.csv.import
  -o FILE         the list with the code of every row; by default LIST-codes.csv
  -receipts FILE  the receipts, one a line; by default LIST-receipts.jsonl
  -json           for machines, one object: with -dry-run, or where there are faults,
                  what each column becomes and every fault; otherwise how many are
                  entered, and what is refused
  -lang           en or ja; by default the language of your system

Exit status: 0 all is entered, or a dry run has no fault; 1 some has a fault, or
is refused; 2 misuse, or an accident.
`

// Limits of an import.
const (
	listMost    = 256 << 20 // bytes of a list
	importsMost = 100_000   // statements of a list
)

// An importing is a list on its way to a registry.
type importing struct {
	*console
	l    i18n.Language
	kind verify.Kind
	name string // of the list
	list []byte

	state, out, receipts string // names of files
	resumed              bool
	json                 bool
}

// importFlags are what the command is told beside its files.
type importFlags struct {
	to, key, kind, by string
	maps              string
	set               []string
	dry               bool
}

// importList enters the labels of a list.
func importList(ctx context.Context, c *console, args []string) (int, error) {
	f := newFlags()
	var told importFlags
	i := importing{console: c}
	for name, to := range map[string]*string{"to": &told.to, "key": &told.key, "by": &told.by, "map": &told.maps,
		"state": &i.state, "o": &i.out, "receipts": &i.receipts} {
		f.StringVar(to, name, "", "")
	}
	f.StringVar(&told.kind, "kind", "label", "")
	f.Func("set", "", func(s string) error { told.set = append(told.set, s); return nil })
	f.BoolVar(&told.dry, "dry-run", false, "")
	f.BoolVar(&i.json, "json", false, "")
	lang := languageFlag(f)
	if err := parse(f, args, 1, 1, "LIST.csv"); err != nil {
		return 0, err
	}
	if err := need(f, "to"); err != nil {
		return 0, err
	}
	var ok bool
	if i.kind, ok = kindNames[told.kind]; !ok {
		return 0, misusef("-kind %q is neither label nor declaration", told.kind)
	}
	i.l, i.name = i18n.Language(*lang), f.Arg(0)
	i.defaults()
	registry, err := newClient("to", told.to, *lang)
	if err != nil {
		return 0, err
	}
	if i.list, err = c.read(i.name, listMost); err != nil {
		return 0, err
	}
	if told.dry {
		p, err := i.plan(ctx, registry, told)
		if err != nil {
			return 0, err
		}
		if !i.json {
			i.tellPlan(p)
		}
		return i.tellFaults(p)
	}
	s, err := readImportState(i.state)
	if errors.Is(err, fs.ErrNotExist) {
		s, err = i.begin(ctx, registry, told)
		if s == nil {
			return exitNo, err // err is nil where the faults were told
		}
	} else if err == nil {
		i.resumed = true
		err = i.resume(ctx, registry, s)
	}
	if err != nil {
		return 0, err
	}
	defer s.file.Close()
	return i.enter(ctx, registry, s)
}

// defaults names the files that nothing is told of.
func (i *importing) defaults() {
	base := strings.TrimSuffix(i.name, filepath.Ext(i.name))
	for _, d := range []struct {
		file  *string
		named string
	}{{&i.state, i.name + ".import"}, {&i.out, base + "-codes.csv"}, {&i.receipts, base + "-receipts.jsonl"}} {
		if *d.file == "" {
			*d.file = d.named
		}
	}
}

// begin signs the statements of the list and keeps them. It returns nothing
// where there are faults, which it tells.
func (i *importing) begin(ctx context.Context, registry *client, told importFlags) (*importState, error) {
	if told.key == "" {
		return nil, misusef("flag -key is missing; -dry-run does without")
	}
	signer, err := i.signer(told.key)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{i.out, i.receipts} {
		if there(name) {
			return nil, fmt.Errorf("%s is there already and is not written over; name another with -o or -receipts", name)
		}
	}
	p, err := i.plan(ctx, registry, told)
	if err != nil {
		return nil, err
	}
	if len(p.faults) > 0 {
		_, err := i.tellFaults(p)
		return nil, err
	}
	s := &importState{head: importHead{List: listDigest(i.list), Origin: p.origin, Kind: i.kind, Statements: len(p.statements)}}
	for _, one := range p.statements {
		payload, err := complete(one.payload, time.Now())
		if err != nil {
			return nil, err
		}
		token, err := signer.Seal(payload)
		if err != nil {
			return nil, err
		}
		s.sealed = append(s.sealed, importSealed{Rows: one.rows, Envelope: token})
	}
	if err := s.write(i.state); err != nil {
		return nil, err
	}
	return s, nil
}

// resume looks whether a state is of this list and this registry.
func (i *importing) resume(ctx context.Context, registry *client, s *importState) error {
	if s.head.List != listDigest(i.list) {
		return fmt.Errorf("%s is of another list than %s, or of that list before it was changed; name another with -state", i.state, i.name)
	}
	origin, err := registry.origin(ctx)
	if err == nil && s.head.Origin != origin {
		err = fmt.Errorf("%s is for the registry %q, and %s is %q", i.state, s.head.Origin, registry.base, origin)
	}
	return err
}

// origin asks a registry for the name of its log.
func (c *client) origin(ctx context.Context) (string, error) {
	_, body, err := c.get(ctx, "/api/v1/log")
	if err != nil {
		return "", err
	}
	var head struct {
		Origin string `json:"origin"`
	}
	if err := json.Unmarshal(body, &head); err != nil || head.Origin == "" {
		return "", fmt.Errorf("%s does not say which log it keeps", c.base)
	}
	return head.Origin, nil
}

func listDigest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// plan reads the list and makes its statements, unsigned.
func (i *importing) plan(ctx context.Context, registry *client, told importFlags) (*importPlan, error) {
	m, err := i.mapping(told)
	if err != nil {
		return nil, err
	}
	if _, ok := m.set["origin"]; !ok {
		if m.set["origin"], err = registry.origin(ctx); err != nil {
			return nil, err
		}
	}
	return readImport(bytes.NewReader(i.list), m)
}
