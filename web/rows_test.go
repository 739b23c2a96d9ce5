package web

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"tegata/registry/registrytest"
	"tegata/verify"
)

// answeredList is the answer to a list, and the report on it.
func answeredList(t *testing.T, h http.Handler, address, media, list string) (text, report string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, address, strings.NewReader(list))
	r.Header.Set("Content-Type", media)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	link, _, found := strings.Cut(strings.TrimPrefix(w.Result().Trailer.Get("Link"), "<"), ">")
	if w.Code != http.StatusOK || !found {
		t.Fatalf("%s: got %d and no report: %.300s", address, w.Code, w.Body)
	}
	return w.Body.String(), visit(h, link).Body.String()
}

// TestRowsStand tells random histories to a registry with two sites, one of which
// keeps its answers to rows and one of which does not, and moves the clock: both
// answer every list with the same bytes, and sign the same report. It goes on until
// a history had all that it is about.
func TestRowsStand(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	var seen rowsSeen
	few := func() bool { return seen.kept == 0 || seen.older == 0 || seen.said == 0 || seen.itself == 0 }
	for n := uint64(0); n < 2 || n < 30 && few(); n++ {
		rowsStand(t, seed+n, &seen)
	}
	if few() {
		t.Errorf("seed %d: too few to tell: %+v", seed, seen)
	}
}

// rowsSeen counts lists.
type rowsSeen struct {
	kept   int // of which every row was kept, and asked at a later instant
	older  int // of these, with more in the log
	said   int // answered otherwise than before: the log said something
	itself int // the same, and the log did not
}

func rowsStand(t *testing.T, seed uint64, seen *rowsSeen) {
	k := registrytest.New(t)
	k.Begin(t)
	history := registrytest.NewHistory(k, seed)
	for range 25 {
		k.Registry.Append(t.Context(), history.Next(t)) // some may not be entered
	}
	keeps, anew := keepingUpTo(t, k.Registry, rowsBytes), keepingUpTo(t, k.Registry, 0)
	codes := slices.Concat(history.Labels(), history.Declarations())
	rows := "code,number,gtin,model,in\n"
	for i, code := range codes {
		rows += fmt.Sprintf("%s,,,,%s\n%s,,4912345678904,WX-100,\n", code, verify.Jurisdictions[i%3], code)
	}
	for n := range 6 {
		rows += fmt.Sprintf(",DEMO-2026-%06d,,,\n", 123+333*n)
	}
	for _, item := range []string{"4912345678904", "05012345678900", "4006381333931", "4912345678905"} {
		rows += fmt.Sprintf(",,%s,,\n,,%s,wx100,JP\n", item, item)
	}
	rows += ",,,WX-100,\n,,,TC-2,\n,,,nothing,\n"
	wide := strings.ReplaceAll(strings.Join(strings.Split(rows, ""), "\x00")+"\x00", ",", ";")
	random := rand.New(rand.NewPCG(seed, 2))
	last, asked := map[string]string{}, map[string]verify.Log{}
	ask := func() {
		t.Helper()
		now := k.Registry.Head()
		for i, list := range []string{rows, wide, rows} {
			address, media := "/api/v1/verify?in="+[]string{"GB", "JP", ""}[i], "text/csv; header=present"+[]string{"", "; charset=utf-16le", ""}[i]
			hits, misses := k.Registry.Kept()
			text, report := answeredList(t, keeps, address, media, list)
			hitsAfter, missesAfter := k.Registry.Kept()
			want, wantReport := answeredList(t, anew, address, media, list)
			if text != want {
				t.Fatalf("seed %d: %s at %v: got\n%s\nwant\n%s", seed, address, now, text, want)
			}
			if report != wantReport {
				t.Fatalf("seed %d: %s at %v: got the report\n%s\nwant\n%s", seed, address, now, report, wantReport)
			}
			was := asked[address]
			switch {
			case hits == hitsAfter && misses == missesAfter && was.Size < now.Size:
				seen.older++
				fallthrough
			case hits == hitsAfter && misses == missesAfter && was.Time.Before(now.Time):
				seen.kept++
			case was.Size > 0 && last[address] != text && was.Size < now.Size:
				seen.said++
			case was.Size > 0 && last[address] != text:
				seen.itself++
			}
			last[address], asked[address] = text, now
		}
	}
	for range 16 {
		ask()
		token := history.Next(t) // which sets the clock on by days
		ask()
		k.Registry.Append(t.Context(), token)
		ask()
		k.Clock.Set(k.Clock.Now().Add(time.Duration(random.IntN(20)) * time.Second))
		ask()
		turn := nextChange(t, anew, codes, k.Clock.Now())
		k.Clock.Set(turn.Add(-time.Millisecond))
		ask()
		k.Clock.Set(turn)
		ask()
	}
}

// A row of what is not there is answered anew once something is entered that it may
// have asked about, whatever names it; and a list under way goes on without that.
func TestRowsFound(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	s, h := siteOf(t, k.Registry)
	code := registrytest.Code(77)
	for _, row := range []string{string(code) + ",,,", ",demo-2026-000123,,", ",,4912345678904,", ",,,ＷＸ-100"} {
		list := "code,number,gtin,model\n" + row + "\n"
		for range 2 {
			if text, _ := answeredList(t, h, "/api/v1/verify", "text/csv", list); !strings.Contains(text, ",unknown,") {
				t.Errorf("before: got %s", text)
			}
		}
		if n := len(s.rows.young); n == 0 {
			t.Errorf("%s: nothing is kept", row)
		}
	}
	b := s.newBatch(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/api/v1/verify", strings.NewReader("gtin\n4912345678904\n")), mediaCSV)
	k.Append(t, k.Say(t, verify.LabelIssued, code, func(m map[string]any) { m["label"].(map[string]any)["number"] = "DEMO-2026-000123" }))
	for _, row := range []string{string(code) + ",,,", ",demo-2026-000123,,", ",,4912345678904,", ",,,ＷＸ-100"} {
		if text, _ := answeredList(t, h, "/api/v1/verify", "text/csv", "code,number,gtin,model\n"+row+"\n"); !strings.Contains(text, ",valid,") {
			t.Errorf("%s: got %s", row, text)
		}
	}
	if err := b.openList(); err != nil {
		t.Fatal(err)
	}
	b.run()
	if text := b.out.w.(*httptest.ResponseRecorder).Body.String(); !strings.Contains(text, ",unknown,") {
		t.Errorf("a list that was under way: got %s", text)
	}
}
