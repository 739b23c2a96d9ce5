package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
	"tegata/verify/yearly"
	"tegata/web/headline"
	"tegata/web/i18n"
)

// yearly is a signed report for the Participants' consultation (MoC 4(2)). With
// -from it is counted again from the log itself.
func (e *exhibit) yearly(ctx context.Context, token []byte) error {
	payload, err := e.open(envelope.Yearly, token)
	if err != nil {
		return err
	}
	y, err := bundle.ParseYearly(payload)
	if err != nil {
		return notHeld{err}
	}
	if e.json {
		e.out.Write(append(payload, '\n'))
	} else {
		l := i18n.Language(e.lang)
		e.print(e.T("receipt.yearly", y.Issuer, e.at(time.Unix(y.IssuedAt, 0)), y.From, y.To, e.Count(y.Known)))
		for _, c := range y.Counts {
			if c.Count > 0 {
				e.print("  " + headline.OfRow(l, c.Row) + ": " + e.Count(c.Count))
			}
		}
		e.head(y.Log)
	}
	e.signed()
	if e.from == "" {
		return nil
	}
	w, err := e.replay(ctx, y.Log, nil)
	if err != nil {
		return err
	}
	if differ := countedAgain(y, w.replay); len(differ) > 0 {
		return notHeldf("counted again from the log, it is another: %s", strings.Join(differ, "; "))
	}
	e.note("receipt.counted", e.Count(y.Known))
	return nil
}

// countedAgain counts what a report counts, and names the rows that differ.
func countedAgain(y bundle.Yearly, log *bundle.Replay) (differ []string) {
	c := yearly.New(verify.Period{From: y.From, Until: y.To}, y.Known, log.Governance())
	for _, code := range log.Codes() {
		c.Add(log.Facts(code, y.Log))
	}
	for i, is := range c.Report().Counts {
		if was := y.Counts[i]; was.Count != is.Count {
			name := strings.Join(strings.Fields(fmt.Sprint(is.About, " ", is.What, " ", is.In, " ", is.By)), " ")
			differ = append(differ, fmt.Sprintf("%s: signed %d, by the log %d", name, was.Count, is.Count))
		}
	}
	return differ
}
