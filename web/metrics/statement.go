package metrics

import (
	"errors"
	"time"

	"tegata/registry"
	"tegata/registry/sequencer"
	"tegata/verify"
	"tegata/verify/envelope"
)

// What becomes of a statement.
const (
	entered = iota
	before
	refused
	malformed
	unknownKey
	badSignature
	busy
	diskFull
	readOnly
	failed
	outcomes
)

var outcomeNames = [outcomes]string{"entered", "before", "refused", "malformed", "unknown_key", "bad_signature", "busy", "disk_full", "read_only", "failed"}

// Answered counts what became of a statement; it is for [registry.Config].
func (m *Metrics) Answered(r registry.Receipt, err error) {
	if m == nil {
		return
	}
	var no *registry.Refusal
	if errors.As(err, &no) {
		for class := range classesOf(no.Faults) {
			m.refused[class].Inc()
		}
	}
	m.outcomes[outcomeOf(r, err)].Inc()
}

func outcomeOf(r registry.Receipt, err error) int {
	var (
		no        *registry.Refusal
		elsewhere *sequencer.ReadOnly
	)
	switch {
	case err == nil && r.Fresh:
		return entered
	case err == nil:
		return before
	case errors.As(err, &no):
		return refused
	case errors.Is(err, envelope.ErrMalformed):
		return malformed
	case errors.Is(err, envelope.ErrKey):
		return unknownKey
	case errors.Is(err, envelope.ErrSignature):
		return badSignature
	case errors.Is(err, registry.ErrBusy):
		return busy
	case errors.Is(err, registry.ErrFull):
		return diskFull
	case errors.As(err, &elsewhere):
		return readOnly
	}
	return failed
}

// Committed counts a batch of statements; it is for [registry.Config].
func (m *Metrics) Committed(statements int, took time.Duration) {
	if m == nil {
		return
	}
	m.batches.Observe(float64(statements))
	m.waits.Observe(took.Seconds())
}

// classes of rules, as the package verify has them.
var classes = []string{"form", "authority", "order", "law"}

// classOfRule has all rules that are not of form.
var classOfRule = map[verify.FaultRule]string{
	verify.WrongOrigin: "authority", verify.WrongParty: "authority", verify.UnknownParty: "authority", verify.KeyNotYet: "authority",
	verify.KeyRetired: "authority", verify.WrongRole: "authority", verify.NotOwner: "authority", verify.WrongSide: "authority",
	verify.NotTerritory: "authority", verify.MadeAhead: "authority", verify.MadeLate: "authority", verify.MadeBefore: "authority",
	verify.KeyInUse: "authority", verify.KeyUnknown: "authority", verify.PartyInUse: "authority", verify.AlreadyBegun: "authority",
	verify.NotBegun: "authority",

	verify.CodeUsed: "order", verify.CodeUnknown: "order", verify.NumberUsed: "order", verify.NumberChanged: "order", verify.IDUsed: "order",
	verify.OtherScheme: "order", verify.Final: "order", verify.NotLater: "order", verify.TooFar: "order", verify.NotEarlier: "order",
	verify.NothingSaid: "order", verify.MeasureUsed: "order", verify.NoMeasure: "order", verify.NotWithheld: "order",
	verify.IsWithheld: "order", verify.NothingNew: "order",

	verify.LabelTerm: "law", verify.PeriodTurned: "law", verify.EnglishMissing: "law", verify.Sch4Product: "law", verify.Sch4Maker: "law",
	verify.Sch4Prepared: "law", verify.Sch4Complied: "law", verify.Sch4Standard: "law", verify.Sch4Support: "law",
	verify.Sch4Signatory: "law", verify.Sch4Issue: "law", verify.SupportShorter: "law", verify.StopBars: "law", verify.BasisMissing: "law",
}

// classesOf are the classes of some faults, each once.
func classesOf(faults verify.Faults) map[string]bool {
	all := map[string]bool{}
	for _, f := range faults {
		class := classOfRule[f.Rule]
		if class == "" {
			class = "form"
		}
		all[class] = true
	}
	return all
}
