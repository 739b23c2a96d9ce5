package bench

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Cores of what serves and of what asks.
const (
	serverCore = "0"
	loadCore   = "1"
)

// How the test binary is told to be the bare server: the file with the bytes it
// answers with, and the header, as JSON.
const (
	bareFile   = "TEGATA_BENCH_BARE"
	bareHeader = "TEGATA_BENCH_HEADER"
)

// A bench is one run: programs that are built, servers that run until it ends.
type bench struct {
	testing.TB
	dir    string // for files, and the programs in bin
	pinned bool
	pids   map[string][]int // of servers, by their addresses; what they start counts with them
	made   *labeld
	store  *large
}

func newBench(tb testing.TB) *bench {
	b := &bench{TB: tb, dir: tb.TempDir(), pids: map[string][]int{}}
	if out, err := exec.Command("go", "build", "-trimpath", "-o", filepath.Join(b.dir, "bin")+"/", "tegata/cmd/...").CombinedOutput(); err != nil {
		tb.Fatalf("%v\n%s", err, out)
	}
	if _, err := exec.LookPath("taskset"); err == nil && runtime.NumCPU() > 1 {
		b.pinned = true
		b.run("taskset", "-a", "-p", "-c", loadCore, strconv.Itoa(os.Getpid()))
	} else {
		fmt.Println("taskset or a second core is missing: what serves and what asks take time from each other")
	}
	return b
}

// run runs a command to its end and returns what it prints.
func (b *bench) run(name string, args ...string) string {
	b.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		b.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// bin is the path of one of our programs.
func (b *bench) bin(name string) string { return filepath.Join(b.dir, "bin", name) }

// serve starts a server on its core, ends it when the run ends, and waits until
// it takes connections at the address. What it prints goes to a file.
func (b *bench) serve(address string, env []string, name string, args ...string) {
	b.Helper()
	if b.pinned {
		name, args = "taskset", append([]string{"-c", serverCore, name}, args...)
	}
	cmd := exec.Command(name, args...)
	cmd.Env = append(append(os.Environ(), "GOMAXPROCS=1"), env...)
	log, err := os.CreateTemp(b.dir, "log")
	if err != nil {
		b.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		log.Close()
	})
	for until := time.Now().Add(20 * time.Second); ; {
		c, err := net.Dial("tcp", address)
		if err == nil {
			c.Close()
			b.pids[address] = []int{cmd.Process.Pid}
			return
		}
		if time.Now().After(until) {
			text, _ := os.ReadFile(log.Name())
			b.Fatalf("%s does not answer at %s: %s", name, address, text)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// freeAddress is one that nobody listens on.
func (b *bench) freeAddress() string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// spent is the processor time that the server at an address has taken so far, with
// what it started; false where the system does not tell.
func (b *bench) spent(address string) (sum time.Duration, told bool) {
	for _, pid := range b.pids[address] {
		own, ok := spent(strconv.Itoa(pid))
		if !ok {
			return 0, false
		}
		sum += own
		children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", pid))
		for _, child := range strings.Fields(string(children)) {
			theirs, _ := spent(child) // one that has ended counts with its parent
			sum += theirs
		}
	}
	return sum, len(b.pids[address]) > 0
}

// spent is the processor time of one process and of those that it waited for.
func spent(pid string) (sum time.Duration, told bool) {
	text, err := os.ReadFile("/proc/" + pid + "/stat")
	_, after, _ := strings.Cut(string(text), ") ") // proc(5): the name may hold anything but that
	fields := strings.Fields(after)
	if err != nil || len(fields) < 15 {
		return 0, false
	}
	for _, field := range fields[11:15] { // utime, stime, cutime, cstime
		hundredths, err := strconv.Atoi(field)
		if err != nil {
			return 0, false
		}
		sum += time.Duration(hundredths) * (time.Second / 100)
	}
	return sum, true
}

// A labeld is the real server with a registry of its own: that of the demo, served
// as registries are.
type labeld struct {
	address string
	code    string // of a label that counts in both places, of a product of many models
	plain   string // of one that counts in Japan, of a product of one model
}

// labeld starts it, once for all jobs.
func (b *bench) labeld() *labeld {
	b.Helper()
	if b.made != nil {
		return b.made
	}
	data := filepath.Join(b.dir, "data")
	codes := b.demo(data)
	b.made = &labeld{b.freeAddress(), codes[0], codes[2]}
	b.serve(b.made.address, nil, b.bin("labeld"), "serve", "-data", data, "-listen", b.made.address, "-url", "https://labels.example")
	return b.made
}

// demo makes the registry of the demo in a folder and returns the codes that it
// tells of first.
func (b *bench) demo(data string) (codes []string) {
	b.Helper()
	cmd := exec.Command(b.bin("labeld"), "demo", "-data", data, "-listen", "127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for len(codes) < 3 && lines.Scan() {
		if m := regexp.MustCompile(`/v/([0-9A-Z]{12})\b`).FindStringSubmatch(lines.Text()); m != nil {
			codes = append(codes, m[1])
		}
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		b.Fatal(err)
	}
	io.Copy(io.Discard, out)
	if err := cmd.Wait(); err != nil || len(codes) < 3 {
		b.Fatalf("labeld demo: %v, codes %q", err, codes)
	}
	return codes
}

// bare starts net/http with a handler that writes what an address answers with and
// does nothing else, and returns its address. Of the header it sends what tells of
// the body, or all.
func (b *bench) bare(url string, all bool) string {
	b.Helper()
	file, header := b.saved(url)
	if !all {
		header = http.Header{"Content-Type": header["Content-Type"]}
	}
	header.Del("Date") // which net/http adds
	sent, err := json.Marshal(header)
	if err != nil {
		b.Fatal(err)
	}
	address := b.freeAddress()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	b.serve(address, []string{bareFile + "=" + file, bareHeader + "=" + string(sent)}, self, "-test.run=^$", address)
	return "http://" + address
}

// saved writes what an address answers with into a file.
func (b *bench) saved(url string) (file string, header http.Header) {
	b.Helper()
	answer, err := http.Get(url)
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		b.Fatalf("%s: %d, %v", url, answer.StatusCode, err)
	}
	f, err := os.CreateTemp(b.dir, "answer")
	if err == nil {
		_, err = f.Write(body)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		b.Fatal(err)
	}
	return f.Name(), answer.Header
}

// bare serves the bytes of a file at the address that is the last argument.
func bare(file, header string) error {
	body, err := os.ReadFile(file)
	sent := http.Header{}
	if err = errors.Join(err, json.Unmarshal([]byte(header), &sent)); err != nil {
		return err
	}
	sent.Set("Content-Length", strconv.Itoa(len(body)))
	return http.ListenAndServe(os.Args[len(os.Args)-1], http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		maps.Copy(w.Header(), sent)
		w.Write(body)
	}))
}

// static starts nginx with a file of the same bytes and returns its address; empty
// where nginx is not installed.
func (b *bench) static(url string) string {
	b.Helper()
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		return ""
	}
	root := filepath.Join(b.dir, "static")
	if err := os.MkdirAll(root, 0o755); err != nil {
		b.Fatal(err)
	}
	file, header := b.saved(url)
	if err := os.Rename(file, filepath.Join(root, "answer")); err != nil {
		b.Fatal(err)
	}
	address, config := b.freeAddress(), filepath.Join(b.dir, "nginx.conf")
	user := ""
	if os.Geteuid() == 0 {
		user = "user root;\n"
	}
	text := fmt.Sprintf(`%sdaemon off; master_process off; pid %[2]s/nginx.pid; error_log %[2]s/nginx.err;
events { worker_connections 1024; multi_accept on; }
http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; default_type %[3]s;
  open_file_cache max=10 inactive=600s; open_file_cache_valid 600s;
  server { listen %[4]s; root %[5]s; } }
`, user, b.dir, header.Get("Content-Type"), address, root)
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		b.Fatal(err)
	}
	b.serve(address, nil, nginx, "-c", config, "-e", filepath.Join(b.dir, "nginx.err"))
	return "http://" + address + "/answer"
}
