package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"tegata/cmd/labeld/backup"
	"tegata/cmd/labeld/folder"
)

// backUp copies a registry into one file. Where a server has it open, the server
// copies it, and goes on.
func backUp(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var data, to string
	var withKeys bool
	err := flags("backup", args, stderr, func(f *flag.FlagSet) {
		f.StringVar(&data, "data", "", "the registry's `folder`")
		f.StringVar(&to, "o", "", "the `file` to make, or a folder to make it in, under a name of its own; nothing is written over")
		f.BoolVar(&withKeys, "keys", false, "put the registry's own private keys in too: whoever reads the backup can then sign as the registry")
	}, "data", "o")
	if err != nil {
		return err
	}
	d := folder.Folder(data)
	b, err := backup.Make(ctx, d, to, withKeys, progress(stderr, "MiB"))
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s\n  log     %s\n  size    %d entries\n  root    %s\n  dated   %s\n  sha256  %x\n", b.Name, b.Head.Origin, b.Head.Size, b.Head.Root, b.Dated.Format(time.RFC3339), b.SHA256)
	if !withKeys {
		own := d.Keys()
		fmt.Fprintf(stdout, "It does not hold the registry's keys, without which nobody can go on writing this log: keep %s, %s and %s elsewhere.\n", own[0], own[1], own[2])
		return nil
	}
	fmt.Fprintln(stdout, "It holds the registry's private keys: keep it as you keep those.")
	if len(b.Tokens) > 0 {
		fmt.Fprintf(stdout, "Of %s it holds no key, only in which token that is: without the token, or a copy that its maker can make, nobody can use it.\n", strings.Join(b.Tokens, " and "))
	}
	return nil
}
