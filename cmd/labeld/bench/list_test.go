package bench

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// mapFile is how the test binary is told to be the server with a map: the file with
// its records.
const mapFile = "TEGATA_BENCH_MAP"

// listRows is how many rows are asked about at once.
const listRows = 100_000

// list: a list of stock by its barcodes, of which 1 in 20 is of nothing there, asked
// about before, beside a Go server that looks them up in a map, appends two cells
// instead of fourteen, and signs nothing. It is of a million records that is told, with
// -labels 1000000: a small map stands in the cache of the processor.
func list(b *bench) *job {
	l := b.large()
	var records, rows bytes.Buffer
	for n := range *labels {
		fmt.Fprintf(&records, "%s,valid,%s\n", gtin(n+1), l.codes[n])
	}
	rows.WriteString("jan,name\n")
	for n := range listRows {
		item := 1 + mathrand.IntN(*labels)
		if n%20 == 0 {
			item += 1_000_000_000
		}
		fmt.Fprintf(&rows, "%s,スマートプラグ %d\n", gtin(item), n)
	}
	file := filepath.Join(b.dir, "records.csv")
	self, err := os.Executable()
	if err == nil {
		err = os.WriteFile(file, records.Bytes(), 0o600)
	}
	if err != nil {
		b.Fatal(err)
	}
	address := b.freeAddress()
	b.serve(address, []string{mapFile + "=" + file}, self, "-test.run=^$", address)
	ask := func(url, want string) func() float64 {
		var text bytes.Buffer // grown once
		return func() float64 {
			text.Reset()
			began := time.Now()
			answer, err := http.Post(url, "text/csv", bytes.NewReader(rows.Bytes()))
			if err != nil {
				b.Fatal(err)
			}
			defer answer.Body.Close()
			_, err = text.ReadFrom(answer.Body)
			took := time.Since(began)
			if n := bytes.Count(text.Bytes(), []byte(want)); err != nil || n != listRows*19/20 {
				b.Fatalf("%s: %v, %d rows answered with %q: %.300s", url, err, n, want, text.Bytes())
			}
			return float64(took.Microseconds()) / 1000
		}
	}
	once := ask("http://"+l.address+"/api/v1/verify?in=GB", ",valid,")
	warm := func() float64 { // what other jobs have entered since the last round may have touched some
		once()
		return once()
	}
	return &job{beside: "a Go map behind net/http", unit: "ms", must: 1.6, aim: 1.15, most: true, ours: warm, theirs: ask("http://"+address, ",valid,")}
}

// mapped serves the records of a file from a map, at the address that is the last
// argument.
func mapped(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	records := map[string][2]string{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.TrimSpace(line), ",")
		records[cells[0]] = [2]string{cells[1], cells[2]}
	}
	return http.ListenAndServe(os.Args[len(os.Args)-1], http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/csv")
		in, out := csv.NewReader(r.Body), bufio.NewWriterSize(w, 64<<10)
		in.ReuseRecord = true
		for {
			row, err := in.Read()
			if errors.Is(err, io.EOF) {
				out.Flush()
				return
			}
			if err != nil {
				panic(http.ErrAbortHandler)
			}
			found, ok := records[row[0]]
			if !ok {
				found[0] = "unknown"
			}
			for _, part := range []string{row[0], ",", found[0], ",", found[1], "\n"} {
				out.WriteString(part)
			}
		}
	}))
}
