package yearly_test

import (
	"slices"
	"time"

	"tegata/verify"
	"tegata/verify/yearly"
)

// rowsOf are the counts that are not zero.
func rowsOf(r yearly.Report) map[yearly.Row]int64 {
	rows := map[yearly.Row]int64{}
	for _, c := range r.Counts {
		if c.Count != 0 {
			rows[c.Row] = c.Count
		}
	}
	return rows
}

func inside(d verify.Date) bool { return !d.Before(days.From) && !days.Until.Before(d) }

// byHand counts a history by reading its statements one after another.
func byHand(h *history) map[yearly.Row]int64 {
	rows := map[yearly.Row]int64{}
	add := func(about yearly.About, what yearly.What, in, by string) {
		rows[yearly.Row{About: about, What: what, In: in, By: by}]++
	}
	country := map[verify.PartyID]string{"dsit": "GB", "meti": "JP"}
	corrected := map[string]bool{}
	for _, e := range h.entries {
		switch b := e.Body.(type) {
		case *verify.StatusSaid:
			corrected[b.Corrects] = true
		case *verify.Noticed:
			corrected[b.Corrects] = true
		}
	}
	for _, e := range h.entries {
		switch b := e.Body.(type) {
		case *verify.Noticed:
			zone := verify.London
			if e.By == "meti" {
				zone = verify.Tokyo
			}
			if inside(b.NoticeOn) && !corrected[e.ID] {
				add(yearly.Accord, yearly.Noticed, country[e.By], "")
			}
			if b.Corrects != "" && inside(verify.DateOf(e.Made, zone)) {
				add(yearly.Corrections, yearly.Noticed, "", "")
			}
		case *verify.StatusSaid:
			if b.Corrects != "" && inside(verify.DateOf(e.Made, verify.Tokyo)) {
				add(yearly.Corrections, yearly.Standing, "", "")
			}
		case *verify.Issued:
			if inside(b.Label.Issued) {
				add(yearly.Labels, yearly.Issued, "", "")
			}
		case *verify.Published:
			if inside(b.Declaration.Issued) {
				add(yearly.Declarations, yearly.Issued, "", "")
			}
		case *verify.Extended:
			if inside(verify.DateOf(e.Made, verify.Tokyo)) {
				add(yearly.Labels, yearly.Extended, "", "")
			}
		case *verify.SupportExtended:
			if inside(verify.DateOf(e.Made, verify.London)) {
				add(yearly.Declarations, yearly.Extended, "", "")
			}
		case *verify.Taken:
			if inside(b.From) {
				add(yearly.Measures, yearly.Taken, string(b.Territory), string(b.Ground))
			}
		case *verify.Lifted:
			for _, t := range h.entries {
				if taken, ok := t.Body.(*verify.Taken); ok && t.Code == e.Code && t.By == e.By && taken.Measure == b.Measure && inside(b.From) {
					add(yearly.Measures, yearly.Lifted, string(taken.Territory), string(taken.Ground))
				}
			}
		}
	}
	for _, code := range slices.Concat(labels, declarations) {
		l := life{code: code, entries: h.entries, corrected: corrected}
		if !l.begun() || days.Until.Before(l.issued) {
			continue
		}
		for _, seen := range []verify.Seen{verify.SeenGone, verify.SeenChanged} {
			if l.seen(seen) {
				add(l.about, yearly.Seen, "", string(seen))
			}
		}
		was, is := l.status(days.From.AddDays(-1)), l.status(days.Until)
		add(l.about, yearly.Standing, "", string(is))
		over := []verify.Status{verify.StatusRevoked, verify.StatusWithdrawn, verify.StatusLapsed, verify.StatusExpired}
		if slices.Contains(over, is) && was != is {
			add(l.about, yearly.Ended, "", string(is))
		}
		l.recognised(h, add)
	}
	return rows
}

// A life is what was said about one code, read anew for each question.
type life struct {
	code      verify.Code
	entries   []verify.Entry
	corrected map[string]bool
	about     yearly.About
	zone      *time.Location
	issued    verify.Date
	url       string
}

func (l *life) begun() bool {
	l.entries = slices.DeleteFunc(slices.Clone(l.entries), func(e verify.Entry) bool { return e.Code != l.code })
	for _, e := range l.entries {
		switch b := e.Body.(type) {
		case *verify.Issued:
			l.about, l.zone, l.issued = yearly.Labels, verify.Tokyo, b.Label.Issued
		case *verify.Published:
			l.about, l.zone, l.issued, l.url = yearly.Declarations, verify.London, b.Declaration.Issued, b.Declaration.URL
		}
	}
	return len(l.entries) > 0
}

func (l *life) seen(what verify.Seen) bool {
	return slices.ContainsFunc(l.entries, func(e verify.Entry) bool {
		b, ok := e.Body.(*verify.Observed)
		return ok && b.Seen == what && b.URL == l.url && inside(verify.DateOf(e.Made, verify.London))
	})
}

// status is how it stands at the end of a day.
func (l *life) status(day verify.Date) verify.Status {
	var last verify.Date
	finals, now := map[verify.Standing]bool{}, verify.StandsValid
	for _, e := range l.entries {
		made := verify.DateOf(e.Made, l.zone)
		switch b := e.Body.(type) {
		case *verify.Issued:
			last = b.Label.Expires
		case *verify.Published:
			last = b.Declaration.Support.End
		case *verify.Extended:
			if !day.Before(made) {
				last = b.Expires
			}
		case *verify.SupportExtended:
			if !day.Before(made) {
				last = b.Support.End
			}
		case *verify.Withdrawn:
			finals[verify.StandsWithdrawn] = finals[verify.StandsWithdrawn] || !day.Before(b.From)
		case *verify.StatusSaid:
			switch {
			case day.Before(b.From) || l.corrected[e.ID]:
			case b.Status.Final():
				finals[b.Status] = true
			default:
				now = b.Status
			}
		}
	}
	for _, s := range []verify.Standing{verify.StandsRevoked, verify.StandsWithdrawn, verify.StandsLapsed} {
		if finals[s] {
			return verify.Status(s)
		}
	}
	switch {
	case last.Before(day):
		return verify.StatusExpired
	case now != verify.StandsValid:
		return verify.Status(now)
	case day.Before(l.issued):
		return verify.StatusNotYet
	}
	return verify.StatusValid
}

// recognised counts the reasons of the answers that are given to everybody, but
// for the one that stands for what is withheld.
func (l *life) recognised(h *history, add func(about yearly.About, what yearly.What, in, by string)) {
	end := days.Until.AddDays(1).Start(l.zone).Add(-time.Second)
	places := []verify.Jurisdiction{verify.InGB, verify.InGBNIR}
	if l.about == yearly.Declarations {
		places = []verify.Jurisdiction{verify.InJP}
	}
	for _, in := range places {
		v := verify.Judge(h.replay.Facts(l.code, h.log()), verify.Question{In: in, At: end})
		l.layer(v.Recognition.Layers.Accord, in, yearly.ByAccord, yearly.AccordNo, yearly.AccordUnknown, add)
		l.layer(v.Recognition.Layers.Statute, in, yearly.ByStatute, yearly.StatuteNo, yearly.StatuteUnknown, add)
	}
}

func (l *life) layer(a *verify.LayerAnswer, in verify.Jurisdiction, outcome, no, unknown yearly.What, add func(about yearly.About, what yearly.What, in, by string)) {
	if a == nil {
		return
	}
	failed := map[verify.Outcome]bool{}
	for _, r := range a.Reasons {
		rule := verify.Rules[slices.IndexFunc(verify.Rules, func(x verify.Rule) bool { return x.ID == r.Rule })]
		switch {
		case rule.Fails == verify.Unavailable || r.Met == verify.Yes:
		case r.Met == verify.No:
			failed[rule.Fails] = true
			add(l.about, no, string(in), string(r.Rule))
		default:
			failed[verify.Undetermined] = true
			add(l.about, unknown, string(in), string(r.Rule))
		}
	}
	for _, o := range []verify.Outcome{verify.NotApplicable, verify.NotRecognised, verify.Undetermined} {
		if failed[o] {
			add(l.about, outcome, string(in), string(o))
			return
		}
	}
	good := verify.TreatedAsCompliant
	if l.about == yearly.Declarations {
		good = verify.EligibleForSimplified
	}
	add(l.about, outcome, string(in), string(good))
}
