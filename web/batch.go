package web

import (
	"bufio"
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/web/stock"
)

// Limits of one request that asks about many. It is answered as it comes, in
// memory that does not grow with it, so that what bounds it is time: that of each
// item, see chunkTime.
const (
	itemMost  = 8 << 10   // bytes of an item of JSON; of a row see stock.RowMost
	itemsMost = 1_000_000 // items
	batchMost = 1 << 30   // bytes of all
	drainMost = 64 << 20  // bytes that are passed over after an answer that ended early
)

const (
	mediaJSON = "application/json"
	mediaCSV  = "text/csv"
)

// asked are the forms in which many may be asked about.
const asked = mediaJSON + ", " + mediaNDJSON + ", " + mediaCSV

// ask answers the questions of a body, a JSON array, NDJSON or CSV, in their order
// and in the same form: of CSV every row as it came, with the answer behind it.
// What is wrong with one of them is its answer, and does not spoil the next.
//
// A report signed by the registry is kept for a while, under the digest of the
// answer. Its address is a Link in the header where the answer is a small array,
// else in the trailer, each with the Repr-Digest (RFC 9530) of the answer.
func (s *site) ask(w http.ResponseWriter, r *http.Request) {
	share(w, r)
	media := mediaOf(r)
	if media != mediaJSON && media != mediaNDJSON && media != mediaCSV || r.Header.Get("Content-Encoding") != "" {
		w.Header().Set("Accept-Post", asked)
		s.problemJSON(w, r, &problem{status: http.StatusUnsupportedMediaType, code: problemMedia, detail: asked})
		return
	}
	if p := forAll(r); p != nil {
		s.problemJSON(w, r, p)
		return
	}
	if media == mediaCSV && r.URL.Query().Get(paramWhole) == "1" {
		release, err := s.whole(w, r)
		if err != nil {
			s.problemJSON(w, r, problemOf(err))
			return
		}
		defer release()
	}
	b := s.newBatch(w, r, media)
	b.out.control.EnableFullDuplex()
	if media == mediaCSV {
		if err := b.openList(); err != nil {
			b.stop(problemOf(err))
			return
		}
	}
	b.run()
}

// forAll looks at the parameters of the address, which are asked of every item
// that does not ask otherwise: where, of which instant, and what was known.
func forAll(r *http.Request) *problem {
	_, p := parseQuery(r)
	if p == nil {
		p = &problem{status: http.StatusBadRequest, code: problemParameter}
	}
	for _, name := range []string{paramModel, paramGTIN, paramNumber, paramScheme} {
		if r.URL.Query().Has(name) {
			p.fault(name, verify.NotAllowed, "")
		}
	}
	if len(p.faults) > 0 {
		return p
	}
	return nil
}

// A batch is one request that asks about many, on its way. Every item is asked
// of the head at which the request came, however long it takes.
type batch struct {
	*site
	r      *http.Request
	all    url.Values // asked of every item
	source *paced
	body   *bufio.Reader            // of the source
	next   func() (question, error) // the next item of the body
	input  hash.Hash                // of the body
	out    *output
	report bundle.Report
	heads  map[string]verify.Log   // of every log
	now    time.Time               // that answers are of where an item asks of no other
	latest map[itemBody]resultBody // answers that were given last, to be given again
	like   counted                 // what the items before counted as that are not in the report yet
	alike  int64                   // how many they are
	asked  []byte                  // what a row asks; see [batch.kept]
}

// A question is one item of many as it was read.
type question struct {
	row   *stock.Row // of a list; nil: it is one of JSON
	item  itemBody   // of JSON
	err   error      // why it cannot be asked
	blank bool       // nothing stands there, and nothing is asked
}

// How many answers are kept to be given again, and of how many records each.
const (
	latestMost  = 1024
	matchesKept = 4
)

func (s *site) newBatch(w http.ResponseWriter, r *http.Request, media string) *batch {
	head, all := s.registry.Head(), r.URL.Query()
	b := &batch{site: s, r: r, all: all, now: s.present(head), heads: map[string]verify.Log{head.Origin: head}, input: sha256.New(), out: newOutput(w, media), latest: map[itemBody]resultBody{}}
	b.source = &paced{io.TeeReader(http.MaxBytesReader(nil, r.Body, batchMost), b.input), b.out.control, false}
	switch media {
	case mediaCSV:
		b.body = bufio.NewReaderSize(b.source, listBuffer)
	case mediaNDJSON:
		b.body = bufio.NewReaderSize(b.source, itemMost)
		b.next = texts(func() ([]byte, error) { return nextLine(b.body) })
	case mediaJSON:
		b.body = bufio.NewReaderSize(b.source, itemMost)
		b.next = texts((&elements{r: b.body}).next)
	}
	b.report = bundle.Report{
		Issuer: head.Origin, Log: head,
		In: verify.Jurisdiction(all.Get(paramIn)), At: all.Get(paramAt), Known: all.Get(paramKnown),
		Statuses: map[verify.Status]int64{}, Outcomes: map[verify.Outcome]int64{},
	}
	for _, one := range s.others {
		other := one.registry.Head()
		b.heads[other.Origin] = other
		b.report.Beside = append(b.report.Beside, other)
		if b.now.IsZero() {
			b.now = head.Time // of all the same
		}
	}
	return b
}

// run answers every item. The report is made where all of the body came: about
// a part of it nobody asked.
func (b *batch) run() {
	for {
		b.source.begun = false
		q, err := b.next()
		if errors.Is(err, io.EOF) {
			b.out.end(b.file)
			return
		}
		if p := b.over(q, err); p != nil {
			b.stop(p)
			return
		}
		last := b.body.Buffered() == 0
		if q.blank {
			err = b.out.blank()
		} else if k := b.kept(q.row); k != nil {
			b.count(k.count)
			err = b.out.addCells(k.cells(), last)
		} else {
			result := b.result(q)
			b.tally(&result)
			b.keep(q.row, &result)
			err = b.out.add(result, last)
		}
		if err != nil {
			// Nobody listens any more, or the rest of a long row did not come. The
			// connection is cut, so that half an answer is not taken for a whole one.
			panic(http.ErrAbortHandler)
		}
	}
}

// over says why no more items are answered, if none are.
func (b *batch) over(q question, err error) *problem {
	switch {
	case errors.Is(err, errArray):
		return &problem{status: http.StatusBadRequest, code: problemQuestion, reason: err.Error()}
	case err != nil:
		return problemOf(unreadable(err))
	case b.report.Items == itemsMost && !q.blank:
		return &problem{status: http.StatusRequestEntityTooLarge, code: problemItems, detail: strconv.Itoa(itemsMost)}
	}
	return nil
}

// stop ends an answer that is not whole: with the problem alone where there is
// nothing else, otherwise with a last result, which no item asked for.
func (b *batch) stop(p *problem) {
	drained := b.drain()
	if !drained && !b.out.begun {
		b.out.w.Header().Set("Connection", "close")
	}
	if b.report.Items == 0 && !b.out.begun {
		b.out.control.SetWriteDeadline(chunkEnd())
		b.problemJSON(b.out.w, b.r, p)
		return
	}
	cut := !drained && b.out.begun
	if b.out.last(resultBody{Problem: b.problem(p)}) == nil {
		b.out.end(func([]byte) string { return "" })
	}
	if cut { // the header is out, and can no longer say that the connection ends
		b.out.control.Flush()
		b.out.control.SetWriteDeadline(time.Unix(1, 0))
	}
}

// drain reads what is left of the body, and reports whether all of it came. Where
// it did not, nothing that comes later on the connection is a request.
//
// The server would read it too, after the answer, but where both ways are open at
// once it then reads the next request twice, and panics.
func (b *batch) drain() bool {
	b.out.control.SetReadDeadline(chunkEnd())
	_, err := io.CopyN(io.Discard, b.r.Body, drainMost)
	return errors.Is(err, io.EOF)
}

func (b *batch) problem(p *problem) *problemBody {
	body := p.body(language(b.r), b.accident(b.r, p))
	return &body
}
