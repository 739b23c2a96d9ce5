package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
	"tegata/web/stock"
)

const verifyPath = "/api/v1/verify"

// An answered part is one whose answer came whole, and its report too.
type answered struct {
	To     int64  `json:"to"`     // the end of the part in the list
	Out    int64  `json:"out"`    // the end of the answer in what is written
	Report string `json:"report"` // the token
}

// ask asks about a part, and writes the answer as it comes. Every row is compared
// to the one that was sent. Where an error is returned, what was counted and
// written of the part is taken back, as far as it can be.
func (k *checking) ask(ctx context.Context, i int, out io.Writer, bar bar) (a answered, err error) {
	before := k.done.Counts.clone()
	defer func() {
		if err != nil {
			k.done.Counts = before
		}
	}()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	quiet := time.AfterFunc(quietMost, func() { cancel(fmt.Errorf("no answer for %v", quietMost)) })
	defer quiet.Stop()

	p := k.plan.parts[i]
	body := io.NewSectionReader(k.list, p.from, p.to-p.from)
	answer, err := k.client.stream(ctx, verifyPath+"?"+k.plan.query(k.query), k.plan.media(i), body, p.to-p.from)
	if err != nil {
		return a, told(ctx, err)
	}
	defer answer.Body.Close()
	got := sha256.New()
	written := &counter{Writer: io.MultiWriter(out, got)}
	if err := k.rows(i, io.TeeReader(answer.Body, written), bar, quiet); err != nil {
		return a, told(ctx, err)
	}
	a = answered{To: p.to, Out: written.n}
	if i > 0 {
		a.Out += k.done.Parts[i-1].Out
	}
	sent, err := digestOf(k.list, p.from, p.to)
	if err != nil {
		return a, err
	}
	a.Report, err = k.reportOn(ctx, answer, sent, hex.EncodeToString(got.Sum(nil)), p.rows)
	return a, err
}

// rows reads the answer to a part to its end, and counts what it says.
func (k *checking) rows(i int, answer io.Reader, bar bar, quiet *time.Timer) error {
	p, form := k.plan.parts[i], k.plan.told(i)
	sent, err := stock.Open(io.NewSectionReader(k.list, p.from, p.to-p.from), form)
	if err != nil {
		return err
	}
	form.Fields += len(stock.AnswerNames)
	got, err := stock.Open(answer, form)
	if faults := (verify.Faults{}); errors.As(err, &faults) { // not of the list that was sent
		return fmt.Errorf("the answer is no list: %v", err)
	}
	if err != nil {
		return err
	}
	if heads := slices.Concat(sent.Headings(), stock.AnswerNames); form.Header == stock.Present && !slices.Equal(got.Headings(), heads) {
		return fmt.Errorf("the answer has other columns than were asked for: %q", got.Headings())
	}
	for n := int64(0); ; n++ {
		quiet.Reset(quietMost)
		row, err := got.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		asked, err := sent.Next()
		a, answered := answerIn(row)
		switch {
		case errors.Is(err, io.EOF):
			return fmt.Errorf("the registry stopped: %s", a.Fault)
		case err != nil:
			return err
		case !bytes.HasPrefix(row.Raw(), asked.Raw()) || row.Blank != asked.Blank:
			return fmt.Errorf("row %d of the answer is not the row that was asked about", k.done.Counts.Rows+1)
		case asked.Blank:
			continue
		case !answered && len(asked.Faults) == 0:
			return fmt.Errorf("row %d has no answer that can be read; is labelctl older than the registry?", k.done.Counts.Rows+1)
		case !answered: // a row too long, or of too many fields, to find its cells
			a = stock.Answer{Fault: asked.Faults.Error()}
		}
		k.done.Counts.add(a)
		bar.Add64(1)
	}
	if _, err := sent.Next(); !errors.Is(err, io.EOF) {
		return errors.Join(err, errors.New("the answer ends before the list"))
	}
	return nil
}

// answerIn reads the answer at the end of a row.
func answerIn(row *stock.Row) (stock.Answer, bool) {
	cells := make([]string, len(stock.AnswerNames))
	for i := range cells {
		cells[i], _ = row.Field(row.Fields() - len(cells) + i)
	}
	return stock.ParseAnswer(cells)
}

// reportOn fetches the report on a part, and checks what it says.
func (k *checking) reportOn(ctx context.Context, answer *http.Response, sent, got string, rows int64) (string, error) {
	want := "/api/v1/reports/" + got + ".jwt"
	if address, _, _ := strings.Cut(strings.TrimPrefix(answer.Trailer.Get("Link"), "<"), ">"); address != want {
		return "", errors.New("the registry made no report of this answer: it is not whole, or was changed on its way")
	}
	_, token, err := k.client.get(ctx, want)
	if err != nil {
		return "", fmt.Errorf("the report: %w", err)
	}
	r, err := k.openReport(token)
	if err != nil {
		return "", fmt.Errorf("the report: %w", err)
	}
	if r.Input != sent || r.Output != got || r.Items != rows {
		return "", fmt.Errorf("the report is about %d items other than these %d rows", r.Items, rows)
	}
	return string(token), nil
}

// openReport reads a report, and checks its signature where there is a trust file.
func (k *checking) openReport(token []byte) (bundle.Report, error) {
	if k.trust != nil {
		payload, _, err := k.trust.OpenAnswer(envelope.Report, token)
		if err != nil {
			return bundle.Report{}, err
		}
		return bundle.ParseReport(payload)
	}
	e, err := envelope.OpenAs(envelope.Report, token)
	if err != nil {
		return bundle.Report{}, err
	}
	return bundle.ParseReport(e.Payload)
}

// A counter counts what is written.
type counter struct {
	io.Writer
	n int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.Writer.Write(b)
	c.n += int64(n)
	return n, err
}
