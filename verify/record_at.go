package verify

import "time"

// A Status is how a label or declaration stands at an instant.
type Status string

const (
	StatusUnknown   Status = "unknown" // not in this registry
	StatusUntrusted Status = "untrusted"
	StatusRevoked   Status = "revoked"
	StatusWithdrawn Status = "withdrawn"
	StatusLapsed    Status = "lapsed"
	StatusExpired   Status = "expired"
	StatusSuspended Status = "suspended"
	StatusGrace     Status = "grace"
	StatusNotYet    Status = "not_yet"
	StatusValid     Status = "valid"
)

// Statuses lists them all, in the order in which the first that holds is the
// answer.
var Statuses = []Status{StatusUnknown, StatusUntrusted, StatusRevoked, StatusWithdrawn, StatusLapsed,
	StatusExpired, StatusSuspended, StatusGrace, StatusNotYet, StatusValid}

// Zone is the zone the record's own days are days of.
func (r *Record) Zone() *time.Location { return r.Scheme.Home().Zone() }

// Issued is the first day of the label or declaration.
func (r *Record) Issued() Date {
	switch {
	case r.Label != nil:
		return r.Label.Issued
	case r.Declaration != nil:
		return r.Declaration.Issued
	}
	return Date{}
}

// Ends is the last day of the label, or of the declaration's defined support
// period, as it stood at t. It is no day where the period has no end.
func (r *Record) Ends(t time.Time) Date { return r.end(t).day }

// end is the last day said last before t.
func (r *Record) end(t time.Time) (found end) {
	for _, e := range r.ends {
		if !e.at.After(t) {
			found = e
		}
	}
	return found
}

// Status is how the record stands at t: the first of [Statuses] that holds.
func (r *Record) Status(t time.Time) Status {
	switch {
	case !r.Begun():
		return StatusUnknown
	case r.Untrusted:
		return StatusUntrusted
	}
	var final [3]bool
	last := StandsValid
	for _, s := range r.statuses {
		if s.struck || t.Before(s.at) {
			continue
		}
		switch s.Status {
		case StandsRevoked:
			final[0] = true
		case StandsWithdrawn:
			final[1] = true
		case StandsLapsed:
			final[2] = true
		default:
			last = s.Status
		}
	}
	past := r.end(t).past
	switch {
	case final[0]:
		return StatusRevoked
	case final[1]:
		return StatusWithdrawn
	case final[2]:
		return StatusLapsed
	case !past.IsZero() && !t.Before(past):
		return StatusExpired
	case last == StandsSuspended:
		return StatusSuspended
	case last == StandsGrace:
		return StatusGrace
	case t.Before(r.issuedAt):
		return StatusNotYet
	}
	return StatusValid
}

// Reason is what was said of the status at t, where anything was.
func (r *Record) Reason(t time.Time) (reason Text) {
	status := r.Status(t)
	for _, s := range r.statuses {
		if !s.struck && !t.Before(s.at) && string(s.StatusSaid.Status) == string(status) {
			reason = s.Reason
		}
	}
	return reason
}

// LabelAt is the label as amended by t, with its last day then. The record must
// be that of a label.
func (r *Record) LabelAt(t time.Time) Label {
	l := *r.Label
	l.Expires = r.Ends(t)
	for _, a := range r.amendments {
		if a.at.After(t) || a.label == nil {
			continue
		}
		set(&l.Holder, a.label.Holder)
		set(&l.Product.Name, a.label.Name)
		set(&l.Support, a.label.Support)
		set(&l.Contact, a.label.Contact)
		if a.label.Models != nil {
			l.Product.Models = a.label.Models
		}
		if a.label.Page != "" {
			l.Page = a.label.Page
		}
	}
	return l
}

func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// DeclarationAt is the declaration as amended by t. Its contents under Schedule
// 4 stay as they were published. The record must be that of a declaration.
func (r *Record) DeclarationAt(t time.Time) Declaration {
	d := *r.Declaration
	for _, a := range r.amendments {
		if a.at.After(t) || a.link == nil {
			continue
		}
		set(&d.Contact, a.link.Contact)
		if a.link.URL != "" {
			d.URL, d.SHA256, d.Language = a.link.URL, a.link.SHA256, a.link.Language
			d.TextSHA256, d.Media = a.link.TextSHA256, a.link.Media
		}
		if a.link.Translations != nil {
			d.Translations = a.link.Translations
		}
		if a.link.Models != nil {
			d.Product.Models = a.link.Models
		}
	}
	return d
}

// traits never change: no statement amends them.
func (r *Record) traits() Traits {
	if r.Label != nil {
		return r.Label.Product.Traits
	}
	return r.Declaration.Product.Traits
}

// SupportAt is the support period as published by t.
func (r *Record) SupportAt(t time.Time) Support {
	if r.Label != nil {
		return r.LabelAt(t).Support
	}
	if s := r.end(t).support; s != nil {
		return *s
	}
	return Support{}
}

// practice is what the issuer's list showed at t; nil where nothing was said.
func (r *Record) practice(t time.Time) (last *Practised) {
	for _, p := range r.practices {
		if !p.at.After(t) {
			last = p.what
		}
	}
	return last
}

// MeasuresAt lists the measures in force at t, in the order they were taken.
func (r *Record) MeasuresAt(t time.Time) (in []Measure) {
	for _, m := range r.measures {
		if m.In(t) {
			in = append(in, m)
		}
	}
	return in
}

// withheld reports whether recognition is withheld at t.
func (r *Record) withheld(t time.Time) bool {
	for _, w := range r.withholdings {
		if !t.Before(w.at) && (w.restored.IsZero() || t.Before(w.restored)) {
			return true
		}
	}
	return false
}

// turns calls turn with every instant at which something in the record begins
// or ends to count.
func (r *Record) turns(turn func(time.Time)) {
	turn(r.issuedAt)
	for _, e := range r.ends {
		turn(e.at)
		turn(e.past)
	}
	for _, a := range r.amendments {
		turn(a.at)
	}
	for _, s := range r.statuses {
		turn(s.at)
	}
	for _, p := range r.practices {
		turn(p.at)
	}
	for _, o := range r.observations {
		turn(o.At)
		turn(o.At.Add(staleFrom))
	}
	for _, m := range r.measures {
		turn(m.Starts)
		turn(m.Lifted)
	}
	for _, w := range r.withholdings {
		turn(w.at)
		turn(w.restored)
	}
}
