package demo

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"tegata/verify"
)

// A declaration is a statement of compliance of the demo. What is zero is
// as in most: 200 days old, routes of Schedule 1, supported for five years, for
// consumers, last seen open ten days ago.
type declaration struct {
	name    string
	maker   int
	en      string
	jaName  string
	kind    string
	model   string
	issued  int // days ago
	routes  verify.Routes
	version string // of ETSI EN 303 645
	noEnd   bool
	end     int // days from now; 0: five years from its issue
	class   verify.Class
	noIP    bool
	seen    verify.Seen // "": open
	seenAgo int         // days; 0: ten; -1: never
	ja      bool        // has a Japanese translation
}

const (
	neverSeen = -1
	openSeen  = 10
)

func (s *stage) declarations() {
	all := func(r verify.DeclaredRoute) verify.Routes {
		return verify.Routes{Passwords: r, Reporting: r, Support: r}
	}
	etsi := verify.Routes{Passwords: verify.ByETSI, Reporting: verify.BySchedule1, Support: verify.BySchedule1}
	for i, d := range []declaration{
		{name: "thames cam", maker: 0, en: "Thames Cam 2", jaName: "テムズカム 2", kind: "Indoor camera", model: "TC-2", routes: etsi, version: "V2.1.1", ja: true},
		{name: "thames hub", maker: 0, en: "Thames Hub", jaName: "テムズハブ", kind: "Hub", model: "TH-1", ja: true},
		{name: "pennine plug", maker: 1, en: "Pennine Plug", jaName: "ペナインプラグ", kind: "Smart plug", model: "PP-1"},
		{name: "pennine bulb", maker: 1, en: "Pennine Bulb", jaName: "ペナイン電球", kind: "Smart bulb", model: "PB-4"},
		{name: "pennine singapore", maker: 1, en: "Pennine Socket", jaName: "ペナインソケット", kind: "Smart socket", model: "PS-2", routes: all(verify.BySGCLS)},
		{name: "pennine star", maker: 1, en: "Pennine Radio", jaName: "ペナインラジオ", kind: "Internet radio", model: "PR-3", routes: all(verify.ByJCSTAR)},
		{name: "severn speaker", maker: 2, en: "Severn Speaker", jaName: "セヴァーンスピーカー", kind: "Smart speaker", model: "SP-1"},
		{name: "severn gone", maker: 2, en: "Severn Soundbar", jaName: "セヴァーンサウンドバー", kind: "Soundbar", model: "SB-2", seen: verify.SeenGone},
		{name: "severn changed", maker: 2, en: "Severn Turntable", jaName: "セヴァーンターンテーブル", kind: "Turntable", model: "ST-3", seen: verify.SeenChanged},
		{name: "severn new", maker: 2, en: "Severn Headset", jaName: "セヴァーンヘッドセット", kind: "Headset", model: "SH-4", issued: 2, seenAgo: neverSeen},
		{name: "severn stale", maker: 2, en: "Severn Amplifier", jaName: "セヴァーンアンプ", kind: "Amplifier", model: "SA-5", seenAgo: 60},
		{name: "severn withheld", maker: 2, en: "Severn Clock", jaName: "セヴァーン時計", kind: "Clock radio", model: "SC-6"},
		{name: "severn barred", maker: 2, en: "Severn Microphone", jaName: "セヴァーンマイク", kind: "Microphone", model: "SM-7"},
		{name: "severn etsi", maker: 2, en: "Severn Projector", jaName: "セヴァーンプロジェクター", kind: "Projector", model: "SP-8", routes: etsi, version: "V3.1.3"},
		{name: "albion phone", maker: 3, en: "Albion One", jaName: "アルビオン・ワン", kind: "Smartphone", model: "A1", class: verify.Smartphone},
		{name: "albion tablet", maker: 3, en: "Albion Pad", jaName: "アルビオン・パッド", kind: "Cellular tablet", model: "AP", class: verify.CellularTablet},
		{name: "cairn sensor", maker: 4, en: "Cairn Window Sensor", jaName: "ケアン窓センサー", kind: "Zigbee sensor", model: "CW-1", noIP: true},
		{name: "cairn forever", maker: 4, en: "Cairn Gauge", jaName: "ケアン気象計", kind: "Weather gauge", model: "CG-2", noEnd: true},
		{name: "mersey laptop", maker: 5, en: "Mersey Book", jaName: "マージーブック", kind: "Laptop", model: "MB-13", class: verify.Computer},
		{name: "mersey old", maker: 5, en: "Mersey Dongle", jaName: "マージードングル", kind: "Streaming stick", model: "MD-1", issued: 310, end: -40},
		{name: "mersey longer", maker: 5, en: "Mersey Frame", jaName: "マージーフォトフレーム", kind: "Photo frame", model: "MF-2", end: -10},
	} {
		s.declaration(i+1, d)
	}
	s.say(60, makers[1].id, verify.DeclarationWithdrawn, Code("pennine plug"), &verify.Withdrawn{
		From: s.day(60), Reason: verify.Text{EN: "Product discontinued", JA: "製品の終了"},
	})
	longer := s.day(-700)
	s.say(30, makers[5].id, verify.DeclarationExtended, Code("mersey longer"), &verify.SupportExtended{Support: verify.Support{
		Text: verify.Text{EN: "Until " + longer.String(), JA: longer.String() + " まで"}, End: longer, Precision: verify.ToTheDay, Qualifier: verify.Exact,
	}})
}

// declaration has a declaration published and watched.
func (s *stage) declaration(number int, d declaration) {
	if d.issued == 0 {
		d.issued = 200
	}
	m := makers[d.maker]
	url := fmt.Sprintf("https://%s/psti/%s.pdf", m.host, d.model)
	body := verify.Declaration{
		URL: url, SHA256: digest(url), Language: "en",
		Product: verify.Product{
			Name: verify.Text{EN: d.en, JA: d.jaName}, Brand: m.name.EN, Type: d.kind, Batch: "all batches",
			Models: models(900+number, []string{d.model}), Traits: traits(d.noIP, "", d.class, nil),
		},
		Parties:   []verify.Firm{{Role: "manufacturer", Name: m.name, Address: "1 Example Street, United Kingdom", Country: "GB"}},
		Prepared:  true,
		Routes:    d.routes,
		Support:   s.supportOf(d),
		Contact:   verify.Contact{Vulnerability: "https://" + m.host + "/report"},
		Signatory: verify.Signatory{Function: "Director"},
		Place:     "London",
		Issued:    s.day(d.issued + 1),
	}
	if d.routes == (verify.Routes{}) {
		body.Routes = verify.Routes{Passwords: verify.BySchedule1, Reporting: verify.BySchedule1, Support: verify.BySchedule1}
	}
	if d.version != "" {
		date := verify.Date{Year: 2020, Month: 6, Day: 19}
		if d.version != "V2.1.1" {
			date = verify.Date{Year: 2024, Month: 9, Day: 3}
		}
		body.Standards = []verify.Standard{{ID: "ETSI EN 303 645", Version: d.version, Date: date}}
	}
	if d.ja {
		ja := fmt.Sprintf("https://%s/psti/%s-ja.pdf", m.host, d.model)
		body.Translations = []verify.Translation{{Language: "ja", URL: ja, SHA256: digest(ja)}}
	}
	s.say(d.issued, m.id, verify.DeclarationPublished, Code(d.name), &verify.Published{Declaration: body})
	s.watch(d, body)
}

func (s *stage) supportOf(d declaration) verify.Support {
	if d.noEnd {
		return verify.Support{Text: verify.Text{EN: "For as long as we sell it", JA: "販売を続ける間"}}
	}
	end := s.day(d.issued).AddYears(5)
	if d.end != 0 {
		end = s.day(-d.end)
	}
	return verify.Support{
		Text: verify.Text{EN: "Security updates until " + end.String(), JA: end.String() + " までセキュリティ更新を提供"}, End: end,
		Precision: verify.ToTheDay, Qualifier: verify.Exact, Anchor: verify.FirstSupply,
	}
}

// watch has the watcher find the documents: open at first, and then as the demo
// wants them.
func (s *stage) watch(d declaration, body verify.Declaration) {
	if d.seenAgo == neverSeen {
		return
	}
	if d.seenAgo == 0 {
		d.seenAgo = openSeen
	}
	observed := func(ago int, url, sum string, seen verify.Seen) {
		o := &verify.Observed{URL: url, Seen: seen, HTTPStatus: 200, SHA256: sum}
		if seen == verify.SeenGone {
			o.HTTPStatus, o.SHA256 = 404, ""
		}
		s.say(ago, watcher, verify.DeclarationObserved, Code(d.name), o)
	}
	observed(d.issued-1, body.URL, body.SHA256, verify.SeenOpen)
	switch d.seen {
	case verify.SeenChanged:
		observed(d.seenAgo, body.URL, digest("other bytes"), d.seen)
	case verify.SeenGone:
		observed(d.seenAgo, body.URL, "", d.seen)
	default:
		observed(d.seenAgo, body.URL, body.SHA256, verify.SeenOpen)
	}
	for _, t := range body.Translations {
		observed(d.seenAgo, t.URL, t.SHA256, verify.SeenOpen)
	}
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}
