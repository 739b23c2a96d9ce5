package bench

import (
	"bytes"
	"crypto/rand"
	"flag"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"tegata/verify"
	"tegata/verify/envelope"
)

var labels = flag.Int("labels", 20_000, "how many labels the large registry has at least; making it takes a minute for 100,000")

// A large registry is one of many labels, which only its own jobs ask. Its server
// is stopped and started again by them.
type large struct {
	*bench
	data, address, origin string
	issuer                *envelope.Signer
	sealed                int           // labels so far
	codes                 []verify.Code // of those of them that are for this registry
	server                *exec.Cmd
}

// large makes it, once for all jobs.
func (b *bench) large() *large {
	b.Helper()
	if b.store != nil {
		return b.store
	}
	l := &large{bench: b, data: filepath.Join(b.dir, "large"), address: b.freeAddress(), origin: "labels.example"}
	b.store = l
	key := filepath.Join(b.dir, "operator.key")
	b.run(b.bin("labelctl"), "keygen", "-o", key)
	b.run(b.bin("labeld"), "init", "-data", l.data, "-origin", l.origin, "-operator", key)
	text, err := os.ReadFile(key)
	if err != nil {
		b.Fatal(err)
	}
	operator, err := envelope.ParsePrivate(text)
	if err != nil {
		b.Fatal(err)
	}
	if l.issuer, err = envelope.NewSigner(); err != nil {
		b.Fatal(err)
	}
	l.start()
	b.Cleanup(l.stop)
	now := time.Now().UTC().Truncate(time.Second)
	l.post(l.seal(operator, verify.Statement{
		Head: verify.Head{Kind: verify.PartyEnrolled, Origin: l.origin, By: "operator", Made: now},
		Body: &verify.Enrolled{Party: verify.Party{ID: "issuer", Name: verify.Text{EN: "Issuer"}, Role: verify.Issuer,
			Jurisdiction: verify.JP, Keys: []verify.JWK{l.issuer.Key().JWK()}, From: now}},
	}))
	for len(l.codes) < *labels {
		l.submit(l.write(min(*labels-len(l.codes), 20_000)))
	}
	return l
}

// start starts the server, and returns how long it took until it was ready.
func (l *large) start() time.Duration {
	l.Helper()
	name, args := l.bin("labeld"), []string{"serve", "-data", l.data, "-listen", l.address, "-url", "https://labels.example"}
	if l.pinned {
		name, args = "taskset", append([]string{"-c", serverCore, name}, args...)
	}
	l.server = exec.Command(name, args...)
	began := time.Now()
	if err := l.server.Start(); err != nil {
		l.Fatal(err)
	}
	for time.Since(began) < time.Minute {
		if answer, err := http.Get("http://" + l.address + "/readyz"); err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return time.Since(began)
			}
		}
		time.Sleep(time.Millisecond)
	}
	l.Fatal("the large registry is not ready after a minute")
	return 0
}

// stop stops the server in good order.
func (l *large) stop() {
	if l.server == nil {
		return
	}
	l.server.Process.Signal(syscall.SIGTERM)
	l.server.Wait()
	l.server = nil
}

func (l *large) seal(by *envelope.Signer, s verify.Statement) []byte {
	l.Helper()
	var random [10]byte
	rand.Read(random[:])
	s.ID = verify.NewID(time.Now(), random)
	token, err := by.SealStatement(s)
	if err != nil {
		l.Fatal(err)
	}
	return token
}

// label seals the next label, with all that labels have, about 1.6 KB.
func (l *large) label() []byte {
	l.sealed++
	var random [7]byte
	rand.Read(random[:])
	code := verify.NewCode(random)
	l.codes = append(l.codes, code)
	now := time.Now().UTC().Truncate(time.Second)
	today := verify.DateOf(now, verify.Tokyo)
	ip := true
	number := fmt.Sprintf("BENCH-%09d", l.sealed)
	holder := fmt.Sprintf("Works %d K.K.", l.sealed%9973)
	name, brand, model := called(l.sealed)
	return l.seal(l.issuer, verify.Statement{
		Head: verify.Head{Kind: verify.LabelIssued, Origin: l.origin, By: "issuer", Made: now, Code: code},
		Body: &verify.Issued{Label: verify.Label{
			Number: number, Level: 1, Criteria: "JST-CR-01-01-2024R1", Issued: today, Expires: today.AddDays(700),
			Basis:  verify.Basis{Route: "own"},
			Holder: verify.Firm{Name: verify.Text{EN: holder, JA: "製作所 " + holder}, Address: "1-1 Aoba, Sendai, Japan", Country: "JP"},
			Product: verify.Product{
				Name: verify.Text{EN: "Home device " + model, JA: name}, Brand: brand, Type: "Wi-Fi router", Category: "router",
				Models: []verify.Model{{Model: model, GTINs: []string{gtin(l.sealed)}}},
				Traits: verify.Traits{IP: &ip, Market: "consumer", Class: "general"},
			},
			Support: verify.Support{Text: verify.Text{EN: "Security updates until 31 March 2031 or later", JA: "2031年3月31日以降まで更新を提供"},
				End: verify.Date{Year: 2031, Month: time.March, Day: 31}, Precision: "day", Qualifier: "at_least"},
			Contact: verify.Contact{Vulnerability: "https://works.example/security", Email: "psirt@works.example"},
			Page:    "https://labels.example/jc-star/" + number,
		}},
	})
}

// gtin is the n-th trade item number.
func gtin(n int) string {
	for check := range 10 {
		s := fmt.Sprintf("%012d%d", 100_000_000_000+n, check)
		if _, err := verify.ParseGTIN(s); err == nil {
			return s
		}
	}
	panic("no check digit fits")
}

// write seals n labels into a file, one a line.
func (l *large) write(n int) (file string) {
	l.Helper()
	var text bytes.Buffer
	for range n {
		text.Write(l.label())
		text.WriteByte('\n')
	}
	file = filepath.Join(l.dir, "labels.jws")
	if err := os.WriteFile(file, text.Bytes(), 0o600); err != nil {
		l.Fatal(err)
	}
	return file
}

// submit enters the labels of a file with the command, which checks every receipt.
func (l *large) submit(file string) time.Duration {
	l.Helper()
	began := time.Now()
	l.run(l.bin("labelctl"), "submit", "-to", "http://"+l.address, file)
	return time.Since(began)
}

// post enters one statement.
func (l *large) post(token []byte) {
	l.Helper()
	answer, err := poster.Post("http://"+l.address+"/api/v1/statements", "application/jose", bytes.NewReader(token))
	if err != nil {
		l.Fatal(err)
	}
	defer answer.Body.Close()
	var body bytes.Buffer
	if body.ReadFrom(answer.Body); answer.StatusCode != http.StatusCreated {
		l.Fatalf("got %s: %s", answer.Status, &body)
	}
}

const writers = 256

var poster = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: writers}}

// importing: sealed labels, many in a request, by the command.
func importing(b *bench) *job {
	l := b.large()
	return &job{unit: "statements/s", must: 6000, aim: 12_000, ours: func() float64 {
		const n = 10_000
		return n / l.submit(l.write(n)).Seconds()
	}}
}

// appendOne: one writer waits for each receipt.
func appendOne(b *bench) *job {
	l := b.large()
	return &job{unit: "ms", must: 5, aim: 1, most: true, ours: func() float64 {
		tokens := make([][]byte, 300)
		for i := range tokens {
			tokens[i] = l.label()
		}
		var took []float64
		for _, token := range tokens {
			began := time.Now()
			l.post(token)
			took = append(took, float64(time.Since(began).Microseconds())/1000)
		}
		return median(took)
	}}
}

// appendMany: 256 writers, each of whom waits for its receipts, beside a store of
// the same kind that takes the same bytes in batches, checks nothing and answers
// nobody.
func appendMany(b *bench) *job {
	j := b.large().many(newRaw(b).enter)
	j.beside = "raw bbolt, as many bytes in batches"
	return j
}

// appendTessera: the same beside a log over HTTP.
func appendTessera(b *bench) *job {
	enter := b.tessera()
	if enter == nil {
		return nil
	}
	j := b.large().many(enter)
	j.beside, j.must, j.aim = "Tessera's POSIX server", 0.6, 1
	return j
}

// many is the job of entering labels by 256 writers, for two seconds or so: long enough that
// of what is put off some is done within them.
func (l *large) many(theirs func([]byte)) *job {
	rate := func(enter func([]byte), here bool) func() float64 {
		return func() float64 {
			codes := l.codes
			all := make([][]byte, 80*writers)
			for i := range all {
				all[i] = l.label()
			}
			var next atomic.Int64
			var done sync.WaitGroup
			began := time.Now()
			for range writers {
				done.Go(func() {
					for i := next.Add(1) - 1; i < int64(len(all)); i = next.Add(1) - 1 {
						enter(all[i])
					}
				})
			}
			done.Wait()
			took := time.Since(began)
			if here {
				l.rest() // what is left to do is not to be done while theirs is measured
			} else {
				l.codes = codes
			}
			return float64(len(all)) / took.Seconds()
		}
	}
	return &job{unit: "statements/s", ours: rate(l.post, true), theirs: rate(theirs, false)}
}

// rest waits until the server has next to nothing left to do, for a minute at most, where the
// system tells.
func (l *large) rest() {
	l.Helper()
	pid := strconv.Itoa(l.server.Process.Pid)
	for range 120 {
		before, _ := spent(pid)
		time.Sleep(500 * time.Millisecond)
		after, told := spent(pid)
		if !told || after-before <= 10*time.Millisecond {
			return
		}
	}
	l.Fatal("the large registry does not come to rest")
}

// starting: from the command until it is ready.
func starting(b *bench) *job {
	l := b.large()
	return &job{unit: "ms", must: 1000, aim: 200, most: true, ours: func() float64 {
		l.stop()
		return float64(l.start().Microseconds()) / 1000
	}}
}

// memory: what the server holds beside the pages of its files, after it was asked
// for a while about any of its labels.
func memory(b *bench) *job {
	l := b.large()
	return &job{unit: "MB", must: 512, aim: 200, most: true, ours: func() float64 {
		l.ask(*span)
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", l.server.Process.Pid))
		m := regexp.MustCompile(`RssAnon:\s+([0-9]+) kB`).FindSubmatch(text)
		if err != nil || m == nil {
			b.Fatalf("no RssAnon: %v", err)
		}
		kb, _ := strconv.ParseFloat(string(m[1]), 64)
		return kb / 1024
	}}
}

// ask asks for verdicts of any labels on 32 connections.
func (l *large) ask(span time.Duration) {
	l.Helper()
	until := time.Now().Add(span)
	var all sync.WaitGroup
	for range connections {
		all.Go(func() {
			for time.Now().Before(until) {
				code := l.codes[mathrand.IntN(len(l.codes))]
				answer, err := poster.Get("http://" + l.address + "/api/v1/verify/" + string(code) + "?in=GB")
				if err != nil {
					l.Error(err)
					return
				}
				io.Copy(io.Discard, answer.Body)
				if answer.Body.Close(); answer.StatusCode != http.StatusOK {
					l.Errorf("%s: got %s", code, answer.Status)
				}
			}
		})
	}
	all.Wait()
}

// size: the registry's file for each label, but for the search index, which stands
// in a file of its own.
func size(b *bench) *job {
	l := b.large()
	return &job{unit: "KB", must: 4, aim: 3, most: true, ours: func() float64 {
		info, err := os.Stat(filepath.Join(l.data, "registry.db"))
		if err != nil {
			b.Fatal(err)
		}
		return float64(info.Size()) / 1000 / float64(len(l.codes))
	}}
}

// The labels that jobs enter are all different, and trade items are valid.
func TestLabels(t *testing.T) {
	issuer, err := envelope.NewSigner()
	if err != nil {
		t.Fatal(err)
	}
	l := &large{bench: &bench{TB: t}, origin: "labels.example", issuer: issuer}
	var seen []string
	for range 3 {
		e, err := envelope.Open(l.label())
		if err != nil {
			t.Fatal(err)
		}
		s, faults := verify.ParseStatement(e.Payload)
		if len(faults) > 0 {
			t.Error(faults)
		}
		body := s.Body.(*verify.Issued)
		if of := string(s.Code) + body.Label.Number; slices.Contains(seen, of) {
			t.Errorf("%s twice", of)
		} else {
			seen = append(seen, of)
		}
	}
}
