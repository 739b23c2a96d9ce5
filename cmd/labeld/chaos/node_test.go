//go:build chaos && linux

package chaos

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tegata/registry/sequencer/etcd/etcdtest"
)

// A node is one labeld, with a folder and an address that outlive it.
type node struct {
	number  int
	data    string // its folder, a file system of its own
	clock   string // the file that says how far its clock is ahead
	address string
	host    *etcdtest.Host // nil on loopback
	args    []string
	process *exec.Cmd
	log     *os.File
}

// diskSize is the size of a node's disk: enough for a run, and soon full.
const diskSize = "512m"

// mount gives the node a disk of its own.
func (n *node) mount(t *testing.T) {
	t.Helper()
	run(t, "mount", "-t", "tmpfs", "-o", "size="+diskSize+",mode=700", "tegata-chaos", n.data)
	t.Cleanup(func() { exec.Command("umount", n.data).Run() })
}

// ballast is the file that a disk is filled with.
func (n *node) ballast() string { return filepath.Join(n.data, "ballast") }

// fill fills the node's disk.
func (n *node) fill() error {
	f, err := os.Create(n.ballast())
	if err != nil {
		return err
	}
	defer f.Close()
	for piece := make([]byte, 1<<20); len(piece) > 0; {
		if _, err := f.Write(piece); err != nil {
			piece = piece[:len(piece)/2]
		}
	}
	return nil
}

// empty takes the ballast away.
func (n *node) empty() error { return os.Remove(n.ballast()) }

// start starts the node and waits until it listens.
func (n *node) start() error {
	args := n.args
	if n.host != nil {
		args = append(append([]string{}, n.host.Through...), args...)
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), "CHAOS_CLOCK="+n.clock)
	cmd.Stderr = n.log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return err
	}
	n.process = cmd
	said := bufio.NewScanner(out)
	for said.Scan() {
		if strings.Contains(said.Text(), "http://") {
			return nil
		}
	}
	cmd.Wait()
	n.process = nil
	return fmt.Errorf("node %d ended before it answered", n.number)
}

// signal sends it a signal.
func (n *node) signal(s os.Signal) error {
	if n.process == nil {
		return nil
	}
	return n.process.Process.Signal(s)
}

// kill ends it as kill -9 does.
func (n *node) kill() {
	if n.process == nil {
		return
	}
	n.signal(syscall.SIGKILL)
	n.process.Wait()
	n.process = nil
}

// jump sets its clock.
func (n *node) jump(ahead time.Duration) error {
	next := n.clock + ".new"
	if err := os.WriteFile(next, []byte(ahead.String()), 0o600); err != nil {
		return err
	}
	return os.Rename(next, n.clock)
}

// enter sends a statement to the node. The index is -1 where it is not known
// whether it was entered; an error says that it was refused.
func (n *node) enter(client *http.Client, token string) (index int64, err error) {
	resp, err := client.Post("http://"+n.address+"/api/v1/statements", "application/jose", strings.NewReader(token))
	if err != nil {
		return -1, nil
	}
	defer resp.Body.Close()
	var body struct {
		Index int64  `json:"index"`
		Code  string `json:"code"`
	}
	var text bytes.Buffer
	if _, err := text.ReadFrom(resp.Body); err != nil {
		return -1, nil
	}
	switch resp.StatusCode {
	case http.StatusCreated, http.StatusOK:
		if err := json.Unmarshal(text.Bytes(), &body); err != nil {
			return -1, err
		}
		return body.Index, nil
	case http.StatusServiceUnavailable, http.StatusInsufficientStorage, http.StatusInternalServerError:
		return -1, nil
	}
	return -1, fmt.Errorf("%s: %s", resp.Status, text.Bytes())
}

// ask asks the node about a code.
func (n *node) ask(client *http.Client, code string) (r read, ok bool) {
	resp, err := client.Get("http://" + n.address + "/api/v1/verify/" + code)
	if err != nil {
		return r, false
	}
	defer resp.Body.Close()
	var body struct {
		Log struct {
			Size int64  `json:"size"`
			Root string `json:"root"`
		} `json:"log"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&body); err != nil || resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusNotFound {
		return r, false
	}
	return read{node: n.number, code: code, known: resp.StatusCode == http.StatusOK, size: body.Log.Size, root: body.Log.Root}, true
}

func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}
