package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash"
	"net/http"
	"strconv"
	"time"
)

// holdMost is the largest array, in bytes, that is held back until it is whole,
// so that its header can say where the report is.
const holdMost = 1 << 20

// An output is the answer to many questions on its way out.
type output struct {
	w       http.ResponseWriter
	control *http.ResponseController
	media   string
	most    int          // bytes that may be held back
	held    bytes.Buffer // not sent yet
	sum     hash.Hash    // of all
	items   int
	begun   bool // the header is sent
}

func newOutput(w http.ResponseWriter, media string) *output {
	o := &output{w: w, control: http.NewResponseController(w), media: media, sum: sha256.New()}
	if media == mediaJSON {
		o.most = holdMost
	}
	return o
}

// add adds a result, and sends it on its way where it is the last for now. The
// error says that nobody listens any more.
func (o *output) add(result resultBody, last bool) error {
	text, err := marshal(result)
	if err != nil {
		return err
	}
	if o.media == mediaJSON {
		o.write(map[bool]string{true: "[\n", false: ",\n"}[o.items == 0])
		text = bytes.TrimSuffix(text, []byte("\n"))
	}
	o.items++
	o.write(string(text))
	if !o.begun && o.held.Len() <= o.most {
		return nil
	}
	if !o.begun {
		o.begun = true
		o.header()
		o.w.Header().Set("Trailer", "Repr-Digest, Link")
		o.w.WriteHeader(http.StatusOK)
	}
	return o.send(last)
}

func (o *output) write(text string) {
	o.held.WriteString(text)
	o.sum.Write([]byte(text))
}

func (o *output) header() {
	o.w.Header().Set("Content-Type", o.media)
	o.w.Header().Set("Cache-Control", cacheNever)
}

// send sends what is held.
func (o *output) send(flush bool) error {
	o.control.SetWriteDeadline(time.Now().Add(chunkTime))
	if _, err := o.held.WriteTo(o.w); err != nil {
		return err
	}
	if flush {
		o.control.Flush()
	}
	return nil
}

// end ends the answer with its digest and the address of its report, which file
// returns: in the header where that is not sent yet, else in the trailer.
func (o *output) end(file func(sum []byte) (address string)) {
	if o.media == mediaJSON {
		o.write(map[bool]string{true: "[]\n", false: "\n]\n"}[o.items == 0])
	}
	sum := o.sum.Sum(nil)
	if !o.begun {
		o.header()
		o.w.Header().Set("Content-Length", strconv.Itoa(o.held.Len()))
	}
	if address := file(sum); address != "" {
		o.w.Header().Set("Link", fmt.Sprintf(`<%s>; rel="describedby"; type="%s"`, address, mediaJWT))
	}
	// RFC 9530, section 3: in a trailer where it is not known earlier.
	o.w.Header().Set("Repr-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(sum)+":")
	if !o.begun {
		o.w.WriteHeader(http.StatusOK)
	}
	o.send(false) // who listens no more is not told
}
