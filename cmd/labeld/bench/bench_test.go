// Package bench puts the running labeld beside what does a part of its work and
// nothing else, in one run: `make bench` prints a table of ratios in Markdown.
//
// Each row is a job (see [jobs]). In each round every job is done once by ours
// and once by theirs, the one right after the other and in turns the first, so
// that a machine that is busy, or gets warm, slows both. What serves is on one
// core and what asks is on another, where taskset and two cores are there.
//
// Flags go behind -args, or in BESIDE of make: make beside BESIDE="-rounds 2 -only 'verdict|page'".
//
// To add a row, write a function that starts what a job needs and returns the job,
// in a file named for it, and put it into jobs. It may start servers with
// [bench.serve], run commands with [bench.run], and put load on what it started
// with [bench.load]; what it makes in its folder goes when the run ends.
package bench

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

var (
	rounds = flag.Int("rounds", 5, "how often every job is done by ours and by theirs")
	span   = flag.Duration("span", 2*time.Second, "how long each is under load at a time")
	only   = flag.String("only", "", "the jobs whose names fit this `expression`; all where empty")
)

// jobs are the rows of the table, in their order. Where start returns nil, what it
// needs is not installed.
var jobs = []struct {
	name  string
	start func(*bench) *job
}{
	{"verdict as JSON, 1.5 KB, warm", warmJSON},
	{"verdict as JSON, 1.5 KB, warm", warmJSONWhole},
	{"verdict as JSON, 1.5 KB, warm", warmJSONStatic},
	{"verdict as JSON, 4 KB, warm", warmJSONLarge},
	{"verdict as JSON, 1.5 KB, asked for the first time", firstJSON},
	{"verdict signed, unchanged since last asked", warmSigned},
	{"verdict signed anew each time", signedAnew},
	{"verdict signed anew each time", signedAnewPostgres},
	{"page of a scan, warm", warmPage},
	{"look-up of a code that is not kept", lookUp},
	{"list of 100,000 rows, warm, with its signed report", list},
	{"bulk import of sealed labels by the command", importing},
	{"append over HTTP, verified and durable, 1 writer, median", appendOne},
	{"append over HTTP, verified and durable, 256 writers", appendMany},
	{"append over HTTP, verified and durable, 256 writers", appendTessera},
	{"name search, two characters", searchCharacters},
	{"name search, two words", searchWords},
	{"envelope opened and verified", openOne},
	{"envelope opened and verified", openOneRaw},
	{"many envelopes opened and verified, on two cores", openMany},
	{"QR code as PNG, nothing kept", codePNG},
	{"QR code as SVG, nothing kept", codeSVG},
	{"start of a large registry until it is ready", starting},
	{"anonymous memory of a large registry", memory},
	{"file for each label of a large registry", size},
}

func TestMain(m *testing.M) {
	if file := os.Getenv(mapFile); file != "" {
		fmt.Fprintln(os.Stderr, mapped(file))
		os.Exit(1)
	}
	if file := os.Getenv(bareFile); file != "" {
		fmt.Fprintln(os.Stderr, bare(file, os.Getenv(bareHeader)))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// BenchmarkSideBySide does every job some rounds and prints the table.
func BenchmarkSideBySide(b *testing.B) {
	h := newBench(b)
	var rows []*job
	for _, row := range jobs {
		if !regexp.MustCompile(*only).MatchString(row.name) {
			continue
		}
		if j := row.start(h); j != nil {
			j.name = row.name
			rows = append(rows, j)
		}
	}
	for n := range *rounds {
		for _, j := range rows {
			j.round(n)
		}
	}
	fmt.Print("\n", table(rows), "\n")
	for _, j := range rows {
		b.ReportMetric(median(j.ratios()), strings.ReplaceAll(j.name+"/"+j.beside, " ", "-"))
	}
}
