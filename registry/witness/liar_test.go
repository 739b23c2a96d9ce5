package witness

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tegata/verify/tlog"
)

// TestLiars puts a liar beside an honest witness: nothing of what it says gets
// under the checkpoint, and the other is asked as ever.
func TestLiars(t *testing.T) {
	noLine := func(w http.ResponseWriter, text string) { io.WriteString(w, text) }
	// cosigned answers with the line that by puts under what was offered, changed.
	cosigned := func(w http.ResponseWriter, r *http.Request, by *tlog.Cosigner, at time.Time, change func(c *tlog.Checkpoint)) {
		q, err := parseRequest(must(io.ReadAll(r.Body)))
		if err != nil {
			w.WriteHeader(400)
			return
		}
		c := q.claimed
		change(&c)
		other := must(tlog.NewLogSigner(c.Origin, key("other")))
		noLine(w, lastLine(must(tlog.Cosign(must(tlog.Sign(c, other)), by, at))))
	}
	same := func(*tlog.Checkpoint) {}
	size := func(w http.ResponseWriter, text string) {
		w.Header().Set("Content-Type", sizeType)
		w.WriteHeader(409)
		noLine(w, text)
	}
	impostor := must(tlog.NewCosigner("liar.example", key("impostor")))
	for what, answer := range map[string]func(p *peer, w http.ResponseWriter, r *http.Request){
		"by another key": func(p *peer, w http.ResponseWriter, r *http.Request) { cosigned(w, r, impostor, time.Now(), same) },
		"of another log": func(p *peer, w http.ResponseWriter, r *http.Request) {
			cosigned(w, r, p.cosigner, time.Now(), func(c *tlog.Checkpoint) { c.Origin = "other.example" })
		},
		"of another tree": func(p *peer, w http.ResponseWriter, r *http.Request) {
			cosigned(w, r, p.cosigner, time.Now(), func(c *tlog.Checkpoint) { c.Root[0] ^= 1 })
		},
		"of another size": func(p *peer, w http.ResponseWriter, r *http.Request) {
			cosigned(w, r, p.cosigner, time.Now(), func(c *tlog.Checkpoint) { c.Size++ })
		},
		"of tomorrow": func(p *peer, w http.ResponseWriter, r *http.Request) {
			cosigned(w, r, p.cosigner, time.Now().Add(24*time.Hour), same)
		},
		"nothing":      func(p *peer, w http.ResponseWriter, r *http.Request) { w.WriteHeader(200) },
		"no line":      func(p *peer, w http.ResponseWriter, r *http.Request) { noLine(w, "<html>hello</html>\n") },
		"another text": func(p *peer, w http.ResponseWriter, r *http.Request) { noLine(w, "— liar.example AAAA\n\nmore\n") },
		"half a line":  func(p *peer, w http.ResponseWriter, r *http.Request) { noLine(w, "— liar.example AAAA") },
		"too many lines": func(p *peer, w http.ResponseWriter, r *http.Request) {
			noLine(w, strings.Repeat("— x AAAAAAAA\n", 101))
		},
		"a huge answer": func(p *peer, w http.ResponseWriter, r *http.Request) {
			noLine(w, strings.Repeat("— x AAAAAAAA\n", 1<<20))
		},
		"a huge header": func(p *peer, w http.ResponseWriter, r *http.Request) { w.Header().Set("X", strings.Repeat("x", 1<<20)) },
		"a redirect": func(p *peer, w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://honest.example/add-checkpoint", http.StatusTemporaryRedirect)
		},
		"a broken answer": func(p *peer, w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) },
		"no answer":       func(p *peer, w http.ResponseWriter, r *http.Request) { hang(r) },
		"half an answer": func(p *peer, w http.ResponseWriter, r *http.Request) {
			noLine(w, "— liar")
			w.(http.Flusher).Flush()
			hang(r)
		},
		"a size that grows": func(p *peer, w http.ResponseWriter, r *http.Request) {
			q, _ := parseRequest(must(io.ReadAll(r.Body)))
			size(w, fmt.Sprintln((q.old+1)%q.claimed.Size))
		},
		"the size it was told": func(p *peer, w http.ResponseWriter, r *http.Request) {
			q, _ := parseRequest(must(io.ReadAll(r.Body)))
			size(w, fmt.Sprintln(q.old))
		},
		"a larger size":  func(p *peer, w http.ResponseWriter, r *http.Request) { size(w, "1000\n") },
		"a size below 0": func(p *peer, w http.ResponseWriter, r *http.Request) { size(w, "-1\n") },
		"no size":        func(p *peer, w http.ResponseWriter, r *http.Request) { size(w, "many\n") },
		"a proof that does not hold": func(p *peer, w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(422)
			noLine(w, strings.Repeat("no", 1000))
		},
	} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tr := newTrial(t)
				good, liar := honest(t, tr.kit, "honest.example"), newPeer("liar.example")
				liar.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answer(liar, w, r) })
				tr.begin(t, liar, good)
				for i := range int64(5) {
					tr.enter(t, i, 1)
					time.Sleep(2 * restFor)
					synctest.Wait()
					if got := tr.lines(t); len(got) != 1 || got["honest.example"] > 2*restFor {
						t.Fatalf("got %v, want one of honest.example", got)
					}
				}
				n := good.times()
				if n < 5 || n > 6 {
					t.Errorf("honest.example was asked %d times, want 5 or 6", n)
				}
				time.Sleep(time.Minute)
				if got := tr.kit.Registry.Cosigned(); got[0].Size != 0 || got[1].Size != tr.kit.Registry.Head().Size {
					t.Errorf("got %v", got)
				}
				if n := liar.times(); n < 3 || n > 14 {
					t.Errorf("the liar was asked %d times", n)
				}
				tr.end()
				if said := tr.said.String(); !strings.Contains(said, "witness=liar.example") || len(said) > 12<<10 {
					t.Errorf("it said %s", said)
				}
			})
		})
	}
}
