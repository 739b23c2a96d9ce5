package web

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"tegata/registry"
	"tegata/registry/sequencer"
	"tegata/verify"
	"tegata/web/i18n"
)

// mirrorOld is how old the head of a mirror may be before people are told.
const mirrorOld = 10 * time.Minute

// A mirrorBody says of a mirror what it is a copy of, and how it stands.
type mirrorBody struct {
	Of      string       `json:"of"`                // address of the registry that keeps the log
	Dated   time.Time    `json:"dated"`             // when that registry dated the head
	Heard   time.Time    `json:"heard,omitzero"`    // when something new of it came; absent: not since this server was started
	Behind  int64        `json:"behind"`            // entries that are known of, and not here yet
	Stopped *stoppedBody `json:"stopped,omitempty"` // why nothing is taken of it any more
}

// A stoppedBody is what was wrong with what a mirror was given.
type stoppedBody struct {
	Reason sequencer.Reason `json:"reason"`
	Size   int64            `json:"size"` // entries up to where all was well
	What   string           `json:"what"` // in English
}

// newMirrorBody is nil of a registry that is no mirror.
func newMirrorBody(r *registry.Registry) *mirrorBody {
	if !r.Mirror() {
		return nil
	}
	f := r.Following()
	b := &mirrorBody{Of: r.Original().URL(), Dated: r.Dated(), Heard: f.Heard.UTC(), Behind: f.Behind()}
	if fault := (*sequencer.Fault)(nil); errors.As(f.Stopped, &fault) {
		b.Stopped = &stoppedBody{fault.Reason, fault.Size, fault.What}
	}
	return b
}

// old reports whether the head is older than people expect.
func (b *mirrorBody) old(now time.Time) bool { return now.Sub(b.Dated) > mirrorOld }

// A mirrorView tells people whose log a mirror shows, and what is wrong with that.
type mirrorView struct {
	Whose  string
	URL    string // of the registry that keeps the log
	Notice string // empty: all is well
}

func (b *mirrorBody) view(l i18n.Language, origin string, now time.Time) *mirrorView {
	v := &mirrorView{Whose: l.T("mirror.whose", origin), URL: b.Of}
	switch dated := l.Instant(b.Dated, zoneOf("")); {
	case b.Stopped != nil:
		v.Notice = l.T("mirror.stopped", dated)
	case b.old(now):
		v.Notice = l.T("mirror.old", dated)
	}
	return v
}

// present is the instant that an answer is of where nobody asks of another: that of
// the head, zero, but where a mirror has one that is old. Time goes on there, and
// what lapsed since has lapsed.
func (s *site) present(head verify.Log) time.Time {
	if now := s.registry.Now(); s.registry.Mirror() && now.Sub(head.Time) > time.Minute {
		return now
	}
	return time.Time{}
}

// ready says how a mirror stands, a line for each.
func (b *mirrorBody) ready() string {
	var out strings.Builder
	fmt.Fprintf(&out, "mirror of %s\ndated %s\nbehind %d\n", b.Of, b.Dated.Format(time.RFC3339), b.Behind)
	if b.Stopped != nil {
		fmt.Fprintf(&out, "stopped %s: %s\n", b.Stopped.Reason, strings.Join(strings.Fields(b.Stopped.What), " "))
	}
	return out.String()
}
