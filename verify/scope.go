package verify

import "time"

// vehiclesExcepted is the day from which SI 2023/1007 Sch 3 paras 6 to 8 except
// vehicles in Great Britain.
var vehiclesExcepted = Date{2025, 2, 25}

var vehiclesExceptedAt = vehiclesExcepted.Start(London)

// inJCSTAR reports whether a product is in the scope of Japan's scheme: MoC
// 2(4). A product that has a label was taken into it; of one that has none the
// Memorandum does not tell for classes that Japan regulates elsewhere as well.
func inJCSTAR(t Traits, labelled bool) Met {
	switch {
	case t.IP == nil:
		return NotKnown
	case !*t.IP:
		return No // "using IP or Internet Protocol"
	}
	switch t.Class {
	case Smartphone, CellularTablet, Computer, Under14Computer:
		return No // "excluding general-purpose IT products … (PCs, tablets, smartphones, etc.)"
	case General:
		return Yes
	}
	if labelled {
		return Yes
	}
	return NotKnown
}

// inPSTI reports whether a product is in the scope of the United Kingdom's
// scheme where it is asked about: PSTI Act 2022 s 54, SI 2023/1007 Sch 3.
// InJP asks for any part of the United Kingdom.
func inPSTI(t Traits, in Jurisdiction, at time.Time) Met {
	if t.Market == Industrial {
		return No // s 54: made available to consumers
	}
	answer := Yes
	switch t.Class {
	case Computer, EVChargePoint, Medical, SmartMeter:
		return No // Sch 3 paras 2 to 5
	case Vehicle:
		if in != InGBNIR && !at.Before(vehiclesExceptedAt) {
			if in == InGB {
				return No // Sch 3 paras 6 to 8, in Great Britain only
			}
			return inPSTI(t, InGBNIR, at) // the only part of the United Kingdom left
		}
	}
	if in == InGBNIR {
		switch {
		case t.NIEULaw == nil:
			answer = NotKnown
		case *t.NIEULaw:
			return No // Sch 3 para 1
		}
	}
	if t.IP == nil || !*t.IP {
		return NotKnown // in scope only if it meets a connectability condition (s 5), which no trait tells
	}
	return answer
}
