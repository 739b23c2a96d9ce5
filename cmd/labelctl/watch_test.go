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
		s.watch.lock.Close()
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

// What was passed over is read again once a row rests on it: the declaration of a
// label that is issued later. What was read before is read no second time else.
func TestWatchReadsAgain(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	label, declaration := registrytest.Code(1), registrytest.Code(2)
	k.Append(t, k.Say(t, verify.DeclarationPublished, declaration, nil))
	k.Append(t, k.Say(t, verify.DeclarationObserved, declaration, nil))
	s := newShop(t, 1, k, []url.Values{{"ref": {"R"}, "code": {string(label)}, "in": {"GB"}}})
	read := func() (most int64) {
		t.Helper()
		s.watch.following.passed = func(done, _ int64) { most += done }
		if err := s.visit(); err != nil {
			t.Fatal(err)
		}
		return most
	}
	if read(); len(s.told) != 0 || len(s.watch.state.Held) != 7 {
		t.Fatalf("at first: got %v told and %d entries held, want none, and those about parties", s.told, len(s.watch.state.Held))
	}
	s.begin(s.watch.hook.url)
	k.Append(t, k.Say(t, verify.LabelIssued, label, func(m map[string]any) {
		m["label"].(map[string]any)["basis"] = map[string]any{"route": "uk_psti_simplified", "declaration": declaration}
	}))
	read()
	s.check()
	if got := s.told["R"]["tegata_accord"]; got != string(verify.TreatedAsCompliant) || len(s.watch.state.Held) != 10 {
		t.Errorf("got accord %q from %d entries held, want all ten", got, len(s.watch.state.Held))
	}
	k.Append(t, k.Say(t, verify.LabelIssued, registrytest.Code(3), func(m map[string]any) {
		m["label"].(map[string]any)["product"].(map[string]any)["models"] = []any{map[string]any{"model": "Z"}}
	}))
	read()
	if len(s.watch.state.Held) != 10 {
		t.Errorf("of another label: got %d entries held", len(s.watch.state.Held))
	}
}

// Where the registry does not answer, time goes on: what lapses is told. What is
// new in the list waits until the log can be read again.
func TestWatchAlone(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	label, other := registrytest.Code(1), registrytest.Code(2)
	k.Append(t, k.Say(t, verify.LabelIssued, label, func(m map[string]any) { m["label"].(map[string]any)["expires"] = "2026-07-10" }))
	k.Append(t, k.Say(t, verify.LabelIssued, other, nil))
	s := newShop(t, 1, k, []url.Values{{"ref": {"R"}, "code": {string(label)}, "in": {"GB"}}})
	said := func() (all []string) {
		for _, e := range s.hook.fresh {
			for _, r := range e.Data.Rows {
				all = append(all, fmt.Sprintf("%s%v%d", r.Ref, r.Said, r.Days))
			}
		}
		s.hook.fresh = nil
		return all
	}
	visit := func(at string, fails bool, want ...string) {
		t.Helper()
		when, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		k.Clock.Set(when)
		_, err = s.watch.visit(context.Background())
		if got := said(); (err != nil) != fails || !slices.Equal(got, want) {
			t.Errorf("at %s: got %q, %v, want %q", at, got, err, want)
		}
	}
	visit("2026-06-02T00:00:00Z", false, "R[lapses_soon]60")
	s.behind.handler = http.NotFoundHandler()
	s.rows = append(s.rows, url.Values{"ref": {"N"}, "code": {string(other)}})
	s.list()
	visit("2026-06-09T14:59:59Z", true)
	visit("2026-06-09T15:00:00Z", true, "R[lapses_soon]30") // 10 June in Tokyo
	s.begin(s.watch.hook.url)
	visit("2026-07-10T14:59:59Z", true)
	visit("2026-07-10T15:00:00Z", true, "R[lapsed recognition_lost]0")
	s.serve()
	visit("2026-07-10T15:00:01Z", false)
	if got := s.watch.state.Answers["code="+string(other)].Cells; len(got) == 0 || got[1] != string(verify.StatusValid) {
		t.Errorf("the row that was added: got %v, want it valid", got)
	}
}

// However many labels rest on what was passed over, it is read once more, and not
// once for each.
func TestWatchReadsAgainOnce(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	const labels = int64(20)
	models := []any{map[string]any{"model": "Z"}} // without a trade item, which would lead to all of them
	for i := range labels {
		k.Append(t, k.Say(t, verify.DeclarationPublished, registrytest.Code(100+i), func(m map[string]any) {
			m["declaration"].(map[string]any)["product"].(map[string]any)["models"] = models
		}))
	}
	var rows []url.Values
	for i := range labels {
		label, declaration := registrytest.Code(200+i), registrytest.Code(100+i)
		k.Append(t, k.Say(t, verify.LabelIssued, label, func(m map[string]any) {
			m["label"].(map[string]any)["product"].(map[string]any)["models"] = models
			m["label"].(map[string]any)["basis"] = map[string]any{"route": "uk_psti_simplified", "declaration": declaration}
		}))
		rows = append(rows, url.Values{"ref": {fmt.Sprint("R", i)}, "code": {string(label)}, "in": {"GB"}})
	}
	s := newShop(t, 1, k, rows)
	reads := 0
	s.watch.following.passed = func(done, _ int64) {
		if done > 0 {
			reads++
		}
	}
	if err := s.visit(); err != nil {
		t.Fatal(err)
	}
	if reads != 2 {
		t.Errorf("got the log read %d times, want 2", reads)
	}
}

// Of two watches of one file the second does not begin.
func TestWatchLock(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	s := newShop(t, 1, k, []url.Values{{"ref": {"R"}, "code": {string(registrytest.Code(1))}}})
	at := func(name string) string { return filepath.Join(s.dir, name) }
	args := []string{"-from", s.server.URL, "-trust", at("labels.trust"), at("stock.csv")}
	if _, _, err := newWatch(s.watch.console, args); err == nil || !strings.Contains(err.Error(), "another watch") {
		t.Errorf("beside another: got %v", err)
	}
	s.watch.lock.Close()
	second, _, err := newWatch(s.watch.console, args)
	if err != nil {
		t.Fatal(err)
	}
	second.lock.Close()
}

// Where a clock is wrong nothing is told, since nobody can say of what.
func TestWatchClocks(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	label := registrytest.Code(1)
	k.Append(t, k.Say(t, verify.LabelIssued, label, nil))
	s := newShop(t, 1, k, []url.Values{{"ref": {"R"}, "code": {string(label)}, "in": {"GB"}}})
	off := time.Duration(0)
	s.watch.now = func() time.Time { return k.Clock.Now().Add(off) }
	visit := func(what string, by time.Duration, status int, want string) {
		t.Helper()
		off = by
		s.errs.Reset()
		got, err := s.watch.visit(context.Background())
		if err != nil {
			got, err = exitAccident, nil
			s.watch.say("%v", err)
		}
		if got != status || !strings.Contains(s.errs.String(), want) || len(s.hook.bodies) != 0 {
			t.Errorf("%s: got status %d and %d reports, want %d, none and %q:\n%s", what, got, len(s.hook.bodies), status, want, s.errs.String())
		}
	}
	visit("behind at first", -11*time.Minute, exitNo, "one of the clocks is wrong")
	visit("a little behind", -9*time.Minute, exitDone, "")
	k.Clock.Set(k.Clock.Now().Add(time.Hour))
	k.Append(t, k.Say(t, verify.LabelPractice, label, nil))
	visit("behind what is served", -11*time.Minute, exitNo, "one of the clocks is wrong")
	visit("right", 0, exitDone, "")
	visit("set back by years", -20*365*24*time.Hour, exitAccident, "")
	visit("right again", 0, exitDone, "")
	visit("old", 2*time.Hour, exitNo, "stands still")
}

// What changed is told before the registry's list of changes is asked, which may
// have no end.
func TestWatchListWithoutEnd(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	label := registrytest.Code(1)
	s := newShop(t, 1, k, []url.Values{{"ref": {"R"}, "code": {string(label)}, "in": {"GB"}}})
	if err := s.visit(); err != nil {
		t.Fatal(err)
	}
	k.Append(t, k.Say(t, verify.LabelIssued, label, nil))
	honest, asked := s.behind.handler, 0
	ctx, stop := context.WithCancel(context.Background())
	s.behind.mu.Lock()
	s.behind.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/v1/changes" {
			honest.ServeHTTP(w, r)
			return
		}
		if asked++; asked == 10 {
			stop()
		}
		if len(s.hook.bodies) != 1 {
			t.Errorf("got %d reports delivered before the list is asked for, want 1", len(s.hook.bodies))
		}
		fmt.Fprintf(w, `{"next":%s,"part":"1-%d"}`, r.FormValue("since"), asked)
	})
	s.behind.mu.Unlock()
	if status, err := s.watch.visit(ctx); status != exitNo || err != nil || asked != 10 || !strings.Contains(s.errs.String(), "list of changes: ") {
		t.Errorf("got status %d, %v, after %d pages:\n%s", status, err, asked, s.errs.String())
	}
}

// Where an older state is put back, what is told from there has other ids than
// what was told before, unless it is the same.
func TestWatchStatePutBack(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	label := registrytest.Code(1)
	s := newShop(t, 1, k, []url.Values{{"ref": {"R"}, "code": {string(label)}, "in": {"GB"}}})
	if err := s.visit(); err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadFile(s.watch.file)
	if err != nil {
		t.Fatal(err)
	}
	k.Append(t, k.Say(t, verify.LabelIssued, label, nil))
	for range 2 {
		if _, err := s.watch.visit(context.Background()); err != nil {
			t.Fatal(err)
		}
		s.write("stock.csv.watch", kept)
		s.begin(s.watch.hook.url)
		if len(s.hook.bodies) != 1 {
			t.Errorf("got %d reports of the same, want one id", len(s.hook.bodies))
		}
	}
	k.Append(t, k.Say(t, verify.LabelStatus, label, func(m map[string]any) { m["status"], m["from"] = "revoked", "2026-06-01" }))
	if _, err := s.watch.visit(context.Background()); err != nil || len(s.hook.bodies) != 2 {
		t.Errorf("got %v and %d ids, want 2", err, len(s.hook.bodies))
	}
}

// What only rows lead to that left the list is let go of, and read again when one
// of them comes back.
func TestWatchLetsGo(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	models := []any{map[string]any{"model": "Z"}}
	var rows []url.Values
	for i := range int64(3) {
		label, declaration := registrytest.Code(10+i), registrytest.Code(20+i)
		k.Append(t, k.Say(t, verify.DeclarationPublished, declaration, func(m map[string]any) {
			m["declaration"].(map[string]any)["product"].(map[string]any)["models"] = models
		}))
		k.Append(t, k.Say(t, verify.LabelIssued, label, func(m map[string]any) {
			m["label"].(map[string]any)["product"].(map[string]any)["models"] = models
			m["label"].(map[string]any)["basis"] = map[string]any{"route": "uk_psti_simplified", "declaration": declaration}
		}))
		rows = append(rows, url.Values{"ref": {fmt.Sprint("R", i)}, "code": {string(label)}, "in": {"GB"}})
	}
	s := newShop(t, 1, k, rows)
	visit := func(rows []url.Values, held, wanted int) {
		t.Helper()
		s.rows = rows
		s.list()
		if err := s.visit(); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if got := s.watch.state; len(got.Held) != 7+held || len(got.Wanted) != wanted {
				t.Errorf("got %d entries held and %q wanted, want %d and %d", len(got.Held), got.Wanted, 7+held, wanted)
			}
			s.begin(s.watch.hook.url)
		}
		for _, row := range rows {
			if got := s.watch.state.Answers[url.Values{"code": row["code"], "in": row["in"]}.Encode()].Cells; len(got) == 0 || got[1] != string(verify.StatusValid) {
				t.Errorf("%v: got %v", row, got)
			}
		}
	}
	visit(rows, 6, 6)
	visit(rows[1:], 4, 4)
	k.Append(t, k.Say(t, verify.LabelPractice, registrytest.Code(10), nil))
	visit(rows[2:], 2, 2)
	visit(rows[:2], 5, 4)
	if len(s.hook.bodies) != 0 {
		t.Errorf("got %d reports", len(s.hook.bodies))
	}
}
