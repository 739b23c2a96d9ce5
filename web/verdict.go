package web

import (
	"net/http"
	"time"

	"tegata/verify"
	"tegata/verify/match"
)

// verdict answers for one code.
func (s *site) verdict(r *http.Request) (view, error) {
	j, err := s.ruling(r)
	if err != nil {
		return view{}, err
	}
	w := j.wording(false)
	tag := verdictTag(j.Verdict)
	out := j.view()
	out.body, out.tag = append(object(w, &j.Verdict), '\n'), object(w, &tag)
	return out, nil
}

// ruling answers for the code that a request names.
func (s *site) ruling(r *http.Request) (ruling, error) {
	code, err := verify.ParseCode(r.PathValue("code"))
	if err != nil {
		return ruling{}, err
	}
	q, p := parseQuery(r)
	if p != nil {
		return ruling{}, p
	}
	return s.judgeOn(r, code, q)
}

// view is an answer with the verdict, without body and tag.
func (j *ruling) view() view {
	out := view{status: http.StatusOK, next: j.on.next, on: j.on}
	if j.Recognition.Outcome == verify.UnknownHere {
		out.status = http.StatusNotFound
	}
	return out
}

// object is a verdict in JSON.
func object(w *verify.Wording, v *verify.Verdict) []byte {
	const rest = 512 // what the wording does not have, of usual size
	b := append(make([]byte, 0, w.Len()+rest), '{')
	return append(w.Append(b, v), '}')
}

// scanned answers for one code as people are shown it: the verdict, and where
// the evidence for it is.
func (s *site) scanned(r *http.Request) (view, error) {
	j, err := s.ruling(r)
	if err != nil {
		return view{}, err
	}
	v, out := j.Verdict, j.view()
	out.body, out.tag = v, verdictTag(v)
	list, err := s.statusList(r.Context(), v.Code)
	if err != nil {
		return view{}, err
	}
	has, err := s.hasCredential(r.Context(), v.Code)
	if err != nil {
		return view{}, err
	}
	if v.Question.At.Equal(v.Log.Time) { // a page tells of days, also of some that change no verdict
		today, next := days(v.Question.At)
		out.tag, out.next = []any{out.tag, today}, sooner(out.next, next)
	}
	out.page = func(b basePage) (string, any) {
		p := newVerdictPage(b, v, s.registry.Governance())
		p.Evidence.Status = list
		if has {
			p.Evidence.Credential = "/api/v1/records/" + string(v.Code) + ".vc.jwt"
		}
		return pageVerdict, p
	}
	return out, nil
}

// days are which days an instant is on, in the places that can be asked about, and
// when the next one begins in one of them.
func days(t time.Time) (today []verify.Date, next time.Time) {
	for _, in := range verify.Jurisdictions {
		day := verify.DateOf(t, in.Country().Zone())
		today, next = append(today, day), sooner(next, day.End(in.Country().Zone()))
	}
	return today, next
}

// judge looks a code up and judges it.
func (s *site) judge(r *http.Request, code verify.Code, q query) (verify.Verdict, error) {
	one, err := s.of(r.Context(), code)
	if err == nil && one != s {
		err = q.ofSeveral()
	}
	if err != nil {
		return verify.Verdict{}, err
	}
	return one.judgeHere(r, code, q)
}

// judgeHere is judge in this log alone.
func (s *site) judgeHere(r *http.Request, code verify.Code, q query) (verify.Verdict, error) {
	f, err := s.registry.Lookup(r.Context(), code)
	if err != nil {
		return verify.Verdict{}, err
	}
	return s.judgeFacts(f, q)
}

// A ruling is a verdict with the facts that it is about and what it rests on.
type ruling struct {
	verify.Verdict
	facts verify.Facts
	on    rest
}

// wording is that of the verdict; see [verify.Facts.Wording].
func (j *ruling) wording(html bool) *verify.Wording { return j.facts.Wording(&j.Verdict, html) }

// judgeOn is [site.judge] with what the verdict rests on. One about the present may
// be kept, since it is asked for again and again; one about another moment is not.
func (s *site) judgeOn(r *http.Request, code verify.Code, q query) (ruling, error) {
	f, ground, err := s.registry.LookupOn(r.Context(), code)
	if err != nil {
		return ruling{}, err
	}
	v, err := s.judgeFacts(f, q)
	if err != nil {
		return ruling{}, err
	}
	return ruling{v, f, rest{kept: q.present(), ground: ground, made: s.registry.Now(), next: changes(&v)}}, nil
}

// judgeFacts judges what was looked up.
func (s *site) judgeFacts(f verify.Facts, q query) (verify.Verdict, error) {
	now := s.present(f.Log)
	if q.batch != nil {
		f, now = factsAt(f, q.batch.heads[s.name()]), q.batch.now
	}
	asked, err := s.question(q, f)
	if err != nil {
		return verify.Verdict{}, err
	}
	if asked.At.IsZero() {
		asked.At = now
	}
	v := verify.Judge(f, asked)
	if v.Product != nil {
		// The GTIN was checked with the other parameters.
		v.Match, err = match.Covers(v.Product, q.model, q.gtin)
	}
	return v, err
}

// verdictTag is the verdict without the instants that only say when it was
// asked: where those alone differ, nothing new is said.
func verdictTag(v verify.Verdict) verify.Verdict {
	v.Question.At, v.Log.Time = time.Time{}, time.Time{}
	return v
}
