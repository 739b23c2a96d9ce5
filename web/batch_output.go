package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash"
	"io"
	"net/http"
	"strconv"

	"tegata/web/stock"
)

// holdMost is the largest array, in bytes, that is held back until it is whole,
// so that its header can say where the report is.
const holdMost = 1 << 20

// sendMost is how many bytes wait to be sent while more comes at once.
const sendMost = 32 << 10

// An output is the answer to many questions on its way out.
type output struct {
	w       http.ResponseWriter
	control *http.ResponseController
	media   string
	list    *stock.List  // of rows; nil of JSON
	most    int          // bytes that may be held back
	held    bytes.Buffer // not sent yet
	summed  int          // bytes of that which are in the sum already
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
	if err := o.addText(result); err != nil {
		return err
	}
	return o.added(last)
}

// addCells adds the answer to a row as [stock.List.Cells] has it.
func (o *output) addCells(cells string, last bool) error {
	if err := o.list.WriteCells(o, cells); err != nil {
		return err
	}
	return o.added(last)
}

func (o *output) added(last bool) error {
	o.items++
	switch {
	case !o.begun && o.held.Len() <= o.most:
		return nil
	case !last && o.held.Len() < sendMost:
		return nil
	}
	return o.send(last)
}

func (o *output) addText(result resultBody) error {
	if o.list != nil {
		return o.list.WriteRow(o, result.cells()...)
	}
	text, err := marshal(result)
	if err != nil {
		return err
	}
	if o.media == mediaJSON {
		io.WriteString(o, map[bool]string{true: "[\n", false: ",\n"}[o.items == 0])
		text = bytes.TrimSuffix(text, []byte("\n"))
	}
	_, err = o.Write(text)
	return err
}

// blank adds a row in which nothing stands.
func (o *output) blank() error { return o.list.WriteRow(o) }

// last adds a result that no item asked for.
func (o *output) last(result resultBody) error {
	if o.list != nil {
		if err := o.list.WriteMore(o, result.cells()...); err != nil {
			return err
		}
		return o.send(true)
	}
	return o.add(result, true)
}

// Write writes a part of the answer. Of a long one it sends what is there.
func (o *output) Write(part []byte) (int, error) {
	o.held.Write(part)
	if o.held.Len() > o.most+sendMost {
		return len(part), o.send(false)
	}
	return len(part), nil
}

func (o *output) header() {
	media := o.media
	if o.list != nil {
		media = listMedia(o.list)
		o.w.Header().Set("Tegata-Columns", listColumns(o.list))
	}
	o.w.Header().Set("Content-Type", media)
	o.w.Header().Set("Cache-Control", cacheNever)
}

// digest brings the sum up to what is held.
func (o *output) digest() {
	o.sum.Write(o.held.Bytes()[o.summed:])
	o.summed = o.held.Len()
}

// send sends what is held.
func (o *output) send(flush bool) error {
	o.digest()
	o.summed = 0
	if !o.begun {
		o.begun = true
		o.header()
		o.w.Header().Set("Trailer", "Repr-Digest, Link")
		o.w.WriteHeader(http.StatusOK)
	}
	o.control.SetWriteDeadline(chunkEnd())
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
		io.WriteString(o, map[bool]string{true: "[]\n", false: "\n]\n"}[o.items == 0])
	}
	o.digest()
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
		o.begun = true
		o.w.WriteHeader(http.StatusOK)
	}
	o.send(false) // who listens no more is not told
}
