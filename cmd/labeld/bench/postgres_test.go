package bench

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// documents is how many the table of [bench.postgres] has.
const documents = 20_000

// signedAnewPostgres: a verdict that is worked out and signed for each who asks, beside
// a handler that reads one that was signed before from PostgreSQL on the same core.
func signedAnewPostgres(b *bench) *job {
	path := "/api/v1/verify/" + b.labeld().plain + ".jwt?in=JP&model="
	token, _ := b.saved("http://" + b.labeld().address + path + "0")
	theirs := b.postgres(token)
	if theirs == "" {
		return nil
	}
	return &job{beside: "Go handler over PostgreSQL that signs nothing, as many bytes", unit: "req/s", must: 1,
		ours: b.of("http://" + b.labeld().address + path + varied), theirs: b.of(theirs)}
}

// postgres starts PostgreSQL and the handler, and returns its address; empty where
// PostgreSQL is not installed (Debian's package postgresql).
func (b *bench) postgres(token string) string {
	b.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if path, err := exec.LookPath("initdb"); err == nil && len(found) == 0 {
		found = append(found, path)
	}
	if len(found) == 0 {
		return ""
	}
	bin := filepath.Dir(slices.Max(found))
	handler := filepath.Join(b.dir, "bin", "postgres")
	b.run("go", "build", "-C", "postgres", "-o", handler, ".")

	data, err := os.MkdirTemp("", "postgres")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { os.RemoveAll(data) })
	var as []string // PostgreSQL does not run as root
	if os.Geteuid() == 0 {
		as = []string{"setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"}
		b.run("chown", "postgres", data)
	}
	initdb := append(slices.Clone(as), filepath.Join(bin, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
	b.run(initdb[0], initdb[1:]...)
	store := b.freeAddress()
	_, port, err := net.SplitHostPort(store)
	if err != nil {
		b.Fatal(err)
	}
	server := append(slices.Clone(as), filepath.Join(bin, "postgres"), "-D", data, "-h", "127.0.0.1", "-p", port, "-k", data, "-c", "shared_buffers=512MB")
	b.serve(store, nil, server[0], server[1:]...)
	b.Cleanup(func() { b.stopPostgres(store, data) })

	address := b.freeAddress()
	dsn := url.URL{Scheme: "postgres", User: url.User("postgres"), Host: store, Path: "/postgres"}
	b.serve(address, nil, handler, "-dsn", dsn.String(), "-listen", address, "-token", token, "-count", fmt.Sprint(documents))
	b.pids[address] = append(b.pids[address], b.pids[store]...)
	return "http://" + address + "/" + varied
}

// stopPostgres has it end its processes, which a kill would leave behind.
func (b *bench) stopPostgres(store, data string) {
	if err := syscall.Kill(b.pids[store][0], syscall.SIGINT); err != nil {
		b.Error(err)
	}
	for until := time.Now().Add(10 * time.Second); time.Now().Before(until); time.Sleep(50 * time.Millisecond) {
		if _, err := os.Stat(filepath.Join(data, "postmaster.pid")); err != nil {
			return
		}
	}
	b.Error("PostgreSQL does not end")
}
