package web

import (
	"errors"
	"io"
	"net/http"
	"strconv"

	"tegata/verify"
	"tegata/web/stock"
)

// paramMore says that what is sent is the beginning of a longer list.
const paramMore = "more"

// Limits of a look at a list.
const (
	lookHead = 256 << 10 // bytes of a list's beginning that a page sends
	lookRows = 5
	lookText = 120 // characters of a cell that are shown
)

// A listBody is what a list is taken for, before anything is asked about it.
type listBody struct {
	Charset   stock.Charset        `json:"charset"`   // empty where nothing but ASCII came, and there is more
	Separator string               `json:"separator"` // comma, semicolon or tab
	Header    stock.Header         `json:"header"`
	Width     int                  `json:"width"`    // fields of the first row
	Headings  []string             `json:"headings"` // none where there is no header
	Rows      [][]string           `json:"rows"`     // the first, cut short for show
	Columns   map[stock.Column]int `json:"columns"`  // where each is that was recognised, or told, from 1
}

// lookAt takes lists as text/csv only.
func (s *site) lookAt(w http.ResponseWriter, r *http.Request) {
	if mediaOf(r) != mediaCSV || r.Header.Get("Content-Encoding") != "" {
		w.Header().Set("Accept-Post", mediaCSV)
		s.problemJSON(w, r, &problem{status: http.StatusUnsupportedMediaType, code: problemMedia, detail: mediaCSV})
		return
	}
	s.api(s.look)(w, r)
}

// look answers what a list is taken for, which columns are what, and how its
// first rows begin, so that who sends it can say otherwise before it is asked
// about. The beginning of a list will do, where the parameter more says so.
func (s *site) look(r *http.Request) (view, error) {
	form, err := listForm(r)
	if err != nil {
		return view{}, err
	}
	body := io.Reader(http.MaxBytesReader(nil, r.Body, listMost))
	if r.URL.Query().Get(paramMore) == "1" {
		body = io.MultiReader(body, more{})
	}
	list, err := stock.Open(body, form)
	if err != nil {
		return view{}, listProblem(err)
	}
	out, err := newListBody(list)
	return view{status: http.StatusOK, body: out}, listProblem(err)
}

// newListBody reads the first rows of a list, and then no further than it takes
// to tell its charset.
func newListBody(list *stock.List) (listBody, error) {
	b := listBody{Header: stock.Absent, Width: list.Width(), Headings: []string{}, Rows: [][]string{}, Columns: map[stock.Column]int{}}
	if h := list.Headings(); h != nil {
		b.Header = stock.Present
		for _, heading := range h {
			b.Headings = append(b.Headings, cutShort(heading))
		}
	}
	for name, comma := range separators {
		if comma == list.Comma() {
			b.Separator = name
		}
	}
	for column, i := range list.Columns() {
		b.Columns[column] = i + 1
	}
	for {
		b.Charset, _ = list.Charset()
		if len(b.Rows) >= lookRows && b.Charset != "" {
			return b, nil
		}
		row, err := list.Next()
		if errors.Is(err, io.EOF) || errors.Is(err, errMore) {
			if errors.Is(err, io.EOF) && b.Charset == "" {
				b.Charset = stock.UTF8 // ASCII to its end
			}
			return b, nil
		}
		if err != nil {
			return b, err
		}
		if row.Blank || len(b.Rows) >= lookRows {
			continue
		}
		var cells []string
		for i := range row.Fields() {
			text, _ := row.Field(i)
			cells = append(cells, cutShort(text))
		}
		b.Rows = append(b.Rows, cells)
	}
}

func cutShort(text string) string {
	if r := []rune(text); len(r) > lookText {
		return string(r[:lookText-1]) + "…"
	}
	return text
}

// errMore ends what is known of a list that goes on.
var errMore = errors.New("the list goes on")

// more is the rest of a list, which is not here.
type more struct{}

func (more) Read([]byte) (int, error) { return 0, errMore }

// listProblem is the problem of a list that cannot be read.
func listProblem(err error) error {
	var faults verify.Faults
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errMore):
		faults = verify.Faults{{Field: "row", Rule: stock.RowLong, Detail: strconv.Itoa(lookHead)}}
	case !errors.As(err, &faults):
		return unreadable(err)
	}
	return &problem{status: http.StatusBadRequest, code: problemList, faults: faults}
}
