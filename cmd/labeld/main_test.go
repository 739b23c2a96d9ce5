package main

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"tegata/verify/envelope"
	"tegata/verify/keys/keystest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"labeld": main})
}

// TestScripts plays the stories of testdata/script with the real command.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Values["server"] = new(process)
			env.Values["held"] = map[string]process{}
			env.Values["liars"] = map[string]*liar{}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"start": start, "interrupt": interrupt, "get": get, "keygen": keygen, "spoil": spoil,
			"hold": hold, "cut": cut, "capture": capture, "await": await, "appear": appear, "enrol": enrol, "keep": keep,
			"between": between, "lie": lie, "free": free,
			"token": token, "labelctl": labelctl, "crash": crash,
		},
	})
}

// A process is the server that a script started last.
type process struct {
	cmd    *exec.Cmd
	stdout *bufio.Reader
}

// start ARG…: runs labeld until it says the address it answers on, which becomes
// $URL.
func start(ts *testscript.TestScript, _ bool, args []string) {
	cmd := exec.Command("labeld", args...)
	cmd.Dir = ts.Getenv("WORK")
	cmd.Env = append(os.Environ(), "PATH="+ts.Getenv("PATH"), keystest.Setting+"="+ts.Getenv(keystest.Setting))
	cmd.Path, _ = lookPath(ts, "labeld")
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Defer(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	r := bufio.NewReader(out)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			ts.Fatalf("it ended before it answered: %v", err)
		}
		io.WriteString(ts.Stdout(), line)
		if _, address, found := strings.Cut(line, "http://"); found {
			address, _, _ = strings.Cut(strings.TrimSpace(address), "/")
			ts.Setenv("URL", "http://"+address)
			break
		}
	}
	*ts.Value("server").(*process) = process{cmd, r}
}

func lookPath(ts *testscript.TestScript, name string) (string, error) {
	for dir := range strings.SplitSeq(ts.Getenv("PATH"), string(os.PathListSeparator)) {
		if path := dir + "/" + name; isFile(path) {
			return path, nil
		}
	}
	return "", exec.ErrNotFound
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// token LABEL: makes a token. $TOKEN and $MODULE are the URI of a key in it, but
// for which key: "pkcs11:token=LABEL" and "?module-path=…&pin-source=…".
func token(ts *testscript.TestScript, _ bool, args []string) {
	dir := ts.MkAbs("hsm")
	u, err := keystest.Token(dir, args[0])
	ts.Check(err)
	conf, err := keystest.Store(dir)
	ts.Check(err)
	ts.Setenv(keystest.Setting, conf)
	begin, end, _ := strings.Cut(u.String(), "?")
	ts.Setenv("TOKEN", begin)
	ts.Setenv("MODULE", "?"+end)
}

// labelctl: puts the tool of those who check into the script's path.
func labelctl(ts *testscript.TestScript, _ bool, _ []string) {
	build := exec.Command("go", "build", "-o", ts.MkAbs("bin")+"/", "tegata/cmd/labelctl")
	said, err := build.CombinedOutput()
	if err != nil {
		ts.Fatalf("%v: %s", err, said)
	}
	ts.Setenv("PATH", ts.MkAbs("bin")+string(os.PathListSeparator)+ts.Getenv("PATH"))
}

// crash: ends the server at once, as a loss of power does.
func crash(ts *testscript.TestScript, _ bool, _ []string) {
	running := ts.Value("server").(*process)
	ts.Check(running.cmd.Process.Kill())
	running.cmd.Wait()
}

// interrupt: asks the server to stop, and requires that it ends in good order.
func interrupt(ts *testscript.TestScript, _ bool, _ []string) {
	running := ts.Value("server").(*process)
	ts.Check(running.cmd.Process.Signal(os.Interrupt))
	io.Copy(ts.Stdout(), running.stdout)
	ts.Check(running.cmd.Wait())
}

// get PATH: asks the server; the status and the body go to standard output.
func get(ts *testscript.TestScript, _ bool, args []string) {
	client := http.Client{Timeout: 10 * time.Second}
	resp, err := client.Get(ts.Getenv("URL") + args[0])
	ts.Check(err)
	defer resp.Body.Close()
	io.WriteString(ts.Stdout(), resp.Status+"\n")
	io.Copy(ts.Stdout(), resp.Body)
}

// keep PATH FILE: writes what the server answers to a file.
func keep(ts *testscript.TestScript, _ bool, args []string) {
	client := http.Client{Timeout: 10 * time.Second}
	resp, err := client.Get(ts.Getenv("URL") + args[0])
	ts.Check(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	ts.Check(err)
	if resp.StatusCode != http.StatusOK {
		ts.Fatalf("%s: %s", resp.Status, body)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), body, 0o600))
}

// keygen FILE: writes a private key.
func keygen(ts *testscript.TestScript, _ bool, args []string) {
	s, err := envelope.NewSigner()
	ts.Check(err)
	text, err := s.PrivateJWK()
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), text, 0o600))
}

// spoil FILE TEXT: changes the last byte of every place where the file has the
// text.
func spoil(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	b, err := os.ReadFile(path)
	ts.Check(err)
	text := strings.ReplaceAll(string(b), args[1], args[1][:len(args[1])-1]+"#")
	if text == string(b) {
		ts.Fatalf("%s does not have %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(path, []byte(text), 0o600))
}
