package main

import (
	"context"
	"slices"
	"strings"

	"tegata/verify"
	"tegata/web/i18n"
)

const newUsage = `usage: labelctl new [-o FILE] [-lang en|ja] label|declaration|KIND

Writes a template of a statement, with every member explained, to a file that is
not there yet: KIND.jsonc, unless -o names another. label is label.issued, and
declaration is declaration.published; without an argument it lists every KIND.

The template is JSON with comments and trailing commas (.jsonc), as editors know
it. Put your values in it, then

  labelctl seal -check label.issued.jsonc
  labelctl seal -key issuer.jwk -o label.jws label.issued.jsonc

lists all that is missing, and signs. What is signed has no comments.

  -o FILE   the file to write; - is standard output
  -lang     language of the explanations; by default that of your system
`

// kindNames are short names of the kinds that issuers and makers say first.
var kindNames = map[string]verify.Kind{
	"label":       verify.LabelIssued,
	"declaration": verify.DeclarationPublished,
}

// writeTemplate writes the template of a kind.
func writeTemplate(_ context.Context, c *console, args []string) (int, error) {
	f := newFlags()
	file := f.String("o", "", "")
	lang := languageFlag(f)
	if err := parse(f, args, 0, 1, "KIND"); err != nil {
		return 0, err
	}
	l := i18n.Language(*lang)
	if f.NArg() == 0 {
		for _, k := range verify.Kinds() {
			c.print(string(k) + ": " + l.T("kind."+string(k)))
		}
		return exitDone, nil
	}
	kind, ok := kindNames[f.Arg(0)]
	if !ok {
		kind = verify.Kind(f.Arg(0))
	}
	if !slices.Contains(verify.Kinds(), kind) {
		return 0, misusef("%q is no kind of statement; labelctl new lists them", f.Arg(0))
	}
	if *file == "" {
		*file = string(kind) + ".jsonc"
	}
	text := newTemplate(kind).text(l, *file)
	if *file == "-" {
		_, err := c.out.WriteString(text)
		return exitDone, err
	}
	if err := writeNew(*file, []byte(text), 0o644); err != nil {
		return 0, err
	}
	c.say("new: %s; fill it in, then labelctl seal -check %s", *file, *file)
	return exitDone, nil
}

// text writes the template as JSON with comments. A line that begins with two
// strokes is a member that may be left out: without them it says it.
func (t *template) text(l i18n.Language, file string) string {
	w := templateWriter{l: l}
	if file == "-" {
		file = string(t.kind) + ".jsonc"
	}
	w.line("", 0, "// "+l.T("kind."+string(t.kind))+" ("+string(t.kind)+")")
	w.line("", 0, "// "+l.T("template.head"))
	w.line("", 0, "// "+l.T("template.strokes"))
	w.line("", 0, "// "+l.T("template.check", file))
	w.line("", 0, "{")
	w.members("", 1, t.root.in)
	w.line("", 0, "}")
	return w.String()
}

type templateWriter struct {
	strings.Builder
	l i18n.Language
}

// line writes a line at a depth. What is before it takes it out of the statement.
func (w *templateWriter) line(before string, depth int, text string) {
	w.WriteString(before + strings.Repeat("  ", depth) + text + "\n")
}

func (w *templateWriter) members(before string, depth int, fields []*field) {
	for _, f := range fields {
		if f.never {
			continue
		}
		for _, sentence := range f.explained(w.l) {
			w.line(before, depth, "// "+sentence)
		}
		before := before
		if f.optional {
			before += "//"
		}
		switch name := `"` + f.Name + `": `; {
		case f.Type == "object" && f.List:
			w.line(before, depth, name+"[")
			w.line(before, depth+1, "{")
			w.members(before, depth+2, f.in)
			w.line(before, depth+1, "},")
			w.line(before, depth, "],")
		case f.Type == "object":
			w.line(before, depth, name+"{")
			w.members(before, depth+1, f.in)
			w.line(before, depth, "},")
		case f.List:
			w.line(before, depth, name+`["`+f.Unfilled()+`"],`)
		case f.Name == "kind":
			w.line(before, depth, name+f.example+",")
		default:
			w.line(before, depth, name+`"`+f.Unfilled()+`",`)
		}
	}
}

// explained is what is said of a member, a sentence a line.
func (f *field) explained(l i18n.Language) []string {
	said := []string{l.T("explain." + f.Of + "." + f.Name)}
	add := func(key string, args ...any) { said = append(said, l.T("template."+key, args...)) }
	if f.choices != "" {
		add("choices", f.choices)
	}
	if f.span != "" {
		add("range", f.span)
	}
	if f.List {
		add("list")
	}
	if f.only != "" {
		name, value, _ := strings.Cut(f.only, "=")
		add("only", name, value)
	}
	if f.example != "" && f.Name != "kind" {
		add("example", f.example)
	}
	if f.optional {
		add("optional")
	}
	return said
}
