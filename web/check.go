package web

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"tegata/verify"
	"tegata/web/stock"
)

// Limits of lists that are given by a form, and held until they are answered.
const (
	listMost    = 8 << 20 // bytes
	formMost    = 2*listMost + 64<<10
	listRows    = 100_000
	listsAtOnce = 4
)

// check answers with the page on which a shop gives a list of its stock. Where
// scripts run they ask for the answers themselves, and nothing is kept here.
func (s *site) check(*http.Request) (view, error) {
	return view{status: http.StatusOK, on: s.still(), tag: []string{s.checker.version, assetURL("style.css")}, policy: checkPolicy, page: func(b basePage) (string, any) {
		return pageCheck, newCheckPage(b, s.checker, given{})
	}}, nil
}

// checkList answers a list that a form sent, and leads to the page of the
// answers. It is asked about as its bytes would be by the API, so that both say
// the same; only that all of it is answered before a word is said.
func (s *site) checkList(w http.ResponseWriter, r *http.Request) {
	control := http.NewResponseController(w)
	h := s.hold(http.MaxBytesReader(w, r.Body, formMost), func() { control.SetReadDeadline(chunkEnd()) })
	defer h.release()
	r.Body = io.NopCloser(h)
	s.page(func(r *http.Request) (view, error) {
		g, err := readGiven(r)
		if err != nil {
			return view{}, err
		}
		select {
		case s.lists <- struct{}{}:
			defer func() { <-s.lists }()
		default:
			return view{}, &problem{status: http.StatusServiceUnavailable, code: problemBusy}
		}
		digest, err := s.answerList(r, g)
		control.SetWriteDeadline(chunkEnd())
		var p *problem
		if errors.As(err, &p) && len(p.faults) > 0 {
			return view{status: http.StatusUnprocessableEntity, policy: checkPolicy, page: func(b basePage) (string, any) {
				page := newCheckPage(b, s.checker, g)
				page.refuse(p.body(b.Lang, "").Faults)
				if list, err := stock.Open(bytes.NewReader(g.data), stock.Form{}); err == nil {
					page.choose(list)
				}
				return pageCheck, page
			}}, nil
		}
		if err != nil {
			return view{}, err
		}
		return s.leadTo(r, "/check/"+digest, url.Values{}), nil
	})(w, r)
}

// answerList asks about a list and keeps the answers, under their digest.
func (s *site) answerList(r *http.Request, g given) (digest string, err error) {
	if len(g.faults) > 0 {
		return "", &problem{status: http.StatusBadRequest, code: problemParameter, faults: g.faults}
	}
	asked, err := g.request(r)
	if err != nil {
		return "", err
	}
	if p := forAll(asked); p != nil {
		return "", p
	}
	if n := max(bytes.Count(g.data, []byte("\n")), bytes.Count(g.data, []byte("\r"))); n > listRows {
		return "", &problem{status: http.StatusRequestEntityTooLarge, code: problemItems, detail: strconv.Itoa(listRows)}
	}
	out := &held{header: http.Header{}}
	b := s.newBatch(out, asked, mediaCSV)
	if err := b.openList(); err != nil {
		return "", err
	}
	list := b.out.list
	b.run()
	sum := b.out.sum.Sum(nil)
	digest = hex.EncodeToString(sum)
	form := stock.Form{Comma: list.Comma(), Header: stock.Absent, Columns: map[stock.Column]string{}}
	for _, c := range stock.Columns {
		form.Columns[c] = "-"
	}
	for c, i := range list.Columns() {
		form.Columns[c] = strconv.Itoa(i + 1)
	}
	if list.Headings() != nil {
		form.Header = stock.Present
	}
	if form.Charset, _ = list.Charset(); form.Charset == "" {
		form.Charset = stock.UTF8
	}
	_, reported := s.reports.of(digest)
	s.answered.keep(digest, &answered{
		data: out.body.Bytes(), form: form, width: list.Width(), columns: list.Columns(), name: g.name, in: g.in, at: g.at,
		head: b.report.Log, reported: reported, until: b.report.Log.Time.Add(keptMinutes * time.Minute),
	})
	return digest, nil
}

// A held is an answer that is held until it is whole.
type held struct {
	header http.Header
	body   bytes.Buffer
	status int
}

func (h *held) Header() http.Header         { return h.header }
func (h *held) WriteHeader(status int)      { h.status = status }
func (h *held) Write(b []byte) (int, error) { return h.body.Write(b) }

// answers answers with a page of the answers to a list.
func (s *site) answers(r *http.Request) (view, error) {
	a, err := s.answersOf(r, r.PathValue("list"))
	if err != nil {
		return view{}, err
	}
	shown, page, p := parseShown(r)
	if p != nil {
		return view{}, p
	}
	rows, err := a.read(shown, page)
	if err != nil {
		return view{}, err
	}
	return view{status: http.StatusOK, page: func(b basePage) (string, any) { return pageChecked, newCheckedPage(b, a, r.PathValue("list"), rows) }}, nil
}

// answersFile answers with the list and its answers.
func (s *site) answersFile(r *http.Request) (exhibit, error) {
	a, err := s.answersOf(r, r.PathValue("list"))
	if err != nil {
		return exhibit{}, err
	}
	return exhibit{file{mediaCSV + "; charset=" + string(a.form.Charset), a.data, cacheNever}, http.StatusOK, a.file()}, nil
}

func (s *site) answersOf(r *http.Request, digest string) (*answered, error) {
	a, ok := s.answered.of(digest, s.registry.Head().Time)
	if !ok {
		return nil, &problem{status: http.StatusNotFound, code: problemGone, detail: strconv.Itoa(keptMinutes)}
	}
	return a, nil
}

// Names of the parameters of a page of answers.
const (
	paramShow = "show" // a mark; empty: all
	paramPage = "page" // from 1
)

// parseShown reads which rows are to be shown.
func parseShown(r *http.Request) (shown mark, page int, p *problem) {
	p = &problem{status: http.StatusBadRequest, code: problemParameter}
	q := r.URL.Query()
	shown = choice(p, paramShow, mark(q.Get(paramShow)), marks)
	page = 1
	if text := q.Get(paramPage); text != "" {
		n, err := parseIndex(text)
		if err != nil || n < 1 || n > listRows {
			p.fault(paramPage, verify.OutOfRange, "1–"+strconv.Itoa(listRows))
		}
		page = int(n)
	}
	if len(p.faults) > 0 {
		return shown, page, p
	}
	return shown, page, nil
}
