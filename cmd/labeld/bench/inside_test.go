package bench

import (
	"context"
	mathrand "math/rand/v2"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"tegata/cmd/labeld/folder"
	"tegata/registry"
)

// both are the cores of what uses all there are.
const both = serverCore + "," + loadCore

// benchmarked runs a Go benchmark of one of our packages on so many cores, and returns
// how often a second it did what a line of it is about: by its nanoseconds in that unit,
// "ns/op" or one of its own.
func (b *bench) benchmarked(folder, name, cores, unit string) func() float64 {
	b.Helper()
	binary := filepath.Join(b.dir, "bin", path.Base(folder)+".test")
	b.run("go", "test", "-c", "-o", binary, "tegata/"+folder)
	// Between slashes are expressions of their own, for parts of the name.
	args := []string{binary, "-test.run=^$", "-test.bench=^" + strings.ReplaceAll(name, "/", "$/^") + "$", "-test.benchtime=300ms",
		"-test.cpu=" + strconv.Itoa(1+strings.Count(cores, ","))}
	if b.pinned {
		args = append([]string{"taskset", "-c", cores}, args...)
	}
	figure := regexp.MustCompile(`\s([0-9.]+) ` + regexp.QuoteMeta(unit) + `\b`)
	return func() float64 {
		b.Helper()
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir = filepath.Join("../../..", folder) // as go test does
		out, err := cmd.CombinedOutput()
		m := figure.FindSubmatch(out)
		if err != nil || m == nil {
			b.Fatalf("%s %s: %v, no %s in %s", folder, name, err, unit, out)
		}
		ns, err := strconv.ParseFloat(string(m[1]), 64)
		if err != nil {
			b.Fatal(err)
		}
		return float64(time.Second) / ns
	}
}

// codePNG and codeSVG: a code drawn from its text on, beside what the encoder itself
// draws at the same scale.
func codePNG(b *bench) *job { return b.drawn("BenchmarkPNG/version2") }
func codeSVG(b *bench) *job { return b.drawn("BenchmarkSVG/version2") }

func (b *bench) drawn(name string) *job {
	return &job{beside: "go-qrcode's own PNG of it", unit: "codes/s", must: 5, aim: 10,
		ours:   b.benchmarked("web/qr", name, loadCore, "ns/op"),
		theirs: b.benchmarked("web/qr", "BenchmarkEncoderPNG/version2", loadCore, "ns/op")}
}

// openOne: an envelope taken apart and verified, beside the JOSE library, which takes
// more than is taken here.
func openOne(b *bench) *job {
	return &job{beside: "go-jose", unit: "envelopes/s", must: 1, ours: b.enveloped("open and verify", loadCore, "ns/op"), theirs: b.enveloped("go-jose", loadCore, "ns/op")}
}

// openOneRaw: the same beside the signature alone, as the standard library verifies it.
func openOneRaw(b *bench) *job {
	return &job{beside: "its signature alone, by crypto/ed25519", unit: "envelopes/s", aim: 0.93,
		ours: b.enveloped("open and verify", loadCore, "ns/op"), theirs: b.enveloped("raw", loadCore, "ns/op")}
}

// openMany: many at once, each signature by itself, beside the signatures on one core.
func openMany(b *bench) *job {
	return &job{beside: "their signatures alone on one core, by crypto/ed25519", unit: "envelopes/s", must: 1.7, aim: 1.9,
		ours: b.enveloped("many", both, "ns/token"), theirs: b.enveloped("raw", loadCore, "ns/op")}
}

func (b *bench) enveloped(name, cores, unit string) func() float64 {
	return b.benchmarked("verify/envelope", "BenchmarkVerify/EdDSA/"+strings.ReplaceAll(name, " ", "_"), cores, unit)
}

// lookUp: codes of the large registry that were not asked about before, each once, in
// this process, which opens the file for that. It enters a label first: once that is
// answered, the file was followed and its pages are mapped.
func lookUp(b *bench) *job {
	l := b.large()
	return &job{unit: "µs", must: 40, aim: 15, most: true, ours: func() float64 {
		l.indexed() // or it would be made meanwhile
		l.stop()
		data := folder.Folder(l.data)
		config, err := data.Config()
		if err != nil {
			b.Fatal(err)
		}
		r, err := registry.Open(data.Registry(), config)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := r.Append(context.Background(), l.label()); err != nil {
			b.Fatal(err)
		}
		order := mathrand.Perm(len(l.codes))
		order = order[:min(len(order), 60_000)]
		began := time.Now()
		for _, n := range order {
			if found, err := r.Lookup(context.Background(), l.codes[n]); err != nil || len(found.Entries) == 0 {
				b.Fatalf("%s: %d entries, %v", l.codes[n], len(found.Entries), err)
			}
		}
		took := time.Since(began)
		if err := r.Close(); err != nil {
			b.Fatal(err)
		}
		l.start()
		return float64(took.Nanoseconds()) / 1000 / float64(len(order))
	}}
}
