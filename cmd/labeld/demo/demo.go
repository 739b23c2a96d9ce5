// Package demo makes a registry of parties, labels and declarations that do not
// exist. Together they show every status and every outcome that there is.
package demo

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"tegata/registry"
	"tegata/verify"
)

// Origin is the log of the demo.
const Origin = "demo.tegata.example"

// New makes the demo's registry in the file at path, which must not be there, with
// the keys of c, whose log is called Origin. Its clock runs through the months before
// now, and then goes on as now does.
func New(ctx context.Context, path string, c registry.Config, now func() time.Time) (*registry.Registry, error) {
	s := newStage(now().UTC().Truncate(time.Second))
	c.Now = s.clock(now)
	s.act()
	r, err := s.play(ctx, path, c)
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
