package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"tegata/verify"
	"tegata/verify/envelope"
)

// hold NAME: the process started last is called so from now on.
func hold(ts *testscript.TestScript, _ bool, args []string) {
	ts.Value("held").(map[string]process)[args[0]] = *ts.Value("server").(*process)
}

// cut NAME: ends a process without a word, as a loss of power does.
func cut(ts *testscript.TestScript, _ bool, args []string) {
	p, ok := ts.Value("held").(map[string]process)[args[0]]
	if !ok {
		ts.Fatalf("no process is called %q", args[0])
	}
	ts.Check(p.cmd.Process.Kill())
	p.cmd.Wait()
}

// capture NAME PATTERN: what the pattern's group matches of the last command's
// standard output becomes $NAME.
func capture(ts *testscript.TestScript, _ bool, args []string) {
	found := regexp.MustCompile(args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if found == nil {
		ts.Fatalf("no %q in %q", args[1], ts.ReadFile("stdout"))
	}
	ts.Setenv(args[0], found[1])
}

// await PATH PATTERN: asks the server until the answer matches, for ten seconds
// at most.
func await(ts *testscript.TestScript, _ bool, args []string) {
	client, want, seen := http.Client{Timeout: 10 * time.Second}, regexp.MustCompile(args[1]), []byte(nil)
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		resp, err := client.Get(ts.Getenv("URL") + args[0])
		ts.Check(err)
		seen, err = io.ReadAll(resp.Body)
		resp.Body.Close()
		ts.Check(err)
		if want.Match(seen) {
			return
		}
	}
	ts.Fatalf("%s does not become %q in ten seconds: %s", args[0], args[1], seen)
}

// appear PATTERN: waits until a file of that name is there, for twenty seconds
// at most; what is in it goes to standard output.
func appear(ts *testscript.TestScript, _ bool, args []string) {
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		names, err := filepath.Glob(ts.MkAbs(args[0]))
		ts.Check(err)
		if len(names) > 0 {
			text, err := os.ReadFile(names[0])
			ts.Check(err)
			ts.Stdout().Write(text)
			return
		}
	}
	ts.Fatalf("no %s in twenty seconds", args[0])
}

// enrol KEY ID [FILE]: has the operator whose key it is enrol an issuer of that id
// with the server; the issuer's key goes to the file.
func enrol(ts *testscript.TestScript, _ bool, args []string) {
	operator, err := readSigner(ts.MkAbs(args[0]))
	ts.Check(err)
	theirs, err := envelope.NewSigner()
	ts.Check(err)
	if len(args) > 2 {
		text, err := theirs.PrivateJWK()
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs(args[2]), text, 0o600))
	}
	now := time.Now().UTC().Truncate(time.Second)
	token, err := operator.SealStatement(verify.Statement{
		Head: verify.Head{Kind: verify.PartyEnrolled, Origin: "labels.example", By: operatorID, Made: now},
		Body: &verify.Enrolled{Party: verify.Party{
			ID: verify.PartyID(args[1]), Name: verify.Text{EN: args[1]}, Role: verify.Issuer,
			Jurisdiction: verify.JP, Keys: []verify.JWK{theirs.Key().JWK()}, From: now,
		}},
	})
	ts.Check(err)
	client := http.Client{Timeout: 10 * time.Second}
	resp, err := client.Post(ts.Getenv("URL")+"/api/v1/statements", "application/jose", bytes.NewReader(token))
	ts.Check(err)
	defer resp.Body.Close()
	if body, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusCreated {
		ts.Fatalf("%s: %s", resp.Status, body)
	}
}
