package bundle

import (
	"fmt"

	"tegata/verify"
	"tegata/verify/envelope"
	"tegata/verify/yearly"
)

// A Yearly is the registry's word on the counts of a period: the payload of a
// token of [envelope.Yearly]. It names all that is needed to count again from the
// log: the days, and how many entries of it were known.
type Yearly struct {
	Issuer   string `json:"iss"` // the origin of the log
	IssuedAt int64  `json:"iat"` // Unix seconds

	yearly.Report

	Log verify.Log `json:"log"` // the head that it was counted under, of at least as many entries
}

// NewYearly returns a report as it is signed at the time of the head.
func NewYearly(r yearly.Report, log verify.Log) Yearly {
	return Yearly{Issuer: log.Origin, IssuedAt: log.Time.Unix(), Report: r, Log: log}
}

// ParseYearly reads the payload of a token of a yearly report, already verified.
// The error wraps [envelope.ErrMalformed] and names everything that is wrong with
// it: a row that is missing or does not belong there, counts that do not add up,
// days that were not over.
func ParseYearly(payload []byte) (y Yearly, err error) {
	if err := envelope.Decode(payload, &y); err != nil {
		return Yearly{}, fmt.Errorf("yearly report: %w", err)
	}
	var f faults
	f.signed(y.Issuer, y.IssuedAt, y.Log)
	f.add(y.From.IsZero(), "from: it is missing")
	f.add(y.To.IsZero(), "to: it is missing")
	f.add(y.To.Before(y.From), "to: %s is before %s", y.To, y.From)
	f.add(!y.To.IsZero() && y.Log.Time.Before(yearly.Over(y.To)), "to: %s was not over at the time of the head", y.To)
	f.add(y.Known < 1 || y.Known > y.Log.Size, "known: %d of a log of %d is no size it had", y.Known, y.Log.Size)
	f = append(f, y.Report.Faults()...)
	if err := f.err("yearly report"); err != nil {
		return Yearly{}, err
	}
	return y, nil
}

// Payload returns the JSON that is signed.
func (y Yearly) Payload() []byte { return payloadOf(y) }
