package verify

import "testing"

// The products of both schemes: MoC 2(4), PSTI Act s 54, SI 2023/1007 Sch 3.
func TestScope(t *testing.T) {
	yes, no := true, false
	type answers struct{ labelled, declared, gb, nir, jp Met }
	for _, c := range []struct {
		name   string
		traits Traits
		want   answers
	}{
		{"a router", Traits{&yes, Consumer, General, &no}, answers{Yes, Yes, Yes, Yes, Yes}},
		{"sold to both", Traits{&yes, BothSold, General, &no}, answers{Yes, Yes, Yes, Yes, Yes}},
		{"a PLC gateway: s 54", Traits{&yes, Industrial, General, &no}, answers{Yes, Yes, No, No, No}},
		{"a smartphone: MoC 2(4)", Traits{&yes, Consumer, Smartphone, &no}, answers{No, No, Yes, Yes, Yes}},
		{"a cellular tablet: MoC 2(4)", Traits{&yes, Consumer, CellularTablet, &no}, answers{No, No, Yes, Yes, Yes}},
		{"a laptop: MoC 2(4), Sch 3 para 5", Traits{&yes, Consumer, Computer, &no}, answers{No, No, No, No, No}},
		{"a computer for children", Traits{&yes, Consumer, Under14Computer, &no}, answers{No, No, Yes, Yes, Yes}},
		{"a charge point: Sch 3 para 2", Traits{&yes, Consumer, EVChargePoint, &no}, answers{Yes, NotKnown, No, No, No}},
		{"a medical device: Sch 3 para 3", Traits{&yes, Consumer, Medical, &no}, answers{Yes, NotKnown, No, No, No}},
		{"a smart meter: Sch 3 para 4", Traits{&yes, Consumer, SmartMeter, &no}, answers{Yes, NotKnown, No, No, No}},
		{"a car: Sch 3 para 6, in Great Britain only", Traits{&yes, Consumer, Vehicle, &no}, answers{Yes, NotKnown, No, Yes, Yes}},
		{"EU law in Northern Ireland: Sch 3 para 1", Traits{&yes, Consumer, General, &yes}, answers{Yes, Yes, Yes, No, Yes}},
		{"whether EU law applies is not known", Traits{&yes, Consumer, General, nil}, answers{Yes, Yes, Yes, NotKnown, Yes}},
		{"a car under EU law", Traits{&yes, Consumer, Vehicle, &yes}, answers{Yes, NotKnown, No, No, No}},
		{"Zigbee alone: s 5", Traits{&no, Consumer, General, &no}, answers{No, No, NotKnown, NotKnown, NotKnown}},
		{"Zigbee alone, for industry", Traits{&no, Industrial, General, &no}, answers{No, No, No, No, No}},
		{"Zigbee alone, under EU law", Traits{&no, Consumer, General, &yes}, answers{No, No, NotKnown, No, NotKnown}},
		{"whether IP is not known", Traits{nil, Consumer, General, &no}, answers{NotKnown, NotKnown, NotKnown, NotKnown, NotKnown}},
	} {
		at := instant(t, "2026-06-01T00:00:00Z")
		got := answers{inJCSTAR(c.traits, true), inJCSTAR(c.traits, false), inPSTI(c.traits, InGB, at), inPSTI(c.traits, InGBNIR, at), inPSTI(c.traits, InJP, at)}
		if got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

// Vehicles are excepted from 25 February 2025 on.
func TestVehiclesExcepted(t *testing.T) {
	yes := true
	for at, want := range map[string]Met{"2025-02-24T23:59:59Z": Yes, "2025-02-25T00:00:00Z": No} {
		if got := inPSTI(Traits{&yes, Consumer, Vehicle, nil}, InGB, instant(t, at)); got != want {
			t.Errorf("%s: got %s, want %s", at, got, want)
		}
	}
}

func TestTerritoryCovers(t *testing.T) {
	for territory, want := range map[Territory][3]bool{
		TerritoryGB: {true, false, false}, TerritoryGBNIR: {false, true, false}, TerritoryUK: {true, true, false}, TerritoryJP: {false, false, true},
	} {
		var got [3]bool
		for i, in := range Jurisdictions {
			got[i] = territory.Covers(in)
		}
		if got != want {
			t.Errorf("%s covers %v: got %v, want %v", territory, Jurisdictions, got, want)
		}
	}
}
