package browser

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"tegata/cmd/labeld/demo"
	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/pack"
)

// TestPacks: the evidence pack of every record of the demo, and one of a list,
// hold where there is no network: in a namespace without any interface that is up.
// With one byte of any file another, in an archive that is whole, they do not.
func TestPacks(t *testing.T) {
	address, r := demoServer(t)
	dir := t.TempDir()
	trust := fetch(t, address+"/api/v1/trust")
	write(t, dir, "labels.trust", trust)
	tool := filepath.Join(dir, "labelctl")
	if out, err := exec.Command("go", "build", "-o", tool, "../../labelctl").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	pinned, err := bundle.ParseTrust(trust)
	if err != nil {
		t.Fatal(err)
	}
	codes := demoCodes(t, r)
	if len(codes) < 40 {
		t.Fatalf("got %d records, want 40 at least", len(codes))
	}
	packs := map[string]string{"unknown.zip": "/api/v1/packs/000000000012.zip"}
	var list []string
	for _, code := range codes {
		packs[string(code)+".zip"] = "/api/v1/packs/" + string(code) + ".zip"
		list = append(list, "code="+string(code))
	}
	slices.Sort(list)
	packs["list.zip"] = "/api/v1/packs?in=GB-NIR&" + strings.Join(list, "&")
	for name, path := range packs {
		data := fetch(t, address+path)
		write(t, dir, name, data)
		out, status := alone(t, dir, tool, "verify", "-pack", name, "-trust", "labels.trust", "-json")
		var said struct{ Codes []verify.Code }
		if err := json.Unmarshal(out, &said); status != 0 || err != nil || len(said.Codes) != max(1, strings.Count(path, "code=")) {
			t.Errorf("%s: got status %d, %.300s", name, status, out)
		}
		if name == "list.zip" {
			continue // of the same files
		}
		for file, altered := range alterations(t, data) {
			if _, err := pack.Open(bytes.NewReader(altered), int64(len(altered)), pinned); err == nil {
				t.Errorf("%s: it holds with a byte of %s another", name, file)
			} else if file != pack.SumsName && file != pack.ManifestName && !strings.Contains(err.Error(), file) {
				t.Errorf("%s with a byte of %s another: got %v, want its name", name, file, err)
			}
		}
	}
	// What this test is worth: there nobody can be reached.
	if out, status := alone(t, dir, tool, "verify", "-to", address, string(demo.Router)); status != 2 || !strings.Contains(string(out), "network is unreachable") {
		t.Errorf("asked of the registry: got status %d, %s", status, out)
	}
}

// TestRecords does in Chromium what an officer does: the state of a day as it was
// known, what differs, by keyboard, in both languages, on a phone, on paper; and
// takes the evidence, which is then checked where there is no network.
func TestRecords(t *testing.T) {
	address, r := demoServer(t)
	dir := t.TempDir()
	write(t, dir, "labels.trust", fetch(t, address+"/api/v1/trust"))
	tool := filepath.Join(dir, "labelctl")
	if out, err := exec.Command("go", "build", "-o", tool, "../../labelctl").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	code := demo.Code("minato indoor") // revoked 80 days ago
	then := verify.DateOf(r.Head().Time, verify.London).AddDays(-100).String()
	given, err := json.Marshal(map[string]any{"code": code, "printed": code.Printed(), "before": then, "known": then, "dir": dir,
		"fact": map[string]string{"en": "Surveillance found S1.1-02 not met", "ja": "サーベイランスにより S1.1-02 への不適合を確認"}})
	if err != nil {
		t.Fatal(err)
	}
	browse(t, "testdata/records.mjs", given, address)
	packs, err := filepath.Glob(filepath.Join(dir, "*.zip"))
	if err != nil || len(packs) != 6 {
		t.Errorf("got %d packs, want 6", len(packs))
	}
	for _, name := range packs {
		if out, status := alone(t, dir, tool, "verify", "-pack", name, "-trust", "labels.trust"); status != 0 || !strings.Contains(string(out), "The pack holds: "+demo.Origin) {
			t.Errorf("%s: got status %d, %s", name, status, out)
		}
	}
}

// alterations are archives like that one, each with one byte of a file another,
// by its name.
func alterations(t *testing.T, data []byte) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]byte{}
	for _, changed := range z.File {
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		for _, f := range z.File {
			text := contents(t, f)
			h := f.FileHeader
			if f == changed {
				text[len(text)/3] ^= 1
				h.CRC32 = crc32.ChecksumIEEE(text)
			}
			to, err := w.CreateRaw(&h)
			if err == nil {
				_, err = to.Write(text)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		all[changed.Name] = out.Bytes()
	}
	return all
}

func contents(t *testing.T, f *zip.File) []byte {
	t.Helper()
	r, err := f.Open()
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// alone runs a command where there is no network.
func alone(t *testing.T, dir, tool string, args ...string) ([]byte, int) {
	t.Helper()
	cmd := exec.Command(tool, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LANG=en", "LC_ALL=en")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	if os.Getuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getuid(), HostID: os.Getuid(), Size: 1}}
	}
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(fmt.Errorf("no network namespace can be made here: %w; run as root, or let users make them (sysctl user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns)", err))
	}
	cmd.Wait()
	return said.Bytes(), cmd.ProcessState.ExitCode()
}
