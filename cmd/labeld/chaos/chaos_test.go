//go:build chaos && linux

// Package chaos lets things go wrong for registries that are written to and read
// from, and counts what that did to them: kill -9, pauses, full disks, clocks that
// jump, and of a cluster members that are stopped, cut off or gone. It needs root,
// for file systems and networks of its own.
package chaos

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"flag"
	"fmt"
	mathrand "math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"tegata/verify"
)

var (
	length = flag.Duration("length", 0, "how long things go wrong, for each kind of registry; 0: each fault once")
	seed   = flag.Uint64("seed", 0, "decides which fault comes when; 0: another one each time")
)

// How many clients there are, and how long each waits between two requests.
const (
	writers   = 8
	readers   = 8
	writeRest = 5 * time.Millisecond
	readRest  = 20 * time.Millisecond
)

// answerTime is how long a client waits for an answer.
const answerTime = 4 * time.Second

func client() *http.Client {
	return &http.Client{Timeout: answerTime, Transport: &http.Transport{}}
}

func TestOneMachine(t *testing.T)    { chaos(t, 1) }
func TestThreeMachines(t *testing.T) { chaos(t, 3) }

func chaos(t *testing.T, count int) {
	if *seed == 0 {
		var b [8]byte
		rand.Read(b[:])
		*seed = binary.LittleEndian.Uint64(b[:]) >> 1
	}
	t.Logf("go on with -args -seed %d to see the same faults in the same order", *seed)
	rng := mathrand.New(mathrand.NewPCG(*seed, uint64(count)))
	m := newMachines(t, count)
	w := newWork(m)
	stop := w.begin()
	w.unsettle(t, rng)
	stop()
	log := m.settled(t)
	c, faults := w.history.judge(log, w.tokens, count == 1)
	for i, f := range faults {
		if i == 20 {
			t.Errorf("and %d more", len(faults)-i)
			break
		}
		t.Error(f)
	}
	if c.linearizable != porcupine.Ok {
		t.Errorf("the history is not one of a log that is added to one after the other: %s", c.linearizable)
	}
	if c.acknowledged == 0 || c.answered == 0 {
		t.Error("nothing was acknowledged, or nothing answered: nothing was tried")
	}
	fmt.Printf("%d machine(s), seed %d: %d entries; writes acknowledged %d, not known %d; reads answered %d, not answered %d\n",
		count, *seed, len(log), c.acknowledged, c.unknown, c.answered, c.unanswered)
	fmt.Printf("acknowledged writes lost %d, statements entered twice %d, forks %d, reads answered wrong %d, linearizable %s\n",
		c.lost, c.twice, c.forks, c.wrong, c.linearizable)
}

// work is what clients do meanwhile.
type work struct {
	machines *machines
	history  history

	mu     sync.Mutex
	codes  []string
	tokens map[string]string // by code
}

func newWork(m *machines) *work {
	return &work{machines: m, history: history{start: time.Now(), begun: m.begun}, tokens: map[string]string{}}
}

// begin lets the clients begin. The function returned ends that.
func (w *work) begin() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	for i := range writers {
		all.Go(func() { w.write(ctx, i) })
	}
	for i := range readers {
		all.Go(func() { w.read(ctx, writers+i) })
	}
	return func() { cancel(); all.Wait() }
}

// write sends labels to one node after the other. What it does not know the end of
// it sends again, mostly to another node, and now and then also what it knows.
func (w *work) write(ctx context.Context, me int) {
	rng := mathrand.New(mathrand.NewPCG(*seed, uint64(me)))
	c := client()
	for ctx.Err() == nil {
		code := randomCode(rng)
		token, err := w.machines.label(code)
		if err != nil {
			panic(err)
		}
		w.mu.Lock()
		w.codes, w.tokens[string(code)] = append(w.codes, string(code)), token
		w.mu.Unlock()
		for try := 0; try < 3; try++ {
			to := w.machines.pick(rng)
			said := write{client: me, node: to.number, token: token, began: w.history.now()}
			index, err := to.enter(c, token)
			said.ended, said.index = w.history.now(), index
			if err != nil {
				said.index = -1
				w.history.refuse(err)
			}
			w.history.wrote(said)
			if index >= 0 && rng.IntN(20) > 0 {
				break
			}
			time.Sleep(writeRest * time.Duration(1+rng.IntN(10)))
		}
		time.Sleep(writeRest)
	}
}

func randomCode(rng *mathrand.Rand) verify.Code {
	return verify.NewCode([7]byte(binary.LittleEndian.AppendUint64(nil, rng.Uint64())))
}

func (w *work) read(ctx context.Context, me int) {
	rng := mathrand.New(mathrand.NewPCG(*seed, uint64(me)))
	c := client()
	for ctx.Err() == nil {
		time.Sleep(readRest)
		w.mu.Lock()
		some := len(w.codes)
		code := ""
		if some > 0 {
			code = w.codes[max(0, some-1-rng.IntN(200))]
		}
		w.mu.Unlock()
		if code == "" {
			continue
		}
		began := w.history.now()
		r, ok := w.machines.pick(rng).ask(c, code)
		r.client, r.began, r.ended = me, began, w.history.now()
		w.history.answered(r, ok)
	}
}

// unsettle lets one thing after the other go wrong, and prints how long it took until
// statements were entered again.
func (w *work) unsettle(t *testing.T, rng *mathrand.Rand) {
	t.Helper()
	var may []fault
	for _, f := range faults {
		if w.machines.etcd != nil || !f.cluster {
			may = append(may, f)
		}
	}
	rounds, slowest := map[string]int{}, map[string]time.Duration{}
	until := time.Now().Add(*length)
	for round := 0; round < len(may) || time.Now().Before(until); round++ {
		f := may[round%len(may)]
		if round >= len(may) {
			f = may[rng.IntN(len(may))]
		}
		began := w.history.now()
		end, err := f.begin(w.machines, rng)
		if err != nil {
			t.Fatalf("%s: %v", f.name, err)
		}
		if !f.majority && w.machines.etcd != nil {
			slowest[f.name] = max(slowest[f.name], w.entered(t, f.name+", while it lasts", began))
		}
		time.Sleep(time.Duration(rng.Int64N(int64(2 * time.Second))))
		if err := end(); err != nil {
			t.Fatalf("%s, the way back: %v", f.name, err)
		}
		w.entered(t, f.name+", when it was over", w.history.now())
		rounds[f.name]++
	}
	for _, f := range may {
		fmt.Printf("%-22s %3d times", f.name, rounds[f.name])
		if d, ok := slowest[f.name]; ok {
			fmt.Printf(", entering again after %v at most", d.Round(time.Millisecond))
		}
		fmt.Println()
	}
	for _, refused := range w.history.refusals() {
		t.Errorf("refused: %s", refused)
	}
}

// enteredWait is how long it may take until statements are entered again.
const enteredWait = 30 * time.Second

// entered waits until a statement that was sent since then is entered.
func (w *work) entered(t *testing.T, when string, since time.Duration) time.Duration {
	t.Helper()
	for w.history.now()-since < enteredWait {
		if after, ok := w.history.recovered(since); ok {
			return after
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%s: nothing was entered within %v", when, enteredWait)
	return 0
}

// settled waits until all nodes have the same head, compares what they have, and
// returns the log.
func (m *machines) settled(t *testing.T) [][]byte {
	t.Helper()
	for began := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		var first [][]byte
		same := true
		for i, n := range m.nodes {
			entries, head, err := n.wholeLog(client())
			if err != nil {
				t.Logf("node %d: %v", i, err)
				same = false
				break
			}
			if i == 0 {
				first = entries
			} else if head.Size != int64(len(first)) {
				same = false
			} else if !slices.EqualFunc(entries, first, slices.Equal[[]byte]) {
				t.Fatalf("nodes 0 and %d have different logs of %d entries", i, head.Size)
			}
		}
		if same {
			for _, n := range m.nodes {
				t.Log(run(t, n.args[0], "audit", "-data", n.args[3]))
			}
			return first
		}
		if time.Since(began) > enteredWait {
			t.Fatal("the nodes do not come to the same head")
		}
	}
}
