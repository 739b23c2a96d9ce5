package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// A setting is one thing that labeld serve can be told: as the flag -NAME, as
// LABELD_NAME in the environment (in capitals, with _ for -), or as a line NAME =
// VALUE of the file that -config names. The first of them that says anything of it
// decides, and where none does, what it begins with.
//
// A setting is no secret: it names the file that holds one.
type setting struct {
	name   string
	takes  string // what a value of it is, with its unit; empty: a switch, true or false
	begins string // the value where none is given; empty: none
	what   string // what it is
	risk   string // what goes wrong where it is wrong
	needed bool   // it has to be given
	many   bool   // it may be given more than once; in the environment, one a line
	alone  bool   // it cannot be said in the file
	set    func(value string) error
}

type settings []setting

// A given value of a setting, and where it was given: a flag, a variable, a line
// of the file, or nowhere.
type given struct{ place, value string }

const byDefault = "default"

// Prefix of the variables.
const settingPrefix = "LABELD_"

func (s setting) variable() string {
	return settingPrefix + strings.ToUpper(strings.ReplaceAll(s.name, "-", "_"))
}

// fromFlags reads a command line. It returns [flag.ErrHelp] where help is asked for,
// and has then given it.
func (t settings) fromFlags(args []string, help io.Writer) (map[string][]given, []error, error) {
	told := map[string][]given{}
	f := flag.NewFlagSet("labeld serve", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.Usage = func() {}
	for _, s := range t {
		define := f.Func
		if s.takes == "" {
			define = f.BoolFunc
		}
		define(s.name, "", func(value string) error {
			told[s.name] = append(told[s.name], given{"-" + s.name, value})
			return nil
		})
	}
	var faults []error
	for {
		err := f.Parse(args)
		switch {
		case errors.Is(err, flag.ErrHelp):
			t.help(help)
			return nil, nil, err
		case err != nil:
			if len(faults) == 0 || faults[len(faults)-1].Error() != err.Error() {
				faults = append(faults, err)
			}
			if len(f.Args()) == len(args) { // it is no flag at all, such as ---x, and was not passed over
				args = args[1:]
			} else {
				args = f.Args()
			}
		case f.NArg() > 0:
			faults, args = append(faults, fmt.Errorf("%q is no flag, and serve takes nothing else", f.Arg(0))), f.Args()[1:]
		default:
			return told, faults, nil
		}
	}
}

// help tells what each flag is.
func (t settings) help(w io.Writer) {
	fmt.Fprintln(w, "Settings of labeld serve. What is -listen here may also be LABELD_LISTEN in the environment, or a line\nlisten = … in the file that -config names. A flag goes before the environment, and that before the file.")
	for _, s := range t {
		begins := ""
		if s.begins != "" {
			begins = " (default " + s.begins + ")"
		}
		fmt.Fprintf(w, "  -%s%s\n    \t%s\n", strings.TrimSpace(s.name+" "+s.takes), begins, strings.ReplaceAll(s.what, "`", ""))
	}
}

// fromEnvironment reads variables, each NAME=VALUE.
func (t settings) fromEnvironment(environ []string) (map[string][]given, []error) {
	told := map[string][]given{}
	var faults []error
	for _, variable := range environ {
		name, text, _ := strings.Cut(variable, "=")
		if !strings.HasPrefix(name, settingPrefix) {
			continue
		}
		i := slices.IndexFunc(t, func(s setting) bool { return s.variable() == name })
		if i < 0 {
			faults = append(faults, fmt.Errorf("%s: there is no such setting", name))
			continue
		}
		values := []string{text}
		if t[i].many {
			values = strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		}
		for _, v := range values {
			told[t[i].name] = append(told[t[i].name], given{name, v})
		}
	}
	return told, faults
}

// settle sets everything from the command line and the environment, and returns the
// values in force by name. An error names all that is wrong, or is [flag.ErrHelp].
func (t settings) settle(args, environ []string, help io.Writer) (map[string][]given, error) {
	flags, faults, err := t.fromFlags(args, help)
	if err != nil {
		return nil, err
	}
	variables, wrong := t.fromEnvironment(environ)
	faults = append(faults, wrong...)
	var lines map[string][]given
	if named := slices.Concat(flags["config"], variables["config"]); len(named) > 0 && named[0].value != "" {
		lines, wrong = t.fromFile(named[0].value)
		faults = append(faults, wrong...)
	}
	force := map[string][]given{}
	for _, s := range t {
		for _, told := range []map[string][]given{flags, variables, lines} {
			if force[s.name] = told[s.name]; force[s.name] != nil {
				break
			}
		}
		faults = append(faults, s.take(force[s.name])...)
		if force[s.name] == nil && s.begins != "" {
			force[s.name] = []given{{byDefault, s.begins}}
			if err := s.set(s.begins); err != nil {
				panic(fmt.Sprintf("-%s cannot begin with %q: %v", s.name, s.begins, err))
			}
		}
	}
	return force, wrongSettings(faults)
}

// take sets what was given in one place.
func (s setting) take(values []given) (faults []error) {
	if s.needed && len(values) == 0 {
		return []error{fmt.Errorf("-%s: it is needed: as a flag, as %s, or in the file of -config", s.name, s.variable())}
	}
	if !s.many && len(values) > 1 {
		return []error{fmt.Errorf("%s: it is given again, and has one value only", values[1].place)}
	}
	for _, v := range values {
		if v.value == "" { // such as a variable that a script has not set: no folder is meant by that
			faults = append(faults, fmt.Errorf("%s: it is empty: say what it is, or leave it out", v.place))
		} else if err := s.set(v.value); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", v.place, err))
		}
	}
	return faults
}

// wrongSettings is one error of all faults.
func wrongSettings(faults []error) error {
	if len(faults) == 0 {
		return nil
	}
	return fmt.Errorf("settings are wrong, and nothing was begun (labeld serve -h tells what each is):\n%w", errors.Join(faults...))
}

// print tells what is in force, and where that was said.
func (t settings) print(w io.Writer, force map[string][]given) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, s := range t {
		if len(force[s.name]) == 0 {
			fmt.Fprintf(out, "%s\t\tnot given\n", s.name)
		}
		for _, v := range force[s.name] {
			fmt.Fprintf(out, "%s\t%s\t%s\n", s.name, v.value, v.place)
		}
	}
	return out.Flush()
}
