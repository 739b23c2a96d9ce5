package witness

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"tegata/verify/tlog"
)

// Config is what a witness needs.
type Config struct {
	Cosigner *tlog.Cosigner
	Logs     []tlog.LogKey    // of the logs it watches; more than one of the same origin where a log's key was handed over
	Folder   string           // its memory: never copied, never brought back
	Now      func() time.Time // nil means time.Now
	Log      *slog.Logger     // nil means slog.Default()
}

// A Server is a witness: an [http.Handler] of POST /add-checkpoint
// (c2sp.org/tlog-witness). It cosigns a checkpoint that a log it watches has
// signed if the tree continues the last one that it cosigned of that log, and
// has written that down durably before it answers. It answers
//
//	200  with its line
//	400  to what is not a request, or asks for a proof from a larger tree
//	403  where no key it has of the log signed the checkpoint
//	404  where it does not watch the log
//	409  with the size it cosigned last, where the request has another, and
//	     without where the tree of that size was another one
//	413  to more than 64 KiB
//	422  where the proof does not hold
//	500  where it could not write it down
//
// A checkpoint that the log signed and that does not continue the last one is
// kept beside it in the folder, in a file conflict-….
type Server struct {
	config Config
	store  *store
	mux    *http.ServeMux
	logs   map[string]*watched // by origin
}

// Open opens a witness: its folder, which must not be open in another process,
// and what it cosigned last of each log. It refuses where it cannot read that,
// rather than begin anew.
func Open(c Config) (_ *Server, err error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	s := &Server{config: c, mux: http.NewServeMux(), logs: map[string]*watched{}}
	s.mux.HandleFunc("POST /add-checkpoint", s.addCheckpoint)
	if s.store, err = openStore(c.Folder); err != nil {
		return nil, err
	}
	for _, k := range c.Logs {
		l := s.logs[k.Name()]
		if l == nil {
			l = newWatched(k.Name())
			s.logs[k.Name()] = l
		}
		if slices.Contains(l.keys, k) {
			return nil, errors.Join(fmt.Errorf("the log key %s is given twice", k), s.Close())
		}
		l.keys = append(l.keys, k)
	}
	for _, l := range s.logs {
		if err := l.load(s.store); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

// Close lets another process have the folder. Nothing may be asked any more.
func (s *Server) Close() error { return s.store.close() }

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// An answer is what a request gets.
type answer struct {
	status int
	text   string // ended by a newline
	size   bool   // the text is a size
}

func refuse(status int, format string, args ...any) answer {
	return answer{status: status, text: fmt.Sprintf(format, args...) + "\n"}
}

func (s *Server) addCheckpoint(w http.ResponseWriter, r *http.Request) {
	var a answer
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, requestSize))
	if big := (*http.MaxBytesError)(nil); errors.As(err, &big) {
		a = refuse(http.StatusRequestEntityTooLarge, "more than %d bytes", requestSize)
	} else if err != nil {
		a = refuse(http.StatusBadRequest, "the request did not come whole")
	} else {
		a = s.add(body)
	}
	kind := "text/plain; charset=utf-8"
	if a.size {
		kind = sizeType
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(a.status)
	io.WriteString(w, a.text)
}

// add decides about the body of a request.
func (s *Server) add(body []byte) answer {
	q, err := parseRequest(body)
	if err != nil {
		return refuse(http.StatusBadRequest, "%v", err)
	}
	l := s.logs[q.claimed.Origin]
	if l == nil {
		return refuse(http.StatusNotFound, "the log %.80q is not watched here", q.claimed.Origin)
	}
	offered, err := l.open(q.checkpoint)
	switch {
	case errors.Is(err, tlog.ErrMalformed):
		return refuse(http.StatusBadRequest, "%v", err)
	case err != nil:
		return refuse(http.StatusForbidden, "%v", err)
	case q.old > offered.head.Size:
		return refuse(http.StatusBadRequest, "a proof from %d entries cannot lead to %d", q.old, offered.head.Size)
	}
	return s.cosign(l, q, offered)
}

// cosign cosigns a checkpoint that the log signed, if it continues the last one.
func (s *Server) cosign(l *watched, q request, offered kept) answer {
	l.mu.Lock()
	defer l.mu.Unlock()
	head, last := offered.head, l.last.head
	if head.Size == last.Size && head.Root != last.Root {
		s.conflict(l, q, offered, forked)
		if q.old == last.Size {
			return refuse(http.StatusConflict, "another tree of %d entries was cosigned here", last.Size)
		}
	}
	if q.old != last.Size {
		return answer{status: http.StatusConflict, text: fmt.Sprintln(last.Size), size: true}
	}
	if err := tlog.CheckConsistency(q.proof, head.Size, head.Root, last.Size, last.Root); err != nil {
		if head != last { // else the proof is only wrong
			s.conflict(l, q, offered, unproved)
		}
		return refuse(http.StatusUnprocessableEntity, "%v", err)
	}
	signed, err := tlog.Cosign(offered.signed, s.config.Cosigner, s.config.Now())
	if err == nil && (head != last || l.last.signed == nil) {
		err = l.keep(s.store, kept{head, signed})
	}
	if err != nil {
		s.config.Log.Error("cannot cosign", "log", head.Origin, "error", err)
		return refuse(http.StatusInternalServerError, "the witness has a fault of its own")
	}
	return answer{status: http.StatusOK, text: lastLine(signed)}
}

// conflict keeps what speaks against the log, once, and says so.
func (s *Server) conflict(l *watched, q request, offered kept, kind conflictKind) {
	name, fresh, err := l.testify(s.store, q, offered, kind, s.config.Now())
	log := s.config.Log.With("log", l.origin, "size", offered.head.Size, "root", offered.head.Root.String(),
		"cosigned_size", l.last.head.Size, "cosigned_root", l.last.head.Root.String())
	switch {
	case err != nil:
		log.Error(kind.says()+"; the evidence could not be kept", "error", err)
	case fresh:
		log.Error(kind.says(), "evidence", name)
	default:
		log.Warn(kind.says() + "; it was refused before")
	}
}
