package demo

import "tegata/verify"

// afterwards says what became of the labels.
func (s *stage) afterwards() {
	practice := func(name string, listed, english *bool) {
		s.say(240, issuer, verify.LabelPractice, Code(name), &verify.Practised{
			From: s.day(240), PSTIListed: listed, EnglishInfo: english, Page: "https://" + Origin + "/psti/" + string(Code(name)),
		})
	}
	practice("aoba router", &yes, &yes)
	practice("aoba mesh", &no, &no)
	practice("shirakawa home", &yes, &yes)

	status := func(ago int, name string, status verify.Standing, en, ja string) {
		s.say(ago, issuer, verify.LabelStatus, Code(name), &verify.StatusSaid{
			Status: status, From: s.day(ago), Reason: verify.Text{EN: en, JA: ja},
		})
	}
	status(80, "minato indoor", verify.StandsRevoked, "Surveillance found S1.1-02 not met", "サーベイランスにより S1.1-02 への不適合を確認")
	status(40, "minato outdoor", verify.StandsSuspended, "Under inspection", "検査中")
	status(20, "minato bell", verify.StandsGrace, "Lapse-grace, as the issuer's list shows it", "発行機関のリストに失効猶予と表示")
	status(70, "minato baby", verify.StandsWithdrawn, "Withdrawn at the holder's request", "取得者の申出による取下げ")
	status(60, "minato dome", verify.StandsLapsed, "The holder ended the product", "取得者による製品の終了")

	s.say(50, issuer, verify.LabelExtended, Code("aoba extended"), &verify.Extended{Expires: s.day(540 - 500).AddYears(2)})
	s.say(90, issuer, verify.LabelExtended, Code("aoba late"), &verify.Extended{Expires: s.day(540 - 400).AddYears(2)})
	s.say(200, issuer, verify.LabelAmended, Code("aoba mesh"), &verify.Amended{
		Contact: &verify.Contact{Vulnerability: "https://aoba.example/report", Email: "psirt@aoba.example"},
	})

	s.measures()
	s.corrected()
}

// measures are what Participants and authorities did (MoC 10(2)).
func (s *stage) measures() {
	taken := func(ago int, by verify.PartyID, name string, m verify.Taken) {
		m.From = s.day(ago)
		s.say(ago, by, verify.MeasureTaken, Code(name), &m)
	}
	taken(45, authority, "hoshino lock", verify.Taken{
		Measure: "GB-DEMO-1", Territory: verify.TerritoryUK, Ground: verify.HealthOrSafety, Notice: verify.RecallNotice, Effect: verify.Bars,
		Reference: "https://notices.example/GB-DEMO-1", Text: verify.Text{EN: "Recall notice: the battery may overheat", JA: "回収通知：電池が過熱するおそれ"},
	})
	taken(45, authority, "hoshino hub", verify.Taken{
		Measure: "GB-DEMO-2", Territory: verify.TerritoryGB, Ground: verify.LawsNotMet, Notice: verify.ComplianceNotice, Effect: verify.Cautions,
		Reference: "https://notices.example/GB-DEMO-2", Text: verify.Text{EN: "Compliance notice: instructions incomplete", JA: "遵守通知：説明書の不備"},
	})
	taken(50, authorityJP, "hoshino plug", verify.Taken{
		Measure: "JP-DEMO-1", Territory: verify.TerritoryJP, Ground: verify.Requirements, Notice: verify.OtherNotice, Effect: verify.Bars,
		Text: verify.Text{EN: "Found not to satisfy the Requirements", JA: "要件を満たさないことを確認"},
	})
	taken(50, authorityJP, "hoshino heater", verify.Taken{
		Measure: "JP-DEMO-2", Territory: verify.TerritoryJP, Ground: verify.HealthOrSafety, Notice: verify.StopNotice, Effect: verify.Bars,
		Text: verify.Text{EN: "Sales stopped in Japan: fire risk", JA: "火災のおそれにより国内での販売を停止"},
	})
	taken(120, authority, "aoba mesh", verify.Taken{
		Measure: "GB-DEMO-3", Territory: verify.TerritoryUK, Ground: verify.LawsNotMet, Notice: verify.StopNotice, Effect: verify.Bars,
		Text: verify.Text{EN: "Stop notice: plug not approved", JA: "停止通知：プラグの不適合"},
	})
	s.say(100, authority, verify.MeasureLifted, Code("aoba mesh"), &verify.Lifted{Measure: "GB-DEMO-3", From: s.day(100)})
	taken(35, authorityJP, "severn barred", verify.Taken{
		Measure: "JP-DEMO-3", Territory: verify.TerritoryJP, Ground: verify.LawsNotMet, Notice: verify.OtherNotice, Effect: verify.Bars,
		Text: verify.Text{EN: "Radio approval missing", JA: "技術基準適合証明なし"},
	})

	withhold := func(by verify.PartyID, name string) {
		s.say(30, by, verify.RecognitionWithheld, Code(name), &verify.Withheld{
			From: s.day(30), Commitment: digest("confidential " + name),
		})
	}
	withhold(britain, "hoshino thermostat")
	withhold(japan, "severn withheld")
}

// corrected: a label is revoked by mistake, and the mistake is struck out.
func (s *stage) corrected() {
	code := Code("minato corrected")
	mistake := "0199f0c2-6d5e-7c3a-9a51-000000000001"
	s.script = append(s.script, speech{ago: 66, by: issuer, kind: verify.LabelStatus, code: code, id: mistake, body: &verify.StatusSaid{
		Status: verify.StandsRevoked, From: s.day(66), Reason: verify.Text{EN: "Entered for the wrong product", JA: "別の製品についての誤記"},
	}})
	s.say(65, issuer, verify.LabelStatus, code, &verify.StatusSaid{
		Status: verify.StandsValid, From: s.day(66), Corrects: mistake, Reason: verify.Text{EN: "Correction", JA: "訂正"},
	})
}
