package web

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"sync"
	"time"

	"tegata/registry"
	"tegata/verify/envelope"
	"tegata/verify/tlog"
)

const (
	mediaJOSE   = "application/jose"
	mediaNDJSON = "application/x-ndjson"
)

// A receiptBody is a receipt as it is sent.
type receiptBody struct {
	Index      int64     `json:"index"`
	Logged     time.Time `json:"logged"`
	Status     *int64    `json:"status_index,omitempty"` // of a first statement
	Leaf       string    `json:"leaf"`                   // RFC 6962 hash of the entry, in base64
	Proof      []string  `json:"proof"`                  // the leaf's sibling first
	Checkpoint string    `json:"checkpoint"`
}

// hashText is how long a hash is in base64.
var hashText = base64.StdEncoding.EncodedLen(len(tlog.Hash{}))

func newReceiptBody(r registry.Receipt) receiptBody {
	b := receiptBody{Index: r.Index, Logged: r.Logged, Leaf: r.Leaf.String(), Proof: make([]string, len(r.Proof)), Checkpoint: string(r.Checkpoint)}
	texts := make([]byte, 0, len(r.Proof)*hashText) // one, and not one for each
	for _, h := range r.Proof {
		texts = base64.StdEncoding.AppendEncode(texts, h[:])
	}
	for i, all := 0, string(texts); i < len(b.Proof); i++ {
		b.Proof[i], all = all[:hashText], all[hashText:]
	}
	if r.Status != tlog.NoStatus {
		b.Status = &r.Status
	}
	return b
}

// tokenUsual is the length of most tokens or more: so much room is made before any of
// one has come.
const tokenUsual = 4 << 10

// statement enters the one envelope in the body.
func (s *site) statement(r *http.Request) (view, error) {
	var token bytes.Buffer
	token.Grow(int(min(max(r.ContentLength, 0), tokenUsual)) + bytes.MinRead)
	if _, err := token.ReadFrom(http.MaxBytesReader(nil, r.Body, envelope.MaxSize)); err != nil {
		return view{}, unreadable(err)
	}
	receipt, err := s.registry.Append(r.Context(), token.Bytes())
	if err != nil {
		return view{}, err
	}
	return view{status: statusOf(receipt), body: newReceiptBody(receipt)}, nil
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
	return view{status: http.StatusOK, body: newReceiptBody(receipt), tag: newReceiptBody(receipt)}, nil
}

// mediaOf returns the media type of a body, without parameters.
func mediaOf(r *http.Request) string {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
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

// A lineBody is the answer to one line: the status the statement would have had
// alone, with its receipt or its problem.
type lineBody struct {
	Status  int          `json:"status"`
	Receipt *receiptBody `json:"receipt,omitempty"`
	Problem *problemBody `json:"problem,omitempty"`
}

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
		lines := bufio.NewReaderSize(r.Body, lineMost)
		last := failed(nil)
		for {
			control.SetReadDeadline(chunkEnd())
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
	out := json.NewEncoder(answers)
	for wait := range waits {
		control.SetWriteDeadline(chunkEnd())
		err := out.Encode(s.line(r, wait))
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

// line is the answer to one line.
func (s *site) line(r *http.Request, wait func() (registry.Receipt, error)) lineBody {
	receipt, err := wait()
	if err != nil {
		p := problemOf(err)
		reference := s.accident(r, p)
		body := p.body(language(r), reference)
		return lineBody{Status: p.status, Problem: &body}
	}
	body := newReceiptBody(receipt)
	return lineBody{Status: statusOf(receipt), Receipt: &body}
}
