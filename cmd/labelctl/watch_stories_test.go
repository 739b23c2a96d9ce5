package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tegata/registry/registrytest"
	"tegata/verify"
)

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
	unlockWatch(s.watch.lock)
	second, _, err := newWatch(s.watch.console, args)
	if err != nil {
		t.Fatal(err)
	}
	unlockWatch(second.lock)
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
