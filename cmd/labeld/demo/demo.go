// Package demo makes a registry of parties, labels and declarations that do not
// exist. Together they show every status and every outcome that there is.
package demo

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"tegata/cmd/labeld/folder"
	"tegata/registry"
	"tegata/verify"
)

// Origin is the log of the demo.
const Origin = "demo.tegata.example"

// New makes the demo's registry in the folder, with keys of its own. Its clock runs
// through the months before now, and then goes on as now does.
func New(ctx context.Context, d folder.Folder, now func() time.Time) (*registry.Registry, error) {
	if err := d.Make(Origin, nil); err != nil {
		return nil, err
	}
	c, err := d.Config()
	if err != nil {
		return nil, err
	}
	s := newStage(now().UTC().Truncate(time.Second))
	c.Now = s.clock(now)
	s.act()
	r, err := s.play(ctx, d.Registry(), c)
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	return r, nil
}

// Code is the code of a demo record: always the same for the same name, so that its
// address can be written down.
func Code(name string) verify.Code {
	sum := sha256.Sum256([]byte(name))
	return verify.NewCode([7]byte(sum[:7]))
}
