package witness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"tegata/verify/tlog"
)

// A Witness is somebody whom checkpoints are offered to.
type Witness struct {
	Key tlog.CosignerKey // verifies its lines
	URL string           // without a final slash; /add-checkpoint goes behind it
}

// Parse reads a witness: its verifier key and its address, with a space between,
// as "labeld witness" prints them.
func Parse(text string) (w Witness, err error) {
	vkey, address, found := strings.Cut(text, " ")
	if !found {
		return w, fmt.Errorf("%q: want the witness's verifier key and its address, as in 'witness.example+5d2a…+BIE5… https://witness.example'", text)
	}
	if w.Key, err = tlog.ParseCosignerKey(vkey); err != nil {
		return w, err
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.ForceQuery || strings.ContainsAny(address, "# ") {
		return w, fmt.Errorf("%q: want the address of the witness, such as https://witness.example: http or https, a host, and no user, query or fragment", address)
	}
	w.URL = strings.TrimRight(address, "/")
	return w, nil
}

// Limits of asking a witness.
const (
	dialTime   = 5 * time.Second
	askTime    = 15 * time.Second // for request and answer, whole
	answerSize = 16 << 10         // bytes; a line has about 200
	headerSize = 16 << 10
)

// newClient returns a client that keeps one connection to each witness, follows
// no redirect and waits for nobody for long.
func newClient() *http.Client {
	return &http.Client{
		Timeout: askTime,
		Transport: &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			DialContext:            (&net.Dialer{Timeout: dialTime}).DialContext,
			TLSHandshakeTimeout:    dialTime,
			MaxIdleConnsPerHost:    1,
			IdleConnTimeout:        2 * renewAfter,
			MaxResponseHeaderBytes: headerSize,
			DisableCompression:     true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// errConflict says that the witness has seen another history of the log.
var errConflict = errors.New("the witness has cosigned another history of this log")

// A sizeError says that the witness cosigned a tree of another size last.
type sizeError int64

func (e sizeError) Error() string {
	return fmt.Sprintf("the witness cosigned %d entries last", int64(e))
}

// ask offers a checkpoint, and returns it with the witness's lines put in front
// of all others. It believes nothing of them. The error is a [sizeError] where
// the witness asks for a proof from another size.
func (w Witness) ask(ctx context.Context, client *http.Client, q request) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL+"/add-checkpoint", bytes.NewReader(q.marshal()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "text/plain; charset=utf-8")
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, answerSize+1))
	switch {
	case err != nil:
		return nil, err
	case len(body) > answerSize:
		return nil, fmt.Errorf("the witness answered with more than %d bytes", answerSize)
	case resp.StatusCode == http.StatusOK:
		return q.with(body)
	}
	return nil, refusalOf(resp.StatusCode, resp.Header.Get("Content-Type"), string(body))
}

// with returns the checkpoint with lines put in front of those it has.
func (q request) with(lines []byte) ([]byte, error) {
	text, have, _ := bytes.Cut(q.checkpoint, []byte("\n\n"))
	if !bytes.HasPrefix(lines, []byte("— ")) || !bytes.HasSuffix(lines, []byte("\n")) || bytes.Contains(lines, []byte("\n\n")) {
		return nil, fmt.Errorf("the witness answered %.60q, not lines of signatures", lines)
	}
	return bytes.Join([][]byte{text, []byte("\n\n"), lines, have}, nil), nil
}

// refusalOf says what a status other than 200 means, and what to do about it.
func refusalOf(status int, kind, body string) error {
	kind, _, _ = mime.ParseMediaType(kind)
	text, _, _ := strings.Cut(body, "\n")
	switch status {
	case http.StatusConflict:
		if size, err := parseSize(text); err == nil && kind == sizeType && body == text+"\n" {
			return sizeError(size)
		}
		return fmt.Errorf("%w: %.200q", errConflict, text)
	case http.StatusUnprocessableEntity:
		return fmt.Errorf("%w: it says the proof does not hold: %.200q", errConflict, text)
	case http.StatusNotFound:
		return fmt.Errorf("the witness does not watch this log, or the address is not a witness's: give its operator the log's key, and compare the address: %.200q", text)
	case http.StatusForbidden:
		return fmt.Errorf("the witness has another key for this log: give its operator the log's key: %.200q", text)
	}
	return fmt.Errorf("the witness answered %d: %.200q", status, text)
}
