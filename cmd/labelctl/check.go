package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strconv"
	"time"

	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/web/i18n"
	"tegata/web/stock"
)

const checkUsage = `usage: labelctl check -to URL [flags] LIST.csv

Asks a registry about every row of a list of stock, and writes the list out again,
every byte as it was, with the answer in columns behind each row. A row names its
product by any of code, registration number, barcode number (JAN, EAN, UPC) and
model; of the first three one is enough, a model beside them is to be covered.

The list is UTF-8, UTF-16 or Shift_JIS, between commas, semicolons or tabs. Which
columns are asked about is found out by their headings, in English or Japanese, or
told. On a terminal it shows how far it is.

  -to URL          the registry
  -in PLACE        where it is to count: GB, GB-NIR or JP; by default the other
                   country of each record's scheme
  -at T            the moment in question, a day or an instant; by default now
  -o FILE          where the list goes, whole or not at all; by default it is
                   printed. After an interruption the same command goes on where
                   it ended: what is answered is in FILE.part, and the rest is
                   asked of the same head of the log
  -columns LIST    where columns are, such as gtin=3,model=Modell,code=- : each a
                   position from 1, a heading, or a hyphen for none
  -header WHICH    present or absent: whether the first row names the columns
  -charset NAME    utf-8, utf-16 or shift_jis
  -separator WHICH comma, semicolon or tab
  -report FILE     where the registry's signed report goes; with -o it is
                   FILE.report.jwt. Of a list in several parts each has its own,
                   numbered before the ending
  -trust FILE      what the report's signature is checked against
  -part N          rows that are asked about at once (100000)
  -json            the counts for machines; needs -o
  -lang            en or ja, of what is wrong with rows; by default your system's

The list that comes back is checked: that it is the one that was sent, row by row,
and that the report is about these very bytes.

Exit status: 0 every row is valid, treated as compliant, eligible or at home,
barred by no measure there, and covers what it names; 1 any other; 2 not all rows
have an answer, or misuse.

  labelctl check -to https://labels.example -in GB -o checked.csv stock.csv
  labelctl verify -trust labels.trust -input stock.csv -output checked.csv checked.csv.report.jwt
`

// A checking is a list of stock on its way through a registry.
type checking struct {
	*console
	client *client
	lang   i18n.Language
	list   *os.File
	told   stock.Form
	query  url.Values // in, at, known
	most   int64      // rows of a part
	out    string     // empty: it is printed
	report string     // where reports go; empty: nowhere
	trust  *bundle.Trust
	plan   plan
	done   progress
}

// check asks about a list of stock.
func check(ctx context.Context, c *console, args []string) (int, error) {
	k := checking{console: c, query: url.Values{}}
	f := newFlags()
	text := map[string]*string{}
	for _, name := range []string{"to", "in", "at", "o", "columns", "header", "charset", "separator", "report", "trust"} {
		text[name] = f.String(name, "", "")
	}
	f.Int64Var(&k.most, "part", 100_000, "")
	asJSON := f.Bool("json", false, "")
	lang := languageFlag(f)
	if err := parse(f, args, 1, 1, "LIST.csv"); err != nil {
		return 0, err
	}
	if err := need(f, "to"); err != nil {
		return 0, err
	}
	switch {
	case *asJSON && *text["o"] == "":
		return 0, misusef("-json needs -o: on stdout is the list")
	case k.most < 1 || k.most > 1_000_000:
		return 0, misusef("-part is between 1 and 1000000")
	}
	k.lang, k.out, k.report = i18n.Language(*lang), *text["o"], *text["report"]
	if k.report == "" && k.out != "" {
		k.report = k.out + ".report.jwt"
	}
	for _, name := range []string{"in", "at"} {
		if *text[name] != "" {
			k.query.Set(name, *text[name])
		}
	}
	var err error
	if k.client, err = newClient("to", *text["to"], *lang); err != nil {
		return 0, err
	}
	if *text["trust"] != "" {
		t, err := c.trust(*text["trust"])
		if err != nil {
			return 0, err
		}
		k.trust = &t
	}
	if k.told, err = k.form(*text["charset"], *text["header"], *text["columns"], *text["separator"]); err == nil {
		err = k.run(ctx, f.Arg(0))
	}
	var faults verify.Faults
	var no *problem
	switch {
	case errors.As(err, &faults):
		c.say("check: %s is not asked about", f.Arg(0))
		for _, fault := range faults {
			c.fault(faultLine(fault.Field, k.lang.T("fault."+string(fault.Rule), fault.Detail)))
		}
		return exitAccident, nil
	case errors.As(err, &no):
		c.sayProblem("check", no)
		return exitAccident, nil
	case err != nil:
		return 0, err
	case *asJSON:
		err = json.NewEncoder(c.out).Encode(k.done.Counts)
	default:
		k.done.Counts.tell(c)
	}
	if k.done.Counts.Good < k.done.Counts.Rows {
		return exitNo, err
	}
	return exitDone, err
}

// separators are what may stand between fields, by name.
var separators = map[string]byte{"comma": ',', "semicolon": ';', "tab": '\t'}

// form is what the flags tell of the list. The error is [verify.Faults], or a
// [misuse].
func (k *checking) form(charset, header, columns, separator string) (told stock.Form, err error) {
	if separator != "" && separators[separator] == 0 {
		return told, misusef("-separator %q is none of comma, semicolon, tab", separator)
	}
	told.Comma = separators[separator]
	var all verify.Faults
	add := func(err error) {
		var faults verify.Faults
		errors.As(err, &faults)
		all = append(all, faults...)
	}
	told.Charset, err = stock.ParseCharset(charset)
	add(err)
	told.Header, err = stock.ParseHeader(header)
	add(err)
	told.Columns, err = stock.ParseColumns(columns)
	add(err)
	if len(all) > 0 {
		return told, all
	}
	return told, nil
}

// run asks about all parts that are not answered yet.
func (k *checking) run(ctx context.Context, name string) (err error) {
	if k.list, err = os.Open(name); err != nil {
		return err
	}
	defer k.list.Close()
	if k.plan, err = newPlan(k.list, k.told, k.most); err != nil {
		return err
	}
	out := io.Writer(k.console.out)
	if k.out != "" {
		part, err := k.resume()
		if err != nil {
			return err
		}
		defer part.Close()
		out = part
	}
	if k.done.Known == "" {
		if err := k.pin(ctx); err != nil {
			return err
		}
	}
	k.query.Set("known", k.done.Known)
	k.query.Set("at", k.done.At)
	bar := k.bar(k.plan.rows(), "rows")
	bar.Add64(k.done.Counts.Rows)
	defer bar.Clear()
	for i := len(k.done.Parts); i < len(k.plan.parts); i++ {
		answered, err := k.ask(ctx, i, out, bar)
		if err != nil {
			return k.interrupted(err)
		}
		k.done.Parts = append(k.done.Parts, answered)
		if k.out != "" {
			if err := k.save(out.(*os.File)); err != nil {
				return err
			}
		}
	}
	if err := k.keepReports(); err != nil || k.out == "" {
		return err
	}
	return k.finish()
}

// pin asks for the present head: all rows are asked of it, whatever is entered
// meanwhile, and however often the list is gone on with.
func (k *checking) pin(ctx context.Context) error {
	_, body, err := k.client.get(ctx, "/api/v1/log")
	if err != nil {
		return err
	}
	var head struct {
		verify.Log
		Beside []struct{} `json:"beside"`
	}
	if err := json.Unmarshal(body, &head); err != nil || head.Size < 1 {
		return fmt.Errorf("the log of %s: %w", k.client.base, errors.Join(err, errors.New("it tells no head")))
	}
	k.done.Counts.Origin, k.done.Counts.Size, k.done.Known = head.Origin, head.Size, strconv.FormatInt(head.Size, 10)
	if len(head.Beside) > 0 { // a size is that of one log
		k.done.Known = head.Time.UTC().Format(time.RFC3339Nano)
	}
	if k.done.At = k.query.Get("at"); k.done.At == "" {
		k.done.At = head.Time.UTC().Format(time.RFC3339Nano)
	}
	return nil
}

// interrupted says what is left to do about an error.
func (k *checking) interrupted(err error) error {
	if errors.As(err, new(*problem)) {
		return err
	}
	if k.out != "" {
		k.say("check: %d of %d rows are answered and in %s; the same command goes on from there", k.done.Counts.Rows, k.plan.rows(), k.partName())
	}
	if long := (*url.Error)(nil); errors.As(err, &long) { // its address has all that was told
		return fmt.Errorf("%s: %w", k.client.base, long.Err)
	}
	return err
}
