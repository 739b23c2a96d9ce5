package web

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"sync"
	"time"

	"tegata/registry"
	"tegata/verify/envelope"
)

const (
	mediaJOSE   = "application/jose"
	mediaNDJSON = "application/x-ndjson"
)

// tokenUsual is the length of most tokens or more: so much room is made before any of
// one has come.
const tokenUsual = 4 << 10

// bodies are what tokens are read into; nobody has those in here.
var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// What stands in the header of every receipt of what was entered.
var entryVaries, entryCache, entryMedia = []string{"Origin, Accept-Encoding"}, []string{cacheNever}, []string{mediaJSON}

// statement enters the one envelope in the body. Its receipt is given once, and is not
// a [reply].
func (s *site) statement(w http.ResponseWriter, r *http.Request) {
	var body []byte
	receipt, err := s.enter(r)
	if err == nil {
		body, err = encodeReceipt(receipt)
	}
	if err != nil {
		s.problemJSON(w, r, problemOf(err))
		return
	}
	h := w.Header()
	sharing(h, r)
	h["Vary"], h["Cache-Control"], h["Content-Type"] = entryVaries, entryCache, entryMedia
	if len(body) >= lengthFrom {
		h.Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(statusOf(receipt))
	w.Write(body)
}

func (s *site) enter(r *http.Request) (registry.Receipt, error) {
	token := bodies.Get().(*bytes.Buffer)
	defer bodies.Put(token)
	token.Reset()
	token.Grow(int(min(max(r.ContentLength, 0), tokenUsual)) + bytes.MinRead)
	if _, err := token.ReadFrom(http.MaxBytesReader(nil, r.Body, envelope.MaxSize)); err != nil {
		return registry.Receipt{}, unreadable(err)
	}
	return s.registry.Append(r.Context(), token.Bytes())
}

func statusOf(r registry.Receipt) int {
	if r.Fresh {
		return http.StatusCreated
	}
	return http.StatusOK
}

// receipt answers with the receipt of an entry, at the present head.
func (s *site) receipt(r *http.Request) (view, error) {
	index, err := parseIndex(r.PathValue("index"))
	if err != nil {
		return view{}, registry.ErrNotFound
	}
	receipt, err := s.registry.Receipt(index)
	if err != nil {
		return view{}, err
	}
	body, err := encodeReceipt(receipt)
	return view{status: http.StatusOK, body: body, tag: body}, err
}

// mediaOf returns the media type of a body, without parameters.
func mediaOf(r *http.Request) string {
	said := r.Header.Get("Content-Type")
	if said == mediaJOSE {
		return said // as it is spelled mostly
	}
	media, _, err := mime.ParseMediaType(said)
	if err != nil {
		return ""
	}
	return media
}

// chunkTime is how long one line of a long body may take to come, and one
// answer to be taken.
const chunkTime = 30 * time.Second

// chunkEnd is when that is over.
func chunkEnd() time.Time { return time.Now().Add(chunkTime) }

// waitingMost is how many statements of one body may be on their way at once: half
// of them are opened while the other half, as many as one transaction takes, is entered.
const waitingMost = 4096

// answersMost is how many bytes of answers are sent at once where more are to come:
// those of some twenty statements. To send each by itself takes longer than to write it.
const answersMost = 32 << 10

// statements enters the envelopes of a body of NDJSON, each line a JSON string,
// in the order of the lines, and answers with a line for each once it is durable,
// at the latest when nothing of what came waits for its answer. A statement that is
// refused does not keep the next one out.
func (s *site) statements(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	share(w, r)
	w.Header().Set("Content-Type", mediaNDJSON)
	w.Header().Set("Cache-Control", cacheNever)
	w.WriteHeader(http.StatusOK)
	control := http.NewResponseController(w)
	control.EnableFullDuplex()

	waits := make(chan func() (registry.Receipt, error), waitingMost)
	whole := false // all of the body came; said before waits is closed
	go func() {
		defer close(waits)
		body := &paced{r: r.Body, control: control}
		lines := bufio.NewReaderSize(body, lineMost)
		last := failed(nil)
		for {
			body.begun = false
			line, err := readLine(lines)
			switch {
			case errors.Is(err, io.EOF):
				whole = true
				return
			case errors.Is(err, bufio.ErrBufferFull):
				last = failed(&problem{status: http.StatusRequestEntityTooLarge, code: problemTooLarge})
			case err != nil:
				last = failed(unreadable(err))
			default:
				last = s.submit(ctx, line, last)
			}
			select {
			case waits <- last:
			case <-ctx.Done():
				return
			}
			if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
				return
			}
		}
	}()

	answers := bufio.NewWriterSize(w, answersMost)
	for wait := range waits {
		control.SetWriteDeadline(chunkEnd())
		line, err := s.appendLine(answers.AvailableBuffer(), r, wait)
		if err == nil {
			_, err = answers.Write(line)
		}
		if err == nil && len(waits) == 0 {
			err = answers.Flush()
			control.Flush()
		}
		if err != nil {
			return // nobody listens any more; what was entered stays entered
		}
	}
	if !whole { // what still comes of the body is no request, and the header is out
		control.Flush()
		control.SetWriteDeadline(time.Unix(1, 0))
	}
}

// lineMost is the longest line of a body, with its end.
const lineMost = envelope.MaxSize + len(`""`) + len("\r\n")

// readLine returns the next line without its end, which is good until it is called
// again. A line that is too long is passed over whole, with [bufio.ErrBufferFull];
// the last one needs no end.
func readLine(r *bufio.Reader) ([]byte, error) {
	line, err := r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = r.ReadSlice('\n')
		}
		if err == nil || errors.Is(err, io.EOF) {
			err = bufio.ErrBufferFull
		}
		return nil, err
	}
	if errors.Is(err, io.EOF) && len(line) > 0 {
		err = nil
	}
	return bytes.TrimRight(line, "\r\n"), err
}

// submit puts the statement of a line on its way. Where nobody has its key, one
// before it may be about to enrol who does, and where more wait than are taken, those
// before it are among them: then the last of those is waited for.
func (s *site) submit(ctx context.Context, line []byte, last func() (registry.Receipt, error)) func() (registry.Receipt, error) {
	token, plain := plainString(line)
	if !plain {
		var text string
		if err := json.Unmarshal(line, &text); err != nil {
			return failed(&problem{status: http.StatusBadRequest, code: problemEnvelope, reason: "a line is one JSON string"})
		}
		token = []byte(text)
	}
	wait, err := s.registry.Submit(token)
	if errors.Is(err, envelope.ErrKey) || errors.Is(err, registry.ErrBusy) {
		last()
		wait, err = s.registry.Submit(token)
	}
	if err != nil {
		return failed(err)
	}
	return sync.OnceValues(func() (registry.Receipt, error) { return wait(ctx) })
}

// plainString returns what a JSON string says that escapes nothing, as that of a
// token does.
func plainString(line []byte) (text []byte, ok bool) {
	if len(line) < 2 || line[0] != '"' || line[len(line)-1] != '"' {
		return nil, false
	}
	text = line[1 : len(line)-1]
	for _, b := range text {
		if b < ' ' || b > '~' || b == '"' || b == '\\' {
			return nil, false
		}
	}
	return text, true
}

func failed(err error) func() (registry.Receipt, error) {
	return func() (registry.Receipt, error) { return registry.Receipt{}, err }
}

// appendLine appends the answer to one line: the status the statement would have had
// alone, with its receipt or its problem.
func (s *site) appendLine(b []byte, r *http.Request, wait func() (registry.Receipt, error)) ([]byte, error) {
	receipt, err := wait()
	if err == nil {
		b = append(strconv.AppendInt(append(b, `{"status":`...), int64(statusOf(receipt)), 10), `,"receipt":`...)
		b, err = appendReceipt(b, receipt)
		return append(b, "}\n"...), err
	}
	p := problemOf(err)
	body, err := json.Marshal(struct {
		Status  int         `json:"status"`
		Problem problemBody `json:"problem"`
	}{p.status, p.body(language(r), s.accident(r, p))})
	return append(append(b, body...), '\n'), err
}
