package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"time"

	"tegata/cmd/labeld/backup"
	"tegata/cmd/labeld/folder"
)

// export writes a continuity kit: the log, what it takes to check it, and what
// the registry answers, for a server that has nothing but files.
func export(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var data, to, url string
	err := flags("export", args, stderr, func(f *flag.FlagSet) {
		f.StringVar(&data, "data", "", "the registry's `folder`")
		f.StringVar(&to, "o", "", "the `folder` to make; nothing may be there")
		f.StringVar(&url, "url", "", "the `address` people reach the registry at; QR codes carry its host")
	}, "data", "o", "url")
	if err != nil {
		return err
	}
	k, err := backup.Export(ctx, folder.Folder(data), to, url, progress(stderr, "codes"))
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s\n  log     %s\n  size    %d entries\n  root    %s\n  as of   %s\n  files   %d, %d MiB\n",
		to, k.Head.Origin, k.Head.Size, k.Head.Root, k.AsOf.Format(time.RFC3339), k.Files, k.Bytes>>20)
	return nil
}
