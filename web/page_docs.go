package web

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"tegata/web/openapi"
)

// A docsPage shows the description of the interface to people. What the
// description says is in English; the page's own words are in both languages.
type docsPage struct {
	basePage
	Lead    []prose
	Groups  []docsGroup
	Schemas []schemaView
}

// A docsGroup is the operations of one tag.
type docsGroup struct {
	ID, Name   string
	Lead       prose
	Operations []operationView
}

// An operationView is one operation.
type operationView struct {
	ID, Method, Path, Summary string
	Text                      []prose
	Parameters                []memberView
	Bodies                    []mediaView
	Answers                   []answerView
	Samples                   []sampleView
}

// An answerView is what one status means.
type answerView struct {
	Status  string
	Text    prose
	Headers []string
	Bodies  []mediaView
}

// A mediaView is a body of one media type.
type mediaView struct {
	Media   string
	Type    openapi.Type
	Members []memberView
}

// A memberView is a parameter, or a member of an object.
type memberView struct {
	Name     string
	Where    string // of a parameter, in words
	Required bool
	Type     openapi.Type
	Text     prose
	Example  string
}

// A sampleView is a command to run, and what is answered.
type sampleView struct {
	Label, Source string
	Status        int
}

// A schemaView is what JSON of one name has.
type schemaView struct {
	Name    string
	Type    openapi.Type
	Text    prose
	Members []memberView
}

// prose is a paragraph: words, some of them code, some to be noted.
type prose []stretch

type stretch struct{ Word, Code, Strong string }

func newDocsPage(b basePage, d *openapi.Document) docsPage {
	l := b.Lang
	p := docsPage{basePage: b, Lead: proses(d.Description)}
	p.Title = l.T("docs.title")
	for _, tag := range d.Tags {
		g := docsGroup{ID: "on-" + strings.ToLower(tag.Name), Name: tag.Name, Lead: newProse(tag.Description)}
		for _, o := range d.Operations {
			if o.Tags[0] == tag.Name {
				g.Operations = append(g.Operations, newOperationView(b, o))
			}
		}
		p.Groups = append(p.Groups, g)
	}
	for _, s := range d.Schemas() {
		p.Schemas = append(p.Schemas, schemaView{s.Name, s.Type, newProse(s.Description), memberViews(s.Members)})
	}
	return p
}

func newOperationView(b basePage, o openapi.Operation) operationView {
	v := operationView{ID: o.ID, Method: o.Method, Path: o.Path, Summary: o.Summary, Text: proses(o.Description)}
	for _, p := range o.Parameters {
		v.Parameters = append(v.Parameters, memberView{
			Name: p.Name, Where: b.Lang.T("docs.in." + p.In), Required: p.Required, Type: openapi.TypeOf(p.Schema),
			Text: newProse(p.Description), Example: exampleOf(p.Example),
		})
	}
	if o.Body != nil {
		v.Bodies = mediaViews(o.Body.Content)
	}
	for _, status := range slices.Sorted(maps.Keys(o.Responses)) {
		r := o.Responses[status]
		v.Answers = append(v.Answers, answerView{status, newProse(r.Description), slices.Sorted(maps.Keys(r.Headers)), mediaViews(r.Content)})
	}
	for _, s := range o.Samples {
		v.Samples = append(v.Samples, sampleView{s.Label, s.Source, s.Status})
	}
	return v
}

func mediaViews(content map[string]openapi.Media) (out []mediaView) {
	for _, media := range slices.Sorted(maps.Keys(content)) {
		schema := content[media].Schema
		out = append(out, mediaView{media, openapi.TypeOf(schema), memberViews(openapi.MembersOf(schema))})
	}
	return out
}

func memberViews(members []openapi.Member) (out []memberView) {
	for _, m := range members {
		out = append(out, memberView{Name: m.Name, Required: m.Required, Type: m.Type, Text: newProse(m.Description)})
	}
	return out
}

// exampleOf is a value as it stands in an address.
func exampleOf(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil {
		return text
	}
	return string(value)
}

// proses splits a description into paragraphs.
func proses(text string) (out []prose) {
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		if p := newProse(paragraph); len(p) > 0 {
			out = append(out, p)
		}
	}
	return out
}

// newProse reads the little Markdown that descriptions have: `code` and **note**.
func newProse(text string) (out prose) {
	for i, part := range strings.Split(text, "`") {
		if i%2 == 1 {
			out = append(out, stretch{Code: part})
			continue
		}
		for j, words := range strings.Split(part, "**") {
			switch {
			case words == "":
			case j%2 == 1:
				out = append(out, stretch{Strong: words})
			default:
				out = append(out, stretch{Word: words})
			}
		}
	}
	return out
}
