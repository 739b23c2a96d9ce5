package web

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"tegata/verify"
	"tegata/web/i18n"
)

// A ruleBody is a rule as machines are told it.
type ruleBody struct {
	ID       verify.RuleID              `json:"id"`
	Layer    verify.LayerName           `json:"layer"`
	Scheme   verify.Scheme              `json:"scheme"`
	Cite     verify.Cite                `json:"cite"`
	Quote    string                     `json:"quote,omitempty"` // in English, as it was made
	From     verify.Date                `json:"from"`
	Until    verify.Date                `json:"until,omitzero"`
	Fails    verify.Outcome             `json:"fails"` // the layer's outcome where it is not met
	Words    verify.Text                `json:"words"`
	Examples map[verify.Met]exampleBody `json:"examples"` // a record of this registry for each answer there is
}

// An exampleBody is a record for which a rule has an answer just now.
type exampleBody struct {
	Code verify.Code         `json:"code"`
	In   verify.Jurisdiction `json:"in"`
}

// rules answers with every rule, its sentence, and records that show it.
func (s *site) rules(r *http.Request) (view, error) {
	examples, until, err := s.examples.at(r.Context(), s)
	if err != nil {
		return view{}, err
	}
	bodies := ruleBodies(s.registry.Governance(), examples)
	return view{status: http.StatusOK, body: bodies, next: until, tag: bodies, page: func(b basePage) (string, any) {
		return pageLaw, newLawPage(b, bodies)
	}}, nil
}

func ruleBodies(g *verify.Governance, examples map[verify.RuleID]map[verify.Met]exampleBody) (bodies []ruleBody) {
	ending, ends := g.Accord.Ending()
	for _, rule := range verify.Rules {
		key := "rule." + string(rule.ID)
		b := ruleBody{
			ID: rule.ID, Layer: rule.Layer, Scheme: rule.Scheme, Cite: rule.Cite, Quote: rule.Quote,
			From: rule.Applies.From, Until: rule.Applies.Until, Fails: rule.Fails,
			Words:    verify.Text{EN: i18n.English.T(key), JA: i18n.Japanese.T(key)},
			Examples: examples[rule.ID],
		}
		if ends && rule.Layer == verify.AccordLayer {
			b.Until = ending.EndsOn.AddDays(-1)
		}
		bodies = append(bodies, b)
	}
	return bodies
}

// ruleOf is the rule of that id, which there must be.
func ruleOf(id verify.RuleID) verify.Rule {
	return verify.Rules[slices.IndexFunc(verify.Rules, func(r verify.Rule) bool { return r.ID == id })]
}

// Examples are looked for among this many records, in this many places each.
const exampleRecords = 256

// examples keeps, for every rule, a record for each answer it can have. They
// are looked for again once the log has grown.
type examples struct {
	mu    sync.Mutex
	size  int64
	until time.Time // when one of them changes by itself; zero: not foreseen
	found map[verify.RuleID]map[verify.Met]exampleBody
}

// at returns the examples of now, and until when they are.
func (e *examples) at(ctx context.Context, s *site) (map[verify.RuleID]map[verify.Met]exampleBody, time.Time, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	head := s.registry.Head()
	if e.size == head.Size && (e.until.IsZero() || head.Time.Before(e.until)) {
		return e.found, e.until, nil
	}
	var until time.Time
	codes, err := s.registry.Codes(ctx, "", exampleRecords)
	if err != nil {
		return nil, until, err
	}
	found := map[verify.RuleID]map[verify.Met]exampleBody{}
	for _, code := range codes {
		f, err := s.registry.Lookup(ctx, code)
		if err != nil {
			return nil, until, err
		}
		for _, in := range verify.Jurisdictions {
			v := verify.Judge(f, verify.Question{In: in})
			until = sooner(until, v.NextChange)
			layers := v.Recognition.Layers
			for _, layer := range []*verify.LayerAnswer{layers.Accord, layers.Statute} {
				if layer == nil {
					continue
				}
				for _, reason := range layer.Reasons {
					if found[reason.Rule] == nil {
						found[reason.Rule] = map[verify.Met]exampleBody{}
					}
					if _, have := found[reason.Rule][reason.Met]; !have {
						found[reason.Rule][reason.Met] = exampleBody{code, in}
					}
				}
			}
		}
	}
	e.size, e.until, e.found = head.Size, until, found
	return found, until, nil
}
