package stock_test

import (
	"testing"

	"tegata/verify"
	"tegata/web/stock"
)

// TestCaution: of what fits, bad news goes before what is not known, and that
// before good news.
func TestCaution(t *testing.T) {
	verdict := func(status verify.Status, outcome verify.Outcome, covered bool) verify.Verdict {
		return verify.Verdict{
			Validity:    verify.Validity{Status: status},
			Recognition: verify.Recognition{Outcome: outcome},
			Match:       &verify.Match{Model: &verify.ModelMatch{Covered: covered}},
		}
	}
	last := -1
	for i, v := range []verify.Verdict{
		verdict(verify.StatusExpired, verify.NotRecognised, true),
		verdict(verify.StatusRevoked, verify.AtHome, true),
		verdict(verify.StatusValid, verify.TreatedAsCompliant, false),
		verdict(verify.StatusValid, verify.NotRecognised, true),
		verdict(verify.StatusValid, verify.Undetermined, true),
		verdict(verify.StatusValid, verify.AtHome, true),
		verdict(verify.StatusValid, verify.TreatedAsCompliant, true),
	} {
		n := stock.Caution(&v)
		if n <= last {
			t.Errorf("%d: got %d after %d", i, n, last)
		}
		last = n
	}
}
