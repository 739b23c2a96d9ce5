package web_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/web"
	"tegata/web/stock"
)

// posted sends a body and returns the whole answer.
func posted(tb testing.TB, url, media string, body io.Reader) (*http.Response, []byte) {
	tb.Helper()
	resp, err := http.Post(url, media, body)
	if err != nil {
		tb.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		tb.Fatal(err)
	}
	return resp, text
}

// TestForms: the same questions as CSV, NDJSON and JSON have the same answers, and
// their reports count the same.
func TestForms(t *testing.T) {
	k, url := served(t)
	k.Clock.Set(time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC))
	address := url + "/api/v1/verify?in=GB&at=2026-06-01"
	names := []string{"code", "number", "gtin", "model", "in", "at"}
	values := map[string][]string{
		"code":   {"", "", "7K3MQ2ZT9XWE", "4HD8-RVN1-C5PE", "2WQ6TJX0M3KW", "000000000024", "7K3M", "7K3MQ2ZT9XWA"},
		"number": {"", "", "DEMO-2026-000123", "demo-2026-000456", "NONE"},
		"gtin":   {"", "", "4912345678904", "05012345678900", "4006381333931", "4006381333932"},
		"model":  {"", "", "WX-100", "wx100n", "WX-10", "TC-2"},
		"in":     {"", "GB", "JP", "GB-NIR", "FR"},
		"at":     {"", "2026-04-01", "2026-10-01T00:00:00Z", "soon"},
	}
	rapid.Check(t, func(draw *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(draw, "rows")
		var list, lines bytes.Buffer
		rows := csv.NewWriter(&list)
		rows.Write(append([]string{"name"}, names...))
		var items []string
		for i := range n {
			row, item := []string{fmt.Sprint("row ", i)}, map[string]string{"ref": fmt.Sprint(i)}
			for _, name := range names {
				value := rapid.SampledFrom(values[name]).Draw(draw, name)
				row, item[name] = append(row, value), value
			}
			rows.Write(row)
			text, _ := json.Marshal(item)
			lines.Write(append(text, '\n'))
			items = append(items, string(text))
		}
		rows.Flush()

		answer, text := posted(t, address, "text/csv", &list)
		table, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
		if err != nil || len(table) != n+1 || !slices.Equal(table[0][len(names)+1:], stock.AnswerNames) {
			draw.Fatalf("got %v: %s", err, text)
		}
		_, ndjson := posted(t, address, "application/x-ndjson", &lines)
		jsonAnswer, array := posted(t, address, "application/json", strings.NewReader("["+strings.Join(items, ",")+"]"))
		var one, other []json.RawMessage
		for line := range bytes.Lines(ndjson) {
			one = append(one, bytes.TrimSpace(line))
		}
		if err := json.Unmarshal(array, &other); err != nil || !slices.EqualFunc(one, other, func(a, b json.RawMessage) bool { return bytes.Equal(a, b) }) {
			draw.Fatalf("NDJSON and JSON differ: %v\n%s\n%s", err, ndjson, array)
		}
		for i, row := range table[1:] {
			if row[0] != fmt.Sprint("row ", i) {
				draw.Fatalf("row %d: got %q", i, row)
			}
			cells := row[len(names)+1:]
			a, ok := stock.ParseAnswer(cells)
			if !ok {
				draw.Fatalf("row %d: got %q, which is no answer", i, cells)
			}
			if want := answerOf(t, other[i]); !slices.Equal(a.Cells(), want.Cells()) {
				draw.Fatalf("row %d: got %q, want %q", i, cells, want.Cells())
			}
		}
		byCSV, byJSON := reportOn(t, k, url, answer.Trailer), reportOn(t, k, url, jsonAnswer.Header)
		byCSV.Input, byCSV.Output, byJSON.Input, byJSON.Output = "", "", "", ""
		if fmt.Sprint(byCSV) != fmt.Sprint(byJSON) {
			draw.Fatalf("got %v, want %v", byCSV, byJSON)
		}
	})
}

// answerOf is the answer that an element of JSON makes.
func answerOf(t *testing.T, element json.RawMessage) stock.Answer {
	var r struct {
		Verdict *verify.Verdict
		Matches []verify.Verdict
		Problem *struct {
			Faults []struct{ Field, Rule, Message string }
		}
	}
	if err := json.Unmarshal(element, &r); err != nil {
		t.Fatal(err)
	}
	switch {
	case r.Problem != nil:
		var lines []string
		for _, f := range r.Problem.Faults {
			lines = append(lines, f.Field+": "+f.Rule+": "+f.Message)
		}
		return stock.Answer{Fault: strings.Join(lines, "; ")}
	case r.Verdict != nil:
		return stock.NewAnswer([]verify.Verdict{*r.Verdict})
	}
	return stock.NewAnswer(r.Matches)
}

// TestRowsKept: rows in every charset come back byte for byte, with the answer in
// the same charset behind them; a row of 10 MB too, which is its own fault alone.
func TestRowsKept(t *testing.T) {
	_, url := served(t)
	const item = "4912345678904"
	same := func(s string) string { return s }
	for _, list := range []struct {
		media, end string
		form       func(string) string
		rows       []string
	}{
		{"text/csv", "\r\n", same, []string{"\ufeff品名,JAN", "ルータ," + item, "\"" + strings.Repeat("長い", 2<<20) + "\r\n\",1", "\"表\"," + item, ""}},
		{"text/csv; charset=shift_jis", "\n", same, []string{"\x95\x69\x96\xbc,JAN", "\x95\x5c," + item, "\x81," + item, "", "\"\x95\x5c\n\"," + item, "x,1"}},
		{"text/csv; charset=utf-16le", "\n", wide, []string{"name\tJAN", "\"a\nb\"\t" + item, "x\t1", "x\t" + item}},
	} {
		sent := list.form(strings.Join(list.rows, list.end))
		resp, text := posted(t, url+"/api/v1/verify", list.media, strings.NewReader(sent))
		if resp.StatusCode != http.StatusOK || resp.Trailer.Get("Link") == "" {
			t.Fatalf("%s: got %d: %.300s", list.media, resp.StatusCode, text)
		}
		valid := 0
		for i, row := range list.rows {
			behind, kept := bytes.CutPrefix(text, []byte(list.form(row)))
			if !kept {
				t.Fatalf("%s: row %d: got %.200q, want %.200q", list.media, i, text, row)
			}
			cells, rest, _ := bytes.Cut(behind, []byte(list.form(list.end)))
			if text = rest; strings.Contains(strings.ReplaceAll(string(cells), "\x00", ""), "7K3M-Q2ZT-9XWE") {
				valid++
			}
			if (row == "") != (len(cells) == 0) {
				t.Errorf("%s: row %d: got %q behind it", list.media, i, cells)
			}
		}
		if valid != strings.Count(strings.Join(list.rows, ""), item) || len(text) != 0 {
			t.Errorf("%s: got %d rows with the label, and %q after the last", list.media, valid, text)
		}
	}
}

// TestTooManyFit: where more records fit than are named, one that is not named may
// be the most cautious: then there is no answer, wherever it is asked.
func TestTooManyFit(t *testing.T) {
	k, url := served(t)
	for n := int64(2); n <= 101; n++ { // one is there
		k.Append(t, k.Say(t, verify.LabelIssued, registrytest.Code(n), nil))
		if n < 100 {
			continue
		}
		want := n > 100 // of 100 all are named
		for media, body := range map[string]string{"text/csv": "model\nWX-100\n", "application/json": `[{"model":"WX-100"}]`} {
			if _, text := posted(t, url+"/api/v1/verify?in=GB", media, strings.NewReader(body)); strings.Contains(string(text), "param_fits") != want {
				t.Errorf("%d records, %s: got %.300s", n, media, text)
			}
		}
		resp, err := http.Get(url + "/api/v1/verify?model=WX-100")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode == http.StatusBadRequest != want {
			t.Errorf("%d records: got %d", n, resp.StatusCode)
		}
	}
}

func wide(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		b.Write([]byte{c, 0})
	}
	return b.String()
}

// TestNobodyThere: a client that stops sending, or stops reading, is given up
// after the time of one item, and nothing goes on running for it.
func TestNobodyThere(t *testing.T) {
	k := registrytest.New(t)
	k.Play(t, time.Date(2026, 4, 10, 0, 0, 0, 0, time.UTC))
	const head = "POST /api/v1/verify HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: 100000000\r\n\r\n"
	for name, client := range map[string]func(net.Conn) string{
		"it stops sending": func(c net.Conn) string {
			fmt.Fprintf(c, head+"%s", "text/csv", "code,name\n000000000024,a\n000000")
			all, _ := io.ReadAll(c)
			return string(all)
		},
		"it stops sending NDJSON": func(c net.Conn) string {
			fmt.Fprintf(c, head+"%s", "application/x-ndjson", `{"code":"000000000024"}`+"\n{")
			all, _ := io.ReadAll(c)
			return string(all)
		},
		"it stops reading": func(c net.Conn) string {
			fmt.Fprintf(c, head+"code,name\n", "text/csv")
			for row := range 1_000_000 {
				if _, err := fmt.Fprintf(c, "000000000024,%d\n", row); err != nil {
					return "given up"
				}
			}
			return "all was taken"
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			server, err := web.NewServer(web.Config{Registry: k.Registry, URL: "https://labels.example", Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			l := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
			var running atomic.Int64
			inner := server.Handler
			server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				running.Add(1)
				defer running.Add(-1)
				inner.ServeHTTP(w, r)
			})
			go server.Serve(l)
			ours, theirs := net.Pipe()
			l.conns <- theirs
			began := time.Now()
			said := client(ours)
			synctest.Wait()
			if took := time.Since(began); took < 30*time.Second || took > 2*time.Minute || running.Load() != 0 {
				t.Errorf("%s: got %v and %d handlers running", name, took, running.Load())
			}
			if strings.Contains(name, "sending") != strings.Contains(said, "unreadable_body") || said == "all was taken" {
				t.Errorf("%s: got %s", name, said)
			}
			server.Close()
			ours.Close()
			time.Sleep(time.Second) // what is left of the connection ends, or the bubble says that it does not
		})
	}
}

// pipes listens for connections that are pipes.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { close(p.done); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }
