package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/envelope"
	"tegata/web/stock"
)

// A shop is a list of stock that is watched, with the registry behind a real
// address, and what the reports told so far.
type shop struct {
	t      *testing.T
	seed   uint64
	rng    *rand.Rand
	kit    *registrytest.Kit
	behind *swap
	server *httptest.Server
	hook   *receiver
	dir    string
	rows   []url.Values // what each row asks
	watch  *watch
	errs   bytes.Buffer
	told   map[string]map[string]string // by row: the answer that it was last told to have
}

// A receiver takes reports, and now and then says that it could not, though it
// has them.
type receiver struct {
	mu     sync.Mutex
	t      *testing.T
	rng    *rand.Rand
	bodies map[string]string // by id
	fresh  []cloudEvent
	fails  bool
}

func (h *receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		h.t.Error(err)
	}
	if h.fails && h.rng.IntN(3) == 0 {
		w.WriteHeader(http.StatusServiceUnavailable) // it has seen nothing
		return
	}
	id := r.Header.Get("webhook-id")
	if had, again := h.bodies[id]; !again {
		var e cloudEvent
		if err := json.Unmarshal(body, &e); err != nil || e.ID != id {
			h.t.Errorf("report %s: %v\n%s", id, err, body)
		}
		h.fresh = append(h.fresh, e)
	} else if had != string(body) {
		h.t.Errorf("report %s came twice, with other contents", id)
	}
	h.bodies[id] = string(body)
	if h.fails && h.rng.IntN(3) == 0 {
		w.WriteHeader(http.StatusInternalServerError) // it has it, and does not say so
	}
}

func newShop(t *testing.T, seed uint64, kit *registrytest.Kit, rows []url.Values) *shop {
	t.Helper()
	s := &shop{t: t, seed: seed, rng: rand.New(rand.NewPCG(seed, 2)), kit: kit, dir: t.TempDir(), rows: rows, told: map[string]map[string]string{}}
	s.behind = &swap{}
	s.server = httptest.NewServer(s.behind)
	t.Cleanup(s.server.Close)
	s.serve()
	s.hook = &receiver{t: t, rng: s.rng, bodies: map[string]string{}}
	hook := httptest.NewServer(s.hook)
	t.Cleanup(hook.Close)
	s.write("labels.trust", kit.Trust(t).Marshal())
	s.list()
	s.begin(hook.URL)
	return s
}

func (s *shop) write(name string, data []byte) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), data, 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// list writes the list, rows in another order each time.
func (s *shop) list() {
	s.t.Helper()
	columns := []string{"ref", "code", "number", "gtin", "model", "in"}
	text := strings.Join(columns, ",") + "\n"
	for _, i := range s.rng.Perm(len(s.rows)) {
		var cells []string
		for _, c := range columns {
			cells = append(cells, s.rows[i].Get(c))
		}
		text += strings.Join(cells, ",") + "\n"
	}
	s.write("stock.csv", []byte(text))
}

// serve puts the registry, opened again, behind the address.
func (s *shop) serve() {
	s.t.Helper()
	s.kit.Reopen(s.t)
	h, err := handler(s.kit.Registry)
	if err != nil {
		s.t.Fatal(err)
	}
	// Nothing that is asked says what is in the list.
	private := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.UserAgent() == "labelctl" && !anyStock.MatchString(r.URL.RequestURI()) {
			s.t.Errorf("the watch asked for %s", r.URL)
		}
		h.ServeHTTP(w, r)
	})
	s.behind.mu.Lock()
	s.behind.handler = private
	s.behind.mu.Unlock()
}

// anyStock is what a watch asks for, whatever is in the list.
var anyStock = regexp.MustCompile(`^(/checkpoint|/tile/entries/[0-9x/.p]+|/api/v1/changes\?limit=1000(&part=[0-9A-Z-]+)?&since=[0-9]+)$`)

// begin starts the watch, from what its file says.
func (s *shop) begin(hook string) {
	s.t.Helper()
	if s.watch != nil {
		unlockWatch(s.watch.lock)
	}
	c := &console{in: strings.NewReader(""), out: bufio.NewWriter(io.Discard), err: &s.errs, now: s.kit.Clock.Now}
	at := func(name string) string { return filepath.Join(s.dir, name) }
	w, _, err := newWatch(c, []string{"-from", s.server.URL, "-trust", at("labels.trust"), "-webhook", hook, "-webhook-key", at("hook.key"), "-lang", "en", at("stock.csv")})
	if err != nil {
		s.t.Fatal(err)
	}
	w.hook.wait = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	s.watch = w
}

// visit has the watch visit, and takes down what it told.
func (s *shop) visit() error {
	s.t.Helper()
	status, err := s.watch.visit(context.Background())
	for _, e := range s.hook.fresh {
		for _, r := range e.Data.Rows {
			before, after := unforeseen(r.Before), unforeseen(r.After)
			if was, ok := s.told[r.Ref]; ok && !cmp.Equal(was, before) {
				s.t.Errorf("seed %d: row %s: got another answer before than was told then:\n%s", s.seed, r.Ref, cmp.Diff(was, before))
			}
			if cmp.Equal(before, after) != slices.Equal(r.Said, []string{saidSoon}) {
				s.t.Errorf("seed %d: row %s: told as %v:\n%s", s.seed, r.Ref, r.Said, cmp.Diff(before, after))
			}
			s.told[r.Ref] = after
		}
	}
	s.hook.fresh = nil
	if err == nil && status == exitNo && len(s.watch.state.Outbox) > 0 {
		s.t.Errorf("seed %d: got status %d, and reports that wait", s.seed, status)
	}
	return err
}

// unforeseen is an answer without when it changes by itself, which is not told of.
func unforeseen(a map[string]string) map[string]string {
	delete(a, "tegata_next_change")
	return a
}

// full asks the registry itself about a row, by HTTP.
func (s *shop) full(row url.Values) map[string]string {
	s.t.Helper()
	q := url.Values{}
	for _, name := range []string{"number", "gtin", "model", "in"} {
		if v := row.Get(name); v != "" {
			q.Set(name, v)
		}
	}
	address := s.server.URL + "/api/v1/verify"
	if code := row.Get("code"); code != "" {
		address += "/" + code
	}
	answer, err := http.Get(address + "?" + q.Encode())
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	var found []verify.Verdict
	if row.Get("code") != "" {
		found = make([]verify.Verdict, 1)
		err = json.NewDecoder(answer.Body).Decode(&found[0])
	} else {
		all := struct{ Matches []verify.Verdict }{}
		err = json.NewDecoder(answer.Body).Decode(&all)
		found = all.Matches
	}
	if err != nil {
		s.t.Fatalf("%s: %v", address, err)
	}
	return unforeseen(members(stock.NewAnswer(found)))
}

// check compares what was told with what a full check shows now.
func (s *shop) check() {
	s.t.Helper()
	if strings.Contains(s.errs.String(), "leaves out") {
		s.t.Fatalf("seed %d: the list of changes is accused:\n%s", s.seed, s.errs.String())
	}
	for _, row := range s.rows {
		want := s.full(row)
		if got := s.told[row.Get("ref")]; !cmp.Equal(got, want) {
			s.t.Fatalf("seed %d, at %v: row %v (-told +full check):\n%s\n%s", s.seed, s.kit.Clock.Now(), row, cmp.Diff(got, want), s.errs.String())
		}
	}
}

// TestWatchMissesNothing tells random histories to a registry while a list is
// watched, each of them and whoever receives the reports ending and beginning
// again at any time. What was told of every row, one report upon the other, is
// what a full check of the list shows.
func TestWatchMissesNothing(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	said := map[string]int{}
	for n := range uint64(3) {
		watchHistory(t, seed+n, said)
	}
	t.Logf("said: %v", said)
	for _, what := range []string{saidLapsed, saidChanged, saidFound} {
		if said[what] == 0 {
			t.Errorf("seed %d: nothing was told as %s", seed, what)
		}
	}
}

func watchHistory(t *testing.T, seed uint64, said map[string]int) {
	t.Helper()
	k := registrytest.New(t)
	k.Begin(t)
	h := registrytest.NewHistory(k, seed)
	var rows []url.Values
	add := func(pairs ...string) {
		row := url.Values{"ref": {fmt.Sprint("R", len(rows))}}
		for i := 0; i < len(pairs); i += 2 {
			row.Set(pairs[i], pairs[i+1])
		}
		rows = append(rows, row)
	}
	for i, code := range append(h.Labels(), h.Declarations()...) {
		add("code", string(code))
		add("code", string(code), "in", string(verify.Jurisdictions[i%3]), "model", fmt.Sprint("m", i%3))
		add("number", "n-"+string(code))
	}
	add("gtin", "4912345678904")
	add("gtin", "4912345678904", "model", "M-1", "in", "JP")
	add("model", "ｍ　2")
	add("code", string(registrytest.Code(77)))
	// So that what the rest leads to is passed over at first.
	rng := rand.New(rand.NewPCG(seed, 3))
	rng.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	later, all := rows[4:], rows
	s := newShop(t, seed, k, rows[:4:4])
	for step := range 40 {
		for range s.rng.IntN(4) {
			_, err := k.Registry.Append(context.Background(), h.Next(t))
			var refusal *registry.Refusal
			if err != nil && !errors.As(err, &refusal) && !errors.Is(err, envelope.ErrKey) {
				t.Fatalf("seed %d: %v", seed, err)
			}
		}
		if s.rng.IntN(6) == 0 { // time goes on, and nothing is said
			k.Clock.Set(k.Clock.Now().AddDate(0, 0, s.rng.IntN(200)))
		}
		if s.rng.IntN(4) == 0 {
			s.serve()
		}
		if s.rng.IntN(3) == 0 {
			s.begin(s.watch.hook.url)
		}
		if step == 15 { // more comes into stock
			s.rows = append(s.rows, later...)
		}
		if step == 22 { // some is sold out, and comes again
			all = s.rows
			s.rows = slices.Clone(all[len(all)/3:])
			for _, row := range all[:len(all)/3] {
				delete(s.told, row.Get("ref"))
			}
		}
		if step == 30 {
			s.rows = all
		}
		s.list()
		s.hook.fails = s.rng.IntN(2) == 0
		if err := s.visit(); err != nil && !s.hook.fails {
			t.Fatalf("seed %d: %v\n%s", seed, err, s.errs.String())
		} else if err != nil {
			s.begin(s.watch.hook.url) // what waits is in the file
			s.hook.fails = false
			if err := s.visit(); err != nil {
				t.Fatalf("seed %d: %v\n%s", seed, err, s.errs.String())
			}
		}
		// What the first visit notes of a row is what there is to change.
		if step == 0 || step == 15 || step == 30 {
			for _, row := range s.rows {
				if _, ok := s.told[row.Get("ref")]; !ok {
					s.told[row.Get("ref")] = s.full(row)
				}
			}
		}
		s.check()
	}
	for _, body := range s.hook.bodies {
		var e cloudEvent
		if err := json.Unmarshal([]byte(body), &e); err != nil {
			t.Fatal(err)
		}
		for _, r := range e.Data.Rows {
			for _, what := range r.Said {
				said[what]++
			}
		}
	}
}
