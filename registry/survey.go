package registry

import (
	"context"
	"fmt"

	"tegata/verify"
)

// A Survey goes through all that the log says, at the head of when it began.
type Survey struct {
	registry *Registry
	state    *state
}

// Survey begins a survey at the present head.
func (r *Registry) Survey() Survey { return Survey{r, r.state.Load()} }

// Log says which head the survey rests on.
func (s Survey) Log() verify.Log { return s.registry.headOf(s.state) }

// Governance is what governs the log at that head. It is not to be changed.
func (s Survey) Governance() *verify.Governance { return s.state.governance }

// surveyAtOnce is how many codes are read in one transaction: a long one would
// keep the file from using again the pages that writing frees.
const surveyAtOnce = 64

// Each calls see with the facts about every code, in the order of the codes. They
// are checked as those of a look-up are, and not kept; other declarations of the
// same trade items, which no outcome rests on, are not among them. It reads the
// whole log, and what it holds at a time does not depend on the log's size.
func (s Survey) Each(ctx context.Context, see func(verify.Facts)) error {
	from := verify.Code("")
	for {
		var facts []verify.Facts
		codes, err := s.registry.Codes(ctx, from, surveyAtOnce)
		if err != nil {
			return err
		}
		err = s.registry.view(func(tx indexed) error {
			for _, code := range codes {
				f, err := verify.Gather(code, alone{s.registry.newReading(ctx, tx, s.state.head)})
				if err != nil {
					return fmt.Errorf("code %s: %w", code, err)
				}
				facts = append(facts, f)
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, f := range facts {
			if len(f.Entries) > 0 { // else it was spoken of after the head
				f.Governance, f.Log = s.state.governance, s.Log()
				see(f)
			}
		}
		if len(codes) < surveyAtOnce {
			return nil
		}
		from = codes[len(codes)-1] + "~" // after it: no code has such a symbol
	}
}

// alone is a log in which no trade item leads from one record to another.
type alone struct{ *reading }

func (alone) Naming(verify.GTIN) ([]verify.Code, error) { return nil, nil }
