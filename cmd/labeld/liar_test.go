package main

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"tegata/cmd/labeld/folder"
	"tegata/verify"
	"tegata/verify/envelope"
	"tegata/verify/tlog"
)

// A liar stands between a registry and those who read it. It hands on what the
// registry answers, or what is made of that.
type liar struct {
	mu     sync.Mutex
	origin string // address of the registry
	down   bool
	lie    func(path string, body []byte) []byte
	log    *forged // answers for the log in place of the registry; nil: nothing does
	old    []byte  // a checkpoint that was kept
}

// between NAME: a liar stands before the server from now on, and has the address
// $NAME.
func between(ts *testscript.TestScript, _ bool, args []string) {
	l := &liar{origin: ts.Getenv("URL")}
	server := httptest.NewServer(l)
	ts.Defer(server.Close)
	ts.Value("liars").(map[string]*liar)[args[0]] = l
	ts.Setenv(args[0], server.URL)
}

// lie NAME WHAT: it lies so from now on. none: it does not; moved: nor that, and the
// server is the one that was started last; down: it answers nobody; remember: not
// yet, but it keeps the checkpoint; old: it answers with that; altered, missing:
// with other entries; forked FOLDER KEY, role FOLDER KEY: with a log that the keys
// in the folder have signed, whose last entry is another one, by the operator whose
// key it is, or is one more, by the issuer whose key it is and who may not enter it.
func lie(ts *testscript.TestScript, _ bool, args []string) {
	l := ts.Value("liars").(map[string]*liar)[args[0]]
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down, l.lie, l.log = false, nil, nil
	onTiles := func(change func([][]byte) [][]byte) func(string, []byte) []byte {
		return func(path string, body []byte) []byte {
			if entries, err := tlog.ParseBundle(body); err == nil && strings.HasPrefix(path, "/tile/entries/") {
				return tlog.MarshalBundle(change(entries))
			}
			return body
		}
	}
	switch what := args[1]; what {
	case "none":
	case "moved":
		l.origin = ts.Getenv("URL")
	case "down":
		l.down = true
	case "remember":
		l.old = l.ask(ts, "/checkpoint")
	case "old":
		l.lie = func(path string, body []byte) []byte {
			if path == "/checkpoint" {
				return l.old
			}
			return body
		}
	case "altered":
		l.lie = onTiles(func(entries [][]byte) [][]byte {
			last := len(entries) - 1
			entries[last] = bytes.Replace(entries[last], []byte("\n1"), []byte("\n2"), 1) // when it was logged
			return entries
		})
	case "missing":
		l.lie = onTiles(func(entries [][]byte) [][]byte { return entries[:len(entries)-1] })
	case "forked", "role":
		l.log = forge(ts, l.entries(ts), ts.MkAbs(args[2]), ts.MkAbs(args[3]), what == "role")
	default:
		ts.Fatalf("no such lie: %s", what)
	}
}

func (l *liar) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down {
		panic(http.ErrAbortHandler) // the connection is cut
	}
	if l.log != nil {
		if body, err := l.log.answer(r.URL.Path); err == nil {
			w.Write(body)
			return
		}
	}
	resp, err := http.Get(l.origin + r.URL.Path)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if l.lie != nil && resp.StatusCode == http.StatusOK {
		body = l.lie(r.URL.Path, body)
	}
	w.WriteHeader(resp.StatusCode)
	w.Write(body)
}

// free NAME: $NAME is an address of this machine where nobody listens.
func free(ts *testscript.TestScript, _ bool, args []string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	defer listener.Close()
	ts.Setenv(args[0], listener.Addr().String())
}

// ask asks the registry itself.
func (l *liar) ask(ts *testscript.TestScript, path string) []byte {
	resp, err := http.Get(l.origin + path)
	ts.Check(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	ts.Check(err)
	return body
}

// entries are those of the registry.
func (l *liar) entries(ts *testscript.TestScript) [][]byte {
	text, _, _ := strings.Cut(string(l.ask(ts, "/checkpoint")), "\n\n")
	head, err := tlog.ParseCheckpoint(text + "\n")
	ts.Check(err)
	entries, err := tlog.ParseBundle(l.ask(ts, "/"+tlog.TilePath{Level: tlog.EntriesLevel, Width: int(head.Size)}.String()))
	ts.Check(err)
	return entries
}

// A forged log is one that somebody with the keys of a registry made beside it.
type forged struct {
	entries    [][]byte
	hashes     []tlog.Hash
	checkpoint []byte
}

// forge makes a log of all entries but the last, and of one more in its place, that
// enrols a party.
func forge(ts *testscript.TestScript, entries [][]byte, data, key string, byIssuer bool) *forged {
	signer, err := readSigner(key)
	ts.Check(err)
	by := operatorID
	if byIssuer {
		by = "ipa"
	}
	theirs, err := envelope.NewSigner()
	ts.Check(err)
	last, err := tlog.ParseEntry(entries[len(entries)-1])
	ts.Check(err)
	made := last.Logged.Truncate(time.Second)
	token, err := signer.SealStatement(verify.Statement{
		Head: verify.Head{Kind: verify.PartyEnrolled, Origin: "labels.example", By: by, Made: made},
		Body: &verify.Enrolled{Party: verify.Party{
			ID: "forged", Name: verify.Text{EN: "Forged"}, Role: verify.Issuer,
			Jurisdiction: verify.JP, Keys: []verify.JWK{theirs.Key().JWK()}, From: made,
		}},
	})
	ts.Check(err)
	f := &forged{entries: append([][]byte{}, entries...)}
	other := tlog.Entry{Logged: last.Logged, Status: tlog.NoStatus, Token: string(token)}.Marshal()
	if byIssuer {
		f.entries = append(f.entries, other)
	} else {
		f.entries[len(entries)-1] = other
	}
	for i, e := range f.entries {
		stored, err := tlog.StoredHashes(int64(i), tlog.LeafHash(e), f)
		ts.Check(err)
		f.hashes = append(f.hashes, stored...)
	}
	root, err := tlog.TreeHash(int64(len(f.entries)), f)
	ts.Check(err)
	c, err := folder.Folder(data).Config()
	ts.Check(err)
	f.checkpoint, err = tlog.Sign(tlog.Checkpoint{Origin: "labels.example", Size: int64(len(f.entries)), Root: root}, c.Log)
	ts.Check(err)
	f.checkpoint, err = tlog.Cosign(f.checkpoint, c.Cosigner, time.Now().Add(time.Minute))
	ts.Check(err)
	return f
}

func (f *forged) ReadHashes(indexes []int64) (out []tlog.Hash, err error) {
	for _, i := range indexes {
		if i >= int64(len(f.hashes)) {
			return nil, errors.New("no such hash")
		}
		out = append(out, f.hashes[i])
	}
	return out, nil
}

// answer answers for the log, and for nothing else.
func (f *forged) answer(path string) ([]byte, error) {
	if path == "/checkpoint" {
		return f.checkpoint, nil
	}
	p, err := tlog.ParseTilePath(strings.TrimPrefix(path, "/"))
	if err != nil {
		return nil, err
	}
	if p.Level == tlog.EntriesLevel {
		return tlog.MarshalBundle(f.entries[p.Index*tlog.TileWidth : p.Index*tlog.TileWidth+int64(p.Width)]), nil
	}
	return tlog.ReadTile(p, f)
}
