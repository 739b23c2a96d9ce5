package web_test

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"tegata/registry/registrytest"
	"tegata/web"
)

// TestListMemory: many more rows than labels, in no order and some of them of
// none, take no more than 64 MB. BenchmarkList asks more.
func TestListMemory(t *testing.T) {
	k, url := served(t)
	k.Clock.Set(time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC))
	const labels, n = 2000, 40_000
	k.Shelf(t, labels)
	debug.FreeOSMemory() // what the entering left
	before := resident(t)
	rows, peak := checkShelf(t, url, labels, n, 10)
	if rows != n || peak-before > 64<<20 {
		t.Errorf("got %d rows, and %d MB more than the %d MB before", rows, (peak-before)>>20, before>>20)
	}
}

// BenchmarkList checks 100,000 rows against a registry of LABELS labels (10,000).
func BenchmarkList(b *testing.B) {
	labels, _ := strconv.Atoi(os.Getenv("LABELS"))
	if labels == 0 {
		labels = 10_000
	}
	k := registrytest.New(b)
	k.Begin(b)
	k.Shelf(b, labels)
	server, err := web.NewServer(web.Config{Registry: k.Registry, URL: "https://labels.example", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	go server.Serve(l)
	defer server.Close()
	for _, by := range []string{"code", "gtin"} {
		b.Run(by, func(b *testing.B) {
			debug.FreeOSMemory() // what the entering left
			before, rows, most := resident(b), 0, int64(0)
			for b.Loop() {
				unknown := 0
				if by == "gtin" {
					unknown = 10
				}
				n, peak := checkShelf(b, "http://"+l.Addr().String(), labels, 100_000, unknown)
				rows, most = rows+n, max(most, peak)
			}
			b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
			b.ReportMetric(float64(before)/(1<<20), "MB-before")
			b.ReportMetric(float64(most-before)/(1<<20), "MB-more")
		})
	}
}

// checkShelf asks about n random rows of a shelf, one in unknown of something that
// is not there, by GTIN; where unknown is 0 by code. It returns how many were
// answered, and the most memory that was resident.
func checkShelf(tb testing.TB, url string, labels, n, unknown int) (rows int, peak int64) {
	tb.Helper()
	read, write := io.Pipe()
	go func() {
		defer write.Close()
		out := bufio.NewWriter(write)
		defer out.Flush()
		random := rand.New(rand.NewPCG(1, 2))
		fmt.Fprintln(out, "code,jan,name")
		for i := range n {
			switch j := random.IntN(labels); {
			case unknown == 0:
				fmt.Fprintf(out, "%s,,Router %d\n", registrytest.ShelfCode(j), i)
			case i%unknown == 0:
				fmt.Fprintf(out, ",%s,Router %d\n", registrytest.ShelfGTIN(labels+j), i)
			default:
				fmt.Fprintf(out, ",%s,Router %d\n", registrytest.ShelfGTIN(j), i)
			}
		}
	}()
	resp, err := http.Post(url+"/api/v1/verify?in=GB", "text/csv", read)
	if err != nil {
		tb.Fatal(err)
	}
	defer resp.Body.Close()
	in := bufio.NewScanner(resp.Body)
	in.Scan()
	for in.Scan() {
		known := unknown == 0 || rows%unknown != 0
		if text := in.Text(); strings.Contains(text, ",valid,") != known || !strings.Contains(text, fmt.Sprint(",Router ", rows, ",")) {
			tb.Fatalf("row %d: got %s", rows, text)
		}
		if rows++; rows%1000 == 0 {
			peak = max(peak, resident(tb))
		}
	}
	if in.Err() != nil || resp.Trailer.Get("Link") == "" {
		tb.Fatalf("after %d rows: got %v and %v", rows, in.Err(), resp.Trailer)
	}
	return rows, peak
}

// resident is how many bytes of this process are in memory and its own: what is
// mapped from a file is not, the system takes that back as it needs it.
func resident(tb testing.TB) int64 {
	tb.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		tb.Fatal(err)
	}
	m := regexp.MustCompile(`RssAnon:\s+(\d+) kB`).FindSubmatch(status)
	if m == nil {
		tb.Fatalf("no RssAnon in %s", status)
	}
	kb, err := strconv.ParseInt(string(m[1]), 10, 64)
	if err != nil {
		tb.Fatal(err)
	}
	return kb << 10
}
