package main

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"syscall"

	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/tlog"
	"tegata/web/stock"
)

// watchFormat is the first member of a watch's file.
const watchFormat = "tegata-watch/v1"

// watchMost is the largest file of a watch, in bytes.
const watchMost = 1 << 30

// A watchState is what a watch keeps from visit to visit: of the log what the list
// needs, how each question was answered last, and the reports that are not
// delivered.
type watchState struct {
	Format string    `json:"watch"`
	Entry0 tlog.Hash `json:"entry_0"` // of the log that is followed
	Nonce  string    `json:"nonce"`   // from which ids are made
	Last   int64     `json:"last"`    // how many reports there were

	Head       verify.Log  `json:"head"`       // that was checked last; its time is when the registry dated it last
	Checkpoint string      `json:"checkpoint"` // of that head, as it was served
	Hashes     []keptHash  `json:"hashes"`
	Held       []heldEntry `json:"held"`
	Wanted     []string    `json:"wanted"`
	Unheld     string      `json:"unheld"` // base64 of four bytes for each

	Answers map[string]keptAnswer `json:"answers"` // by what is asked
	Outbox  []watchReport         `json:"outbox,omitempty"`
	Gone    string                `json:"gone,omitempty"` // the address of a webhook that said it is no more
	Pause   *hookPause            `json:"pause,omitempty"`
}

type keptHash struct {
	At   int64     `json:"at"`
	Hash tlog.Hash `json:"hash"`
}

// A keptAnswer is an answer that was told, if there was anything to tell.
type keptAnswer struct {
	Cells []string `json:"cells"`          // as [stock.Answer.Cells] has them
	Soon  int      `json:"soon,omitempty"` // it was told that it lapses within so many days
}

// readWatch reads the file of a watch. Where there is none, it is a new watch.
func (c *console) readWatch(name string, trust bundle.Trust) (*watchState, error) {
	s := &watchState{Format: watchFormat, Entry0: trust.Entry0, Nonce: rand.Text(), Answers: map[string]keptAnswer{}}
	text, err := c.read(name, watchMost)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, err
	}
	*s = watchState{}
	switch err := json.Unmarshal(text, s); {
	case err != nil:
		return nil, fmt.Errorf("%s: it is not the file of a watch: %w", name, err)
	case s.Format != watchFormat:
		return nil, fmt.Errorf("%s: watch: %.40q is not %q", name, s.Format, watchFormat)
	case s.Entry0 != trust.Entry0:
		return nil, fmt.Errorf("%s: it follows another log than the trust file is of; name another file with -state", name)
	}
	return s, nil
}

func (s *watchState) write(name string) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return writeOver(name, append(text, '\n'), 0o600)
}

// resume takes up the log where the state left it. The entries are checked as if
// they came from a registry.
func (f *following) resume(s *watchState) error {
	f.wanted = map[string]bool{}
	f.restart()
	f.head, f.dated = tlog.Checkpoint{Origin: s.Head.Origin, Size: s.Head.Size, Root: tlog.Hash(s.Head.Root)}, s.Head.Time
	f.signed = s.Checkpoint
	for _, h := range s.Hashes {
		f.hashes[h.At] = h.Hash
	}
	for _, name := range s.Wanted {
		f.wanted[name] = true
	}
	unheld, err := base64.StdEncoding.DecodeString(s.Unheld)
	if err != nil || len(unheld)%4 != 0 {
		return errors.New("unheld: it cannot be read")
	}
	for ; len(unheld) > 0; unheld = unheld[4:] {
		f.unheld[binary.BigEndian.Uint32(unheld)] = true
	}
	for _, h := range s.Held {
		if err := f.hold(h.Index, []byte(h.Entry)); err != nil {
			return fmt.Errorf("entry %d: %w", h.Index, err)
		}
	}
	f.size = s.Head.Size
	if root, err := f.root(); f.size > 0 && (err != nil || verify.Root(root) != s.Head.Root || len(s.Held) == 0 || !f.trust.Pins([]byte(s.Held[0].Entry))) {
		return errors.New("its hashes and entries are not those of its head")
	}
	return nil
}

// keep notes in the state where the log was left.
func (s *watchState) keep(f *following) {
	s.Head = verify.Log{Origin: f.head.Origin, Size: f.head.Size, Root: verify.Root(f.head.Root), Time: f.dated}
	s.Checkpoint, s.Held = f.signed, f.held
	s.Hashes, s.Wanted = s.Hashes[:0], s.Wanted[:0]
	for at, h := range f.hashes {
		s.Hashes = append(s.Hashes, keptHash{at, h})
	}
	slices.SortFunc(s.Hashes, func(a, b keptHash) int { return int(a.At - b.At) })
	for name := range f.wanted {
		s.Wanted = append(s.Wanted, name)
	}
	slices.Sort(s.Wanted)
	var unheld []uint32
	for name := range f.unheld {
		unheld = append(unheld, name)
	}
	slices.Sort(unheld)
	var b []byte
	for _, name := range unheld {
		b = binary.BigEndian.AppendUint32(b, name)
	}
	s.Unheld = base64.StdEncoding.EncodeToString(b)
}

// answer returns what was told of a question last, if it was asked before.
func (s *watchState) answer(key string) (a stock.Answer, soon int, ok bool) {
	kept, have := s.Answers[key]
	if !have {
		return a, 0, false
	}
	a, ok = stock.ParseAnswer(kept.Cells)
	return a, kept.Soon, ok
}

// lockWatch takes the file of a watch: two that went on from the same place would
// tell the same twice, and one forget what the other told. The lock goes with the
// process, however it ends.
func lockWatch(name string) (*os.File, error) {
	lock, err := os.OpenFile(name+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		lock.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("%s: another watch is at it; name another file with -state", name)
		}
		return nil, fmt.Errorf("%s: %w", lock.Name(), err)
	}
	return lock, nil
}

// unlockWatch lets the next one have it, also where a process that this one was
// starting meanwhile still holds the file.
func unlockWatch(lock *os.File) error {
	return errors.Join(syscall.Flock(int(lock.Fd()), syscall.LOCK_UN), lock.Close())
}
