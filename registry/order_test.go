package registry_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"tegata/registry/registrytest"
	"tegata/verify"
)

// TestOrder says what rests on something before that is said.
func TestOrder(t *testing.T) {
	for _, c := range []struct {
		kind verify.Kind
		want string
	}{
		{verify.LabelExtended, "code code_unknown"},
		{verify.LabelAmended, "code code_unknown"},
		{verify.LabelStatus, "code code_unknown"},
		{verify.LabelPractice, "code code_unknown"},
		{verify.DeclarationExtended, "code code_unknown"},
		{verify.DeclarationAmended, "code code_unknown"},
		{verify.DeclarationWithdrawn, "code code_unknown"},
		{verify.DeclarationObserved, "code code_unknown"},
		{verify.MeasureTaken, "code code_unknown"},
		{verify.MeasureLifted, "code code_unknown"},
		{verify.RecognitionWithheld, "code code_unknown"},
		{verify.RecognitionRestored, "code code_unknown"},
		{verify.KeyRetiredKind, "kid key_unknown"},
		{verify.RegistryCreated, "kind registry_begun"},
		{verify.PartyEnrolled, "party.id party_in_use|party.keys[0] key_in_use"},
	} {
		t.Run(string(c.kind), func(t *testing.T) {
			k := registrytest.New(t)
			k.Begin(t)
			k.Clock.Set(time.Date(2026, 9, 10, 0, 0, 0, 0, time.UTC))
			_, err := k.Registry.Append(context.Background(), k.Say(t, c.kind, registrytest.Code(1), nil))
			wantRefusal(t, err, strings.Split(c.want, "|")...)
		})
	}
}

// TestFollow says things about a label in good standing and a declaration that
// is open; each case changes one thing.
func TestFollow(t *testing.T) {
	const label, declaration = 1, 2
	with := func(members ...any) func(map[string]any) {
		return func(m map[string]any) {
			for i := 0; i < len(members); i += 2 {
				m[members[i].(string)] = members[i+1]
			}
		}
	}
	for _, c := range []struct {
		name   string
		kind   verify.Kind
		code   int64
		change func(map[string]any)
		want   string // nothing: entered
	}{
		{"extended", verify.LabelExtended, label, nil, ""},
		{"extended to the same day", verify.LabelExtended, label, with("expires", "2028-03-31"), "expires not_later"},
		{"extended too far", verify.LabelExtended, label, with("expires", "2030-04-01"), "expires label_term"},
		{"code used", verify.LabelIssued, label, nil, "code code_used"},
		{"code used by a declaration", verify.LabelIssued, declaration, nil, "by owner|code code_used"},
		{"number used", verify.LabelIssued, 3, func(m map[string]any) {
			m["label"].(map[string]any)["number"] = "N-" + string(registrytest.Code(label))
		}, "label.number number_used"},
		{"label's statement about a declaration", verify.LabelStatus, declaration, nil, "by owner|code other_scheme"},
		{"declaration's statement about a label", verify.DeclarationWithdrawn, label, nil, "by owner|code other_scheme"},
		{"lifted and not taken", verify.MeasureLifted, label, nil, "measure no_measure"},
		{"restored and not withheld", verify.RecognitionRestored, label, nil, "kind not_withheld"},
		{"withheld by its own side", verify.RecognitionWithheld, label, with("by", "meti"), "by side"},
		{"measure abroad", verify.MeasureTaken, label, with("territory", "JP"), "territory territory"},
		{"corrects nothing", verify.LabelStatus, label, with("corrects", registrytest.ID()), "corrects nothing_to_correct"},
		{"made too early", verify.LabelStatus, label, with("made", "2026-07-01T00:00:00Z"), "made made_late|made made_before"},
		{"made too late", verify.LabelStatus, label, with("made", "2026-09-10T00:05:01Z"), "made made_ahead"},
		{"made as late as may be", verify.LabelStatus, label, with("made", "2026-09-10T00:05:00Z"), ""},
		{"made before the last", verify.LabelStatus, label, with("made", "2026-09-09T23:59:59Z"), "made made_before"},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := registrytest.New(t)
			k.Begin(t)
			k.Clock.Set(time.Date(2026, 9, 10, 0, 0, 0, 0, time.UTC))
			k.Append(t, k.Say(t, verify.LabelIssued, registrytest.Code(label), nil))
			k.Append(t, k.Say(t, verify.DeclarationPublished, registrytest.Code(declaration), nil))
			_, err := k.Registry.Append(context.Background(), k.Say(t, c.kind, registrytest.Code(c.code), c.change))
			if c.want != "" {
				wantRefusal(t, err, strings.Split(c.want, "|")...)
			} else if err != nil {
				t.Error(err)
			}
			k.CheckLog(t)
		})
	}
}

// TestAllFaults hands in a statement that is wrong in every way: the refusal
// names what is wrong with its form and what is wrong with saying it.
func TestAllFaults(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	code := registrytest.Code(1)
	first := k.Say(t, verify.LabelIssued, code, nil)
	k.Append(t, first)
	f := lookup(t, k.Registry, code)

	payload := k.Make(t, verify.LabelIssued, code, func(m map[string]any) {
		m["id"] = f.Entries[0].ID
		m["origin"] = "other.example"
		m["made"] = "2026-04-01T00:00:00Z"
		m["colour"] = "red"
		label := m["label"].(map[string]any)
		label["level"] = 9
		label["number"] = "N-2"
		delete(label["product"].(map[string]any), "brand")
	})
	_, err := k.Registry.Append(context.Background(), k.Seal(t, "dsit", payload))
	wantRefusal(t, err,
		"colour unknown_member", "label.level range", "label.product.brand required",
		"origin origin", "made made_late", "by party", "code code_used", "id id_used")

	// Of one field, what is wrong with its form is enough; of the others, all.
	payload = k.Make(t, verify.PartyEnrolled, "", func(m map[string]any) {
		party := m["party"].(map[string]any)
		party["role"] = "king"
		party["keys"] = append(party["keys"].([]any), map[string]any{"kty": "OKP", "crv": "Ed25519", "x": offCurve})
	})
	_, err = k.Registry.Append(context.Background(), k.Seal(t, "operator", payload))
	wantRefusal(t, err, "party.role one_of", "party.keys[1] key", "party.id party_in_use", "party.keys[0] key_in_use")
}

// offCurve has the form of an Ed25519 key and is the neutral point, which any
// signature fits.
const offCurve = "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
