package headline

import (
	"slices"

	"tegata/verify"
	"tegata/verify/yearly"
	"tegata/web/i18n"
)

// OfRow says what a row of a yearly report counts, in one sentence.
func OfRow(l i18n.Language, r yearly.Row) string {
	return l.T("yearly."+string(r.About)+"."+string(r.What), placeOf(l, r), OfBy(l, r))
}

// OfBy says what tells a row from its neighbours: the status, outcome, rule,
// ground or finding. It is empty where nothing does.
func OfBy(l i18n.Language, r yearly.Row) string {
	switch r.What {
	case yearly.Ended, yearly.Standing:
		if r.By == "" {
			return "" // of corrections
		}
		return l.T("status." + r.By)
	case yearly.Seen:
		return l.T("yearly.seen." + r.By)
	case yearly.ByAccord:
		if verify.Outcome(r.By).Positive() {
			return l.T("yearly.open") // what is withheld is not told: MoC 6
		}
		return l.T("outcome." + r.By)
	case yearly.ByStatute:
		return l.T("outcome." + r.By)
	case yearly.Taken, yearly.Lifted:
		return l.T("ground." + r.By)
	}
	if slices.Contains([]yearly.What{yearly.AccordNo, yearly.AccordUnknown, yearly.StatuteNo, yearly.StatuteUnknown}, r.What) {
		return l.T("rule." + r.By)
	}
	return ""
}

// placeOf is the place of a row. The United Kingdom gives notice as one.
func placeOf(l i18n.Language, r yearly.Row) string {
	switch {
	case r.In == "":
		return ""
	case r.What == yearly.Noticed && r.In == string(verify.GB):
		return l.T("place." + string(verify.TerritoryUK))
	}
	return l.T("place." + r.In)
}
