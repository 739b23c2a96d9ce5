package demo

import (
	"cmp"
	"fmt"

	"tegata/verify"
)

// A label is one of the demo. What is zero is as in most labels: level
// 1, issued 300 days ago for two years by the own procedure, for consumers.
type label struct {
	name     string // names the record; its code is made from it
	holder   string
	en, ja   string
	kind     string
	models   []string
	item     int // number of the declaration of the same product; 0: there is none
	issued   int // days ago; negative: still to come
	term     int // days; 0: two years
	said     int // days ago that it was entered; 0: when issued, or at the beginning
	level    int
	criteria string
	basis    verify.Basis
	market   verify.Market
	class    verify.Class
	noIP     bool
	niEULaw  *bool
	support  verify.Date
	key      string
}

// Router is the label that everything is right with.
var Router = Code("aoba router")

// A Sight is a code whose page is worth opening.
type Sight struct {
	Code  verify.Code
	Shows string // what there is to see, in English
}

// Tour leads through what a registry answers. Its last code is not in the demo.
var Tour = []Sight{
	{Router, "a label that counts in the United Kingdom"},
	{Code("minato indoor"), "a revoked label"},
	{Code("hoshino lock"), "a recall in the United Kingdom"},
	{Code("tsubaki nas"), "Memorandum and statute differ: obtained through a third party"},
	{Code("kitayama pcs"), "an industrial product: nothing to recognise"},
	{Code("hoshino doorbell"), "signed with a stolen key"},
	{Code("thames cam"), "a United Kingdom declaration, asked about in Japan"},
	{Code("severn gone"), "a declaration that is no longer online"},
	{Code("albion phone"), "a smartphone: outside Japan's scheme"},
	{"000000000012", "a code that is not in this registry"},
}

var yes, no = true, false

func (s *stage) labels() {
	simplified := func(name string) verify.Basis {
		return verify.Basis{Route: verify.Simplified, Declaration: Code(name)}
	}
	for i, l := range []label{
		{name: "aoba router", holder: "aoba", en: "Aoba Home Router WX", ja: "青葉ホームルーター WX", kind: "Wi-Fi router",
			models: []string{"WX-100", "WX-100N", "WX-100/D", "WX-110", "WX-110N", "WX-110/D", "WX-120", "WX-120N", "WX-120/D", "WX-200", "WX-200N", "WX-200/D", "WX-300", "WX-300N"}},
		{name: "aoba mesh", holder: "aoba", en: "Aoba Mesh Point", ja: "青葉メッシュポイント", kind: "Wi-Fi access point", models: []string{"MP-1", "MP-2"}, issued: 250},
		{name: "aoba old", holder: "aoba", en: "Aoba Home Router V", ja: "青葉ホームルーター V", kind: "Wi-Fi router", models: []string{"V-50"}, issued: 540, term: 365},
		{name: "aoba extended", holder: "aoba", en: "Aoba Travel Router", ja: "青葉トラベルルーター", kind: "Wi-Fi router", models: []string{"TR-7"}, issued: 540, term: 500},
		{name: "aoba late", holder: "aoba", en: "Aoba Range Extender", ja: "青葉中継機", kind: "Wi-Fi repeater", models: []string{"RE-3"}, issued: 540, term: 400},
		{name: "minato indoor", holder: "minato", en: "Minato Indoor Camera", ja: "港インドアカメラ", kind: "Network camera", models: []string{"MC-10"}},
		{name: "minato outdoor", holder: "minato", en: "Minato Outdoor Camera", ja: "港アウトドアカメラ", kind: "Network camera", models: []string{"MC-20"}},
		{name: "minato bell", holder: "minato", en: "Minato Video Doorbell", ja: "港ビデオドアホン", kind: "Video doorbell", models: []string{"MD-5"}},
		{name: "minato baby", holder: "minato", en: "Minato Baby Monitor", ja: "港ベビーモニター", kind: "Baby monitor", models: []string{"MB-1"}},
		{name: "minato dome", holder: "minato", en: "Minato Dome Camera", ja: "港ドームカメラ", kind: "Network camera", models: []string{"MD-80"}},
		{name: "minato corrected", holder: "minato", en: "Minato Pan Camera", ja: "港パンカメラ", kind: "Network camera", models: []string{"MP-30"}},
		{name: "kitayama pcs", holder: "kitayama", en: "Kitayama Power Conditioner 500", ja: "北山パワーコンディショナ 500", kind: "Power conditioner", models: []string{"KP-500"}, market: verify.Industrial},
		{name: "kitayama ems", holder: "kitayama", en: "Kitayama Energy Gateway", ja: "北山エネルギーゲートウェイ", kind: "Energy management gateway", models: []string{"KG-1"}, market: verify.Industrial},
		{name: "shirakawa home", holder: "shirakawa", en: "Shirakawa Home Battery", ja: "白川家庭用蓄電池", kind: "Battery gateway", models: []string{"SB-5"}, market: verify.BothSold},
		{name: "hanriver", holder: "hanriver", en: "Hanriver Battery Box", ja: "ハンリバー蓄電ボックス", kind: "Battery management system", models: []string{"HB-1.0"}, market: verify.Industrial},
		{name: "helio", holder: "helio", en: "Helio String Inverter", ja: "ヘリオ・ストリングインバータ", kind: "Inverter", models: []string{"HEL-9"}, market: verify.Industrial},
		{name: "hoshino lock", holder: "hoshino", en: "Hoshino Smart Lock", ja: "星野スマートロック", kind: "Smart lock", models: []string{"HL-2"}},
		{name: "hoshino hub", holder: "hoshino", en: "Hoshino Light Hub", ja: "星野ライトハブ", kind: "Lighting hub", models: []string{"HH-1"}},
		{name: "hoshino thermostat", holder: "hoshino", en: "Hoshino Thermostat", ja: "星野サーモスタット", kind: "Thermostat", models: []string{"HT-4"}},
		{name: "hoshino plug", holder: "hoshino", en: "Hoshino Plug", ja: "星野プラグ", kind: "Smart plug", models: []string{"HP-6"}},
		{name: "hoshino heater", holder: "hoshino", en: "Hoshino Heater", ja: "星野ヒーター", kind: "Heater", models: []string{"HE-8"}},
		{name: "hoshino doorbell", holder: "hoshino", en: "Hoshino Chime", ja: "星野チャイム", kind: "Doorbell", models: []string{"HC-3"}, issued: 125, key: stolenKey},
		{name: "hoshino resealed", holder: "hoshino", en: "Hoshino Siren", ja: "星野サイレン", kind: "Siren", models: []string{"HS-3"}, issued: 124, key: stolenKey},
		{name: "tsubaki nas", holder: "tsubaki", en: "Tsubaki NAS Two", ja: "椿NAS 2", kind: "Network storage", models: []string{"TN-2"}, basis: verify.Basis{Route: verify.ThirdParty, Arrangement: "sg-cls"}},
		{name: "tsubaki pro", holder: "tsubaki", en: "Tsubaki NAS Pro", ja: "椿NAS Pro", kind: "Network storage", models: []string{"TN-8"}, level: 3, criteria: "JST-CR-03-02-2026R1", issued: 90},
		{name: "tsubaki revised", holder: "tsubaki", en: "Tsubaki NAS Four", ja: "椿NAS 4", kind: "Network storage", models: []string{"TN-4"}, criteria: "JST-CR-01-01-2026R2", issued: 60},
		{name: "tsubaki short", holder: "tsubaki", en: "Tsubaki Backup Box", ja: "椿バックアップボックス", kind: "Network storage", models: []string{"TB-1"}, support: s.day(-120)},
		{name: "hayabusa", holder: "hayabusa", en: "Hayabusa Window Display", ja: "隼ウィンドウディスプレイ", kind: "Digital signage", models: []string{"HW-55"}, issued: -30, said: 3},
		{name: "mitake", holder: "mitake", en: "Mitake Smart Meter", ja: "三岳スマートメーター", kind: "Smart meter", models: []string{"MM-1"}, class: verify.SmartMeter},
		{name: "akane charger", holder: "akane", en: "Akane Wall Charger", ja: "茜ウォールチャージャー", kind: "EV charge point", models: []string{"AC-7"}, class: verify.EVChargePoint},
		{name: "akane car", holder: "akane", en: "Akane Telematics Unit", ja: "茜テレマティクス", kind: "Vehicle system", models: []string{"AT-1"}, class: verify.Vehicle, niEULaw: &no},
		{name: "mitake medical", holder: "mitake", en: "Mitake Glucose Monitor", ja: "三岳血糖モニター", kind: "Medical monitor", models: []string{"MG-2"}, class: verify.Medical},
		{name: "shirakawa ni", holder: "shirakawa", en: "Shirakawa Solar Link", ja: "白川ソーラーリンク", kind: "Solar gateway", models: []string{"SS-3"}, niEULaw: &yes},
		{name: "mitake sensor", holder: "mitake", en: "Mitake Door Sensor", ja: "三岳ドアセンサー", kind: "Sensor without IP", models: []string{"DS-1"}, noIP: true},
		{name: "thames label", holder: "thames", en: "Thames Cam 2", ja: "テムズカム 2", kind: "Indoor camera", models: []string{"TC-2"}, item: 901, basis: simplified("thames cam"), issued: 150},
		{name: "pennine label", holder: "pennine", en: "Pennine Plug", ja: "ペナインプラグ", kind: "Smart plug", models: []string{"PP-1"}, item: 903, basis: simplified("pennine plug"), issued: 150},
		{name: "thames lost", holder: "thames", en: "Thames Bridge", ja: "テムズブリッジ", kind: "Hub", models: []string{"TB-9"}, basis: simplified("never published"), issued: 140},
	} {
		s.label(i+1, l)
	}
	s.afterwards()
}

// label has a label issued.
func (s *stage) label(number int, l label) {
	if l.issued == 0 {
		l.issued = 300
	}
	issued := s.day(l.issued)
	expires := issued.AddYears(2).AddDays(-1)
	if l.term > 0 {
		expires = issued.AddDays(l.term)
	}
	if l.said == 0 {
		l.said = min(l.issued, begins-1)
	}
	if l.support.IsZero() {
		l.support = verify.Date{Year: expires.Year + 3, Month: 3, Day: 31}
	}
	body := &verify.Issued{Label: verify.Label{
		Number: fmt.Sprintf("DEMO-%04d", number), Level: max(l.level, 1), Criteria: cmp.Or(l.criteria, "JST-CR-01-01-2024R1"),
		Issued: issued, Expires: expires, Basis: l.basis, Holder: holders[l.holder],
		Product: verify.Product{
			Name: verify.Text{EN: l.en, JA: l.ja}, Brand: holders[l.holder].Name.EN, Type: l.kind, Models: models(cmp.Or(l.item, number), l.models),
			Traits: traits(l.noIP, l.market, l.class, l.niEULaw),
		},
		Support: verify.Support{
			Text: verify.Text{
				EN: "Security updates until " + l.support.String() + " or later",
				JA: l.support.String() + " 以降までセキュリティ更新を提供",
			},
			End: l.support, Precision: verify.ToTheDay, Qualifier: verify.AtLeast,
		},
		Contact: verify.Contact{Vulnerability: "https://" + l.holder + ".example/security", Email: "psirt@" + l.holder + ".example"},
		Page:    fmt.Sprintf("https://%s/jc-star/DEMO-%04d", Origin, number),
	}}
	if l.basis.Route == "" {
		body.Label.Basis.Route = verify.OwnProcedure
	}
	s.script = append(s.script, speech{ago: l.said, by: issuer, key: l.key, kind: verify.LabelIssued, code: Code(l.name), body: body})
	if l.name == "hoshino resealed" {
		s.say(100, issuer, verify.LabelIssued, Code(l.name), body)
	}
}

// models gives every model a trade item number of its own.
func models(number int, names []string) (models []verify.Model) {
	for i, n := range names {
		digits := fmt.Sprintf("4900%06d%02d", number, i)
		for check := range 10 {
			if _, err := verify.ParseGTIN(fmt.Sprint(digits, check)); err == nil {
				models = append(models, verify.Model{Model: n, GTINs: []string{fmt.Sprint(digits, check)}})
			}
		}
	}
	return models
}

func traits(noIP bool, market verify.Market, class verify.Class, niEULaw *bool) verify.Traits {
	ip := !noIP
	return verify.Traits{IP: &ip, Market: cmp.Or(market, verify.Consumer), Class: cmp.Or(class, verify.General), NIEULaw: niEULaw}
}
