# Tegata: two commands on a fresh machine are `make run` and `make test`.
export GOFLAGS := -tags=nomsgpack -buildvcs=false
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
FUZZTIME ?= 10s
TESTTIME ?= 30m
PACKAGES := curl zbar-tools chromium librsvg2-bin poppler-utils fonts-noto-cjk unzip gcc libc6-dev softhsm2 prometheus etcd-server iproute2 systemd
SCANNER := web/browser/zxing_reader.js
LETTERS := web/artwork/letters/letters.ttf
EMBEDDED := $(SCANNER) $(LETTERS)

.DEFAULT_GOAL := help
.PHONY: help build run test race lint fuzz bench beside chaos soak golden tools clean

help: ## what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: $(EMBEDDED) ## bin/labeld and bin/labelctl
	go build -trimpath -o bin/ ./cmd/...

run: build ## a registry with demo parties and records on this machine
	./bin/labeld demo

test: tools $(EMBEDDED) ## all tests, each package for at most TESTTIME (30m)
	go test -timeout $(TESTTIME) ./...

race: tools $(EMBEDDED) ## all tests under the race detector
	go test -race -timeout $(TESTTIME) ./...

lint: $(EMBEDDED) ## format, vet, staticcheck
	@test -z "$$(gofmt -l cmd registry verify web | grep -v node_modules | tee /dev/stderr)" || { echo "run: gofmt -w ." >&2; exit 1; }
	go vet ./...
	go vet -tags nomsgpack,chaos ./cmd/labeld/...
	go vet -C cmd/labeld/bench/postgres .
	go run $(STATICCHECK) ./...

fuzz: $(EMBEDDED) ## every fuzz target for FUZZTIME (10s)
	@set -e; for p in $$(go list ./...); do for f in $$(go test -list '^Fuzz' $$p | grep '^Fuzz' || true); do \
		echo "$$p $$f"; go test -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x $$p; done; done

bench: $(EMBEDDED) ## all benchmarks, at last those of beside
	go test -run '^$$' -bench . -benchmem -timeout $(TESTTIME) $$(go list ./... | grep -v labeld/bench)
	$(MAKE) beside

beside: $(EMBEDDED) ## the running server beside baselines, as a table of ratios
	go test -run '^$$' -bench . -timeout $(TESTTIME) ./cmd/labeld/bench -args $(BESIDE)

chaos: tools $(EMBEDDED) ## what goes wrong, for LENGTH (4m) on one machine and on three, as root
	go test -tags nomsgpack,chaos -count 1 -timeout 20m -v -run Machine ./cmd/labeld/chaos -args -length $(or $(LENGTH),4m) $(if $(SEED),-seed $(SEED))

soak: tools $(EMBEDDED) ## a mixed load on a busy machine, for LENGTH (4m), as root
	go test -tags nomsgpack,chaos -count 1 -timeout 60m -v -run Soak ./cmd/labeld/chaos -args -length $(or $(LENGTH),4m)

golden: tools $(EMBEDDED) ## write golden files anew
	UPDATE=1 go test -timeout $(TESTTIME) ./...

tools: web/node_modules/.package-lock.json ## what the tests need beside Go: Debian and npm packages
	@missing=""; for t in promtool systemd-analyze curl zbarimg chromium rsvg-convert pdftoppm pdftotext unzip gcc softhsm2-util etcd ip; do command -v $$t >/dev/null || missing="$$missing $$t"; done; \
	if [ -n "$$missing" ]; then \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then apt-get update -q && apt-get install -q -y --no-install-recommends $(PACKAGES); \
		else echo "missing:$$missing — install them: sudo apt-get install $(PACKAGES)" >&2; exit 1; fi; fi

web/node_modules/.package-lock.json: web/package-lock.json
	@command -v npm >/dev/null || { echo "missing: npm — install Node.js 20 or later" >&2; exit 1; }
	cd web && npm ci --no-audit --no-fund
	@touch $@

# The barcode reader of the page /scan: fetched by the lock file, embedded in
# labeld, never committed.
$(SCANNER): web/node_modules/.package-lock.json
	cp web/node_modules/zxing-wasm/LICENSE web/browser/zxing_license.txt
	cp web/node_modules/zxing-wasm/dist/reader/zxing_reader.wasm web/browser/zxing_reader.wasm
	cp web/node_modules/zxing-wasm/dist/iife/reader/index.js $@

# The letters of printed labels: a font cut to the words that are on them.
$(LETTERS): web/node_modules/.package-lock.json web/artwork/letters.mjs web/i18n/en.json web/i18n/ja.json
	node web/artwork/letters.mjs

clean: ## what was built
	rm -rf bin web/node_modules web/browser/zxing_* web/artwork/letters/letters*
