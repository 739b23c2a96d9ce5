package web_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
)

// batchLine is one line of the answer to many questions.
type batchLine struct {
	Ref     string
	Verdict *verify.Verdict
	Problem *struct {
		Status int
		Code   string
	}
}

func batchLines(t *testing.T, text []byte) (lines []batchLine) {
	t.Helper()
	for line := range bytes.Lines(text) {
		var l batchLine
		if err := json.Unmarshal(line, &l); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		lines = append(lines, l)
	}
	return lines
}

// reportOn fetches the report that an answer's header names, and opens it as who
// has the trust file does.
func reportOn(t *testing.T, k *registrytest.Kit, url string, header http.Header) bundle.Report {
	t.Helper()
	address, _, found := strings.Cut(strings.TrimPrefix(header.Get("Link"), "<"), ">")
	if !found {
		t.Fatalf("Link: got %q", header.Get("Link"))
	}
	resp, err := http.Get(url + address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	token, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	payload, _, err := k.Trust(t).OpenAnswer(envelope.Report, token)
	if err != nil {
		t.Fatalf("%v: %s", err, token)
	}
	r, err := bundle.ParseReport(payload)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func sum(b []byte) string { s := sha256.Sum256(b); return hex.EncodeToString(s[:]) }

// TestReport: the report is about these very bytes, and every answer in them can
// be worked out again from the log that it names.
func TestReport(t *testing.T) {
	k, url := served(t)
	var body bytes.Buffer
	places := []string{"GB", "JP", "GB-NIR", ""}
	for i := range 400 {
		fmt.Fprintf(&body, `{"ref":"%d","code":"7K3MQ2ZT9XWE","in":%q,"at":"2026-%02d-03"}`+"\n", i, places[i%4], i%12+1)
	}
	for _, media := range []string{"application/x-ndjson", "application/json"} {
		sent := body.Bytes()
		if media == "application/json" {
			sent = []byte("[" + strings.Join(strings.Split(strings.TrimSpace(body.String()), "\n"), ",") + "]")
		}
		resp, err := http.Post(url+"/api/v1/verify", media, bytes.NewReader(sent))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		// More than is held back: the address comes in the trailer.
		header := resp.Trailer
		digest := sha256.Sum256(got)
		if want := "sha-256=:" + base64.StdEncoding.EncodeToString(digest[:]) + ":"; header.Get("Repr-Digest") != want {
			t.Errorf("%s: Repr-Digest: got %q, want %q", media, header.Get("Repr-Digest"), want)
		}
		r := reportOn(t, k, url, header)
		if r.Input != sum(sent) || r.Output != sum(got) || r.Items != 400 || r.Faults != 0 {
			t.Errorf("%s: got %+v, want 400 items of %s answered with %s", media, r, sum(sent), sum(got))
		}
		if media == "application/json" {
			var all []json.RawMessage
			if err := json.Unmarshal(got, &all); err != nil || len(all) != 400 {
				t.Fatalf("got %d elements and %v", len(all), err)
			}
			continue
		}
		f, err := k.Registry.Lookup(context.Background(), "7K3MQ2ZT9XWE")
		if err != nil {
			t.Fatal(err)
		}
		for i, l := range batchLines(t, got) {
			if l.Ref != fmt.Sprint(i) || l.Verdict.Log != r.Log {
				t.Fatalf("line %d: got %s at %+v, want the head %+v", i, l.Ref, l.Verdict.Log, r.Log)
			}
			f.Log = l.Verdict.Log
			var again verify.Verdict
			b, _ := json.Marshal(verify.Judge(f, l.Verdict.Question))
			if err := json.Unmarshal(b, &again); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(again, *l.Verdict); d != "" {
				t.Fatalf("line %d (-worked out again +answered):\n%s", i, d)
			}
		}
	}
}

// TestOneHead: an answer comes as soon as its question is there, and what is
// entered meanwhile does not change the answers of the same request.
func TestOneHead(t *testing.T) {
	k, url := served(t)
	read, write := io.Pipe()
	r, err := http.NewRequest(http.MethodPost, url+"/api/v1/verify", read)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-ndjson")
	question := `{"code":"7K3MQ2ZT9XWE","in":"JP","at":"2026-06-01"}` + "\n" + `{"number":"DEMO-2026-000123","in":"JP","at":"2026-06-01"}` + "\n"
	go io.WriteString(write, question)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewReader(resp.Body)
	next := func() string {
		t.Helper()
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		return line
	}
	code, number := next(), next()

	// Meanwhile the label is revoked, and another one issued.
	before := k.Registry.Head()
	k.Append(t, k.Say(t, verify.LabelStatus, "7K3MQ2ZT9XWE", func(m map[string]any) {
		m["status"], m["from"] = "revoked", "2026-04-10"
		delete(m, "corrects")
	}))
	other := registrytest.Code(77)
	k.Append(t, k.Say(t, verify.LabelIssued, other, nil))
	if k.Registry.Head().Size != before.Size+2 {
		t.Fatal("nothing was entered")
	}
	if _, err := io.WriteString(write, question+`{"code":"`+string(other)+`"}`+"\n"+`{"code":"7K3MQ2ZT9XWE","known":`+fmt.Sprint(before.Size+1)+`}`+"\n"); err != nil {
		t.Fatal(err)
	}
	write.Close()
	if again := next(); again != code {
		t.Errorf("the same code: got\n%s, before\n%s", again, code)
	}
	if again := next(); again != number {
		t.Errorf("the same number: got\n%s, before\n%s", again, number)
	}
	if line := next(); !strings.Contains(line, `"outcome":"unknown"`) {
		t.Errorf("issued meanwhile: got %s", line)
	}
	if line := next(); !strings.Contains(line, `"param_known"`) {
		t.Errorf("a later state: got %s", line)
	}
	io.Copy(io.Discard, lines)
	report := reportOn(t, k, url, resp.Trailer)
	if report.Log != before || report.Items != 6 || report.Faults != 1 || report.Statuses[verify.StatusUnknown] != 1 {
		t.Errorf("got %+v, want the head %+v", report, before)
	}
}

// TestLongItem: an item that is too long is told so, and the next is answered. Of
// the other limits see TestBatchLimits.
func TestLongItem(t *testing.T) {
	_, url := served(t)
	ask := func(body io.Reader) (*http.Response, []batchLine) {
		t.Helper()
		resp, err := http.Post(url+"/api/v1/verify", "application/x-ndjson", body)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp, batchLines(t, text)
	}
	long := `{"ref":"` + strings.Repeat("x", 8<<10) + `"}` + "\n"
	resp, lines := ask(strings.NewReader(long + `{"ref":"next","code":"7K3MQ2ZT9XWE"}`))
	if len(lines) != 2 || lines[0].Problem == nil || lines[0].Problem.Status != http.StatusRequestEntityTooLarge || lines[1].Ref != "next" || lines[1].Verdict == nil {
		t.Errorf("a long item: got %+v", lines)
	}
	if resp.Trailer.Get("Link") == "" {
		t.Error("a long item: got no report, and every item is answered")
	}
}

// TestAfterStop: where an answer ends before its body, the connection goes on
// with the next request, and takes nothing of the body for one; where the body
// does not come, it ends.
func TestAfterStop(t *testing.T) {
	_, url := served(t)
	dial := func() (net.Conn, *bufio.Reader) {
		t.Helper()
		conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		return conn, bufio.NewReader(conn)
	}
	answered := func(in *bufio.Reader) (status int) {
		t.Helper()
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode
	}
	const head = "POST /api/v1/verify HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
	const next = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
	first := `[{"code":"7K3MQ2ZT9XWE"}]`
	conn, in := dial()
	for range 200 {
		for body, want := range map[string]int{"no array": http.StatusBadRequest, first + "and more": http.StatusOK} {
			body += strings.Repeat(" ", 20_000)
			fmt.Fprintf(conn, head+"%s"+next, len(body), body)
			if status := answered(in); status != want {
				t.Fatalf("%.9s: got %d, want %d", body, status, want)
			}
			if status := answered(in); status != http.StatusOK {
				t.Fatalf("after %.9s: got %d", body, status)
			}
		}
	}

	conn, in = dial()
	fmt.Fprintf(conn, head+"no array", 100)
	conn.(*net.TCPConn).CloseWrite()
	if status := answered(in); status != http.StatusBadRequest {
		t.Errorf("cut off: got %d", status)
	}
	if _, err := in.ReadByte(); err != io.EOF {
		t.Errorf("after a body that was cut off: got %v, want the end", err)
	}
}
