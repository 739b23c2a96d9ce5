// Package settings reads what labeld serve is told, by a table that is also its help
// and the table of the README: flags, LABELD_* variables and a file. Whatever is wrong
// is told at once, with its place.
//
// What sets a value, [Setting.Set], is made by one of the functions here for its kind:
// [Text], [Switch], [Number] and so on. Each says what is wrong with what it is given.
package settings

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// A Setting is one thing that labeld serve can be told: as the flag -NAME, as
// LABELD_NAME in the environment (in capitals, with _ for -), or as a line NAME =
// VALUE of the file that -config names. The first of them that says anything of it
// decides, and where none does, what it begins with.
//
// A setting is no secret: it names the file that holds one.
type Setting struct {
	Name   string                   // in small letters, with - between words
	Takes  string                   // what a value of it is, with its unit; empty: a switch, true or false
	Begins string                   // the value where none is given; empty: none
	What   string                   // what it is
	Risk   string                   // what goes wrong where it is wrong
	Needed bool                     // it has to be given
	Many   bool                     // it may be given more than once; in the environment, one a line
	Alone  bool                     // it cannot be said in the file
	Set    func(value string) error // takes a value, or says what is wrong with it
}

// A Table has all settings, in the order in which they are told of.
type Table []Setting

// InForce are the values in force, by the names of their settings.
type InForce map[string][]given

// A given value of a setting, and where it was given: a flag, a variable, a line
// of the file, or nowhere.
type given struct{ place, value string }

const byDefault = "default"

// prefix of the variables.
const prefix = "LABELD_"

func (s Setting) variable() string {
	return prefix + strings.ToUpper(strings.ReplaceAll(s.Name, "-", "_"))
}

// fromFlags reads a command line. It returns [flag.ErrHelp] where help is asked for,
// and has then given it.
func (t Table) fromFlags(args []string, help io.Writer) (map[string][]given, []error, error) {
	told := map[string][]given{}
	f := flag.NewFlagSet("labeld serve", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.Usage = func() {}
	for _, s := range t {
		define := f.Func
		if s.Takes == "" {
			define = f.BoolFunc
		}
		define(s.Name, "", func(value string) error {
			told[s.Name] = append(told[s.Name], given{"-" + s.Name, value})
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
func (t Table) help(w io.Writer) {
	fmt.Fprintln(w, "Settings of labeld serve. What is -listen here may also be LABELD_LISTEN in the environment, or a line\nlisten = … in the file that -config names. A flag goes before the environment, and that before the file.")
	for _, s := range t {
		begins := ""
		if s.Begins != "" {
			begins = " (default " + s.Begins + ")"
		}
		fmt.Fprintf(w, "  -%s%s\n    \t%s\n", strings.TrimSpace(s.Name+" "+s.Takes), begins, strings.ReplaceAll(s.What, "`", ""))
	}
}

// fromEnvironment reads variables, each NAME=VALUE.
func (t Table) fromEnvironment(environ []string) (map[string][]given, []error) {
	told := map[string][]given{}
	var faults []error
	for _, variable := range environ {
		name, text, _ := strings.Cut(variable, "=")
		if !strings.HasPrefix(name, prefix) {
			continue
		}
		i := slices.IndexFunc(t, func(s Setting) bool { return s.variable() == name })
		if i < 0 {
			faults = append(faults, fmt.Errorf("%s: there is no such setting", name))
			continue
		}
		values := []string{text}
		if t[i].Many {
			values = strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		}
		for _, v := range values {
			told[t[i].Name] = append(told[t[i].Name], given{name, v})
		}
	}
	return told, faults
}

// Settle sets everything from the command line, the environment, each variable of it
// NAME=VALUE, and the file that one of them names, and returns what is in force. It
// writes the help where that is asked for: the error is then [flag.ErrHelp]. Any other
// names all that is wrong.
func (t Table) Settle(args, environ []string, help io.Writer) (InForce, error) {
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
	force := InForce{}
	for _, s := range t {
		for _, told := range []map[string][]given{flags, variables, lines} {
			if force[s.Name] = told[s.Name]; force[s.Name] != nil {
				break
			}
		}
		faults = append(faults, s.take(force[s.Name])...)
		if force[s.Name] == nil && s.Begins != "" {
			force[s.Name] = []given{{byDefault, s.Begins}}
			if err := s.Set(s.Begins); err != nil {
				panic(fmt.Sprintf("-%s cannot begin with %q: %v", s.Name, s.Begins, err))
			}
		}
	}
	return force, Wrong(faults)
}

// take sets what was given in one place.
func (s Setting) take(values []given) (faults []error) {
	if s.Needed && len(values) == 0 {
		return []error{fmt.Errorf("-%s: it is needed: as a flag, as %s, or in the file of -config", s.Name, s.variable())}
	}
	if !s.Many && len(values) > 1 {
		return []error{fmt.Errorf("%s: it is given again, and has one value only", values[1].place)}
	}
	for _, v := range values {
		if v.value == "" { // such as a variable that a script has not set: no folder is meant by that
			faults = append(faults, fmt.Errorf("%s: it is empty: say what it is, or leave it out", v.place))
		} else if err := s.Set(v.value); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", v.place, err))
		}
	}
	return faults
}

// Wrong is one error of all faults, nil where there are none.
func Wrong(faults []error) error {
	if len(faults) == 0 {
		return nil
	}
	return fmt.Errorf("settings are wrong, and nothing was begun (labeld serve -h tells what each is):\n%w", errors.Join(faults...))
}

// Print tells what is in force, and where that was said.
func (t Table) Print(w io.Writer, force InForce) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, s := range t {
		if len(force[s.Name]) == 0 {
			fmt.Fprintf(out, "%s\t\tnot given\n", s.Name)
		}
		for _, v := range force[s.Name] {
			fmt.Fprintf(out, "%s\t%s\t%s\n", s.Name, v.value, v.place)
		}
	}
	return out.Flush()
}
