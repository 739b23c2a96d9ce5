package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tegata/web/metrics"
)

// TestMetrics: what happens to a server is told on the listener for that, and
// nowhere else, in the form that Prometheus reads.
func TestMetrics(t *testing.T) {
	inside := freeAddress(t)
	s := serveProcess(t, "-metrics", inside)
	ask := func(address string) (int, string) {
		t.Helper()
		resp, err := http.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(body)
	}
	for path, want := range map[string]int{"/checkpoint": 200, "/v/no-code": 400, "/nowhere": 404, "/metrics": 404, "/debug/pprof/heap": 404} {
		if status, _ := ask(s.url + path); status != want {
			t.Errorf("%s: got %d, want %d", path, status, want)
		}
	}
	for _, path := range []string{"/debug/pprof/", "/debug/pprof/heap?gc=1", "/debug/pprof/cmdline"} {
		if status, body := ask("http://" + inside + path); status != 200 || body == "" {
			t.Errorf("%s: got %d", path, status)
		}
	}
	status, body := ask("http://" + inside + "/metrics")
	for _, want := range []string{
		`tegata_log_entries{origin="labels.example"} 1`,
		`tegata_http_requests_total{class="2xx",method="GET",route="/checkpoint"} 1`,
		`tegata_http_requests_total{class="4xx",method="GET",route="/v/:code"} 1`,
		`tegata_http_requests_total{class="4xx",method="GET",route="none"} 3`,
		`tegata_works{origin="labels.example",what="writes"} 1`,
	} {
		if status != 200 || !strings.Contains(body, want+"\n") {
			t.Errorf("got %d, and no %s", status, want)
		}
	}
	promtool(t, body, "check", "metrics")
	if goal := value(t, body, "go_memstats_next_gc_bytes"); goal < 2*headroom {
		t.Errorf("the collector runs again at %.0f bytes, want %d at least", goal, 2*headroom)
	}
}

// value returns what a metric without labels says.
func value(t *testing.T, body, name string) (v float64) {
	t.Helper()
	_, rest, _ := strings.Cut(body, "\n"+name+" ")
	if _, err := fmt.Sscan(rest, &v); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	return v
}

func promtool(t *testing.T, input string, args ...string) {
	t.Helper()
	cmd := exec.Command("promtool", args...)
	cmd.Stdin = strings.NewReader(input)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// TestMetricsTable: every metric is told of as the code has it, and no other.
func TestMetricsTable(t *testing.T) {
	text, err := os.ReadFile("metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	const head = "| metric | kind | labels | what it tells |\n|---|---|---|---|\n"
	before, rest, found := strings.Cut(string(text), head)
	table, after, _ := strings.Cut(rest, "\n\n")
	if !found {
		t.Fatal("metrics.md has no table")
	}
	var want strings.Builder
	for _, f := range metrics.Families {
		labels := ""
		if len(f.Labels) > 0 {
			labels = "`" + strings.Join(f.Labels, "` `") + "`"
		}
		fmt.Fprintf(&want, "| `%s` | %s | %s | %s |\n", f.Name, f.Kind, labels, f.Help)
	}
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile("metrics.md", []byte(before+head+want.String()+"\n"+after), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if table+"\n" != want.String() {
		t.Errorf("metrics are told otherwise than in the code: UPDATE=1 go test ./cmd/labeld -run TestMetricsTable writes them anew; got\n%s\nwant\n%s", table, &want)
	}
}

// TestAlerts: alerts rest on metrics that there are, say what to do, and are raised
// when something is wrong, and only then.
func TestAlerts(t *testing.T) {
	promtool(t, "", "check", "rules", "alerts.yml")
	promtool(t, "", "test", "rules", "testdata/alerts_test.yml")
	text, err := os.ReadFile("alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	tested, err := os.ReadFile("testdata/alerts_test.yml")
	if err != nil {
		t.Fatal(err)
	}
	alerts := regexp.MustCompile(`(?m)^      - alert: `).Split(string(text), -1)[1:]
	if len(alerts) < 20 {
		t.Errorf("got %d alerts", len(alerts))
	}
	names := regexp.MustCompile(`\b(?:tegata|process|go)_[a-z_]+`)
	for _, a := range alerts {
		name, rest, _ := strings.Cut(a, "\n")
		_, expression, _ := strings.Cut(rest, "expr:")
		expression, annotations, _ := strings.Cut(expression, "annotations:")
		used := names.FindAllString(expression, -1)
		if len(used) == 0 && name != "TegataDown" {
			t.Errorf("%s rests on nothing", name)
		}
		for _, metric := range append(used, names.FindAllString(annotations, -1)...) {
			if !isMetric(metric) {
				t.Errorf("%s: there is no metric %s", name, metric)
			}
		}
		for _, want := range []string{"summary: \"", "action: \""} {
			if !strings.Contains(annotations, want) {
				t.Errorf("%s has no %s", name, want)
			}
		}
		if !strings.Contains(string(tested), fmt.Sprintf("{alertname=%q}", name)) {
			t.Errorf("%s is not tested", name)
		}
	}
	for _, series := range regexp.MustCompile(`series: '([a-z_]+)`).FindAllStringSubmatch(string(tested), -1) {
		if metric := series[1]; metric != "up" && !isMetric(metric) {
			t.Errorf("tested with %s, which is no metric", metric)
		}
	}
}

// isMetric reports whether a server tells that series.
func isMetric(series string) bool {
	if slices.Contains([]string{"process_open_fds", "process_max_fds", "process_start_time_seconds"}, series) {
		return true
	}
	return slices.ContainsFunc(metrics.Families, func(f metrics.Family) bool {
		return f.Name == series || f.Kind == "histogram" && f.Name+"_bucket" == series
	})
}
