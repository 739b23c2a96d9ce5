package bench

import (
	"net/url"
	"strings"
)

// read is the job of answering what an address asks, warm, beside net/http with
// the same bytes.
func read(b *bench, path string) *job {
	ours := "http://" + b.labeld().address + path
	theirs := b.bare(strings.Replace(ours, varied, "0", 1), false)
	return &job{beside: "bare net/http, same body", unit: "req/s", ours: b.of(ours), theirs: b.of(theirs)}
}

// of is how many answers an address gives in a second of its server's processor
// time: what it answers on a core of its own, whatever else keeps the machine busy.
// Where the system does not tell that time, it is a second of the clock.
func (b *bench) of(address string) func() float64 {
	return func() float64 {
		b.Helper()
		u, err := url.Parse(address)
		if err != nil {
			b.Fatal(err)
		}
		before, _ := b.spent(u.Host)
		rate := b.load(address)
		if after, told := b.spent(u.Host); told && after > before {
			return rate * span.Seconds() / (after - before).Seconds()
		}
		return rate
	}
}

// tills is what tills ask for.
func (b *bench) tills() string { return "/api/v1/verify/" + b.labeld().plain + "?in=JP" }

// warmJSON: a verdict, as tills ask for it.
func warmJSON(b *bench) *job {
	j := read(b, b.tills())
	j.must, j.aim = 0.80, 0.92
	return j
}

// warmJSONWhole: the same beside net/http that sends the same header fields too:
// what is left is what is worked out, counted and logged.
func warmJSONWhole(b *bench) *job {
	ours := "http://" + b.labeld().address + b.tills()
	return &job{beside: "bare net/http, same header and body", unit: "req/s", ours: b.of(ours), theirs: b.of(b.bare(ours, true))}
}

// warmJSONLarge: one that cites all there is to cite, and names many models.
func warmJSONLarge(b *bench) *job { return read(b, "/api/v1/verify/"+b.labeld().code+"?in=GB") }

// warmJSONStatic: the same beside a web server that is not written in Go.
func warmJSONStatic(b *bench) *job {
	ours := "http://" + b.labeld().address + b.tills()
	theirs := b.static(ours)
	if theirs == "" {
		return nil
	}
	return &job{beside: "nginx, static file of the same bytes", unit: "req/s", aim: 0.75, ours: b.of(ours), theirs: b.of(theirs)}
}

// firstJSON: each asks about another model, so that no answer is kept.
func firstJSON(b *bench) *job { return read(b, b.tills()+"&model="+varied) }

// warmSigned: a verdict with the registry's signature, of which nothing has
// changed since it was last asked for.
func warmSigned(b *bench) *job {
	j := read(b, "/api/v1/verify/"+b.labeld().plain+".jwt?in=JP")
	j.must, j.aim = 0.80, 0.92
	return j
}

// signedAnew: each asks about another model, so that no answer is kept.
func signedAnew(b *bench) *job {
	j := read(b, "/api/v1/verify/"+b.labeld().plain+".jwt?in=JP&model="+varied)
	j.aim = 0.4
	return j
}

// warmPage: what a scan opens.
func warmPage(b *bench) *job {
	j := read(b, "/v/"+b.labeld().code+"?in=GB")
	j.must, j.aim = 0.5, 0.8
	return j
}
