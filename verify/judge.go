package verify

import (
	"slices"
	"strings"
	"time"
)

// Judge answers a question from the facts. It is total: every question about
// any facts has exactly one answer, and "unknown" is one. What the verdict
// points at is shared between verdicts, and not to be changed.
func Judge(f Facts, q Question) Verdict {
	shared, _, q := f.judge(q)
	v := *shared
	v.Code, v.Question, v.Log = f.Code, q, f.Log
	return v
}

// judge returns the verdict without what is the question's own, the timeline that it is
// of, and the question with its zero members filled in. Of a code that is unknown there
// is no timeline.
func (f Facts) judge(q Question) (*Verdict, *timeline, Question) {
	w := f.asOf(q.Known)
	if q.At.IsZero() {
		q.At = f.Log.Time
	}
	head := f.Log.Time
	if !q.Known.Time.IsZero() && q.Known.Time.Before(head) {
		head = q.Known.Time
	}
	if q.Known == (Known{}) {
		q.Known.Size = f.Log.Size
	}
	if !w.record.Begun() {
		v := &Verdict{Code: f.Code, Measures: []MeasureInForce{}, Flags: []Flag{}}
		v.Validity.Status, v.Recognition.Outcome = StatusUnknown, UnknownHere
		return v, nil, q
	}
	if q.In == "" {
		q.In = w.record.Scheme.Abroad()
	}
	l := w.timeline(q.In, head)
	return l.at(q.At), l, q
}

// An inquiry is a question without its instant.
type inquiry struct {
	*world
	accord accordSpan // of the Memorandum, in the zone of the place
	in     Jurisdiction
	head   time.Time
}

// An answer is what changes with the instant, small enough to be compared.
type answer struct {
	status   Status
	headline Outcome
	accord   Outcome
	statute  Outcome
	met      [maxRules]metCode
}

const maxRules = 24

// answer works out the answer at t, where the head is at head.
func (in *inquiry) answer(t, head time.Time) (a answer) {
	c := Case{Record: &in.record, Basis: &in.basis, Accord: in.accord, In: in.in, At: t, Seen: t}
	if head.Before(t) {
		c.Seen = head
	}
	c.Status = in.record.Status(t)
	a.status = c.Status
	if in.home() {
		a.headline = AtHome
		return a
	}
	rules := rulesOf(in.record.Scheme)
	for i := range rules {
		a.met[i] = codeOf(rules[i].test(&c))
	}
	good := TreatedAsCompliant
	if in.record.Scheme == PSTI {
		good = EligibleForSimplified
	}
	a.accord = decide(rules, a.met[:], AccordLayer, good)
	a.headline = a.accord
	if in.record.Scheme == JCSTAR {
		a.statute = decide(rules, a.met[:], StatuteLayer, good)
		if a.statute != a.accord {
			a.headline = LayersDiffer
		}
	}
	return a
}

// home reports whether the question is asked in the country of the scheme.
func (in *inquiry) home() bool { return in.in.Country() == in.record.Scheme.Home() }

// A metCode is a Met in one byte, so that answers are small and hold no pointers
// for each condition.
type metCode uint8

const (
	metYes metCode = iota
	metNo
	metUnknown
)

func codeOf(m Met) metCode {
	switch m {
	case Yes:
		return metYes
	case No:
		return metNo
	}
	return metUnknown
}

func (c metCode) met() Met { return [...]Met{Yes, No, NotKnown}[c] }

// severity orders the outcomes of rules that are not met: of several, the first
// is the layer's.
var severity = []Outcome{NotApplicable, NotRecognised, Unavailable, Undetermined}

func decide(rules []Rule, met []metCode, layer LayerName, good Outcome) Outcome {
	worst := len(severity)
	for i := range rules {
		if rules[i].Layer != layer || met[i] == metYes {
			continue
		}
		fails := rules[i].Fails
		if met[i] == metUnknown {
			fails = Undetermined
		}
		worst = min(worst, slices.Index(severity, fails))
	}
	if worst == len(severity) {
		return good
	}
	return severity[worst]
}

// recognise fills in what the record counts for.
func (in *inquiry) recognise(v *Verdict, t time.Time, now *answer) {
	v.Recognition.Outcome = now.headline
	if in.home() {
		return
	}
	rules := rulesOf(in.record.Scheme)
	v.Recognition.Layers.Accord = layerAnswer(rules, now, AccordLayer, now.accord)
	if in.record.Scheme == JCSTAR {
		v.Recognition.Layers.Statute = layerAnswer(rules, now, StatuteLayer, now.statute)
		v.Recognition.Layers.Practice = &Practice{}
		if p := in.record.practice(t); p != nil {
			*v.Recognition.Layers.Practice = Practice{p.PSTIListed, p.EnglishInfo, p.Page}
		}
	}
	switch {
	case now.accord == EligibleForSimplified:
		v.Caveats = []Caveat{NotBinding, OtherLaw, NoLabel, RemainingCriteria}
	case now.accord.Positive() || now.statute.Positive():
		v.Caveats = []Caveat{NotBinding, OtherLaw, MinimumLevel}
	}
	if in.record.Label != nil && in.record.Label.Basis.Route == Simplified {
		v.Flags = append(v.Flags, CircularBasis)
	}
	if in.record.Declaration != nil && !in.record.inEnglish(t) {
		v.Flags = append(v.Flags, NoEnglish)
	}
	if n, ends := in.governance.Accord.Ending(); ends {
		v.Flags, v.AccordEnds = append(v.Flags, EndsOn), n.EndsOn
		if in.governance.Accord.Short(n) {
			v.Flags = append(v.Flags, ShortNotice)
		}
	}
}

func layerAnswer(rules []Rule, now *answer, layer LayerName, outcome Outcome) *LayerAnswer {
	l := &LayerAnswer{Outcome: outcome, Reasons: make([]Reason, 0, len(rules))}
	for i := range rules {
		if rules[i].Layer == layer {
			l.Reasons = append(l.Reasons, Reason{rules[i].ID, rules[i].Cite, now.met[i].met()})
		}
	}
	return l
}

// describe fills in what the record says, as it stood at t.
func (w *world) describe(v *Verdict, t time.Time) {
	r := &w.record
	v.Scheme = r.Scheme
	if r.Label != nil {
		l := r.LabelAt(t)
		v.Number, v.Product, v.Support, v.Contact = l.Number, &l.Product, &l.Support, &l.Contact
		v.Label = &LabelFacts{l.Level, l.Criteria, l.Issued, l.Expires, l.Basis, l.Holder, l.Page}
	} else {
		d, s := r.DeclarationAt(t), r.SupportAt(t)
		v.Product, v.Support, v.Contact = &d.Product, &s, &d.Contact
		v.Declaration = &DeclarationFacts{d.Issued, d.Place, d.Parties, d.Routes, d.retention()}
	}
	v.Validity.Reason = r.Reason(t)
	for _, m := range r.MeasuresAt(t) {
		v.Measures = append(v.Measures, MeasureInForce{m.Taken, m.By})
	}
	v.Declarations = w.documents(t)
}

// documents lists the addresses of the record's own declaration, of its basis,
// and of those of the same trade items.
func (w *world) documents(t time.Time) (docs []Document) {
	listed := map[Code]bool{}
	add := func(r *Record) {
		if r.Declaration == nil || listed[r.Code] {
			return
		}
		listed[r.Code] = true
		for _, l := range r.LinksAt(t) {
			docs = append(docs, r.document(l, t))
		}
	}
	add(&w.record)
	add(&w.basis)
	for i := range w.related {
		add(&w.related[i])
	}
	return docs
}

func (r *Record) document(l Link, t time.Time) Document {
	d := Document{Code: r.Code, URL: l.URL, Language: l.Language, SHA256: l.SHA256}
	if s, ok := r.Observed(l, t); ok {
		d.Seen, d.SeenAt, d.SeenSince, d.SeenStatus, d.SeenReason = s.Seen, s.At, s.Since, s.HTTPStatus, s.Reason
		if s.Seen == SeenChanged {
			d.SeenSHA256 = s.SHA256
		}
	}
	return d
}

// inEnglish reports whether the declaration, or a translation of it, is in
// English at t: "relevant documents ... if not in English, will be accompanied
// by translated copies in English" (MoC 4(4)).
func (r *Record) inEnglish(t time.Time) bool {
	return slices.ContainsFunc(r.LinksAt(t), func(l Link) bool {
		tongue, _, _ := strings.Cut(l.Language, "-")
		return tongue == "en"
	})
}
