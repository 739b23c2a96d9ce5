package registrytest

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"tegata/verify"
)

// A History makes up statements about a few labels and declarations of the same
// trade item, one after another, as a seed has it. Most of them may be entered.
type History struct {
	Kit     *Kit
	rng     *rand.Rand
	said    []string // ids of label.status statements and notices
	measure int
	stolen  bool // the issuer's second key is retired
	second  bool // the issuer has it
}

// NewHistory returns the history of a seed, of a kit that has begun.
func NewHistory(k *Kit, seed uint64) *History {
	return &History{Kit: k, rng: rand.New(rand.NewPCG(seed, 0))}
}

// Labels and Declarations are the codes a history is about.
func (h *History) Labels() []verify.Code       { return []verify.Code{Code(501), Code(502), Code(503)} }
func (h *History) Declarations() []verify.Code { return []verify.Code{Code(601), Code(602)} }

func pick[T any](h *History, from ...T) T { return from[h.rng.IntN(len(from))] }

// day is a day up to 60 days before or after now.
func (h *History) day() string {
	return h.Kit.Clock.Now().AddDate(0, 0, h.rng.IntN(121)-60).Format(time.DateOnly)
}

// Next sets the clock on by up to twelve days and returns a sealed statement.
func (h *History) Next(tb testing.TB) []byte {
	tb.Helper()
	k := h.Kit
	k.Clock.Set(k.Clock.Now().Add(time.Duration(h.rng.IntN(12*24*3600)) * time.Second))
	label, declaration := pick(h, h.Labels()...), pick(h, h.Declarations()...)
	either := pick(h, label, declaration)
	kinds := []verify.Kind{
		verify.LabelIssued, verify.LabelIssued, verify.DeclarationPublished, verify.LabelExtended, verify.LabelAmended,
		verify.LabelStatus, verify.LabelStatus, verify.LabelPractice, verify.DeclarationExtended, verify.DeclarationAmended,
		verify.DeclarationObserved, verify.MeasureTaken, verify.MeasureLifted, verify.RecognitionWithheld,
		verify.RecognitionRestored, verify.KeyAdded, verify.KeyRetiredKind, verify.AccordNoticed, verify.PartyEnrolled,
	}
	if h.rng.IntN(12) == 0 {
		kinds = []verify.Kind{verify.DeclarationWithdrawn}
	}
	kind, by := pick(h, kinds...), verify.PartyID("")
	code := map[bool]verify.Code{true: label, false: declaration}[kind[0] == 'l']
	if kind[0] == 'm' || kind[0] == 'r' {
		code = either
	}
	payload := k.Make(tb, kind, code, func(m map[string]any) {
		h.vary(tb, m, kind, label)
		by = verify.PartyID(m["by"].(string))
	})
	if by == "ipa" && h.second && h.rng.IntN(2) == 0 {
		by = "ipa+" // its second key
	}
	return k.Seal(tb, by, payload)
}

// vary changes a statement of the story to another of its kind.
func (h *History) vary(tb testing.TB, m map[string]any, kind verify.Kind, label verify.Code) {
	k := h.Kit
	now, id := m["made"].(string), m["id"].(string)
	models := func() []any {
		return []any{map[string]any{"model": fmt.Sprint("M-", h.rng.IntN(3)), "gtins": []any{"04912345678904"}}}
	}
	switch kind {
	case verify.LabelIssued:
		l := m["label"].(map[string]any)
		l["issued"] = h.day()
		l["expires"] = k.Clock.Now().AddDate(1, 0, h.rng.IntN(200)).Format(time.DateOnly)
		if label != h.Labels()[0] { // issued again, a label keeps its basis
			l["basis"] = map[string]any{"route": "uk_psti_simplified", "declaration": h.Declarations()[0]}
		}
	case verify.DeclarationPublished:
		m["declaration"].(map[string]any)["product"].(map[string]any)["models"] = models()
	case verify.LabelExtended:
		m["expires"] = k.Clock.Now().AddDate(2, 0, h.rng.IntN(100)).Format(time.DateOnly)
	case verify.LabelAmended:
		m["models"] = models()
	case verify.LabelStatus:
		m["status"], m["from"] = pick(h, "valid", "grace", "suspended", "suspended", "lapsed", "revoked"), h.day()
		if len(h.said) > 0 && h.rng.IntN(2) == 0 {
			m["corrects"] = pick(h, h.said...)
		}
		h.said = append(h.said, id)
	case verify.LabelPractice, verify.RecognitionWithheld, verify.RecognitionRestored, verify.DeclarationWithdrawn:
		m["from"] = h.day()
		if kind == verify.RecognitionWithheld || kind == verify.RecognitionRestored {
			m["by"] = pick(h, "dsit", "meti")
		}
	case verify.DeclarationExtended:
		m["support"].(map[string]any)["end"] = fmt.Sprintf("20%d-05-30", 32+h.rng.IntN(20))
	case verify.DeclarationObserved:
		m["seen"] = pick(h, "open", "open", "gone", "changed")
	case verify.MeasureTaken:
		h.measure++
		m["measure"], m["from"], m["ground"] = fmt.Sprint(h.measure), h.day(), pick(h, "a", "b", "c", "d")
		if h.rng.IntN(2) == 0 {
			m["by"], m["territory"], m["notice"], m["effect"] = "meti", "JP", "other", pick(h, "bars", "caution")
		}
	case verify.MeasureLifted:
		m["measure"], m["from"] = fmt.Sprint(h.measure), h.day()
		m["by"] = pick(h, "opss", "meti")
	case verify.KeyAdded:
		m["from"], h.second = now, !h.stolen
	case verify.KeyRetiredKind:
		m["from"] = k.Clock.Now().AddDate(0, 0, -h.rng.IntN(40)).UTC().Format(time.RFC3339)
		m["compromised"] = h.rng.IntN(3) > 0
		h.stolen, h.second = true, false
	case verify.AccordNoticed:
		m["notice_on"], m["ends_on"] = k.Clock.Now().Format(time.DateOnly), k.Clock.Now().AddDate(0, h.rng.IntN(12)+1, 0).Format(time.DateOnly)
	case verify.PartyEnrolled:
		p := m["party"].(map[string]any)
		p["id"] = "party-" + id[:8]
		p["keys"] = []any{k.Signer(tb, verify.PartyID(p["id"].(string))).Key().JWK()}
	}
}
