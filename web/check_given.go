package web

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"tegata/verify"
	"tegata/web/stock"
)

// A given is a list as a form gives it.
type given struct {
	in      verify.Jurisdiction
	at      string
	text    string                  // pasted
	columns map[stock.Column]string // where each is, as far as it was told
	header  stock.Header
	name    string // of the file
	data    []byte // of the list
	faults  verify.Faults
}

// Names of the fields of the form, beside those of a question.
const (
	fieldFile   = "file"
	fieldText   = "text"
	fieldHeader = "header"
	fieldColumn = "column-" // and the name of the column
)

// fieldMost is the longest of the small fields of the form, in bytes.
const fieldMost = 1 << 10

// readGiven reads a form.
func readGiven(r *http.Request) (g given, err error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return g, &problem{status: http.StatusUnsupportedMediaType, code: problemMedia, detail: "multipart/form-data"}
	}
	g.columns = map[stock.Column]string{}
	seen := map[string]bool{}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return g, unreadable(err)
		}
		name := part.FormName()
		if seen[name] {
			g.faults = append(g.faults, verify.Fault{Field: name, Rule: faultParamTwice})
		}
		seen[name] = true
		if err := g.field(name, part); err != nil {
			return g, err
		}
	}
	typed := strings.TrimSpace(g.text) != ""
	switch {
	case typed && len(g.data) > 0:
		g.faults = append(g.faults, verify.Fault{Rule: faultListBoth})
	case typed:
		g.data, g.name = []byte(g.text+"\n"), "list.csv" // its last row is whole
	case len(g.data) == 0 && g.name == "":
		g.faults = append(g.faults, verify.Fault{Rule: faultListNone})
	}
	return g, nil
}

// field reads one field of the form.
func (g *given) field(name string, part *multipart.Part) error {
	most := int64(fieldMost)
	if name == fieldFile || name == fieldText {
		most = listMost
	}
	data, err := io.ReadAll(io.LimitReader(part, most+1))
	if err != nil {
		return unreadable(err)
	}
	if int64(len(data)) > most {
		return &problem{status: http.StatusRequestEntityTooLarge, code: problemTooLarge}
	}
	switch column, named := strings.CutPrefix(name, fieldColumn); {
	case name == fieldFile:
		g.data, g.name = data, path.Base(strings.ReplaceAll(part.FileName(), `\`, "/"))
		if part.FileName() == "" {
			g.name = ""
		}
	case name == fieldText:
		g.text = string(data)
	case name == paramIn:
		g.in = verify.Jurisdiction(data)
	case name == paramAt:
		g.at = string(data)
	case name == fieldHeader:
		g.header = stock.Header(data)
	case named && slices.Contains(askedColumns, stock.Column(column)):
		if where := strings.TrimSpace(string(data)); where != "" {
			g.columns[stock.Column(column)] = where
		}
	}
	return nil // a field of another name was not this form's
}

// request is the list as the API would be asked about it.
func (g *given) request(r *http.Request) (*http.Request, error) {
	q := url.Values{}
	for name, value := range map[string]string{paramIn: string(g.in), paramAt: g.at} {
		if value != "" {
			q.Set(name, value)
		}
	}
	var told []string
	for _, c := range askedColumns {
		if where := g.columns[c]; where != "" {
			told = append(told, string(c)+"="+where)
		}
	}
	if len(told) > 0 {
		q.Set(paramColumns, strings.Join(told, ","))
	}
	asked, err := http.NewRequestWithContext(r.Context(), http.MethodPost, "/api/v1/verify?"+q.Encode(), bytes.NewReader(g.data))
	if err != nil {
		return nil, err
	}
	params := map[string]string{}
	if g.header != "" {
		params["header"] = string(g.header)
	}
	if g.text != "" {
		params["charset"] = "utf-8" // as the page, and so the form, is
	}
	asked.Header.Set("Content-Type", mime.FormatMediaType(mediaCSV, params))
	asked.Header.Set("Accept-Language", string(language(r)))
	return asked, nil
}
