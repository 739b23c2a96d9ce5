package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"tegata/registry/observer"
)

// pdfTime is how long the reading of one PDF may take.
const pdfTime = 20 * time.Second

// readPDF reads the text of a PDF in a process of its own, which is ended where it
// takes too long.
func readPDF(ctx context.Context, path string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, pdfTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, self, "text", "-pdf", path)
	cmd.Env = []string{"GOMAXPROCS=1"}
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%w: %.200s", err, said.String())
	}
	return out.String(), nil
}

// text prints the text of a PDF, as the observer reads it.
func text(_ context.Context, args []string, stdout, stderr io.Writer) error {
	var path string
	err := flags("text", args, stderr, func(f *flag.FlagSet) { f.StringVar(&path, "pdf", "", "the `file`") }, "pdf")
	if err != nil {
		return err
	}
	return observer.ReadPDF(path, stdout)
}
