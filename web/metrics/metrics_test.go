package metrics

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"tegata/registry"
	"tegata/registry/observer"
	"tegata/registry/registrytest"
	"tegata/registry/sequencer"
	"tegata/registry/sequencer/sequencertest"
	"tegata/verify"
	"tegata/verify/envelope"
	"tegata/verify/tlog"
)

// whole are the metrics of a node that follows others, has a witness, an observer
// and a certificate, and has answered a request.
func whole(t *testing.T) (*Metrics, *registrytest.Kit) {
	t.Helper()
	witness, err := tlog.NewCosigner("witness.example", ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	m := New()
	k := registrytest.New(t)
	k.Config.Answered, k.Config.Committed, k.Config.Reserve = m.Answered, m.Committed, 1<<20
	k.Config.Sequencer = sequencertest.NewMemory()
	k.Config.Witnesses = []tlog.CosignerKey{witness.Key()}
	k.Begin(t)
	for k.Registry.Following().Heard.IsZero() {
		k.Append(t, k.Say(t, verify.LabelIssued, registrytest.Code(1), nil)) // of which it then hears
	}
	o, err := observer.New(observer.Config{Registry: k.Registry, Folder: filepath.Dir(k.Path)})
	if err != nil {
		t.Fatal(err)
	}
	m.Registry(k.Registry)
	m.Observer(o)
	m.Certificate(func() time.Time { return time.Unix(1, 500e6) })
	m.Connections(func() (running, waiting, most int) { return 1, 2, 9 })
	m.Begin()
	m.Route("/v/:code").End("GET", 200, false, 2*time.Millisecond)
	return m, k
}

// TestFamilies: every family is told with the labels it is documented with, and
// nothing else is.
func TestFamilies(t *testing.T) {
	m, _ := whole(t)
	told, err := m.all.Gather()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, f := range told {
		name := f.GetName()
		if strings.HasPrefix(name, "go_") || strings.HasPrefix(name, "process_") {
			continue
		}
		i := slices.IndexFunc(Families, func(f Family) bool { return f.Name == name })
		if i < 0 {
			t.Errorf("%s is not documented", name)
			continue
		}
		found[name] = true
		want := Families[i]
		if kind := strings.ToLower(f.GetType().String()); kind != want.Kind || f.GetHelp() != want.Help {
			t.Errorf("%s: got %s, %q", name, kind, f.GetHelp())
		}
		for _, one := range f.GetMetric() {
			var labels []string
			for _, l := range one.GetLabel() {
				labels = append(labels, l.GetName())
			}
			wanted := slices.Sorted(slices.Values(want.Labels))
			if !slices.Equal(labels, wanted) {
				t.Errorf("%s: got labels %q, want %q", name, labels, wanted)
			}
		}
	}
	for _, f := range Families {
		if !found[f.Name] {
			t.Errorf("%s is not told", f.Name)
		}
		for _, c := range f.Name {
			if c != '_' && (c < 'a' || c > 'z') {
				t.Errorf("%s: %q in a name", f.Name, c)
			}
		}
	}
	if faults, err := testutil.GatherAndLint(m.all); err != nil || len(faults) > 0 {
		t.Errorf("got %v, %v", faults, err)
	}
}

// TestHandler: what is collected is what stands.
func TestHandler(t *testing.T) {
	m, k := whole(t)
	m.Reply(true)
	m.Reply(true)
	m.Reply(false)
	k.Append(t, k.Say(t, verify.LabelIssued, registrytest.Code(2), nil))
	_, before := k.Registry.Kept()
	for range 3 {
		if _, err := k.Registry.Lookup(t.Context(), registrytest.Code(2)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := k.Registry.Append(t.Context(), []byte("no token")); err == nil {
		t.Error("it was entered")
	}
	w := httptest.NewRecorder()
	m.Handler(slog.New(slog.DiscardHandler)).ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	for _, want := range []string{
		fmt.Sprintf("tegata_log_entries{origin=%q} %d\n", registrytest.Origin, k.Registry.Head().Size),
		fmt.Sprintf("tegata_statements_total{outcome=\"entered\"} %d\n", k.Registry.Head().Size),
		"tegata_statements_total{outcome=\"malformed\"} 1\n",
		"tegata_tls_certificate_expiry_timestamp_seconds 1.5\n",
		"tegata_http_requests_total{class=\"2xx\",method=\"GET\",route=\"/v/:code\"} 1\n",
		"tegata_http_request_duration_seconds_bucket{method=\"GET\",route=\"/v/:code\",le=\"0.001\"} 0\n",
		"tegata_http_request_duration_seconds_bucket{method=\"GET\",route=\"/v/:code\",le=\"0.0025\"} 1\n",
		"tegata_http_requests_running 0\n",
		"tegata_following_stopped{origin=\"labels.example\",reason=\"forked\"} 0\n",
		"tegata_works{origin=\"labels.example\",what=\"writes\"} 1\n",
		"tegata_disk_reserve_bytes{origin=\"labels.example\"} 1.048576e+06\n",
		"tegata_witness_entries{origin=\"labels.example\",witness=\"witness.example\"} 0\n",
		"tegata_cache_replies_total{result=\"hit\"} 2\n", "tegata_cache_replies_total{result=\"miss\"} 1\n",
		"tegata_cache_facts_total{origin=\"labels.example\",result=\"hit\"} 2\n",
		fmt.Sprintf("tegata_cache_facts_total{origin=\"labels.example\",result=\"miss\"} %d\n", before+1),
		"tegata_connections{state=\"waiting\"} 2\n", "tegata_connections_limit 9\n",
		"go_goroutines ", "process_open_fds ",
	} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("got no %s", want)
		}
	}
}

// TestStopped: who follows no more says why.
func TestStopped(t *testing.T) {
	m, k := whole(t)
	k.Config.Sequencer.(*sequencertest.Memory).Give(sequencer.Batch{First: k.Registry.Head().Size, Entries: [][]byte{[]byte("nothing")}})
	for k.Registry.Following().Stopped == nil {
		time.Sleep(time.Millisecond)
	}
	want := `# HELP tegata_works ` + of("tegata_works").Help + `
# TYPE tegata_works gauge
tegata_works{origin="labels.example",what="current"} 0
tegata_works{origin="labels.example",what="reads"} 1
tegata_works{origin="labels.example",what="writes"} 0
`
	if err := testutil.GatherAndCompare(m.all, strings.NewReader(want), "tegata_works"); err != nil {
		t.Error(err)
	}
	for reason, want := range map[sequencer.Reason]string{sequencer.Malformed: "1", sequencer.Forked: "0"} {
		w := httptest.NewRecorder()
		m.Handler(slog.New(slog.DiscardHandler)).ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
		if line := fmt.Sprintf("tegata_following_stopped{origin=\"labels.example\",reason=%q} %s\n", reason, want); !strings.Contains(w.Body.String(), line) {
			t.Errorf("got no %s", line)
		}
	}
}

// TestNil: who counts nothing says nothing.
func TestNil(t *testing.T) {
	var m *Metrics
	m.Begin()
	m.Certificate(time.Now)
	m.Connections(nil)
	m.Reply(true)
	m.Answered(registry.Receipt{}, nil)
	m.Committed(1, time.Second)
	m.Route("/").End("GET", 200, false, time.Second)
}

func TestRoutes(t *testing.T) {
	m := New()
	for _, c := range []struct {
		method string
		status int
		cut    bool
		want   string
	}{
		{"GET", 200, false, `class="2xx",method="GET"`},
		{"GET", 0, false, `class="2xx",method="GET"`},
		{"HEAD", 304, false, `class="3xx",method="HEAD"`},
		{"POST", 422, false, `class="4xx",method="POST"`},
		{"OPTIONS", 204, false, `class="2xx",method="OPTIONS"`},
		{"BREW", 405, false, `class="4xx",method="other"`},
		{"get", 503, false, `class="5xx",method="other"`},
		{"GET", 200, true, `class="cut",method="GET"`},
		{"GET", 999, false, `class="5xx",method="GET"`},
	} {
		pattern := fmt.Sprint("/", c.method, c.status, c.cut)
		m.Begin()
		m.Route(pattern).End(c.method, c.status, c.cut, time.Millisecond)
		want := fmt.Sprintf("tegata_http_requests_total{%s,route=%q} 1\n", c.want, pattern)
		w := httptest.NewRecorder()
		m.Handler(slog.New(slog.DiscardHandler)).ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("got no %s", want)
		}
	}
	if one, again := m.Route("/"), m.Route("/"); one != again {
		t.Error("one pattern has two routes")
	}
}

// TestEndAllocates: counting a request makes no garbage.
func TestEndAllocates(t *testing.T) {
	m := New()
	r := m.Route("/v/:code")
	r.End("GET", 200, false, time.Millisecond)
	if n := testing.AllocsPerRun(100, func() { m.Begin(); r.End("GET", 200, false, time.Millisecond) }); n != 0 {
		t.Errorf("got %v allocations, want none", n)
	}
}

func TestOutcomes(t *testing.T) {
	for want, c := range map[string]struct {
		receipt registry.Receipt
		err     error
	}{
		"entered":       {receipt: registry.Receipt{Fresh: true}},
		"before":        {},
		"refused":       {err: &registry.Refusal{}},
		"malformed":     {err: fmt.Errorf("line 1: %w", envelope.ErrMalformed)},
		"unknown_key":   {err: envelope.ErrKey},
		"bad_signature": {err: envelope.ErrSignature},
		"busy":          {err: &registry.BusyError{}},
		"disk_full":     {err: fmt.Errorf("%w: %w", registry.ErrFull, errors.New("no space"))},
		"read_only":     {err: &sequencer.ReadOnly{}},
		"failed":        {err: registry.ErrClosed},
	} {
		if got := outcomeNames[outcomeOf(c.receipt, c.err)]; got != want {
			t.Errorf("%v: got %s, want %s", c.err, got, want)
		}
	}
}
