// Command labeld is the registry's server. Each of its commands is in the file of its
// name, and does what takes more than a page in a package below this one. What serve can
// be told is in serving.go, of a cluster in cluster.go and of the observer in
// observing.go.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"tegata/cmd/labeld/audit"
)

const usage = `labeld keeps a registry of IoT security labels and declarations, and answers for it.

usage:

  labeld init  -data DIR -origin ORIGIN -operator KEY   create a registry
  labeld serve -data DIR -url https://HOST              answer for it
  labeld serve … -follow URL -trust FILE                mirror another registry, alone or beside its own
  labeld audit -data DIR                                replay its log and compare everything
  labeld backup -data DIR -o FILE                       copy it into one file, while it is served too
  labeld restore -from BACKUP -data DIR                 make it again from a backup or a kit, and show that it is whole
  labeld export -data DIR -o KIT -url https://HOST      write down all it answers, for any web server and another operator
  labeld move -data DIR -etcd HOST:PORT,…/PREFIX        have an etcd cluster decide the order of its entries
  labeld handover -data DIR -operator KEY -key log      put a new key in the place of one of the registry's own
  labeld keygen -pkcs11 URI                             make a key of the registry's own in a token
  labeld observe -data DIR -code CODE                   look whether one declaration is open to the public
  labeld observe -url URL                               tell its maker what to declare of a document
  labeld witness -data DIR -name NAME -log VKEY         cosign other logs, and refuse a history that forks
  labeld demo                                           a registry with demo parties and records

A registry of your own, on this machine:

  labelctl keygen -o operator.key
  labeld init -data data -origin labels.example -operator operator.key
  labeld serve -data data -listen 127.0.0.1:8080 -url http://127.0.0.1:8080

Each command tells its flags with -h. Exit status: 0 done, 1 the audit found
faults, 2 misuse or accident.
`

// Exit statuses.
const (
	exitDone     = 0
	exitNo       = 1
	exitAccident = 2
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run runs one command and returns its exit status. It ends early, in good
// order, on an interrupt, and at once on a second one: whatever was acknowledged is
// on disk.
func run(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	commands := map[string]func(context.Context, []string, io.Writer, io.Writer) error{
		"init": initialise, "serve": serve, "audit": auditLog, "backup": backUp, "restore": restore, "export": export, "demo": showDemo, "witness": watch, "handover": handOver, "keygen": makeKey, "move": move,
		"observe": observe, "text": text,
	}
	if len(args) == 0 {
		fmt.Fprint(stderr, usage)
		return exitAccident
	}
	if args[0] == "-h" || args[0] == "-help" || args[0] == "--help" || args[0] == "help" {
		fmt.Fprint(stdout, usage)
		return exitDone
	}
	command, ok := commands[args[0]]
	if !ok {
		fmt.Fprintf(stderr, "labeld: no command %q: labeld -h lists them\n", args[0])
		return exitAccident
	}
	err := command(ctx, args[1:], stdout, stderr)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return exitDone
	case errors.Is(err, audit.ErrFaults):
		return exitNo
	case errors.Is(err, errUsage):
		return exitAccident // the flag package has said what is wrong
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "labeld: interrupted")
		return exitAccident
	}
	fmt.Fprintf(stderr, "labeld: %v\n", err)
	return exitAccident
}

// errUsage says that the command line was wrong, and that this has been said.
var errUsage = errors.New("usage")

// flags parses the flags of a command; all of need must be given.
func flags(name string, args []string, stderr io.Writer, set func(*flag.FlagSet), need ...string) error {
	f := flag.NewFlagSet("labeld "+name, flag.ContinueOnError)
	f.SetOutput(stderr)
	set(f)
	if err := f.Parse(args); errors.Is(err, flag.ErrHelp) {
		return err
	} else if err != nil {
		return errUsage
	}
	if f.NArg() > 0 {
		return fmt.Errorf("%s takes no argument %q", name, f.Arg(0))
	}
	for _, n := range need {
		if f.Lookup(n).Value.String() == "" {
			return fmt.Errorf("%s needs -%s: labeld %s -h tells what it is", name, n, name)
		}
	}
	return nil
}
