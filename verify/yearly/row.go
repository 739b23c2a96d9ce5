package yearly

import "tegata/verify"

// A Row says what a count is of. Rows are signed: what they are called is never
// changed.
type Row struct {
	About About  `json:"about"`
	What  What   `json:"what"`
	In    string `json:"in,omitempty"` // the place, territory or country
	By    string `json:"by,omitempty"` // the status, outcome, rule, ground or finding
}

// An About is what a row is about.
type About string

const (
	Labels       About = "labels"
	Declarations About = "declarations"
	Measures     About = "measures"    // MoC 10(2)
	Accord       About = "accord"      // the Memorandum itself
	Corrections  About = "corrections" // of earlier statements
)

// A What is what happened in the period, or how things stood at its end.
type What string

const (
	Issued   What = "issued"   // first days
	Extended What = "extended" // statements that extend
	Ended    What = "ended"    // by: stands so at the end, and did not right before the first day
	Seen     What = "seen"     // by: declarations whose main address was found so at least once
	Standing What = "standing" // by: the status at the end, of all whose first day had come

	// What they count for at the end, each in one place, by public reasons only.
	ByAccord       What = "accord" // by: the outcome of the layer
	AccordNo       What = "accord_no"
	AccordUnknown  What = "accord_unknown" // by: the rule that is not met, not known
	ByStatute      What = "statute"
	StatuteNo      What = "statute_no"
	StatuteUnknown What = "statute_unknown"

	Taken   What = "taken" // by: the ground; in: the territory
	Lifted  What = "lifted"
	Noticed What = "noticed" // in: the country that gave notice (MoC 11(3))
)

// A Layer is the three kinds of rows that there are of a layer.
type Layer struct {
	name                 verify.LayerName
	outcome, no, unknown What
}

var (
	AccordLayer  = Layer{verify.AccordLayer, ByAccord, AccordNo, AccordUnknown}
	StatuteLayer = Layer{verify.StatuteLayer, ByStatute, StatuteNo, StatuteUnknown}
)

func aboutOf(s verify.Scheme) About {
	if s == verify.JCSTAR {
		return Labels
	}
	return Declarations
}

// Places lists where records of a scheme are asked about: the other country.
func Places(s verify.Scheme) (places []verify.Jurisdiction) {
	for _, in := range verify.Jurisdictions {
		if in.Country() != s.Home() {
			places = append(places, in)
		}
	}
	return places
}

// ended lists the states in which a record of a scheme has ended.
func ended(s verify.Scheme) []verify.Status {
	if s == verify.PSTI {
		return []verify.Status{verify.StatusWithdrawn, verify.StatusExpired}
	}
	return []verify.Status{verify.StatusRevoked, verify.StatusWithdrawn, verify.StatusLapsed, verify.StatusExpired}
}

// standings lists all states of records whose first day has come.
func standings(s verify.Scheme) []verify.Status {
	if s == verify.PSTI {
		return append([]verify.Status{verify.StatusValid}, append(ended(s), verify.StatusUntrusted)...)
	}
	return append([]verify.Status{verify.StatusValid, verify.StatusGrace, verify.StatusSuspended}, append(ended(s), verify.StatusUntrusted)...)
}

// outcomes lists what a layer can come to by public reasons.
func outcomes(s verify.Scheme) []verify.Outcome {
	good := verify.TreatedAsCompliant
	if s == verify.PSTI {
		good = verify.EligibleForSimplified
	}
	return []verify.Outcome{good, verify.NotApplicable, verify.NotRecognised, verify.Undetermined}
}

// Rows lists every row of a report, in order. A rule that stands for what is
// withheld has none.
func Rows() (rows []Row) {
	for _, s := range []verify.Scheme{verify.JCSTAR, verify.PSTI} {
		about := aboutOf(s)
		rows = append(rows, Row{About: about, What: Issued}, Row{About: about, What: Extended})
		for _, status := range ended(s) {
			rows = append(rows, Row{About: about, What: Ended, By: string(status)})
		}
		if s == verify.PSTI {
			for _, seen := range []verify.Seen{verify.SeenGone, verify.SeenChanged} {
				rows = append(rows, Row{About: about, What: Seen, By: string(seen)})
			}
		}
		for _, status := range standings(s) {
			rows = append(rows, Row{About: about, What: Standing, By: string(status)})
		}
		for _, in := range Places(s) {
			rows = append(rows, recognitionRows(s, in)...)
		}
	}
	for _, what := range []What{Taken, Lifted} {
		for _, in := range []verify.Territory{verify.TerritoryJP, verify.TerritoryGB, verify.TerritoryGBNIR, verify.TerritoryUK} {
			for _, ground := range []verify.Ground{verify.HealthOrSafety, verify.LawsNotMet, verify.NationalSecurity, verify.Requirements} {
				rows = append(rows, Row{Measures, what, string(in), string(ground)})
			}
		}
	}
	for _, country := range []verify.Country{verify.JP, verify.GB} {
		rows = append(rows, Row{About: Accord, What: Noticed, In: string(country)})
	}
	return append(rows, Row{About: Corrections, What: Standing}, Row{About: Corrections, What: Noticed})
}

func recognitionRows(s verify.Scheme, in verify.Jurisdiction) (rows []Row) {
	for _, layer := range []Layer{AccordLayer, StatuteLayer} {
		if layer == StatuteLayer && s == verify.PSTI {
			continue // United Kingdom law says nothing of what counts in Japan
		}
		for _, o := range outcomes(s) {
			rows = append(rows, Row{aboutOf(s), layer.outcome, string(in), string(o)})
		}
		for _, r := range verify.Rules {
			if r.Scheme == s && r.Layer == layer.name && r.Fails != verify.Unavailable {
				rows = append(rows,
					Row{aboutOf(s), layer.no, string(in), string(r.ID)},
					Row{aboutOf(s), layer.unknown, string(in), string(r.ID)})
			}
		}
	}
	return rows
}
