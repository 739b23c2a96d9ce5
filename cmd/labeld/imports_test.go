package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// allowed lists, for each package, everything outside the standard library it
// may import. What is not here may not be imported; what is here and no longer
// imported must be struck out. Packages of the project stand below those that
// import them: cmd → web → registry → verify/… → verify, and no circles.
var allowed = map[string][]string{
	"verify":            {},
	"verify/match":      {"tegata/verify", "golang.org/x/text/unicode/norm"},
	"verify/eddsa":      {"filippo.io/edwards25519", "filippo.io/edwards25519/field"},
	"verify/envelope":   {"tegata/verify", "tegata/verify/eddsa", "github.com/go-jose/go-jose/v4", "github.com/go-jose/go-jose/v4/cryptosigner", "github.com/go-json-experiment/json", "github.com/go-json-experiment/json/jsontext", "github.com/go-json-experiment/json/v1"},
	"verify/tlog":       {"golang.org/x/mod/sumdb/note", "golang.org/x/mod/sumdb/tlog"},
	"verify/keys":       {"github.com/miekg/pkcs11"},
	"verify/bundle":     {"tegata/verify", "tegata/verify/envelope", "tegata/verify/tlog", "tegata/verify/yearly"},
	"verify/status":     {"tegata/verify", "tegata/verify/envelope"},
	"verify/yearly":     {"tegata/verify"},
	"verify/pack":       {"tegata/verify", "tegata/verify/bundle", "tegata/verify/envelope", "tegata/verify/match", "tegata/verify/tlog"},
	"verify/credential": {"tegata/verify", "tegata/verify/envelope", "tegata/verify/status"},

	"registry/sequencer":        {"tegata/verify/tlog"},
	"registry/sequencer/remote": {"tegata/registry/sequencer", "tegata/verify/bundle", "tegata/verify/tlog"},

	"registry/sequencer/etcd": {"tegata/registry/sequencer", "tegata/verify/tlog",
		"go.etcd.io/etcd/api/v3/etcdserverpb", "go.etcd.io/etcd/api/v3/v3rpc/rpctypes", "go.etcd.io/etcd/client/v3", "go.uber.org/zap", "google.golang.org/grpc", "google.golang.org/grpc/backoff"},
	"registry/sequencer/etcd/etcdtest": {},

	"verify/keys/keystest": {"tegata/verify/keys"},

	"registry": {"tegata/registry/sequencer", "tegata/verify", "tegata/verify/bundle", "tegata/verify/envelope", "tegata/verify/match", "tegata/verify/status", "tegata/verify/tlog",
		"github.com/tidwall/btree", "go.etcd.io/bbolt", "go.etcd.io/bbolt/errors"},
	"registry/registrytest": {"tegata/registry", "tegata/verify", "tegata/verify/bundle", "tegata/verify/envelope", "tegata/verify/tlog"},
	"registry/observer": {"tegata/registry", "tegata/verify", "tegata/verify/envelope", "tegata/verify/match", "code.dny.dev/ssrf", "github.com/ledongthuc/pdf",
		"golang.org/x/net/html", "golang.org/x/net/html/atom", "golang.org/x/net/html/charset"},
	"registry/sequencer/sequencertest": {"tegata/registry", "tegata/registry/registrytest", "tegata/registry/sequencer", "tegata/verify", "tegata/verify/bundle", "tegata/verify/tlog"},
	"registry/witness":                 {"tegata/registry", "tegata/verify/tlog"},

	"web/artwork": {"tegata/verify", "tegata/web/i18n", "tegata/web/qr",
		"codeberg.org/go-pdf/fpdf", "golang.org/x/image/font", "golang.org/x/image/font/sfnt", "golang.org/x/image/math/fixed", "golang.org/x/image/vector"},
	"web/metrics": {"tegata/registry", "tegata/registry/observer", "tegata/registry/sequencer", "tegata/verify", "tegata/verify/envelope",
		"github.com/prometheus/client_golang/prometheus", "github.com/prometheus/client_golang/prometheus/collectors", "github.com/prometheus/client_golang/prometheus/promhttp"},
	"web/openapi":             {},
	"web/openapi/openapitest": {"tegata/web/openapi", "github.com/santhosh-tekuri/jsonschema/v6"},

	"web/i18n":     {"tegata/verify", "golang.org/x/text/language"},
	"web/qr":       {"tegata/verify", "github.com/skip2/go-qrcode"},
	"web/headline": {"tegata/verify", "tegata/verify/status", "tegata/verify/yearly", "tegata/web/i18n"},
	"web/stock":    {"tegata/verify", "tegata/verify/match", "golang.org/x/text/encoding", "golang.org/x/text/encoding/japanese", "golang.org/x/text/encoding/unicode"},
	"web/whatif":   {"tegata/verify", "tegata/web/i18n"},
	"web": {"tegata/registry", "tegata/registry/observer", "tegata/registry/sequencer", "tegata/verify", "tegata/verify/bundle", "tegata/verify/credential", "tegata/verify/envelope", "tegata/verify/match", "tegata/verify/pack", "tegata/verify/status", "tegata/verify/tlog", "tegata/verify/yearly", "tegata/web/artwork", "tegata/web/headline", "tegata/web/i18n", "tegata/web/metrics", "tegata/web/openapi", "tegata/web/qr", "tegata/web/stock", "tegata/web/whatif",
		"github.com/gin-gonic/gin", "github.com/klauspost/compress/gzhttp", "golang.org/x/time/rate"},
	"cmd/labeld/audit": {"tegata/cmd/labeld/control", "tegata/cmd/labeld/folder", "tegata/registry", "tegata/verify/bundle"},
	"cmd/labeld/backup": {"tegata/cmd/labeld/audit", "tegata/cmd/labeld/control", "tegata/cmd/labeld/folder", "tegata/registry", "tegata/registry/sequencer",
		"tegata/verify/bundle", "tegata/verify/keys", "tegata/verify/tlog", "tegata/web"},
	"cmd/labeld/control":         {},
	"cmd/labeld/demo":            {"tegata/cmd/labeld/folder", "tegata/registry", "tegata/verify", "tegata/verify/envelope"},
	"cmd/labeld/folder":          {"tegata/registry", "tegata/verify", "tegata/verify/bundle", "tegata/verify/envelope", "tegata/verify/keys", "tegata/verify/tlog"},
	"cmd/labeld/front":           {"tegata/web"},
	"cmd/labeld/front/fronttest": {},
	"cmd/labeld/settings":        {},

	"cmd/labeld":         {"tegata/cmd/labeld/audit", "tegata/cmd/labeld/backup", "tegata/cmd/labeld/control", "tegata/cmd/labeld/demo", "tegata/cmd/labeld/folder", "tegata/cmd/labeld/front", "tegata/cmd/labeld/settings", "tegata/registry", "tegata/registry/observer", "tegata/registry/sequencer", "tegata/registry/sequencer/etcd", "tegata/registry/sequencer/remote", "tegata/registry/witness", "tegata/verify", "tegata/verify/bundle", "tegata/verify/envelope", "tegata/verify/keys", "tegata/verify/tlog", "tegata/web", "tegata/web/metrics", "tegata/web/qr"},
	"cmd/labeld/bench":   {}, // tests alone
	"cmd/labeld/browser": {}, // tests alone
	"cmd/labelctl": {"tegata/verify", "tegata/verify/bundle", "tegata/verify/credential", "tegata/verify/envelope", "tegata/verify/keys", "tegata/verify/match", "tegata/verify/pack", "tegata/verify/status", "tegata/verify/tlog", "tegata/verify/yearly", "tegata/web/artwork", "tegata/web/headline", "tegata/web/i18n", "tegata/web/qr", "tegata/web/stock", "tegata/web/whatif",
		"github.com/makiuchi-d/gozxing", "github.com/makiuchi-d/gozxing/multi/qrcode", "github.com/makiuchi-d/gozxing/qrcode", "github.com/schollz/progressbar/v3", "github.com/tailscale/hujson"},
}

// rank is how high a package stands. It imports only what stands lower, or
// beside it where it is part of it.
var rank = []string{"verify", "verify/", "registry/sequencer", "registry", "registry/", "web/", "web", "cmd/"}

// TestImports holds the architecture: this table is its only drawing, and
// cannot go stale.
func TestImports(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range packages(t) {
		name, inside := strings.CutPrefix(p.ImportPath, "tegata/")
		if !inside {
			t.Errorf("%s: a package outside the four rooms", p.ImportPath)
			continue
		}
		seen[name] = true
		want, ok := allowed[name]
		if !ok {
			t.Errorf("%s: not in the table: give it a row, and a reason in the commit", name)
			continue
		}
		for _, i := range p.Imports {
			if standard(i) {
				continue
			}
			if !slices.Contains(want, i) {
				t.Errorf("%s imports %s, which it may not", name, i)
			}
			if to, ours := strings.CutPrefix(i, "tegata/"); ours && height(to) > height(name) {
				t.Errorf("%s imports %s, which stands above it", name, i)
			}
		}
		for _, w := range want {
			if !slices.Contains(p.Imports, w) {
				t.Errorf("%s no longer imports %s: strike it out", name, w)
			}
		}
	}
	for name := range allowed {
		if !seen[name] {
			t.Errorf("%s is in the table and is not there", name)
		}
	}
}

// TestHomes holds that a module of others is imported by one package only.
func TestHomes(t *testing.T) {
	home := map[string]string{}
	for name, imports := range allowed {
		for _, i := range imports {
			if strings.HasPrefix(i, "tegata/") {
				continue
			}
			module := strings.Join(strings.Split(i, "/")[:min(3, strings.Count(i, "/")+1)], "/")
			if module == "golang.org/x/text" {
				module = i // one repository of unrelated packages
			}
			if other, taken := home[module]; taken && other != name {
				t.Errorf("%s is at home in both %s and %s", module, other, name)
			}
			home[module] = name
		}
	}
}

// height is the place of a package in rank.
func height(name string) int {
	for i, r := range rank {
		if r == name {
			return i // more is said of it than of its folder
		}
	}
	for i := len(rank) - 1; i >= 0; i-- {
		if name == rank[i] || strings.HasSuffix(rank[i], "/") && strings.HasPrefix(name, rank[i]) {
			return i
		}
	}
	return -1
}

// standard reports whether a package is of the standard library: its path has no
// host, and it is not of this module.
func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".") && first != "tegata"
}

type listed struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) (out []listed) {
	t.Helper()
	text, err := exec.Command("go", "list", "-json=ImportPath,Imports", "tegata/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(strings.NewReader(string(text)))
	for {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return out
		} else if err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
}
