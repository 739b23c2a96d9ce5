package registry_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/envelope"
)

// TestGround tells random histories. After every entry, what rests on a ground that
// holds is as it was, and what is looked up is what a replay of the whole log says.
func TestGround(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	held, fell, differing := 0, 0, 0
	for n := range uint64(2) {
		h, f, d := groundsOf(t, seed+n)
		held, fell, differing = held+h, fell+f, differing+d
	}
	if held == 0 || differing == 0 || fell > 4*differing {
		t.Errorf("seed %d: got %d that held and %d that fell, of which %d differ: want some of each, and many of those that fell to differ", seed, held, fell, differing)
	}
}

func groundsOf(t *testing.T, seed uint64) (held, fell, differing int) {
	t.Helper()
	type kept struct {
		ground registry.Ground
		facts  verify.Facts
	}
	k := registrytest.New(t)
	k.Begin(t)
	h := registrytest.NewHistory(k, seed)
	replay := verify.NewReplay()
	next := int64(0)
	standing := map[verify.Code]kept{}
	for range 80 {
		_, err := k.Registry.Append(context.Background(), h.Next(t))
		var refusal *registry.Refusal
		if err != nil && !errors.As(err, &refusal) && !errors.Is(err, envelope.ErrKey) {
			t.Fatalf("seed %d: %v", seed, err)
		}
		head := k.Registry.Head()
		for ; next < head.Size; next++ {
			e, _ := replayed(t, k.Registry, next)
			if faults := replay.Enter(e); len(faults) > 0 {
				t.Fatalf("seed %d: entry %d: %v", seed, next, faults)
			}
		}
		for _, code := range append(h.Labels(), h.Declarations()...) {
			now := replay.Facts(code, head)
			got, ground, err := k.Registry.LookupOn(t.Context(), code)
			if err != nil {
				t.Fatal(err)
			}
			if d := differ(got, now); d != "" || got.Log != head {
				t.Fatalf("seed %d: %s at %d: what is looked up at %v is not what a replay says:\n%s", seed, code, head.Size, got.Log, d)
			}
			was, ok := standing[code]
			if ok {
				was.facts.Log.Time = head.Time // at one time, so that nothing differs but what was said
				holds, d := k.Registry.Holds(was.ground), differ(was.facts, now)
				switch {
				case holds && d != "":
					t.Errorf("seed %d: %s: what it rested on at %d holds at %d, and it differs:\n%s", seed, code, was.facts.Log.Size, head.Size, d)
				case holds:
					held++
				case d != "":
					differing++
				}
				if ok = holds; !holds {
					fell++
				}
			}
			if !ok {
				standing[code] = kept{ground, now}
			}
		}
	}
	return held, fell, differing
}

// A ground falls with what it rests on and no sooner, and none stands on nothing.
func TestGroundFalls(t *testing.T) {
	k := registrytest.New(t)
	k.Play(t, time.Date(2026, 6, 2, 0, 0, 0, 0, time.UTC))
	if k.Registry.Holds(registry.Ground{}) {
		t.Error("the zero ground holds")
	}
	ground := func() registry.Ground {
		_, g, err := k.Registry.LookupOn(t.Context(), router)
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	for _, c := range []struct {
		name string
		say  func()
		want bool
	}{
		{"another label", func() {
			k.Append(t, k.Say(t, verify.LabelIssued, registrytest.Code(77), func(m map[string]any) {
				m["label"].(map[string]any)["product"].(map[string]any)["models"] = []any{map[string]any{"model": "another"}}
			}))
		}, true},
		{"another party", func() {
			k.Append(t, k.Say(t, verify.PartyEnrolled, "", func(m map[string]any) {
				p := m["party"].(map[string]any)
				p["id"], p["keys"], p["from"] = "severn", []any{k.Signer(t, "severn").Key().JWK()}, m["made"]
			}))
		}, true},
		{"the label", func() {
			k.Append(t, k.Say(t, verify.LabelExtended, router, func(m map[string]any) { m["expires"] = "2029-03-31" }))
		}, false},
		{"the end of the Memorandum", func() {
			k.Append(t, k.Say(t, verify.AccordNoticed, "", func(m map[string]any) {
				delete(m, "corrects")
				m["notice_on"], m["ends_on"] = "2026-06-02", "2026-12-31"
			}))
		}, false},
	} {
		was := ground()
		if c.say(); k.Registry.Holds(was) != c.want {
			t.Errorf("after an entry about %s: got that the ground of a label holds: %t", c.name, !c.want)
		}
	}
}

// An answer that nothing fits a number, a model or a GTIN rests on nobody having said
// one, in whichever form it is asked for.
func TestGroundOfQueries(t *testing.T) {
	const number = "260915-ABC-7"
	item, err := verify.ParseGTIN(gtin(300))
	if err != nil {
		t.Fatal(err)
	}
	label := func(code int64, number, model, gtin string) func(*testing.T, *registrytest.Kit) {
		return func(t *testing.T, k *registrytest.Kit) {
			k.Append(t, k.Say(t, verify.LabelIssued, registrytest.Code(code), func(m map[string]any) {
				l := m["label"].(map[string]any)
				if number != "" {
					l["number"] = number
				}
				l["product"].(map[string]any)["models"] = []any{map[string]any{"model": model, "gtins": []any{gtin}}}
			}))
		}
	}
	for name, q := range map[string]registry.Query{
		"number":                      {Number: number},
		"number as somebody types it": {Number: " 260915-abc-7"},
		"model":                       {Model: "ZX-300"},
		"model as somebody types it":  {Model: "ｚｘ 300"},
		"GTIN":                        {GTIN: item},
	} {
		t.Run(name, func(t *testing.T) {
			k := registrytest.New(t)
			k.Begin(t)
			ground := k.Registry.GroundOf(k.Registry.Head().Size, q)
			label(1, "", "ZX-200", gtin(200))(t, k)
			if !k.Registry.Holds(ground) {
				t.Error("it does not hold once another label is entered")
			}
			label(2, number, "ZX-300", gtin(300))(t, k)
			if k.Registry.Holds(ground) {
				t.Error("it holds once such a label is entered")
			}
		})
	}
}
