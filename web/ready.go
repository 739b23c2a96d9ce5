package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tegata/registry"
	"tegata/registry/sequencer"
	"tegata/verify/tlog"
)

// readyLate is how long a node may lack entries that it knows of, or take nothing
// more, before others are to be asked in its place.
const readyLate = 5 * time.Minute

// readyz answers GET /readyz: whether this node is to be asked, and what of it
// works, for whoever runs it. It is ready where all can be read, also while nothing
// can be entered or who decides the order of entries cannot be asked: it then
// answers from what it has. It is not where it is being stopped, or has been known
// for too long to lack something of the log that it is asked of first: a mirror that
// stopped does not take away the log that is kept beside it.
func (s *site) readyz(w http.ResponseWriter, r *http.Request) {
	share(w, r)
	var text strings.Builder
	ready := true
	select {
	case <-s.ending:
		ready = false
		fmt.Fprintln(&text, "stopping")
	default:
	}
	for i, beside := range s.all() {
		one := beside.registry
		h := one.Health(r.Context())
		if h.Reads != nil && !errors.Is(h.Reads, context.Canceled) {
			s.accident(r, &problem{err: h.Reads})
		}
		ready = ready && h.Reads == nil && (i > 0 || h.Late < readyLate)
		fmt.Fprintf(&text, "log %s\n", one.Origin())
		works(&text, "reads", h.Reads)
		works(&text, "writes", h.Writes)
		works(&text, "current", h.Current)
		if m := newMirrorBody(one); m != nil {
			text.WriteString(m.ready())
		}
	}
	status, word := http.StatusOK, "ready\n"
	if !ready {
		status, word = http.StatusServiceUnavailable, "not ready\n"
		w.Header().Set("Retry-After", strconv.Itoa(int(retryLeast.Seconds())))
	}
	w.Header().Set("Cache-Control", cacheNever)
	sendWhole(w, status, mediaText, []byte(word+text.String()))
}

// works says in a line whether something does, and if not, what to do.
func works(w io.Writer, what string, err error) {
	if err == nil {
		fmt.Fprintf(w, "%s yes\n", what)
		return
	}
	fmt.Fprintf(w, "%s no: %s\n", what, remedy(err))
}

// remedy is what an operator is to do about an error. What else it says is in the
// log of the server: anybody may ask.
func remedy(err error) string {
	var (
		fault     *sequencer.Fault
		elsewhere *sequencer.ReadOnly
	)
	switch {
	case errors.As(err, &fault):
		return fmt.Sprintf("what follows %d entries is %s, and nothing more is taken: compare checkpoints with others before it is started again", fault.Size, fault.Reason)
	case errors.As(err, &elsewhere):
		return "statements are entered at " + elsewhere.Origin
	case errors.Is(err, registry.ErrFull):
		return "the disk is nearly full: make room on it, and statements are taken again"
	case errors.Is(err, registry.ErrBusy):
		return "more statements wait than are taken: where that lasts, see whether the disk is slow"
	case errors.Is(err, registry.ErrLate):
		return "entries that are known of are not here: where that lasts, see the log of the server"
	case errors.Is(err, sequencer.ErrUnavailable), errors.Is(err, sequencer.ErrGone):
		return "who decides the order of entries cannot be asked: see whether it runs and can be reached"
	case errors.Is(err, tlog.ErrSigner):
		return "a key of the registry did not sign when it was asked last: see whether its token is there, and the log of the server"
	case errors.Is(err, registry.ErrClosed):
		return "it is being stopped"
	case errors.Is(err, registry.ErrDamaged):
		return "the file is damaged: labeld audit names the place; bring this node up again from another, or from a backup"
	}
	return "see the log of the server"
}
