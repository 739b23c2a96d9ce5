// Labelctl is the tool of issuers, makers, shops and officers: it makes keys,
// seals statements, submits them, asks what a label counts for, draws its QR
// code, keeps evidence and checks it, audits a registry's log, and watches it for
// a list of stock. It reaches no machine but those it is told, and trusts nothing
// of what a registry says further than it can check.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
	"unicode"
)

const usage = `usage: labelctl COMMAND [flags] [arguments]

  keygen   make a private key, and print the public one
  new      write a template of a statement, with every member explained
  seal     sign a statement, or list all that is wrong with it
  period   read a support period as it is written
  submit   enter signed statements in a registry, and check the receipts
  import   enter the labels or declarations of a list (CSV)
  verify   ask what a label or declaration counts for, or what a receipt shows
  whatif   ask how that would go on if something were said
  check    ask about every row of a list of stock
  trust    take a registry's trust file, once, or follow its keys
  bundle   fetch what one answer rests on, to judge it without a network
  qr       draw the QR code of a label or declaration
  audit    replay a registry's log from its first entry
  watch    tell what changes for a list of stock, without handing it over

A maker's first declaration, and what it counts for in Japan:

  labelctl keygen -o maker.jwk > maker-public.jwk
  labelctl seal -key maker.jwk -o declaration.jws declaration.json
  labelctl submit -to https://labels.example declaration.jws
  labelctl verify -to https://labels.example -in JP 4HD8-RVN1-C5PE

labelctl COMMAND -h tells more of each. Exit status: 0 done, or valid and
recognised, eligible or at home; 1 any other answer, or a refusal; 2 misuse, or
an accident.
`

// Exit statuses.
const (
	exitDone     = 0 // or: valid, and treated as compliant, eligible or at home
	exitNo       = 1 // any other answer, or a refusal
	exitAccident = 2 // or misuse: there is no answer
)

// A command is what a first argument names. It returns the exit status; an error
// is an accident, or a [misuse].
type command struct {
	usage string
	run   func(context.Context, *console, []string) (int, error)
}

var commands = map[string]command{
	"keygen": {keygenUsage, keygen},
	"new":    {newUsage, writeTemplate},
	"seal":   {sealUsage, seal},
	"period": {periodUsage, period},
	"submit": {submitUsage, submit},
	"import": {importUsage, importList},
	"verify": {verifyUsage, ask},
	"whatif": {whatIfUsage, askWhatIf},
	"check":  {checkUsage, check},
	"trust":  {trustUsage, takeTrust},
	"bundle": {bundleUsage, fetchBundle},
	"qr":     {qrUsage, drawCode},
	"audit":  {auditUsage, audit},
	"watch":  {watchUsage, watchStock},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, &console{in: os.Stdin, out: bufio.NewWriter(os.Stdout), err: os.Stderr, now: time.Now}, os.Args[1:])
	stop()
	os.Exit(status)
}

func run(ctx context.Context, c *console, args []string) int {
	if len(args) == 0 {
		fmt.Fprint(c.err, usage)
		return exitAccident
	}
	name := args[0]
	if name == "help" || name == "-h" || name == "-help" || name == "--help" {
		fmt.Fprint(c.out, usage)
		return c.end(exitDone, nil)
	}
	cmd, ok := commands[name]
	if !ok {
		c.say("no command %q; labelctl -h lists them", name)
		return exitAccident
	}
	status, err := cmd.run(ctx, c, args[1:])
	var wrong misuse
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(c.out, cmd.usage)
		status, err = exitDone, nil
	case errors.As(err, &wrong):
		err = fmt.Errorf("%s: %w; labelctl %s -h tells how", name, err, name)
	case err != nil && ctx.Err() != nil:
		err = fmt.Errorf("%s: interrupted", name)
	case err != nil:
		err = fmt.Errorf("%s: %w", name, err)
	}
	return c.end(status, err)
}

// A misuse says what is wrong with the flags and arguments.
type misuse string

func (m misuse) Error() string { return string(m) }

func misusef(format string, args ...any) error { return misuse(fmt.Sprintf(format, args...)) }

// A console is where a command reads and writes. Results go to out, and nothing
// else does; what is said about them goes to err, in lower case, without a full
// stop, each line with the name of the tool before it.
type console struct {
	in  io.Reader
	out *bufio.Writer
	err io.Writer
	now func() time.Time
}

// say writes a diagnostic.
func (c *console) say(format string, args ...any) {
	c.fault("labelctl: " + fmt.Sprintf(format, args...))
}

// fault writes one of several lines that belong to a diagnostic.
func (c *console) fault(line string) { fmt.Fprintln(c.err, plain(line)) }

// print writes a line of results for people.
func (c *console) print(line string) { fmt.Fprintln(c.out, plain(line)) }

// end writes out what is still held, and says err. What could not be written is
// an accident.
func (c *console) end(status int, err error) int {
	if flushed := c.out.Flush(); err == nil {
		err = flushed
	}
	if err != nil {
		c.say("%v", err)
		return exitAccident
	}
	return status
}

// plain puts a mark in the place of characters that move the cursor or turn the
// direction of text: what a registry says cannot redraw the reader's screen.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// newFlags returns the flags of a command, silent: run says what is wrong.
func newFlags() *flag.FlagSet {
	f := flag.NewFlagSet("", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.Usage = func() {}
	return f
}

// parse reads flags, then between least and most arguments.
func parse(f *flag.FlagSet, args []string, least, most int, what string) error {
	if err := f.Parse(args); errors.Is(err, flag.ErrHelp) {
		return err
	} else if err != nil {
		return misuse(err.Error())
	}
	for _, arg := range f.Args() {
		if len(arg) > 1 && arg[0] == '-' {
			return misusef("%s stands after an argument, flags come first", arg)
		}
	}
	switch {
	case f.NArg() < least:
		return misusef("%s is missing", what)
	case f.NArg() > most:
		return misusef("%q is one argument too many", f.Arg(most))
	}
	return nil
}

// need asks for flags that a command cannot do without.
func need(f *flag.FlagSet, names ...string) error {
	for _, name := range names {
		if f.Lookup(name).Value.String() == "" {
			return misusef("flag -%s is missing", name)
		}
	}
	return nil
}
