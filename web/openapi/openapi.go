// Package openapi holds the description of the HTTP interface, in OpenAPI 3.1: by
// hand, a file for each noun. README.md says how to add to it.
//
// The tests of the web hold it to the routes in both directions, and every answer
// that they get to it.
package openapi

import (
	"bytes"
	"cmp"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

//go:embed *.json
var files embed.FS

// written is the address that the files are written for.
const written = "https://labels.example"

// A Document is the description of one registry's interface.
type Document struct {
	JSON        []byte // all of it
	Description string // in Markdown, of paragraphs, code and strong words alone
	Tags        []Tag  // in the order to be read
	Operations  []Operation

	parts parts
}

// A Tag is a group of operations.
type Tag struct {
	Name        string `json:"name"`
	Description string `json:"description"`
}

// An Operation is a method of an address.
type Operation struct {
	Method      string              `json:"-"` // in capitals
	Path        string              `json:"-"` // with parameters in braces
	ID          string              `json:"operationId"`
	Tags        []string            `json:"tags"`
	Summary     string              `json:"summary"`
	Description string              `json:"description"`
	Parameters  []Parameter         `json:"parameters"`
	Body        *Body               `json:"requestBody"`
	Responses   map[string]Response `json:"responses"` // by status, or 4XX and 5XX
	Samples     []Sample            `json:"x-codeSamples"`
}

// A Parameter is part of an address, or of what stands behind its question mark.
type Parameter struct {
	Ref         string          `json:"$ref"`
	Name        string          `json:"name"`
	In          string          `json:"in"` // path, query or header
	Required    bool            `json:"required"`
	Description string          `json:"description"`
	Explode     bool            `json:"explode"` // stands for any name that is not described
	Schema      json.RawMessage `json:"schema"`
	Example     json.RawMessage `json:"example"`
}

// A Body is what is sent along.
type Body struct {
	Content map[string]Media `json:"content"` // by media type
}

// A Response is what is answered with one status.
type Response struct {
	Ref         string            `json:"$ref"` // where it is described for many
	Description string            `json:"description"`
	Headers     map[string]Header `json:"headers"`
	Content     map[string]Media  `json:"content"` // by media type
}

// A Header is one of a response.
type Header struct {
	Ref         string `json:"$ref"`
	Required    bool   `json:"required"`
	Description string `json:"description"`
}

// Media is what is in a body of one media type.
type Media struct {
	Schema json.RawMessage `json:"schema"`
}

// A Sample is a command that asks, and the status it is answered with.
type Sample struct {
	Label  string `json:"label"`
	Source string `json:"source"`
	Status int    `json:"x-status"`
}

// parts are those of the document that the files add to.
type parts struct {
	Paths      map[string]map[string]json.RawMessage `json:"paths"` // by address and method
	Components struct {
		Parameters map[string]json.RawMessage `json:"parameters,omitempty"`
		Headers    map[string]json.RawMessage `json:"headers,omitempty"`
		Responses  map[string]json.RawMessage `json:"responses,omitempty"`
		Schemas    map[string]json.RawMessage `json:"schemas,omitempty"`
	} `json:"components"`
}

// New returns the description of a registry that is reached at an address such as
// https://labels.example. It panics where the files do not make one document: the
// tests would have said so.
func New(url string) *Document {
	quoted, err := json.Marshal(url)
	must(err)
	here := bytes.Trim(quoted, `"`)
	var head struct {
		OpenAPI  json.RawMessage `json:"openapi"`
		Info     json.RawMessage `json:"info"`
		Servers  json.RawMessage `json:"servers"`
		Security json.RawMessage `json:"security"`
		Tags     []Tag           `json:"tags"`
		parts
	}
	names, err := fs.Glob(files, "*.json")
	must(err)
	for _, name := range names {
		text, err := files.ReadFile(name)
		must(err)
		text = bytes.ReplaceAll(text, []byte(written), here)
		if name == "head.json" {
			must(strictly(text, &head))
			continue
		}
		var more parts
		must(strictly(text, &more))
		head.parts.add(more, name)
	}
	var info struct{ Description string }
	must(json.Unmarshal(head.Info, &info))
	d := &Document{Description: info.Description, Tags: head.Tags, parts: head.parts}
	d.JSON, err = json.Marshal(head)
	must(err)
	for path, methods := range d.parts.Paths {
		for method, text := range methods {
			o := Operation{Method: strings.ToUpper(method), Path: path}
			must(json.Unmarshal(text, &o))
			d.resolve(&o)
			d.Operations = append(d.Operations, o)
		}
	}
	slices.SortFunc(d.Operations, func(a, b Operation) int {
		return cmp.Or(cmp.Compare(d.place(a), d.place(b)), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method))
	})
	return d
}

func must(err error) {
	if err != nil {
		panic("openapi: " + err.Error())
	}
}

// strictly reads a file, in which nothing may stand that would be passed over.
func strictly(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

// add adds the parts of a file. What is described twice is described wrongly once.
func (p *parts) add(more parts, file string) {
	if p.Paths == nil {
		p.Paths = map[string]map[string]json.RawMessage{}
	}
	for path, methods := range more.Paths {
		if p.Paths[path] != nil {
			must(fmt.Errorf("%s: %s is described elsewhere", file, path))
		}
		p.Paths[path] = methods
	}
	join := func(to *map[string]json.RawMessage, from map[string]json.RawMessage) {
		if *to == nil {
			*to = map[string]json.RawMessage{}
		}
		for name, text := range from {
			if (*to)[name] != nil {
				must(fmt.Errorf("%s: %s is described elsewhere", file, name))
			}
			(*to)[name] = text
		}
	}
	c, m := &p.Components, more.Components
	join(&c.Parameters, m.Parameters)
	join(&c.Headers, m.Headers)
	join(&c.Responses, m.Responses)
	join(&c.Schemas, m.Schemas)
}

// place is that of an operation's group.
func (d *Document) place(o Operation) int {
	return slices.IndexFunc(d.Tags, func(t Tag) bool { return len(o.Tags) > 0 && t.Name == o.Tags[0] })
}

// resolve puts what an operation refers to in its place, but for schemas.
func (d *Document) resolve(o *Operation) {
	c := d.parts.Components
	for i, p := range o.Parameters {
		o.Parameters[i] = referred(p, p.Ref, "parameters", c.Parameters)
	}
	for status, r := range o.Responses {
		ref := r.Ref
		r = referred(r, ref, "responses", c.Responses)
		r.Ref = ref
		for name, h := range r.Headers {
			r.Headers[name] = referred(h, h.Ref, "headers", c.Headers)
		}
		o.Responses[status] = r
	}
}

func referred[T any](v T, ref, kind string, all map[string]json.RawMessage) T {
	if ref == "" {
		return v
	}
	name, ok := strings.CutPrefix(ref, "#/components/"+kind+"/")
	if !ok || all[name] == nil {
		must(fmt.Errorf("%s is nowhere", ref))
	}
	var out T
	must(json.Unmarshal(all[name], &out))
	return out
}
