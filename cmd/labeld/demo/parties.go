package demo

import "tegata/verify"

// Parties of the demo. None of them exists.
const (
	operator    verify.PartyID = "operator"
	issuer      verify.PartyID = "label-issuer-jp"
	japan       verify.PartyID = "participant-jp"
	britain     verify.PartyID = "participant-gb"
	authority   verify.PartyID = "authority-gb"
	authorityJP verify.PartyID = "authority-jp"
	watcher     verify.PartyID = "watcher"
)

// The story begins that many days before now.
const begins = 320

// stolenKey is a key of the issuer that is stolen, 130 days before now.
const (
	stolenKey   = "label-issuer-jp stolen"
	stolenSince = 130
)

// act writes the whole story.
func (s *stage) act() {
	s.say(begins, operator, verify.RegistryCreated, "", &verify.Created{
		Party:  s.party(operator, verify.Operator, verify.GB, "Demo operator", "デモ運営者"),
		Accord: verify.Memorandum,
	})
	s.enrol(issuer, verify.Issuer, verify.JP, "Label issuer of Japan (demo)", "日本のラベル発行機関（デモ）")
	s.enrol(japan, verify.Participant, verify.JP, "Participant for Japan (demo)", "日本側参加者（デモ）")
	s.enrol(britain, verify.Participant, verify.GB, "Participant for the United Kingdom (demo)", "英国側参加者（デモ）")
	s.enrol(authority, verify.Authority, verify.GB, "Enforcement authority of the United Kingdom (demo)", "英国の執行機関（デモ）")
	s.enrol(authorityJP, verify.Authority, verify.JP, "Product authority of Japan (demo)", "日本の製品当局（デモ）")
	s.enrol(watcher, verify.Observer, verify.GB, "Watcher of declarations (demo)", "宣言書の監視者（デモ）")
	for _, m := range makers {
		s.enrol(m.id, verify.Maker, verify.GB, m.name.EN, m.name.JA)
	}
	s.say(200, issuer, verify.KeyAdded, "", &verify.AddedKey{
		Party: issuer, Key: s.signer(stolenKey).Key().JWK(), From: s.moment(200),
	})
	s.say(110, operator, verify.KeyRetiredKind, "", &verify.RetiredKey{
		Party: issuer, KeyID: s.signer(stolenKey).Key().ID(), From: s.moment(stolenSince), Compromised: true,
	})
	s.labels()
	s.declarations()
}

func (s *stage) party(id verify.PartyID, role verify.Role, country verify.Country, en, ja string) verify.Party {
	return verify.Party{
		ID: id, Name: verify.Text{EN: en, JA: ja}, Role: role, Jurisdiction: country,
		Keys: []verify.JWK{s.signer(string(id)).Key().JWK()}, From: s.moment(begins),
	}
}

func (s *stage) enrol(id verify.PartyID, role verify.Role, country verify.Country, en, ja string) {
	s.say(begins, operator, verify.PartyEnrolled, "", &verify.Enrolled{Party: s.party(id, role, country, en, ja)})
}

// holders of labels, modelled on the kinds of firms that have them.
var holders = map[string]verify.Firm{
	"aoba":      firm("Aoba Networks K.K.", "青葉ネットワークス株式会社", "1-1 Aoba, Sendai, Japan", "JP"),
	"minato":    firm("Minato Camera Works K.K.", "港カメラ製作所株式会社", "2-3 Minato, Yokohama, Japan", "JP"),
	"kitayama":  firm("Kitayama Power Systems K.K.", "北山パワーシステムズ株式会社", "4-5 Kitayama, Kyoto, Japan", "JP"),
	"shirakawa": firm("Shirakawa Battery K.K.", "白川蓄電株式会社", "6 Shirakawa, Fukushima, Japan", "JP"),
	"hoshino":   firm("Hoshino Home K.K.", "星野ホーム株式会社", "7-8 Hoshino, Nagano, Japan", "JP"),
	"tsubaki":   firm("Tsubaki Storage K.K.", "椿ストレージ株式会社", "9 Tsubaki, Matsuyama, Japan", "JP"),
	"hayabusa":  firm("Hayabusa Signage K.K.", "隼サイネージ株式会社", "10 Hayabusa, Osaka, Japan", "JP"),
	"mitake":    firm("Mitake Meters K.K.", "三岳計器株式会社", "11 Mitake, Gifu, Japan", "JP"),
	"akane":     firm("Akane Mobility K.K.", "茜モビリティ株式会社", "12 Akane, Nagoya, Japan", "JP"),
	"hanriver":  firm("Hanriver Energy Co.", "ハンリバー・エナジー", "13 Hanriver-ro, Seoul, Korea", "KR"),
	"helio":     firm("Helio Grid S.L.", "ヘリオ・グリッド", "14 Calle Helio, Valencia, Spain", "ES"),
	"thames":    firm("Thames IoT Ltd", "テムズIoT", "1 Example Street, London, United Kingdom", "GB"),
	"pennine":   firm("Pennine Smart Home Ltd", "ペナイン・スマートホーム", "2 Example Road, Leeds, United Kingdom", "GB"),
}

func firm(en, ja, address, country string) verify.Firm {
	return verify.Firm{Name: verify.Text{EN: en, JA: ja}, Address: address, Country: country}
}

// A maker publishes declarations.
type maker struct {
	id   verify.PartyID
	name verify.Text
	host string
}

var makers = []maker{
	{"thames-iot", verify.Text{EN: "Thames IoT Ltd", JA: "テムズIoT"}, "thames.example"},
	{"pennine", verify.Text{EN: "Pennine Smart Home Ltd", JA: "ペナイン・スマートホーム"}, "pennine.example"},
	{"severn-audio", verify.Text{EN: "Severn Audio Ltd", JA: "セヴァーン・オーディオ"}, "severn.example"},
	{"albion-mobile", verify.Text{EN: "Albion Mobile plc", JA: "アルビオン・モバイル"}, "albion.example"},
	{"cairn-sensors", verify.Text{EN: "Cairn Sensors Ltd", JA: "ケアン・センサーズ"}, "cairn.example"},
	{"mersey", verify.Text{EN: "Mersey Computing Ltd", JA: "マージー・コンピューティング"}, "mersey.example"},
}
