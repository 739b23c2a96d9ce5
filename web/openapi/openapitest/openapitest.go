// Package openapitest holds answers against the description of the interface.
package openapitest

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"tegata/web/openapi"
)

// A Checker holds answers against a description, and notes what of it was seen.
type Checker struct {
	doc        *openapi.Document
	compiler   *jsonschema.Compiler
	operations []operation

	mu      sync.Mutex
	schemas map[string]*jsonschema.Schema // by pointer
	seen    map[string]bool
}

type operation struct {
	openapi.Operation
	path *regexp.Regexp
}

// address is where the compiler finds the document.
const address = "https://labels.example/openapi.json"

// New returns a checker of what is described. It takes no answer with a member
// that is not described, although the description lets answers grow.
func New() (*Checker, error) {
	c := &Checker{doc: openapi.New("https://labels.example"), compiler: jsonschema.NewCompiler(),
		schemas: map[string]*jsonschema.Schema{}, seen: map[string]bool{}}
	c.compiler.AssertFormat()
	c.compiler.DefaultDraft(jsonschema.Draft2020)
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(c.doc.JSON))
	if err != nil {
		return nil, err
	}
	closed(doc)
	if err := c.compiler.AddResource(address, doc); err != nil {
		return nil, err
	}
	for _, o := range c.doc.Operations {
		c.operations = append(c.operations, operation{o, pattern(o.Path)})
	}
	// /verify/{code}.jwt goes before /verify/{code}.
	slices.SortStableFunc(c.operations, func(a, b operation) int { return len(plain(b.Path)) - len(plain(a.Path)) })
	return c, nil
}

// closed lets no object have members that are not described, unless it says so.
func closed(v any) {
	switch v := v.(type) {
	case map[string]any:
		_, object := v["properties"].(map[string]any)
		if _, said := v["additionalProperties"]; object && !said {
			v["additionalProperties"] = false
		}
		for _, x := range v {
			closed(x)
		}
	case []any:
		for _, x := range v {
			closed(x)
		}
	}
}

var parameter = regexp.MustCompile(`\{([a-z]+)\}`)

func plain(path string) string { return parameter.ReplaceAllString(path, "") }

// pattern is that of the addresses a path stands for. The parameter path alone may
// have slashes.
func pattern(path string) *regexp.Regexp {
	text := parameter.ReplaceAllStringFunc(path, func(p string) string {
		return map[bool]string{true: "\x00", false: "\x01"}[p == "{path}"]
	})
	text = strings.NewReplacer("\x00", ".+", "\x01", "[^/]+").Replace(regexp.QuoteMeta(text))
	return regexp.MustCompile("^" + text + "$")
}

// find returns the operation that describes a request, or nil.
func (c *Checker) find(r *http.Request) *operation {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	for i, o := range c.operations {
		if o.Method == method && o.path.MatchString(r.URL.Path) {
			return &c.operations[i]
		}
	}
	return nil
}

// general are the statuses that any operation may answer with, described as 3XX, 4XX
// and 5XX where it does not describe its own.
var general = []int{http.StatusMultipleChoices, http.StatusRequestTimeout, http.StatusRequestEntityTooLarge, http.StatusTooManyRequests,
	http.StatusInternalServerError, http.StatusServiceUnavailable}

// Check says what an answer has that is not described, and what is described that
// it has not. An answer of an address that is not described is not looked at.
func (c *Checker) Check(r *http.Request, answer *http.Response) error {
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	o := c.find(r)
	if o == nil || r.Method == http.MethodOptions {
		return nil
	}
	status := strconv.Itoa(answer.StatusCode)
	if _, own := o.Responses[status]; !own && slices.Contains(general, answer.StatusCode) {
		status = status[:1] + "XX"
	}
	described, ok := o.Responses[status]
	if !ok {
		return fmt.Errorf("%s %s: no response %s is described in web/openapi", o.Method, o.Path, status)
	}
	at := o.Method + " " + o.Path + " " + status
	c.note(at)
	var faults []error
	if answer.StatusCode < 300 {
		faults = append(faults, c.asked(o, r)...)
	}
	faults = append(faults, headers(described, answer.Header)...)
	if answer.StatusCode != http.StatusNotModified && r.Method != http.MethodHead {
		faults = append(faults, c.content(o, at, status, described, answer.Header, body))
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("%s: %w", at, err)
	}
	return nil
}

func (c *Checker) note(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen[what] = true
}

// asked looks at the parameters and the body of a request that was answered. The
// language of sentences for people may be asked for anywhere.
func (c *Checker) asked(o *operation, r *http.Request) (faults []error) {
	for name := range r.URL.Query() {
		described := func(p openapi.Parameter) bool { return p.In == "query" && (p.Name == name || p.Explode) }
		if i := slices.IndexFunc(o.Parameters, described); i >= 0 {
			c.note(o.Method + " " + o.Path + "?" + o.Parameters[i].Name)
		} else if name != "lang" {
			faults = append(faults, fmt.Errorf("the parameter %s is taken, and not described", name))
		}
	}
	if o.Body != nil {
		media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if _, ok := o.Body.Content[media]; !ok {
			faults = append(faults, fmt.Errorf("a body of type %s is taken, and not described", media))
		}
		c.note(o.Method + " " + o.Path + " takes " + media)
	}
	return faults
}

// told are the headers that say something of one answer: none stands on an answer
// whose description does not have it.
var told = []string{"Accept-Post", "Etag", "Last-Modified", "Link", "Location", "Repr-Digest"}

func headers(described openapi.Response, h http.Header) (faults []error) {
	has := map[string]bool{}
	for name, d := range described.Headers {
		has[http.CanonicalHeaderKey(name)] = true
		if d.Required && h.Get(name) == "" {
			faults = append(faults, fmt.Errorf("the header %s is described, and missing", name))
		}
	}
	for _, name := range told {
		if h.Get(name) != "" && !has[name] {
			faults = append(faults, fmt.Errorf("the header %s is not described", name))
		}
	}
	return faults
}

// content looks at the media type and the body of an answer.
func (c *Checker) content(o *operation, at, status string, described openapi.Response, h http.Header, body []byte) error {
	media, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	content, ok := described.Content[media]
	if !ok {
		return fmt.Errorf("the media type %q is not described", media)
	}
	c.note(at + " " + media)
	if len(content.Schema) == 0 {
		return nil
	}
	if h.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return err
		}
		if body, err = io.ReadAll(z); err != nil {
			return err
		}
	}
	pointer := []string{"paths", o.Path, strings.ToLower(o.Method), "responses", status, "content", media, "schema"}
	if described.Ref != "" {
		pointer = append(strings.Split(described.Ref, "/")[1:], "content", media, "schema")
	}
	schema, err := c.schema(pointer)
	if err != nil {
		return err
	}
	switch {
	case media == "application/x-ndjson":
		lines := bufio.NewScanner(bytes.NewReader(body))
		lines.Buffer(nil, 64<<20)
		for lines.Scan() {
			if err := valid(schema, lines.Bytes()); err != nil {
				return fmt.Errorf("%.200s: %w", lines.Bytes(), err)
			}
		}
		return lines.Err()
	case media == "application/json", strings.HasSuffix(media, "+json"):
		return valid(schema, body)
	}
	return schema.Validate(string(body))
}

func valid(schema *jsonschema.Schema, text []byte) error {
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	return schema.Validate(v)
}

func (c *Checker) schema(pointer []string) (*jsonschema.Schema, error) {
	var at strings.Builder
	for _, p := range pointer {
		at.WriteString("/" + url.PathEscape(strings.NewReplacer("~", "~0", "/", "~1").Replace(p)))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.schemas[at.String()]; s != nil {
		return s, nil
	}
	s, err := c.compiler.Compile(address + "#" + at.String())
	c.schemas[at.String()] = s
	return s, err
}

// Valid holds JSON against a schema of the description.
func (c *Checker) Valid(schema string, text []byte) error {
	s, err := c.schema([]string{"components", "schemas", schema})
	if err != nil {
		return err
	}
	return valid(s, text)
}

// Unseen lists what is described and was in no request and no answer: parameters,
// types of bodies, statuses and their media types.
func (c *Checker) Unseen() (out []string) {
	want := map[string]bool{}
	for _, o := range c.doc.Operations {
		at := o.Method + " " + o.Path
		for _, p := range o.Parameters {
			if p.In == "query" {
				want[at+"?"+p.Name] = true
			}
		}
		if o.Body != nil {
			for media := range o.Body.Content {
				want[at+" takes "+media] = true
			}
		}
		for status, r := range o.Responses {
			if strings.HasSuffix(status, "XX") {
				continue
			}
			want[at+" "+status] = true
			for media := range r.Content {
				want[at+" "+status+" "+media] = true
			}
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, w := range slices.Sorted(maps.Keys(want)) {
		if !c.seen[w] {
			out = append(out, w)
		}
	}
	return out
}

// Undescribed compares the routes of a router with what is described, and says for
// each difference what is to be done. Parts of a route that begin with a colon or
// an asterisk stand for something. A route in pages answers people, or is what
// their pages load.
func (c *Checker) Undescribed(routes map[string][]string, pages []string) (out []string) {
	reached := map[string]bool{}
	for _, route := range slices.Sorted(maps.Keys(routes)) {
		var found []string
		for _, o := range c.doc.Operations {
			if best(o.Path, routes) == route {
				found = append(found, o.Method)
				reached[o.Method+" "+o.Path] = slices.Contains(routes[route], o.Method)
			}
		}
		page := slices.Contains(pages, route)
		for _, method := range routes[route] {
			switch described := slices.Contains(found, method); {
			case method == http.MethodHead || method == http.MethodOptions:
			case !described && !page:
				out = append(out, fmt.Sprintf("%s %s is not described: add it to a file of web/openapi, as its README.md says, or to the pages of this test", method, route))
			case described && page:
				out = append(out, fmt.Sprintf("%s %s is a page of this test, and described: strike it out here", method, route))
			}
		}
	}
	for _, o := range c.doc.Operations {
		if !reached[o.Method+" "+o.Path] {
			out = append(out, fmt.Sprintf("%s %s is described, and no route answers it: strike it out of web/openapi", o.Method, o.Path))
		}
	}
	for _, page := range pages {
		if routes[page] == nil {
			out = append(out, fmt.Sprintf("%s is a page of this test, and no route answers it: strike it out here", page))
		}
	}
	return out
}

// best is the route that answers a described path: of those that fit, the one with
// the most parts that are the same.
func best(path string, routes map[string][]string) (route string) {
	most := -1
	parts := strings.Split(path, "/")
	for _, candidate := range slices.Sorted(maps.Keys(routes)) {
		same, fits := 0, true
		has := strings.Split(candidate, "/")
		if len(has) != len(parts) {
			continue
		}
		for i, p := range has {
			switch {
			case p == parts[i]:
				same++
			case !strings.HasPrefix(p, ":") && !strings.HasPrefix(p, "*"):
				fits = false
			}
		}
		if fits && same > most {
			most, route = same, candidate
		}
	}
	return route
}
