package registry_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify/tlog"
)

var kills = flag.Int("kills", 3, "how often to kill a process that writes")

// Settings of the process that is killed: its file, its tokens one a line, and
// the seed of its keys.
const (
	childFile   = "REGISTRY_TEST_FILE"
	childTokens = "REGISTRY_TEST_TOKENS"
	childSeed   = "REGISTRY_TEST_SEED"
)

func TestMain(m *testing.M) {
	if os.Getenv(childFile) != "" {
		if err := child(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// realTime is a configuration with the host's clock and keys made from a seed
// of 32 bytes in hexadecimal digits.
func realTime(seed string) (registry.Config, error) {
	b, err := hex.DecodeString(seed)
	if err != nil {
		return registry.Config{}, err
	}
	log, err := tlog.NewLogSigner(registrytest.Origin, ed25519.NewKeyFromSeed(b))
	if err != nil {
		return registry.Config{}, err
	}
	b[0]++
	cosigner, err := tlog.NewCosigner(registrytest.Origin+"/cosigner", ed25519.NewKeyFromSeed(b))
	return registry.Config{Log: log, Cosigner: cosigner}, err
}

// child enters tokens, eight at a time, and writes index and leaf of each
// receipt when it has it. It does not end: it is killed.
func child() error {
	config, err := realTime(os.Getenv(childSeed))
	if err != nil {
		return err
	}
	text, err := os.ReadFile(os.Getenv(childTokens))
	if err != nil {
		return err
	}
	registry.FileRows(1, 300) // most rows wait when it is killed
	r, err := registry.Open(os.Getenv(childFile), config)
	if err != nil {
		return err
	}
	tokens := bytes.Split(text, []byte("\n"))
	failed := make(chan error)
	for w := range 8 {
		go func() {
			for i := w; i < len(tokens); i += 8 {
				receipt, err := r.Append(context.Background(), tokens[i])
				if err != nil {
					failed <- fmt.Errorf("token %d: %w", i, err)
				}
				// One write of less than a page: lines do not mix.
				fmt.Printf("%d %d %s\n", i, receipt.Index, receipt.Leaf)
			}
		}()
	}
	return <-failed
}

// TestKilled kills the writing process: what it gave a receipt for is in the
// log when the file is opened again, and the log is whole.
func TestKilled(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	keys := hex.EncodeToString(bytes.Repeat([]byte{byte(seed), byte(seed >> 8), 3, 4}, 8))

	k := registrytest.New(t)
	var err error
	if k.Config, err = realTime(keys); err != nil {
		t.Fatal(err)
	}
	k.Config.Now = k.Clock.Now // the story's parties are of January 2026
	k.Begin(t)
	k.Config.Now = nil
	k.Clock.Set(time.Now())
	var known []string // index and leaf of all receipts
	for round := range *kills {
		if err := k.Registry.Close(); err != nil {
			t.Fatal(err)
		}
		first := int64(round) * 1500
		tokens := labels(t, k, first, 1500)
		given := killOnce(t, k, keys, tokens, 1+rng.IntN(600))
		known = append(known, given...)

		r, err := registry.Open(k.Path, k.Config)
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		k.Registry = r
		t.Logf("round %d: killed after %d receipts, with %d entries", round, len(given), r.Head().Size)
		for _, line := range known {
			var token, index int64
			var leaf string
			if _, err := fmt.Sscan(line, &token, &index, &leaf); err != nil {
				t.Fatal(err)
			}
			receipt, err := r.Receipt(index)
			if err != nil || receipt.Leaf.String() != leaf {
				t.Errorf("round %d: entry %d has the leaf %s, %v, want %s", round, index, receipt.Leaf, err, leaf)
			}
		}
		// The one who got no receipt says it again, and it stands once.
		for _, token := range tokens[:50] {
			k.Append(t, token)
		}
		k.Indexed(t)
		k.CheckLog(t)
	}
	if err := k.Registry.Close(); err != nil {
		t.Error(err)
	}
}

// killOnce runs a child until it has given so many receipts, kills it, and
// returns all that it gave.
func killOnce(t *testing.T, k *registrytest.Kit, seed string, tokens [][]byte, after int) (given []string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "tokens")
	if err := os.WriteFile(file, bytes.Join(tokens, []byte("\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childFile+"="+k.Path, childTokens+"="+file, childSeed+"="+seed)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	kill := func() { once.Do(func() { cmd.Process.Kill() }) } // SIGKILL, to this one process
	defer kill()
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			break // a line that was cut off was not given
		}
		given = append(given, line)
		if len(given) == after {
			kill()
		}
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != -1 {
		t.Fatalf("child ended with %v: %s", err, said.String())
	}
	if len(given) < after {
		t.Fatalf("child gave %d receipts, want %d", len(given), after)
	}
	return given
}
