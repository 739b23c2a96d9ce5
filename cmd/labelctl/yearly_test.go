package main

import (
	"os"

	"github.com/rogpeppe/go-internal/testscript"

	"tegata/registry/registrytest"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
)

// miscount FILE NEW: has the registry sign a yearly report again with one more
// label issued.
func miscount(ts *testscript.TestScript, _ bool, args []string) {
	e, err := envelope.OpenAs(envelope.Yearly, []byte(ts.ReadFile(args[0])))
	ts.Check(err)
	y, err := bundle.ParseYearly(e.Payload)
	ts.Check(err)
	y.Counts[0].Count++
	token, err := ts.Value("kit").(*registrytest.Kit).Config.Answer.SealAs(envelope.Yearly, y.Payload())
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(token), 0o666))
}
