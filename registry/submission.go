package registry

import (
	"tegata/verify"
	"tegata/verify/envelope"
)

// A submission is what was sent to be entered. It is a request once its signature is
// compared and holds, which [submission.request] sees to: before, nothing may follow from
// what it says. Faults are there only where it was compared already.
type submission struct {
	of    request
	begun envelope.Begun
}

// request returns the request, or [envelope.ErrSignature].
func (s *submission) request() (*request, error) {
	if err := s.begun.Err(); err != nil {
		return nil, err
	}
	return &s.of, nil
}

// laterMost is the size of the largest token whose signature is left to the batch, in
// bytes: two or three times that of most.
const laterMost = 8 << 10

// later reports whether the signature of a statement without a fault is left to the
// batch. Where it might hand out keys it is not: those are only looked at for who
// signed. Wrong signatures cost those who send them no more than a request, so that what
// waits uncompared is small, and half of the queue: it keeps nobody out.
func (r *Registry) later(s verify.Statement, size int) bool {
	return s.Kind.AboutCode() && size <= laterMost && len(r.queue) < queueSize/2
}

// compare compares the signatures of a batch, and returns the requests of which it is
// to be decided. The others are answered: nothing follows from them.
func (r *Registry) compare(batch []*submission) []*request {
	begun := make([]*envelope.Begun, len(batch))
	for i, s := range batch {
		begun[i] = &s.begun
	}
	envelope.Compare(begun...)
	requests := make([]*request, 0, len(batch))
	for _, s := range batch {
		q, err := s.request()
		if err != nil {
			r.answer(&s.of, answer{err: err})
			continue
		}
		requests = append(requests, q)
	}
	return requests
}

func (r *Registry) answer(q *request, a answer) {
	r.answered(Receipt{Index: a.index, Fresh: a.fresh != nil}, a.err)
	q.answer <- a
}
