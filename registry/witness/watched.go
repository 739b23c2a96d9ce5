package witness

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"tegata/verify/tlog"
)

// A watched is what a witness knows of one log.
type watched struct {
	origin string
	file   string // holds the checkpoint cosigned last
	keys   []tlog.LogKey

	// mu makes comparing with the last checkpoint and replacing it one step.
	mu       sync.Mutex
	last     kept
	evidence []string // names of the files kept
}

// kept is a checkpoint as it was cosigned. Before the first one it is the empty
// tree, which every tree continues, and signed is nil.
type kept struct {
	head   tlog.Checkpoint
	signed []byte
}

func newWatched(origin string) *watched {
	empty, err := tlog.TreeHash(0, nil)
	if err != nil {
		panic(err) // it has one root, and nothing is read for it
	}
	l := &watched{origin: origin, last: kept{head: tlog.Checkpoint{Origin: origin, Root: empty}}}
	l.file = "log-" + l.id()
	return l
}

// id names the log in names of files: an origin may have any sign in it.
func (l *watched) id() string { return short([]byte(l.origin)) }

func short(b []byte) string { return fmt.Sprintf("%x", sha256.Sum256(b))[:16] }

// load reads what was cosigned last.
func (l *watched) load(s *store) error {
	signed, err := s.read(l.file)
	if err != nil {
		return err
	}
	if l.evidence, err = s.names("conflict-" + l.id() + "-"); err != nil || signed == nil {
		return err
	}
	opened, err := l.open(signed)
	if err != nil {
		return fmt.Errorf("%s/%s holds the last checkpoint of %s that was cosigned, and it is not one by the keys given (where the key was handed over, give the former one too): %w",
			s.dir, l.file, l.origin, err)
	}
	l.last = kept{opened.head, signed}
	return nil
}

// open reads a checkpoint that one of the log's keys signed, and leaves all
// other lines away: anybody can put lines under it, more than can be read when
// ours is among them. The error wraps [tlog.ErrMalformed] or
// [tlog.ErrSignature].
func (l *watched) open(signed []byte) (k kept, err error) {
	for _, key := range l.keys {
		if _, _, err = tlog.OpenCheckpoint(signed, key); err != nil {
			continue
		}
		text, lines, _ := bytes.Cut(signed, []byte("\n\n"))
		for line := range bytes.Lines(lines) {
			k.signed = bytes.Join([][]byte{text, []byte("\n\n"), line}, nil)
			if k.head, _, err = tlog.OpenCheckpoint(k.signed, key); err == nil {
				return k, nil
			}
		}
	}
	return kept{}, err
}

// keep replaces the last checkpoint, in the folder first: a witness that forgot
// what it cosigned could cosign another history.
func (l *watched) keep(s *store, k kept) error {
	if err := s.write(l.file, k.signed); err != nil {
		return err
	}
	l.last = k
	return nil
}

// lastLine is the line that [tlog.Cosign] put under a checkpoint.
func lastLine(signed []byte) string {
	i := bytes.LastIndexByte(signed[:len(signed)-1], '\n')
	return string(signed[i+1:])
}

// A conflictKind tells what two checkpoints of one log prove.
type conflictKind string

const (
	// forked: two trees of one size. The log has shown two histories, and no
	// more than the two checkpoints is needed to show that.
	forked conflictKind = "forked"
	// unproved: it was not shown that the larger tree continues the smaller one.
	// Whoever holds the log's checkpoint can send it with a wrong proof, so this
	// asks for an explanation and proves nothing by itself.
	unproved conflictKind = "unproved"
)

func (k conflictKind) says() string {
	if k == forked {
		return "the log has signed two trees of one size: it has shown two histories"
	}
	return "the log has signed a tree that was not shown to continue the last one"
}

// evidenceMost is how many conflicts of a kind are kept of a log. The first ones
// stay: they are nearest to where the histories part.
const evidenceMost = 32

// errEnough says that there is enough evidence already.
var errEnough = errors.New("as many conflicts of this log as are kept were kept before")

// A conflict is the file in which two checkpoints are kept.
type conflict struct {
	Log     string       `json:"log"`
	What    conflictKind `json:"what"`
	Time    time.Time    `json:"time"`
	Kept    string       `json:"kept"`    // the signed checkpoint that was cosigned last; empty where none was
	Offered string       `json:"offered"` // the signed checkpoint that was refused
	Old     int64        `json:"old"`     // with the proof: as it was offered
	Proof   []tlog.Hash  `json:"proof"`
}

// testify keeps the last checkpoint and the one offered, unless it has already,
// and returns the name of the file.
func (l *watched) testify(s *store, q request, offered kept, kind conflictKind, at time.Time) (name string, fresh bool, err error) {
	of := fmt.Sprintf("conflict-%s-%s-", l.id(), kind)
	name = of + short([]byte(l.last.head.Marshal()+offered.head.Marshal())) + ".json"
	if slices.Contains(l.evidence, name) {
		return name, false, nil
	}
	most := 0
	for _, e := range l.evidence {
		if strings.HasPrefix(e, of) {
			most++
		}
	}
	if most >= evidenceMost {
		return "", false, errEnough
	}
	b, err := json.MarshalIndent(conflict{
		Log: l.origin, What: kind, Time: at.UTC().Truncate(time.Second),
		Kept: string(l.last.signed), Offered: string(offered.signed), Old: q.old, Proof: append([]tlog.Hash{}, q.proof...),
	}, "", "  ")
	if err != nil {
		return "", false, err
	}
	if err := s.write(name, append(b, '\n')); err != nil {
		return "", false, err
	}
	l.evidence = append(l.evidence, name)
	return name, true, nil
}
