package web_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/envelope"
	"tegata/web"
)

// served starts a real server of a registry in which the story is told up to
// its fourth month.
func served(t *testing.T) (*registrytest.Kit, string) {
	t.Helper()
	k := registrytest.New(t)
	k.Play(t, time.Date(2026, 4, 10, 0, 0, 0, 0, time.UTC))
	server, err := web.NewServer(web.Config{Registry: k.Registry, URL: "https://labels.example", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(nil)
	s.Config = server
	s.Start()
	t.Cleanup(s.Close)
	return k, s.URL
}

// lineAnswer is one line of the answer to many statements.
type lineAnswer struct {
	Status  int
	Receipt struct{ Index int64 }
	Problem struct {
		Code   string
		Faults []struct{ Field, Rule string }
	}
}

func postLines(t *testing.T, url string, body io.Reader) []lineAnswer {
	t.Helper()
	resp, err := http.Post(url+"/api/v1/statements", "application/x-ndjson", body)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "application/x-ndjson" {
		t.Fatalf("got %s, %s", resp.Status, resp.Header.Get("Content-Type"))
	}
	var answers []lineAnswer
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		var a lineAnswer
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			t.Fatalf("%v: %s", err, lines.Text())
		}
		answers = append(answers, a)
	}
	return answers
}

func quoted(token []byte) string { return fmt.Sprintf("%q\n", token) }

// practice is a statement about the label of the story.
func practice(t *testing.T, k *registrytest.Kit, n int, by verify.PartyID, signer verify.PartyID) []byte {
	t.Helper()
	yes := true
	return k.Seal(t, signer, verify.Statement{
		Head: verify.Head{
			Kind: verify.LabelPractice, ID: fmt.Sprintf("0199f0c2-0000-7000-9000-%012d", n), Origin: registrytest.Origin,
			By: by, Made: k.Clock.Now(), Code: "7K3MQ2ZT9XWE",
		},
		Body: &verify.Practised{From: verify.Date{Year: 2026, Month: 4, Day: 10}, PSTIListed: &yes, EnglishInfo: &yes},
	})
}

// TestManyStatements: an answer for every line, in the order of the lines; what
// is refused does not keep the next one out; who is enrolled in one line may
// speak in the next.
func TestManyStatements(t *testing.T) {
	k, url := served(t)
	newcomer := k.Signer(t, "newcomer").Key().JWK()
	enrol := k.Seal(t, "operator", verify.Statement{
		Head: verify.Head{Kind: verify.PartyEnrolled, ID: "0199f0c2-0000-7000-9000-0000000000ff", Origin: registrytest.Origin, By: "operator", Made: k.Clock.Now()},
		Body: &verify.Enrolled{Party: verify.Party{
			ID: "newcomer", Name: verify.Text{EN: "Newcomer"}, Role: verify.Issuer, Jurisdiction: verify.JP,
			Keys: []verify.JWK{newcomer}, From: k.Clock.Now(),
		}},
	})
	var body strings.Builder
	body.WriteString(quoted(enrol))
	body.WriteString(quoted(practice(t, k, 1, "newcomer", "newcomer"))) // known by now, and not its label
	for n := 2; n < 40; n++ {
		body.WriteString(quoted(practice(t, k, n, "ipa", "ipa")))
	}
	body.WriteString("not JSON\n")
	body.WriteString(quoted(practice(t, k, 2, "ipa", "ipa"))) // said before
	body.WriteString(`"` + strings.Repeat("x", envelope.MaxSize+10) + "\"\n")
	body.WriteString(strings.TrimSuffix(quoted(practice(t, k, 99, "ipa", "ipa")), "\n")) // the last needs no end
	answers := postLines(t, url, strings.NewReader(body.String()))
	if len(answers) != 44 {
		t.Fatalf("got %d answers, want 44", len(answers))
	}
	if a := answers[0]; a.Status != http.StatusCreated {
		t.Errorf("enrolment: got %+v", a)
	}
	if a := answers[1]; a.Status != http.StatusUnprocessableEntity || len(a.Problem.Faults) != 1 || a.Problem.Faults[0].Rule != string(verify.NotOwner) {
		t.Errorf("another's label: got %+v, want 422 and owner", a)
	}
	for i := 2; i < 40; i++ {
		if a := answers[i]; a.Status != http.StatusCreated || a.Receipt.Index != answers[0].Receipt.Index+int64(i)-1 {
			t.Errorf("line %d: got %+v", i, a)
		}
	}
	if a := answers[40]; a.Status != http.StatusBadRequest || a.Problem.Code != "malformed_envelope" {
		t.Errorf("no JSON: got %+v", a)
	}
	if a := answers[41]; a.Status != http.StatusOK || a.Receipt.Index != answers[2].Receipt.Index {
		t.Errorf("said before: got %+v, want the receipt of %d", a, answers[2].Receipt.Index)
	}
	if a := answers[42]; a.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("too long: got %+v", a)
	}
	if a := answers[43]; a.Status != http.StatusCreated {
		t.Errorf("after one that was too long: got %+v", a)
	}
	k.CheckLog(t)
}

// TestBodyCutOff: a body that ends too early is the sender's fault, and told so.
func TestBodyCutOff(t *testing.T) {
	_, url := served(t)
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "POST /api/v1/statements HTTP/1.1\r\nHost: x\r\nContent-Type: application/jose\r\nContent-Length: 500\r\n\r\nabc")
	conn.(*net.TCPConn).CloseWrite()
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusBadRequest || !bytes.Contains(text, []byte("unreadable_body")) {
		t.Errorf("got %s: %s", resp.Status, text)
	}
}

// TestStatementsBothWays: an answer comes as soon as its statement is durable,
// while more are still to be sent.
func TestStatementsBothWays(t *testing.T) {
	k, url := served(t)
	read, write := io.Pipe()
	r, err := http.NewRequest(http.MethodPost, url+"/api/v1/statements", read)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-ndjson")
	sent := make(chan error, 1)
	go func() {
		_, err := io.WriteString(write, quoted(practice(t, k, 1, "ipa", "ipa")))
		sent <- err
	}()
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	if err := <-sent; err != nil || !lines.Scan() || !bytes.Contains(lines.Bytes(), []byte(`"status":201`)) {
		t.Fatalf("first: %v, got %s", err, lines.Text())
	}
	if _, err := io.WriteString(write, quoted(practice(t, k, 2, "ipa", "ipa"))); err != nil {
		t.Fatal(err)
	}
	if !lines.Scan() || !bytes.Contains(lines.Bytes(), []byte(`"status":201`)) {
		t.Fatalf("second: got %s", lines.Text())
	}
	write.Close()
	if lines.Scan() {
		t.Errorf("after the end: got %s", lines.Text())
	}
}

// TestTooLarge: one envelope that is too large is told so, and not read on.
func TestTooLarge(t *testing.T) {
	_, url := served(t)
	resp, err := http.Post(url+"/api/v1/statements", "application/jose", strings.NewReader(strings.Repeat("x", envelope.MaxSize+1)))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("got %s, want 413", resp.Status)
	}
}

// TestAfterCutBody: what comes of a body after it could not be read is not taken
// for a request.
func TestAfterCutBody(t *testing.T) {
	_, url := served(t)
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "POST /api/v1/statements HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"+
		"4\r\n\"x\"\n\r\nno size\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
	conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	got, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(got), "unreadable_body") {
		t.Errorf("got %s, want the problem", got)
	}
	if n := strings.Count(string(got), "HTTP/1.1 "); n != 1 {
		t.Errorf("got %d answers to one request:\n%s", n, got)
	}
}

// deadlines notes until when the body may be read.
type deadlines struct {
	*httptest.ResponseRecorder
	read chan time.Time
}

func (d *deadlines) SetReadDeadline(t time.Time) error {
	d.read <- t
	return nil
}

// TestNoDeadlineAfterBody: once all of a body came, nothing says until when it is to be
// read, however many of its lines are still to be looked at: the connection would be given
// up then, and with it the answer.
func TestNoDeadlineAfterBody(t *testing.T) {
	k := registrytest.New(t)
	k.Play(t, time.Date(2026, 4, 10, 0, 0, 0, 0, time.UTC))
	h, err := web.NewHandler(web.Config{Registry: k.Registry, URL: "https://labels.example", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	body := quoted(practice(t, k, 1, "ipa", "ipa")) + quoted(practice(t, k, 2, "ipa", "ipa")) + quoted(practice(t, k, 3, "ipa", "ipa"))
	r := httptest.NewRequest(http.MethodPost, "/api/v1/statements", iotest.DataErrReader(strings.NewReader(body)))
	r.Header.Set("Content-Type", "application/x-ndjson")
	w := &deadlines{httptest.NewRecorder(), make(chan time.Time, 100)}
	h.ServeHTTP(w, r)
	if n := strings.Count(w.Body.String(), `"status":201`); n != 3 {
		t.Fatalf("%d of 3 statements were entered: %s", n, w.Body)
	}
	close(w.read)
	begun, last := false, time.Time{}
	for last = range w.read {
		begun = begun || !last.IsZero()
	}
	if !begun || !last.IsZero() {
		t.Errorf("there was a deadline: %t; at last it was %v, want none", begun, last)
	}
}

// Where more statements wait than are taken, one that comes alone is told when to
// come again; of many, each waits for those before it.
func TestBusy(t *testing.T) {
	var held sync.Mutex
	come := make(chan struct{}, 1)
	k := registrytest.New(t)
	k.Config.Now = func() time.Time {
		select {
		case come <- struct{}{}:
		default:
		}
		held.Lock()
		defer held.Unlock()
		return k.Clock.Now()
	}
	k.Play(t, time.Date(2026, 4, 10, 0, 0, 0, 0, time.UTC))
	h, err := web.NewHandler(web.Config{Registry: k.Registry, URL: "https://labels.example", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	post := func(media string, body io.Reader) *httptest.ResponseRecorder {
		r, w := httptest.NewRequest(http.MethodPost, "/api/v1/statements", body), httptest.NewRecorder()
		r.Header.Set("Content-Type", media)
		h.ServeHTTP(w, r)
		return w
	}
	again := practice(t, k, 1, "ipa", "ipa")
	k.Append(t, again)
	for len(come) > 0 {
		<-come
	}
	held.Lock()
	var last func(context.Context) (registry.Receipt, error)
	submit := func() error {
		wait, err := k.Registry.Submit(again)
		if err == nil {
			last = wait
		}
		return err
	}
	if err := submit(); err != nil {
		t.Fatal(err)
	}
	<-come // the writer has it
	room := 0
	for ; submit() == nil; room++ {
	}
	token := practice(t, k, 2, "ipa", "ipa")
	w := post("application/jose", bytes.NewReader(token))
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "5" || !strings.Contains(w.Body.String(), `"code":"busy","retry_after":5,`) {
		t.Errorf("got %d, %v, %s", w.Code, w.Header(), w.Body)
	}
	w = post("application/x-ndjson", strings.NewReader(quoted(token)))
	if !strings.Contains(w.Body.String(), `"status":503`) || !strings.Contains(w.Body.String(), `"retry_after":5`) {
		t.Errorf("of one line: got %s", w.Body)
	}
	held.Unlock()
	if _, err := last(t.Context()); err != nil { // and so all before it were answered
		t.Fatal(err)
	}

	for len(come) > 0 {
		<-come
	}
	held.Lock()
	if err := submit(); err != nil {
		t.Fatal(err)
	}
	<-come
	for range room - 1 {
		if err := submit(); err != nil {
			t.Fatal(err)
		}
	}
	body, lines := io.Pipe()
	answered := make(chan *httptest.ResponseRecorder)
	go func() { answered <- post("application/x-ndjson", body) }()
	io.WriteString(lines, quoted(token))
	io.WriteString(lines, quoted(practice(t, k, 3, "ipa", "ipa"))) // for which there is no room
	held.Unlock()
	lines.Close()
	if w := <-answered; strings.Count(w.Body.String(), `"status":201`) != 2 {
		t.Errorf("got %s, want both entered", w.Body)
	}
}
