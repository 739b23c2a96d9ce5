package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"tegata/cmd/labeld/audit"
	"tegata/cmd/labeld/backup"
	"tegata/cmd/labeld/folder"
)

// restore makes the folder of a registry from a backup or a kit, and shows that what
// it made is whole before anybody can open it.
func restore(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var from, data string
	var on backup.Terms
	err := flags("restore", args, stderr, func(f *flag.FlagSet) {
		f.StringVar(&from, "from", "", "the `backup` that labeld backup made, or the folder that labeld export made")
		f.StringVar(&data, "data", "", "the `folder` to make; nothing may be in it")
		f.StringVar(&on.Keys, "keys", "", "`folder` with log.key, cosigner.key and answer.key, where the backup does not hold them; without them it is a mirror")
		f.BoolVar(&on.Behind, "behind", false, "restore also what lacks entries that the checkpoint has; whoever goes on writing it makes a second history")
		on.Against.Flags(f)
	}, "from", "data")
	if err != nil {
		return err
	}
	r, err := backup.Restore(ctx, from, folder.Folder(data), on, progress(stderr, "entries"))
	if err != nil && !errors.Is(err, audit.ErrFaults) {
		return err
	}
	if err := r.Print(stdout); err != nil {
		fmt.Fprintln(stdout, "nothing was restored")
		if r.Missing > 0 {
			fmt.Fprintf(stdout, "Where no later backup and no mirror has the %d entries, -behind restores what there is.\n", r.Missing)
		}
		return err
	}
	fmt.Fprintf(stdout, "restored %s\n  log    %s\n  size   %d entries\n  dated  %s\n", data, r.Head.Origin, r.Size, r.Dated.Format(time.RFC3339))
	if r.Mirror {
		fmt.Fprintln(stdout, "The registry's own keys are not here, so it is a mirror, which only reads: labeld serve -follow. With -keys it is the registry.")
	}
	if len(on.Against.Checkpoint) == 0 && len(on.Against.Trust) == 0 {
		fmt.Fprintln(stdout, "It was compared with nothing from elsewhere: whether it is the latest, and the log that others know, -checkpoint and -trust tell.")
	}
	return nil
}
