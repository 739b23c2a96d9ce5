package bench

// read is the job of answering what an address asks, warm, beside net/http with
// the same bytes.
func read(b *bench, path string) *job {
	d := b.labeld()
	ours := "http://" + d.address + path
	theirs := b.bare(ours)
	return &job{beside: "bare net/http, same bytes", unit: "req/s", ours: b.of(ours), theirs: b.of(theirs)}
}

// of is the rate at which an address answers.
func (b *bench) of(address string) func() float64 {
	return func() float64 { return b.load(address) }
}

// warmJSON: a verdict, as tills ask for it.
func warmJSON(b *bench) *job {
	j := read(b, "/api/v1/verify/"+b.labeld().code+"?in=GB")
	j.must, j.aim = 0.80, 0.92
	return j
}

// warmJSONStatic: the same beside a web server that is not written in Go.
func warmJSONStatic(b *bench) *job {
	ours := "http://" + b.labeld().address + "/api/v1/verify/" + b.labeld().code + "?in=GB"
	theirs := b.static(ours)
	if theirs == "" {
		return nil
	}
	return &job{beside: "nginx, static file of the same bytes", unit: "req/s", aim: 0.75, ours: b.of(ours), theirs: b.of(theirs)}
}

// warmSigned: a verdict with the registry's signature, of which nothing has
// changed since it was last asked for.
func warmSigned(b *bench) *job {
	j := read(b, "/api/v1/verify/"+b.labeld().code+".jwt?in=GB")
	j.must, j.aim = 0.80, 0.92
	return j
}

// signedAnew: each asks about another model, so that no answer is kept.
func signedAnew(b *bench) *job {
	path := "/api/v1/verify/" + b.labeld().code + ".jwt?in=GB&model="
	j := read(b, path+"0")
	j.aim = 0.4
	j.ours = b.of("http://" + b.labeld().address + path + varied)
	return j
}

// warmPage: what a scan opens.
func warmPage(b *bench) *job {
	j := read(b, "/v/"+b.labeld().code+"?in=GB")
	j.must, j.aim = 0.5, 0.8
	return j
}
