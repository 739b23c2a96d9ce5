package web

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
	"tegata/verify/yearly"
)

// yearlySite is the site of a registry to which the story was told up to 23
// November 2026.
func yearlySite(t *testing.T) (*registrytest.Kit, *site, http.Handler) {
	t.Helper()
	k := registrytest.New(t)
	k.Play(t, time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))
	k.Clock.Set(time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC))
	s, err := newSite(Config{Registry: k.Registry, URL: "https://labels.example", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	g, err := s.routes()
	if err != nil {
		t.Fatal(err)
	}
	return k, s, g
}

func getting(h http.Handler, path string) *httptest.ResponseRecorder {
	return gettingFrom(h, "192.0.2.1", path)
}

func gettingFrom(h http.Handler, address, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.RemoteAddr = address + ":1234"
	h.ServeHTTP(w, r)
	return w
}

const someMonths = "from=2026-04-01&to=2026-10-31"

// TestYearlyForms: data, table and signed report are of one counting.
func TestYearlyForms(t *testing.T) {
	k, _, h := yearlySite(t)
	var y bundle.Yearly
	if err := json.Unmarshal(getting(h, "/api/v1/report?"+someMonths).Body.Bytes(), &y); err != nil {
		t.Fatal(err)
	}
	token := getting(h, "/api/v1/report.jwt?"+someMonths).Body.Bytes()
	payload, _, err := k.Trust(t).OpenAnswer(envelope.Yearly, token)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := bundle.ParseYearly(payload)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(y, signed); d != "" {
		t.Errorf("(-data +signed):\n%s", d)
	}
	table := getting(h, "/api/v1/report.csv?"+someMonths).Body.String()
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(table, "\ufeff"))).ReadAll()
	if err != nil || !strings.HasPrefix(table, "\ufeff") || len(rows) != len(y.Counts)+1 {
		t.Fatalf("got %d rows and %v, want %d after a byte order mark", len(rows), err, len(y.Counts)+1)
	}
	words := map[string]bool{}
	for i, row := range rows[1:] {
		c := y.Counts[i]
		want := []string{"labels.example", "2026-04-01", "2026-10-31", strconv.FormatInt(y.Known, 10), string(c.About), string(c.What), c.In, c.By, strconv.FormatInt(c.Count, 10)}
		if d := cmp.Diff(want, row[:len(want)]); d != "" {
			t.Errorf("row %d (-data +table):\n%s", i, d)
		}
		if words[row[9]] || words[row[10]] || row[9] == row[10] {
			t.Errorf("row %d: got words %q, want its own in each language", i, row[9:])
		}
		words[row[9]], words[row[10]] = true, true
	}
}

// TestYearlyCounting: who asks while a report takes long is told to come back,
// and is then given it though the log has grown; a report that was there at once
// is counted anew.
func TestYearlyCounting(t *testing.T) {
	k, s, h := yearlySite(t)
	size := k.Registry.Head().Size
	known := func(w *httptest.ResponseRecorder) (y bundle.Yearly) {
		t.Helper()
		if err := json.Unmarshal(w.Body.Bytes(), &y); w.Code != http.StatusOK || err != nil {
			t.Fatalf("got %d, %v: %s", w.Code, err, w.Body)
		}
		return y
	}
	grow := func() {
		t.Helper()
		k.Clock.Set(k.Clock.Now().Add(time.Minute))
		k.Append(t, k.Say(t, verify.LabelIssued, registrytest.Code(k.Registry.Head().Size), nil))
	}
	if y := known(getting(h, "/api/v1/report?"+someMonths)); y.Known != size {
		t.Errorf("got %d entries, want %d", y.Known, size)
	}
	grow()
	if y := known(getting(h, "/api/v1/report?"+someMonths)); y.Known != size+1 {
		t.Errorf("the log has grown: got %d entries, want %d", y.Known, size+1)
	}

	grow()
	s.yearlies.turn <- struct{}{} // another counting goes on and on
	s.yearlies.patience = 0
	for _, path := range []string{"/api/v1/report?", "/api/v1/report.jwt?", "/api/v1/report.csv?", "/report?"} {
		w := getting(h, path+someMonths)
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
			t.Errorf("%s: got %d and %v, want to be told to come back", path, w.Code, w.Header())
		}
	}
	if w := getting(h, "/v/7K3MQ2ZT9XWE"); w.Code != http.StatusOK {
		t.Errorf("a scan meanwhile: got %d", w.Code)
	}
	if w := getting(h, "/api/v1/report?"+someMonths); !strings.Contains(w.Body.String(), `"code":"counting"`) {
		t.Errorf("got %s", w.Body)
	}
	if n := len(s.yearlies.runs); n != 1 {
		t.Errorf("got %d countings, want one for all who ask", n)
	}
	run := s.yearlies.runs[0]
	<-s.yearlies.turn
	<-run.done
	s.yearlies.patience = yearlyPatience
	grow()
	if y := known(getting(h, "/api/v1/report?"+someMonths)); y.Known != size+2 {
		t.Errorf("come back for it: got %d entries, want %d", y.Known, size+2)
	}
	k.Clock.Set(k.Clock.Now().Add(time.Hour))
	if y := known(getting(h, "/api/v1/report?"+someMonths)); y.Known != size+3 {
		t.Errorf("an hour later: got %d entries, want %d", y.Known, size+3)
	}
}

// TestYearlyKept: no more reports are kept than there is room for, and no more
// are counted at once; and of these few for one sender, who keeps nobody else
// from asking.
func TestYearlyKept(t *testing.T) {
	_, s, h := yearlySite(t)
	day := func(n int) string {
		return "from=2026-01-01&to=" + verify.Date{Year: 2026, Month: 2, Day: 1}.AddDays(n).String()
	}
	for n := range yearlyMost + 3 {
		if w := getting(h, "/api/v1/report?"+day(n)); w.Code != http.StatusOK {
			t.Fatalf("got %d: %s", w.Code, w.Body)
		}
	}
	if n := len(s.yearlies.runs); n != yearlyMost {
		t.Errorf("got %d reports kept, want %d", n, yearlyMost)
	}
	s.yearlies.turn <- struct{}{}
	s.yearlies.patience = 0
	for n := range yearlyMost {
		from := fmt.Sprint("198.51.100.", n/yearlyEach)
		if w := gettingFrom(h, from, "/api/v1/report?"+day(100+n)); !strings.Contains(w.Body.String(), `"code":"counting"`) {
			t.Fatalf("got %d: %s", w.Code, w.Body)
		}
		if n != yearlyEach {
			continue
		}
		if w := gettingFrom(h, "198.51.100.0", "/api/v1/report?"+day(99)); !strings.Contains(w.Body.String(), `"code":"busy"`) {
			t.Errorf("one more of one sender: got %d: %s", w.Code, w.Body)
		}
		if w := gettingFrom(h, "198.51.100.0", "/api/v1/report?"+day(100+n)); !strings.Contains(w.Body.String(), `"code":"counting"`) {
			t.Errorf("what another asked for: got %d: %s", w.Code, w.Body)
		}
	}
	if w := getting(h, "/api/v1/report?"+day(99)); w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), `"code":"busy"`) {
		t.Errorf("one more: got %d: %s", w.Code, w.Body)
	}
	<-s.yearlies.turn
	for _, run := range s.yearlies.runs {
		<-run.done
	}
}

// TestYearlyDamaged: what cannot be read is an accident, and is tried again.
func TestYearlyDamaged(t *testing.T) {
	k, s, h := yearlySite(t)
	if err := k.Registry.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if w := getting(h, "/api/v1/report?"+someMonths); w.Code != http.StatusServiceUnavailable {
			t.Errorf("got %d: %s", w.Code, w.Body)
		}
	}
	if n := len(s.yearlies.runs); n > 1 {
		t.Errorf("got %d countings that failed, want one at most", n)
	}
}

// TestYearlyPrivate: over HTTP too, the report of a log in which recognition is
// withheld is that of the log before (MoC 6).
func TestYearlyPrivate(t *testing.T) {
	k, _, h := yearlySite(t)
	counts := func() (list []yearly.Count) {
		var y bundle.Yearly
		if err := json.Unmarshal(getting(h, "/api/v1/report?"+someMonths).Body.Bytes(), &y); err != nil {
			t.Fatal(err)
		}
		return y.Counts
	}
	before := counts()
	for _, code := range []verify.Code{simpleLabel, thirdLabel} {
		k.Append(t, k.Say(t, verify.RecognitionWithheld, code, func(m map[string]any) { m["from"] = "2026-07-01" }))
	}
	if w := getting(h, "/api/v1/verify/"+string(simpleLabel)+"?at=2026-08-01"); !strings.Contains(w.Body.String(), `"rule":"label-accord-available","cite":{"source":"moc","ref":"3"},"met":"no"`) {
		t.Fatalf("it is not withheld: %s", w.Body)
	}
	if d := cmp.Diff(before, counts()); d != "" {
		t.Errorf("(-before +withheld):\n%s", d)
	}
}
