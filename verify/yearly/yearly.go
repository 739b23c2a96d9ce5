// Package yearly counts what was said over some days and how things stood at
// their end: what the Participants of the Memorandum tell each other of their
// schemes, "at least once annually" (MoC 4(2)).
//
// A report follows from the days and from the first so many entries of a log, so
// that whoever replays the log counts the same.
//
// Recognition is counted by public reasons only. What the Participants keep to
// themselves "will not be disclosed to any third party without prior written
// consent of the other Participant" (MoC 6(2)), and a sum tells as much as a
// list: a row for what is withheld would be its number, and so would any total
// from which the other rows can be taken away. So statements that withhold or
// restore recognition are left out before anything is counted. Two logs that
// differ in those alone have the same report, and what it calls recognised means
// that no reason that may be told stands against it.
package yearly

import (
	"slices"
	"time"

	"tegata/verify"
)

// A Report is the counts of a period.
type Report struct {
	From   verify.Date `json:"from"`   // first day
	To     verify.Date `json:"to"`     // last day
	Known  int64       `json:"known"`  // entries of the log that were counted: the first so many
	Counts []Count     `json:"counts"` // every row there is, always in the same order
}

// A Count is one row: how many of something there were.
type Count struct {
	Row
	Count int64 `json:"count"`
}

// A Counting goes through a log, code by code, in any order.
type Counting struct {
	report     Report
	governance *verify.Governance
	place      map[Row]int
}

// New begins to count the days of p, as the first known entries of a log say
// them; g is what governs that log, then or later. A day is one of the zone of
// what is counted: of a label Tokyo, of a declaration London, of a measure that
// of its territory, of the Memorandum that of the Participant who speaks.
func New(p verify.Period, known int64, g *verify.Governance) *Counting {
	c := &Counting{
		report:     Report{From: p.From, To: p.Until, Known: known},
		governance: g.AsOf(verify.Known{Size: known}),
		place:      map[Row]int{},
	}
	for i, r := range Rows() {
		c.report.Counts = append(c.report.Counts, Count{Row: r})
		c.place[r] = i
	}
	c.accord()
	return c
}

// Report returns what was counted so far.
func (c *Counting) Report() Report {
	r := c.report
	r.Counts = slices.Clone(r.Counts)
	return r
}

// add counts one more in a row. What this program has no row for, such as a ground
// that a later one knows, is not counted.
func (c *Counting) add(r Row) {
	if i, ok := c.place[r]; ok {
		c.report.Counts[i].Count++
	}
}

// within reports whether a day is one of the period.
func (c *Counting) within(d verify.Date) bool {
	return !d.IsZero() && !d.Before(c.report.From) && !c.report.To.Before(d)
}

// accord counts what was said of the Memorandum itself. A notice that was struck
// out was not given.
func (c *Counting) accord() {
	for _, n := range c.governance.Accord.Given() {
		p, _ := c.governance.Party(n.By)
		if !n.Struck && c.within(n.NoticeOn) {
			c.add(Row{About: Accord, What: Noticed, In: string(p.Jurisdiction)})
		}
		if n.Corrects != "" && c.within(verify.DateOf(n.Made, p.Jurisdiction.Zone())) {
			c.add(Row{About: Corrections, What: Noticed})
		}
	}
}

// Add counts what the log says about one code. The facts may be those of a later
// head; what was entered after the known entries is not looked at.
func (c *Counting) Add(f verify.Facts) {
	public := verify.Facts{Code: f.Code, Governance: c.governance, Entries: c.told(f.Entries), Log: verify.Log{Size: c.report.Known}}
	if len(public.Entries) == 0 {
		return
	}
	for _, entries := range f.Basis {
		public.Basis = append(public.Basis, c.told(entries))
	}
	zone := verify.London
	if public.Entries[0].Kind == verify.LabelIssued {
		zone = verify.Tokyo
	}
	// The last second: whatever begins or ends does so at a whole one. No later
	// observation is looked at, since that is when the head is.
	end := c.report.To.End(zone).Add(-time.Second)
	public.Log.Time = end
	public = public.Fold()
	r := public.Record(verify.Known{})
	if !r.Begun() {
		return
	}
	about := aboutOf(r.Scheme)
	if !r.Untrusted && c.within(r.Issued()) {
		c.add(Row{About: about, What: Issued})
	}
	c.history(about, r)
	if c.report.To.Before(r.Issued()) {
		return // not there yet
	}
	c.standing(about, r, end)
	for _, in := range Places(r.Scheme) {
		v := verify.Judge(public, verify.Question{In: in, At: end})
		c.layer(about, in, AccordLayer, v.Recognition.Layers.Accord)
		c.layer(about, in, StatuteLayer, v.Recognition.Layers.Statute)
	}
}

// told returns the entries that were known, without what withholds or restores
// recognition (MoC 6).
func (c *Counting) told(entries []verify.Entry) (told []verify.Entry) {
	for _, e := range entries {
		if e.Index < c.report.Known && e.Kind != verify.RecognitionWithheld && e.Kind != verify.RecognitionRestored {
			told = append(told, e)
		}
	}
	return told
}

// standing counts how a record stands at the end, and whether it ended: whether
// it stands so now and did not right before the first day.
func (c *Counting) standing(about About, r *verify.Record, end time.Time) {
	status := r.Status(end)
	c.add(Row{About: about, What: Standing, By: string(status)})
	before := c.report.From.Start(r.Zone()).Add(-time.Second)
	if slices.Contains(ended(r.Scheme), status) && r.Status(before) != status {
		c.add(Row{About: about, What: Ended, By: string(status)})
	}
}

// layer counts the outcome of a layer and the conditions that are not met or not
// known.
func (c *Counting) layer(about About, in verify.Jurisdiction, l Layer, a *verify.LayerAnswer) {
	if a == nil {
		return
	}
	c.add(Row{about, l.outcome, string(in), string(a.Outcome)})
	for _, reason := range a.Reasons {
		switch {
		case reason.Met == verify.No:
			c.add(Row{about, l.no, string(in), string(reason.Rule)})
		case reason.Met == verify.NotKnown:
			c.add(Row{about, l.unknown, string(in), string(reason.Rule)})
		}
	}
}

// history counts what was said in the period and counts.
func (c *Counting) history(about About, r *verify.Record) {
	seen := map[verify.Seen]bool{}
	taken := map[measure]*verify.Taken{}
	for _, said := range r.History {
		if said.Counts != verify.Counted && said.Counts != verify.Struck {
			continue
		}
		made := c.within(verify.DateOf(said.Made, r.Zone()))
		switch b := said.Body.(type) {
		case *verify.Extended, *verify.SupportExtended:
			if made {
				c.add(Row{About: about, What: Extended})
			}
		case *verify.StatusSaid:
			if made && b.Corrects != "" {
				c.add(Row{About: Corrections, What: Standing})
			}
		case *verify.Observed:
			if made && b.URL == r.DeclarationAt(said.Made).URL {
				seen[b.Seen] = true
			}
		case *verify.Taken:
			taken[measure{said.By, b.Measure}] = b
			if c.within(b.From) {
				c.add(Row{Measures, Taken, string(b.Territory), string(b.Ground)})
			}
		case *verify.Lifted:
			if t := taken[measure{said.By, b.Measure}]; t != nil && c.within(b.From) {
				c.add(Row{Measures, Lifted, string(t.Territory), string(t.Ground)})
			}
		}
	}
	for _, s := range []verify.Seen{verify.SeenGone, verify.SeenChanged} {
		if seen[s] {
			c.add(Row{About: about, What: Seen, By: string(s)})
		}
	}
}

// A measure is known by its number, which is its party's own.
type measure struct {
	by     verify.PartyID
	number string
}
