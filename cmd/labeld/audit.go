package main

import (
	"context"
	"flag"
	"io"

	"tegata/cmd/labeld/audit"
	"tegata/cmd/labeld/folder"
)

// auditLog replays the log of a registry. Where a server has it open, the server
// does it, asked over the socket in the folder, which only the folder's owner
// can open.
func auditLog(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var data string
	var with audit.Against
	err := flags("audit", args, stderr, func(f *flag.FlagSet) {
		f.StringVar(&data, "data", "", "the registry's `folder`")
		with.Flags(f)
	}, "data")
	if err != nil {
		return err
	}
	found, err := audit.Folder(ctx, folder.Folder(data), with, progress(stderr, "entries"))
	if err != nil {
		return err
	}
	return found.Print(stdout)
}
